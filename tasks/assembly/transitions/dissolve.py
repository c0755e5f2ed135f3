"""Dissolve: one picture becomes the other, mixed by light, slow at both ends.

No parameter but its length.
"""

from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.kernels import mix_light


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Mix both pictures."""
    mix_light(canvas.out, before, after, F(ease(at.progress)))
    return canvas.out
