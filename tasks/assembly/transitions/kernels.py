"""Kernels that several transitions share: mixing, dimming, zooming with mirrored borders."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    INLINE,
    F,
    FloatArray,
    U,
    clamp,
    gather_pairs,
    hash_unit,
    lerp_rows,
    share_row,
)


@njit(**FAST)
def mix_light(out: FloatArray, before: FloatArray, after: FloatArray, share: float) -> None:
    """Cross-fade by light rather than by code value, so that highlights carry over.

    Args:
        out: Written, shape (3, h, w); may be one of the others.
        before: Shape (3, h, w), 0..1.
        after: Likewise.
        share: 0 gives `before`, 1 gives `after`.
    """
    channels, h, _ = out.shape
    for c in range(channels):
        for y in range(h):
            mix_row(out[c, y], before[c, y], after[c, y], share)


@njit(**FAST)
def mix_row(out: FloatArray, a: FloatArray, b: FloatArray, share: float) -> None:
    """Mix rows by light."""
    rest = F(F(1) - share)
    for x in range(out.shape[0]):
        out[x] = np.sqrt(F(a[x] * a[x] * rest + b[x] * b[x] * share))


@njit(**FAST)
def dim(out: FloatArray, picture: FloatArray, light: float) -> None:
    """Multiply a picture by a factor."""
    channels, h, w = out.shape
    for c in range(channels):
        for y in range(h):
            to, row = out[c, y], picture[c, y]
            for x in range(w):
                to[x] = F(row[x] * light)


@njit(**INLINE)
def mirrored(at, size):  # type: ignore[no-untyped-def]
    """Fold a position back into 0..size - 1 as a mirror does; good for one size either way."""
    top = F(size - 1)
    folded = F(abs(at))
    if folded > top:
        folded = F(top + top - folded)
    return clamp(folded, F(0), F(top - F(0.001)))


@njit(**FAST)
def zoom(out: FloatArray, picture: FloatArray, step: float, share: float) -> None:
    """Blend a picture with itself scaled about its middle; beyond its border it is mirrored.

    Args:
        out: Written, shape (3, h, w); not `picture`.
        picture: Shape (3, h, w).
        step: Source pixels per pixel: below 1 magnifies.
        share: Weight of the scaled picture.
    """
    channels, h, w = out.shape
    index = np.empty(w, np.uint32)
    part = np.empty(w, np.float32)
    row = np.empty(w, np.float32)
    left = np.empty(w, np.float32)
    right = np.empty(w, np.float32)
    mirror_positions(index, part, w, step, F(0), F(1))
    middle = F(F(h - 1) * F(0.5))
    for y in range(h):
        at = mirrored(F((F(y) - middle) * step + middle), h)
        j = I32(at)
        for c in range(channels):
            lerp_rows(row, picture[c, j], picture[c, j + 1], F(at - F(j)))
            gather_pairs(left, right, row, index)
            share_row(out[c, y], picture[c, y], left, right, part, share)


@njit(**FAST)
def mirror_positions(index, part, size, step, first, pace):  # type: ignore[no-untyped-def]
    """Where pixels at first, first + pace, … of a scaled row of `size` come from."""
    middle = F(F(size - 1) * F(0.5))
    for x in range(index.shape[0]):
        at = mirrored(F((F(first + F(x) * pace) - middle) * step + middle), size)
        i = I32(at)
        index[x] = U(i)
        part[x] = F(at - F(i))


@njit(**FAST)
def root_row(row: FloatArray) -> None:
    """Turn squares back into values."""
    for x in range(row.shape[0]):
        row[x] = np.sqrt(row[x])


@njit(**FAST)
def shift_bands(
    out: FloatArray,
    before: FloatArray,
    after: FloatArray,
    seed: int,
    amount: float,
    share: float,
    band_px: int,
) -> None:
    """Cut pictures into bands of uneven height that slip sideways, colours apart.

    Args:
        out: Written, shape (3, h, w); neither of the others.
        before: Shape (3, h, w).
        after: Likewise.
        seed: Other bands for another seed.
        amount: 0 leaves every band in its place.
        share: Part of the picture whose bands show `after`. The picture that has the smaller
            share never gets more of it, so that the other one is seen to stand.
        band_px: Greatest height of a band.
    """
    channels, h, w = out.shape
    top, band = 0, 0
    left = min(share, F(1) - share) * F(h)
    while top < h:
        height = 2 + I32(hash_unit(band, 11, seed) * hash_unit(band, 15, seed) * F(band_px))
        slip = 0
        if hash_unit(band, 12, seed) < amount * F(0.75):
            wish = F(hash_unit(band, 13, seed) - F(0.5))
            slip = I32(wish * abs(wish) * F(w) * amount * F(0.9))
        split = I32(hash_unit(band, 16, seed) * amount * F(w) * F(0.022))
        late = hash_unit(band, 14, seed) < share
        if late == (share < F(0.5)):
            if left < F(height):
                late = not late
            else:
                left -= F(height)
        for y in range(top, min(top + height, h)):
            for c in range(channels):
                source = after[c, y] if late else before[c, y]
                _roll(out[c, y], source, slip + (c - 1) * split)
        top += height
        band += 1


@njit(**FAST)
def _roll(out: FloatArray, row: FloatArray, by: int) -> None:
    """Copy a row turned round by some pixels."""
    w = row.shape[0]
    by = by % w
    copy_row(out[: w - by], row[by:])
    copy_row(out[w - by :], row[:by])


@njit(**FAST)
def copy_row(out: FloatArray, row: FloatArray) -> None:
    """Copy a row in a loop of its own, which is cheaper than a call for it."""
    for x in range(out.shape[0]):
        out[x] = row[x]
