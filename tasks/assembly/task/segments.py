"""The pictures of a film, in segments: recalled from the store or composed by worker processes."""

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import (
    Clip,
    ClipSpan,
    Footage,
    SegmentRecord,
)
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.assembly.clip_lengths import check_lengths
from tasks.assembly.export import encoder_settings
from tasks.assembly.flashing import flash_notes
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.seam import Seam, render_seam
from tasks.assembly.segments import Segment, light_file, plan_segments, render_segment
from tasks.assembly.task.dress import font_file
from tasks.assembly.task.looks import clip_traits, stored_lut
from tasks.assembly.timeline import Timeline, clip_spans, lay_timeline
from tasks.media import workers
from tasks.media.curves import read_curves
from tasks.media.light_grid import unpack_light
from tasks.media.progress import report
from tasks.media.timebase import seconds_to_frame
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.in_use import SEGMENT_DAYS, in_use
from tasks.storage.keys import segment_key
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import (
    ArtifactStore,
    holds,
    keep_file,
    keep_model,
    read_index,
    to_json,
)

LIGHT_MEDIA_TYPE = "application/vnd.songfilm.light"


def plan_clips(
    recipe: Recipe, film: FilmFormat, *, analysis: SongAnalysis | None
) -> tuple[ClipSpan, ...]:
    """Say which frames of the film each shot's clip must cover.

    Args:
        recipe: The shots.
        film: Frame rate of the film.
        analysis: The song, which says how long the film is; without it the recipe does.
    """
    duration_s = recipe.metadata.duration if analysis is None else analysis.duration
    return clip_spans(_timeline(recipe, film, duration_s))


def keep_footage(clips: tuple[Clip, ...], *, store: str | None) -> str:
    """Keep the list of a film's clips, for machines that compose a part of it."""
    return keep_model(open_store(store), Footage(clips=clips)).key


def open_footage(key: str, *, store: str | None) -> tuple[Clip, ...]:
    """Read a list of clips that `keep_footage` kept."""
    return Footage.model_validate_json(open_store(store).get_bytes(key)).clips


def planned_segments(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    film: FilmFormat,
    store: str | None,
) -> dict[str, bool]:
    """Keys of all segments in the order of the film, and whether the store has each."""
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        job = film_job(recipe, analysis, clips, film, artifacts, folder)
    return {segment.key: recall(artifacts, segment) is not None for segment in plan_segments(job)}


@task(name="compose-segments", cache_policy=NO_CACHE)
def compose_segments(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    film: FilmFormat,
    store: str | None,
    only: tuple[str, ...] = (),
) -> tuple[SegmentRecord, ...]:
    """Compose the segments that the store lacks.

    Args:
        recipe: The plan that the clips follow.
        analysis: The song's beats and curves.
        clips: One a shot.
        film: Size, rate and quality of the film.
        store: Address of the artifact store.
        only: Keys of the segments to make; all when empty.
    """
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        job = film_job(recipe, analysis, clips, film, artifacts, folder)
        planned = [segment for segment in plan_segments(job) if not only or segment.key in only]
        return make_segments(job, planned, artifacts, folder)


def _timeline(recipe: Recipe, film: FilmFormat, duration_s: float) -> Timeline:
    frames = seconds_to_frame(duration_s, film.rate)
    return lay_timeline(recipe, fps=film.rate, frames=frames)


