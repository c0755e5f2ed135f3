"""The third rung: an edited recipe becomes clips, and a film if one is wanted."""

import logging

from prefect import flow

from flows.cancelling import cancellable
from flows.dispatch import render_shots
from flows.film import film_run, make_film, tell_failure, title_of_run
from flows.reports import refuse_overlaps
from recipe_schema.artifacts import Clip, VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.farm import Production
from recipe_schema.forms import DressOptions, FarmOptions, LibraryOptions
from tasks.analysis.task import analysis_for
from tasks.assembly.task import check_dress, dress_recipe
from tasks.errors import BadInputError
from tasks.planning.task import open_recipe
from tasks.rendering.task import check_ledger, settled, told_of_native

log = logging.getLogger(__name__)


@flow(name="render-video", flow_run_name=title_of_run, on_failure=[tell_failure])
@cancellable
def render_video(
    recipe: str,
    audio: str | None = None,
    renderer: str = "procedural",
    film: FilmFormat = FilmFormat(),
    dress: DressOptions = DressOptions(),
    shots: tuple[str, ...] = (),
    assemble: bool = True,
    farm: FarmOptions = FarmOptions(),
    library: LibraryOptions = LibraryOptions(),
    out: str | None = None,
    store: str | None = None,
) -> VideoManifest | tuple[Clip, ...]:
    """Make a film from a recipe, as planned or as edited; only what changed is made again.

    Args:
        recipe: The recipe: its JSON, the path of its file, or its key in the store.
        audio: The song: a path, a key or an https address; found in the store by the recipe's
            digest when empty.
        renderer: Who makes the clips, unless a shot names another.
        film: Size, frame rate, quality and audio of the film.
        dress: Grade, title, credits and lyrics, over what the recipe says of them.
        shots: Ids of the shots to render; all when empty. Only with `assemble` off.
        assemble: Make the film; otherwise only the clips.
        farm: Where shots are rendered, and what happens when one fails.
        library: The film's project, and which stored clips it may use.
        out: Path of the film; empty: it is kept in the store.
        store: Address of the artifact store; the workers' own when empty.
    """
    if assemble and shots:
        raise BadInputError("choose shots with `assemble` off; a film is made of all its shots")
    plan = open_recipe(recipe, store=store)
    refuse_overlaps(plan)
    check_dress(dress, store=store, recipe=plan, out=out if assemble else None)
    analysis, told = analysis_for(plan, audio, store=store)
    plan, odd = dress_recipe(plan, dress, analysis=analysis, store=store)
    told = (*told, *odd)
    job = Production(
        recipe=plan,
        analysis=analysis,
        film=film,
        renderer=renderer,
        store=store,
        farm=farm,
        library=settled(library),
        film_run=film_run(),
    )
    if assemble:
        return make_film(job, out=out, planned=False, asked={"seed": plan.seed}, warnings=told)
    check_ledger(plan, renderer=renderer, store=store)
    for line in (*told, *told_of_native(plan, renderer=renderer, film=film)):
        log.warning("%s", line)
    return render_shots(job, only=shots)
