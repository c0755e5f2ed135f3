"""What the dashboard shows of a film: plan, progress, pictures, faults, the finished film."""

import base64
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import LogSort
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.utilities.urls import url_for

from flows.library import estimate
from flows.server import patiently
from recipe_schema.artifacts import Clip, SyncReport, VideoManifest
from recipe_schema.farm import Production, Standing
from recipe_schema.recipe import Shot
from recipe_schema.savings import length_of_time, savings_of, spent
from tasks.assembly.task import film_address
from tasks.errors import SongfilmError
from tasks.rendering.task import clip_still

log = logging.getLogger(__name__)

Watcher = Callable[[Standing, Mapping[str, Clip]], None]

# A page in the dashboard is read as a whole: more stills would make it heavy.
_MOST_STILLS = 120
_SHEET_COLUMNS = 4
# Seconds between two updates of the contact sheet.
_SHEET_EVERY_S = 10.0
_LOG_LINES = 6
_WORDS = 60


def show_plan(job: Production) -> None:
    """The storyboard and the estimate, before anything is rendered."""
    style, data = job.recipe.visual_style, job.recipe.metadata
    lines = [
        f"## {len(job.recipe.shot_list)} shots over {data.duration:.1f} s",
        f"**{style.aesthetic}**, {data.bpm:.1f} BPM, {data.key}, {data.mood}",
        f"\n![palette]({_swatches(style.color_palette)})\n",
        f"{estimate(job)}\n",
        "| shot | at | length | section | theme | energy | picture |",
        "| --- | ---: | ---: | --- | --- | ---: | --- |",
    ]
    for shot in job.recipe.shot_list:
        lines.append(
            f"| {shot.id} | {shot.timestamp:.2f} | {shot.duration:.2f} | {shot.section} "
            f"| {shot.visual_theme} | {shot.energy_level:.2f} | {_cell(_subject(shot))} |"
        )
    patiently(create_markdown_artifact, "\n".join(lines), key="storyboard", description="The plan")


def follow(job: Production) -> Watcher:
    """Make the progress bar and the contact sheet, and return what keeps them up to date."""
    text = "Looking for finished clips"
    bar = cast(UUID, patiently(create_progress_artifact, 0.0, key="progress", description=text))
    state: dict[str, Any] = {"sheet": None, "shown": -1, "at": 0.0, "stills": {}}

    def watch(standing: Standing, clips: Mapping[str, Clip]) -> None:
        total = len(job.recipe.shot_list)
        percent = 100.0 * len(clips) / total
        text = _progress_line(standing, len(clips), total)
        _update(bar, progress=percent, description=text)
        _emit_progress(job, standing, len(clips), total)
        whole = len(clips) >= total
        if len(clips) != state["shown"] and (whole or time.monotonic() > state["at"]):
            state["sheet"] = _sheet(job, clips, state["stills"], state["sheet"])
            state["shown"], state["at"] = len(clips), time.monotonic() + _SHEET_EVERY_S

    return watch


def show_failures(reasons: Mapping[str, str], runs: Mapping[str, FlowRun]) -> None:
    """The shots that failed, why, and the end of their logs.

    Args:
        reasons: By shot.
        runs: The flow run of each shot that has one of its own.
    """
    lines = [
        "## Shots that failed",
        "Retry them on their own pages, or retry this film: either renders only these.",
    ]
    with get_client(sync_client=True) as client:
        for shot, reason in sorted(reasons.items()):
            run = runs.get(shot)
            lines.append(f"\n### {_link(shot, run)}\n{reason}")
            if run is not None:
                tail = patiently(
                    client.read_logs,
                    log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])),
                    limit=_LOG_LINES,
                    sort=LogSort.TIMESTAMP_DESC,
                )
                said = [line for log in reversed(tail) for line in log.message.splitlines()[-3:]]
                lines += ["```", *said, "```"]
    patiently(
        create_markdown_artifact, "\n".join(lines), key="failed-shots", description="What failed"
    )


