"""From the working picture, float32 RGB of shape (3, height, width), back to planes, packed.

BT.709, limited range; `kernels_grade` has the way here. Packing makes *pairs*: every element
of a packed plane holds a pixel and the one below it, and rows have one element more than pixels,
so that an element and its right neighbour are all that a bilinear sample takes. An element of
luma has two bytes, the upper pixel first; one of chroma has four: u and v, then u and v below.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    U16,
    F,
    FloatArray,
    Int8Array,
    U,
    UInt8Array,
    UInt16Array,
    UInt32Array,
    clamp,
)

# Weights of the Keys cubic with a = -3/4 (a little crisper than Catmull-Rom) at a quarter of the
# way between the two middle taps: what doubling needs.
_NEAR, _FAR = 0.87890625, 0.26171875
_NEAR_SIDE, _FAR_SIDE = -0.10546875, -0.03515625
# Half a code value of noise either way hides quantisation steps.
_DITHER = 0.5 / 127.0


@njit(**FAST)
def rgb_to_ycc(luma: FloatArray, chroma: UInt32Array, rgb: FloatArray, noise: Int8Array) -> None:
    """Encode RGB as float luma codes and packed chroma, all at the size of `rgb`.

    Args:
        luma: Written, shape (h, w), code values 16..235 unrounded.
        chroma: Written, shape (h, w + 1).
        rgb: Shape (3, h, w), 0..1.
        noise: Rows of dither; one that is shorter than w + 7 goes on with the next.
    """
    _, h, w = rgb.shape
    rows = np.zeros((2, w + 1), np.uint16)
    for r in range(h):
        red, blue = rgb[0, r], rgb[2, r]
        line = luma[r]
        _luma_row(line, red, rgb[1, r], blue)
        grit, row = noise[r & 63], rows[r & 1]
        _chroma_row(row, red, blue, line, grit, grit[7:])
        if r > 0:
            _pair_chroma(chroma[r - 1], rows[(r - 1) & 1], row)
    last = rows[(h - 1) & 1]
    _pair_chroma(chroma[h - 1], last, last)


@njit(**FAST)
def _luma_row(out: FloatArray, r: FloatArray, g: FloatArray, b: FloatArray) -> None:
    for x in range(out.shape[0]):
        value = F(F(0.2126) * r[x] + F(0.7152) * g[x] + F(0.0722) * b[x])
        out[x] = F(value * F(219) + F(16))


@njit(**FAST)
def _chroma_row(out, red, blue, luma, grit_u, grit_v):  # type: ignore[no-untyped-def]
    """Write u in the low byte and v in the high one."""
    w = luma.shape[0]
    for x in range(w):
        y = F((luma[x] - F(16)) * F(1.0 / 219.0))
        u = F((blue[x] - y) * F(224.0 / 1.8556) + F(128.5) + F(grit_u[x]) * F(_DITHER))
        v = F((red[x] - y) * F(224.0 / 1.5748) + F(128.5) + F(grit_v[x]) * F(_DITHER))
        out[x] = U16(U16(I32(u)) | U16(U16(I32(v)) << U16(8)))
    out[w] = out[w - 1]


@njit(**FAST)
def _pair_chroma(out: UInt32Array, upper: UInt16Array, lower: UInt16Array) -> None:
    for x in range(out.shape[0]):
        out[x] = U(U(upper[x]) | U(U(lower[x]) << U(16)))


@njit(**FAST)
def _pair_luma(out: UInt16Array, upper: UInt8Array, lower: UInt8Array) -> None:
    for x in range(out.shape[0]):
        out[x] = U16(U16(upper[x]) | U16(U16(lower[x]) << U16(8)))


@njit(**FAST)
def pack_luma(pairs: UInt16Array, luma: FloatArray, noise: Int8Array) -> None:
    """Round luma codes and pack them at their size; short rows of `noise` go on with the next."""
    h, w = luma.shape
    rows = np.zeros((2, w + 1), np.uint8)
    for r in range(h):
        row = rows[r & 1]
        _round_row(row, luma[r], noise[r & 63])
        if r > 0:
            _pair_luma(pairs[r - 1], rows[(r - 1) & 1], row)
    last = rows[(h - 1) & 1]
    _pair_luma(pairs[h - 1], last, last)


@njit(**FAST)
def _round_row(out: UInt8Array, row: FloatArray, grit: Int8Array) -> None:
    w = row.shape[0]
    for x in range(w):
        out[x] = np.uint8(I32(F(row[x] + F(0.5) + F(grit[x]) * F(_DITHER))))
    out[w] = out[w - 1]


@njit(**FAST)
def pack_luma_doubled(pairs: UInt16Array, luma: FloatArray, noise: Int8Array) -> None:
    """Double luma by a cubic and pack it.

    Args:
        pairs: Written, shape (2 h, 2 w + 1).
        luma: Code values, shape (h, w).
        noise: Rows of dither; one that is shorter than 2 w goes on with the next.
    """
    h, w = luma.shape
    rows = np.zeros((2, 2 * w + 1), np.uint8)
    middle = np.empty(w + 4, np.float32)
    for r in range(2 * h):
        near = r >> 1
        step = 2 * (r & 1) - 1
        _cubic_rows(
            middle,
            luma[min(max(near - step, 0), h - 1)],
            luma[near],
            luma[min(max(near + step, 0), h - 1)],
            luma[min(max(near + 2 * step, 0), h - 1)],
        )
        row = rows[r & 1]
        _double_row(row, middle, noise[r & 63])
        if r > 0:
            _pair_luma(pairs[r - 1], rows[(r - 1) & 1], row)
    last = rows[(2 * h - 1) & 1]
    _pair_luma(pairs[2 * h - 1], last, last)


@njit(**FAST)
def _cubic_rows(out, side, near, far, far_side):  # type: ignore[no-untyped-def]
    w = near.shape[0]
    inner = out[2 : w + 2]
    for x in range(w):
        inner[x] = F(
            F(_NEAR_SIDE) * side[x]
            + F(_NEAR) * near[x]
            + F(_FAR) * far[x]
            + F(_FAR_SIDE) * far_side[x]
        )
    out[0] = out[1] = out[2]
    out[w + 2] = out[w + 3] = out[w + 1]


@njit(**FAST)
def _double_row(out: UInt8Array, row: FloatArray, grit: Int8Array) -> None:
    w = row.shape[0] - 4
    for x in range(w):
        a, b, c, d, e = row[x], row[x + 1], row[x + 2], row[x + 3], row[x + 4]
        left = F(F(_FAR_SIDE) * a + F(_FAR) * b + F(_NEAR) * c + F(_NEAR_SIDE) * d)
        right = F(F(_NEAR_SIDE) * b + F(_NEAR) * c + F(_FAR) * d + F(_FAR_SIDE) * e)
        left = F(left + F(0.5) + F(grit[2 * x]) * F(_DITHER))
        right = F(right + F(0.5) + F(grit[2 * x + 1]) * F(_DITHER))
        out[2 * x] = np.uint8(I32(clamp(left, F(0), F(255))))
        out[2 * x + 1] = np.uint8(I32(clamp(right, F(0), F(255))))
    out[2 * w] = out[2 * w - 1]
