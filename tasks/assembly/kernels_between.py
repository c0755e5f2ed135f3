"""Kernels that paint the picture between two pictures, in whole numbers: mixed, or moved."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, INLINE, Int32Array, U, UInt8Array, UInt32Array
from tasks.assembly.kernels_motion import BLOCK, SUBPIXEL, WEIGHT


@njit(**FAST)
def blend_planes(out: UInt8Array, a: UInt8Array, b: UInt8Array, share: int) -> None:
    """Mix two planes: `share` of `WEIGHT` is the later one's."""
    for y in range(out.shape[0]):
        _blend_row(out[y], a[y], b[y], I32(share))


@njit(**FAST)
def _blend_row(out, a, b, share):  # type: ignore[no-untyped-def]
    rest = I32(I32(WEIGHT) - share)
    for x in range(out.shape[0]):
        out[x] = np.uint8(I32(I32(a[x]) * rest + I32(b[x]) * share + I32(128)) >> I32(8))


@njit(**FAST)
def pack_quads(quads: UInt32Array, plane: UInt8Array) -> None:
    """Put each pixel and its right, lower and lower right neighbours into one number."""
    h = plane.shape[0]
    for y in range(h):
        _pack_row(quads[y], plane[y], plane[min(y + 1, h - 1)])


@njit(**FAST)
def _pack_row(out: UInt32Array, upper: UInt8Array, lower: UInt8Array) -> None:
    last = out.shape[0] - 1
    for x in range(last):
        top = U(U(upper[x]) | U(U(upper[x + 1]) << U(8)))
        low = U(U(lower[x]) | U(U(lower[x + 1]) << U(8)))
        out[x] = U(top | U(low << U(16)))
    out[last] = U(U(upper[last]) * U(0x101) | U(U(lower[last]) * U(0x1010000)))


