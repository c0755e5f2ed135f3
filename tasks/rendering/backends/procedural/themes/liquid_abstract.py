"""Liquid: drops, molten crust, plumes of ink, oil films, a gas giant, water, folded fluid."""

from collections.abc import Callable
from typing import Protocol

from tasks.rendering.backends.procedural.drops import Drops
from tasks.rendering.backends.procedural.fluid import Film, Folds
from tasks.rendering.backends.procedural.giant import Giant
from tasks.rendering.backends.procedural.molten import Molten
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.plumes import Plumes
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.waters import Waters
from tasks.rendering.renderer import FloatArray

KINDS = {
    "drops": (
        "mercury", "chrome", "honey", "amber", "resin", "whisky", "silver", "syrup", "drop", "blob",
        "bubble", "liquid gold", "wax",
    ),
    "molten": (
        "molten", "lava", "magma", "slag", "crust", "iron", "steel", "burning", "fire", "furnace",
    ),
    "plumes": (
        "ink", "dye", "milk", "smoke", "plasma", "cosmic gas", "cloud", "current", "octopus",
        "steam", "paint in", "cream", "fume", "luminous water",
    ),
    "film": (
        "oil", "iridescent", "opal", "pearl", "wine", "skin", "jellyfish", "soap", "petrol", "film",
    ),
    "giant": ("gas giant", "storms of", "planet", "jupiter", "giant world"),
    "water": (
        "waves of", "pond", "river", "caustic", "reflection", "dark water", "coloured water",
        "storm waves", "bioluminescent", "rain", "sea", "lake", "pool", "waves",
    ),
    "folds": ("swirl", "glossy", "paint", "marbl", "fold", "ribbon"),
}  # fmt: skip


class Picture(Protocol):
    """One kind of liquid."""

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fill `light` with linear light, shape (3, height, width)."""
        ...


class LiquidAbstract:
    """One of seven liquids: what the subject names, else what the seed throws."""

    glow = 0.55
    vignette = 0.5

    def __init__(self, stage: Stage) -> None:
        kinds: dict[str, Callable[[Stage], Picture]] = {
            "drops": Drops, "molten": Molten, "plumes": Plumes, "film": Film, "giant": Giant,
            "water": Waters, "folds": Folds,
        }  # fmt: skip
        self.picture = kinds[stage.variant(KINDS, throw=20)](stage)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Paint the kind that was chosen."""
        self.picture.paint(light, moment)
