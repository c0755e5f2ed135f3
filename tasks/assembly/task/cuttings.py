"""Parts of a finished film: a teaser with its proof, a loop, the loop as a GIF."""

from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from recipe_schema.artifacts import Clip, Export, SegmentRecord, SyncReport, VideoManifest
from recipe_schema.farm import Production
from recipe_schema.vocabulary import ExportKind
from tasks.assembly import FilmResult, assemble
from tasks.assembly.cuttings import (
    Cutting,
    choose_loop,
    choose_teaser,
)
from tasks.assembly.enlargement import enlargement_note
from tasks.assembly.gif import gif_note, gif_size, gif_source, write_gif
from tasks.assembly.loop import write_loop
from tasks.assembly.manifest import write_manifest
from tasks.assembly.part_sound import cut_sound, loop_sound
from tasks.assembly.parts import cut_job, part_job
from tasks.assembly.report import film_poster
from tasks.assembly.seam import Seam, as_segment, plan_seam
from tasks.assembly.segments import plan_segments
from tasks.assembly.task.export import Desk, open_desk
from tasks.assembly.task.finish import in_store, keep_film, song_ref_of
from tasks.assembly.task.segments import make_segment, make_segments, told_of_flashes
from tasks.media.progress import report
from tasks.storage.keys import manifest_key
from tasks.storage.store import keep_model, to_json, write_whole

# The picture goes dark over a teaser's last moments.
CLOSING_S = 0.6
_SIDE_FILES = ("sync_report.json", "manifest.json")


@task(name="export-teaser", cache_policy=NO_CACHE)
def export_teaser(
    asked: Production,
    clips: tuple[Clip, ...],
    *,
    film_run: str,
    length_s: float | None,
    out: str | None,
    settings: dict[str, JsonValue],
) -> Export:
    """Make a small film of a film's strongest part, with its manifest and its proof.

    Args:
        asked: The film in the teaser's format, and the run that makes the teaser.
        clips: One a shot.
        film_run: Run that made the film.
        length_s: Seconds at most; when empty 15, or the film's own where that is shorter.
        out: Path of the teaser; kept in the store when empty.
        settings: What the run was asked for, for the manifest.
    """
    with open_desk(asked, clips, kind=ExportKind.TEASER, out=out) as desk:
        cutting = choose_teaser(desk.film, length_s=length_s)
        cut = cut_job(desk.film, cutting, closing_s=CLOSING_S)
        planned = plan_segments(cut, (cutting.start_frame, cutting.end_frame))
        records = _counted(make_segments(cut, planned, desk.artifacts, desk.folder), cutting)
        report("join", 0, 1)
        sound = desk.folder / "sound.wav"
        cut_sound(desk.song(), sound, desk.part(cutting))
        shown = part_job(cut, cutting)
        result = assemble(
            shown,
            song=sound,
            segments=_files(desk, records),
            out=desk.out,
            excerpt=None,
            work=desk.folder,
            duration_s=float(shown.timeline.frames / shown.timeline.fps),
        )
        told = _told(desk, cutting, records)
        manifest = _prove(desk, result, records, settings, told)
        report("join", 1, 1)
    return _export(ExportKind.TEASER, film_run, desk, cutting, records).model_copy(
        update={
            "path": manifest.output.path,
            "size": manifest.output.size,
            "manifest": manifest,
            "warnings": manifest.warnings,
        }
    )


@task(name="export-loop", cache_policy=NO_CACHE)
def export_loop(
    asked: Production,
    clips: tuple[Clip, ...],
    *,
    film_run: str,
    length_s: float | None,
    sound: bool,
    out: str | None,
) -> Export:
    """Make a loop whose end flows into its beginning.

    Args:
        asked: The film in the loop's format, and the run that makes it.
        clips: One a shot.
        film_run: Run that made the film.
        length_s: Seconds at most, 3 to 8, in whole bars; about 6 when empty.
        sound: Whether the song plays with it.
        out: Path of the loop; kept in the store when empty.
    """
    with open_desk(asked, clips, kind=ExportKind.LOOP, out=out) as desk:
        cutting, seam, records = _compose_loop(desk, length_s)
        report("join", 0, 1)
        song = desk.folder / "sound.wav" if sound else None
        if song is not None:
            seam_s = float(seam.frames / desk.film.timeline.fps)
            loop_sound(desk.song(), song, desk.part(cutting), seam_s=seam_s)
        write_loop(
            desk.film,
            _files(desk, records),
            desk.out,
            frames=cutting.end_frame - cutting.start_frame,
            song=song,
            work=desk.folder,
        )
        told = _export(ExportKind.LOOP, film_run, desk, cutting, records)
        told = told.model_copy(
            update={"size": desk.out.stat().st_size, "path": desk.keep(film_run)}
        )
        report("join", 1, 1)
    return told


