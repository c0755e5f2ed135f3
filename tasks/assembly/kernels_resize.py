"""Kernels that enlarge a picture to the size of another one: a transition takes two of a size."""

import numpy as np
from numba import njit

from tasks.assembly.kernels import (
    FAST,
    I32,
    INLINE,
    F,
    FloatArray,
    Int32Array,
    clamp,
)

# That of `tasks.assembly.kernels_planes`, so that a picture is as sharp in a transition as alone.
_KEYS = -0.75


@njit(**FAST)
def enlarge(out: FloatArray, planes: FloatArray) -> None:
    """Scale planes (channels, h, w) by a cubic to the size of `out`, held to 0..1.

    Source: R. Keys, Cubic convolution interpolation for digital image processing, 1981.
    """
    channels, height, width = out.shape
    _, h, w = planes.shape
    index, weights = np.empty(width, np.int32), np.empty((4, width), np.float32)
    _cubic_places(index, weights, w)
    rows, row_weights = np.empty(height, np.int32), np.empty((4, height), np.float32)
    _cubic_places(rows, row_weights, h)
    padded = np.empty(w + 4, np.float32)
    inner = padded[2 : w + 2]
    for c in range(channels):
        plane = planes[c]
        for y in range(height):
            j = I32(rows[y])
            a, b = plane[min(max(j - 1, 0), h - 1)], plane[min(max(j, 0), h - 1)]
            p, q = plane[min(max(j + 1, 0), h - 1)], plane[min(max(j + 2, 0), h - 1)]
            four = row_weights[0, y], row_weights[1, y], row_weights[2, y], row_weights[3, y]
            _weigh_rows(inner, a, b, p, q, four)
            padded[0] = padded[1] = padded[2]
            padded[w + 2] = padded[w + 3] = padded[w + 1]
            _cubic_row(out[c, y], padded, index, weights)


@njit(**FAST)
def _cubic_places(index: Int32Array, weights: FloatArray, size: int) -> None:
    """Pixel left of each place among `size`, from -1 on, and weights of four from before it."""
    step = F(F(size) / F(index.shape[0]))
    for x in range(index.shape[0]):
        at = F((F(x) + F(0.5)) * step - F(0.5))
        left = I32(np.floor(at))
        index[x] = left
        t = F(at - F(left))
        weights[0, x], weights[1, x] = _far(F(F(1) + t)), _near(t)
        weights[2, x], weights[3, x] = _near(F(F(1) - t)), _far(F(F(2) - t))


@njit(**INLINE)
def _near(d):  # type: ignore[no-untyped-def]
    return F(F(F(F(_KEYS + 2.0) * d - F(_KEYS + 3.0)) * d) * d + F(1))


@njit(**INLINE)
def _far(d):  # type: ignore[no-untyped-def]
    return F(F(_KEYS) * F(F(F(F(d - F(5)) * d + F(8)) * d) - F(4)))


@njit(**FAST)
def _weigh_rows(out, a, b, p, q, weights):  # type: ignore[no-untyped-def]
    first, second, third, fourth = weights
    for x in range(out.shape[0]):
        out[x] = F(first * a[x] + second * b[x] + third * p[x] + fourth * q[x])


@njit(**FAST)
def _cubic_row(out, padded, index, weights):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        i = I32(index[x] + I32(1))
        value = F(
            weights[0, x] * padded[i]
            + weights[1, x] * padded[i + 1]
            + weights[2, x] * padded[i + 2]
            + weights[3, x] * padded[i + 3]
        )
        out[x] = clamp(value, F(0), F(1))
