"""The main path, from a song to a finished film. Read this first."""

from prefect import flow
from prefect.runtime import flow_run

from flows.dispatch import render_shots
from flows.reports import refuse_faults, settings_of
from recipe_schema.analysis import Excerpt
from recipe_schema.artifacts import VideoManifest
from recipe_schema.assembly import FilmFormat
from tasks.analysis.task import analyze_song, file_analysis
from tasks.assembly.task import assemble_video
from tasks.planning.task import plan_recipe
from tasks.rendering.task import renderer_limits


@flow(name="music-video", flow_run_name="{song}")
def music_video(
    song: str,
    out: str,
    store: str,
    style: str | None = None,
    seed: int = 0,
    renderer: str = "procedural",
    pace: float = 1.0,
    film: FilmFormat = FilmFormat(),
    excerpt: Excerpt | None = None,
) -> VideoManifest:
    """Turn a song into a finished music video, cut on the beat.

    Args:
        song: Path of the audio file.
        out: Path of the film, .mp4, .mov or .mkv.
        store: Address of the artifact store, such as a folder.
        style: Name of an aesthetic; chosen from the song when empty.
        seed: Equal seeds give equal films.
        renderer: Who makes the clips.
        pace: Above 1 cuts faster, below 1 slower.
        film: Size, frame rate, quality and audio of the film.
        excerpt: Part of the song; the whole when empty.

    Returns:
        The manifest: everything that made the film.
    """
    analysis, recalled = analyze_song(song, excerpt=excerpt, store=store)
    limits = renderer_limits(renderer)
    recipe = plan_recipe(analysis, seed=seed, style=style, limits=limits, pace=pace)
    recipe = file_analysis(recipe, analysis, store=store)
    odd = refuse_faults(recipe, analysis, planned=True)
    clips = render_shots(recipe, analysis=analysis, film=film, renderer=renderer, store=store)
    return assemble_video(
        recipe,
        analysis=analysis,
        clips=clips,
        film=film,
        out=out,
        store=store,
        run_id=str(flow_run.id),
        settings=settings_of(film, renderer=renderer, seed=seed, style=style, recalled=recalled),
        warnings=(*analysis.warnings, *odd),
    )
