"""Slow dissolve: the light of the next picture arrives first, its shadows last.

Parameter: how far light runs ahead of shadow, as a share of the transition.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, F, FloatArray, clamp, mix_light_row
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease

# How far light runs ahead of shadow, as a share of the transition.
_LEAD = 0.55


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Mix both pictures, each pixel at its own time."""
    _mix_by_light(canvas.out, before, after, F(ease(at.progress)), F(_LEAD))
    return canvas.out


@njit(**FAST)
def _mix_by_light(
    out: FloatArray, before: FloatArray, after: FloatArray, share: float, lead: float
) -> None:
    channels, h, w = out.shape
    local = np.empty(w, np.float32)
    for y in range(h):
        _local_share(local, after[0, y], after[1, y], after[2, y], share, lead)
        for c in range(channels):
            mix_light_row(out[c, y], before[c, y], after[c, y], local)


@njit(**FAST)
def _local_share(local, r, g, b, share, lead):  # type: ignore[no-untyped-def]
    for x in range(local.shape[0]):
        light = F(max(r[x], max(g[x], b[x])))
        late = F(lead * (F(1) - light))
        local[x] = clamp(F(share * (F(1) + lead) - late), F(0), F(1))
