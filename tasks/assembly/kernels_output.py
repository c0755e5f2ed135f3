"""The last pass: one geometric sample of packed planes into the encoder's planes.

Gain, vignette, hue, dark lines and noise are applied to the value that has just been sampled;
nothing of the film's full size is ever stored but the result. All of it is whole-number
arithmetic: half the instructions of float32, and the same bits everywhere. Positions carry 16
fractional bits, values 4, 7 and 19 as they pass the gains.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.assembly.kernels import (
    FAST,
    I32,
    INLINE,
    Int8Array,
    Int32Array,
    U,
    UInt8Array,
    UInt32Array,
)

FloatGains = NDArray[np.float64]

POSITION_BITS = 16
GAIN_BITS = 12
_VALUE_BITS = 19
NOISE_ROWS = 256
# Rows by which the chroma's noise is taken further down, so that it differs from the luma's.
_CHROMA_NOISE_ROW = 31
BLACK, GREY = 16, 128
"""Code values of black, and of no colour."""
_WHITE, _COLOUR_TOP = 235, 240
# Two bytes of a word, each with room for the sum of 256 weights.
_BYTES = np.uint32(0x00FF00FF)


@njit(**FAST)
def edge_gains(edge: FloatGains, dark: FloatGains, told: tuple[float, float, float]) -> Int32Array:
    """Gains of columns or rows.

    Args:
        edge: What a full vignette takes of each, 0..1.
        dark: 1 where a dark line lies, else 0.
        told: Gain of the picture, share of the vignette, share that dark lines take.
    """
    gain, vignette, lines = told
    out = np.empty(edge.shape[0], np.int32)
    for x in range(edge.shape[0]):
        value = gain * (1.0 - vignette * edge[x]) * (1.0 - lines * dark[x])
        out[x] = np.int32(np.floor(value * (1 << GAIN_BITS) + 0.5))
    return out


@njit(**FAST)
def sample_luma(
    out: UInt8Array,
    stride: int,
    quads: UInt32Array,
    size: tuple[int, int],
    affine: Int32Array,
    columns: Int32Array,
    rows: Int32Array,
    noise: Int8Array,
    grit: Int32Array,
) -> None:
    """Sample packed luma into a plane of bytes.

    Args:
        out: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        quads: A pair and the one to its right in each element, see `tasks.assembly.output`; flat,
            rows of w + 1.
        size: Height and width w of the packed picture.
        affine: Output pixel to source position: x' = a0 x + a1 y + a2, y' = a3 x + a4 y + a5.
        columns: Gain of each column; its length is the picture's width.
        rows: Gain of each row; its length is the picture's height.
        noise: `NOISE_ROWS` rows, as wide as the picture and `grit[1]` more.
        grit: Row and column where this frame starts in `noise`, amplitude in black, growth of
            the amplitude towards white.
    """
    h, w = size
    width = columns.shape[0]
    index = np.empty(width, np.uint32)
    quad = np.empty(width, np.uint32)
    step_x, step_y = affine[0], affine[3]
    for r in range(rows.shape[0]):
        at_x = I32(affine[1] * I32(r) + affine[2])
        at_y = I32(affine[4] * I32(r) + affine[5])
        _positions(index, step_x, step_y, at_x, at_y, I32(w), I32(h))
        _gather(quad, quads, index)
        line = out[r * stride : r * stride + width]
        salt = noise[(grit[0] + r) % NOISE_ROWS][grit[1] :]
        if grit[3] == 0:
            _luma_line(line, quad, step_x, step_y, at_x, at_y, columns, rows[r], grit[2], salt)
        else:
            _grain_line(line, quad, step_x, step_y, at_x, at_y, columns, rows[r], grit, salt)


@njit(**FAST)
def sample_chroma(
    out_u: UInt8Array,
    out_v: UInt8Array,
    stride: int,
    pairs: UInt32Array,
    affine: Int32Array,
    columns: Int32Array,
    rows: Int32Array,
    turn: Int32Array,
    noise: Int8Array,
    grit: Int32Array,
) -> None:
    """Sample both chroma planes of packed chroma, shape (h, w + 1); else as `sample_luma`.

    `turn` is the 2 x 2 matrix uu, uv, vu, vv of saturation and hue, as gains.
    """
    h, w = pairs.shape[0], pairs.shape[1] - 1
    flat = pairs.reshape(-1)
    width = columns.shape[0]
    index = np.empty(width, np.uint32)
    left = np.empty(width, np.uint32)
    right = np.empty(width, np.uint32)
    step_x, step_y = affine[0], affine[3]
    for r in range(rows.shape[0]):
        at_x = I32(affine[1] * I32(r) + affine[2])
        at_y = I32(affine[4] * I32(r) + affine[5])
        _positions(index, step_x, step_y, at_x, at_y, I32(w), I32(h))
        _gather_both(left, right, flat, index)
        salt = noise[(grit[0] + _CHROMA_NOISE_ROW + r) % NOISE_ROWS][grit[1] :]
        a, b = r * stride, r * stride + width
        _chroma_line(
            (out_u[a:b], out_v[a:b]),
            (left, right),
            (step_x, step_y, at_x, at_y),
            columns,
            rows[r],
            (turn[0], turn[1], turn[2], turn[3]),
            grit[2],
            (salt, salt[11:]),
        )


@njit(**FAST)
def _positions(index, step_x, step_y, at_x, at_y, w, h):  # type: ignore[no-untyped-def]
    """Element of every pixel of a row; held inside only where the row would leave."""
    end_x = I32(at_x + step_x * I32(index.shape[0] - 1))
    end_y = I32(at_y + step_y * I32(index.shape[0] - 1))
    low_x, top_x = min(at_x, end_x), max(at_x, end_x) >> I32(POSITION_BITS)
    low_y, top_y = min(at_y, end_y), max(at_y, end_y) >> I32(POSITION_BITS)
    row = I32(w + I32(1))
    if low_x >= 0 and low_y >= 0 and top_x < w and top_y < h:
        sx, sy = I32(at_x), I32(at_y)
        for x in range(index.shape[0]):
            index[x] = U(I32((sy >> I32(POSITION_BITS)) * row) + (sx >> I32(POSITION_BITS)))
            sx, sy = I32(sx + step_x), I32(sy + step_y)
    else:
        for x in range(index.shape[0]):
            sx = I32(I32(I32(x) * step_x + at_x) >> I32(POSITION_BITS))
            sy = I32(I32(I32(x) * step_y + at_y) >> I32(POSITION_BITS))
            sx = min(max(sx, I32(0)), I32(w - I32(1)))
            sy = min(max(sy, I32(0)), I32(h - I32(1)))
            index[x] = U(I32(sy * row) + sx)


@njit(**FAST)
def _gather(out: UInt32Array, flat: UInt32Array, index: UInt32Array) -> None:
    for x in range(index.shape[0]):
        out[x] = flat[index[x]]


@njit(**FAST)
def _gather_both(left, right, flat, index):  # type: ignore[no-untyped-def]
    for x in range(index.shape[0]):
        i = index[x]
        left[x] = flat[i]
        right[x] = flat[U(i + U(1))]


@njit(**INLINE)
def _part(at):  # type: ignore[no-untyped-def]
    """How far right of or below its element a place lies, of 256."""
    return U(U(U(at) >> U(8)) & U(255))


@njit(**INLINE)
def _blend(first, second, part, rest_part):  # type: ignore[no-untyped-def]
    """Blend words of two bytes each, then their bytes; 4 fractional bits."""
    both = U(first * U(U(256) - part) + second * part)
    value = U(U(both & U(0xFFFF)) * U(U(256) - rest_part) + U(both >> U(16)) * rest_part)
    return I32(U(value >> U(12)))


@njit(**INLINE)
def _luma(quad, at_x, at_y):  # type: ignore[no-untyped-def]
    """Luma above black of a place, 4 fractional bits."""
    upper, lower = U(quad & _BYTES), U(U(quad >> U(8)) & _BYTES)
    return I32(_blend(upper, lower, _part(at_y), _part(at_x)) - I32(BLACK << 4))


@njit(**FAST)
def _luma_line(out, quad, step_x, step_y, at_x, at_y, columns, row, amplitude, salt):  # type: ignore[no-untyped-def]
    base = I32(I32(BLACK * 2 + 1) << I32(_VALUE_BITS - 1))
    sx, sy = I32(at_x), I32(at_y)
    for x in range(out.shape[0]):
        value = _luma(quad[x], sx, sy)
        sx, sy = I32(sx + step_x), I32(sy + step_y)
        value = I32(I32(I32(value * columns[x]) >> I32(9)) * row)
        value = I32(value + I32(salt[x]) * amplitude + base) >> I32(_VALUE_BITS)
        out[x] = np.uint8(min(max(I32(value), I32(BLACK)), I32(_WHITE)))


@njit(**FAST)
def _grain_line(out, quad, step_x, step_y, at_x, at_y, columns, row, grit, salt):  # type: ignore[no-untyped-def]
    base = I32(I32(BLACK * 2 + 1) << I32(_VALUE_BITS - 1))
    floor, slope = grit[2], grit[3]
    sx, sy = I32(at_x), I32(at_y)
    for x in range(out.shape[0]):
        value = _luma(quad[x], sx, sy)
        sx, sy = I32(sx + step_x), I32(sy + step_y)
        value = I32(I32(I32(value * columns[x]) >> I32(9)) * row)
        amplitude = I32(floor + I32(I32(I32(value >> I32(12)) * slope) >> I32(8)))
        value = I32(value + I32(salt[x]) * amplitude + base) >> I32(_VALUE_BITS)
        out[x] = np.uint8(min(max(I32(value), I32(BLACK)), I32(_WHITE)))


@njit(**FAST)
def _chroma_line(outs, sides, place, columns, row, turn, amplitude, salts):  # type: ignore[no-untyped-def]
    out_u, out_v = outs
    left, right = sides
    step_x, step_y, at_x, at_y = place
    uu, uv, vu, vv = turn
    salt_u, salt_v = salts
    base = I32(I32(GREY * 2 + 1) << I32(_VALUE_BITS - 1))
    sx, sy = I32(at_x), I32(at_y)
    for x in range(out_u.shape[0]):
        fx, fy = _part(sx), _part(sy)
        sx, sy = I32(sx + step_x), I32(sy + step_y)
        a, b = left[x], right[x]
        u = I32(_blend(U(a & _BYTES), U(b & _BYTES), fx, fy) - I32(GREY << 4))
        a, b = U(a >> U(8)), U(b >> U(8))
        v = I32(_blend(U(a & _BYTES), U(b & _BYTES), fx, fy) - I32(GREY << 4))
        u = I32(I32(I32(u * columns[x]) >> I32(9)) * row) >> I32(GAIN_BITS)
        v = I32(I32(I32(v * columns[x]) >> I32(9)) * row) >> I32(GAIN_BITS)
        first = I32(I32(uu * u + uv * v) + I32(salt_u[x]) * amplitude + base)
        second = I32(I32(vu * u + vv * v) + I32(salt_v[x]) * amplitude + base)
        out_u[x] = _colour(first)
        out_v[x] = _colour(second)


@njit(**INLINE)
def _colour(value):  # type: ignore[no-untyped-def]
    code = I32(value >> I32(_VALUE_BITS))
    return np.uint8(min(max(code, I32(BLACK)), I32(_COLOUR_TOP)))


@njit(**FAST)
def darken_lines(plane: UInt8Array, stride: int, rows: Int32Array, width: int) -> None:
    """Multiply luma rows by their gains: the scan lines that lie over finished pixels."""
    for r in range(rows.shape[0]):
        line = plane[r * stride : r * stride + width]
        gain = rows[r]
        if gain != I32(1 << GAIN_BITS):
            for x in range(width):
                value = I32(I32(I32(line[x]) - I32(BLACK)) * gain) >> I32(GAIN_BITS)
                line[x] = np.uint8(I32(value) + I32(BLACK))