@task(name="export-gif", cache_policy=NO_CACHE)
def export_gif(
    asked: Production,
    clips: tuple[Clip, ...],
    *,
    film_run: str,
    length_s: float | None,
    out: str | None,
) -> Export:
    """Make a GIF of the film's loop, at most 480 pixels long and wide.

    Args:
        asked: The film in the shape of the GIF, and the run that makes it.
        clips: One a shot.
        film_run: Run that made the film.
        length_s: Seconds at most, 3 to 8, in whole bars; about 6 when empty.
        out: Path of the GIF; kept in the store when empty.
    """
    small = asked.model_copy(update={"film": gif_source(asked.film)})
    with open_desk(small, clips, kind=ExportKind.GIF, out=out) as desk:
        cutting, _, records = _compose_loop(desk, length_s)
        report("join", 0, 1)
        write_gif(_files(desk, records), desk.out, film=asked.film, work=desk.folder)
        width, height = gif_size(asked.film)
        told = _export(ExportKind.GIF, film_run, desk, cutting, records)
        told = told.model_copy(
            update={
                "warnings": (*told.warnings, *gif_note(desk.out, film=asked.film)),
                "width_px": width,
                "height_px": height,
                "size": desk.out.stat().st_size,
                "path": desk.keep(film_run),
            }
        )
        report("join", 1, 1)
    return told


def _compose_loop(
    desk: Desk, length_s: float | None
) -> tuple[Cutting, Seam, tuple[SegmentRecord, ...]]:
    """Choose a loop and compose it, its seam last."""
    cutting = choose_loop(desk.film, length_s=length_s)
    seam = plan_seam(desk.film, cutting)
    planned = plan_segments(desk.film, (cutting.start_frame, seam.end_start))
    body = make_segments(desk.film, planned, desk.artifacts, desk.folder)
    end = make_segment(desk.film, as_segment(seam), desk.artifacts, desk.folder, seam=seam)
    return cutting, seam, _counted((*body, end), cutting)


def _prove(
    desk: Desk,
    result: FilmResult,
    records: tuple[SegmentRecord, ...],
    settings: dict[str, JsonValue],
    told: tuple[str, ...],
) -> VideoManifest:
    """Write a teaser's manifest and sync report beside it and into the store."""
    artifacts, run = desk.artifacts, desk.asked.film_run
    manifest = write_manifest(
        run_id=run,
        song=song_ref_of(desk.analysis, artifacts),
        analysis=keep_model(artifacts, desk.analysis),
        recipe=keep_model(artifacts, desk.asked.recipe),
        settings=settings,
        clips=desk.clips,
        segments=records,
        walls={},
        output=in_store(result, run) if desk.stored else result.output,
        warnings=(*told, *result.warnings),
        listeners=desk.analysis.backends,
    )
    _lay_beside(desk.out, result.sync, manifest)
    poster = film_poster(desk.out)
    keep_film(desk.out, run, artifacts, poster=poster, whole=desk.stored, side_files=_SIDE_FILES)
    artifacts.put_bytes(manifest_key(run), to_json(manifest).encode())
    return manifest


def _lay_beside(path: Path, sync: SyncReport, manifest: VideoManifest) -> None:
    write_whole(path.with_name(f"{path.stem}.sync_report.json"), to_json(sync))
    write_whole(path.with_name(f"{path.stem}.manifest.json"), to_json(manifest))


def _counted(records: Sequence[SegmentRecord], cutting: Cutting) -> tuple[SegmentRecord, ...]:
    """Pieces at their place in the part."""
    return tuple(
        record.model_copy(
            update={
                "start_frame": record.start_frame - cutting.start_frame,
                "end_frame": record.end_frame - cutting.start_frame,
            }
        )
        for record in records
    )


def _files(desk: Desk, records: Sequence[SegmentRecord]) -> list[Path]:
    return [desk.artifacts.local_file(record.file, desk.folder) for record in records]


def _export(
    kind: ExportKind,
    film_run: str,
    desk: Desk,
    cutting: Cutting,
    records: Sequence[SegmentRecord],
) -> Export:
    """What is known of a part before its file is."""
    job = desk.film
    fps, frames = job.timeline.fps, cutting.end_frame - cutting.start_frame
    return Export(
        kind=kind,
        film_run=film_run,
        path="",
        size=0,
        width_px=job.film.width_px,
        height_px=job.film.height_px,
        fps=job.film.fps,
        frames=frames,
        start=float(cutting.start_frame / fps),
        duration=float(frames / fps),
        segments=len(records),
        segments_reused=sum(record.cache == "hit" for record in records),
        warnings=_told(desk, cutting, records),
    )


def _told(desk: Desk, cutting: Cutting, records: Sequence[SegmentRecord]) -> tuple[str, ...]:
    """What a part's user should know of how it was cut, and of its pictures."""
    return (
        *cutting.warnings,
        *enlargement_note(desk.clips, desk.film.film),
        *told_of_flashes(desk.film, records, desk.artifacts, first_frame=cutting.start_frame),
    )
