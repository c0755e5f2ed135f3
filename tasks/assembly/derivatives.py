"""What is made of a finished film, by name: the kind that a file's ending means, and its checks."""

from pathlib import Path

from pydantic import ValidationError

from recipe_schema.artifacts import VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.faults import broken_rules
from recipe_schema.forms import ExportOptions
from recipe_schema.vocabulary import ExportKind, VideoCodec
from tasks.assembly.cuttings import check_length
from tasks.assembly.editors import EDIT_SUFFIXES, check_edit
from tasks.assembly.export import CONTAINERS, check_output, container_for
from tasks.assembly.export_place import check_place
from tasks.assembly.gif import WIDEST_PX, check_gif
from tasks.assembly.poster import SUFFIXES, check_poster
from tasks.errors import BadInputError

# Kinds that last as long as somebody says.
TIMED = (ExportKind.TEASER, ExportKind.LOOP, ExportKind.GIF)
# Kinds that are encoded as a film is.
ENCODED = (ExportKind.FILM, ExportKind.TEASER, ExportKind.LOOP)
# H.264 is written to every container that films have.
_FILM_SUFFIXES = CONTAINERS[VideoCodec.H264]
# What other kinds do not read.
_UNREAD = {
    ExportKind.GIF: ("fps", "quality", "codec", "audio"),
    ExportKind.POSTER: ("codec", "audio"),
    ExportKind.EDIT: ("quality", "codec", "audio", "fit", "focus", "retime"),
}


def guess_kind(out: Path) -> ExportKind:
    """The kind of export that a file's ending means.

    Raises:
        BadInputError: It means none.
    """
    suffix = out.suffix.lower()
    if suffix == ".gif":
        return ExportKind.GIF
    if suffix in SUFFIXES:
        return ExportKind.POSTER
    if suffix in EDIT_SUFFIXES:
        return ExportKind.EDIT
    if suffix in _FILM_SUFFIXES:
        return ExportKind.FILM
    raise BadInputError(
        f"{out.name} does not end in {', '.join(_FILM_SUFFIXES)} (a film, teaser or loop), .gif, "
        f"{', '.join(SUFFIXES)} (a poster) or {', '.join(EDIT_SUFFIXES)} (an edit); give it one of "
        "these names"
    )


def export_format(
    manifest: VideoManifest,
    options: ExportOptions,
    kind: ExportKind,
    *,
    out: Path | None,
    length_s: float | None,
    sound: bool = False,
) -> FilmFormat:
    """Say which format an export has, or refuse, before any work, what cannot be.

    Args:
        manifest: The film.
        options: How the export differs from it.
        kind: What is wanted.
        out: Its file; named by its kind when empty.
        length_s: Seconds that were asked for.
        sound: Whether the song is to play with a loop.

    Raises:
        BadInputError: A format that no film has, an ending that does not fit, a path at which a
            film or its proofs would be lost, a length that the film or the kind has not, a wish
            that the kind does not know, or a film that is a part of another one.
    """
    part = manifest.settings.get("part")
    if part is not None:
        raise BadInputError(
            f"this is a {part} of film {manifest.settings['export_of']}; export that film itself"
        )
    _refuse_unread(kind, options, sound=sound)
    try:
        film = options.over(FilmFormat.model_validate(manifest.settings["film"]))
    except ValidationError as error:
        raise BadInputError(f"no film can have this format: {broken_rules(error)}") from error
    _check_name(kind, out or Path(f"export{export_suffix(kind, film)}"), film)
    if out is not None:
        check_place(out, kind, of=manifest)
    if kind in TIMED:
        check_length(kind, length_s, film_s=manifest.output.duration)
    elif length_s is not None:
        raise BadInputError(f"a length goes with {', '.join(TIMED)}; a {kind} has its own")
    return film


def export_suffix(kind: ExportKind, film: FilmFormat) -> str:
    """Ending of an export that nobody gave a name."""
    others = {ExportKind.GIF: ".gif", ExportKind.POSTER: ".png", ExportKind.EDIT: ".otio"}
    return others.get(kind) or container_for(film.codec, audio=film.audio)


def _refuse_unread(kind: ExportKind, options: ExportOptions, *, sound: bool) -> None:
    """Refuse wishes that a kind of export does not know."""
    if sound and kind is not ExportKind.LOOP:
        raise BadInputError(f"sound is asked for with a loop; a {kind} has its own or none")
    asked = [name for name in _UNREAD.get(kind, ()) if getattr(options, name) is not None]
    if asked:
        what = " and no ".join(asked)
        raise BadInputError(f"an export as {kind} has no {what} to choose; leave it out")
    longest = max(options.width_px or 0, options.height_px or 0)
    if kind is ExportKind.GIF and longest > WIDEST_PX:
        raise BadInputError(
            f"a GIF has at most {WIDEST_PX} pixels to a side, not {longest}; choose a --shape"
        )


def _check_name(kind: ExportKind, out: Path, film: FilmFormat) -> None:
    """Refuse an ending that does not fit."""
    if kind in ENCODED:
        check_output(out, audio=film.audio, codec=film.codec)
    elif kind is ExportKind.GIF:
        check_gif(out)
    elif kind is ExportKind.POSTER:
        check_poster(out)
    else:
        check_edit(out, fps=film.rate)
