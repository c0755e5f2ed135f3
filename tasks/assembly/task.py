"""The assembly room's door: recipe, clips and song in, the finished film and its proofs out."""

import importlib.metadata
import logging
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import BaseModel, JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import (
    ArtifactRef,
    Clip,
    ClipSpan,
    SegmentRecord,
    ShotRecord,
    VideoManifest,
)
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.versions import dump, load_recipe
from tasks.assembly import assemble
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.report import storyboard_stills, write_report
from tasks.assembly.segments import Segment, plan_segments, render_segment
from tasks.assembly.timeline import Timeline, clip_spans, lay_timeline
from tasks.media import workers
from tasks.media.curves import read_curves
from tasks.media.progress import report
from tasks.media.timebase import seconds_to_frame
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import blob_key, manifest_key, segment_key
from tasks.storage.scratch import scratch_folder
from tasks.storage.store import (
    ArtifactStore,
    holds,
    keep_file,
    keep_model,
    read_index,
    to_json,
    write_whole,
)

log = logging.getLogger(__name__)

_VERSIONED = ("songfilm", "prefect", "numba", "av", "numpy")


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


@task(name="assemble-video", cache_policy=NO_CACHE)
def assemble_video(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    film: FilmFormat,
    out: str,
    store: str,
    run_id: str,
    settings: dict[str, JsonValue],
    warnings: tuple[str, ...] = (),
) -> VideoManifest:
    """Compose what the store lacks, join it with the song, and write the side files.

    Args:
        recipe: The plan that the clips follow.
        analysis: The song's beats and curves.
        clips: One a shot.
        film: Size, rate, quality and audio of the film.
        out: Path of the film.
        store: Address of the artifact store.
        run_id: Name of this film in the store.
        settings: What the run was asked for, for the manifest.
        warnings: What earlier stages had to tell.
    """
    artifacts, path = open_store(store), Path(out)
    with scratch_folder(Settings().scratch_path) as folder:
        job = _film_job(recipe, analysis, clips, film, artifacts, folder)
        segments = _make_segments(job, artifacts, folder)
        report("join", 0, 1)
        song_ref = _song_ref(analysis, artifacts)
        result = assemble(
            job,
            song=artifacts.local_file(song_ref, folder),
            segments=[artifacts.local_file(segment.file, folder) for segment in segments],
            out=path,
            excerpt=analysis.excerpt,
            work=folder,
            duration_s=analysis.duration,
        )
        stills = storyboard_stills(
            recipe,
            [
                (
                    Segment(piece.start_frame, piece.end_frame, piece.key),
                    artifacts.local_file(piece.file, folder),
                )
                for piece in segments
            ],
            fps=float(film.rate),
        )
    kept = _keep_edits(path.with_name(f"{path.stem}.recipe.json"), recipe)
    fallbacks = [clip for clip in clips if clip.fallback]
    manifest = VideoManifest(
        run_id=run_id,
        status="degraded" if fallbacks else "complete",
        song=song_ref,
        analysis=keep_model(artifacts, analysis),
        recipe=keep_model(artifacts, recipe),
        settings=settings,
        shots=tuple(_shot_record(clip) for clip in clips),
        segments=segments,
        output=result.output,
        warnings=(*warnings, *_stand_ins(clips), *kept, *result.warnings),
        versions={name: importlib.metadata.version(name) for name in _VERSIONED},
    )
    artifacts.put_bytes(manifest_key(run_id), to_json(manifest).encode())
    side_files: dict[str, BaseModel] = {
        "sync_report": result.sync,
        "manifest": manifest,
    }
    for name, model in side_files.items():
        write_whole(path.with_name(f"{path.stem}.{name}.json"), to_json(model))
    page = write_report(
        manifest,
        result.sync,
        recipe,
        title=analysis.song.name,
        curves=job.curves,
        stills=stills,
    )
    write_whole(path.with_name(f"{path.stem}.report.html"), page)
    report("join", 1, 1)
    return manifest


