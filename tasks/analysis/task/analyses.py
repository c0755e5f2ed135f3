"""Analyses in the store or in a person's hand: kept, opened, set right, named in recipes."""

from pathlib import Path

from recipe_schema.analysis import Corrections, SongAnalysis
from recipe_schema.forms import EarsOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, load_analysis
from tasks.analysis.edits import check_edits
from tasks.errors import BadInputError
from tasks.media.curves import read_curves
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import analysis_name, named_analysis
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, holds, keep_model, read_index, read_source

_UNCORRECTED = Corrections().model_dump()


def keep_analysis(analysis: SongAnalysis, *, store: str | None) -> str:
    """Keep an analysis under its digest, and return its key."""
    return keep_model(open_store(store), analysis).key


def file_analysis(recipe: Recipe, analysis: SongAnalysis, *, store: str | None) -> Recipe:
    """Keep an analysis, and name it in the recipe that was planned over it."""
    stored = keep_model(open_store(store), analysis)
    source = analysis_name(stored.sha256)
    metadata = recipe.metadata.model_copy(update={"beats_source": source})
    return recipe.model_copy(update={"metadata": metadata})


def filed_analysis(recipe: Recipe, artifacts: ArtifactStore) -> SongAnalysis | None:
    """The analysis that the recipe names, if the store has it and its curves."""
    key = named_analysis(recipe.metadata.beats_source)
    known = read_index(artifacts, key, SongAnalysis) if key else None
    return known if known is not None and holds(artifacts, known.curves) else None


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
        return set_right(analysis, ears, artifacts, folder)


def set_right(
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
