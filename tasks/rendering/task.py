"""The rendering room's door: a shot in, its clip from the store or freshly rendered out."""

from fractions import Fraction

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip, ClipSpan, RendererLimits
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe, Shot
from tasks.errors import NoSpaceError, TransientError
from tasks.media import workers
from tasks.media.curves import read_curves
from tasks.rendering import render
from tasks.rendering.drive import drive_for
from tasks.rendering.fingerprint import fingerprint
from tasks.rendering.renderer import RenderRequest, load_renderer
from tasks.rendering.request import clip_frames, clip_rate, make_request
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import clip_key
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import ArtifactStore, holds, keep_file, read_index, to_json

RETRY_DELAYS_S = [2.0, 10.0]


def renderer_limits(renderer: str) -> RendererLimits:
    """Tell what a renderer can make."""
    return load_renderer(renderer).limits()


def _may_help(_task: "Task[..., Clip]", _run: TaskRun, state: "State[Clip]") -> bool:
    """Whether trying a failed shot again makes sense."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, TransientError) and not isinstance(error, NoSpaceError)


@task(
    name="render-shot",
    task_run_name="{shot.id}",
    cache_policy=NO_CACHE,
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=RETRY_DELAYS_S,
    retry_condition_fn=_may_help,
)
def render_shot(
    shot: Shot,
    *,
    recipe: Recipe,
    span: ClipSpan,
    film: FilmFormat,
    analysis: SongAnalysis | None,
    renderer: str,
    store: str,
) -> Clip:
    """Make the clip of one shot, or find it in the store.

    Args:
        shot: What is to be seen.
        recipe: The film's look and seed.
        span: Film frames to cover.
        film: Size and rate of the film.
        analysis: The song; without it the pictures follow the shot's energy alone.
        renderer: Who makes the clip unless the shot names another.
        store: Address of the artifact store.
    """
    artifacts, maker = open_store(store), load_renderer(shot.renderer or renderer)
    request = _request(shot, recipe, span, film, analysis, maker.limits(), artifacts)
    name = fingerprint(request, renderer=maker)
    known = read_index(artifacts, clip_key(name), Clip)
    if known is not None and holds(artifacts, known.file):
        artifacts.touch(clip_key(name))
        return known.model_copy(
            update={"shot_id": shot.id, "cache": "hit", "seconds": 0.0, "cost": 0.0}
        )
    with scratch_folder(Settings().scratch_path) as folder:
        path = folder / "clip.mp4"
        warnings, seconds = workers.run(render, request, path, renderer=maker.name)
        file = keep_file(artifacts, path, "video/mp4", move=True)
    clip = Clip(
        shot_id=shot.id,
        fingerprint=name,
        file=file,
        renderer=maker.name,
        quality_class=maker.quality_class,
        width_px=request.width_px,
        height_px=request.height_px,
        fps=f"{request.fps.numerator}/{request.fps.denominator}",
        frames=request.frames,
        seed=request.seed,
        seconds=seconds,
        fallback="; ".join(warnings) or None,
        warnings=warnings,
    )
    artifacts.put_bytes(clip_key(name), to_json(clip).encode())
    return clip


def _request(
    shot: Shot,
    recipe: Recipe,
    span: ClipSpan,
    film: FilmFormat,
    analysis: SongAnalysis | None,
    limits: RendererLimits,
    artifacts: ArtifactStore,
) -> RenderRequest:
    """The render request, with the song's curves where the renderer listens to them."""
    drive = None
    if analysis is not None and limits.uses_song:
        with scratch_folder(Settings().scratch_path) as folder:
            curves = read_curves(artifacts.local_file(analysis.curves, folder), analysis.excerpt)
        rate = clip_rate(limits, film)
        drive = drive_for(
            curves,
            beats=analysis.beats,
            downbeats=analysis.downbeats,
            start_s=float(span.start_frame / Fraction(span.fps)),
            frames=clip_frames(shot.id, span, rate, limits),
            fps=rate,
        )
    return make_request(
        shot,
        style=recipe.visual_style,
        span=span,
        film=film,
        limits=limits,
        recipe_seed=recipe.seed,
        drive=drive,
    )
