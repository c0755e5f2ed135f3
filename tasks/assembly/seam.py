"""The end of a loop: its last pictures flow, in light, into those before its first.

Both sides are pictures of the film as the compositor paints them, mixed as light adds up and not
as code values do: a dissolve keeps its brightness. In whole numbers, so that any machine writes
the same bytes.
Source: Rec. ITU-R BT.709-6, items 1.2 (transfer), 3.2 and 3.4 (luma, colour difference, range).
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numba import njit

from tasks import cancellation
from tasks.assembly.clip_errors import shots_named
from tasks.assembly.compositor import COMPOSITOR_VERSION, Compositor, shaping_inputs
from tasks.assembly.cuttings import Cutting, seam_frames
from tasks.assembly.export import encoder_settings, encoder_version
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FAST, Int32Array, UInt8Array
from tasks.assembly.segments import Segment, light_file, open_writer
from tasks.media.frames import Planes
from tasks.media.light_grid import LIGHT_FORMAT, LightMeter, pack_light

# Code values and light are counted so finely that a mix of two equal pictures is that picture.
_CODES, _LIGHT = 4096, 1 << 16
# BT.709 in 2**14ths: what red, blue and the colour differences weigh, from limited range.
_SHIFT = 14


@dataclass(frozen=True)
class Seam:
    """The frames of a film that flow into those before a loop, and the digest of what they are."""

    end_start: int
    """First frame of the loop's end; the loop's other pictures come before it."""
    before_start: int
    """First frame of what it flows into; that is as long, and the loop's beginning follows it."""
    frames: int
    key: str


def plan_seam(job: FilmJob, cutting: Cutting) -> Seam:
    """Say which frames of a film a loop's end is mixed from."""
    frames = min(seam_frames(job), cutting.end_frame - cutting.start_frame, cutting.start_frame)
    end_start, before_start = cutting.end_frame - frames, cutting.start_frame - frames
    settings = encoder_settings(job.film)
    shaping = {
        "end": shaping_inputs(job, end_start, cutting.end_frame),
        "before": shaping_inputs(job, before_start, cutting.start_frame),
        "encoder": {**asdict(settings), "fps": str(settings.fps)},
        "versions": [
            COMPOSITOR_VERSION,
            LIGHT_FORMAT,
            SEAM_VERSION,
            encoder_version(job.film.codec),
        ],
    }
    text = json.dumps(shaping, sort_keys=True, separators=(",", ":"), allow_nan=False)
    key = hashlib.sha256(text.encode()).hexdigest()
    return Seam(end_start, before_start, frames, key)


def as_segment(seam: Seam) -> Segment:
    """The seam at its place in the film, as the loop's last segment."""
    return Segment(seam.end_start, seam.end_start + seam.frames, seam.key)


