"""Glitch dissolve: a dissolve that goes cell by cell while the signal trembles.

Parameters: softness of a cell (share of the time), depth of the tremble (1 is a whole glitch).
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, F, FloatArray, clamp, hash_unit, mix_light_row
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.glitch import TEARS
from tasks.assembly.transitions.kernels import shift_bands

# A cell's own share of the whole time: the smaller, the harder the mosaic.
_SOFT = 0.3
_SHAKE = 0.45


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Mix cell by cell, then let bands slip."""
    cell_px = max(4, before.shape[1] // 20)
    _mix_cells(canvas.spare, before, after, F(ease(at.progress)), at.seed, cell_px)
    amount = _SHAKE * ease(1.0 - abs(2.0 * at.progress - 1.0))
    seed = (at.seed + int(at.progress * 2 * TEARS) * 7919) % 2147483647
    band_px = max(4, before.shape[1] // 5)
    shift_bands(canvas.out, canvas.spare, canvas.spare, seed, F(amount), F(0), band_px)
    return canvas.out


@njit(**FAST)
def _mix_cells(
    out: FloatArray, before: FloatArray, after: FloatArray, share: float, seed: int, cell_px: int
) -> None:
    channels, h, w = out.shape
    local = np.empty(w, np.float32)
    for y in range(h):
        if y % cell_px == 0:
            for x in range(0, w, cell_px):
                late = F(hash_unit(x // (2 * cell_px), y // cell_px, seed) * F(1.0 - _SOFT))
                local[x : x + cell_px] = clamp(F((share - late) / F(_SOFT)), F(0), F(1))
        for c in range(channels):
            mix_light_row(out[c, y], before[c, y], after[c, y], local)
