"""Whether the renderers know what a recipe asks of them, before anything is rendered."""

from recipe_schema.recipe import Recipe
from tasks.errors import BadInputError
from tasks.rendering.backends.procedural.naming import choose_theme
from tasks.rendering.renderer import load_renderer

_PAINTS_THEMES = "procedural"


def casting_faults(recipe: Recipe, *, renderer: str) -> tuple[str, ...]:
    """Say which shots name a renderer that nobody knows, or a theme that would be stood in for.

    Args:
        recipe: The plan.
        renderer: Who makes the clips of shots that name none.
    """
    faults = []
    for shot in recipe.shot_list:
        name = shot.renderer or renderer
        try:
            load_renderer(name)
        except BadInputError as error:
            faults.append(f"{shot.id}: {error}")
            continue
        if name == _PAINTS_THEMES:
            faults.extend(f"{shot.id}: {told}" for told in choose_theme(shot.visual_theme)[1])
    return tuple(faults)