@njit(**FAST)
def move_planes(
    out: UInt8Array,
    a: UInt32Array,
    b: UInt32Array,
    field: Int32Array,
    trust: Int32Array,
    share: int,
    block: int,
) -> None:
    """Paint the picture in between along the motion.

    Both pictures are moved to the time in between. Where they agree, they make the picture; where
    they do not, the plain mix holds it between them (a median); where a block's motion is not to
    be trusted, the mix takes over. What one picture does not show, the other gives alone.

    Args:
        out: Written, shape (h, w).
        a: The earlier plane as quads.
        b: The later one.
        field: Vectors of blocks in `SUBPIXEL` steps of the full picture.
        trust: Weight of each block's motion.
        share: Time after the earlier picture, of `WEIGHT`.
        block: Side of a block in this plane: `BLOCK`, or half of it for chroma.

    Source: the median of moved and unmoved pictures: O. Ojo and G. de Haan, Robust
        motion-compensated video upconversion, IEEE Trans. Consumer Electronics 43(4), 1997.
    """
    h, w = out.shape
    rows, columns, _ = field.shape
    flat_a, flat_b = a.ravel(), b.ravel()
    lines = np.empty((3, columns + 2), np.int32)
    wide = np.empty((3, (columns + 1) * block), np.int32)
    index = np.empty((2, w), np.uint32)
    parts = np.empty((2, w), np.int32)
    quads = np.empty((2, w), np.uint32)
    whole = 2 * block
    # Ramps make sums of SUBPIXEL * whole * whole * (BLOCK // block) a pixel of this plane.
    shift = 0
    while (1 << shift) < SUBPIXEL * whole * whole * (BLOCK // block):
        shift += 1
    for y in range(h):
        at = 2 * y + 1 - block
        above = at // whole
        part = I32(at - above * whole)
        j0, j1 = min(max(above, 0), rows - 1), min(max(above + 1, 0), rows - 1)
        mix_blocks(lines[0], field[j0, :, 0], field[j1, :, 0], part, whole)
        mix_blocks(lines[1], field[j0, :, 1], field[j1, :, 1], part, whole)
        mix_blocks(lines[2], trust[j0], trust[j1], part, whole)
        for c in range(3):
            ramp(wide[c], lines[c], block)
        skip = block // 2
        vx, vy, sure = wide[0, skip:], wide[1, skip:], wide[2, skip:]
        _find_pixels(index[0], parts[0], vx, vy, -share, y, h, w, shift)
        _find_pixels(index[1], parts[1], vx, vy, WEIGHT - share, y, h, w, shift)
        _fetch(quads[0], flat_a, index[0])
        _fetch(quads[1], flat_b, index[1])
        _join(out[y], a[y], b[y], quads, parts, sure, I32(share), I32(whole * whole))


@njit(**FAST)
def mix_blocks(out, upper, lower, part, whole):  # type: ignore[no-untyped-def]
    """A row of blocks between two, with one more at either end."""
    columns = upper.shape[0]
    rest = I32(I32(whole) - part)
    for i in range(columns):
        out[i + 1] = I32(upper[i]) * rest + I32(lower[i]) * part
    out[0], out[columns + 1] = out[1], out[columns]


@njit(**FAST)
def ramp(out: Int32Array, line: Int32Array, block: int) -> None:
    """Go from block to block in a straight line, pixel by pixel, from the first one's middle."""
    whole = I32(2 * block)
    for i in range(line.shape[0] - 1):
        p, q = I32(line[i]), I32(line[i + 1])
        span = out[i * block : (i + 1) * block]
        for k in range(block):
            part = I32(I32(2) * I32(k) + I32(1))
            span[k] = I32(p * I32(whole - part) + q * part)


@njit(**FAST)
def _find_pixels(index, parts, vx, vy, share, y, h, w, shift):  # type: ignore[no-untyped-def]
    """Where a row's pixels come from: quad, sixteenths, and whether that lies in the picture."""
    time, cut = I32(share), I32(shift + 4)
    half = I32(I32(1) << I32(cut - I32(1)))
    last_x, last_y = I32(16 * (w - 1)), I32(16 * (h - 1))
    row, across = I32(16 * y), I32(w)
    for x in range(w):
        to_x = I32(I32(16) * I32(x) + I32(I32(vx[x] * time + half) >> cut))
        to_y = I32(row + I32(I32(vy[x] * time + half) >> cut))
        at_x = I32(min(max(to_x, I32(0)), last_x))
        at_y = I32(min(max(to_y, I32(0)), last_y))
        index[x] = U(I32(I32(at_y >> I32(4)) * across) + I32(at_x >> I32(4)))
        outside = I32(I32(at_x ^ to_x) | I32(at_y ^ to_y))
        flag = I32(256) if outside != I32(0) else I32(0)
        parts[x] = I32(I32(at_x & I32(15)) | I32(I32(at_y & I32(15)) << I32(4))) | flag


@njit(**FAST)
def _fetch(out: UInt32Array, flat: UInt32Array, index: UInt32Array) -> None:
    for x in range(index.shape[0]):
        out[x] = flat[index[x]]


@njit(**INLINE)
def _between(quad, part):  # type: ignore[no-untyped-def]
    """Blend the four bytes of a quad, two at a time; sixteen times the value, rounded down."""
    fx, fy = U(U(part) & U(15)), U(U(U(part) >> U(4)) & U(15))
    left, right = U(quad & U(0x00FF00FF)), U(U(quad >> U(8)) & U(0x00FF00FF))
    both = U(left * U(U(16) - fx) + right * fx)
    value = U(U(both & U(0xFFFF)) * U(U(16) - fy) + U(both >> U(16)) * fy)
    return I32(U(value >> U(4)))


@njit(**FAST)
def _join(out, a, b, quads, parts, sure, share, unit):  # type: ignore[no-untyped-def]
    rest = I32(I32(WEIGHT) - share)
    for x in range(out.shape[0]):
        p, q = _between(quads[0, x], parts[0, x]), _between(quads[1, x], parts[1, x])
        first, second = p, q
        if parts[0, x] > I32(255):
            first = q
        if parts[1, x] > I32(255):
            second = p
        plain = I32(I32(U(a[x]) & U(255)) * rest + I32(U(b[x]) & U(255)) * share)
        mixed = I32(plain >> I32(4))
        moved = I32(min(max(mixed, min(first, second)), max(first, second)))
        weight = I32(sure[x]) // unit
        value = I32(mixed * I32(WEIGHT) + I32(moved - mixed) * weight + I32(2048)) >> I32(12)
        out[x] = np.uint8(value)
