"""How light and how red every place of a film is, frame by frame, on a coarse grid.

A cell is about a thirtieth of the picture's width: a spark is lost in its mean, whatever could
flash over a quarter of the picture is hundreds of cells. Light is linear, from limited range
BT.709 through the curve of sRGB, as WCAG defines relative luminance.
"""

import struct
import zlib

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.media.ffmpeg import BadMediaError
from tasks.media.showing import Planes

UInt8Array = NDArray[np.uint8]
LightCurve = UInt8Array
"""Shape (frames, 3, rows, columns): relative luminance, red beyond green and blue, and the red
share of all light; 255 is 1."""

# Cells of a picture, about, of any shape.
_CELLS = 576
# Rows of chroma looked at in a cell: more would cost more and change nothing. Their step is odd, so
# that dark lines at an even distance are met as often as those between them.
_ROWS_LOOKED_AT = 10
# Light of a code value in 0..1: a x + b x^2 + c x^3, least squares fit of the curve of sRGB with
# a + b + c = 1; at most 0.002 off.
_LIGHT = (0.012522878, 0.682171111, 0.305306011)
_HEAD = struct.Struct("<4sIHH")
LIGHT_FORMAT = "LGT1"
"""Changes whenever the same pictures give another curve."""
_MAGIC = LIGHT_FORMAT.encode()


class LightMeter:
    """Measures the frames of one film or of a piece of it, in order."""

    def __init__(self) -> None:
        self._frames: list[UInt8Array] = []

    def add(self, planes: Planes) -> None:
        """Measure one frame.

        Args:
            planes: y, u, v of yuv420p, limited range BT.709, at least 2 x 2; rows may be padded.
        """
        height, width = (side // 2 for side in planes[0].shape)
        rows, columns = _grid(height, width)
        cells = np.empty((3, rows, columns), np.uint8)
        step = (max(height // (rows * _ROWS_LOOKED_AT), 1) - 1) | 1
        y, u, v = planes
        strides = y.strides[0], u.strides[0]
        _measure(cells, _flat(y), _flat(u), _flat(v), strides, (height, width), step)
        self._frames.append(cells)

    @property
    def curve(self) -> LightCurve:
        """All that was measured so far."""
        return np.stack(self._frames) if self._frames else np.empty((0, 3, 1, 1), np.uint8)


def pack_light(curve: LightCurve) -> bytes:
    """Write a curve small: what changes from frame to frame."""
    frames, _, rows, columns = curve.shape
    changes = np.diff(curve, axis=0, prepend=np.uint8(0))
    return _HEAD.pack(_MAGIC, frames, rows, columns) + zlib.compress(changes.tobytes(), 1)


def unpack_light(data: bytes) -> LightCurve:
    """Read what `pack_light` wrote.

    Raises:
        BadMediaError: It is something else, or not whole.
    """
    try:
        magic, frames, rows, columns = _HEAD.unpack_from(data)
        changes = np.frombuffer(zlib.decompress(data[_HEAD.size :]), np.uint8)
        if magic != _MAGIC:
            raise ValueError(f"it begins with {magic!r}")
        return np.cumsum(changes.reshape(frames, 3, rows, columns), axis=0, dtype=np.uint8)
    except (struct.error, zlib.error, ValueError) as error:
        raise BadMediaError(f"a segment's light cannot be read ({error}); run again") from error


def _grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of cells that are about square, in a picture of so many samples."""
    columns = round((_CELLS * width / height) ** 0.5)
    return max(min(round(_CELLS / columns), height), 1), max(min(columns, width), 1)


def _flat(plane: UInt8Array) -> UInt8Array:
    """View a plane as the flat bytes from its first pixel to its last."""
    height, width = plane.shape
    size = (height - 1) * plane.strides[0] + width
    return np.lib.stride_tricks.as_strided(plane, (size,), (1,), writeable=False)


@njit(boundscheck=False, error_model="numpy", nogil=True, cache=True)
def _measure(cells, y, u, v, strides, size, step):  # type: ignore[no-untyped-def]
    _, rows, columns = cells.shape
    height, width = size
    light = np.empty((3, width), np.float32)
    for row in range(rows):
        light[:] = np.float32(0)
        top, bottom = row * height // rows, (row + 1) * height // rows
        looked = 0
        for r in range(top, bottom, step):
            upper = y[2 * r * strides[0] :]
            lower = y[(2 * r + 1) * strides[0] :]
            chroma = r * strides[1]
            _add_row(light, upper, lower, u[chroma:], v[chroma:])
            looked += 1
        for column in range(columns):
            left, right = column * width // columns, (column + 1) * width // columns
            share = np.float32(1) / np.float32(looked * (right - left))
            red = green = blue = np.float32(0)
            for x in range(left, right):
                red += light[0, x]
                green += light[1, x]
                blue += light[2, x]
            _write_cell(cells, row, column, red * share, green * share, blue * share)


@njit(boundscheck=False, error_model="numpy", nogil=True, cache=True)
def _add_row(light, upper, lower, u, v):  # type: ignore[no-untyped-def]
    """Add the light of two rows of pixels; two by two share their colour."""
    f = np.float32
    a, b, c = f(_LIGHT[0]), f(_LIGHT[1]), f(_LIGHT[2])
    for x in range(light.shape[1]):
        four = np.int32(upper[2 * x]) + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]
        luma = f(np.int32(four) - np.int32(64)) * f(1.0 / 876.0)
        cb = f(np.int32(u[x]) - np.int32(128)) * f(1.0 / 224.0)
        cr = f(np.int32(v[x]) - np.int32(128)) * f(1.0 / 224.0)
        red = min(max(luma + f(1.5748) * cr, f(0)), f(1))
        green = min(max(luma - f(0.1873) * cb - f(0.4681) * cr, f(0)), f(1))
        blue = min(max(luma + f(1.8556) * cb, f(0)), f(1))
        light[0, x] += red * (a + red * (b + red * c))
        light[1, x] += green * (a + green * (b + green * c))
        light[2, x] += blue * (a + blue * (b + blue * c))


@njit(boundscheck=False, error_model="numpy", nogil=True, cache=True)
def _write_cell(cells, row, column, red, green, blue):  # type: ignore[no-untyped-def]
    f = np.float32
    luminance = f(0.2126) * red + f(0.7152) * green + f(0.0722) * blue
    total = red + green + blue
    share = red / total if total > f(0) else f(0)
    cells[0, row, column] = np.uint8(np.int32(luminance * f(255) + f(0.5)))
    cells[1, row, column] = np.uint8(np.int32(max(red - green - blue, f(0)) * f(255) + f(0.5)))
    cells[2, row, column] = np.uint8(np.int32(share * f(255) + f(0.5)))
