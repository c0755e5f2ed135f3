"""What floats before a lens: which words name it, what it looks like, how it moves."""

from dataclasses import dataclass

from tasks.rendering.backends.procedural.flakes import BUBBLE, DISC, PAPER, PETAL, STAR

STEMS = {
    "embers": ("ember", "sparks", "ash", "burn", "welding", "slag"),
    "motes": ("dust", "pollen", "plankton", "point", "mote", "firefl", "speck", "living"),
    "snow": ("snow", "flake", "frost", "ice", "sleet"),
    "petals": ("petal", "lea", "feather", "blossom", "flower", "seed", "dandelion"),
    "paper": ("confetti", "paper", "glitter", "tinsel", "gold leaf", "silver"),
    "bubbles": ("bubble", "soap", "drop", "bead", "jellyfish", "foam"),
    "lamps": ("lamp", "headlight", "discs of", "city", "village", "lights out", "blurred"),
}


@dataclass(frozen=True)
class Matter:
    """What floats: its shape, how many there are, how large, and how it moves.

    Sizes are half-heights at distance 1, speeds half-heights a second of flow; `fall` is
    downwards. `key` is the height of the light behind it all and `key_light` its strength,
    `lamp_size` a factor; `hot` things have the warmest of the palette's colours.
    """

    shape: int
    count: int
    size: float
    wind: float
    fall: float
    sway: float
    tumble: float
    glow: float
    key: float
    key_light: float
    lamps: int
    lamp_size: float
    ground: bool
    hot: bool = False


KINDS = {
    "motes": Matter(DISC, 250, 0.0085, 0.05, -0.02, 0.10, 0.0, 1.9, -0.7, 1.0, 12, 1.5, True),
    "embers": Matter(
        DISC, 260, 0.0080, 0.10, -0.34, 0.12, 0.0, 3.4, 1.05, 2.4, 8, 1.2, False, hot=True
    ),
    "snow": Matter(STAR, 340, 0.024, 0.07, 0.22, 0.08, 0.5, 1.8, -0.5, 1.6, 26, 1.4, True),
    "petals": Matter(PETAL, 76, 0.070, 0.16, 0.17, 0.12, 1.3, 1.0, -0.8, 1.0, 24, 2.6, False),
    "paper": Matter(PAPER, 150, 0.042, 0.06, 0.26, 0.08, 2.6, 1.0, -0.9, 1.0, 30, 1.8, False),
    "bubbles": Matter(BUBBLE, 52, 0.090, 0.05, -0.16, 0.09, 0.0, 1.0, -0.8, 1.0, 14, 2.4, False),
    "lamps": Matter(DISC, 70, 0.0085, 0.03, 0.10, 0.05, 0.0, 1.2, 0.2, 0.7, 56, 2.7, True),
}
