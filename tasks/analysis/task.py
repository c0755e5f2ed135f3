"""The analysis room's door: a song file in, its stored analysis out."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from recipe_schema.analysis import Corrections, Excerpt, Song, SongAnalysis
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.forms import EarsOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, load_analysis
from tasks.analysis import analyze
from tasks.analysis.edits import check_edits
from tasks.analysis.excerpt import take_excerpt
from tasks.analysis.separator import StemSeparator, load_separator
from tasks.analysis.tracker import OURS, BeatTracker, load_tracker
from tasks.analysis.version import ANALYSIS_CODE_VERSION
from tasks.errors import BadInputError
from tasks.media.addresses import is_address
from tasks.media.audio import AudioStream, open_audio
from tasks.media.curves import read_curves, write_curves
from tasks.media.playlist import Playlist, PlaylistItem
from tasks.media.progress import report
from tasks.media.stages import stage
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import (
    SONG_LETTERS,
    analysis_key,
    analysis_name,
    named_analysis,
    song_letters,
    stems_key,
)
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

if TYPE_CHECKING:
    from tasks.analysis.heard import Heard

log = logging.getLogger(__name__)

_UNCORRECTED = Corrections().model_dump()
_UNASKED = (EarsOptions().beats, EarsOptions().stems)


@task(name="analyze-song", cache_policy=NO_CACHE, retries=0)
def analyze_song(
    song: str,
    *,
    excerpt: Excerpt | None = None,
    ears: EarsOptions = EarsOptions(),
    analysis: str | None = None,
    store: str | None,
) -> tuple[SongAnalysis, bool]:
    """Hear a song, or recall what was heard before; then set right what a person hears otherwise.

    Args:
        song: Path of the audio file, its key in the store, or an https address.
        excerpt: Part of the song; the whole when empty.
        ears: Who listens, and what is set right: in the whole song, before the part is taken.
        analysis: What was heard, as edited by hand; nothing is heard again then. See
            `open_analysis`.
        store: Address of the artifact store.

    Returns:
        The analysis, and whether nothing had to be heard for it.

    Raises:
        BadInputError: Nothing there, not a song that is taken, an unknown listener, or an analysis
            of another song.
    """
    check_ears(ears, analysis=analysis)
    artifacts = open_store(store)
    report("analysis", 0, 1)
    with (
        stage("analysis", run=flow_run.id),
        scratch_folder(Settings().scratch_path) as folder,
    ):
        path = _song_file(song, artifacts, folder)
        stored = keep_file(artifacts, path, "audio/unknown")
        given = _given(analysis, stored.sha256, path.name, store=store) if analysis else None
        if given is not None and holds(artifacts, given.curves):
            heard, hit = given, True
        else:
            heard, hit = _recall_or_hear(path, stored.sha256, artifacts, ears)
        whole = given.model_copy(update={"curves": heard.curves}) if given else heard
        named = whole.model_copy(update={"song": whole.song.model_copy(update={"name": path.name})})
        corrected = _corrected(named, ears, artifacts, folder)
    report("analysis", 1, 1, "from the store" if hit else "")
    return (take_excerpt(corrected, excerpt) if excerpt else corrected), hit


def check_ears(ears: EarsOptions, *, analysis: str | None = None) -> None:
    """Refuse listeners that are not there, before any work.

    Args:
        ears: Who listens.
        analysis: What was heard already, if it was given.

    Raises:
        BadInputError: An unknown beat tracker or stem model, or one that has nothing to hear.
        MissingDependencyError: Its package or weights are not there.
    """
    if analysis is not None and (ears.beats, ears.stems) != _UNASKED:
        raise BadInputError(
            "an analysis says what was heard, and `beats` and `stems` listen anew; give one of them"
        )
    _tracker_version(ears)
    _separator(ears)


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


def open_analysis(
    source: str, *, ears: EarsOptions = EarsOptions(), store: str | None
) -> SongAnalysis:
    """Read an analysis wherever it is, as it was heard or as a person edited it.

    Args:
        source: The analysis's JSON itself, the path of its file, or its key in the store.
        ears: What is set right in it; see `correct`.
        store: Address of the artifact store.

    Raises:
        BadInputError: Nothing there, not an analysis, edits that do not go together, or
            corrections that need the song.
    """
    artifacts = open_store(store)
    text = read_source(source, what="analysis", store=artifacts)
    try:
        analysis = check_edits(load_analysis(text))
    except RecipeFormatError as error:
        raise BadInputError(f"the analysis cannot be read: {error}") from error
    with scratch_folder(Settings().scratch_path) as folder:
        return _corrected(analysis, ears, artifacts, folder)


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
    known = _known(recipe.song_sha256, EarsOptions(), artifacts)
    if known is None:
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
    if named_analysis(recipe.metadata.beats_source):
        return (
            "the analysis that the recipe was planned over is not in the store: the song was "
            "heard again, and corrections by hand are not in it",
        )
    return ()


def file_analysis(recipe: Recipe, analysis: SongAnalysis, *, store: str | None) -> Recipe:
    """Keep an analysis, and name it in the recipe that was planned over it."""
    stored = keep_model(open_store(store), analysis)
    source = analysis_name(stored.sha256)
    metadata = recipe.metadata.model_copy(update={"beats_source": source})
    return recipe.model_copy(update={"metadata": metadata})


def _filed(recipe: Recipe, artifacts: ArtifactStore) -> SongAnalysis | None:
    """The analysis that the recipe names, if the store has it and its curves."""
    key = named_analysis(recipe.metadata.beats_source)
    known = read_index(artifacts, key, SongAnalysis) if key else None
    return known if known is not None and holds(artifacts, known.curves) else None


def _song_file(song: str, artifacts: ArtifactStore, folder: Path) -> Path:
    """The file of a song that is named by path, store key or address, checked."""
    return open_song(song, store=artifacts, folder=folder, limits=song_limits(Settings()))


def _given(analysis: str, sha256: str, name: str, *, store: str | None) -> SongAnalysis:
    """An analysis that a person gave with a song."""
    given = open_analysis(analysis, store=store)
    if given.song.sha256 != sha256:
        raise BadInputError(
            f"the analysis is of {given.song.name}, and {name} is another file; analyze it first"
        )
    return given


def _recall_or_hear(
    path: Path, sha256: str, artifacts: ArtifactStore, ears: EarsOptions
) -> tuple[SongAnalysis, bool]:
    """What was heard, and whether it was before."""
    known = _known(sha256, ears, artifacts)
    if known is not None:
        return known, True
    heard = _hear(path, sha256, artifacts, ears)
    artifacts.put_bytes(_key(sha256, ears), to_json(heard).encode())
    return heard, False


def _known(sha256: str, ears: EarsOptions, artifacts: ArtifactStore) -> SongAnalysis | None:
    """What was heard before, by the same listeners, if its curves are still there."""
    known = read_index(artifacts, _key(sha256, ears), SongAnalysis)
    return known if known is not None and holds(artifacts, known.curves) else None


def _key(sha256: str, ears: EarsOptions) -> str:
    """Where the analysis is listed; corrections are no part of it, for they are made on top."""
    # Whatever else changes what is heard belongs here.
    listeners = {"beats": _tracker_version(ears)}
    separator = _separator(ears)
    if separator is not None:
        listeners["stems"] = separator.version()
    return analysis_key(sha256, ANALYSIS_CODE_VERSION, listeners=listeners)


def _tracker_version(ears: EarsOptions) -> str:
    """Name and version of the beat tracker; ours takes seconds to import, and has the code's."""
    return OURS if ears.beats == OURS else f"{ears.beats} {_tracker(ears).version()}"


