"""How far one clip is brought to what the film aims at.

Only what lies outside a tolerance is pulled, and only part of the way: differences between shots
are smaller afterwards, and their order stays.
"""

from typing import NamedTuple

import numpy as np

from recipe_schema.artifacts import ClipTraits
from tasks.assembly import oklab
from tasks.assembly.aims import FilmAims
from tasks.assembly.oklab import Float64Array
from tasks.assembly.tone import Tone, tone_curve

# Depth of the S-curve that every clip gets.
_LOOK = 0.14
# Levels of black and white that need no help, shares that are taken of the rest, and the most.
_BLACK, _WHITE = 0.09, 0.75
_STRETCHED, _MOST_BLACK, _MOST_WHITE = 0.5, 0.06, 0.1
# Tolerance in lightness, and what remains of the distance beyond it above and below.
_FREE_LIGHTNESS, _TOO_LIGHT, _TOO_DARK = 0.045, 0.45, 0.45
# Furthest exposures: more would turn noon into dusk, or night into fog.
_EXPOSURES = (-1.3, 0.4)
_FREE_CONTRAST, _CONTRAST_KEPT, _MOST_DEPTH = 0.03, 0.4, 0.12
_PIVOTS = (0.3, 0.6)
# Tolerance in mean colour, what remains beyond it, and the longest shift of any pixel.
_FREE_COLOUR, _COLOUR_KEPT, _LONGEST_SHIFT = 0.016, 0.4, 0.07
_SATURATED, _SATURATIONS = 0.5, (0.75, 1.2)
_DIGITS = 5
_STEPS = 24


class Match(NamedTuple):
    """What one clip needs."""

    tone: Tone
    saturation: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    """OKLab a and b that the middle tones are moved by."""


def match_clip(aims: FilmAims, traits: ClipTraits | None, *, strength: float) -> Match:
    """Say what a clip needs.

    Args:
        aims: Those of the film.
        traits: The clip; none is given the film's curve only.
        strength: 0 leaves the clip, 1 is usual.
    """
    plain = Tone(look=round(_LOOK * strength, _DIGITS))
    if traits is None or strength == 0.0:
        return Match(plain)
    levels = oklab.grey_of(np.array(traits.levels))
    tone = _stretched(plain, traits, strength)
    tone = _exposed(tone, levels, aims.lightness, strength)
    tone = _contrasted(tone, levels, aims.contrast, strength)
    saturation = _saturation(traits.colourfulness, aims.colourfulness, strength)
    after = _toned(levels, tone)
    return Match(tone, saturation, _shift(aims, traits, after, saturation, strength))


def shift_weight(lightness: Float64Array) -> Float64Array:
    """Share of a clip's shift of colour: most above the middle, none at black and at white."""
    return 6.75 * lightness**2 * (1.0 - lightness)


def pulled(value: float, aim: float, *, free: float, kept: float, strength: float) -> float:
    """Bring a value towards an aim: `kept` of the distance beyond `free` remains at strength 1."""
    distance = value - aim
    beyond = max(abs(distance) - free, 0.0)
    return value - float(np.sign(distance)) * min(strength * (1.0 - kept), 1.0) * beyond


def _toned(levels: Float64Array, tone: Tone) -> Float64Array:
    """Lightness of levels after a curve."""
    return oklab.lightness_of(tone_curve(levels, tone))


def _stretched(tone: Tone, traits: ClipTraits, strength: float) -> Tone:
    """Where black is grey it is lowered, where white is it is raised."""
    black, white = oklab.grey_of(np.array([traits.black, traits.white]))
    grey = float(np.clip(_STRETCHED * (black - _BLACK), 0.0, _MOST_BLACK))
    dull = float(np.clip(_STRETCHED * (_WHITE - white), 0.0, _MOST_WHITE))
    return tone._replace(
        black=round(strength * grey, _DIGITS), white=round(strength * dull, _DIGITS)
    )


def _exposed(tone: Tone, levels: Float64Array, aim: float, strength: float) -> Tone:
    """The exposure that brings the mean lightness to where it should be."""
    mean = float(_toned(levels, tone).mean())
    kept = _TOO_LIGHT if mean > aim else _TOO_DARK
    wanted = pulled(mean, aim, free=_FREE_LIGHTNESS, kept=kept, strength=strength)
    if wanted == mean:
        return tone
    low, high = (bound * strength for bound in _EXPOSURES)
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if _toned(levels, tone._replace(exposure=middle)).mean() < wanted:
            low = middle
        else:
            high = middle
    return tone._replace(exposure=round(0.5 * (low + high), _DIGITS))


def _contrasted(tone: Tone, levels: Float64Array, aim: float, strength: float) -> Tone:
    """The depth that brings the spread of the lightness nearer to where it should be."""
    after = tone_curve(levels, tone)
    spread = float(oklab.lightness_of(after).std())
    wanted = pulled(spread, aim, free=_FREE_CONTRAST, kept=_CONTRAST_KEPT, strength=strength)
    most = _MOST_DEPTH * min(strength, 1.0)
    depth = float(np.clip(wanted / max(spread, 1e-3) - 1.0, -most, most))
    pivot = float(np.clip(after.mean(), *_PIVOTS))
    return tone._replace(depth=round(depth, _DIGITS), pivot=round(pivot, _DIGITS))


def _saturation(colourful: float, bounds: tuple[float, float], strength: float) -> float:
    low, high = bounds
    aim = float(np.clip(colourful, low, high))
    part = strength * _SATURATED * (aim / max(colourful, 1e-3) - 1.0)
    return round(float(np.clip(1.0 + part, *_SATURATIONS)), _DIGITS)


def _shift(
    aims: FilmAims,
    traits: ClipTraits,
    lightness: Float64Array,
    saturation: float,
    strength: float,
) -> tuple[float, float]:
    """What moves the mean colour towards the palette's axis, and along it into the palette."""
    along = np.array(aims.axis)
    across = np.array([-along[1], along[0]])
    mean = saturation * np.array([traits.chroma_a, traits.chroma_b]) - np.array(aims.middle)
    reach = aims.reach + _FREE_COLOUR
    near = pulled(float(mean @ along), 0.0, free=reach, kept=_COLOUR_KEPT, strength=strength)
    side = pulled(
        float(mean @ across), 0.0, free=_FREE_COLOUR, kept=_COLOUR_KEPT, strength=strength
    )
    move = near * along + side * across - mean
    shift = move / max(float(shift_weight(lightness).mean()), 0.3)
    length = float(np.hypot(*shift))
    shift *= min(1.0, _LONGEST_SHIFT * strength / max(length, 1e-9))
    return round(float(shift[0]), _DIGITS), round(float(shift[1]), _DIGITS)
