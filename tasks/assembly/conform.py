"""Bring any clip to the film: its frames to the film's rate, its picture to the film's shape."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numba import njit

from tasks.assembly.job import ClipFile
from tasks.assembly.kernels import FAST, I32, F, FloatArray, UInt8Array, clamp, lerp_rows
from tasks.errors import PermanentError
from tasks.media.frames import ClipReader, Planes

# A clip that is too short runs this much slower at most (generators have a longest clip); beyond,
# motion would drag.
SLOWEST = Fraction(4, 5)


class BadClipError(PermanentError):
    """A clip that does not cover its place in the film."""


class Frame(NamedTuple):
    """A decoded picture, cropped to the film's shape, as flat bytes with their strides."""

    y: UInt8Array
    y_stride: int
    u: UInt8Array
    v: UInt8Array
    c_stride: int


class ClipSource:
    """A clip opened for a place in the film."""

    def __init__(
        self,
        clip: ClipFile,
        *,
        span: int,
        film_fps: Fraction,
        film: tuple[int, int],
        open_reader: Callable[..., ClipReader] = ClipReader,
    ) -> None:
        """Open a clip and check that it is long enough.

        Args:
            clip: The file and where it lies on the time line.
            span: Film frames that it must cover from its first.
            film_fps: Frames a second of the film.
            film: Width and height of the film.
            open_reader: Opens a video file.

        Raises:
            BadClipError: Too short, even when slowed to four fifths.
        """
        self._reader = open_reader(clip.path)
        self.step = clip_step(
            frames=self._reader.frames,
            clip_fps=self._reader.fps,
            span=span,
            film_fps=film_fps,
            name=clip.path.name,
        )
        self._box = cover_box((self._reader.width_px, self._reader.height_px), film)
        left, top, right, bottom = self._box
        self._factor = max(1, min((right - left) // film[0], (bottom - top) // film[1]))
        self.width = (right - left) // self._factor // 2 * 2
        self.height = (bottom - top) // self._factor // 2 * 2

    def index(self, offset: int) -> int:
        """Picture of the clip that is on screen `offset` film frames after its first."""
        return max(0, int(offset * self.step))

    def frame(self, index: int) -> Frame:
        """Decode one picture, cropped, and made smaller where it is twice the film's size."""
        left, top, right, bottom = self._box
        y, u, v = self._reader.frame(index)
        y = y[top:bottom, left:right]
        u, v = (c[top // 2 : (bottom + 1) // 2, left // 2 : (right + 1) // 2] for c in (u, v))
        if self._factor > 1:
            y, u, v = self._shrunk((y, u, v))
        return Frame(flat(y), y.strides[0], flat(u), flat(v), u.strides[0])

    def close(self) -> None:
        """Free the decoder."""
        self._reader.close()

    def _shrunk(self, planes: Planes) -> Planes:
        y = np.empty((self.height, self.width), np.uint8)
        u = np.empty((self.height // 2, self.width // 2), np.uint8)
        v = np.empty_like(u)
        for out, plane in zip((y, u, v), planes, strict=True):
            _average(out, np.ascontiguousarray(plane), self._factor)
        return y, u, v


def clip_step(
    *, frames: int, clip_fps: Fraction, span: int, film_fps: Fraction, name: str = "clip"
) -> Fraction:
    """Say how far a clip moves on per film frame: its own rate, or slower where it is short.

    Raises:
        BadClipError: The clip would have to run slower than `SLOWEST`.
    """
    step = clip_fps / film_fps
    # The picture shown at the last frame must exist; one more film frame may hold it.
    if (span - 1) * step < frames:
        return step
    slowed = Fraction(frames, span)
    if slowed < step * SLOWEST:
        raise BadClipError(
            f"{name} has {frames} frames at {float(clip_fps):g} fps "
            f"({float(frames / clip_fps):.2f} s) for {float(span / film_fps):.2f} s of film; "
            "render it again, longer"
        )
    return slowed


def cover_box(clip: tuple[int, int], film: tuple[int, int]) -> tuple[int, int, int, int]:
    """Largest even box (left, top, right, bottom) in the middle of a clip of the film's shape."""
    clip_w, clip_h = clip
    film_w, film_h = film
    # Rounded outwards to even numbers, so that less than two pixels of shape are lost.
    width = min(clip_w, -(-clip_h * film_w // (2 * film_h)) * 2)
    height = min(clip_h, -(-clip_w * film_h // (2 * film_w)) * 2)
    left, top = (clip_w - width) // 4 * 2, (clip_h - height) // 4 * 2
    return left, top, left + width, top + height


def flat(plane: UInt8Array) -> UInt8Array:
    """View a plane, padded or not, as the flat bytes from its first pixel to its last."""
    height, width = plane.shape
    assert plane.strides[1] == 1
    size = (height - 1) * plane.strides[0] + width
    return np.lib.stride_tricks.as_strided(plane, (size,), (1,))


@njit(**FAST)
def resize(out: FloatArray, planes: FloatArray) -> None:
    """Scale planes (channels, h, w) bilinearly to the size of `out`."""
    channels, height, width = out.shape
    _, h, w = planes.shape
    step_x, step_y = F(F(w) / F(width)), F(F(h) / F(height))
    row = np.empty(w, np.float32)
    for c in range(channels):
        for y in range(height):
            at = F((F(y) + F(0.5)) * step_y - F(0.5))
            at = clamp(at, F(0), F(F(h) - F(1.001)))
            j = I32(at)
            lerp_rows(row, planes[c, j], planes[c, j + 1], F(at - F(j)))
            line = out[c, y]
            for x in range(width):
                sx = clamp(F((F(x) + F(0.5)) * step_x - F(0.5)), F(0), F(F(w) - F(1.001)))
                i = I32(sx)
                line[x] = F(row[i] + (row[i + 1] - row[i]) * F(sx - F(i)))


@njit(**FAST)
def _average(out: UInt8Array, plane: UInt8Array, factor: int) -> None:
    """Average blocks of factor x factor pixels."""
    height, width = out.shape
    area = factor * factor
    for y in range(height):
        for x in range(width):
            total = area // 2
            for j in range(factor):
                for i in range(factor):
                    total += plane[min(y * factor + j, plane.shape[0] - 1), x * factor + i]
            out[y, x] = np.uint8(total // area)
