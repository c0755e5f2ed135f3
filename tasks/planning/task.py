"""The planning room's door: an analysis in, a recipe out."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.forms import StyleOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import RecipeFormatError, load_recipe
from tasks.errors import BadInputError
from tasks.media.progress import report
from tasks.planning import plan
from tasks.planning.revise import revise
from tasks.storage import open_store
from tasks.storage.store import keep_model, read_source


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
        style: Look, seed and pace.
        limits: What the renderer can make; cuts keep to it.
    """
    report("plan", 0, 1)
    recipe = plan(analysis, seed=style.seed, style=style.aesthetic, limits=limits, pace=style.pace)
    report("plan", 1, 1, f"{len(recipe.shot_list)} shots")
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
        BadInputError: Nothing there, or not a recipe.
    """
    text = read_source(source, what="recipe", store=open_store(store))
    try:
        return load_recipe(text)
    except RecipeFormatError as error:
        raise BadInputError(f"the recipe cannot be read: {error}") from error
