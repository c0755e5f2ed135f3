"""What every film goes through once its recipe stands: shots, segments, the finished file."""

from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import emit_event
from prefect.flow_runs import suspend_flow_run
from prefect.runtime import deployment
from prefect.runtime import flow_run as this_run
from pydantic import JsonValue

from flows.artifacts import follow, show_film
from flows.children import run_children
from flows.dispatch import deadline_s, queue_of, render_shots
from flows.reports import refuse_faults, settings_of
from flows.server import patiently
from flows.whole import whole
from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip, SegmentRecord, VideoManifest
from recipe_schema.farm import Child, Production
from recipe_schema.vocabulary import OnFailure, RenderPool
from tasks.analysis.task import keep_analysis
from tasks.assembly.task import (
    assemble_video,
    check_film,
    compose_segments,
    keep_footage,
    planned_segments,
)
from tasks.errors import BadInputError, IncompleteFilmError, RunCancelledError, SongfilmError
from tasks.media.addresses import title_of
from tasks.media.stages import stage
from tasks.planning.task import keep_recipe
from tasks.rendering.task import check_ledger, told_of_native

# Longest time that a film waits for a person to mend a shot, seconds.
HOLD_S = 30 * 86_400
# Segments a flow run: fewer runs than segments, enough runs for many machines.
_SEGMENTS_PER_RUN = 6


def make_film(
    job: Production,
    *,
    out: str | None,
    planned: bool,
    asked: dict[str, JsonValue],
    warnings: tuple[str, ...] = (),
) -> VideoManifest:
    """Render what the store lacks, compose, join, and tell the world.

    Args:
        job: Recipe, song, format, renderer, farm.
        out: Path of the film; kept in the store when empty.
        planned: Whether songfilm made the recipe; its rhythm faults are then errors.
        asked: What the run was asked for, beside the film's format, for the manifest.
        warnings: What earlier stages had to tell.

    Raises:
        BadInputError: The recipe has errors, there is no song, or no room for the film.
        IncompleteFilmError: Some shots failed; the clips of the others are kept.
        PermanentError: It costs money, and the catalogue that counts it cannot be used.
        TransientError: That catalogue does not answer.
    """
    if job.analysis is None:
        raise BadInputError("a film needs its song; give its path")
    check_film(out, job.film)
    if job.farm.on_failure == OnFailure.HOLD:
        _refuse_what_cannot_be_held()
    odd = refuse_faults(job.recipe, job.analysis, planned=planned)
    odd += told_of_native(job.recipe, renderer=job.renderer, film=job.film)
    check_ledger(job.recipe, renderer=job.renderer, store=job.store)
    try:
        with stage("render", run=job.film_run):
            clips = render_shots(job, watch=follow(job) if is_shown(job) else None)
    except RunCancelledError:
        raise
    except SongfilmError:
        if job.farm.on_failure != OnFailure.HOLD:
            raise
        # Ends this process; Resume, or the last mended shot, starts the flow again.
        patiently(suspend_flow_run, timeout=HOLD_S, key=f"hold-{this_run.run_count}")
        raise
    return finish_film(job, clips, out=out, asked=asked, warnings=(*warnings, *odd))


def finish_film(
    job: Production,
    clips: tuple[Clip, ...],
    *,
    out: str | None,
    asked: dict[str, JsonValue],
    warnings: tuple[str, ...] = (),
) -> VideoManifest:
    """Compose what the store lacks, join, and tell the world.

    Args:
        job: Recipe, song, format, farm.
        clips: One a shot.
        out: Path of the film; kept in the store when empty.
        asked: What the run was asked for, beside the film's format, for the manifest.
        warnings: What earlier stages had to tell.
    """
    assert job.analysis is not None
    with stage("compose", run=job.film_run):
        segments = _compose(job, job.analysis, clips)
    manifest, sync = assemble_video(
        whole(job.recipe),
        analysis=whole(job.analysis),
        clips=whole(clips),
        segments=whole(segments),
        film=job.film,
        out=out,
        store=job.store,
        run_id=job.film_run,
        settings=told(job, **asked),
        warnings=(*job.analysis.warnings, *warnings),
    )
    title = Path(job.analysis.song.name).stem
    if is_shown(job):
        show_film(manifest, sync, title=title)
    _tell(job.film_run, title, "finished", status=manifest.status)
    return manifest


