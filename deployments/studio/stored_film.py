"""What the store knows about one film: its manifest, its plan, its files."""

from dataclasses import dataclass
from pathlib import Path

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import SyncReport, VideoManifest
from recipe_schema.recipe import Recipe
from tasks.storage.keys import EXPORTS, manifest_key
from tasks.storage.store import ArtifactStore, NotFoundError, read_index

_POSTER = "poster.jpg"
_PLAYED = (".mp4", ".mov", ".mkv")
# File name endings of what lies beside a film, and what pages call them.
_BESIDE = {
    "report.html": "Report",
    "sync_report.json": "Sync report",
    "recipe.json": "Recipe",
    "srt": "Lyrics",
    "manifest.json": "Manifest",
}


@dataclass(frozen=True)
class FilmFiles:
    """Keys of a film's own files.

    Attributes:
        player: The film itself; None when it was written outside the store.
        beside: Its side files by what pages call them.
        poster: A still that stands for the film until it plays; older films have none.
        exports: Its loops, GIFs and posters, the last made first.
    """

    player: str | None
    beside: dict[str, str]
    poster: str | None
    exports: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredFilm:
    """Everything that a page about a film shows."""

    title: str
    manifest: VideoManifest
    recipe: Recipe | None
    sync: SyncReport | None
    player: str | None
    beside: dict[str, str]
    poster: str | None
    exports: tuple[str, ...] = ()


def film_files(store: ArtifactStore, run_id: str) -> FilmFiles:
    """Find a film's files; a list of names is read, and no file."""
    listed = list(store.list(f"films/{run_id}"))
    # Deeper down lie exports, and proposals of a review: the film's own files stand here.
    keys = [found.key for found in listed if found.key.count("/") == 2]
    newest = sorted(listed, key=lambda found: (-found.modified, found.key))
    return FilmFiles(
        player=next((key for key in keys if Path(key).suffix.lower() in _PLAYED), None),
        beside={
            label: key for ending, label in _BESIDE.items() for key in keys if _ends(key, ending)
        },
        poster=next((key for key in keys if _ends(key, _POSTER)), None),
        exports=tuple(
            found.key for found in newest if found.key.startswith(f"films/{run_id}/{EXPORTS}/")
        ),
    )


def find_manifest(store: ArtifactStore, run_id: str) -> VideoManifest:
    """The film's manifest.

    Raises:
        NotFoundError: No such film.
    """
    manifest = read_index(store, manifest_key(run_id), VideoManifest)
    if manifest is None:
        raise NotFoundError(f"no film {run_id}")
    return manifest


def find_film(store: ArtifactStore, run_id: str) -> StoredFilm:
    """Gather the film's manifest, its plan and its files.

    Raises:
        NotFoundError: No such film.
    """
    manifest = find_manifest(store, run_id)
    files = film_files(store, run_id)
    sync = files.beside.get("Sync report")
    return StoredFilm(
        title=film_title(store, manifest),
        manifest=manifest,
        recipe=read_index(store, manifest.recipe.key, Recipe),
        sync=read_index(store, sync, SyncReport) if sync else None,
        player=files.player,
        beside=files.beside,
        poster=files.poster,
        exports=files.exports,
    )


def film_title(store: ArtifactStore, manifest: VideoManifest) -> str:
    """What a film is called: as its song, or as its file when the analysis is gone."""
    analysis = read_index(store, manifest.analysis.key, SongAnalysis)
    return Path(analysis.song.name if analysis else manifest.output.path).stem


def _ends(key: str, ending: str) -> bool:
    """Whether a file is called so, alone or after the film's own name."""
    name = key.rpartition("/")[2]
    return name == ending or name.endswith(f".{ending}")
