"""The planning room's door: an analysis in, a recipe out."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.recipe import Recipe
from tasks.media.progress import report
from tasks.planning import plan
from tasks.planning.revise import revise


@task(name="plan-recipe", cache_policy=NO_CACHE)
def plan_recipe(
    analysis: SongAnalysis,
    *,
    seed: int = 0,
    style: str | None = None,
    limits: RendererLimits | None = None,
    pace: float = 1.0,
) -> Recipe:
    """Plan a film over a song.

    Args:
        analysis: What was heard.
        seed: Equal seeds give equal recipes.
        style: Name of an aesthetic; chosen from the song when empty.
        limits: What the renderer can make; cuts keep to it.
        pace: Above 1 cuts faster, below 1 slower.
    """
    report("plan", 0, 1)
    recipe = plan(analysis, seed=seed, style=style, limits=limits, pace=pace)
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
