"""The analysis of a song: heard, recalled, given by a person, or the one a recipe names."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from recipe_schema.analysis import Excerpt, SongAnalysis
from recipe_schema.forms import EarsOptions
from recipe_schema.recipe import Recipe
from tasks.analysis.excerpt import take_excerpt
from tasks.analysis.task.analyses import filed_analysis, open_analysis, set_right
from tasks.analysis.task.hearing import recall, recall_or_hear
from tasks.analysis.task.listeners import check_ears
from tasks.analysis.task.songs import song_file
from tasks.errors import BadInputError
from tasks.media.progress import report
from tasks.media.stages import stage
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import named_analysis
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, holds, keep_file


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
        path = song_file(song, artifacts, folder)
        stored = keep_file(artifacts, path, "audio/unknown")
        given = _given(analysis, stored.sha256, path.name, store=store) if analysis else None
        if given is not None and holds(artifacts, given.curves):
            whole, hit = given, True
        else:
            heard, hit = recall_or_hear(path, stored.sha256, artifacts, ears)
            whole = _over_curves(given, heard) if given else heard
        named = whole.model_copy(update={"song": whole.song.model_copy(update={"name": path.name})})
        corrected = set_right(named, ears, artifacts, folder)
    report("analysis", 1, 1, "from the store" if hit else "")
    return (take_excerpt(corrected, excerpt) if excerpt else corrected), hit


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
    filed = filed_analysis(recipe, artifacts)
    if song is None:
        found = filed or _recalled(recipe, artifacts)
    else:
        with scratch_folder(Settings().scratch_path) as folder:
            # One that comes from the net or from the store is fetched once.
            path = song_file(song, artifacts, folder)
            digest = keep_file(artifacts, path, "audio/unknown").sha256
            if filed is not None and filed.song.sha256 == digest:
                return filed, ()
            found = analyze_song(str(path), excerpt=recipe.metadata.excerpt, store=store)[0]
    return found, _differences(recipe, found, filed)


def _given(analysis: str, sha256: str, name: str, *, store: str | None) -> SongAnalysis:
    """An analysis that a person gave with a song."""
    given = open_analysis(analysis, store=store)
    if given.song.sha256 != sha256:
        raise BadInputError(
            f"the analysis is of {given.song.name}, and {name} is another file; analyze it first"
        )
    return given


def _over_curves(given: SongAnalysis, heard: SongAnalysis) -> SongAnalysis:
    """A given analysis whose curves the store lost, over those of its song as it was heard now."""
    backends, told = given.backends, given.warnings
    if "stems" in backends:
        backends = {name: who for name, who in backends.items() if name != "stems"}
        told += (
            "the stems of the analysis are not in the store: the song's bands stand in; analyze "
            "the song with --stems, and it has them again",
        )
    return given.model_copy(update={"curves": heard.curves, "backends": backends, "warnings": told})


def _recalled(recipe: Recipe, artifacts: ArtifactStore) -> SongAnalysis | None:
    """What was heard before in the song that the recipe names."""
    if recipe.song_sha256 is None:
        return None
    known = recall(recipe.song_sha256, EarsOptions(), artifacts)
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
            "heard again, without corrections by hand, stems, and beats of another tracker",
        )
    return ()