def _tracker(ears: EarsOptions) -> BeatTracker:
    return load_tracker(ears.beats, weights=Settings().tracker_weights)


def _separator(ears: EarsOptions) -> StemSeparator | None:
    if ears.stems is None:
        return None
    return load_separator(ears.stems, weights=Settings().demucs_models)


def _corrected(
    analysis: SongAnalysis, corrections: Corrections, artifacts: ArtifactStore, folder: Path
) -> SongAnalysis:
    """The analysis with what a person set right, if anything."""
    if all(getattr(corrections, name) == usual for name, usual in _UNCORRECTED.items()):
        return analysis
    # numba and scipy take seconds to import: only who corrects pays for them.
    from tasks.analysis.corrections import correct

    if not holds(artifacts, analysis.curves):
        raise BadInputError(
            "the store does not have the curves of this analysis, which corrections go by; give "
            "the song, too"
        )
    curves = read_curves(artifacts.local_file(analysis.curves, folder), analysis.excerpt)
    return correct(analysis, corrections, curves)


def _hear(path: Path, sha256: str, artifacts: ArtifactStore, ears: EarsOptions) -> SongAnalysis:
    """Decode, analyse and store the curves."""
    audio = open_audio(path, limits=song_limits(Settings()))
    song = Song(
        sha256=sha256,
        name=path.name,
        sample_rate_hz=audio.sample_rate_hz,
        channels=audio.channels,
    )
    heard = analyze(audio, song=song, tracker=_tracker(ears))
    separator = _separator(ears)
    if separator is not None:
        heard = _with_stems(heard, audio, separator, artifacts)
    with scratch_folder(Settings().scratch_path) as folder:
        write_curves(folder / "curves.npz", heard.curves, heard.portrait)
        curves = keep_file(artifacts, folder / "curves.npz", "application/x-npz", move=True)
    return heard.to_analysis(curves)


def _with_stems(
    heard: "Heard", audio: AudioStream, separator: StemSeparator, artifacts: ArtifactStore
) -> "Heard":
    """Add the curves of the song's stems: separated now, or before for another analysis."""
    # numba takes seconds to import: only who wants stems pays for it.
    from tasks.analysis.stems import STEMS_CODE_VERSION, measure_song, measure_stems, waiting_note
    from tasks.analysis.stems import with_stems as put_together

    version = separator.version()
    key = stems_key(heard.song.sha256, STEMS_CODE_VERSION, separator=version)
    known = read_index(artifacts, key, ArtifactRef)
    with scratch_folder(Settings().scratch_path) as folder:
        if known is not None and holds(artifacts, known):
            return put_together(heard, read_curves(artifacts.local_file(known, folder)), separator)
        power = measure_song(audio)
        note = waiting_note(separator.expected_s(power.duration))
        log.log(
            logging.WARNING if note else logging.INFO,
            "separating %.0f s of song by %s%s",
            *(power.duration, version, f": {note}" if note else ""),
        )
        powers = measure_stems(
            audio,
            power,
            separator,
            progress=lambda done, total: report("stems", done, total, note),
        )
        write_curves(folder / "stems.npz", powers)
        stored = keep_file(artifacts, folder / "stems.npz", "application/x-npz", move=True)
    artifacts.put_bytes(key, to_json(stored).encode())
    return put_together(heard, powers, separator)
