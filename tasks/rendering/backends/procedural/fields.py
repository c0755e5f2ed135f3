"""Smooth fields that are computed coarsely and read at every pixel."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I
from tasks.rendering.renderer import FloatArray


def coarse_shape(height_px: int, width_px: int, step: int) -> tuple[int, int]:
    """Rows and columns of a field with one sample every `step` pixels, one beyond each edge."""
    return -(-height_px // step) + 2, -(-width_px // step) + 2


def scratch(*shape: int) -> FloatArray:
    """A float32 work array."""
    return np.zeros(shape, np.float32)


@njit(**KERNEL)
def widen(coarse, wide, step):  # type: ignore[no-untyped-def]
    """Stretch each row of a coarse field to full width; sample k lies on pixel (k - 1) * step.

    The rows stay coarse: `blend_row` finishes the job a row at a time, when it is needed.
    """
    rows, width = wide.shape
    inverse = F(F(1) / F(step))
    for r in range(rows):
        for k in range(1, coarse.shape[1] - 1):
            a = coarse[r, k]
            d = F(F(coarse[r, k + 1] - a) * inverse)
            base = (k - 1) * step
            for m in range(min(step, width - base)):
                wide[r, base + m] = F(a + d * F(I(m)))
        for x in range((coarse.shape[1] - 2) * step, width):
            wide[r, x] = coarse[r, coarse.shape[1] - 1]


@njit(**KERNEL)
def blend_row(wide, y, step, out):  # type: ignore[no-untyped-def]
    """Row `y` of a widened field."""
    r = min(y // step + 1, wide.shape[0] - 2)
    k = F(F(I(min(y - (r - 1) * step, step))) / F(step))
    for x in range(out.shape[0]):
        a = wide[r, x]
        out[x] = F(a + F(wide[r + 1, x] - a) * k)
