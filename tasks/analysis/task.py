"""The analysis room's door: a song file in, its stored analysis out."""

from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from recipe_schema.analysis import Excerpt, Song, SongAnalysis
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, load_analysis
from tasks.analysis import analyze
from tasks.analysis.excerpt import take_excerpt
from tasks.analysis.version import ANALYSIS_CODE_VERSION
from tasks.errors import BadInputError
from tasks.media.addresses import is_address
from tasks.media.audio import open_audio
from tasks.media.curves import write_curves
from tasks.media.playlist import Playlist, PlaylistItem
from tasks.media.progress import report
from tasks.media.stages import stage
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import SONG_LETTERS, analysis_key, blob_key, song_letters
from tasks.storage.named_files import paths_are_shared
from tasks.storage.scratch import scratch_folder
from tasks.storage.song_list import gather_songs
from tasks.storage.songs import open_song, song_limits
from tasks.storage.store import (
    ArtifactStore,
    file_sha256,
    holds,
    keep_file,
    keep_model,
    read_index,
    read_source,
    to_json,
)

# How a recipe names the analysis that it was planned over.
FILED = "analysis:"


@task(name="analyze-song", cache_policy=NO_CACHE, retries=0)
def analyze_song(
    song: str, *, excerpt: Excerpt | None = None, store: str | None
) -> tuple[SongAnalysis, bool]:
    """Hear a song, or recall what was heard before.

    Args:
        song: Path of the audio file, its key in the store, or an https address.
        excerpt: Part of the song; the whole when empty.
        store: Address of the artifact store.

    Returns:
        The analysis, and whether it was already in the store.

    Raises:
        BadInputError: Nothing there, or not a song that is taken.
    """
    artifacts = open_store(store)
    report("analysis", 0, 1)
    with (
        stage("analysis", run=flow_run.id),
        scratch_folder(Settings().scratch_path) as folder,
    ):
        path = _song_file(song, artifacts, folder)
        stored = keep_file(artifacts, path, "audio/unknown")
        key = analysis_key(stored.sha256, ANALYSIS_CODE_VERSION)
        known = read_index(artifacts, key, SongAnalysis)
        hit = known is not None and holds(artifacts, known.curves)
        analysis = known if known and hit else _hear(path, stored.sha256, artifacts)
    if not hit:
        artifacts.put_bytes(key, to_json(analysis).encode())
    named = analysis.model_copy(
        update={"song": analysis.song.model_copy(update={"name": path.name})}
    )
    report("analysis", 1, 1, "from the store" if hit else "")
    return (take_excerpt(named, excerpt) if excerpt else named), hit


def song_mark(song: str, *, store: str | None) -> str | None:
    """The first letters of a song's digest, `SONG_LETTERS` of them; None when there is no file.

    Args:
        song: Path or store key; nothing is fetched from the net for it.
        store: Address of the artifact store.
    """
    if is_address(song):
        return None
    added = song_letters(song)
    if added is not None:
        return added
    with scratch_folder(Settings().scratch_path) as folder:
        try:
            return file_sha256(_song_file(song, open_store(store), folder))[:SONG_LETTERS]
        except BadInputError:
            return None


def shared_songs(items: Sequence[PlaylistItem], *, store: str | None) -> Playlist:
    """Name a playlist's songs so that workers which share only the store find them.

    Args:
        items: Songs as they were listed.
        store: Address of the artifact store; files are put there when it is a bucket.

    Raises:
        BadPlaylistError: A name that is nothing at all, such as a mistyped folder.
    """
    settings = Settings()
    with scratch_folder(settings.scratch_path) as folder:
        return gather_songs(
            items,
            store=open_store(store),
            folder=folder,
            limits=song_limits(settings),
            shared_paths=paths_are_shared(store or settings.store_url),
        )


def keep_analysis(analysis: SongAnalysis, *, store: str | None) -> str:
    """Keep an analysis under its digest, and return its key."""
    return keep_model(open_store(store), analysis).key


