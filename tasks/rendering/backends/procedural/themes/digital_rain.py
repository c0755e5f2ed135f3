"""Digital rain: code in depth, threads of light, rain and snow in a beam, drops on a window."""

import math

import numpy as np

from tasks.rendering.backends.procedural.code_rain import paint_columns, paint_mist
from tasks.rendering.backends.procedural.glyphs import draw_glyphs
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.light_threads import hang_threads
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.rain_beam import hang_lamps, pour
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.backends.procedural.wet_glass import WetGlass
from tasks.rendering.renderer import FloatArray

KINDS = {
    "code": ("code", "glyph", "digital", "matrix", "stream", "data", "screen", "binary"),
    "threads": ("thread", "threads of light", "line", "rod", "glass rod", "straight", "streak"),
    "storm": (
        "rain", "snow", "sleet", "threads of sleet", "storm", "beam", "headlight", "lamp", "heavy",
        "umbrella", "icicle", "meltwater", "ice", "falling", "freezing", "crystal",
    ),
    "glass": ("glass", "window", "windscreen", "drops", "raindrop", "wet"),
}  # fmt: skip
# Light of the clouds behind each kind: the dark stays dark.
HAZE = {"code": 0.022, "threads": 0.010, "storm": 0.012, "glass": 0.0}


class DigitalRain:
    """What falls in lines through the dark."""

    vignette = 0.5
    lens_share = 0.3  # near glyphs, threads and flakes are soft already, window drops sharp

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.kind = stage.variant(KINDS, throw=20)
        self.glow = 0.6 if self.kind in ("code", "threads") else 0.55
        self.glyphs = draw_glyphs()
        self.seed = seed32(stage.seed, 0)
        self.haze = Haze(stage, seed=seed32(stage.seed, 7))
        self.lamps = hang_lamps(stage)
        self.glass = WetGlass(stage)
        self.hue = int(dice(stage.seed, 1) * stage.palette.stops) / stage.palette.stops
        self.side = 1.2 * dice(stage.seed, 4) - 0.6
        self.height = 0.30 * dice(stage.seed, 5) - 0.15
        self.way = 1.0 if dice(stage.seed, 2) < 0.5 else -1.0
        self.speed = 0.8 + 0.4 * dice(stage.seed, 3)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Dark air first, then what falls through it."""
        view = look_through(moment, height_px=light.shape[1], width_px=light.shape[2])
        if self.kind == "glass":
            self.glass.paint(light, view, moment)
            return
        strength = HAZE[self.kind] * (0.6 + moment.energy + 0.4 * moment.bass)
        self.haze.fill(light, view, drift=0.05 * moment.flow, strength=strength, inks=(0, 2))
        if self.kind == "threads":
            hang_threads(light, view, self.stage, moment)
        elif self.kind == "storm":
            pour(light, view, self.stage, self.lamps, moment)
        else:
            self._code(light, moment)

    def _code(self, light: FloatArray, moment: Moment) -> None:
        colors = self.stage.palette
        values = np.array(
            [
                moment.flow * self.speed, 0.05 * moment.flow,
                self.way * 0.18 * math.sin(0.11 * moment.flow) + moment.pan_x,
                moment.pan_y + self.height, moment.scale, self.hue,
                0.55 + 0.75 * moment.energy + 0.35 * moment.bass + 0.5 * moment.drop,
                moment.beat, min(moment.highs + 0.6 * moment.tension, 1.0),
                min(moment.energy + 0.3 * moment.tension, 1.0), self.side,
            ],
            np.float32,
        )  # fmt: skip
        paint_mist(light, colors.inks, values)
        large, middle, small = self.glyphs
        paint_columns(light, large, middle, small, colors.ramp, colors.spark, self.seed, values)
