"""The third rung: a recipe's shots become clips in the store."""

import logging

from prefect import flow

from flows.dispatch import render_shots
from flows.reports import refuse_overlaps
from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.analysis.task import analysis_for

log = logging.getLogger(__name__)


@flow(name="render-video")
def render_video(
    recipe: Recipe,
    store: str,
    song: str | None = None,
    renderer: str = "procedural",
    film: FilmFormat = FilmFormat(),
    shots: tuple[str, ...] = (),
) -> tuple[Clip, ...]:
    """Render the shots that the store lacks.

    Args:
        recipe: As planned, or as a person edited it.
        store: Address of the artifact store.
        song: Path of the song; found in the store by the recipe's digest when empty.
        renderer: Who makes the clips, unless a shot names another.
        film: Size and frame rate of the film that the clips are for.
        shots: Ids of the shots to render; all when empty.
    """
    refuse_overlaps(recipe)
    analysis, told = analysis_for(recipe, song, store=store)
    for line in told:
        log.warning("%s", line)
    return render_shots(
        recipe, analysis=analysis, film=film, renderer=renderer, store=store, only=shots
    )
