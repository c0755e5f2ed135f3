"""A loop as a file: its pieces joined, silent or with a song that flows round as they do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from tasks.assembly.audio_track import plan_audio
from tasks.assembly.export import encoder_settings, video_timescale
from tasks.assembly.job import FilmJob
from tasks.assembly.join import BadSegmentError, add_song, join_segments, unfinished
from tasks.media.ffmpeg import run_job
from tasks.media.probe import probe_song


def write_loop(
    job: FilmJob, segments: Sequence[Path], out: Path, *, frames: int, song: Path | None, work: Path
) -> None:
    """Join a loop's pieces; it appears under its name only when it is whole.

    Args:
        job: What the segments were rendered from.
        segments: Files of the loop's pieces, in order, its seam last.
        out: The loop; ``.mp4``, ``.mov`` or ``.mkv``.
        frames: How many it must have.
        song: Its sound, as long as it is; None for a silent loop.
        work: Existing folder for the joined video.

    Raises:
        BadSegmentError: The segments are not those of this loop.
        BadMediaError: ffmpeg could not write it.
        NoSpaceError: The disk is full.
    """
    fps = job.timeline.fps
    video = work / f".joined{encoder_settings(job.film).suffix}"
    joined = join_segments(segments, video, fps=fps)
    if joined != frames:
        raise BadSegmentError(
            f"the segments hold {joined} frames, the loop needs {frames}; render them again"
        )
    with unfinished(out) as part:
        if song is None:
            shown = ffmpeg.input(f"file:{video}", protocol_whitelist="file")["v:0"]
            options: dict[str, Any] = {}
            if out.suffix.lower() != ".mkv":
                options = {
                    "movflags": "+faststart",
                    "video_track_timescale": video_timescale(fps),
                }
            copy = shown.output(f"file:{part}", vcodec="copy", map_metadata=-1, **options)
            run_job(copy, what=f"writing {out.name}")
        else:
            info = probe_song(song)
            plan = plan_audio(
                info, container=out.suffix.lower(), mode=job.film.audio, excerpt=None
            )[-1]
            duration_s = float(frames / fps)
            add_song(video, song, part, plan=plan, info=info, fps=fps, duration_s=duration_s)
    video.unlink()
