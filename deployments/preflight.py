"""Checks before any work: song, output, disk. Bad input costs a sentence, not an hour."""

import shutil
import uuid
from pathlib import Path

from pydantic import ValidationError

from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.artifacts import VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import ExportOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, load_analysis, load_recipe
from recipe_schema.vocabulary import ExportKind, Quality, VideoCodec
from tasks.analysis.edits import check_edits
from tasks.assembly.beside import refuse_inputs
from tasks.assembly.derivatives import export_format
from tasks.assembly.export import check_output
from tasks.errors import BadInputError
from tasks.media.audio import measure_duration
from tasks.rendering.clip_format import clip_rate, clip_size
from tasks.rendering.renderer import load_renderer
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.purchase import check_books
from tasks.storage.songs import song_limits

# Megabits a second of 1080p60 film, by codec and quality. Those that go by quality take what the
# picture needs: two to three times what lively films took. ProRes is written at its own rate, which
# 4:4:4 grain passes by a little.
_MEGABITS = {
    VideoCodec.H264: {Quality.DRAFT: 30.0, Quality.STANDARD: 45.0, Quality.MASTER: 40.0},
    VideoCodec.H265: {Quality.DRAFT: 10.0, Quality.STANDARD: 18.0, Quality.MASTER: 14.0},
    VideoCodec.AV1: {Quality.DRAFT: 9.0, Quality.STANDARD: 20.0, Quality.MASTER: 15.0},
    VideoCodec.PRORES: {Quality.DRAFT: 120.0, Quality.STANDARD: 370.0, Quality.MASTER: 550.0},
}
_REFERENCE_PIXELS_S = 1920 * 1080 * 60
# Clips of 848x480 at 30 frames a second, nearly lossless; larger ones grow by this power of their
# pixels: themes took 7 to 23 megabits a second there, and four to five times that as 1080p60.
_CLIP_MEGABITS, _CLIP_GROWTH = 20.0, 0.75
_CLIP_PIXELS_S = 848 * 480 * 30
# Segments, their join and the film lie side by side until the run ends.
_FILM_COPIES = 3
# Free space below which nothing is begun at all, bytes.
_FLOOR_BYTES = 50_000_000


def check_song(path: Path) -> float:
    """Decode a song to its end.

    Returns:
        Its length in seconds.

    Raises:
        BadSongError: Not a song, or cut off.
        SongLimitError: Longer than is taken.
    """
    return measure_duration(path, limits=song_limits(Settings()))


def choose_excerpt(duration_s: float, start: float | None, length: float | None) -> Excerpt | None:
    """Check the part of a song that was asked for.

    Raises:
        BadInputError: It lies outside the song.
    """
    if start is None and length is None:
        return None
    begin = start or 0.0
    span = length if length is not None else duration_s - begin
    if not (begin >= 0 and span > 0 and begin + span <= duration_s + 0.01):
        raise BadInputError(
            f"the song lasts {duration_s:.1f} s; --start {begin:g} --length {span:g} is not inside"
        )
    return Excerpt(start=begin, length=min(span, duration_s - begin))


def check_out(out: Path, film: FilmFormat, *inputs: Path | None) -> None:
    """Make sure that the film can be written where it was asked for.

    Raises:
        BadInputError: Unknown container, a folder, no permission, or an input that the film or a
            file beside it would replace.
    """
    check_output(out, audio=film.audio, codec=film.codec)
    refuse_inputs(out, [path for path in inputs if path is not None])
    check_writable(out)


def check_export(
    manifest: VideoManifest,
    options: ExportOptions,
    kind: ExportKind,
    out: Path,
    *,
    length: float | None,
    sound: bool,
    film: Path,
) -> FilmFormat:
    """Make sure that something can be made of a film, and written where it was asked for.

    Returns:
        The format of the export.

    Raises:
        BadInputError: A format, a name or a length that cannot be, or words that do not go
            together.
    """
    form = export_format(manifest, options, kind, out=out, length_s=length, sound=sound)
    check_writable(out, film)
    return form


def check_writable(out: Path, *inputs: Path | None) -> None:
    """Make sure that a file can appear under this name.

    Args:
        out: The file to be written.
        inputs: Files that are read; none of them may be overwritten.

    Raises:
        BadInputError: A folder, an input, or no permission.
    """
    if any(path is not None and path.resolve() == out.resolve() for path in inputs):
        raise BadInputError(f"{out} is an input and would be overwritten; name another file")
    if out.is_dir():
        raise BadInputError(f"{out} is a folder; give a file name")
    trial = out.parent / f".{uuid.uuid4().hex}.part"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise BadInputError(
            f"cannot write {out} ({error.strerror}); choose another folder"
        ) from error


