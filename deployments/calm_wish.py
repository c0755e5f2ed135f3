"""A recipe made calm, or no longer calm, because a person said so where it is used."""

from recipe_schema.checks import NOT_CALM, check_recipe
from recipe_schema.recipe import Recipe


def with_calm(recipe: Recipe, wish: bool | None) -> tuple[Recipe, tuple[str, ...]]:
    """Set a recipe's calm.

    Args:
        recipe: As it was written.
        wish: What was asked for; None leaves the recipe its own.

    Returns:
        The recipe, and a line that says so: none where it was so already.
    """
    if wish is None or wish == recipe.visual_style.calm:
        return recipe, ()
    style = recipe.visual_style.model_copy(update={"calm": wish})
    told = "calm: on, for photosensitive eyes" if wish else "calm: off; the film may flash"
    return recipe.model_copy(update={"visual_style": style}), (f"visual_style.{told}",)


def softened(recipe: Recipe) -> tuple[str, ...]:
    """Tell what a calm film shows otherwise than its recipe; its manifest tells it, too."""
    return tuple(found.message for found in check_recipe(recipe) if found.code == NOT_CALM)
