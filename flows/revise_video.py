"""A person's recipe, completed and put on the beat."""

from prefect import flow

from recipe_schema.recipe import Recipe
from tasks.analysis.task import analysis_for, file_analysis
from tasks.errors import BadInputError
from tasks.planning import task as planning_room
from tasks.rendering.task import renderer_limits


@flow(name="revise-video")
def revise_video(
    recipe: Recipe,
    store: str | None = None,
    song: str | None = None,
    renderer: str = "procedural",
    fill: bool = True,
    snap: bool = False,
) -> tuple[Recipe, tuple[str, ...]]:
    """Complete a person's recipe and move its cuts onto beats.

    Args:
        recipe: The recipe as written.
        store: Address of the artifact store.
        song: Path of the song; found in the store by the recipe's digest when empty.
        renderer: Whose limits new shots keep to.
        fill: Plan shots for the time that has none.
        snap: Move cuts onto the nearest beats.

    Returns:
        The new recipe, and a line for each change.
    """
    analysis, told = analysis_for(recipe, song, store=store)
    if analysis is None:
        raise BadInputError("the recipe names no song that the store knows; give it with --song")
    revised, changes = planning_room.revise_recipe(
        recipe, analysis, fill=fill, snap=snap, limits=renderer_limits(renderer)
    )
    return file_analysis(revised, analysis, store=store), (*told, *changes)
