"""Quick cut: the camera whips round; a few frames of sideways smear hide the join.

Parameters: way and reach of the smear at the cut, shares of the picture's width.
"""

import numpy as np
from numba import njit

from tasks.assembly.kernels import FAST, F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan
from tasks.assembly.transitions.kernels import root_row

# Way of each picture up to the cut, and reach of the smear there, as shares of the width.
_WAY, _SMEAR = 0.5, 0.11


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Slide and smear the side of the cut that the frame is on."""
    leaving = at.progress < 0.5
    # 0 where the picture stands still, 1 at the cut: it starts slowly and is torn away.
    speed = (2.0 * at.progress if leaving else 2.0 - 2.0 * at.progress) ** 2
    width = before.shape[2]
    direction = 1 if at.seed % 2 else -1
    way = round(_WAY * width * speed) * direction * (1 if leaving else -1)
    _whip(canvas.out, before if leaving else after, way, round(_SMEAR * width * speed))
    return canvas.out


@njit(**FAST)
def _whip(out: FloatArray, picture: FloatArray, way: int, reach: int) -> None:
    """Move a picture by `way` pixels, mirrored at its border; smear light `reach` either way."""
    channels, h, w = picture.shape
    sums = np.empty(w + 2 * reach + 2, np.float64)
    weight = F(1.0 / (2 * reach + 1))
    for c in range(channels):
        for y in range(h):
            row = picture[c, y]
            total = 0.0
            sums[0] = 0.0
            for x in range(w + 2 * reach):
                at = abs(x - reach + way)
                at = at if at < w else 2 * w - 2 - at
                value = row[min(max(at, 0), w - 1)]
                total += value * value
                sums[x + 1] = total
            line = out[c, y]
            for x in range(w):
                line[x] = F(F(max(sums[x + 2 * reach + 1] - sums[x], 0.0)) * weight)
            root_row(line)
