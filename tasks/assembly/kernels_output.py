"""The last pass: one geometric sample of packed planes into the encoder's planes.

Gain, vignette, hue, dark lines and noise are applied to the value that has just been sampled;
nothing of the film's full size is ever stored but the result. All of it is whole-number
arithmetic: half the instructions of float32, and the same bits everywhere. Positions carry 16
fractional bits, values 4, 7 and 19 as they pass the gains.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    Int8Array,
    Int32Array,
    U,
    UInt8Array,
    UInt32Array,
)

POSITION_BITS = 16
GAIN_BITS = 12
_VALUE_BITS = 19
NOISE_ROWS = 256
BLOCK_SAMPLES = 4
"""A mosaic block is the mean of so many samples either way."""
# Rows by which the chroma's noise is taken further down, so that it differs from the luma's.
_CHROMA_NOISE_ROW = 31
_BLACK, _WHITE, _GREY, _COLOUR_TOP = 16, 235, 128, 240


@njit(**FAST)
def sample_luma(
    out: UInt8Array,
    stride: int,
    quads: UInt32Array,
    affine: Int32Array,
    columns: Int32Array,
    rows: Int32Array,
    noise: Int8Array,
    grit: Int32Array,
) -> None:
    """Sample luma quads into a plane of bytes.

    Args:
        out: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        quads: Shape (h, w).
        affine: Output pixel to quad position: x' = a0 x + a1 y + a2, y' = a3 x + a4 y + a5.
        columns: Gain of each column; its length is the picture's width.
        rows: Gain of each row; its length is the picture's height.
        noise: `NOISE_ROWS` rows, as wide as the picture and `grit[1]` more.
        grit: Row and column where this frame starts in `noise`, amplitude in black, growth of
            the amplitude towards white.
    """
    h, w = quads.shape
    flat = quads.reshape(-1)
    width = columns.shape[0]
    index = np.empty(width, np.uint32)
    quad = np.empty(width, np.uint32)
    step_x, step_y = affine[0], affine[3]
    for r in range(rows.shape[0]):
        at_x = I32(affine[1] * I32(r) + affine[2])
        at_y = I32(affine[4] * I32(r) + affine[5])
        _positions(index, step_x, step_y, at_x, at_y, I32(w), I32(h))
        _gather(quad, flat, index)
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
    u_quads: UInt32Array,
    v_quads: UInt32Array,
    affine: Int32Array,
    columns: Int32Array,
    rows: Int32Array,
    turn: Int32Array,
    noise: Int8Array,
    grit: Int32Array,
) -> None:
    """Sample both chroma planes; as `sample_luma`, with one set of positions for the two.

    `turn` is the 2 x 2 matrix uu, uv, vu, vv of saturation and hue, as gains.
    """
    h, w = u_quads.shape
    flat_u, flat_v = u_quads.reshape(-1), v_quads.reshape(-1)
    width = columns.shape[0]
    index = np.empty(width, np.uint32)
    quad = np.empty(width, np.uint32)
    u_line = np.empty(width, np.int32)
    v_line = np.empty(width, np.int32)
    step_x, step_y = affine[0], affine[3]
    for r in range(rows.shape[0]):
        at_x = I32(affine[1] * I32(r) + affine[2])
        at_y = I32(affine[4] * I32(r) + affine[5])
        _positions(index, step_x, step_y, at_x, at_y, I32(w), I32(h))
        _gather(quad, flat_u, index)
        _chroma_line(u_line, quad, step_x, step_y, at_x, at_y, columns, rows[r])
        _gather(quad, flat_v, index)
        _chroma_line(v_line, quad, step_x, step_y, at_x, at_y, columns, rows[r])
        salt = noise[(grit[0] + _CHROMA_NOISE_ROW + r) % NOISE_ROWS][grit[1] :]
        a = r * stride
        _turn_line(out_u[a : a + width], u_line, v_line, turn[0], turn[1], grit[2], salt)
        _turn_line(out_v[a : a + width], u_line, v_line, turn[2], turn[3], grit[2], salt[11:])


@njit(**FAST)
def _positions(index, step_x, step_y, at_x, at_y, w, h):  # type: ignore[no-untyped-def]
    """Quad index of every pixel of a row; held inside only where the row would leave."""
    end_x = I32(at_x + step_x * I32(index.shape[0] - 1))
    end_y = I32(at_y + step_y * I32(index.shape[0] - 1))
    low_x, top_x = min(at_x, end_x), max(at_x, end_x) >> I32(POSITION_BITS)
    low_y, top_y = min(at_y, end_y), max(at_y, end_y) >> I32(POSITION_BITS)
    if low_x >= 0 and low_y >= 0 and top_x < w and top_y < h:
        for x in range(index.shape[0]):
            sx = I32(I32(x) * step_x + at_x)
            sy = I32(I32(x) * step_y + at_y)
            index[x] = U(I32((sy >> I32(POSITION_BITS)) * w) + (sx >> I32(POSITION_BITS)))
    else:
        for x in range(index.shape[0]):
            sx = I32(I32(I32(x) * step_x + at_x) >> I32(POSITION_BITS))
            sy = I32(I32(I32(x) * step_y + at_y) >> I32(POSITION_BITS))
            sx = min(max(sx, I32(0)), I32(w - I32(1)))
            sy = min(max(sy, I32(0)), I32(h - I32(1)))
            index[x] = U(I32(sy * w) + sx)


@njit(**FAST)
def _gather(out: UInt32Array, flat: UInt32Array, index: UInt32Array) -> None:
    for x in range(index.shape[0]):
        out[x] = flat[index[x]]


@njit(forceinline=True, **FAST)
def _bilinear(q, x, step_x, step_y, at_x, at_y):  # type: ignore[no-untyped-def]
    """Blend the four bytes of a quad, two at a time in one word; 4 fractional bits."""
    fx = U(U(U(I32(I32(x) * step_x + at_x)) >> U(8)) & U(255))
    fy = U(U(U(I32(I32(x) * step_y + at_y)) >> U(8)) & U(255))
    left, right = U(q & U(0x00FF00FF)), U(U(q >> U(8)) & U(0x00FF00FF))
    both = U(left * U(U(256) - fx) + right * fx)
    value = U(U(both & U(0xFFFF)) * U(U(256) - fy) + U(both >> U(16)) * fy)
    return I32(U(value >> U(12)))


@njit(**FAST)
def _luma_line(out, quad, step_x, step_y, at_x, at_y, columns, row, amplitude, salt):  # type: ignore[no-untyped-def]
    base = I32(I32(_BLACK * 2 + 1) << I32(_VALUE_BITS - 1))
    for x in range(out.shape[0]):
        value = I32(_bilinear(quad[x], x, step_x, step_y, at_x, at_y) - I32(_BLACK << 4))
        value = I32(I32(I32(value * columns[x]) >> I32(9)) * row)
        value = I32(value + I32(salt[x]) * amplitude + base) >> I32(_VALUE_BITS)
        out[x] = np.uint8(min(max(I32(value), I32(_BLACK)), I32(_WHITE)))


@njit(**FAST)
def _grain_line(out, quad, step_x, step_y, at_x, at_y, columns, row, grit, salt):  # type: ignore[no-untyped-def]
    base = I32(I32(_BLACK * 2 + 1) << I32(_VALUE_BITS - 1))
    floor, slope = grit[2], grit[3]
    for x in range(out.shape[0]):
        value = I32(_bilinear(quad[x], x, step_x, step_y, at_x, at_y) - I32(_BLACK << 4))
        value = I32(I32(I32(value * columns[x]) >> I32(9)) * row)
        amplitude = I32(floor + I32(I32(I32(value >> I32(12)) * slope) >> I32(8)))
        value = I32(value + I32(salt[x]) * amplitude + base) >> I32(_VALUE_BITS)
        out[x] = np.uint8(min(max(I32(value), I32(_BLACK)), I32(_WHITE)))


@njit(**FAST)
def _chroma_line(out, quad, step_x, step_y, at_x, at_y, columns, row):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        value = I32(_bilinear(quad[x], x, step_x, step_y, at_x, at_y) - I32(_GREY << 4))
        out[x] = I32(I32(I32(I32(value * columns[x]) >> I32(9)) * row) >> I32(GAIN_BITS))


@njit(**FAST)
def _turn_line(out, u, v, from_u, from_v, amplitude, salt):  # type: ignore[no-untyped-def]
    base = I32(I32(_GREY * 2 + 1) << I32(_VALUE_BITS - 1))
    for x in range(out.shape[0]):
        value = I32(from_u * u[x] + from_v * v[x])
        value = I32(value + I32(salt[x]) * amplitude + base) >> I32(_VALUE_BITS)
        out[x] = np.uint8(min(max(I32(value), I32(_BLACK)), I32(_COLOUR_TOP)))


@njit(**FAST)
def fill_blocks(
    plane: UInt8Array,
    stride: int,
    width: int,
    height: int,
    samples: UInt8Array,
    block: int,
    start: tuple[int, int],
) -> None:
    """Fill a plane with blocks of one value each.

    Args:
        plane: Written; flat, rows `stride` apart.
        stride: Bytes from row to row.
        width: Pixels a row.
        height: Rows.
        samples: `BLOCK_SAMPLES` values either way of each block, shape (rows, columns).
        block: Side of a block.
        start: Column and row of the first block's corner, 0 or less.
    """
    rows, columns = samples.shape[0] // BLOCK_SAMPLES, samples.shape[1] // BLOCK_SAMPLES
    start_x, start_y = start
    for j in range(rows):
        y0, y1 = max(start_y + j * block, 0), min(start_y + (j + 1) * block, height)
        if y1 <= y0:
            continue
        first = plane[y0 * stride : y0 * stride + width]
        for i in range(columns):
            x0, x1 = max(start_x + i * block, 0), min(start_x + (i + 1) * block, width)
            mean = _block_mean(samples, j * BLOCK_SAMPLES, i * BLOCK_SAMPLES)
            for x in range(x0, x1):
                first[x] = mean
        for y in range(y0 + 1, y1):
            _copy_bytes(plane[y * stride : y * stride + width], first)


@njit(**FAST)
def _block_mean(samples, top, left):  # type: ignore[no-untyped-def]
    total = I32(BLOCK_SAMPLES * BLOCK_SAMPLES // 2)
    for y in range(top, top + BLOCK_SAMPLES):
        for x in range(left, left + BLOCK_SAMPLES):
            total += I32(samples[y, x])
    return np.uint8(total // I32(BLOCK_SAMPLES * BLOCK_SAMPLES))


@njit(**FAST)
def _copy_bytes(out: UInt8Array, line: UInt8Array) -> None:
    for x in range(out.shape[0]):
        out[x] = line[x]


@njit(**FAST)
def darken_lines(plane: UInt8Array, stride: int, rows: Int32Array, width: int) -> None:
    """Multiply luma rows by their gains: the scan lines that lie over finished pixels."""
    for r in range(rows.shape[0]):
        line = plane[r * stride : r * stride + width]
        gain = rows[r]
        if gain != I32(1 << GAIN_BITS):
            for x in range(width):
                value = I32(I32(I32(line[x]) - I32(_BLACK)) * gain) >> I32(GAIN_BITS)
                line[x] = np.uint8(I32(value) + I32(_BLACK))
