"""Ocean: a sea to the horizon in evening or storm, glowing surf at night, light under water."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    fract,
    mix,
    noise,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.sea import LONGEST, SHORTER, WAVES, paint_sea
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

STEMS = {
    "evening": ("evening", "sun", "calm", "lake", "river", "pond", "bay", "golden", "lagoon"),
    "storm": ("storm", "raging", "dark cloud", "foam", "wall of water", "breaking"),
    "glowing": ("biolum", "surf at night", "glowing surf", "glow", "night", "moon"),
    "under": ("under", "below", "seen from below", "shaft", "deep", "reef", "coral", "dive"),
}
MOTES = 150
# Steepness, foam, light of stirred water, clouds, power of the sun, colour of the water.
MOODS = {
    "evening": (0.085, 0.0, 0.0, 0.8, 1.0, 0.35),
    "storm": (0.21, 0.55, 0.0, 1.0, 0.45, 0.55),
    "glowing": (0.11, 0.0, 1.1, 0.5, 0.32, 0.22),
}
# Places in the row of values that the kernels under water are handed for a frame.
(FLOW, SUN_X, POWER, BASS, KICK, HIGHS, ENERGY, SHOCK, TICK) = range(9)


class Ocean:
    """Water as far as the eye can see."""

    glow = 0.8
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.kind = stage.variant(STEMS, throw=1)
        self.seed = seed32(seed, 0)
        self.sun = (1.7 * (dice(seed, 2) - 0.5), 0.10 + 0.34 * dice(seed, 3))
        self.horizon = -0.30 + 0.42 * dice(seed, 4)
        self.heading = 1.1 * (dice(seed, 5) - 0.5)
        colors, order = stage.palette, int(2 * dice(stage.family, 3))
        first, second = colors.inks[order], colors.inks[order + 1]
        self.air = np.stack(
            [
                colors.night * np.float32(0.8) + second * np.float32(0.08),
                first * np.float32(0.34) + second * np.float32(0.06),
                first * np.float32(0.55) + colors.spark * np.float32(0.55),
                second,
                second * np.float32(0.4) + colors.spark * np.float32(0.6),
            ]
        ).astype(np.float32)
        if self.kind == "glowing":
            self.air[1] *= np.float32(0.4)
            self.air[4] = second * np.float32(0.85) + colors.spark * np.float32(0.15)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The sea from above or from below."""
        height, width = self.stage.height_px, self.stage.width_px
        view = look_through(moment, height_px=height, width_px=width)
        if self.kind == "under":
            self._dive(light, view, moment)
            return
        steep, foam, surf, clouds, power, water = MOODS[self.kind]
        passed = 1.0 - math.sqrt(min(moment.drop, 1.0)) if moment.drop > 0.0 else 1.0
        energy = 0.45 + 0.55 * moment.energy
        swell = steep * (0.65 + 0.55 * moment.energy + 0.35 * moment.bass + 0.3 * moment.tension)
        values = np.array(
            [
                self.horizon, *self.sun, 0.8 * moment.flow, swell,
                power * (0.55 + 0.45 * moment.energy + 0.12 * moment.voice), moment.highs,
                moment.kick, foam * energy, surf * energy, 1.0 + 14.0 * passed,
                1.4 * moment.drop * (1.0 - passed) * min(8.0 * passed, 1.0) * 4.0,
                moment.scale * 2.0 / height, clouds, water * (0.6 + 0.5 * moment.energy),
            ],
            np.float32,
        )  # fmt: skip
        paint_sea(light, view, self._waves(swell), self.air, self.seed, values)

    def _waves(self, steep: float) -> FloatArray:
        rows = []
        for k in range(WAVES):
            heading = self.heading + 2.2 * (dice(self.stage.seed, 20 + k) - 0.5)
            per_unit = 1.0 / (LONGEST * SHORTER**k * self.stage.wishes.closeness)
            pace = 1.9 * math.sqrt(2.0 * math.pi * per_unit) * (0.9 + 0.2 * dice(k, 1))
            bend = 1.6 * (dice(self.stage.seed, 30 + k) - 0.5)
            rows.append((math.sin(heading), math.cos(heading), per_unit, steep, pace, bend))
        return np.array(rows, np.float32)

    def _dive(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        colors = self.stage.palette
        values = np.array(
            [
                moment.flow, self.sun[0], 0.45 + 0.55 * moment.energy, moment.bass, moment.kick,
                moment.hats, moment.energy, moment.drop, math.floor(3.0 * moment.flow),
            ],
            np.float32,
        )  # fmt: skip
        _under(light, view, self.air, colors.night, self.seed, values)
        _drift(light, to_pixels(view), colors.inks, colors.spark, self.seed, values)


@njit(**KERNEL)
def _under(light, view, air, night, seed, values):  # type: ignore[no-untyped-def]
    """The surface from below, its web of light, shafts that fall through, the dark of the deep."""
    _, height, width = light.shape
    web = np.empty(width, np.float32)
    ray = np.empty(width, np.float32)
    lit = np.empty((3, width), np.float32)
    slow = F(values[FLOW] * F(0.16))
    beat = F(F(1) + F(0.5) * values[KICK] + F(0.25) * values[BASS] + values[SHOCK])
    for y in range(height):
        _find_web(web, view, F(I(y)), seed, values)
        for x in range(width):
            a = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
            b = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
            fan = F(F(a - values[SUN_X]) / F(b + F(1.6)))
            wide = noise(F(fan * F(5) + slow + F(30)), F(slow * F(0.7) + F(30)), seed)
            thin = noise(F(fan * F(13) - slow * F(1.4) + F(30)), F(slow + F(9)), U(seed + U(7)))
            ray[x] = clamp01(F(F(0.18) + F(1.1) * wide + F(0.55) * thin))
        for x in range(width):
            a = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
            b = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
            down = F(max(F(b + F(1.25)), F(0)))
            dx = F(a - values[SUN_X])
            sun = F(F(0.30) / F(F(0.30) + dx * dx + down * down * F(0.55)))
            up = smooth(F(0.35), F(-1.1), b)
            fall = F(F(1) / F(F(1) + down * down * F(0.55)))
            deep = F(F(1) / F(F(1) + down * down * F(0.9)))
            lit[0, x] = F(F(F(0.04) + F(0.24) * deep) * F(F(0.35) + F(0.65) * sun))
            lit[1, x] = F(ray[x] * ray[x] * fall * F(F(0.15) + F(0.85) * sun) * beat)
            lit[2, x] = F(up * up * F(F(0.12) + web[x] * F(1.3)) * F(F(0.25) + F(0.75) * sun))
        for c in range(3):
            own = F(air[3, c] * values[POWER])
            sky = F(air[2, c] * values[POWER])
            for x in range(width):
                beam = F(F(own * F(0.6) + sky * F(0.4)) * lit[1, x] * F(0.75))
                roof = F(F(sky * F(0.55) + own * F(0.45)) * lit[2, x])
                light[c, y, x] = F(night[c] * F(0.3) + own * lit[0, x] + beam + roof)


@njit(**KERNEL)
def _find_web(web, view, py, seed, values):  # type: ignore[no-untyped-def]
    """Light that waves gather on their way, on the roof of the water."""
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    t = values[FLOW]
    for x in range(web.shape[0]):
        a = F(view[0] * F(I(x)) + view[1] * py + view[2])
        b = F(view[3] * F(I(x)) + view[4] * py + view[5])
        z = F(F(0.9) / F(max(F(F(0.45) - b), F(0.06))))
        seen = smooth(F(0.4), F(0.1), F(z * z * pixel * F(3)))
        u = F(F(a - values[SUN_X]) * z * F(2.2) + F(60))
        v = F(z * F(3) + F(60))
        one = noise(F(u + t * F(0.22)), F(v - t * F(0.13)), seed)
        other = noise(F(u * F(1.37) - t * F(0.19)), F(v * F(1.37) + t * F(0.16)), U(seed + U(3)))
        k = F(F(1) - F(min(F(F(2.0) * F(F(abs(one)) + F(0.6) * F(abs(other)))), F(1))))
        web[x] = F(k * k * k * seen)


@njit(**KERNEL)
def _drift(light, back, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Specks in the water, rising and swaying."""
    _, height, width = light.shape
    pixel = F(F(height) * F(1.0 / 480.0))
    wide = F(F(width) / F(height) + F(0.3))
    for k in range(MOTES):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(21))))
        near = unit(mix(U(h + U(1))))
        run = F(values[FLOW] * F(0.03) * F(F(0.4) + near))
        sway = F(F(0.05) * sin_f(F(values[FLOW] * F(F(0.4) + near) + F(6.2831853) * unit(h))))
        sx = F(F(F(2) * unit(mix(U(h + U(2)))) - F(1)) * wide + sway)
        sy = F(F(F(2) * fract(F(unit(mix(U(h + U(3)))) - run)) - F(1)) * F(1.2))
        picked = unit(mix(U(h + U(U(I(values[TICK])) * U(0x27D4EB2D)))))
        power = F(F(0.05) + F(0.30) * near * near + values[HIGHS] * smooth(F(0.75), F(1), picked))
        power = F(power * values[POWER] * F(F(0.5) + F(0.5) * smooth(F(1), F(-1), sy)))
        size = F(pixel * F(F(1.2) + F(4.5) * near * near * near))
        ink = inks[I(U(h >> U(5)) % U(4))]
        add_dot(
            light,
            F(back[0] * sx + back[1] * sy + back[2]), F(back[3] * sx + back[4] * sy + back[5]),
            size, F(F(spark[0] + ink[0]) * power), F(F(spark[1] + ink[1]) * power),
            F(F(spark[2] + ink[2]) * power),
        )  # fmt: skip
