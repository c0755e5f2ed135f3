"""Neon city: a skyline over water, a drive through wet streets, a road of light to the sun."""

import math
from dataclasses import replace

import numpy as np

from tasks.rendering.backends.procedural.city_dress import CITY_VALUES, POWER, TIGHT
from tasks.rendering.backends.procedural.city_signs import lay_behind
from tasks.rendering.backends.procedural.fields import scratch
from tasks.rendering.backends.procedural.glyphs import draw_glyphs
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import LONG_AGO_S, Moment
from tasks.rendering.backends.procedural.roadside import draw_palm, paint_gates, paint_palms
from tasks.rendering.backends.procedural.skyline import paint_skyline
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.street import paint_street
from tasks.rendering.backends.procedural.synth_road import draw_ridges, paint_land
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.wet_ground import paint_air_and_ground
from tasks.rendering.renderer import FloatArray

KINDS = {
    "road": (
        "road",
        "highway",
        "grid",
        "sun",
        "pyramid",
        "palm",
        "desert",
        "retro",
        "ring",
        "coast",
        "asphalt",
        "horizon",
        "dusk",
        "chrome",
    ),
    "skyline": ("skyline", "water", "harbour", "harbor", "bay", "rooftop", "distant"),
    "street": (
        "street",
        "alley",
        "canyon",
        "window",
        "between",
        "tower",
        "drive",
        "flight",
        "tube",
    ),
}
TILT_MAX = 0.3  # radians: a city that stood on its head would not be one
KICK_FLOORS_PER_S = 42.0  # how fast a kick climbs the towers


