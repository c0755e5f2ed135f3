"""Which theme a recipe's word means: its own name, a synonym, or a stand-in that is announced."""

import re

from tasks.rendering.backends.procedural.themes import THEMES

STAND_IN = "liquid-abstract"
# Word stems of each theme, most telling themes first: the first theme with the most hits wins.
_STEMS: dict[str, tuple[str, ...]] = {
    "impact-moment": (
        "impact", "explo", "shock", "burst", "drop", "blast", "supernova", "debris", "shatter",
        "collision", "detonat",
    ),
    "digital-rain": (
        "digital", "matrix", "glyph", "code", "cyber", "hacker", "terminal", "data", "binary",
        "rain", "glitch", "neon-city", "city", "skyline", "screen",
    ),
    "tunnel": (
        "tunnel", "corridor", "warp", "vortex", "wormhole", "portal", "highway", "hyperspace",
        "laser", "tube", "passage",
    ),
    "aurora": (
        "aurora", "northern", "sky", "night", "star", "ethereal", "cloud", "dawn", "horizon",
        "mountain", "landscape", "mist", "polar", "curtain", "dream",
    ),
    "particle-flow": (
        "particle", "ribbon", "silk", "thread", "swarm", "dust", "spark", "stream", "flow",
        "firefl", "smoke", "wind", "hair", "strand",
    ),
    "geometric-morph": (
        "geometr", "shape", "polygon", "crystal", "kaleido", "mandala", "fractal", "lattice",
        "circuit", "grid", "wireframe", "morph", "line", "sacred", "prism", "architect",
    ),
    "liquid-abstract": (
        "liquid", "fluid", "water", "ink", "oil", "wave", "ocean", "melt", "gradient", "abstract",
        "lava", "chrome", "paint", "marbl",
    ),
}  # fmt: skip


def choose_theme(word: str) -> tuple[str, tuple[str, ...]]:
    """Find the theme for a recipe's `visual_theme`.

    Returns:
        One of `THEMES`, and a warning when nothing in the word told which.
    """
    plain = re.sub(r"[\s_]+", "-", word.strip().lower())
    if plain in THEMES:
        return plain, ()
    hits = {
        theme: sum(stem in plain for stem in stems)
        for theme, stems in _STEMS.items()
        if theme in THEMES
    }
    best = max(hits, key=lambda theme: hits[theme])
    if hits[best]:
        return best, ()
    known = ", ".join(THEMES)
    return STAND_IN, (f"theme {word!r} is unknown; {STAND_IN} stands in (known: {known})",)
