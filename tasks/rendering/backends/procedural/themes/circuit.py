"""Circuit: a plain with a mesh of light, a lattice of tubes, a board of traces, machines."""

import math
from dataclasses import replace

import numpy as np

from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.lattice import (
    LATTICE_VALUES,
    lay_lattice,
    paint_lattice,
)
from tasks.rendering.backends.procedural.light_mesh import MESH_VALUES, paint_plain
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

KINDS = {
    "mesh": ("mesh", "floor", "plain", "dark plain", "grid of light", "grid", "glowing lines"),
    "lattice": (
        "lattice", "tube", "rod", "wire", "network", "fibre", "fiber", "node", "neural", "cable",
    ),
}  # fmt: skip
TILT_MAX = 0.3  # radians: a horizon that stood upright would not be one
RING_PER_S = 7.0  # units that a kick's ring travels a second


class Circuit:
    """Traces, tubes and meshes of light."""

    glow = 0.85
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.kind = stage.variant(KINDS, throw=20)
        self.seed = seed32(stage.seed, 0)
        self.throws = [dice(stage.seed, 30 + k) for k in range(8)]
        self.way = 1.0 if dice(stage.seed, 2) < 0.5 else -1.0
        a, b, c = self.throws[:3]
        self.lattice = lay_lattice(self.way * (0.25 + 0.3 * a), 0.5 * (b - 0.5))
        self.loose = any(
            w in stage.subject for w in ("network", "fibre", "fiber", "cable", "neural")
        )
        self.hue = int(c * stage.palette.stops) / stage.palette.stops

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The ground or the air, then what stands in it."""
        if self.kind == "lattice":
            self._lattice(light, moment)
        else:
            self._mesh(light, moment)

    def _mesh(self, light: FloatArray, moment: Moment) -> None:
        upright = replace(moment, turn=TILT_MAX * math.tanh(moment.turn / TILT_MAX))
        view = look_through(upright, height_px=light.shape[1], width_px=light.shape[2])
        palette, (a, b, c, d) = self.stage.palette, self.throws[:4]
        energy, wishes = moment.energy, self.stage.wishes
        values = np.zeros(MESH_VALUES, np.float32)
        values[:] = (
            0.5 * (a - 0.5), -0.30 + 0.30 * b, 0.42 + 0.3 * c, 1.2 * moment.flow,
            0.25 * self.way * moment.flow,
            0.035 + 0.05 * d + 0.06 * moment.bass + 0.04 * moment.tension,
            0.8 * moment.flow,
            (0.10 * moment.kick + 0.25 * moment.drop),
            0.4 + RING_PER_S * min(moment.since_kick, 4.0),
            (2.2 + 1.2 * a) * (1.0 + 0.25 * moment.tension) * min(max(wishes.density, 0.6), 1.6),
            0.55 + 0.9 * energy + 0.5 * moment.drop, 0.022 + 0.008 * b,
            0.25 + 0.5 * energy,
            self.way * (0.35 + 0.5 * d), -0.16 - 0.16 * c, 0.16 + 0.14 * b,
            0.30 + 0.30 * energy + 0.2 * moment.drop,
            0.20 + 0.15 * energy + 0.10 * moment.bass, 0.85,
            0.02 * moment.highs + 0.10 * moment.hats, int(9.0 * moment.flow),
            (0.0, 0.0, 1.0, 0.42)[int(4 * self.throws[4])],
        )  # fmt: skip
        paint_plain(light, view, palette.inks, palette.night, palette.spark, self.seed, values)

    def _lattice(self, light: FloatArray, moment: Moment) -> None:
        view = look_through(moment, height_px=light.shape[1], width_px=light.shape[2])
        palette, energy = self.stage.palette, moment.energy
        light[:] = 0.10 * palette.night[:, None, None]
        run = 0.75 * moment.flow
        values = np.zeros(LATTICE_VALUES, np.float32)
        values[:] = (
            math.floor(run), run - math.floor(run),
            0.028 + 0.012 * self.throws[3] + 0.006 * moment.bass,
            0.35 + 0.35 * energy + 0.3 * moment.drop, 0.8 + 0.9 * energy + 0.8 * moment.drop,
            0.8 + 0.8 * energy + 0.4 * moment.bass, 0.9 + 1.2 * energy, 0.9 * moment.flow,
            7.0 * min(moment.since_kick, 4.0), 1.8 * moment.kick, 1.2 * moment.hats,
            int(9.0 * moment.flow), 0.75 if self.loose else 0.0, 0.30 if self.loose else 0.12,
            self.hue, 0.35 + 0.2 * moment.voice,
        )  # fmt: skip
        paint_lattice(
            light, to_pixels(view), self.lattice.cells, self.lattice.turn, palette.inks,
            palette.ramp, palette.spark, self.seed, values,
        )  # fmt: skip