def film_job(
    recipe: Recipe,
    analysis: SongAnalysis,
    clips: Sequence[Clip],
    film: FilmFormat,
    artifacts: ArtifactStore,
    folder: Path,
) -> FilmJob:
    """Everything the compositor needs, with every clip verified by its digest.

    Raises:
        BadClipError: Clips are too short for their shots.
    """
    timeline = _timeline(recipe, film, analysis.duration)
    check_lengths(clips, timeline, film)
    starts = {span.shot_id: span.start_frame for span in clip_spans(timeline)}
    paths = {clip.shot_id: artifacts.local_file(clip.file, folder) for clip in clips}
    traits = clip_traits(clips, paths, artifacts)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips={
            clip.shot_id: ClipFile(
                path=paths[clip.shot_id],
                sha256=clip.file.sha256,
                start_frame=starts[clip.shot_id],
                traits=traits[clip.file.sha256],
            )
            for clip in clips
        },
        curves=read_curves(artifacts.local_file(analysis.curves, folder), analysis.excerpt),
        beats=analysis.beats,
        downbeats=analysis.downbeats,
        film=film,
        font=font_file(recipe.assembly_instructions.lettering, artifacts, folder),
        lut=stored_lut(recipe.assembly_instructions.grade, artifacts, folder),
    )


def make_segments(
    job: FilmJob, planned: Sequence[Segment], artifacts: ArtifactStore, folder: Path
) -> tuple[SegmentRecord, ...]:
    """Recall or render segments, as many at once as there are worker processes."""
    done = 0
    report("segments", done, len(planned))
    with ThreadPoolExecutor(workers.pool_size()) as threads:
        futures: list[Future[SegmentRecord]] = [
            threads.submit(make_segment, job, segment, artifacts, folder) for segment in planned
        ]
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=1.0, return_when=FIRST_EXCEPTION)
            failed = next((future for future in finished if future.exception()), None)
            if failed is not None:
                threads.shutdown(wait=False, cancel_futures=True)
                failed.result()
            done += len(finished)
            report("segments", done, len(planned))
    return tuple(future.result() for future in futures)


def make_segment(
    job: FilmJob,
    segment: Segment,
    artifacts: ArtifactStore,
    folder: Path,
    *,
    seam: Seam | None = None,
) -> SegmentRecord:
    """One segment, from the store or from a worker process; a loop's end, if a seam is given."""
    known = recall(artifacts, segment)
    if known is not None:
        return known
    encoding = encoder_settings(job.film)
    path = folder / f"{segment.start_frame:07d}{encoding.suffix}"
    if seam is None:
        _, cpu_s = workers.run(render_segment, job, segment, path)
    else:
        _, cpu_s = workers.run(render_seam, job, seam, path)
    record = SegmentRecord(
        key=segment.key,
        start_frame=segment.start_frame,
        end_frame=segment.end_frame,
        file=keep_file(artifacts, path, encoding.media_type, move=True),
        light=keep_file(artifacts, light_file(path), LIGHT_MEDIA_TYPE, move=True),
        cache="miss",
        seconds=cpu_s,
    )
    artifacts.put_bytes(segment_key(segment.key), to_json(record).encode())
    return record


def recall(artifacts: ArtifactStore, segment: Segment) -> SegmentRecord | None:
    """A segment that the store has, at its place in this film."""
    key = segment_key(segment.key)
    known = read_index(artifacts, key, SegmentRecord)
    if known is None or known.light is None:
        return None
    if not holds(artifacts, known.file) or not holds(artifacts, known.light):
        return None
    if not in_use(artifacts, key, days=SEGMENT_DAYS):
        return None
    place = {"start_frame": segment.start_frame, "end_frame": segment.end_frame, "cache": "hit"}
    return known.model_copy(update=place)


def told_of_flashes(
    job: FilmJob,
    records: Sequence[SegmentRecord],
    artifacts: ArtifactStore,
    *,
    first_frame: int = 0,
) -> tuple[str, ...]:
    """Say where a film, or a part from a frame of it on, flashes too often; see `flash_notes`."""
    lights = [record.light for record in records if record.light is not None]
    if len(lights) < len(records):  # an older worker composed them
        return ("flashes were not counted: some pieces were composed by an older songfilm",)
    curves = [unpack_light(artifacts.get_bytes(light.key)) for light in lights]
    return flash_notes(job, np.concatenate(curves), first_frame=first_frame)
