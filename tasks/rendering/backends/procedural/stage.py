"""What a theme is given once, and what it must be able to do."""

from dataclasses import dataclass
from typing import Protocol

from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.renderer import FloatArray


@dataclass(frozen=True, eq=False)
class Stage:
    """What stays the same for a whole clip."""

    height_px: int
    width_px: int
    palette: Palette
    seed: int
    energy: float  # the shot's own level, 0..1


class Theme(Protocol):
    """Paints a clip's frames, each from its moment alone; keeps work arrays, never history."""

    glow: float  # share of spilled light that suits the theme
    vignette: float  # light lost in the corners, 0..1

    def __init__(self, stage: Stage) -> None: ...

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fill `light` with linear light, shape (3, height, width)."""
        ...
