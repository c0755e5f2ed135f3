"""What lies behind a swarm: an evening sky over woods, a snowy night, a forge, space, water."""

import numpy as np

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.ridges import draw_ridge, ridge_profile
from tasks.rendering.backends.procedural.sky_dome import CLOUD_STEP, paint_sky
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.stars import add_stars
from tasks.rendering.backends.procedural.strokes import add_pool
from tasks.rendering.backends.procedural.undersea import Undersea
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.backends.procedural.words import says
from tasks.rendering.renderer import FloatArray

SKIES = ("dusk", "day")
DAYLIGHT = np.array([[1.5], [1.3], [1.0]], np.float32)  # on zenith, horizon and sun
LAND = {"dusk": ("hills", "trees"), "day": ("hills",), "night": ("mountains", "hills")}


class Backdrop:
    """One of: dusk, day, night, forge, dark, space, water."""

    def __init__(self, stage: Stage, kind: str) -> None:
        seed, colors = stage.seed, stage.palette
        if kind == "dusk" and says("night|moon*|fjord|stars", stage.subject):
            kind = "night"
        self.stage, self.kind, self.seed = stage, kind, seed32(seed, 40)
        self.sea = Undersea(stage) if kind == "water" else None
        self.haze = Haze(stage, seed=seed32(seed, 41))
        first, second = colors.inks[int(2 * dice(stage.family, 3)) :][:2]
        low = first * np.float32(0.42) + colors.spark * np.float32(0.03)
        top = colors.night * np.float32(0.7) + second * np.float32(0.16)
        sun = first * np.float32(0.6) + colors.spark * np.float32(0.4)
        self.air = np.stack([top, low, sun]).astype(np.float32)
        clouds = coarse_shape(stage.height_px, stage.width_px, CLOUD_STEP)
        self.clouds, self.wide = scratch(*clouds), scratch(clouds[0], stage.width_px)
        self.foot = 0.72 + 0.16 * dice(seed, 42)
        side = 0.25 + 0.8 * dice(seed, 43)
        self.sun = (side if dice(seed, 44) < 0.5 else -side, 0.04 + 0.35 * dice(seed, 45))
        self.ridges = [
            (ridge_profile(name, seed=seed32(seed, 46 + k)), (0.30, 0.36)[k])
            for k, name in enumerate(LAND.get(kind, ()))
        ]

    def paint(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """Replace the picture by the backdrop."""
        if self.sea is not None:
            self.sea.paint_water(light, view, moment)
        elif self.kind in SKIES:
            self._paint_sky(light, view, moment)
        else:
            self._paint_dark(light, view, moment)
        self._paint_land(light, view)

    def _paint_sky(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        power = 0.62 + 0.34 * moment.energy + 0.10 * moment.voice
        values = np.array(
            [
                self.foot + 0.1, *self.sun, 0.075, power, moment.flow, -0.06, 1.0, 1.0, 0.0,
                0.25 * dice(self.stage.seed, 47),
            ],
            np.float32,
        )  # fmt: skip
        air = self.air * DAYLIGHT if self.kind == "day" else self.air
        paint_sky(light, view, air, self.clouds, self.wide, self.seed, values)

    def _paint_dark(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """Haze or stars, and a light of its own somewhere."""
        stage, colors, back = self.stage, self.stage.palette, to_pixels(view)
        strength = {"space": 0.030, "night": 0.045}.get(self.kind, 0.06)
        strength *= 0.6 + 0.8 * moment.energy + 0.4 * moment.bass
        self.haze.fill(light, view, drift=0.06 * moment.flow, strength=strength, inks=(2, 0))
        if self.kind in ("space", "night"):
            add_stars(
                light, colors.spark * np.float32(0.6), colors.inks, self.seed, np.int32(260),
                np.float32(0.0), np.float32(moment.flow), np.float32(moment.hats),
            )  # fmt: skip
        x, y = (self.sun[0], -0.5 + self.sun[1]) if self.kind != "forge" else (0.0, 1.15)
        half = 0.5 * stage.height_px
        share = 0.4 if self.kind in ("space", "night") else 1.0
        power = share * (0.05 + 0.10 * moment.energy + 0.05 * moment.bass)
        key = colors.inks[1] * np.float32(power)
        place = (back[0] * x + back[1] * y + back[2], back[3] * x + back[4] * y + back[5])
        pool = np.array([*place, 2.3 * half, 1.7 * half], np.float32)
        add_pool(light, *pool, key)

    def _paint_land(self, light: FloatArray, view: FloatArray) -> None:
        night, haze = self.stage.palette.night, self.air[1]
        share = 0.06 if self.kind == "night" else 0.22
        for k, (profile, tall) in enumerate(self.ridges):
            near = k + 1 == len(self.ridges)
            top = night * np.float32(0.3) + haze * np.float32(share * (0.12 if near else 1.0))
            low = top + haze * np.float32(0.0 if near else 0.5 * share)
            lift = 0.12 if near else 0.0
            ridge = np.array([self.foot + 0.10 + lift, tall, 1.7 * k, 1.0 / tall], np.float32)
            draw_ridge(light, profile, view, ridge, top, low)