def show_film(manifest: VideoManifest, sync: SyncReport, *, title: str) -> None:
    """The film's address, its cost and the proof of its cuts."""
    output, reused = manifest.output, savings_of(manifest.shots)
    worst = "no cut on a beat" if sync.max_error_ms is None else f"{sync.max_error_ms:.1f} ms"
    address = film_address(manifest.run_id)
    stored = output.path.startswith("films/")
    words = "Watch, download, read the report" if stored else "Report and recipe"
    patiently(
        create_link_artifact,
        address,
        link_text=f"{title}: {words}",
        key="film-link",
        description="The film's page",
    )
    where = f"[{words}]({address})" + ("" if stored else f"; the film is `{output.path}`")
    facts = {
        "film": where,
        "status": manifest.status,
        "length": f"{output.duration:.2f} s, {output.frames} frames (expected "
        f"{sync.expected_frames})",
        "picture": f"{output.width_px}x{output.height_px} at {output.fps.removesuffix('/1')} fps",
        "worst cut against its beat": worst,
        "sound": f"{sync.audio.mode}, lag {sync.audio.lag_samples} samples",
        "clips from the store": reused.clips,
        "rendering": spent(manifest.shots),
    }
    if reused.saved:
        facts["saved"] = reused.saved
    lines = [f"## {title}", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in facts.items()]
    lines += ["", *(f"- {warning}" for warning in manifest.warnings)]
    patiently(
        create_markdown_artifact, "\n".join(lines), key="film", description="The finished film"
    )


def _sheet(
    job: Production, clips: Mapping[str, Clip], stills: dict[str, str], sheet: UUID | None
) -> UUID:
    """Write the contact sheet anew, with a still of every clip that is there."""
    shots = [shot.id for shot in job.recipe.shot_list]
    step = -(-len(shots) // _MOST_STILLS)
    for shot in shots[::step]:
        if shot in clips and shot not in stills:
            try:
                stills[shot] = clip_still(clips[shot], store=job.store)
            except SongfilmError as error:
                log.warning("no still of %s for the contact sheet: %s", shot, error)
    told = f", every {step}. shot shown" if step > 1 else ""
    lines = [f"## {len(clips)} of {len(shots)} clips{told}", ""]
    lines += ["|" * (_SHEET_COLUMNS + 1), "| --- " * _SHEET_COLUMNS + "|"]
    there = [shot for shot in shots if shot in stills]
    for first in range(0, len(there), _SHEET_COLUMNS):
        row = there[first : first + _SHEET_COLUMNS]
        lines.append("| " + " | ".join(f"![{shot}]({stills[shot]})" for shot in row) + " |")
        lines.append("| " + " | ".join(row) + " |")
    text, about = "\n".join(lines), "Contact sheet"
    if sheet is None:
        made = patiently(create_markdown_artifact, text, key="contact-sheet", description=about)
        return cast(UUID, made)
    _update(sheet, data=text, description=about)
    return sheet


def _update(
    artifact: UUID, *, description: str, progress: float | None = None, data: str | None = None
) -> None:
    """Write an artifact anew in its place."""
    with get_client(sync_client=True) as client:
        fresh = ArtifactUpdate(data=progress if data is None else data, description=description)
        try:
            patiently(client.update_artifact, artifact, fresh)
        except ObjectNotFound:
            log.info("the artifact %s was deleted; it is not written again", artifact)


def _progress_line(standing: Standing, done: int, total: int) -> str:
    parts = [f"{done} of {total} clips"]
    if standing.running:
        parts.append(f"{standing.running} rendering")
    if standing.failed:
        parts.append(f"{len(standing.failed)} failed")
    if standing.seconds_left is not None and done < total:
        parts.append(f"about {length_of_time(standing.seconds_left)} left")
    if standing.done:
        parts.append(f"newest {standing.done[-1]}")
    if standing.waiting_for:
        parts.append(standing.waiting_for)
    return ", ".join(parts)


def _emit_progress(job: Production, standing: Standing, done: int, total: int) -> None:
    emit_event(
        event="songfilm.film.progress",
        resource={"prefect.resource.id": f"songfilm.film.{job.film_run}"},
        payload={"clips_done": done, "clips_total": total, **standing.model_dump(mode="json")},
    )


def _link(shot: str, run: FlowRun | None) -> str:
    address = url_for("flow-run", run.id) if run is not None else None
    return f"[{shot}]({address})" if address else shot


def _swatches(colors: Sequence[str]) -> str:
    """A palette as one picture."""
    squares = "".join(
        f'<rect x="{k * 60}" width="60" height="28" fill="{color}"/>'
        for k, color in enumerate(colors)
    )
    size = f'width="{len(colors) * 60}" height="28"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{squares}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def _subject(shot: Shot) -> str:
    """What a shot shows, in a few words where the recipe has them apart."""
    return shot.prompt.subject if shot.prompt else shot.mochi_prompt


def _cell(text: str) -> str:
    """Words that fit into a table's cell."""
    short = text if len(text) <= _WORDS else f"{text[:_WORDS]}…"
    return short.replace("|", "\\|").replace("\n", " ")
