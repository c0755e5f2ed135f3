"""Palettes in OKLCH: an aesthetic's colours, tinted by the song's mood, made to be seen.

Every colour lies in the sRGB gamut (chroma gives way, hue and lightness stay), no two are nearly
alike, and the lightest stands out from the darkest.
Source: B. Ottosson, A perceptual color space for image processing, 2020; WCAG 2.1 contrast.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations

from coloraide import Color

from recipe_schema.analysis import Mood
from tasks.planning.bank import Aesthetic, Oklch
from tasks.planning.randomness import generator, pick

MIN_CONTRAST = 1.6  # WCAG ratio of the lightest to the darkest colour: light and shade
MIN_DIFFERENCE = 0.08  # OKLab distance of any two colours: told apart side by side
LIGHTNESS_STEP = 0.02  # by which shade is deepened until the contrast is there
MAX_STEPS = 20
# What mood does to colours: a happy song is lighter, an excited one more colourful.
VALENCE_LIGHTNESS = 0.03
AROUSAL_CHROMA = 0.08

GREY_CHROMA = 0.035  # below, a colour has no hue to speak of
GREYS = ((0.85, "silver white"), (0.65, "silver grey"), (0.45, "steel grey"), (0.0, "charcoal"))
# OKLCH hue up to which each word holds: for light colours, and for deep ones.
HUES = (
    (14, "rose pink", "crimson"), (34, "coral", "deep red"), (54, "peach orange", "burnt orange"),
    (78, "warm amber", "amber brown"), (100, "golden yellow", "ochre"),
    (122, "lemon yellow", "olive"), (148, "spring green", "forest green"),
    (176, "mint green", "emerald"), (198, "turquoise", "teal"), (228, "icy cyan", "deep teal"),
    (258, "sky blue", "cobalt blue"), (283, "periwinkle", "indigo"),
    (312, "lavender", "violet"), (338, "orchid pink", "purple"), (356, "blush pink", "magenta"),
    (360, "rose pink", "crimson"),
)  # fmt: skip
LIGHT_FROM = 0.66  # OKLCH lightness from which the light word is used
NEON_CHROMA, NEON_FROM = 0.2, 0.6  # chroma and lightness from which a pink is hot


@dataclass(frozen=True)
class NamedPalette:
    """A film's colours, the leading one first."""

    name: str
    colors: tuple[str, ...]


def choose_palette(aesthetic: Aesthetic, *, mood: Mood, seed: int) -> NamedPalette:
    """One of the aesthetic's palettes, tinted by the mood."""
    name = pick(sorted(aesthetic.palettes), generator(seed, "palette", aesthetic.name))
    tinted = [_tint(color, mood) for color in aesthetic.palettes[name]]
    return NamedPalette(name=name, colors=tuple(c.to_string(hex=True) for c in _deepen(tinted)))


def faults(colors: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong with a palette, one sentence each; empty when it serves."""
    shades = [Color(color) for color in colors]
    found = []
    if _contrast(shades) < MIN_CONTRAST:
        found.append(f"contrast is {_contrast(shades):.2f}; at least {MIN_CONTRAST} is needed")
    for a, b in combinations(shades, 2):
        if a.distance(b, space="oklab") < MIN_DIFFERENCE:
            found.append(f"{a.to_string(hex=True)} and {b.to_string(hex=True)} are nearly alike")
    return tuple(found)


def color_word(color: str) -> str:
    """What a person would call a colour, such as `hot pink`."""
    shade = Color(color).convert("oklch")
    lightness, chroma, hue = (float(shade.get(name, nans=False)) for name in ("l", "c", "h"))
    if chroma < GREY_CHROMA:
        return next(word for least, word in GREYS if lightness >= least)
    _, light, deep = next(row for row in HUES if hue % 360.0 <= row[0])
    if chroma >= NEON_CHROMA and "pink" in light and deep != "purple" and lightness >= NEON_FROM:
        return "hot pink"
    return light if lightness >= LIGHT_FROM else deep


@cache
def color_words(colors: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a palette, each once, in its order."""
    return tuple(dict.fromkeys(color_word(color) for color in colors))


def _tint(color: Oklch, mood: Mood) -> Color:
    """A colour moved by the mood and brought into the gamut."""
    lightness, chroma, hue = color
    lightness = min(max(lightness + VALENCE_LIGHTNESS * mood.valence, 0.25), 0.95)
    shade = Color("oklch", [lightness, chroma * (1.0 + AROUSAL_CHROMA * mood.arousal), hue])
    return shade.fit("srgb", method="oklch-chroma").convert("srgb")


def _deepen(shades: list[Color]) -> list[Color]:
    """Darken the darkest colour until the palette has light and shade."""
    for _ in range(MAX_STEPS):
        if _contrast(shades) >= MIN_CONTRAST:
            break
        k = min(range(len(shades)), key=lambda i: shades[i].luminance())
        deeper = shades[k].convert("oklch")
        deeper["l"] = float(deeper["l"]) - LIGHTNESS_STEP
        shades[k] = deeper.fit("srgb", method="oklch-chroma").convert("srgb")
    return shades


def _contrast(shades: list[Color]) -> float:
    """WCAG ratio of the lightest to the darkest."""
    lights = [shade.luminance() for shade in shades]
    return float((max(lights) + 0.05) / (min(lights) + 0.05))
