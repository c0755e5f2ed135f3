"""Impact: something breaks, bursts, splashes or explodes, then hangs in slow motion.

The blow falls on the shot's own start; every downbeat strikes again, more softly. In the handle
before the cut the debris gathers, so that the burst has something to throw.
"""

import math

import numpy as np

from tasks.rendering.backends.procedural.blaze import RAYS, SMOKE_STEP, burst, fire, rays
from tasks.rendering.backends.procedural.debris import throw_shards, throw_sparks
from tasks.rendering.backends.procedural.fields import coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import dice, seed32
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.shatter import Shatter
from tasks.rendering.backends.procedural.splash import Splash
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

STEMS = {
    "shatter": (
        "glass", "pane", "mirror", "ice", "icy", "crystal", "shard", "chandelier", "chrome",
        "marble", "column", "branch", "block", "shatter", "moon", "sheet",
    ),
    "powder": (
        "powder", "dust", "pollen", "smoke", "silk", "dandelion", "confetti", "plankton",
        "balloon", "cloud", "feather", "blossom", "seed",
    ),
    "splash": (
        "splash", "water", "wave", "paint", "bubble", "liquid", "liquid chrome", "ladle", "molten",
    ),
    "blast": ("spark", "steel", "iron", "fire", "explo", "red-hot"),
    "nova": ("star", "shell", "gas", "nova", "sun"),
}  # fmt: skip
# Of each kind that burns: light of the rays, of the core, smoke, lit powder, hollow shell.
TONES = {
    "blast": (0.45, 0.30, 0.92, 0.0, 0.0),
    "powder": (0.0, 0.10, 0.0, 1.0, 0.0),
    "nova": (0.55, 0.36, 0.0, 0.0, 1.0),
}
NEW_BLOW_EVERY = 2.6  # seconds of flow between blows when there is no song


class ImpactMoment:
    """The drop."""

    glow = 0.75
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        height, width, seed = stage.height_px, stage.width_px, stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.smoke = scratch(*coarse_shape(height, width, SMOKE_STEP))
        self.wide = scratch(self.smoke.shape[0], width)
        self.rays = scratch(2, RAYS + 1)
        side = 1.0 if dice(seed, 1) < 0.5 else -1.0
        self.center = (side * (0.12 + 0.36 * dice(seed, 12)), 0.36 * dice(seed, 2) - 0.12)
        self.kind = stage.variant(STEMS, throw=13)
        self.shatter = Shatter(stage) if self.kind == "shatter" else None
        self.splash = Splash(stage) if self.kind == "splash" else None
        self.hue = dice(seed, 3)
        self.way = 1.0 if dice(seed, 4) < 0.5 else -1.0

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """What the subject's words name."""
        again = self._age_of_last_blow(moment)
        if self.shatter is not None:
            self.shatter.paint(light, moment, blow=self._blow(moment))
        elif self.splash is not None:
            self.splash.paint(light, moment, blow=self._blow(moment))
        else:
            self._burn(light, moment, again)

    def _burn(self, light: FloatArray, moment: Moment, again: float) -> None:
        """Fire, smoke, powder or a shell at every pixel, then what flies."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        jolt = 0.03 * math.exp(-4.0 * max(moment.time, 0.0)) + 0.008 * math.exp(-5.0 * again)
        jolt *= 0.2 if self.stage.calm else 1.0
        view = look_through(moment, height_px=height, width_px=width)
        view[2] += jolt * math.sin(47.0 * moment.time) - self.center[0]
        view[5] += jolt * math.sin(59.0 * moment.time + 1.0) - self.center[1]
        values = self._values(moment, again)
        fire(self.smoke, view, self.seed, values)
        widen(self.smoke, self.wide, SMOKE_STEP)
        rays(self.rays, self.seed, values)
        burst(
            light, self.wide, self.rays, view, colors.inks, colors.ramp, colors.night,
            colors.spark, values,
        )  # fmt: skip
        back = to_pixels(view)
        throw_sparks(light, back, colors.ramp, colors.spark, self.seed, values)
        if self.kind != "powder" or has_stem("confetti", self.stage.named):
            throw_shards(light, back, colors.inks, colors.spark, self.seed, values)

    def _blow(self, moment: Moment) -> float:
        """Light of the blow: gathers before it, falls after it."""
        fall = 1.6 if self.stage.calm else 2.4
        blow = math.exp(-fall * moment.time if moment.time >= 0.0 else 3.0 * moment.time)
        return blow * (0.12 + 0.88 * self.stage.energy) * (0.6 if self.stage.calm else 1.0)

    def _age_of_last_blow(self, moment: Moment) -> float:
        """Seconds since a downbeat, or since the last of the blows that come by themselves."""
        by_itself = moment.flow % NEW_BLOW_EVERY if moment.flow > 0.0 else 60.0
        return moment.since_downbeat if moment.since_downbeat < 8.0 else by_itself

    def _values(self, moment: Moment, again: float) -> FloatArray:
        blow = self._blow(moment)
        echo = 0.6 * math.exp(-3.2 * again) * (0.15 + 0.85 * moment.energy)
        grown = 1.0 - math.exp(-(1.2 if self.stage.calm else 2.2) * max(moment.time, 0.0))
        plume = 0.30 + (0.55 + 0.25 * self.stage.energy) * grown
        plume += 0.03 * math.log1p(max(moment.flow, 0.0)) + 0.09 * moment.kick + 0.10 * moment.drop
        return np.array(
            [
                moment.time, moment.flow, again, blow, echo,
                moment.energy, moment.bass, moment.highs, moment.beat, self.hue, self.way,
                *TONES[self.kind], plume, moment.kick,
            ],
            np.float32,
        )  # fmt: skip
