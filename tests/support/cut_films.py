"""Whole films of real songs over plain clips, so that a program can see every cut and flash.

Analysed, planned, composed and joined as ever, with every transition, effect and pulse of the
recipe; only the clips are plain red and blue in turn.
"""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from recipe_schema.analysis import Song, SongAnalysis
from recipe_schema.artifacts import ArtifactRef, SyncReport
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Quality
from tasks.analysis import analyze
from tasks.assembly import assemble
from tasks.assembly.job import ClipFile, FilmJob
from tasks.assembly.segments import plan_segments, render_segment
from tasks.assembly.timeline import clip_spans, lay_timeline
from tasks.media.audio import decode_audio
from tasks.media.frames import ClipWriter, frame_planes
from tasks.media.timebase import seconds_to_frame

SMALL = FilmFormat(width_px=320, height_px=180, fps="60", quality=Quality.DRAFT)
# Luma, blue and red difference of a plain red, a plain blue, and a white flash.
RED, BLUE, WHITE = (80, 100, 190), (80, 190, 100), (235, 128, 128)
_CLIP_WIDTH, _CLIP_HEIGHT = 160, 90


@dataclass(frozen=True)
class Heard:
    """A song, its analysis, and the curves that its pictures follow."""

    song: Path
    analysis: SongAnalysis
    curves: dict[str, NDArray[np.float32]]


def hear(song: Path) -> Heard:
    """Analyse a song's file, as it decodes."""
    audio = decode_audio(song)
    heard = analyze(
        audio,
        song=Song(
            sha256="0" * 64,
            name=song.stem,
            sample_rate_hz=audio.sample_rate_hz,
            channels=audio.samples.shape[0],
        ),
    )
    analysis = heard.to_analysis(ArtifactRef(key="x", sha256="0" * 64, size=1))
    return Heard(song=song, analysis=analysis, curves=dict(heard.curves))


def plain_job(
    folder: Path, recipe: Recipe, heard: Heard, film: FilmFormat, *, flashing: bool = False
) -> FilmJob:
    """A film over plain clips; each may flash white in its first picture after the cut."""
    frames = seconds_to_frame(heard.analysis.duration, film.rate)
    timeline = lay_timeline(recipe, fps=film.rate, frames=frames)
    clips = {}
    for k, (placed, span) in enumerate(zip(timeline.shots, clip_spans(timeline), strict=True)):
        path = folder / f"clip_{k}.mp4"
        flashes = {placed.cut_frame - span.start_frame} if flashing and k else set()
        write_plain_clip(
            path,
            (RED, BLUE)[k % 2],
            span.end_frame - span.start_frame,
            fps=film.rate,
            flashes=flashes,
        )
        clips[span.shot_id] = ClipFile(path, f"{k:064d}", span.start_frame)
    return FilmJob(
        recipe=recipe,
        timeline=timeline,
        clips=clips,
        curves=heard.curves,
        beats=heard.analysis.beats,
        downbeats=heard.analysis.downbeats,
        film=film,
    )


def write_plain_clip(
    path: Path,
    color: tuple[int, int, int],
    frames: int,
    *,
    fps: Fraction,
    flashes: Collection[int] = (),
) -> None:
    """A clip of one colour, white in the pictures of `flashes`."""
    shapes = ((_CLIP_HEIGHT, _CLIP_WIDTH), *((_CLIP_HEIGHT // 2, _CLIP_WIDTH // 2),) * 2)
    plain, white = (
        [np.full(shape, level, np.uint8) for shape, level in zip(shapes, levels, strict=True)]
        for levels in (color, WHITE)
    )
    with ClipWriter(path, width_px=_CLIP_WIDTH, height_px=_CLIP_HEIGHT, fps=fps) as writer:
        for frame in range(frames):
            writer.write(*(white if frame in flashes else plain))


def render_pieces(folder: Path, job: FilmJob) -> list[Path]:
    """The film's segments."""
    paths = []
    for segment in plan_segments(job):
        paths.append(folder / f"{segment.start_frame:06d}.mp4")
        render_segment(job, segment, paths[-1])
    return paths


def finish(job: FilmJob, pieces: list[Path], heard: Heard, out: Path) -> SyncReport:
    """Join the film under its name, and measure it."""
    result = assemble(
        job,
        song=heard.song,
        segments=pieces,
        out=out,
        excerpt=None,
        work=out.parent,
        duration_s=heard.analysis.duration,
    )
    return result.sync


def seen_cuts(film: Path) -> tuple[NDArray[np.float64], int]:
    """Times (s) at which the picture turns from mostly one colour to the other, and all frames."""
    times, blue = [], []
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            _, u, v = frame_planes(frame)
            times.append(float(frame.pts * frame.time_base))
            blue.append(float(u.mean()) > float(v.mean()))
    cuts = [times[n] for n in range(1, len(blue)) if blue[n] != blue[n - 1]]
    return np.array(cuts), len(blue)


def seen_flashes(film: Path) -> NDArray[np.float64]:
    """Times (s) of pictures that are all white."""
    with av.open(str(film)) as container:
        return np.array(
            [
                float(frame.pts * frame.time_base)
                for frame in container.decode(video=0)
                if frame_planes(frame)[0].mean() > (RED[0] + WHITE[0]) / 2
            ]
        )


def errors_ms(times: NDArray[np.float64], beats: Collection[float]) -> NDArray[np.float64]:
    """Distance of each time from its nearest beat, milliseconds."""
    return np.abs(times[:, None] - np.array(sorted(beats))).min(axis=1) * 1000.0
