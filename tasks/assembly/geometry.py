"""Where each pixel of the film comes from in the source: cover, zoom, turn, displacement.

The film's rectangle, as the camera sees it, always lies inside the source: whatever the zoom,
turn and displacement asked for, the picture is magnified until no border shows.
"""

import math
from dataclasses import dataclass

import numpy as np

from tasks.assembly.kernels import Int32Array
from tasks.assembly.kernels_output import POSITION_BITS

# Source pixels kept free all around, against rounding.
_MARGIN = 0.5


@dataclass(frozen=True)
class View:
    """The film's camera on a source; lengths in film pixels."""

    zoom: float
    """Magnification beyond what covers, 1 or more."""
    rotation: float
    """Radians."""
    shift_x: float
    shift_y: float
    reach: float = 0.0
    """Displacement that is made room for, whatever the one of the moment."""


Affine = tuple[float, float, float, float, float, float]


def affine(view: View, *, film: tuple[int, int], source: tuple[int, int]) -> Affine:
    """Map film pixel (x, y) to source pixel (a0 x + a1 y + a2, a3 x + a4 y + a5).

    Args:
        view: What the camera does.
        film: Width and height of the film.
        source: Width and height of the source.
    """
    width, height = film
    source_w, source_h = source
    cos, sin = math.cos(view.rotation), math.sin(view.rotation)
    half_x = 0.5 * (width * abs(cos) + height * abs(sin)) + max(abs(view.shift_x), view.reach)
    half_y = 0.5 * (width * abs(sin) + height * abs(cos)) + max(abs(view.shift_y), view.reach)
    needed = max(half_x / (0.5 * source_w - _MARGIN), half_y / (0.5 * source_h - _MARGIN))
    # What covers this turn and displacement, times the zoom: never less than either alone.
    step = 1.0 / (needed * max(view.zoom, 1.0))
    middle_x, middle_y = 0.5 * (width - 1), 0.5 * (height - 1)
    a0, a1 = cos * step, sin * step
    return (
        a0,
        a1,
        0.5 * (source_w - 1) - a0 * middle_x - a1 * middle_y + view.shift_x * step,
        -a1,
        a0,
        0.5 * (source_h - 1) + a1 * middle_x - a0 * middle_y + view.shift_y * step,
    )


def luma_steps(at: Affine, *, doubled: bool) -> Int32Array:
    """The map as whole numbers for `sample_luma`; a doubled plane lies half a pixel off."""
    a0, a1, a2, a3, a4, a5 = at
    if doubled:
        a0, a1, a2, a3, a4, a5 = 2 * a0, 2 * a1, 2 * a2 + 0.5, 2 * a3, 2 * a4, 2 * a5 + 0.5
    return _fixed((a0, a1, a2, a3, a4, a5))


def chroma_steps(at: Affine) -> Int32Array:
    """The map for chroma sample (i, j), which H.264 puts at luma pixel (2 i, 2 j + 1/2)."""
    a0, a1, a2, a3, a4, a5 = at
    return _fixed((2 * a0, 2 * a1, a2 + 0.5 * a1, 2 * a3, 2 * a4, a5 + 0.5 * a4))


def block_steps(at: Affine, *, block: int, start: tuple[int, int], samples: int) -> Affine:
    """The map for sample (i, j) of a mosaic that has `samples` of them either way of a block."""
    a0, a1, a2, a3, a4, a5 = at
    step = block / samples
    x, y = start[0] + 0.5 * step - 0.5, start[1] + 0.5 * step - 0.5
    return (
        a0 * step,
        a1 * step,
        a0 * x + a1 * y + a2,
        a3 * step,
        a4 * step,
        a3 * x + a4 * y + a5,
    )


def plain_steps(at: Affine) -> Int32Array:
    """The map as whole numbers, as it is."""
    return _fixed(at)


def _fixed(at: Affine) -> Int32Array:
    return np.array([math.floor(a * (1 << POSITION_BITS) + 0.5) for a in at], np.int32)
