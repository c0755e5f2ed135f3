"""Kernels that spread light at the source's size: scaling about the middle, Gaussian, bloom."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    F,
    FloatArray,
    U,
    UInt32Array,
    clamp,
    gather_pairs,
    lerp_rows,
    share_row,
)


@njit(**FAST)
def scale_plane(out: FloatArray, plane: FloatArray, scale: float, share: float) -> None:
    """Blend a plane with itself scaled about its middle.

    Args:
        out: Written, shape (h, w); not `plane`.
        plane: Shape (h, w); beyond its border it goes on with its border.
        scale: Step from pixel to pixel: below 1 magnifies.
        share: Weight of the scaled picture; the rest is the plane itself.
    """
    h, w = plane.shape
    index = np.empty(w, np.uint32)
    part = np.empty(w, np.float32)
    row = np.empty(w, np.float32)
    left = np.empty(w, np.float32)
    right = np.empty(w, np.float32)
    _scaled_positions(index, part, scale)
    middle = F(F(h - 1) * F(0.5))
    for y in range(h):
        at = clamp(F((F(y) - middle) * scale + middle), F(0), F(F(h) - F(1.001)))
        j = I32(at)
        lerp_rows(row, plane[j], plane[min(j + 1, h - 1)], F(at - F(j)))
        gather_pairs(left, right, row, index)
        share_row(out[y], plane[y], left, right, part, share)


@njit(**FAST)
def _scaled_positions(index: UInt32Array, part: FloatArray, scale: float) -> None:
    w = index.shape[0]
    middle = F(F(w - 1) * F(0.5))
    for x in range(w):
        at = clamp(F((F(x) - middle) * scale + middle), F(0), F(F(w) - F(1.001)))
        i = I32(at)
        index[x] = U(i)
        part[x] = F(at - F(i))


@njit(**FAST)
def shrink_bright(out: FloatArray, rgb: FloatArray, over: FloatArray) -> None:
    """Average 4 x 4 pixels and keep what lies above two thresholds.

    Args:
        out: Written, shape (3, h // 4, w // 4).
        rgb: The picture, shape (3, h, w).
        over: Each threshold and the gain of what lies above it, shape (2, 2); both add up.
    """
    channels, h, _ = out.shape
    sums = np.empty(rgb.shape[2], np.float32)
    for c in range(channels):
        for y in range(h):
            rows = rgb[c, 4 * y : 4 * y + 4]
            _sum_rows(sums, rows[0], rows[1], rows[2], rows[3])
            _bright_row(out[c, y], sums, over)


@njit(**FAST)
def _sum_rows(out, a, b, c, d):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        out[x] = F(a[x] + b[x] + c[x] + d[x])


@njit(**FAST)
def _bright_row(out: FloatArray, sums: FloatArray, over: FloatArray) -> None:
    high, high_gain, low, low_gain = over[0, 0], over[0, 1], over[1, 0], over[1, 1]
    for x in range(out.shape[0]):
        total = F(sums[4 * x] + sums[4 * x + 1] + sums[4 * x + 2] + sums[4 * x + 3])
        mean = F(total * F(1.0 / 16.0))
        light = F(max(F(mean - high), F(0)) * high_gain)
        out[x] = F(light + max(F(mean - low), F(0)) * low_gain)


@njit(**FAST)
def halve(out: FloatArray, planes: FloatArray) -> None:
    """Average 2 x 2; out is (3, h // 2, w // 2)."""
    channels, h, w = out.shape
    for c in range(channels):
        for y in range(h):
            a, b = planes[c, 2 * y], planes[c, 2 * y + 1]
            for x in range(w):
                total = F(a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1])
                out[c, y, x] = F(total * F(0.25))


@njit(**FAST)
def blur(planes: FloatArray, spare: FloatArray, taps: FloatArray) -> None:
    """Convolve planes with a symmetric kernel both ways, in place.

    Args:
        planes: Shape (channels, h, w); borders go on.
        spare: Scratch of the same shape.
        taps: Middle weight first, then outwards.
    """
    channels, h, w = planes.shape
    reach = taps.shape[0] - 1
    padded = np.empty(w + 2 * reach, np.float32)
    for c in range(channels):
        for y in range(h):
            row = spare[c, y]
            _scale_row(row, planes[c, y], taps[0])
            for k in range(1, reach + 1):
                above, below = planes[c, max(y - k, 0)], planes[c, min(y + k, h - 1)]
                _add_pair(row, above, below, taps[k])
        for y in range(h):
            padded[:reach] = spare[c, y, 0]
            padded[reach : reach + w] = spare[c, y]
            padded[reach + w :] = spare[c, y, w - 1]
            row = planes[c, y]
            _scale_row(row, padded[reach : reach + w], taps[0])
            for k in range(1, reach + 1):
                _add_pair(row, padded[reach - k : reach - k + w], padded[reach + k :], taps[k])


@njit(**FAST)
def _scale_row(out: FloatArray, row: FloatArray, weight: float) -> None:
    for x in range(out.shape[0]):
        out[x] = F(row[x] * weight)


@njit(**FAST)
def _add_pair(out: FloatArray, a: FloatArray, b: FloatArray, weight: float) -> None:
    for x in range(out.shape[0]):
        out[x] = F(out[x] + (a[x] + b[x]) * weight)


@njit(**FAST)
def add_halved(planes: FloatArray, small: FloatArray, near: float, far: float) -> None:
    """Make planes = planes * near + doubled small * far."""
    channels, h, _ = planes.shape
    row = np.empty(small.shape[2] + 2, np.float32)
    wide = np.empty(2 * small.shape[2] + 2, np.float32)
    for c in range(channels):
        for y in range(h):
            blend_at(row, small[c], F(F(I32(y)) * F(0.5) - F(0.25)))
            widen_two(wide, row)
            _weigh_row(planes[c, y], wide, near, far)


@njit(**FAST)
def widen_two(wide: FloatArray, row: FloatArray) -> None:
    """Double a row of n + 2 pixels (see `blend_at`) to 2 n, bilinearly, and repeat the last."""
    count = row.shape[0] - 2
    for x in range(count):
        wide[2 * x] = F(row[x] * F(0.25) + row[x + 1] * F(0.75))
        wide[2 * x + 1] = F(row[x + 1] * F(0.75) + row[x + 2] * F(0.25))
    wide[2 * count] = wide[2 * count + 1] = wide[2 * count - 1]


@njit(**FAST)
def _weigh_row(out: FloatArray, other: FloatArray, near: float, far: float) -> None:
    for x in range(out.shape[0]):
        out[x] = F(out[x] * near + other[x] * far)


@njit(**FAST)
def blend_at(row: FloatArray, plane: FloatArray, at: float) -> None:
    """Row of a plane at a fractional height, with one more pixel at either end."""
    h, w = plane.shape
    held = clamp(at, F(0), F(F(h) - F(1.001)))
    j = I32(held)
    lerp_rows(row[1 : w + 1], plane[j], plane[min(j + 1, h - 1)], F(held - F(j)))
    row[0], row[w + 1] = row[1], row[w]


@njit(**FAST)
def screen_quartered(rgb: FloatArray, light: FloatArray) -> None:
    """Add light of a quarter of the size, enlarged bilinearly, by the screen formula."""
    channels, h, _ = rgb.shape
    small_w = light.shape[2]
    row = np.empty(small_w + 2, np.float32)
    wide = np.empty(4 * small_w + 4, np.float32)
    for c in range(channels):
        for y in range(h):
            blend_at(row, light[c], F(F(y) * F(0.25) - F(0.375)))
            _widen_four(wide, row)
            _screen_row(rgb[c, y], wide)


@njit(**FAST)
def _widen_four(wide: FloatArray, row: FloatArray) -> None:
    count = row.shape[0] - 2
    for x in range(count):
        a, b, c = row[x], row[x + 1], row[x + 2]
        wide[4 * x] = F(a * F(0.375) + b * F(0.625))
        wide[4 * x + 1] = F(a * F(0.125) + b * F(0.875))
        wide[4 * x + 2] = F(b * F(0.875) + c * F(0.125))
        wide[4 * x + 3] = F(b * F(0.625) + c * F(0.375))
    for x in range(4 * count, wide.shape[0]):
        wide[x] = wide[4 * count - 1]


@njit(**FAST)
def _screen_row(out: FloatArray, light: FloatArray) -> None:
    for x in range(out.shape[0]):
        b = F(min(light[x], F(1)))
        out[x] = F(out[x] + b - out[x] * b)


@njit(**FAST)
def expose(rgb: FloatArray, gain: float) -> None:
    """Brighten as a longer exposure does: hue stays, highlights roll off below white."""
    _, h, w = rgb.shape
    factor = np.empty(w, np.float32)
    for y in range(h):
        _exposure_row(factor, rgb[0, y], rgb[1, y], rgb[2, y], gain)
        for c in range(3):
            row = rgb[c, y]
            for x in range(w):
                row[x] = F(row[x] * factor[x])


@njit(**FAST)
def _exposure_row(factor, r, g, b, gain):  # type: ignore[no-untyped-def]
    for x in range(factor.shape[0]):
        top = F(max(r[x], max(g[x], b[x])))
        factor[x] = F(gain / (F(1) + (gain - F(1)) * top))
