"""Zoom blur: the camera flies into one picture and out of its depth comes the next."""

from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.kernels import blur_radially, mix_light, zoom

# The first picture grows to this before it is gone, the next one starts at its inverse.
_GROWTH = 1.7
_REACH = 0.32
_STEPS = 4
# Half the time in which both pictures are mixed, as a share of the whole.
_MIX = 0.14


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Zoom either picture on its side of the cut, mix them near it, and smear."""
    p = at.progress
    speed = 1.0 - abs(2.0 * p - 1.0)
    share = ease((p - 0.5 + _MIX) / (2.0 * _MIX))
    grown = _GROWTH ** (2.0 * p) ** 2 if p < 0.5 else _GROWTH
    shrunk = _GROWTH ** -((2.0 - 2.0 * p) ** 2) if p >= 0.5 else 1.0 / _GROWTH
    if share < 1.0:
        zoom(canvas.out, before, F(1.0 / grown), F(1))
    if share > 0.0:
        zoom(canvas.spare, after, F(1.0 / shrunk), F(1))
        if share < 1.0:
            mix_light(canvas.out, canvas.out, canvas.spare, F(share))
        else:
            canvas.out[:] = canvas.spare
    if speed > 0.0:
        blur_radially(canvas.out, canvas, _REACH * ease(speed), _STEPS)
    return canvas.out
