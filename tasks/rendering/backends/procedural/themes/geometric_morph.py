"""Geometric morph: sculptures of polished bodies, mirrored rosettes, nested panes of light."""

import math

import numpy as np

from tasks.rendering.backends.procedural.balls import balls_of, paint_balls
from tasks.rendering.backends.procedural.facets import KNOBS, lay_bodies
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.panes import Panes
from tasks.rendering.backends.procedural.sculpture import ORDERS, Copy
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.studio import LAMPS, Lamps, paint_room, shade_floor
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

KINDS = {
    "pyramid": ("pyramid",),
    "cube": ("cube",),
    "block": ("block", "stair", "step", "brick"),
    "prism": ("prism",),
    "hexagon": ("hexagon", "honeycomb"),
    "sphere": ("sphere", "ball", "orb", "bead"),
    "shard": ("shard", "splinter"),
    "gear": ("gear", "clockwork", "mechanism", "cog"),
    "triangle": ("triangle",),
    "disc": ("disc", "disk", "mobile"),
    "fan": ("fan", "paper", "origami"),
    "arch": ("arch", "column", "pillar", "temple"),
    "ring": ("ring", "dome", "ribs"),
    "frame": ("frame", "interlock", "chain", "beam"),
    "petal": ("rosette", "mandala", "kaleido", "symmet", "ornament", "sacred", "fractal"),
    "panel": ("panel", "plate", "mirror", "fold", "plane", "sheet"),
    "panes": ("polygon", "nested", "star", "hypercube", "tesseract"),
}
# Orders that suit a body; the shot's seed throws one of them where no word names it.
ORDERS_OF = {
    "pyramid": ("grid", "grid", "float"), "cube": ("stack", "float", "nested"),
    "block": ("stack", "stairs"), "prism": ("float", "mobile"), "hexagon": ("wall",),
    "sphere": ("balls", "balls", "float"), "shard": ("float",), "gear": ("gearwork",),
    "triangle": ("mobile", "float"),
    "disc": ("mobile",), "fan": ("mobile",), "arch": ("colonnade",), "ring": ("dome", "nested"),
    "frame": ("nested", "float"), "panel": ("wall",), "petal": ("rosette",),
}  # fmt: skip
NAMED_ORDERS = {
    "stack": "stack", "stair": "stairs", "nest": "nested", "float": "float", "grid": "grid",
    "interlock": "nested", "chain": "float", "mobile": "mobile",
}  # fmt: skip
FREE_ORDERS = {"nested", "float", "mobile"}  # that any body suits
GROUNDED = {"balls", "stack", "stairs", "grid", "colonnade"}
HOVERING = {"nested", "dome", "mobile"}  # above a floor, in some films
MIXED = {"nested", "dome", "colonnade"}  # orders in which bodies reach into each other
MATERIALS = {
    "glass": ("glass", "translucent", "acrylic", "tinted", "crystal"),
    "iron": ("iron", "forged", "press", "heated"),
    "gold": ("gold", "gilded", "brass", "clockwork"),
    "stone": ("stone", "marble", "pale"),
    "neon": ("neon", "light", "glowing"),
    "paper": ("paper", "coloured paper", "card"),
    "steel": ("chrome", "mirror", "steel", "polished", "brushed", "metal", "black glass"),
}
# Of each material: mirror, matte, clear, glow, light of the bevels and their width, grain, and how
# far its colour is that of the ink (1) and how light it is.
LOOKS = {
    "steel": (0.90, 0.04, 0.0, 0.00, 0.16, 0.008, 0.0, 0.45, 0.85),
    "glass": (0.10, 0.10, 0.80, 0.05, 0.40, 0.010, 0.0, 1.00, 0.90),
    "iron": (0.16, 0.42, 0.0, 0.00, 0.16, 0.020, 0.55, 0.30, 0.16),
    "gold": (0.55, 0.25, 0.0, 0.02, 0.30, 0.014, 0.15, 0.95, 0.80),
    "stone": (0.03, 0.80, 0.0, 0.00, 0.06, 0.014, 0.50, 0.22, 0.70),
    "neon": (0.22, 0.05, 0.0, 0.03, 2.20, 0.024, 0.0, 0.60, 0.25),
    "paper": (0.02, 0.75, 0.0, 0.10, 0.10, 0.008, 0.06, 1.00, 0.95),
}  # fmt: skip
EYE = 1.0  # height of the eye, units
FOCAL = 1.75  # half-heights


