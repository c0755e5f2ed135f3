"""The planning room's door: an analysis in, a recipe out."""

from collections.abc import Mapping, Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.forms import StyleOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, dump, load_recipe
from tasks.errors import BadInputError
from tasks.media.progress import report
from tasks.media.stages import stage
from tasks.planning import plan
from tasks.planning.proposal import describe_proposal
from tasks.planning.reviewing import Verdict, judge_review
from tasks.planning.revise import revise
from tasks.storage import open_store
from tasks.storage.keys import review_key
from tasks.storage.named_files import with_own_files
from tasks.storage.songs import local_path
from tasks.storage.store import NotFoundError, keep_model, read_source


@task(name="plan-recipe", cache_policy=NO_CACHE)
def plan_recipe(
    analysis: SongAnalysis,
    *,
    style: StyleOptions = StyleOptions(),
    limits: RendererLimits | None = None,
) -> Recipe:
    """Plan a film over a song.

    Args:
        analysis: What was heard.
        style: Look, seed, pace, and whether the film is calm.
        limits: What the renderer can make; cuts keep to it.
    """
    report("plan", 0, 1)
    with stage("plan", run=flow_run.id):
        recipe = plan(
            analysis,
            seed=style.seed,
            style=style.aesthetic,
            limits=limits,
            pace=style.pace,
            calm=style.calm,
        )
    note = ", calm" if style.calm else ""
    report("plan", 1, 1, f"{len(recipe.shot_list)} shots{note}")
    return recipe


@task(name="revise-recipe", cache_policy=NO_CACHE)
def revise_recipe(
    recipe: Recipe,
    analysis: SongAnalysis,
    *,
    fill: bool,
    snap: bool,
    limits: RendererLimits | None = None,
) -> tuple[Recipe, tuple[str, ...]]:
    """Complete and mend a person's recipe.

    Args:
        recipe: The recipe as written.
        analysis: The song that it is for.
        fill: Plan shots for the time that has none.
        snap: Move cuts onto the nearest beats.
        limits: What the renderer can make; new shots keep to it.

    Returns:
        The new recipe, and a line for each change.
    """
    report("plan", 0, 1)
    revised, changes = revise(recipe, analysis, fill=fill, snap=snap, limits=limits)
    report("plan", 1, 1, f"{len(changes)} changes")
    return revised, changes


def keep_recipe(recipe: Recipe, *, store: str | None) -> str:
    """Keep a recipe under its digest, and return its key."""
    return keep_model(open_store(store), recipe).key


def open_recipe(source: str, *, store: str | None) -> Recipe:
    """Read a recipe wherever it is.

    Args:
        source: The recipe's JSON itself, the path of its file, or its key in the store.
        store: Address of the artifact store.

    Raises:
        BadInputError: Nothing there, not a recipe, or one whose files are not there.
    """
    artifacts = open_store(store)
    text = read_source(source, what="recipe", store=artifacts)
    try:
        recipe = load_recipe(text)
    except RecipeFormatError as error:
        raise BadInputError(f"the recipe cannot be read: {error}") from error
    path = local_path(source)
    return with_own_files(recipe, path, store=artifacts) if path else recipe


def keep_review(recipe: Recipe, name: str, *, run_id: str, store: str | None) -> str:
    """Keep a recipe of a film's review, as readable as a person would write it; return its key."""
    key = review_key(run_id, name)
    open_store(store).put_bytes(key, dump(recipe).encode())
    return key


def open_review(name: str, *, run_id: str, store: str | None) -> Recipe | None:
    """Read a recipe that `keep_review` kept; None when there is none."""
    try:
        text = open_store(store).get_bytes(review_key(run_id, name)).decode()
    except NotFoundError:
        return None
    return load_recipe(text)


def read_answer(
    answer: Mapping[str, JsonValue], proposal: Recipe, *, analysis: SongAnalysis
) -> Verdict:
    """Bring a person's answer and the proposal together; see `judge_review`."""
    return judge_review(answer, proposal, analysis=analysis)


def proposal_page(
    recipe: Recipe,
    *,
    told: Sequence[str],
    warnings: Sequence[str],
    estimate: str,
    file: str,
) -> str:
    """The page that opens a review, as markdown; see `describe_proposal`."""
    return describe_proposal(recipe, told=told, warnings=warnings, estimate=estimate, file=file)
