"""The assembly room's door: recipe, clips and song in, the finished film and its proofs out."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import (
    ArtifactRef,
    Clip,
    ClipSpan,
    FilmOutput,
    Footage,
    SegmentRecord,
    SyncReport,
    VideoManifest,
)
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.versions import dump, load_recipe
from tasks.assembly import FilmResult, assemble
from tasks.assembly.export import check_output
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.manifest import write_manifest
from tasks.assembly.report import film_poster, storyboard_stills, write_report
from tasks.assembly.segments import Segment, plan_segments, render_segment
from tasks.assembly.timeline import Timeline, clip_spans, lay_timeline
from tasks.errors import BadInputError
from tasks.media import workers
from tasks.media.curves import read_curves
from tasks.media.progress import report
from tasks.media.timebase import seconds_to_frame
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.in_use import SEGMENT_DAYS, in_use
from tasks.storage.keys import BadKeyError, blob_key, file_name, film_key, manifest_key, segment_key
from tasks.storage.links import film_link
from tasks.storage.scratch import scratch_folder
from tasks.storage.secret import link_secret
from tasks.storage.store import (
    ArtifactStore,
    NotFoundError,
    holds,
    keep_file,
    keep_model,
    read_index,
    to_json,
    write_whole,
)

log = logging.getLogger(__name__)

_SIDE_FILES = ("sync_report.json", "manifest.json", "recipe.json", "report.html")


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


def open_manifest(run_id: str, *, store: str | None) -> VideoManifest:
    """Read the manifest of a finished film.

    Raises:
        BadInputError: The store has no film of that run.
    """
    try:
        data = open_store(store).get_bytes(manifest_key(run_id))
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"the store has no finished film {run_id!r}; its name is the id of its flow run"
        ) from error
    return VideoManifest.model_validate_json(data)


def filmed_songs(*, store: str | None) -> dict[str, str]:
    """Songs that have a film in the store: their digests, and the run that made the last one."""
    artifacts = open_store(store)
    films = sorted(artifacts.list("films"), key=lambda info: info.modified)
    found: dict[str, str] = {}
    for info in films:
        if manifest_key(Path(info.key).stem) == info.key:
            manifest = read_index(artifacts, info.key, VideoManifest)
            if manifest is not None:
                found[manifest.song.sha256] = manifest.run_id
    return found


def film_address(run_id: str) -> str:
    """A signed address of a film's page; it opens for as long as the settings say."""
    settings = Settings()
    return film_link(
        run_id,
        base_url=settings.studio_base_url,
        secret=link_secret(settings.home_path, settings.secret),
        expires=round(time.time() + settings.link_days * 86_400),
    )


def film_of(manifest: VideoManifest) -> FilmFormat:
    """The format that a film was asked for."""
    return FilmFormat.model_validate(manifest.settings["film"])


def check_film(out: str | None, film: FilmFormat) -> None:
    """Refuse a film's path before anything is rendered for it.

    Raises:
        BadInputError: The container does not fit, or the folder is not there.
    """
    if out is None:
        return
    check_output(Path(out), audio=film.audio)
    if not Path(out).absolute().parent.is_dir():
        raise BadInputError(f"the folder of {out} is not there; make it, or choose another one")


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
        job = _film_job(recipe, analysis, clips, film, artifacts, folder)
    return {segment.key: _recall(artifacts, segment) is not None for segment in plan_segments(job)}


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
        job = _film_job(recipe, analysis, clips, film, artifacts, folder)
        planned = [segment for segment in plan_segments(job) if not only or segment.key in only]
        return _make_segments(job, planned, artifacts, folder)