def check_space(
    out: Path, store: str, film: FilmFormat, duration_s: float, *, renderer: str | None = None
) -> None:
    """Foresee a full disk.

    Args:
        out: The film.
        store: Address of the artifact store.
        film: Its format.
        duration_s: Its length.
        renderer: Who makes its clips; none are made when empty.

    Raises:
        BadInputError: Less room than the film is likely to need.
    """
    share = film.width_px * film.height_px * float(film.rate) / _REFERENCE_PIXELS_S
    megabits = _MEGABITS[film.codec][film.quality]
    film_bytes = megabits * share * duration_s * 1e6 / 8 * _FILM_COPIES
    clip_bytes = _clip_megabits(film, renderer) * duration_s * 1e6 / 8 if renderer else 0.0
    needed = int(film_bytes + clip_bytes) + _FLOOR_BYTES
    home = Settings().home_path
    home.mkdir(parents=True, exist_ok=True)
    rooms = {
        "the store": open_store(store).free_bytes(),
        str(out.parent): shutil.disk_usage(out.parent).free,
        str(home): shutil.disk_usage(home).free,
    }
    smaller = "--quality draft or a smaller --size"
    if film.codec is VideoCodec.PRORES:
        smaller += ", or another --codec than prores"
    if film.native:
        smaller += ", or clips that are not --native"
    for place, free in rooms.items():
        if free is not None and free < needed:
            raise BadInputError(
                f"{place} has {free / 1e6:.0f} MB free and the film may need {needed / 1e6:.0f} "
                f"MB; free some space, or use {smaller}"
            )


def _clip_megabits(film: FilmFormat, renderer: str) -> float:
    """Megabits a second that a film's clips are likely to take."""
    limits = load_renderer(renderer).limits()
    width, height = clip_size(limits, film)
    pixels_s = width * height * float(clip_rate(limits, film))
    return float(_CLIP_MEGABITS * (pixels_s / _CLIP_PIXELS_S) ** _CLIP_GROWTH)


def check_copies(out: Path, manifest: VideoManifest) -> None:
    """Foresee a disk too full for an edit, beside which a film's clips and song are laid.

    Raises:
        BadInputError: Less room than they take.
    """
    clips = {shot.id: shot.clip.size for shot in manifest.shots}
    needed = sum(clips.values()) + manifest.song.size + _FLOOR_BYTES
    free = shutil.disk_usage(out.parent).free
    if free < needed:
        raise BadInputError(
            f"{out.parent} has {free / 1e6:.0f} MB free, and the film's clips and song, which are "
            f"laid beside the edit, need {needed / 1e6:.0f} MB; free some space, or choose another "
            "folder"
        )


def check_renderers(recipe: Recipe) -> None:
    """Refuse a recipe that names a renderer which nobody offers.

    Raises:
        BadInputError: Unknown renderer.
    """
    for name in {shot.renderer for shot in recipe.shot_list if shot.renderer}:
        load_renderer(name)


def check_ledger(renderer: str, store: str, recipe: Recipe | None = None) -> None:
    """Make sure that costs can be written down, where there will be any.

    Args:
        renderer: Who makes the clips.
        store: Address of the store that they go to.
        recipe: Its shots may name other renderers.

    Raises:
        PermanentError: The catalogue cannot be used.
        TransientError: It does not answer.
    """
    shots = recipe.shot_list if recipe is not None else ()
    makers = {shot.renderer or renderer for shot in shots} or {renderer}
    prices = [load_renderer(name).limits().usd_per_s for name in sorted(makers)]
    check_books(prices, store_url=store)


def check_shots(recipe: Recipe, wanted: tuple[str, ...]) -> None:
    """Refuse ids that the recipe has not.

    Raises:
        BadInputError: Unknown id.
    """
    known = [shot.id for shot in recipe.shot_list]
    for name in wanted:
        if name not in known:
            raise BadInputError(f"the recipe has no shot {name}; it has {', '.join(known)}")


def read_recipe(path: Path) -> Recipe:
    """Load a recipe, comments allowed.

    Raises:
        BadInputError: Missing, or not a recipe.
    """
    try:
        return load_recipe(_text(path))
    except RecipeFormatError as error:
        raise BadInputError(f"{path.name}: {error}") from error


def read_analysis(path: Path) -> SongAnalysis:
    """Load an analysis, as it was heard or as a person edited it.

    Raises:
        BadInputError: Missing, not an analysis, or edits that do not go together.
    """
    try:
        return check_edits(load_analysis(_text(path)))
    except RecipeFormatError as error:
        raise BadInputError(f"{path.name}: {error}") from error


def read_manifest(film: Path) -> VideoManifest:
    """Read the manifest that lies beside a film.

    Raises:
        BadInputError: There is none.
    """
    if film.is_dir():
        raise BadInputError(f"{film} is a folder; give the path of a film that songfilm made")
    path = film.with_name(f"{film.stem}.manifest.json")
    if film.exists() and not path.exists():
        raise BadInputError(
            f"{film} is no film that songfilm made: it has no {path.name} beside it. Loops, GIFs, "
            "posters and edits have none either: name the film that they were made of"
        )
    try:
        return VideoManifest.model_validate_json(_text(path))
    except ValidationError as error:
        raise BadInputError(f"{path.name} is not a manifest that songfilm wrote") from error


def is_recipe(path: Path) -> bool:
    """Whether a JSON file looks like a recipe rather than an analysis."""
    return '"shot_list"' in _text(path)


def is_json(path: Path) -> bool:
    """Whether a file starts like JSON (or its comments) rather than like sound."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"{", b"//", b"/*"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInputError(f"{path} does not exist; check the path") from None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise BadInputError(f"{path} is not a JSON text file") from error
