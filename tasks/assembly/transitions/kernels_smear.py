"""Kernels of smears away from the middle: what they cover is made at half the size, as light."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, I32, F, FloatArray, gather_pairs, lerp_rows
from tasks.assembly.kernels_blur import blend_at, widen_two
from tasks.assembly.transitions.kernels import (
    copy_row,
    mirror_positions,
    mirrored,
    mix_row,
    root_row,
    zoom,
)

# A smear is wholly laid over the sharp picture where it is this long, pixels.
_SHARP_PX = 4.0
# With smaller steps than this between its pixels, half a size of a picture holds all of it.
_GROWN = 0.8


def sharp_radius(reach: float) -> np.float32:
    """Distance from the middle, pixels, beyond which `lay_smear` leaves nothing of a picture."""
    radius: np.float32 = F(_SHARP_PX / reach)
    return radius


def lay_smear(
    picture: FloatArray, light: FloatArray, spare: FloatArray, reach: float, steps: int
) -> None:
    """Cover a picture by its light smeared away from its middle, over `reach` of the distance.

    Averaging with a copy scaled by ever smaller steps makes 2 ** steps samples of it. That is
    done at half the size and laid over the picture where the smear is longer than a few pixels,
    so that the middle stays sharp. It is light that is averaged, not code values: a lamp draws a
    bright line, as it does on film, and colours do not grey out.

    Args:
        picture: Read up to `sharp_radius` from its middle, written as a whole.
        light: Squares of its values at half its size; scratch afterwards.
        spare: Scratch of the same shape.
        reach: Share of the distance from the middle, above 0.
        steps: Doublings of the samples.
    """
    for k in range(steps):
        zoom(spare, light, F(1.0 / (1.0 + reach / 2 ** (k + 1))), F(0.5))
        light, spare = spare, light
    from_light(light)
    _lay_over(picture, light, F(reach / _SHARP_PX))


@njit(**FAST)
def zoom_middle(out: FloatArray, picture: FloatArray, step: float, radius: float) -> None:
    """As `zoom` with a share of 1, but only where `out` is at most `radius` from its middle."""
    channels, h, w = out.shape
    top, bottom = middle_span(h, radius)
    first, last = middle_span(w, radius)
    index = np.empty(w, np.uint32)
    part = np.empty(w, np.float32)
    row = np.empty(w, np.float32)
    left = np.empty(last - first, np.float32)
    right = np.empty(last - first, np.float32)
    mirror_positions(index, part, w, step, F(0), F(1))
    middle = F(F(h - 1) * F(0.5))
    for y in range(top, bottom):
        at = mirrored(F((F(y) - middle) * step + middle), h)
        j = I32(at)
        for c in range(channels):
            lerp_rows(row, picture[c, j], picture[c, j + 1], F(at - F(j)))
            gather_pairs(left, right, row, index[first:last])
            _between_row(out[c, y, first:last], left, right, part[first:last])


def zoom_light(out: FloatArray, picture: FloatArray, spare: FloatArray, step: float) -> None:
    """Write a scaled picture's light (squares) at half the picture's size; see `zoom`.

    A picture that hardly grows is halved first, so that fine lines do not alias.
    """
    if step > _GROWN:
        halve_light(spare, picture)
        zoom(out, spare, F(step), F(1))
    else:
        _zoom_light(out, picture, F(step))


@njit(**FAST)
def _zoom_light(out: FloatArray, picture: FloatArray, step: float) -> None:
    channels, h, w = out.shape
    _, full_h, full_w = picture.shape
    index = np.empty(w, np.uint32)
    part = np.empty(w, np.float32)
    row = np.empty(full_w, np.float32)
    left = np.empty(w, np.float32)
    right = np.empty(w, np.float32)
    mirror_positions(index, part, full_w, step, F(0.5), F(2))
    middle = F(F(full_h - 1) * F(0.5))
    for y in range(h):
        at = mirrored(F((F(F(2) * F(y) + F(0.5)) - middle) * step + middle), full_h)
        j = I32(at)
        for c in range(channels):
            _light_row(row, picture[c, j], picture[c, j + 1], F(at - F(j)))
            gather_pairs(left, right, row, index)
            _between_row(out[c, y], left, right, part)


@njit(**FAST)
def _between_row(out: FloatArray, left: FloatArray, right: FloatArray, part: FloatArray) -> None:
    for x in range(out.shape[0]):
        out[x] = F(left[x] + (right[x] - left[x]) * part[x])


@njit(**FAST)
def _light_row(out: FloatArray, a: FloatArray, b: FloatArray, t: float) -> None:
    for x in range(out.shape[0]):
        light = F(a[x] * a[x])
        out[x] = F(light + (F(b[x] * b[x]) - light) * t)


@njit(**FAST)
def mix_middle(out: FloatArray, after: FloatArray, share: float, radius: float) -> None:
    """As `mix_light`, in place, where pixels are at most `radius` from the middle."""
    channels, h, w = out.shape
    top, bottom = middle_span(h, radius)
    first, last = middle_span(w, radius)
    for c in range(channels):
        for y in range(top, bottom):
            row = out[c, y, first:last]
            mix_row(row, row, after[c, y, first:last], share)


@njit(**FAST)
def lerp_planes(out: FloatArray, other: FloatArray, share: float) -> None:
    """Bring planes a share of the way to others, in place."""
    channels, h, _ = out.shape
    for c in range(channels):
        for y in range(h):
            lerp_rows(out[c, y], out[c, y], other[c, y], share)


@njit(**FAST)
def halve_light(out: FloatArray, planes: FloatArray) -> None:
    """Average the squares of 2 x 2 values; out is (3, h // 2, w // 2)."""
    channels, h, w = out.shape
    for c in range(channels):
        for y in range(h):
            a, b = planes[c, 2 * y], planes[c, 2 * y + 1]
            for x in range(w):
                p, q, r, s = a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1]
                out[c, y, x] = F(F(p * p + q * q + r * r + s * s) * F(0.25))


