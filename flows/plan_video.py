"""The second rung: an analysis, as heard or as edited, becomes a recipe."""

from prefect import flow

from recipe_schema.analysis import SongAnalysis
from recipe_schema.recipe import Recipe
from tasks.analysis.task import file_analysis
from tasks.planning import task as planning_room
from tasks.rendering.task import renderer_limits


@flow(name="plan-video")
def plan_video(
    analysis: SongAnalysis,
    store: str,
    style: str | None = None,
    seed: int = 0,
    renderer: str = "procedural",
    pace: float = 1.0,
) -> Recipe:
    """Plan a film over an analysis; nothing is rendered yet.

    Args:
        analysis: What was heard, corrections by hand included.
        store: Address of the artifact store; the analysis is filed there for the next rungs.
        style: Name of an aesthetic; chosen from the song when empty.
        seed: Equal seeds give equal recipes.
        renderer: Whose limits the shots keep to.
        pace: Above 1 cuts faster, below 1 slower.
    """
    limits = renderer_limits(renderer)
    recipe = planning_room.plan_recipe(analysis, seed=seed, style=style, limits=limits, pace=pace)
    return file_analysis(recipe, analysis, store=store)
