"""Clips and a song become a film: cuts in whole frames, transitions, effects, exact sound.

`assemble` puts rendered segments and the song together; `timeline`, `segments` and `compositor`
make what it is given. Pictures are composed in `compositor`, sound is planned in `audio_track`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recipe_schema.analysis import Excerpt
from recipe_schema.artifacts import FilmOutput, SyncReport
from tasks.assembly.audio_track import AudioPlan, codec_name, plan_audio
from tasks.assembly.export import check_output, encoder_settings
from tasks.assembly.flicker import held_light
from tasks.assembly.job import FilmJob
from tasks.assembly.join import BadSegmentError, add_song, join_segments, unfinished
from tasks.assembly.loudness_check import loudness_note
from tasks.assembly.reactive import missing_sources
from tasks.assembly.sync_report import first_sound_s, hear_at_points, measure_sync
from tasks.assembly.tags import film_tags, section_chapters
from tasks.assembly.timeline import BadTimelineError
from tasks.media.audio import Heard
from tasks.media.ffmpeg import BadMediaError
from tasks.media.probe import probe_song, probe_video
from tasks.media.timebase import seconds_to_frame

__all__ = ["FilmResult", "assemble"]

# A copied song whose track starts later than this (Matroska counts in thousandths) is encoded
# instead: as heard by the analysis, it starts with the film.
LATEST_SOUND_S = 0.001


@dataclass(frozen=True)
class FilmResult:
    """A finished film and the proof of its sync."""

    output: FilmOutput
    sync: SyncReport
    warnings: tuple[str, ...]


def assemble(
    job: FilmJob,
    *,
    song: Path,
    segments: Sequence[Path],
    out: Path,
    excerpt: Excerpt | None,
    work: Path,
    duration_s: float,
    subtitles: Path | None = None,
) -> FilmResult:
    """Join rendered segments and the song into a film, and measure it.

    Args:
        job: What the segments were rendered from.
        song: The song's file.
        segments: Files of `plan_segments(job)`, in order.
        out: The film; ``.mp4``, ``.mov`` or ``.mkv``. Only a proven film gets this name.
        excerpt: Part of the song that the film shows; None for all of it.
        work: Existing folder for the joined video; what is left there may be removed.
        duration_s: Length of the song or of the excerpt, as analysed.
        subtitles: An SRT file of ours that becomes a track of the film.

    Returns:
        The film as probed, its sync report, and what the user should know.

    Raises:
        BadExportError: `out` cannot hold the film.
        BadTimelineError: The job's film is shorter or longer than `duration_s`.
        BadSegmentError: The segments are not those of this job.
        UnprovenFilmError: The finished file lacks frames, or shows them off their time.
        BadMediaError: ffmpeg could not read the song or write the film.
        NoSpaceError: The disk is full.
    """
    check_output(out, audio=job.film.audio, codec=job.film.codec)
    _check_length(job, duration_s)
    video = work / f"video{encoder_settings(job.film).suffix}"
    try:
        chapters = section_chapters(job.recipe, duration_s=duration_s)
        frames = join_segments(segments, video, fps=job.timeline.fps, chapters=chapters)
        if frames != job.timeline.frames:
            raise BadSegmentError(
                f"the segments hold {frames} frames, the film needs {job.timeline.frames}; "
                "render the film's segments again"
            )
        with unfinished(out) as part:
            plan, heard, meant = _add_best_sound(
                job, video, song, part, excerpt=excerpt, subtitles=subtitles
            )
            sync = measure_sync(
                job, part, plan=plan, heard=heard, meant=meant, duration_s=duration_s
            )
            output = _describe(part, out, frames=sync.frames)
    finally:
        video.unlink(missing_ok=True)
    changed = loudness_note(heard.level, meant.level)
    sounds = (told for told in (plan.note, changed) if told)
    warnings = (*missing_sources(job), *held_light(job), *sounds)
    return FilmResult(output=output, sync=sync, warnings=warnings)


def _check_length(job: FilmJob, duration_s: float) -> None:
    """Refuse a time line that is not as long, to the frame, as the song or the excerpt."""
    planned, needed = job.timeline.frames, seconds_to_frame(duration_s, job.timeline.fps)
    if planned != needed:
        raise BadTimelineError(
            f"the recipe makes {planned} frames and its song needs {needed}: set "
            f"metadata.duration to {duration_s}, or run `songfilm plan RECIPE --fill --song SONG`"
        )


def _add_best_sound(
    job: FilmJob,
    video: Path,
    song: Path,
    part: Path,
    *,
    excerpt: Excerpt | None,
    subtitles: Path | None,
) -> tuple[AudioPlan, Heard, Heard]:
    """Write the film by the first audio plan that holds; return it, and film and song as heard."""
    info = probe_song(song)
    length_s = job.timeline.frames / job.timeline.fps
    plans = plan_audio(info, container=part.suffix.lower(), mode=job.film.audio, excerpt=excerpt)
    encoded = plans[-1].mode == "encoded"
    meant = hear_at_points(song, excerpt=excerpt, duration_s=length_s, metered=encoded)
    for plan in plans:
        try:
            add_song(
                video,
                song,
                part,
                plan=plan,
                info=info,
                fps=job.timeline.fps,
                excerpt=excerpt,
                duration_s=float(length_s),
                tags=film_tags(job.recipe, info),
                subtitles=subtitles,
            )
        except BadMediaError:
            if plan is plans[-1]:
                raise
            continue
        encoded = plan.mode == "encoded"
        heard = hear_at_points(part, excerpt=None, duration_s=length_s, metered=encoded)
        same = heard.pcm_sha256 == meant.pcm_sha256
        if not plan.exact or excerpt is not None or (same and _starts_in_time(part)):
            break
    return plan, heard, meant


def _starts_in_time(film: Path) -> bool:
    return first_sound_s(film) < LATEST_SOUND_S


def _describe(file: Path, out: Path, *, frames: int) -> FilmOutput:
    """Probe the finished file, under the name that it will have."""
    info = probe_video(file)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FilmOutput(
        path=str(out),
        sha256=digest,
        size=file.stat().st_size,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=f"{info.fps.numerator}/{info.fps.denominator}",
        frames=frames,
        duration=float(frames / info.fps),
        video_codec=info.codec,
        pixel_format=info.pixel_format,
        audio_codec=codec_name(info.audio_codec or "none"),
    )