@njit(**FAST)
def to_light(planes: FloatArray) -> None:
    """Square values, in place."""
    channels, h, w = planes.shape
    for c in range(channels):
        for y in range(h):
            row = planes[c, y]
            for x in range(w):
                row[x] = F(row[x] * row[x])


@njit(**FAST)
def from_light(planes: FloatArray) -> None:
    """Turn squares back into values, in place."""
    channels, h, _ = planes.shape
    for c in range(channels):
        for y in range(h):
            root_row(planes[c, y])


@njit(**FAST)
def _lay_over(picture: FloatArray, small: FloatArray, slope: float) -> None:
    """Cover a picture by one of half its size, fully where distance * slope reaches 1."""
    channels, h, w = picture.shape
    row = np.empty(small.shape[2] + 2, np.float32)
    wide = np.empty(2 * small.shape[2] + 2, np.float32)
    weight = np.empty(w, np.float32)
    top, bottom = middle_span(h, F(F(1) / slope))
    first, last = middle_span(w, F(F(1) / slope))
    for y in range(h):
        inside = top <= y < bottom
        if inside:
            _cover_row(weight, I32(y), I32(h), slope)
        for c in range(channels):
            blend_at(row, small[c], F(F(I32(y)) * F(0.5) - F(0.25)))
            widen_two(wide, row)
            line = picture[c, y]
            if inside:
                copy_row(line[:first], wide[:first])
                _cover(line[first:last], wide[first:last], weight[first:last])
                copy_row(line[last:], wide[last:w])
            else:
                copy_row(line, wide[:w])


@njit(**FAST)
def _cover(out: FloatArray, over: FloatArray, weight: FloatArray) -> None:
    for x in range(out.shape[0]):
        out[x] = F(out[x] + (over[x] - out[x]) * weight[x])


@njit(**FAST)
def _cover_row(weight, y, h, slope):  # type: ignore[no-untyped-def]
    w = I32(weight.shape[0])
    middle_x, middle_y = F(F(w - I32(1)) * F(0.5)), F(F(h - I32(1)) * F(0.5))
    dy = F(F(y) - middle_y)
    for x in range(weight.shape[0]):
        dx = F(F(I32(x)) - middle_x)
        weight[x] = F(min(F(np.sqrt(F(dx * dx + dy * dy))) * slope, F(1)))


@njit(**FAST)
def middle_span(size: int, radius: float) -> tuple[int, int]:
    """First place at most `radius` from the middle of `size` places, and one past the last."""
    held = min(radius, F(size))
    middle = F(F(size - 1) * F(0.5))
    return max(int(F(middle - held)), 0), min(int(F(middle + held)) + 2, size)
