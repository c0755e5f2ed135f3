"""Colour shift: all hues turn together and come back."""

import math

from tasks.assembly.treatment import Moment, Treatment

# Radians at strength 1, about 20 degrees: colours move and are still the palette's.
TURN = 0.35
# On a shot, hues drift to either side once in so many beats.
_DRIFT_BEATS = 16.0
_DRIFT = 0.6


def apply(treatment: Treatment, strength: float, moment: Moment) -> None:
    """Turn the hues."""
    treatment.hue += TURN * strength


def on_shot(moment: Moment) -> float:
    """A slow drift about the shot's own colours."""
    return _DRIFT * math.sin(2.0 * math.pi * moment.time_s / (_DRIFT_BEATS * moment.beat_s))