class NeonCity:
    """Towers at night."""

    glow = 0.8
    vignette = 0.4
    lens_share = 0.5  # a near window is large: blurred all the way it is a blob of light

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.kind = stage.variant(KINDS, throw=20)
        self.seed = seed32(stage.seed, 0)
        self.haze = Haze(stage, seed=seed32(stage.seed, 7))
        self.water = scratch(2, stage.height_px, stage.width_px)
        self.sky = scratch(3, stage.height_px, stage.width_px)
        self.free = scratch(stage.height_px, stage.width_px)
        self.glyphs = draw_glyphs()
        self.hue = int(dice(stage.seed, 1) * stage.palette.stops) / stage.palette.stops
        self.way = 1.0 if dice(stage.seed, 2) < 0.5 else -1.0
        subject = stage.subject
        pyramids = "pyramid" in subject or dice(stage.seed, 41) < 0.4
        self.ridges = draw_ridges(stage.seed, pyramids=pyramids)
        driven = any(word in subject for word in ("road", "highway", "trail", "drive"))
        self.road = (
            0.95 if driven or ("grid" not in subject and dice(stage.seed, 42) < 0.5) else 0.0
        )
        self.bend = 0.034 if "ring" in subject or "wind" in subject else 0.012
        self.gates = "neon" in subject or "gate" in subject or dice(stage.seed, 43) < 0.25
        self.palms = "palm" in subject or (not self.gates and dice(stage.seed, 44) < 0.6)
        self.throws = [dice(stage.seed, 30 + k) for k in range(8)]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Sky and ground, then towers from far to near."""
        upright = replace(moment, turn=TILT_MAX * math.tanh(moment.turn / TILT_MAX))
        view = look_through(upright, height_px=light.shape[1], width_px=light.shape[2])
        light[:] = 0.0
        self.free[:] = 1.0
        self.haze.fill(self.sky, view, drift=0.04 * moment.flow, strength=0.06, inks=(2, 0))
        if self.kind == "skyline":
            self._skyline(light, view, moment)
        elif self.kind == "street":
            self._street(light, view, moment)
        else:
            self._road(light, view, moment)
            return
        lay_behind(light, self.free, self.sky)

    def _city_values(self, moment: Moment) -> FloatArray:
        """What all towers of a frame share."""
        since_kick = min(moment.since_kick, LONG_AGO_S)
        wishes = self.stage.wishes
        values = np.zeros(CITY_VALUES, np.float32)
        values[:12] = (
            min(0.12 + 0.30 * moment.energy + 0.4 * moment.drop, 0.8)
            * (1.0 - 0.3 * moment.tension),
            1.2 + 0.5 * moment.energy + 0.6 * moment.drop,
            2.5 * moment.hats + 0.6 * moment.highs,
            KICK_FLOORS_PER_S * since_kick,
            1.1 * moment.kick,
            0.5 + 0.6 * moment.energy + 0.9 * moment.kick + 0.8 * moment.drop,
            int(5.0 * moment.flow),
            0.25 + 0.75 * moment.bass,
            moment.mids,
            self.hue,
            moment.energy,
            min(max(wishes.density, 0.6), 1.6),
        )
        return values

    def _skyline(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        a, b, c = self.throws[:3]
        eye = np.array([0.7 * (a - 0.5), 0.18 + 0.2 * b, 0.5], np.float32)
        drift = 0.22 * self.way * moment.flow
        air = np.array(
            [
                0.05 + 0.05 * moment.energy + 0.03 * moment.bass, 9.0,
                0.06 + 0.03 * moment.bass, 1.5, 2.6, drift, 0.0, 0.55 * moment.flow,
                0.5, 0.72, 0.8,
                (0.35 + 0.5 * c) * (-self.way), -0.45 - 0.2 * a, 0.20 + 0.12 * c,
                0.35 + 0.25 * moment.energy,
            ],
            np.float32,
        )  # fmt: skip
        self._ground(view, eye, air)
        values = self._city_values(moment)
        values[12:14] = drift, moment.time
        values[TIGHT] = moment.tension
        values[POWER] *= 1.45  # small windows: no one of them is large enough to burn out
        paint_skyline(light, self.free, self.sky, self.water, view, to_pixels(view), eye, values,
                      self._colors(), self.glyphs, self.seed)  # fmt: skip

    def _street(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        a, b, c = self.throws[:3]
        high = b > 0.6
        sway = 0.25 * math.sin(0.21 * moment.flow + 6.0 * a)
        eye = np.array(
            [0.5 * (a - 0.5) + 0.6 * sway, 0.05 + (0.12 if high else 0.2) * c,
             1.6 if high else 0.36], np.float32,
        )  # fmt: skip
        travel = 1.2 * moment.flow
        air = np.array(
            [
                0.05 + 0.07 * moment.energy + 0.04 * moment.bass, 6.0,
                0.035 + 0.02 * moment.bass, 2.2, 1.1, 0.0, travel, 0.0,
                0.12, 0.62, 0.6, 0.0, -0.3, 0.0, 0.0,
            ],
            np.float32,
        )  # fmt: skip
        self._ground(view, eye, air)
        values = self._city_values(moment)
        values[12:17] = travel, moment.time, 0.25 * sway, moment.flow, moment.tension
        paint_street(light, self.free, self.water, view, to_pixels(view), eye, values,
                      self._colors(), self.glyphs, self.seed)  # fmt: skip

    def _road(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        palette, (a, b, c, d) = self.stage.palette, self.throws[:4]
        values = np.array(
            [
                0.9 * (a - 0.5), 0.05 + 0.25 * b, 0.42 + 0.25 * c, 2.0 * moment.flow,
                self.bend * math.sin(0.17 * moment.flow + 6.0 * d),
                0.7 * (d - 0.5), 0.22 + 0.22 * c,
                (0.36 + 0.16 * b) * (1.0 + 0.05 * moment.bass - 0.12 * moment.tension),
                0.42 + 0.25 * moment.energy + 0.25 * moment.drop,
                0.7 + 0.9 * moment.energy + 0.8 * moment.drop,
                0.04 + 0.22 * moment.energy * moment.highs + 0.5 * moment.drop,
                26.0 * moment.since_kick, moment.kick,
                0.5 + 1.0 * moment.energy + 0.4 * moment.kick, 6.0 * moment.flow,
                0.10 + 0.14 * moment.energy + 0.06 * moment.bass,
                0.30, self.road * (1.0 - 0.3 * moment.tension), self.hue, 0.7 + moment.highs,
            ],
            np.float32,
        )  # fmt: skip
        light[:] = 0.6 * self.sky
        paint_land(light, view, self.ridges, palette.inks, palette.night, palette.spark,
                   palette.ramp, self.seed, values)  # fmt: skip
        back = to_pixels(view)
        if self.gates:
            paint_gates(light, back, palette.inks[1], values)
        if self.palms:
            paint_palms(light, view, back, draw_palm(), palette.inks[0], self.seed, values)

    def _ground(self, view: FloatArray, eye: FloatArray, air: FloatArray) -> None:
        palette = self.stage.palette
        inks = np.stack([palette.inks[0], palette.inks[2], palette.inks[1]])
        paint_air_and_ground(self.sky, self.water, view, eye, air, inks, palette.night, self.seed)

    def _colors(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        palette = self.stage.palette
        return palette.ramp, palette.inks, palette.night, palette.spark