def is_shown(job: Production) -> bool:
    """Whether somebody follows the run in the dashboard."""
    return deployment.id is not None or job.farm.pool != RenderPool.HERE


def told(job: Production, **asked: JsonValue) -> dict[str, JsonValue]:
    """What a run was asked for, as its manifest keeps it."""
    library = job.library.model_dump(mode="json")
    return settings_of(job.film, renderer=job.renderer, **library, **asked)


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Say that a film failed; a hook of every flow that makes one."""
    error = state.result(raise_on_failure=False)
    _tell(
        str(flow_run.id),
        flow_run.name,
        "failed",
        status="failed",
        message=state.message or "",
        failed_shots=list(error.shots) if isinstance(error, IncompleteFilmError) else [],
        attempt=flow_run.run_count,
    )


def film_run() -> str:
    """Id of the run that is under way: the film's name in the store and in tags."""
    return str(this_run.id)


def title_of_run() -> str:
    """A film's name in the dashboard: as its playlist calls it, else that of its song."""
    if any(tag.startswith("playlist:") for tag in this_run.tags or ()):
        return str(this_run.name)
    return title_of(str(this_run.parameters.get("audio") or "film"))


def _refuse_what_cannot_be_held() -> None:
    """Tell before anything is rendered that Prefect cannot suspend this run.

    Raises:
        BadInputError: No deployment's run, or a run inside another one.
    """
    if deployment.id is None or this_run.parent_flow_run_id is not None:
        raise BadInputError(
            "on_failure = hold needs a run of its own, started from a deployment; choose fail or "
            "procedural"
        )


def _compose(
    job: Production, analysis: SongAnalysis, clips: tuple[Clip, ...]
) -> tuple[SegmentRecord, ...]:
    """Every segment of the film, from the store, from the cpu pool, or from here."""
    film, store = job.film, job.store
    if job.farm.segments_on_cpu:
        planned = planned_segments(
            job.recipe, analysis=analysis, clips=clips, film=film, store=store
        )
        parts = [part for part in _in_parts(list(planned)) if not all(map(planned.get, part))]
        run_children(
            [_part(job, analysis, clips, part) for part in parts],
            queue=queue_of(job.farm),
            deadline_s=deadline_s(job.farm),
        )
    # Whatever a child could not make is made here: one lost machine does not cost the film.
    return compose_segments(
        whole(job.recipe), analysis=whole(analysis), clips=whole(clips), film=film, store=store
    )


def _in_parts(keys: list[str]) -> list[list[str]]:
    """Segments that share a run: cut from all, so that a retried film asks for the same parts."""
    size = _SEGMENTS_PER_RUN
    return [keys[first : first + size] for first in range(0, len(keys), size)]


def _part(
    job: Production, analysis: SongAnalysis, clips: tuple[Clip, ...], keys: list[str]
) -> Child:
    """A flow run that composes a few segments."""
    return Child(
        name=f"segments {keys[0][:8]}",
        deployment="render-segment/cpu",
        key=f"{job.film_run}:{keys[0]}:{keys[-1]}",
        parameters={
            "segments": keys,
            "recipe": keep_recipe(job.recipe, store=job.store),
            "analysis": keep_analysis(analysis, store=job.store),
            "footage": keep_footage(clips, store=job.store),
            "film": job.film.model_dump(mode="json"),
            "store": job.store,
        },
        tags=(f"segments:{job.film_run}",),
    )


def _tell(run: str, title: str, what: str, **payload: JsonValue) -> None:
    """An event that automations and live pages listen to."""
    emit_event(
        event=f"songfilm.film.{what}",
        resource={
            "prefect.resource.id": f"songfilm.film.{run}",
            "prefect.resource.name": title,
        },
        payload={"title": title, **payload},
    )
