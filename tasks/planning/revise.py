"""Completes and mends a recipe that a person wrote, and says every change.

What a person wrote stays: fill plans only the time that has no shot, snap moves cuts onto beats by
half a beat at most, and neither touches a locked shot.
"""

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.recipe import Recipe
from tasks.planning.filling import fill_recipe
from tasks.planning.grid import build_grid
from tasks.planning.snapping import snap_recipe

DURATION_TOLERANCE_S = 0.001  # a smaller difference is not worth a word


def revise(
    recipe: Recipe,
    analysis: SongAnalysis,
    *,
    fill: bool,
    snap: bool,
    limits: RendererLimits | None = None,
) -> tuple[Recipe, tuple[str, ...]]:
    """Fit a recipe to its song.

    Args:
        recipe: A recipe that loaded; it may cover a part of the song only.
        analysis: The song, or the excerpt of it that the film is for.
        fill: Plan shots where there are none, mend overlaps, complete sections and cues.
        snap: Move cuts, sections and effects of the timeline onto the nearest beats.
        limits: What the renderer can make; new shots keep to it.

    Returns:
        The new recipe and one line a change, in the order they were made. Nothing to do gives
        the recipe back as it was.
    """
    changes: list[str] = []
    if not (fill or snap):
        return recipe, ()
    recipe = _fit_song(recipe, analysis, changes)
    grid = build_grid(analysis)
    if snap:
        recipe = snap_recipe(recipe, grid, changes)
    if fill:
        recipe = fill_recipe(recipe, analysis, grid, changes, limits=limits)
    return recipe, tuple(changes)


def _fit_song(recipe: Recipe, analysis: SongAnalysis, changes: list[str]) -> Recipe:
    """Take over from the song what the recipe cannot decide: its length and its digest."""
    told = recipe.metadata
    if abs(told.duration - analysis.duration) > DURATION_TOLERANCE_S:
        changes.append(
            f"duration: {told.duration:g} s becomes {analysis.duration:.3f} s, the song's length"
        )
    if recipe.song_sha256 not in (None, analysis.song.sha256):
        changes.append("song: the recipe was made for another song; it now belongs to this one")
    metadata = told.model_copy(
        update={
            "duration": analysis.duration,
            "beats_source": analysis.backends.get("beats", told.beats_source),
            "excerpt": analysis.excerpt,
        }
    )
    return recipe.model_copy(update={"song_sha256": analysis.song.sha256, "metadata": metadata})