def _keep_edits(path: Path, recipe: Recipe) -> tuple[str, ...]:
    """Write the recipe beside the film; what a person wrote there is not lost.

    Returns:
        What was moved out of the way.
    """
    told: tuple[str, ...] = ()
    if path.exists():
        try:
            if load_recipe(path.read_text(encoding="utf-8")) == recipe:
                return ()
        except ValueError:
            log.info("%s is not a recipe of this version", path)
        older = path.with_name(f"{path.name}.bak")
        path.replace(older)
        told = (f"another recipe lay beside the film; it is now {older.name}",)
    write_whole(path, dump(recipe))
    return told


def _stand_ins(clips: tuple[Clip, ...]) -> tuple[str, ...]:
    """What stood in for what was asked, a line a shot."""
    return tuple(f"{clip.shot_id}: {clip.fallback}" for clip in clips if clip.fallback)


def _timeline(recipe: Recipe, film: FilmFormat, duration_s: float) -> Timeline:
    frames = seconds_to_frame(duration_s, film.rate)
    return lay_timeline(recipe, fps=film.rate, frames=frames)


def _film_job(
    recipe: Recipe,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    film: FilmFormat,
    artifacts: ArtifactStore,
    folder: Path,
) -> FilmJob:
    """Everything the compositor needs, with every clip verified by its digest."""
    timeline = _timeline(recipe, film, analysis.duration)
    starts = {span.shot_id: span.start_frame for span in clip_spans(timeline)}
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips={
            clip.shot_id: ClipFile(
                path=artifacts.local_file(clip.file, folder),
                sha256=clip.file.sha256,
                start_frame=starts[clip.shot_id],
            )
            for clip in clips
        },
        curves=read_curves(artifacts.local_file(analysis.curves, folder), analysis.excerpt),
        beats=analysis.beats,
        downbeats=analysis.downbeats,
        film=film,
    )


def _make_segments(
    job: FilmJob, artifacts: ArtifactStore, folder: Path
) -> tuple[SegmentRecord, ...]:
    """Recall or render every segment, as many at once as there are worker processes."""
    planned = plan_segments(job)
    done = 0
    report("segments", done, len(planned))
    with ThreadPoolExecutor(workers.pool_size()) as threads:
        futures: list[Future[SegmentRecord]] = [
            threads.submit(_make_segment, job, segment, artifacts, folder) for segment in planned
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


def _make_segment(
    job: FilmJob, segment: Segment, artifacts: ArtifactStore, folder: Path
) -> SegmentRecord:
    """One segment, from the store or from a worker process."""
    known = read_index(artifacts, segment_key(segment.key), SegmentRecord)
    if known is not None and holds(artifacts, known.file):
        return known.model_copy(
            update={
                "start_frame": segment.start_frame,
                "end_frame": segment.end_frame,
                "cache": "hit",
            }
        )
    path = folder / f"{segment.start_frame:07d}.mp4"
    workers.run(render_segment, job, segment, path)
    record = SegmentRecord(
        key=segment.key,
        start_frame=segment.start_frame,
        end_frame=segment.end_frame,
        file=keep_file(artifacts, path, "video/mp4", move=True),
        cache="miss",
    )
    artifacts.put_bytes(segment_key(segment.key), to_json(record).encode())
    return record


def _song_ref(analysis: SongAnalysis, artifacts: ArtifactStore) -> ArtifactRef:
    """The song's own file, as the analysis door stored it."""
    key = blob_key(analysis.song.sha256)
    size = artifacts.stat(key).size
    return ArtifactRef(key=key, sha256=analysis.song.sha256, size=size, media_type="audio/unknown")


def _shot_record(clip: Clip) -> ShotRecord:
    return ShotRecord(
        id=clip.shot_id,
        fingerprint=clip.fingerprint,
        clip=clip.file,
        renderer=clip.renderer,
        quality_class=clip.quality_class,
        cache=clip.cache,
        fallback=clip.fallback,
        seconds=clip.seconds,
        cost=clip.cost,
    )
