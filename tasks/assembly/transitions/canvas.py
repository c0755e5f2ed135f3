"""What a transition's painter is given: where it is, and what it paints on."""

from typing import NamedTuple

import numpy as np

from recipe_schema.vocabulary import Transition
from tasks.assembly.kernels import FloatArray


class TransitionPlan(NamedTuple):
    """Where a frame is in a transition."""

    kind: Transition
    progress: float
    """0 at the start, 0.5 on the cut, 1 at the end."""
    sixteenths: float
    """Time since the cut in sixteenth notes, negative before it."""
    seed: int
    """Differs from cut to cut."""
    bright: bool
    """Whether it may flash, or change pictures as fast as it likes to, here."""


class Canvas(NamedTuple):
    """Pictures to paint on; float32, shape (3, h, w), not cleared."""

    out: FloatArray
    spare: FloatArray
    half: FloatArray
    """Half as high and wide, rounded down."""
    half_too: FloatArray
    half_spare: FloatArray


def make_canvas(height: int, width: int) -> Canvas:
    """Allocate a canvas."""
    full, half = (3, height, width), (3, height // 2, width // 2)
    return Canvas(*(np.empty(shape, np.float32) for shape in (full, full, half, half, half)))


def ease(value: float) -> float:
    """Smooth step over 0..1, held outside."""
    held = min(max(value, 0.0), 1.0)
    return held * held * (3.0 - 2.0 * held)
