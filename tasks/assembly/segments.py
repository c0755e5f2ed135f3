"""Pieces of the film's video that are rendered apart and known by what shapes them.

The film splits where a transition begins and ends, at hard cuts, and at `LONGEST_FRAMES`. A
piece is named by a digest of everything that shapes its bytes and nothing else, so that a
changed shot dirties its own pieces and its two transitions only. One thread and closed groups of
pictures make the same bytes on any worker.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from tasks import cancellation
from tasks.assembly.clip_errors import shots_named
from tasks.assembly.compositor import COMPOSITOR_VERSION, Compositor, shaping_inputs
from tasks.assembly.export import EncoderSettings, encoder_settings, encoder_version
from tasks.assembly.job import FilmJob
from tasks.assembly.timeline import Timeline
from tasks.media.frames import ClipWriter
from tasks.media.light_grid import LIGHT_FORMAT, LightMeter, pack_light

# 3 s at 60 frames a second: enough pieces to keep all cores busy to the end, few enough that
# their extra key frames cost little.
LONGEST_FRAMES = 180


@dataclass(frozen=True)
class Segment:
    """A span of the film's frames, half-open, and the digest of all that shapes it."""

    start_frame: int
    end_frame: int
    key: str

    @property
    def frames(self) -> int:
        """How many frames it holds."""
        return self.end_frame - self.start_frame


def plan_segments(job: FilmJob, span: tuple[int, int] | None = None) -> tuple[Segment, ...]:
    """Split a film, or a span of it, into segments that tile it.

    Args:
        job: The film; its clips' digests enter the keys, their paths do not.
        span: First frame and one past the last; the whole film when empty. Segments that lie
            wholly inside are those of the whole film.
    """
    settings = encoder_settings(job.film)
    first, last = span or (0, job.timeline.frames)
    pieces = [
        (max(start, first), min(end, last))
        for start, end in split_frames(job.timeline)
        if start < last and end > first
    ]
    return tuple(
        Segment(start, end, _segment_key(job, start, end, settings)) for start, end in pieces
    )


def split_frames(timeline: Timeline) -> tuple[tuple[int, int], ...]:
    """Spans of the film between transition edges and hard cuts, none above `LONGEST_FRAMES`."""
    edges = {0, timeline.frames, timeline.frames - timeline.closing_frames}
    for placed in timeline.shots:
        edges |= {placed.transition_start, placed.transition_end}
    spans = []
    for start, end in pairwise(sorted(edges)):
        pieces = -(-(end - start) // LONGEST_FRAMES)
        inner = [start + (end - start) * k // pieces for k in range(pieces + 1)]
        spans += list(pairwise(inner))
    return tuple(spans)


def render_segment(
    job: FilmJob,
    segment: Segment,
    path: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Compose and encode one segment; it appears under `path` only when it is whole.

    Its light is laid beside it, see `light_file`.

    Args:
        job: The film.
        segment: One of `plan_segments(job)`.
        path: New file whose frame 0 is the segment's first.
        progress: Called with frames done and frames of the segment.

    Raises:
        RunCancelledError: Somebody asked to stop.
        BadMediaError: A clip breaks off, or is damaged.
        NoSpaceError: The disk is full.
    """
    settings, light = encoder_settings(job.film), LightMeter()
    with (
        shots_named({shot_id: clip.path for shot_id, clip in job.clips.items()}),
        open_writer(path, settings) as writer,
        closing(Compositor(job)) as compositor,
    ):
        for frame in range(segment.start_frame, segment.end_frame):
            cancellation.check()
            picture, planes = writer.new_planes()
            compositor.frame(frame, planes)
            light.add(planes)
            writer.write_frame(picture)
            progress(frame + 1 - segment.start_frame, segment.frames)
    light_file(path).write_bytes(pack_light(light.curve))


def light_file(path: Path) -> Path:
    """Where the light of a segment's pictures lies, as `pack_light` writes it."""
    return path.with_name(f"{path.stem}.light")


def open_writer(path: Path, settings: EncoderSettings) -> ClipWriter:
    """Open the encoder of one segment."""
    return ClipWriter(
        path,
        width_px=settings.width_px,
        height_px=settings.height_px,
        fps=settings.fps,
        crf=settings.crf,
        preset=settings.preset,
        options=dict(settings.options),
        encoder=settings.encoder,
    )


def _segment_key(job: FilmJob, start: int, end: int, settings: EncoderSettings) -> str:
    """Digest of pictures, encoder and versions."""
    shaping = {
        "frames": end - start,
        "pictures": shaping_inputs(job, start, end),
        "encoder": {**asdict(settings), "fps": str(settings.fps)},
        "versions": [COMPOSITOR_VERSION, LIGHT_FORMAT, encoder_version(job.film.codec)],
    }
    text = json.dumps(shaping, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
