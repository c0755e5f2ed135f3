"""Which theme a recipe's word means: its own name, a synonym, or a stand-in that is announced."""

import re

from tasks.rendering.backends.procedural.themes import THEMES

STAND_IN = "liquid-abstract"
# How words of each theme begin (regular expressions), most telling themes first: the first with
# the most hits wins.
_STEMS: dict[str, tuple[str, ...]] = {
    "impact-moment": (
        "impact", "explo", "shock", "burst", "drop", "blast", "supernova", "debris", "shatter",
        "collision", "detonat", "erupt",
    ),
    "neon-city": (
        "neon-(city|light|sign|glow)", "city", "cities", "skyline", "skyscraper", "street", "urban",
        "downtown", "metropol", "megacity", "cyberpunk", "rooftop", "avenue", "traffic",
        "headlight", r"towers?\b",
    ),
    "digital-rain": (
        "digital", "matrix", "glyph", "code", "cyber", "hacker", "terminal", "data", "binary",
        "rain(?!bow)", "glitch", "screen", "sleet", "drizzle",
    ),
    "laser-fog": (
        "laser", "beam", "searchlight", "spotlight", "stage", "concert", r"raves?\b", r"clubs?\b",
        "fog-machine", "strobe", "projector",
    ),
    "circuit": (
        "circuit", "lattice", "grid", "wire", "network", "neural", r"nodes?\b", "microchip",
        "motherboard", r"mesh\b", "cable", "blueprint",
    ),
    "crystals": (
        "crystal", r"ice\b", "iceberg", r"icy\b", "icicle", "glaci", r"gems?\b", "gemstone",
        "jewel", "diamond", "quartz", "prism", "facet", "frost", "shard", "amethyst", "mineral",
    ),
    "tunnel": (
        "tunnel", "corridor", "warp", "vortex", "wormhole", "portal", "highway", "hyperspace",
        "tube", "passage", "hallway", "cave", "canyon", "spiral", "shaft",
    ),
    "nebula": (
        "nebula", "galax", r"stars?\b", "starry", "starfield", "starlight", "stardust", "space",
        "cosm", "interstellar", "milky", "universe", "planet", "astro", "constellation",
    ),
    "aurora": (
        "aurora", "northern", "borealis", "polar", "night", r"sky\b", "skies", "mountain",
        "landscape", "curtain",
    ),
    "ocean": (
        "ocean", r"seas?\b", "seascape", "underwater", r"waves?\b", r"surf\b", r"tides?\b", "tidal",
        "reef", "lagoon", "beach", "coast", r"lakes?\b", "river", "aquatic", "marine", "shore",
    ),
    "bokeh": (
        "bokeh", "petal", "snow", "ember", "confetti", "dust", r"motes?\b", "firefl", "bubble",
        "pollen", "lantern", "blossom", "glitter", "sparkl", "feather", "leaf", "leaves",
        "dandelion", "depth-of-field", "out-of-focus",
    ),
    "gradient-waves": (
        "gradient", "silk", "fold", "satin", "velvet", "smooth", "dune", "fabric", "veil", "drape",
        "sunset", "sunrise", "minimal",
    ),
    "clouds": (
        "cloud", "ethereal", "mist", "fog", "haz(e|y)", "smok", "steam", "vapou?r", "heaven",
        "dream", "thunder", "storm", "dawn", "horizon",
    ),
    "particle-flow": (
        "particle", "ribbon", "thread", "swarm", r"sparks?\b", "stream", "flow(?!er)", r"winds?\b",
        "windy", "hair", "strand", "flock", "murmuration", "comet", "sandstorm",
    ),
    "geometric-morph": (
        "geometr", "shape", "polygon", "polyhedr", "kaleido", "mandala", "fractal", "morph",
        r"lines?\b", "sacred", "architect", "cube", "sphere", "pyramid", r"gears?\b", "mechani",
        "origami",
    ),
    "liquid-abstract": (
        "liquid", "fluid", "water", r"inks?\b", r"oils?\b", "oily", "melt", "molten", "abstract",
        "lava", "chrome", "mercury", "paint", "marbl", "honey", "plasma",
    ),
}  # fmt: skip


def choose_theme(word: str) -> tuple[str, tuple[str, ...]]:
    """Find the theme for a recipe's `visual_theme`.

    Returns:
        One of `THEMES`, and a warning when nothing in the word told which.
    """
    plain = re.sub(r"[\s_]+", "-", word.strip().lower())
    best = plain if plain in _STEMS else _best(plain)
    if best is not None:
        return best, ()
    known = ", ".join(THEMES)
    return STAND_IN, (f"theme {word!r} is unknown; {STAND_IN} stands in (known: {known})",)


def _best(plain: str) -> str | None:
    """The theme that most words tell of, if any does."""
    hits = {
        theme: sum(re.search(rf"\b{stem}", plain) is not None for stem in stems)
        for theme, stems in _STEMS.items()
    }
    best = max(hits, key=lambda theme: hits[theme])
    return best if hits[best] else None
