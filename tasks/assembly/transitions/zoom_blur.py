"""Zoom blur: the camera flies into one picture and out of its depth comes the next.

Parameters: growth (factor), reach of the smear (share of the distance from the middle), time of
the change from one picture to the other (share of the transition).
"""

from recipe_schema.vocabulary import Transition
from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions import TRANSITIONS
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.kernels import blur_radially, mix_light, zoom

# The first picture grows to this before it is gone; the next one starts smaller by that, mirrored
# at its border: little enough that the smear hides it.
_GROWTH, _SHRUNK = 1.8, 1.45
_REACH = 0.4
# 2 ** steps copies: at this reach their steps are a pixel or two at the corners.
_STEPS = 5
# Half the time in which both pictures are mixed: a few frames within the smear, no dissolve.
_MIX = TRANSITIONS[Transition.ZOOM_BLUR].early


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Zoom either picture on its side of the cut, mix them near it, and smear."""
    p = at.progress
    speed = 1.0 - abs(2.0 * p - 1.0)
    share = ease((p - 0.5 + _MIX) / (2.0 * _MIX))
    grown = _GROWTH ** min(2.0 * p, 1.0) ** 2
    shrunk = _SHRUNK ** -(min(2.0 - 2.0 * p, 1.0) ** 3)
    if share < 1.0:
        zoom(canvas.out, before, F(1.0 / grown), F(1))
    if share > 0.0:
        target = canvas.spare if share < 1.0 else canvas.out
        zoom(target, after, F(1.0 / shrunk), F(1))
        if share < 1.0:
            mix_light(canvas.out, canvas.out, canvas.spare, F(share))
    if speed > 0.0:
        blur_radially(canvas.out, canvas, _REACH * ease(speed), _STEPS)
    return canvas.out
