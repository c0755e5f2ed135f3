"""The recipe's colours as light: inks, a gradient through them, a night and a spark.

Mixing happens in OKLab with the chroma of OKLCH kept up, so that the way from pink to cyan does
not lead through grey. Source: B. Ottosson, A perceptual color space for image processing, 2020.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from coloraide import Color
from numpy.typing import NDArray

from tasks.rendering.renderer import FloatArray

Lab = NDArray[np.float64]

RAMP_STEPS = 1024  # entries of the gradient, cyclic
MIXED_STEPS = 128  # of them are mixed, the others lie evenly between
INK_COUNT = 4  # colours that themes name singly
INK_LIGHTNESS_MIN = 0.52  # OKLCH; a darker colour is lifted to this when it has to shine
NIGHT_LIGHTNESS = 0.17  # OKLCH; the darkest place of a picture still shows a hue
NIGHT_CHROMA_MAX = 0.055
PLATEAU = 1.7  # how much steeper than even the change is, so that the colours themselves rule
CHROMA_KEPT = 0.9  # of the mean chroma, where two hues meet
SPARK_LIGHTNESS = 0.94
SPARK_CHROMA = 0.06


@dataclass(frozen=True, eq=False)
class Palette:
    """Linear-light BT.709 colours.

    Attributes:
        inks: Shape (4, 3): the recipe's first four colours, strong enough to shine;
            begun again where there are fewer.
        ramp: Shape (1024, 3): gradient through all colours and back, in their own order, so
            that first and last never meet.
        stops: Places of the ramp that are one of the recipe's colours; they lie evenly.
        night: Shape (3,): what the darkest places tend to.
        spark: Shape (3,): nearly white, for what burns.
    """

    inks: FloatArray
    ramp: FloatArray
    stops: int
    night: FloatArray
    spark: FloatArray


def mix_palette(colors: Sequence[str]) -> Palette:
    """Prepare a palette of two to eight sRGB hex colours."""
    return _mixed(tuple(colors))


@cache
def _mixed(colors: tuple[str, ...]) -> Palette:
    """Colour arithmetic is slow and every clip of a film asks for the same."""
    labs = [np.array(Color(color).convert("oklab")[:3], np.float64) for color in colors]
    shining = [_lifted(lab) for lab in labs]
    inks = [shining[k % len(shining)] for k in range(INK_COUNT)]
    return Palette(
        inks=np.stack([_light(lab) for lab in inks]),
        stops=len(_there_and_back(shining)),
        ramp=_filled_in(np.stack([_light(lab) for lab in _gradient(_there_and_back(shining))])),
        night=_light(_night(labs)),
        spark=_light(_with(shining[0], lightness=SPARK_LIGHTNESS, chroma=SPARK_CHROMA)),
    )


def _lifted(lab: Lab) -> Lab:
    return _with(lab, lightness=max(float(lab[0]), INK_LIGHTNESS_MIN), chroma=_chroma(lab))


def _there_and_back(labs: list[Lab]) -> list[Lab]:
    return labs + labs[-2:0:-1]


def _gradient(labs: list[Lab]) -> list[Lab]:
    """Round trip through the colours with chroma kept up between them."""
    steps = []
    for k in range(MIXED_STEPS):
        place = k / MIXED_STEPS * len(labs)
        a, b = labs[int(place)], labs[(int(place) + 1) % len(labs)]
        share = place - int(place)
        share = min(max((share - 0.5) * PLATEAU + 0.5, 0.0), 1.0)
        share = share * share * (3.0 - 2.0 * share)
        mixed = a + (b - a) * share
        wanted = CHROMA_KEPT * ((1.0 - share) * _chroma(a) + share * _chroma(b))
        steps.append(_with(mixed, lightness=float(mixed[0]), chroma=max(_chroma(mixed), wanted)))
    return steps


def _filled_in(mixed: FloatArray) -> FloatArray:
    """The whole gradient from its mixed steps, round the circle."""
    closed = np.concatenate([mixed, mixed[:1]])
    at = np.arange(RAMP_STEPS) * (MIXED_STEPS / RAMP_STEPS)
    channels = [np.interp(at, np.arange(MIXED_STEPS + 1), closed[:, c]) for c in range(3)]
    return np.stack(channels, axis=1).astype(np.float32)


def _night(labs: list[Lab]) -> Lab:
    """The darkest colour, darker still."""
    darkest = min(labs, key=lambda lab: float(lab[0]))
    return _with(darkest, lightness=NIGHT_LIGHTNESS, chroma=min(_chroma(darkest), NIGHT_CHROMA_MAX))


def _chroma(lab: Lab) -> float:
    return float(np.hypot(lab[1], lab[2]))


def _with(lab: Lab, *, lightness: float, chroma: float) -> Lab:
    """The same hue with another lightness and chroma."""
    own = _chroma(lab)
    scale = chroma / own if own > 1e-6 else 0.0
    return np.array([lightness, lab[1] * scale, lab[2] * scale])


def _light(lab: Lab) -> FloatArray:
    """Linear light inside the gamut: chroma gives way, lightness and hue stay."""
    color = Color("oklab", [float(v) for v in lab]).fit("srgb", method="oklch-chroma")
    return np.maximum(np.array(color.convert("srgb-linear")[:3], np.float32), np.float32(0.0))
