"""Lamps in haze: cones with their pools, glare, headlights, smoke lit from behind a stage."""

import math

import numpy as np

from tasks.rendering.backends.procedural.beams import SOFT_STEP, add_cone
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_pool
from tasks.rendering.renderer import FloatArray

Place = tuple[float, float]  # x and y in the scene
STEP = 1.0 / SOFT_STEP
GLARE = ((0.25, 1.4), (1.0, 0.5), (3.5, 0.10))  # size and light of a glare's three rings


class Lamps:
    """Lamps of one clip, drawn into a coarse picture."""

    def __init__(self, stage: Stage, *, soft: FloatArray, ink: int) -> None:
        self.stage = stage
        self.soft = soft
        self.ink = ink

    def size(self, moment: Moment) -> float:
        """Samples of the coarse picture in a scene half-height."""
        return STEP * self.stage.height_px / (2.0 * moment.scale)

    def color(self, k: int) -> FloatArray:
        """Ink of lamp `k`, counted from the clip's main ink."""
        ink: FloatArray = self.stage.palette.inks[(self.ink + k) % 3]
        return ink

    def backlight(self, back: FloatArray, moment: Moment, *, middle: Place) -> None:
        """Light smoke behind the stage from below and beyond."""
        size = self.size(moment)
        power = 0.05 + 0.10 * moment.energy + 0.05 * moment.bass
        for k, (x, wide, tall) in enumerate(((0.5, 1.5, 0.75), (-0.7, 1.1, 1.0))):
            u, v = _sample(back, (middle[0] + x, middle[1]))
            color = self.color(1 + k) * np.float32(power)
            add_pool(self.soft, u, v, np.float32(wide * size), np.float32(tall * size), color)

    def glare(self, back: FloatArray, moment: Moment, *, place: Place, reach: float) -> None:
        """A lamp that looks at us."""
        u, v = _sample(back, place)
        size = self.size(moment) * reach * (1.0 + 0.3 * moment.kick)
        color = self.color(0) + self.stage.palette.spark * np.float32(0.5)
        for share, k in GLARE:
            c = color * np.float32(k * (0.5 + 0.6 * moment.energy))
            add_dot(self.soft, u, v, np.float32(size * share + 1.0), c[0], c[1], c[2])

    def headlights(self, back: FloatArray, moment: Moment, *, middle: Place) -> None:
        """Two lamps that look at us through fog."""
        for side in (-1.0, 1.0):
            x, y = middle[0] + 0.20 * side, middle[1]
            for lean in (-1.0, -0.3, 0.4, 1.0):
                turn = lean + 0.1 * math.sin(0.6 * moment.flow + side)
                end = (x + 2.2 * turn + 0.5 * side, y + 0.9 - 0.8 * abs(lean))
                reach = 0.5 + 0.1 * moment.kick
                self.cone(back, moment, ends=((x, y), end), reach=reach, ink=0, power=2.0)
            self.glare(back, moment, place=(x, y), reach=0.2)

    def cone(
        self,
        back: FloatArray,
        moment: Moment,
        *,
        ends: tuple[Place, Place],
        reach: float,
        ink: int,
        power: float,
    ) -> None:
        """One cone between two places, with its pool of light where it ends.

        Args:
            back: Map from the scene to pixels.
            moment: Of the frame.
            ends: Its lamp, and where it falls.
            reach: Half its width where it falls, in half-heights.
            ink: Which of the clip's inks, counted from the main one.
            power: Factor on its light.
        """
        size = self.size(moment)
        (x0, y0), (x1, y1) = (_sample(back, place) for place in ends)
        color = self.color(ink)
        k0 = power * (0.65 + 0.75 * moment.energy)
        add_cone(
            self.soft, x0, y0, x1, y1, np.float32(0.018 * size), np.float32(reach * size), color,
            np.float32(k0), np.float32(5.5), np.float32(0.9 * moment.flow + ink), np.float32(0.75),
        )  # fmt: skip
        add_pool(
            self.soft, x1, y1, np.float32(1.2 * reach * size), np.float32(0.32 * reach * size),
            color * np.float32(0.28 * k0),
        )  # fmt: skip
        c = (color + self.stage.palette.spark) * np.float32(0.5 * k0)
        add_dot(self.soft, x0, y0, np.float32(0.05 * size + 1.0), c[0], c[1], c[2])


def _sample(back: FloatArray, place: Place) -> tuple[np.float32, np.float32]:
    """A scene place in the coarse picture."""
    x, y = place
    u = (float(back[0]) * x + float(back[1]) * y + float(back[2])) * STEP + 1.0
    v = (float(back[3]) * x + float(back[4]) * y + float(back[5])) * STEP + 1.0
    return np.float32(u), np.float32(v)
