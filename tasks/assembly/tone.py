"""The curve that luma goes through: black and white points, exposure, contrast.

It leads from 0 to 0 and from 1 to 1 and always rises: nothing is clipped, black stays black.
"""

from typing import NamedTuple

import numpy as np

from tasks.assembly.oklab import Float64Array

# Where brightening stops acting like a power: shadows' noise is not lifted without end.
_TOE = 0.2
# A stretch ends this much further in, in its own size: below 1 the curve would fall.
_EASE = 1.25


class Tone(NamedTuple):
    """How luma is bent; the defaults leave it."""

    black: float = 0.0
    """By how much a lifted black is lowered."""
    white: float = 0.0
    """By how much a dull white is raised."""
    exposure: float = 0.0
    """Above 0 brighter, most in the shadows; below darker, most in the lights: dark skin is not
    lost when a bright picture is held back."""
    depth: float = 0.0
    """Steeper around the pivot by this share."""
    pivot: float = 0.5
    look: float = 0.0
    """The film's own S-curve, around the middle."""


def tone_curve(luma: Float64Array, tone: Tone) -> Float64Array:
    """Bend luma 0..1; what lies outside is left as it is."""
    v = np.clip(luma, 0.0, 1.0)
    v = v - _lowered(v, tone.black) + _lowered(1.0 - v, tone.white)
    if tone.exposure > 0.0:
        v = v * ((v + _TOE) / (1.0 + _TOE)) ** -tone.exposure
    else:
        v = v + tone.exposure * v * v * (1.0 - v)
    pivot = tone.pivot
    v = v + tone.depth * v * (1.0 - v) * (v - pivot) / (pivot * (1.0 - pivot))
    v = v + tone.look * v * (1.0 - v) * (2.0 * v - 1.0)
    return np.where((luma < 0.0) | (luma > 1.0), luma, v)


def _lowered(v: Float64Array, amount: float) -> Float64Array:
    """What a black point takes away: nothing at black, most a little above, nothing at white."""
    if amount <= 0.0:
        return np.zeros_like(v)
    return amount * v / (v + _EASE * amount) * (1.0 - v) ** 2
