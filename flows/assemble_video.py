"""The last rung: recipe, clips and song become the film; what was edited is made again."""

from prefect import flow
from prefect.runtime import flow_run

from flows.dispatch import render_shots
from flows.reports import refuse_faults, settings_of
from recipe_schema.artifacts import VideoManifest
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.analysis.task import analysis_for
from tasks.assembly import task as assembly_room
from tasks.errors import BadInputError


@flow(name="assemble-video", flow_run_name="{out}")
def assemble_video(
    recipe: Recipe,
    song: str,
    out: str,
    store: str,
    renderer: str = "procedural",
    film: FilmFormat = FilmFormat(),
) -> VideoManifest:
    """Assemble a film from a recipe, rendering only the clips that the store lacks.

    Args:
        recipe: As planned, or as a person edited it.
        song: Path of the song.
        out: Path of the film, .mp4, .mov or .mkv.
        store: Address of the artifact store.
        renderer: Who makes missing clips, unless a shot names another.
        film: Size, frame rate, quality and audio of the film.
    """
    analysis, told = analysis_for(recipe, song, store=store)
    if analysis is None:
        raise BadInputError("a film needs its song; give its path")
    warnings = refuse_faults(recipe, analysis, planned=False)
    clips = render_shots(recipe, analysis=analysis, film=film, renderer=renderer, store=store)
    return assembly_room.assemble_video(
        recipe,
        analysis=analysis,
        clips=clips,
        film=film,
        out=out,
        store=store,
        run_id=str(flow_run.id),
        settings=settings_of(film, renderer=renderer, seed=recipe.seed),
        warnings=(*told, *analysis.warnings, *warnings),
    )
