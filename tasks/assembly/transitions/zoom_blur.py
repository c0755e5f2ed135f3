"""Zoom blur: the camera flies into one picture and out of its depth comes the next.

Parameters: growth (factor), reach of the smear (share of the distance from the middle), time of
the change from one picture to the other (share of the transition).
"""

import math

from recipe_schema.vocabulary import Transition
from tasks.assembly.kernels import F, FloatArray
from tasks.assembly.transitions import TRANSITIONS
from tasks.assembly.transitions.canvas import Canvas, TransitionPlan, ease
from tasks.assembly.transitions.kernels import zoom
from tasks.assembly.transitions.kernels_smear import (
    lay_smear,
    lerp_planes,
    mix_middle,
    sharp_radius,
    zoom_light,
    zoom_middle,
)

# The first picture grows to this before it is gone; the next one starts smaller by that, mirrored
# at its border: little enough that the smear hides it.
_GROWTH, _SHRUNK = 1.8, 1.45
_REACH = 0.39
# Pixels between samples of the smear at the corners of its half size, at most.
_APART_PX = 3.2
_FEWEST = 3
# Half the time in which both pictures are mixed: a few frames within the smear, no dissolve.
_MIX = TRANSITIONS[Transition.ZOOM_BLUR].early


def paint(before: FloatArray, after: FloatArray, canvas: Canvas, at: TransitionPlan) -> FloatArray:
    """Zoom either picture on its side of the cut, mix them near it, and smear."""
    p = at.progress
    speed = 1.0 - abs(2.0 * p - 1.0)
    share = ease((p - 0.5 + _MIX) / (2.0 * _MIX))
    grown = _GROWTH ** min(2.0 * p, 1.0) ** 2
    shrunk = _SHRUNK ** -(min(2.0 - 2.0 * p, 1.0) ** 3)
    ends = [(before, 1.0 / grown)] * (share < 1.0) + [(after, 1.0 / shrunk)] * (share > 0.0)
    reach, steps = _samples(_REACH * ease(speed), before.shape)
    if reach <= 0.0:
        zoom(canvas.out, ends[0][0], F(ends[0][1]), F(1))
        return canvas.out
    # What the smear covers is zoomed at its own half size; the sharp middle apart.
    sides = zip(ends, (canvas.out, canvas.spare), (canvas.half, canvas.half_too), strict=False)
    for (picture, step), middle, light in sides:
        zoom_middle(middle, picture, F(step), sharp_radius(reach))
        zoom_light(light, picture, canvas.half_spare, step)
    if len(ends) == 2:
        mix_middle(canvas.out, canvas.spare, F(share), sharp_radius(reach))
        lerp_planes(canvas.half, canvas.half_too, F(share))
    lay_smear(canvas.out, canvas.half, canvas.half_too, reach, steps)
    return canvas.out


def _samples(reach: float, shape: tuple[int, ...]) -> tuple[float, int]:
    """Doublings of a smear's samples, so that they make a line, and the reach they are taken of."""
    apart, steps = reach * math.hypot(*shape[1:]) / 4.0, 0
    while apart > _APART_PX or steps < _FEWEST:
        apart, steps = apart / 2.0, steps + 1
    # The farthest of 2 ** steps samples lies one step before the end.
    return reach / (1.0 - 0.5**steps), steps