def open_analysis(source: str, *, store: str | None) -> SongAnalysis:
    """Read an analysis wherever it is.

    Args:
        source: The analysis's JSON itself, the path of its file, or its key in the store.
        store: Address of the artifact store.

    Raises:
        BadInputError: Nothing there, or not an analysis.
    """
    text = read_source(source, what="analysis", store=open_store(store))
    try:
        return load_analysis(text)
    except RecipeFormatError as error:
        raise BadInputError(f"the analysis cannot be read: {error}") from error


def analysis_for(
    recipe: Recipe, song: str | None, *, store: str | None
) -> tuple[SongAnalysis | None, tuple[str, ...]]:
    """Find the analysis that a recipe was planned over, or hear its song.

    Args:
        recipe: Names the analysis in `metadata.beats_source` when it was filed.
        song: Path, store key or https address of the song; empty: only the store is asked.
        store: Address of the artifact store.

    Returns:
        The analysis, or None when there is neither song nor stored analysis; and what a person
        should know: another song than the recipe's, or beats other than those it was planned over.
    """
    artifacts = open_store(store)
    filed = _filed(recipe, artifacts)
    if song is None:
        found = filed or _recalled(recipe, artifacts)
    else:
        with scratch_folder(Settings().scratch_path) as folder:
            # One that comes from the net or from the store is fetched once.
            path = _song_file(song, artifacts, folder)
            digest = keep_file(artifacts, path, "audio/unknown").sha256
            if filed is not None and filed.song.sha256 == digest:
                return filed, ()
            found = analyze_song(str(path), excerpt=recipe.metadata.excerpt, store=store)[0]
    return found, _differences(recipe, found, filed)


def _recalled(recipe: Recipe, artifacts: ArtifactStore) -> SongAnalysis | None:
    """What was heard before in the song that the recipe names."""
    if recipe.song_sha256 is None:
        return None
    key = analysis_key(recipe.song_sha256, ANALYSIS_CODE_VERSION)
    known = read_index(artifacts, key, SongAnalysis)
    if known is None or not holds(artifacts, known.curves):
        return None
    excerpt = recipe.metadata.excerpt
    return take_excerpt(known, excerpt) if excerpt else known


def _differences(
    recipe: Recipe, found: SongAnalysis | None, filed: SongAnalysis | None
) -> tuple[str, ...]:
    """Say where the song or its beats are not those that the recipe was planned over."""
    if found is None or found is filed:
        return ()
    if recipe.song_sha256 is not None and recipe.song_sha256 != found.song.sha256:
        return (f"the recipe was planned over another file than {found.song.name}",)
    if (recipe.metadata.beats_source or "").startswith(FILED):
        return (
            "the analysis that the recipe was planned over is not in the store: the song was "
            "heard again, and corrections by hand are not in it",
        )
    return ()


def file_analysis(recipe: Recipe, analysis: SongAnalysis, *, store: str | None) -> Recipe:
    """Keep an analysis, and name it in the recipe that was planned over it."""
    stored = keep_model(open_store(store), analysis)
    source = f"{FILED}{stored.sha256}"
    metadata = recipe.metadata.model_copy(update={"beats_source": source})
    return recipe.model_copy(update={"metadata": metadata})


def _filed(recipe: Recipe, artifacts: ArtifactStore) -> SongAnalysis | None:
    """The analysis that the recipe names, if the store has it and its curves."""
    source = recipe.metadata.beats_source or ""
    if not source.startswith(FILED):
        return None
    known = read_index(artifacts, blob_key(source.removeprefix(FILED)), SongAnalysis)
    return known if known is not None and holds(artifacts, known.curves) else None


def _song_file(song: str, artifacts: ArtifactStore, folder: Path) -> Path:
    """The file of a song that is named by path, store key or address, checked."""
    return open_song(song, store=artifacts, folder=folder, limits=song_limits(Settings()))


def _hear(path: Path, sha256: str, artifacts: ArtifactStore) -> SongAnalysis:
    """Decode, analyse and store the curves."""
    audio = open_audio(path, limits=song_limits(Settings()))
    song = Song(
        sha256=sha256,
        name=path.name,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.channels,
    )
    heard = analyze(audio, song=song)
    with scratch_folder(Settings().scratch_path) as folder:
        write_curves(folder / "curves.npz", heard.curves)
        curves = keep_file(artifacts, folder / "curves.npz", "application/x-npz", move=True)
    return heard.to_analysis(curves)
