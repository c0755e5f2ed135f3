"""What a theme is given once, and what it must be able to do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from recipe_schema.recipe import VisualStyle
from tasks.rendering.backends.procedural.kit import dice
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.backends.procedural.words import Wishes, has_stem
from tasks.rendering.renderer import FloatArray


@dataclass(frozen=True, eq=False)
class Stage:
    """What stays the same for a whole clip."""

    height_px: int
    width_px: int
    palette: Palette
    seed: int  # the shot's own: what it shows, and from where
    family: int  # the film's own: what its shots have in common, such as material and haze
    energy: float  # the shot's own level, 0..1
    subject: str  # what the prompt shows and where, lower case
    named: str  # what it shows alone, lower case
    wishes: Wishes  # what the prompt's words ask of speed, light, camera and lens
    calm: bool = False  # whether the film may not flash: no burst may be sudden then

    def variant(self, stems: Mapping[str, tuple[str, ...]], *, throw: int) -> str:
        """Choose a kind of picture: the one that the subject's words name, else by the seed.

        What is shown counts before what it does and where: waves of steel are steel.

        Args:
            stems: Word stems by kind; a kind without stems is only ever thrown.
            throw: Which of the seed's numbers decides when no word does.
        """
        hits = {
            kind: tuple(sum(has_stem(s, text) for s in of) for text in (self.named, self.subject))
            for kind, of in stems.items()
        }
        best = max(hits, key=lambda kind: hits[kind])
        return best if any(hits[best]) else list(stems)[int(dice(self.seed, throw) * len(stems))]


class Theme(Protocol):
    """Paints a clip's frames, each from its moment alone; keeps work arrays, never history.

    A class that draws a depth of field itself says so with `lens_share = 0.0`: the share of the
    wished blur that is left to the lens (1.0 where it is not named).
    """

    glow: float  # share of spilled light that suits the theme
    vignette: float  # light lost in the corners, 0..1

    def __init__(self, stage: Stage) -> None: ...

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fill `light` with linear light, shape (3, height, width)."""
        ...


def family_of(style: VisualStyle) -> int:
    """A seed that all shots of one look share: their palette and aesthetic."""
    text = "\n".join((style.aesthetic, *style.color_palette)).lower()
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
