"""Fade: the picture goes to black, and the next one comes out of black.

Code values are multiplied, which multiplies light by a power of the same factor in every colour:
hues and the ratios of tones stay as the lamp goes down. No parameter but its length.
"""

from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan
from tasks.assembly.transitions.kernels import dim


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Dim the side of the cut that the frame is on."""
    way = abs(2.0 * at.progress - 1.0)
    # Quick through the darkness, slow where the picture stands.
    light = way * (2.0 - way)
    dim(canvas.out, before if at.progress < 0.5 else after, F(light))
    return canvas.out
