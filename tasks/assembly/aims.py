"""What a film's look aims at: the recipe alone decides, never the clips.

One changed shot must not change all others, so no aim is a mean over clips.
"""

from dataclasses import dataclass

import numpy as np

from recipe_schema.recipe import VisualStyle
from recipe_schema.vocabulary import MotionIntensity
from tasks.assembly import oklab
from tasks.assembly.oklab import Float64Array

# A film's middle lightness: that of a palette of middle lightness, and how far it follows others.
_LIGHTNESS, _PALETTE_LIGHTNESS, _FOLLOWED = 0.44, 0.7, 0.25
_CONTRAST = {
    MotionIntensity.LOW: 0.13,
    MotionIntensity.MEDIUM: 0.145,
    MotionIntensity.HIGH: 0.16,
    MotionIntensity.EXTREME: 0.17,
}
# Pictures are less colourful than the colours they are painted with: shares of the palette's mean
# chroma between which a clip may lie, where its mean colour should, and how far along the axis.
_COLOURFUL = (0.25, 0.6)
_MIDDLE, _REACH = 0.5, 0.125
# Weight of a colour in that mean: this less its lightness.
_WEIGHT_OF_WHITE = 1.2
# Colours that keep less to an axis have none.
_LEAST_SIDED = 1e-4


@dataclass(frozen=True)
class FilmAims:
    """Numbers of OKLab, rounded so that every machine has the same."""

    lightness: float
    """Middle of the clips' mean lightness."""
    contrast: float
    """Middle of the standard deviation of their lightness."""
    colourfulness: tuple[float, float]
    """Least and most root mean square of the chroma."""
    middle: tuple[float, float]
    """Where the clips' mean a and b should lie."""
    axis: tuple[float, float]
    """Unit vector along which the palette spreads."""
    reach: float
    """How far a clip's mean may lie from the middle along the axis."""
    one_sided: float
    """0 for a palette all around the wheel, 1 for one hue and its opposite."""
    shadow: tuple[float, float]
    """Chroma of the palette's darkest colour."""
    light: tuple[float, float]
    """Chroma of the lightest."""


def aims_of(style: VisualStyle) -> FilmAims:
    """Derive a film's aims from its palette and its motion."""
    lab = oklab.rgb_to_oklab(np.array([oklab.hex_to_rgb(c) for c in style.color_palette]))
    chroma = lab[:, 1:]
    colourful = float(np.hypot(*chroma.T).mean())
    lightness = _LIGHTNESS + _FOLLOWED * (float(lab[:, 0].mean()) - _PALETTE_LIGHTNESS)
    # Dark colours fill more of a picture than bright ones do.
    middle = np.average(chroma, axis=0, weights=_WEIGHT_OF_WHITE - lab[:, 0])
    angle, one_sided = _spread(chroma)
    axis = np.array([np.cos(angle), np.sin(angle)])
    return FilmAims(
        lightness=round(lightness, 4),
        contrast=_CONTRAST[style.motion_intensity],
        colourfulness=_rounded(np.array(_COLOURFUL) * colourful),
        middle=_rounded(_MIDDLE * middle),
        axis=_rounded(axis),
        reach=round(float(_REACH * one_sided * np.ptp(chroma @ axis)), 4),
        one_sided=round(one_sided, 4),
        shadow=_rounded(chroma[int(np.argmin(lab[:, 0]))]),
        light=_rounded(chroma[int(np.argmax(lab[:, 0]))]),
    )


def _spread(chroma: Float64Array) -> tuple[float, float]:
    """Angle of the axis along which colours lie, and how much they keep to it, 0..1."""
    spread = chroma.T @ chroma / len(chroma)
    half_trace = 0.5 * (spread[0, 0] + spread[1, 1])
    half_gap = 0.5 * (spread[0, 0] - spread[1, 1])
    angle = 0.5 * float(np.arctan2(2.0 * spread[0, 1], 2.0 * half_gap))
    gap = float(np.hypot(half_gap, spread[0, 1]))
    one_sided = float(gap / half_trace) if half_trace > 1e-6 else 0.0
    # Where colours have no axis, one would be found in their rounding, other on another machine.
    return (angle, one_sided) if one_sided >= _LEAST_SIDED else (0.0, 0.0)


def _rounded(pair: Float64Array) -> tuple[float, float]:
    return round(float(pair[0]), 4), round(float(pair[1]), 4)
