"""From the planes of a codec to the working picture, float32 RGB, with the grade on the way.

The usual grade is two small tables. Luma goes through one entry a code; chroma is graded at its
own half size, by the light around it, through a table with nodes every 16 codes of luma and 8 of
chroma. It is then widened and added to luma, so that a whole grade costs little more than plain
decoding. A film with a LUT needs the light that comes out to depend on chroma too: then one table
from the three codes to RGB, nodes every 8 codes, is sampled at every pixel.

Tables are sampled by tetrahedra: of the eight nodes around a place the four that are passed on
the way from the lowest to the highest, the largest step first, so that a table that holds a linear
map gives that map exactly.

Source: J. Kasson, S. Nin, W. Plouffe and J. Hafner, Performing color space conversions with
three-dimensional linear interpolation, Journal of Electronic Imaging 4(3), 1995.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    F,
    FloatArray,
    Int32Array,
    U,
    UInt8Array,
    clamp,
)

LUMA_NODES, CHROMA_NODES = 17, 33
"""Nodes of the chroma table, at luma codes 0, 16, … 256 and at chroma codes 0, 8, … 256: skin is a
small place in it."""
WHITE_NODES, WHITE_SHARE = (14, 15), 11.0 / 16.0
"""Luma nodes around white, and how far it lies from the one to the other."""
RGB_NODES = 33
"""Nodes of the RGB table along each axis, at codes 0, 8, … 256."""

BLUE_SPAN, RED_SPAN = 1.8556, 1.5748
"""Blue and red of BT.709 against their difference signals."""
_GREEN_BLUE = -0.0722 * BLUE_SPAN / 0.7152
_GREEN_RED = -0.2126 * RED_SPAN / 0.7152


@njit(**FAST)
def decode_graded(
    rgb: FloatArray,
    y: UInt8Array,
    y_stride: int,
    u: UInt8Array,
    v: UInt8Array,
    c_stride: int,
    tone: FloatArray,
    chroma: FloatArray,
) -> None:
    """Decode planes into RGB, graded.

    Args:
        rgb: Written, shape (3, h, w), 0..1.
        y: Luma bytes, flat, rows `y_stride` apart.
        y_stride: Bytes from row to row.
        u: Blue-difference bytes at half size, flat, sited left.
        v: Red-difference bytes, likewise.
        c_stride: Bytes from row to row of u and v.
        tone: Shape (256,): luma 0..1 of each code.
        chroma: Shape (2, 17 * 33 * 33): difference signals -0.5..0.5, blue's and red's, by the
            nodes of luma, u and v in turn.
    """
    _, h, w = rgb.shape
    c_h, c_w = (h + 1) // 2, (w + 1) // 2
    # Rows of graded chroma: the one above, the one at hand, the one below.
    rows_u = np.empty((3, c_w), np.float32)
    rows_v = np.empty((3, c_w), np.float32)
    row_u = np.empty(c_w + 1, np.float32)
    row_v = np.empty(c_w + 1, np.float32)
    wide_u = np.empty(2 * c_w, np.float32)
    wide_v = np.empty(2 * c_w, np.float32)
    light = np.empty(w, np.float32)
    codes = np.empty((3, c_w), np.int32)
    nodes = np.empty((3, c_w), np.uint32)
    weights = np.empty((4, c_w), np.float32)
    far_node = CHROMA_NODES * CHROMA_NODES + CHROMA_NODES + 1
    ready = 0
    for r in range(h):
        near = r >> 1
        far = min(max(near - 1 + 2 * (r & 1), 0), c_h - 1)
        while ready <= max(near, far):
            a = min(2 * ready, h - 1) * y_stride
            b = min(2 * ready + 1, h - 1) * y_stride
            _mean_luma(codes[0], y[a : a + w], y[b : b + w])
            c = ready * c_stride
            _halves(codes[1], u[c : c + c_w])
            _halves(codes[2], v[c : c + c_w])
            _find_nodes(nodes, weights, codes[0], codes[1], codes[2], 4, CHROMA_NODES)
            _sample(rows_u[ready % 3], nodes, weights, chroma[0], far_node)
            _sample(rows_v[ready % 3], nodes, weights, chroma[1], far_node)
            ready += 1
        _blend_rows(row_u, rows_u[near % 3], rows_u[far % 3])
        _blend_rows(row_v, rows_v[near % 3], rows_v[far % 3])
        _widen(wide_u, row_u)
        _widen(wide_v, row_v)
        _look_up(light, y[r * y_stride : r * y_stride + w], tone)
        _add_one(rgb[0, r], light, wide_v, F(RED_SPAN))
        _add_two(rgb[1, r], light, wide_u, wide_v)
        _add_one(rgb[2, r], light, wide_u, F(BLUE_SPAN))


@njit(**FAST)
def decode_by_table(
    rgb: FloatArray,
    y: UInt8Array,
    y_stride: int,
    u: UInt8Array,
    v: UInt8Array,
    c_stride: int,
    table: FloatArray,
) -> None:
    """Decode planes into RGB through a table of colours.

    Args:
        rgb: Written, shape (3, h, w), 0..1.
        y: Luma bytes, flat, rows `y_stride` apart.
        y_stride: Bytes from row to row.
        u: Blue-difference bytes at half size, flat, sited left.
        v: Red-difference bytes, likewise.
        c_stride: Bytes from row to row of u and v.
        table: Shape (3, 33 * 33 * 33): RGB by the nodes of luma, u and v in turn; 0..1
            is shown, what lies outside is clamped.
    """
    _, h, w = rgb.shape
    c_h, c_w = (h + 1) // 2, (w + 1) // 2
    row_u = np.empty(c_w + 1, np.int32)
    row_v = np.empty(c_w + 1, np.int32)
    wide_u = np.empty(2 * c_w, np.int32)
    wide_v = np.empty(2 * c_w, np.int32)
    light = np.empty(w, np.int32)
    nodes = np.empty((3, w), np.uint32)
    weights = np.empty((4, w), np.float32)
    far_node = RGB_NODES * RGB_NODES + RGB_NODES + 1
    for r in range(h):
        near = r >> 1
        far = min(max(near - 1 + 2 * (r & 1), 0), c_h - 1)
        a, b = near * c_stride, far * c_stride
        _blend_codes(row_u, u[a : a + c_w], u[b : b + c_w])
        _blend_codes(row_v, v[a : a + c_w], v[b : b + c_w])
        _widen_codes(wide_u, row_u)
        _widen_codes(wide_v, row_v)
        _luma_codes(light, y[r * y_stride : r * y_stride + w])
        _find_nodes(nodes, weights, light, wide_u, wide_v, 6, RGB_NODES)
        for c in range(3):
            _sample(rgb[c, r], nodes, weights, table[c], far_node)
            _hold(rgb[c, r])


@njit(**FAST)
def _mean_luma(out: Int32Array, upper: UInt8Array, lower: UInt8Array) -> None:
    """Mean luma code over each chroma sample."""
    w = upper.shape[0]
    for x in range(w // 2):
        total = I32(upper[2 * x]) + I32(upper[2 * x + 1])
        total += I32(lower[2 * x]) + I32(lower[2 * x + 1])
        out[x] = (total + 2) >> 2
    if w & 1:
        out[w // 2] = (I32(upper[w - 1]) + I32(lower[w - 1]) + 1) >> 1


@njit(**FAST)
def _luma_codes(out: Int32Array, codes: UInt8Array) -> None:
    """Eighths of codes."""
    for x in range(out.shape[0]):
        out[x] = I32(codes[x]) << 3


@njit(**FAST)
def _halves(out: Int32Array, codes: UInt8Array) -> None:
    """Halves of codes."""
    for x in range(out.shape[0]):
        out[x] = I32(codes[x]) << 1


@njit(**FAST)
def _find_nodes(nodes, weights, y, u, v, bits, across):  # type: ignore[no-untyped-def]
    """Four nodes of the tetrahedron around each place, and their shares.

    A place is given in steps of 1 / 2**bits of the way from node to node; `across` is the number
    of nodes along an axis. Selections instead of branches: the whole loop is vector code.
    """
    size = I32(1 << bits)
    unit = F(F(1.0) / F(size))
    low_bits = size - I32(1)
    step_a, step_b, step_c = I32(across * across), I32(across), I32(1)
    for x in range(y.shape[0]):
        a, b, c = y[x] & low_bits, u[x] & low_bits, v[x] & low_bits
        base = (y[x] >> bits) * step_a + (u[x] >> bits) * step_b + (v[x] >> bits)
        high, low = max(max(a, b), c), min(min(a, b), c)
        middle = a + b + c - high - low
        first = step_a if a == high else (step_b if b == high else step_c)
        last = step_c if c == low else (step_b if b == low else step_a)
        nodes[0, x] = U(base)
        nodes[1, x] = U(base + first)
        nodes[2, x] = U(base + step_a + step_b + step_c - last)
        weights[0, x] = F(F(size - high) * unit)
        weights[1, x] = F(F(high - middle) * unit)
        weights[2, x] = F(F(middle - low) * unit)
        weights[3, x] = F(F(low) * unit)


@njit(**FAST)
def _sample(out, nodes, weights, table, far):  # type: ignore[no-untyped-def]
    n0, n1, n2 = nodes[0], nodes[1], nodes[2]
    w0, w1, w2, w3 = weights[0], weights[1], weights[2], weights[3]
    step = U(far)
    for x in range(out.shape[0]):
        begin = F(w0[x] * table[n0[x]] + w1[x] * table[n1[x]])
        out[x] = F(begin + F(w2[x] * table[n2[x]] + w3[x] * table[U(n0[x] + step)]))


@njit(**FAST)
def _hold(row: FloatArray) -> None:
    for x in range(row.shape[0]):
        row[x] = clamp(row[x], F(0), F(1))


@njit(**FAST)
def _blend_rows(out: FloatArray, near: FloatArray, far: FloatArray) -> None:
    w = near.shape[0]
    for x in range(w):
        out[x] = F(F(0.75) * near[x] + F(0.25) * far[x])
    out[w] = out[w - 1]


@njit(**FAST)
def _widen(out: FloatArray, row: FloatArray) -> None:
    for x in range(row.shape[0] - 1):
        out[2 * x] = row[x]
        out[2 * x + 1] = F(F(0.5) * (row[x] + row[x + 1]))


@njit(**FAST)
def _blend_codes(out: Int32Array, near: UInt8Array, far: UInt8Array) -> None:
    """Quarters of codes between two rows."""
    w = near.shape[0]
    for x in range(w):
        out[x] = 3 * I32(near[x]) + I32(far[x])
    out[w] = out[w - 1]


@njit(**FAST)
def _widen_codes(out: Int32Array, row: Int32Array) -> None:
    """Eighths of codes between two columns."""
    for x in range(row.shape[0] - 1):
        out[2 * x] = 2 * row[x]
        out[2 * x + 1] = row[x] + row[x + 1]


@njit(**FAST)
def _look_up(out: FloatArray, codes: UInt8Array, tone: FloatArray) -> None:
    for x in range(out.shape[0]):
        out[x] = tone[codes[x]]


@njit(**FAST)
def _add_one(out, light, difference, span):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        out[x] = clamp(F(light[x] + span * difference[x]), F(0), F(1))


@njit(**FAST)
def _add_two(out, light, u, v):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        mixed = F(F(_GREEN_BLUE) * u[x] + F(_GREEN_RED) * v[x])
        out[x] = clamp(F(light[x] + mixed), F(0), F(1))