def render_seam(
    job: FilmJob,
    seam: Seam,
    path: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Compose and encode a loop's end; it appears under `path` only when it is whole.

    Its light is laid beside it, as that of any segment.

    Args:
        job: The film.
        seam: What `plan_seam` said.
        path: New file, as the film's segments are.
        progress: Called with frames done and frames of the seam.

    Raises:
        RunCancelledError: Somebody asked to stop.
        BadMediaError: A clip breaks off.
        NoSpaceError: The disk is full.
    """
    light = LightMeter()
    with (
        shots_named({shot_id: clip.path for shot_id, clip in job.clips.items()}),
        open_writer(path, encoder_settings(job.film)) as writer,
        closing(Compositor(job)) as ending,
        closing(Compositor(job)) as before,
    ):
        _, other = writer.new_planes()
        for k in range(seam.frames):
            cancellation.check()
            picture, planes = writer.new_planes()
            ending.frame(seam.end_start + k, planes)
            before.frame(seam.before_start + k, other)
            mix_in_light(planes, other, *_eased(2 * k + 1, 2 * seam.frames))
            light.add(planes)
            writer.write_frame(picture)
            progress(k + 1, seam.frames)
    light_file(path).write_bytes(pack_light(light.curve))


def _eased(part: int, whole: int) -> tuple[int, int]:
    """A share that leaves slowly and arrives slowly, so that the last picture is wholly there."""
    return part**2 * (3 * whole - 2 * part), whole**3


def mix_in_light(planes: Planes, other: Planes, part: int, whole: int) -> None:
    """Mix a picture into another one as light.

    Args:
        planes: Written: y, u, v of yuv420p, BT.709 limited range.
        other: What it flows into, likewise.
        part: How much of `other` is seen, out of `whole`.
        whole: See `part`.
    """
    share = (_LIGHT * part + whole // 2) // whole
    _mix(*planes, *other, share, _TO_LIGHT, _TO_CODE)


def _light_tables() -> tuple[Int32Array, Int32Array]:
    """Light of each code value, and the code value of each light."""
    codes = [code / (_CODES - 1) for code in range(_CODES)]
    light = [
        code / 4.5 if code < 0.081 else ((code + 0.099) / 1.099) ** (1 / 0.45) for code in codes
    ]
    lights = [step / (_LIGHT - 1) for step in range(_LIGHT)]
    back = [4.5 * step if step < 0.018 else 1.099 * step**0.45 - 0.099 for step in lights]
    return (
        np.array([round(value * (_LIGHT - 1)) for value in light], np.int32),
        np.array([round(value * (_CODES - 1)) for value in back], np.int32),
    )


_TO_LIGHT, _TO_CODE = _light_tables()
SEAM_VERSION = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


@njit(**FAST)
def _mix(
    y: UInt8Array,
    u: UInt8Array,
    v: UInt8Array,
    other_y: UInt8Array,
    other_u: UInt8Array,
    other_v: UInt8Array,
    share: int,
    to_light: Int32Array,
    to_code: Int32Array,
) -> None:
    """Blocks of two by two pixels, which share their colour."""
    rows, columns = u.shape
    half = 1 << (_SHIFT - 1)
    for j in range(rows):
        for i in range(columns):
            red_sum, green_sum, blue_sum = 0, 0, 0
            for k in range(4):
                row, column = 2 * j + (k >> 1), 2 * i + (k & 1)
                r0, g0, b0 = _rgb(y[row, column], u[j, i], v[j, i])
                r1, g1, b1 = _rgb(other_y[row, column], other_u[j, i], other_v[j, i])
                red = _mixed(r0, r1, share, to_light, to_code)
                green = _mixed(g0, g1, share, to_light, to_code)
                blue = _mixed(b0, b1, share, to_light, to_code)
                luma = (3483 * red + 11718 * green + 1183 * blue + half) >> _SHIFT
                y[row, column] = 16 + (luma * 219 + (_CODES >> 1)) // (_CODES - 1)
                red_sum += red
                green_sum += green
                blue_sum += blue
            u[j, i] = _chroma(-1877 * red_sum - 6315 * green_sum + 8192 * blue_sum)
            v[j, i] = _chroma(8192 * red_sum - 7441 * green_sum - 751 * blue_sum)


@njit(**FAST)
def _rgb(y: int, u: int, v: int) -> tuple[int, int, int]:
    """Code values of a pixel, 0 to 4095."""
    luma = (int(y) - 16) * 306358
    blue, red = int(u) - 128, int(v) - 128
    half = 1 << (_SHIFT - 1)
    return (
        min(max((luma + 471684 * red + half) >> _SHIFT, 0), _CODES - 1),
        min(max((luma - 56107 * blue - 140213 * red + half) >> _SHIFT, 0), _CODES - 1),
        min(max((luma + 555789 * blue + half) >> _SHIFT, 0), _CODES - 1),
    )


@njit(**FAST)
def _mixed(one: int, other: int, share: int, to_light: Int32Array, to_code: Int32Array) -> int:
    light = to_light[one] * (_LIGHT - share) + to_light[other] * share
    return int(to_code[(light + (_LIGHT >> 1)) // _LIGHT])


@njit(**FAST)
def _chroma(total: int) -> int:
    """A colour difference of four pixels in limited range."""
    scaled = total * 224
    whole = (_CODES - 1) * 4 << _SHIFT
    return min(max(128 + (scaled + (whole >> 1)) // whole, 16), 240)
