"""A finished film, opened again to make something else of it: its format, its clips, its song.

Nothing is rendered for an export: pictures are composed from the film's own clips, and pieces
that the store has are used again.
"""

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.artifacts import Clip, ShotRecord, VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.farm import Production
from recipe_schema.forms import ExportOptions, LibraryOptions, library_of
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import ExportKind
from tasks.assembly.cuttings import Cutting
from tasks.assembly.derivatives import export_format, export_suffix
from tasks.assembly.job import FilmJob
from tasks.assembly.task.films import check_folder
from tasks.assembly.task.finish import song_ref_of
from tasks.assembly.task.segments import film_job
from tasks.errors import BadInputError
from tasks.media.probe import probe_video
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import export_key, file_name
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, holds


@dataclass(frozen=True)
class Desk:
    """An export under way: everything of its film at hand."""

    asked: Production
    """The film in the export's format, and the run that makes the export."""
    analysis: SongAnalysis
    clips: tuple[Clip, ...]
    film: FilmJob
    artifacts: ArtifactStore
    folder: Path
    """For half-made files; gone when the export is done."""
    out: Path
    """Where the export is written."""
    stored: bool
    """Whether it is kept in the store when it is whole."""

    def song(self) -> Path:
        """The song's own file."""
        return self.artifacts.local_file(song_ref_of(self.analysis, self.artifacts), self.folder)

    def part(self, cutting: Cutting) -> Excerpt:
        """Seconds of the song that a part of the film shows."""
        fps = self.film.timeline.fps
        begin = self.analysis.excerpt.start if self.analysis.excerpt else 0.0
        return Excerpt(
            start=begin + float(cutting.start_frame / fps),
            length=float(Fraction(cutting.end_frame - cutting.start_frame) / fps),
        )

    def keep(self, film_run: str) -> str:
        """Put the export with its film into the store, if it has no path; say where it is."""
        if not self.stored:
            return str(self.out)
        key = export_key(film_run, self.asked.film_run, self.out.name)
        self.artifacts.put_file(key, self.out, move=True)
        return key


@contextlib.contextmanager
def open_desk(
    asked: Production, clips: tuple[Clip, ...], *, kind: ExportKind, out: str | None
) -> Iterator[Desk]:
    """Lay out a film to make something of it; half-made files are removed at the end.

    Args:
        asked: The film in the export's format.
        clips: One a shot.
        kind: What is made.
        out: Path of the export; kept in the store when empty.
    """
    assert asked.analysis is not None
    artifacts = open_store(asked.store)
    with scratch_folder(Settings().scratch_path) as folder:
        # A teaser is a small film, with a page of its own; the others lie with their film.
        part = "" if kind is ExportKind.TEASER else f"-{kind}"
        song = file_name(asked.analysis.song.name)
        name = f"{song}{part}{export_suffix(kind, asked.film)}"
        # Apart from half-made files, whatever the song is called.
        shelf = folder / "export"
        shelf.mkdir()
        yield Desk(
            asked=asked,
            analysis=asked.analysis,
            clips=clips,
            film=film_job(asked.recipe, asked.analysis, clips, asked.film, artifacts, folder),
            artifacts=artifacts,
            folder=folder,
            out=Path(out) if out else shelf / name,
            stored=not out,
        )


def check_export(
    manifest: VideoManifest,
    options: ExportOptions,
    kind: ExportKind,
    *,
    out: str | None,
    length_s: float | None,
    sound: bool,
) -> FilmFormat:
    """Say which format an export has, or refuse it before anything is made.

    Args:
        manifest: The film.
        options: How the export differs from it.
        kind: What is wanted.
        out: Path of the export; kept in the store when empty.
        length_s: Seconds of a part.
        sound: Whether the song is to play with a loop.

    Raises:
        BadInputError: A format, an ending, a length or a folder that cannot be.
    """
    if kind is ExportKind.EDIT and not out:
        raise BadInputError("an edit needs a path: its clips and its song are laid beside it")
    path = Path(out) if out else None
    form = export_format(manifest, options, kind, out=path, length_s=length_s, sound=sound)
    check_folder(out)
    return form


def clips_of_film(
    manifest: VideoManifest, recipe: Recipe, *, store: str | None
) -> tuple[Clip, ...]:
    """The clips that a film was made of, as the store has them now.

    Raises:
        BadInputError: Some are gone.
    """
    artifacts = open_store(store)
    gone = [shot.id for shot in manifest.shots if not holds(artifacts, shot.clip)]
    if gone:
        named = ", ".join(gone[:5]) + (", …" if len(gone) > 5 else "")
        raise BadInputError(
            f"{len(gone)} of the film's {len(manifest.shots)} clips are no longer in the store "
            f"({named}): make the film again with `{_made_again(manifest, artifacts, store)}`, "
            "which renders these alone, then export it"
        )
    seeds = {shot.id: shot.seed for shot in recipe.shot_list}
    with scratch_folder(Settings().scratch_path) as folder:
        return tuple(
            _as_clip(shot, artifacts.local_file(shot.clip, folder), seeds.get(shot.id))
            for shot in manifest.shots
        )


def _made_again(manifest: VideoManifest, artifacts: ArtifactStore, store: str | None) -> str:
    """The command that makes a film again; its format is taken from the manifest beside it."""
    film = Path(manifest.output.path)
    recipe = film.with_name(f"{film.stem}.recipe.json")
    if not recipe.is_file():
        film, recipe = Path("FILM"), Path("FILM.recipe.json")
    song = manifest.song.key if holds(artifacts, manifest.song) else "SONG"
    words = ["songfilm", "assemble", str(recipe), "--song", song, "--out", str(film)]
    library = library_of(manifest.settings)
    options = {
        "--renderer": (str(manifest.settings.get("renderer", "procedural")), "procedural"),
        "--project": (library.project, LibraryOptions().project),
        "--store": (store or Settings().store_url, Settings().store_url),
    }
    for option, (chosen, usual) in options.items():
        words += [option, chosen] if chosen != usual else []
    return shlex.join(words)


def _as_clip(shot: ShotRecord, file: Path, seed: int | None) -> Clip:
    """A clip by what the film's manifest says of it; it costs the export nothing."""
    info = probe_video(file)
    return Clip(
        shot_id=shot.id,
        fingerprint=shot.fingerprint,
        file=shot.clip,
        renderer=shot.renderer,
        quality_class=shot.quality_class,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=f"{info.fps.numerator}/{info.fps.denominator}",
        frames=info.frames,
        seed=seed or 0,
        cache="hit",
        near_of=shot.near_of,
        fallback=shot.fallback,
    )