@task(name="assemble-video", cache_policy=NO_CACHE)
def assemble_video(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    clips: tuple[Clip, ...],
    segments: tuple[SegmentRecord, ...],
    film: FilmFormat,
    out: str | None,
    store: str | None,
    run_id: str,
    settings: dict[str, JsonValue],
    warnings: tuple[str, ...] = (),
) -> tuple[VideoManifest, SyncReport]:
    """Join the segments with the song, and write the side files.

    Args:
        recipe: The plan that the clips follow.
        analysis: The song's beats and curves.
        clips: One a shot.
        segments: All pieces of the picture, as `compose_segments` made them.
        film: Size, rate, quality and audio of the film.
        out: Path of the film; empty: it is kept in the store, under the run's name.
        store: Address of the artifact store.
        run_id: Name of this film in the store.
        settings: What the run was asked for, for the manifest.
        warnings: What earlier stages had to tell.

    Returns:
        What made the film, and the proof of its cuts.
    """
    artifacts = open_store(store)
    with scratch_folder(Settings().scratch_path) as folder:
        path = Path(out) if out else folder / f"{file_name(analysis.song.name)}.mp4"
        report("join", 0, 1)
        job = _film_job(recipe, analysis, (), film, artifacts, folder)
        song_ref = _song_ref(analysis, artifacts)
        files = [artifacts.local_file(segment.file, folder) for segment in segments]
        result = assemble(
            job,
            song=artifacts.local_file(song_ref, folder),
            segments=files,
            out=path,
            excerpt=analysis.excerpt,
            work=folder,
            duration_s=analysis.duration,
        )
        kept = _keep_edits(path.with_name(f"{path.stem}.recipe.json"), recipe)
        output = result.output if out else _in_store(result, run_id)
        manifest = write_manifest(
            run_id=run_id,
            song=song_ref,
            analysis=keep_model(artifacts, analysis),
            recipe=keep_model(artifacts, recipe),
            settings=settings,
            clips=clips,
            segments=segments,
            output=output,
            warnings=(*warnings, *kept, *result.warnings),
        )
        _lay_beside(path, manifest, result.sync, job, files, title=analysis.song.name)
        _store_film(path, run_id, artifacts, whole=not out)
        artifacts.put_bytes(manifest_key(run_id), to_json(manifest).encode())
    report("join", 1, 1)
    return manifest, result.sync


def _lay_beside(
    path: Path,
    manifest: VideoManifest,
    sync: SyncReport,
    job: FilmJob,
    segments: Sequence[Path],
    *,
    title: str,
) -> None:
    """Write the film's proof, its manifest and its report under its own name."""
    pieces = [
        (Segment(piece.start_frame, piece.end_frame, piece.key), file)
        for piece, file in zip(manifest.segments, segments, strict=True)
    ]
    stills = storyboard_stills(job.recipe, pieces, fps=float(job.film.rate))
    page = write_report(manifest, sync, job.recipe, title=title, curves=job.curves, stills=stills)
    write_whole(path.with_name(f"{path.stem}.sync_report.json"), to_json(sync))
    write_whole(path.with_name(f"{path.stem}.manifest.json"), to_json(manifest))
    write_whole(path.with_name(f"{path.stem}.report.html"), page)


def _in_store(result: FilmResult, run_id: str) -> FilmOutput:
    """The film as probed, named by its key in the store."""
    key = film_key(run_id, Path(result.output.path).name)
    return result.output.model_copy(update={"path": key})


def _store_film(path: Path, run_id: str, artifacts: ArtifactStore, *, whole: bool) -> None:
    """Keep what the film's page shows: its side files, and the film itself if it has no path."""
    kept = [path.with_name(f"{path.stem}.{name}") for name in _SIDE_FILES]
    name = file_name(path.name)
    artifacts.put_bytes(film_key(run_id, f"{name}.poster.jpg"), film_poster(path))
    for file in [path, *kept] if whole else kept:
        artifacts.put_file(film_key(run_id, name + file.name[len(path.stem) :]), file, move=whole)


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


def _timeline(recipe: Recipe, film: FilmFormat, duration_s: float) -> Timeline:
    frames = seconds_to_frame(duration_s, film.rate)
    return lay_timeline(recipe, fps=film.rate, frames=frames)


def _film_job(
    recipe: Recipe,
    analysis: SongAnalysis,
    clips: Sequence[Clip],
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
    job: FilmJob, planned: Sequence[Segment], artifacts: ArtifactStore, folder: Path
) -> tuple[SegmentRecord, ...]:
    """Recall or render segments, as many at once as there are worker processes."""
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
    known = _recall(artifacts, segment)
    if known is not None:
        return known
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


def _recall(artifacts: ArtifactStore, segment: Segment) -> SegmentRecord | None:
    """A segment that the store has, at its place in this film."""
    key = segment_key(segment.key)
    known = read_index(artifacts, key, SegmentRecord)
    if known is None or not holds(artifacts, known.file):
        return None
    if not in_use(artifacts, key, days=SEGMENT_DAYS):
        return None
    place = {"start_frame": segment.start_frame, "end_frame": segment.end_frame, "cache": "hit"}
    return known.model_copy(update=place)


def _song_ref(analysis: SongAnalysis, artifacts: ArtifactStore) -> ArtifactRef:
    """The song's own file, as the analysis door stored it."""
    key = blob_key(analysis.song.sha256)
    size = artifacts.stat(key).size
    return ArtifactRef(key=key, sha256=analysis.song.sha256, size=size, media_type="audio/unknown")