class GeometricMorph:
    """Bodies that turn, open and mirror each other."""

    glow = 0.7
    vignette = 0.45
    lens_share = 0.5

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.kind = stage.variant(KINDS, throw=20)
        self.panes = Panes(stage)
        self.way = 1.0 if dice(seed, 3) < 0.5 else -1.0
        self.throws = [dice(seed, 30 + k) for k in range(8)]
        self.material = self._material()
        self.order = self._order()
        inks = stage.palette.inks
        first = int(4 * dice(stage.family, 50))
        self.inks = np.stack([inks[(first + k) % 4] for k in range(4)])
        hovers = self.order in HOVERING and dice(stage.family, 51) < 0.6
        self.floor = self.order in GROUNDED or hovers

    def _material(self) -> str:
        """The one that the subject's words name, else the film's own."""
        text = self.stage.named + " " + self.stage.subject
        found = [name for name, stems in MATERIALS.items() if any(s in text for s in stems)]
        own = ("steel", "glass", "neon", "gold", "steel", "glass")
        return found[0] if found else own[int(len(own) * dice(self.stage.family, 52))]

    def _order(self) -> str:
        among = ORDERS_OF.get(self.kind, ("float",))
        named = [of for word, of in NAMED_ORDERS.items() if word in self.stage.subject]
        named = [of for of in named if of in FREE_ORDERS or of in among]
        return named[0] if named else among[int(len(among) * self.throws[5])]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The room, the bodies' mirror images, then the bodies."""
        if self.kind == "panes":
            self.panes.paint(light, moment)
            return
        view = look_through(moment, height_px=light.shape[1], width_px=light.shape[2])
        back = to_pixels(view)
        lamps = self._lamps(moment)
        copies = ORDERS[self.order](self.stage.seed, moment)
        night = self.stage.palette.night
        paint_room(light, view, np.stack([self.inks[1], self.inks[0]]), night, lamps)
        if self.floor:
            if self.order != "grid":  # rows so close hide their own images
                self._lay(light, view, back, copies, lamps, moment, flip=-1.0)
            self._shade(light, back, copies, lamps)
        self._lay(light, view, back, copies, lamps, moment, flip=1.0)

    def _lamps(self, moment: Moment) -> Lamps:
        a, b, c, d = self.throws[:4]
        swing = 0.35 * math.sin(0.35 * moment.flow + 6.0 * a)
        key = np.array([self.way * (0.55 + swing), -0.62, -0.55])
        key = key / math.sqrt(float((key * key).sum()))
        tilt = 0.5 * math.sin(0.27 * moment.flow + 6.0 * b)
        energy = moment.energy
        lamps = (
            *key, math.cos(tilt), 0.35 * math.sin(tilt), -0.6 * self.way * math.sin(tilt + 0.8),
            1.1 + 0.9 * energy + 0.4 * moment.kick, 0.8 + 0.9 * energy + 0.4 * moment.voice,
            0.42 + 0.36 * energy + 0.22 * moment.bass,
            0.34 * (c - 0.5), -0.12 + 0.22 * d if self.floor else 0.1 * (d - 0.5), FOCAL,
            -self.way * (0.25 + 0.5 * a), -0.25 - 0.35 * b,
            0.10 + 0.11 * energy + 0.05 * moment.bass + 0.12 * moment.drop,
            0.5 if self.floor else 0.0, 0.10 + 0.08 * energy, 0.30,
        )  # fmt: skip
        assert len(lamps) == LAMPS
        return tuple(np.float32(v) for v in lamps)

    def _lay(
        self, light: FloatArray, view: FloatArray, back: FloatArray, copies: list[Copy],
        lamps: Lamps, moment: Moment, *, flip: float,
    ) -> None:  # fmt: skip
        """Paint all copies, or their images in the floor."""
        inks = np.stack([self.inks[1], self.inks[2], self.inks[3]])
        if self.kind == "sphere":
            looks, balls = self._looks(copies, moment, flip), balls_of(copies, EYE, flip)
            paint_balls(light, view, back, balls, looks, inks, self.stage.palette.spark, lamps)
            return
        lay_bodies(
            light, view, back, self.kind, copies, self._looks(copies, moment, flip), inks,
            self.stage.palette.spark, lamps, self.seed, eye=EYE, flip=flip,
            mixed=self.order in MIXED,
        )  # fmt: skip

    def _looks(self, copies: list[Copy], moment: Moment, flip: float) -> FloatArray:
        """What each copy is made of."""
        mirror, matte, clear, glow, bevel, wide, grain, tint, tone = LOOKS[self.material]
        seed, palette = self.stage.seed, self.stage.palette
        focus = 3.6
        looks = np.zeros((len(copies), KNOBS), np.float32)
        for n, copy in enumerate(copies):
            own = dice(seed, 700 + n)
            color = tone * (tint * self.inks[int(4 * own)] + (1.0 - tint) * palette.spark)
            z = max(copy.place[2], 0.4)
            hat = moment.hats * (dice(seed, 800 + n + 97 * int(6.0 * moment.flow)) < 0.12)
            pulse = moment.kick * (0.4 + 0.6 * own)
            hot = 0.0
            if self.material == "iron" and own > 0.6:
                hot = 2.0 * (own - 0.6) * (0.7 + moment.bass + 2.0 * pulse) + 0.6 * moment.drop
            haze = 1.0 / (1.0 + (0.10 * max(z - 3.0, 0.0)) ** 2)
            if self.order == "colonnade":  # arches come up out of the dark
                haze *= min(max((7.9 - z) / 1.6, 0.0), 1.0)
            out_of_focus = abs(1.0 / z - 1.0 / focus) * (0.4 + 2.6 * self.stage.wishes.blur)
            looks[n] = (
                *color, mirror, matte, clear, glow + 0.5 * hat + 3.0 * hot,
                bevel * (0.45 + 0.6 * moment.energy + 0.7 * pulse + 2.0 * hat), wide,
                grain if flip > 0.0 else 0.0,
                out_of_focus * 0.022 * self.stage.height_px,
                haze * (0.30 if flip < 0.0 else 1.0),
                1.0 if clear > 0.0 or self.kind == "fan" else 0.0,
            )  # fmt: skip
        return looks

    def _shade(self, light: FloatArray, back: FloatArray, copies: list[Copy], lamps: Lamps) -> None:
        spots = np.array(
            [
                (copy.place[0] - 0.15 * self.way, copy.place[2], 0.95 * copy.size[0], 0.6)
                for copy in copies
                if copy.place[1] < 0.8
            ],
            np.float32,
        ).reshape(-1, 4)
        shade_floor(light, back, spots, np.float32(EYE), lamps)
