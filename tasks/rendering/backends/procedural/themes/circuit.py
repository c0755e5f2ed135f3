"""Circuit: a plain with a mesh of light, a lattice of tubes, a board of traces, machines."""

import math
from dataclasses import replace

import numpy as np

from tasks.rendering.backends.procedural.board import BOARD_VALUES, IN_SIGHT, chips_of, paint_board
from tasks.rendering.backends.procedural.facets import KNOBS, SHARE, lay_bodies
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.lattice import (
    LATTICE_VALUES,
    lay_lattice,
    paint_lattice,
)
from tasks.rendering.backends.procedural.light_mesh import MESH_VALUES, paint_plain
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.studio import (
    AIR,
    EYE_X,
    EYE_Y,
    FLOOR,
    FOCAL,
    KEY,
    KEY_X,
    KEY_Y,
    KEY_Z,
    LAMPS,
    SOFT,
    STRIP,
    STRIP_X,
    STRIP_Z,
)
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

KINDS = {
    "mesh": ("mesh", "floor", "plain", "dark plain", "grid of light", "grid", "glowing lines"),
    "lattice": (
        "lattice", "tube", "rod", "wire", "network", "fibre", "fiber", "node", "neural", "cable",
    ),
    "board": (
        "circuit", "board", "trace", "chip", "machine", "data", "tower", "core", "city", "server",
    ),
}  # fmt: skip
TALL = ("city", "tower", "core", "machine", "server", "wall")  # words that let chips stand high
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
        self.tall = 1.5 if any(word in stage.subject for word in TALL) else 0.3 * self.throws[5]
        self.hue = int(c * stage.palette.stops) / stage.palette.stops

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The ground or the air, then what stands in it."""
        if self.kind == "lattice":
            self._lattice(light, moment)
            return
        upright = replace(moment, turn=TILT_MAX * math.tanh(moment.turn / TILT_MAX))
        view = look_through(upright, height_px=light.shape[1], width_px=light.shape[2])
        if self.kind == "board":
            self._board(light, view, moment)
        else:
            self._mesh(light, view, moment)

    def _mesh(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        palette, (a, b, c, d) = self.stage.palette, self.throws[:4]
        energy, wishes = moment.energy, self.stage.wishes
        values = np.zeros(MESH_VALUES, np.float32)
        values[:] = (
            0.5 * (a - 0.5), -0.30 + 0.30 * b, 0.42 + 0.3 * c, 1.2 * moment.flow,
            0.25 * self.way * moment.flow,
            0.035 + 0.05 * d + 0.06 * moment.bass + 0.04 * moment.tension,
            0.8 * moment.flow,
            0.14 * moment.kick + 0.25 * moment.drop,
            0.4 + RING_PER_S * min(moment.since_kick, 4.0),
            (2.2 + 1.2 * a) * (1.0 + 0.25 * moment.tension) * min(max(wishes.density, 0.6), 1.6),
            0.55 + 0.9 * energy + 0.5 * moment.drop, 0.022 + 0.008 * b,
            0.25 + 0.5 * energy,
            self.way * (0.35 + 0.5 * d), -0.16 - 0.16 * c, 0.16 + 0.14 * b,
            0.55 + 0.40 * energy + 0.2 * moment.drop,
            0.15 + 0.15 * energy + 0.10 * moment.bass, 0.85,
            0.02 * moment.highs + 0.10 * moment.hats, int(9.0 * moment.flow),
            (0.0, 0.0, 1.0, 0.42)[int(4 * self.throws[4])],
        )  # fmt: skip
        paint_plain(light, view, palette.inks, palette.night, palette.spark, self.seed, values)

    def _board(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        palette, (a, b, c, d) = self.stage.palette, self.throws[:4]
        energy = moment.energy
        eye_x, eye_y, ground = 0.6 * (a - 0.5), -0.34 + 0.26 * b, 0.50 + 0.35 * c
        plain = np.zeros(MESH_VALUES, np.float32)
        plain[:] = (
            eye_x, eye_y, ground, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.02, 0.0,
            self.way * 0.5 * d, -0.02, 0.05, 0.0,
            0.20 + 0.16 * energy + 0.10 * moment.bass, 0.55, 0.0, 0.0, 0.0,
        )  # fmt: skip
        paint_plain(light, view, palette.inks, palette.night, palette.spark, self.seed, plain)
        values = np.zeros(BOARD_VALUES, np.float32)
        values[:] = (
            eye_x, eye_y, ground, 0.55 * moment.flow, 0.10 * self.way * moment.flow,
            0.35 + 0.5 * energy + 0.25 * moment.bass + 1.4 * moment.drop,
            1.3 + 1.8 * energy + 0.8 * moment.voice + 2.5 * moment.drop,
            2.2 * moment.flow * (1.0 + 0.2 * d),
            0.3 + 8.0 * min(moment.since_kick, 4.0), 2.2 * moment.kick, 1.6 * moment.hats,
            int(9.0 * moment.flow), self.hue,
        )  # fmt: skip
        back = to_pixels(view)
        paint_board(light, back, palette.ramp, palette.spark, self.seed, values)
        self._chips(light, view, back, values, moment)

    def _chips(
        self, light: FloatArray, view: FloatArray, back: FloatArray, values: FloatArray,
        moment: Moment,
    ) -> None:  # fmt: skip
        """Black boxes with lit edges that stand on the board."""
        palette, energy = self.stage.palette, moment.energy
        copies = chips_of(
            values, int(self.seed), rise=0.05 * moment.kick + 0.25 * moment.drop, tall=self.tall
        )
        if not copies:
            return
        lamps = dict.fromkeys(range(LAMPS), 0.0)
        lamps.update({
            KEY_X: 0.45 * self.way, KEY_Y: -0.70, KEY_Z: -0.55, STRIP_X: 0.9, STRIP_Z: 0.43,
            KEY: 0.5, STRIP: 0.5 + 0.3 * moment.mids, AIR: 0.45 + 0.4 * energy,
            EYE_X: float(values[0]), EYE_Y: float(values[1]), FOCAL: 1.0, FLOOR: 0.5, SOFT: 0.2,
        })  # fmt: skip
        look = np.zeros(KNOBS, np.float32)
        look[:] = (
            0.02, 0.02, 0.025, 0.20, 0.5, 0.0, 0.0,
            0.25 + 0.5 * energy + 0.9 * moment.kick, 0.010, 0.0, 0.0, 1.0, 0.0,
        )  # fmt: skip
        looks = np.repeat(look[None], len(copies), axis=0)
        looks[:, SHARE] = [min(max((IN_SIGHT - c.place[2]) / 2.5, 0.0), 1.0) for c in copies]
        lay_bodies(
            light, view, back, "cube", copies, looks,
            np.stack([palette.inks[1], palette.inks[0], palette.inks[3]]), palette.spark,
            tuple(np.float32(lamps[k]) for k in range(LAMPS)), self.seed, eye=float(values[2]),
        )  # fmt: skip

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
