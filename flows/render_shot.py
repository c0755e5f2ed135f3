"""One shot of a film as a flow run of its own: what the dashboard can retry and cancel."""

from functools import lru_cache

from prefect import flow

from flows.cancelling import cancellable
from flows.resume import resume_film
from flows.whole import whole
from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip, ClipSpan
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import LibraryOptions
from recipe_schema.recipe import Recipe
from tasks.analysis.task import open_analysis
from tasks.assembly.task import plan_clips
from tasks.errors import BadInputError
from tasks.planning.task import open_recipe
from tasks.rendering import task as rendering_room


@flow(name="render-shot", persist_result=False, on_completion=[resume_film])
@cancellable
def render_shot(
    shot: str,
    recipe: str,
    analysis: str | None = None,
    film: FilmFormat = FilmFormat(),
    renderer: str = "procedural",
    store: str | None = None,
    library: LibraryOptions = LibraryOptions(),
    film_run: str | None = None,
) -> Clip:
    """Render one shot, unless the store has its clip.

    Args:
        shot: Id of the shot.
        recipe: The film's recipe: key in the store, path, or JSON.
        analysis: The song's analysis, likewise; without it pictures follow the shot's energy.
        film: Size and frame rate of the film that the clip is for.
        renderer: Who makes the clip, unless the shot names another.
        store: Address of the artifact store; the worker's own when empty.
        library: Which stored clips may be used.
        film_run: Flow run of the film, which goes on when its last shot is there.
    """
    return render_shot_of(
        shot,
        recipe=recipe,
        analysis=analysis,
        film=film,
        renderer=renderer,
        store=store,
        library=library,
        film_run=film_run,
    )


def render_shot_of(
    shot: str,
    *,
    recipe: str,
    analysis: str | None,
    film: FilmFormat,
    renderer: str,
    store: str | None,
    library: LibraryOptions,
    film_run: str | None,
) -> Clip:
    """Render one shot of a recipe.

    Raises:
        BadInputError: The recipe has no such shot.
    """
    # What is stored under its digest never changes; shots of one film come one after another.
    stored = all(source.startswith("blobs/") for source in (recipe, analysis or recipe))
    open_film = _film_of if stored else _film_of.__wrapped__
    plan, heard, spans = open_film(recipe, analysis, film, store)
    wanted = next((each for each in plan.shot_list if each.id == shot), None)
    if wanted is None:
        raise BadInputError(f"the recipe has no shot {shot}")
    return rendering_room.render_shot(
        wanted,
        recipe=whole(plan),
        span=spans[shot],
        film=film,
        analysis=whole(heard),
        renderer=renderer,
        store=store,
        library=library,
        film_run=film_run,
    )


@lru_cache(maxsize=2)
def _film_of(
    recipe: str, analysis: str | None, film: FilmFormat, store: str | None
) -> tuple[Recipe, SongAnalysis | None, dict[str, ClipSpan]]:
    """A film's recipe, its song, and the frames that each shot covers."""
    plan = open_recipe(recipe, store=store)
    heard = open_analysis(analysis, store=store) if analysis else None
    return plan, heard, {span.shot_id: span for span in plan_clips(plan, film, analysis=heard)}
