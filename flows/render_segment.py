"""A few segments of a film composed on another machine."""

from prefect import flow

from flows.cancelling import cancellable
from flows.whole import whole
from recipe_schema.artifacts import SegmentRecord
from recipe_schema.assembly import FilmFormat
from tasks.analysis.task import open_analysis
from tasks.assembly.task import compose_segments, open_footage
from tasks.planning.task import open_recipe


@flow(name="render-segment")
@cancellable
def render_segment(
    segments: tuple[str, ...],
    recipe: str,
    analysis: str,
    footage: str,
    film: FilmFormat = FilmFormat(),
    store: str | None = None,
) -> tuple[SegmentRecord, ...]:
    """Compose segments of a film into the store.

    Args:
        segments: Keys of the segments; those that the store has cost nothing.
        recipe: The film's recipe: key in the store, path, or JSON.
        analysis: The song's analysis, likewise.
        footage: Store key of the film's list of clips.
        film: Size, rate and quality of the film.
        store: Address of the artifact store; the worker's own when empty.
    """
    return compose_segments(
        whole(open_recipe(recipe, store=store)),
        analysis=whole(open_analysis(analysis, store=store)),
        clips=whole(open_footage(footage, store=store)),
        film=film,
        store=store,
        only=segments,
    )
