"""Quick cuts: a stutter on sixteenth notes; the next picture is glimpsed twice before its beat.

Two glimpses and the cut make five changes of picture within a beat: fewer than three flashes
(pairs of changes), as photosensitive safety asks. Where other changes within a second would make
them more, the film comes without glimpses, see `tasks.assembly.cues`.

Parameters: which sixteenths before the cut, and the punch of a glimpse (share of its size).
"""

import math

from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan
from tasks.assembly.transitions.kernels import zoom

# Sixteenths before the cut in which the next picture is glimpsed.
GLIMPSES = (-2, -4)
# The glimpses come closer and closer to the picture that then stands.
_PUNCH = 0.05


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Show one picture or the other."""
    sixteenth = math.floor(at.sixteenths)
    if at.progress >= 0.5:
        canvas.out[:] = after
    elif at.bright and sixteenth in GLIMPSES:
        zoom(canvas.out, after, F(1.0 + _PUNCH * sixteenth / 2.0 * 0.5), F(1))
    else:
        canvas.out[:] = before
    return canvas.out
