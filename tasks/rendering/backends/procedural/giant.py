"""A gas giant: bands of cloud that shear past each other, storms between them, dusk at the limb."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    clamp01,
    cos_f,
    dice,
    floor_i,
    row_fbm,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.liquids import (
    BASS,
    DROP,
    FLOW,
    HUE,
    OWN,
    POWER,
    SPARKLE,
    Pool,
    aim_row,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample: storms have fine threads
FIELDS = 5  # band, threads, distance inside the limb, light of the sun, air over the limb
STORMS = 3


class Giant:
    """A planet that fills much of the picture, half of it in its own night."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=STEP, fields=FIELDS)
        self.stage = stage
        throws = [dice(stage.seed, 60 + k) for k in range(8)]
        self.radius = 1.1 + 1.1 * throws[0]
        side = 1.0 if throws[1] < 0.5 else -1.0
        self.middle = (side * (0.35 + 0.5 * throws[2]), 0.25 + 0.6 * (self.radius - 1.1))
        self.lean = 0.7 * (throws[3] - 0.5)
        self.sun = -side * (0.5 + 0.35 * throws[4])
        self.storms = np.array(
            [
                [
                    2.4 * (dice(stage.seed, 70 + 4 * k) - 0.5),
                    0.9 * (dice(stage.seed, 71 + 4 * k) - 0.6),
                    0.10 + 0.16 * dice(stage.seed, 72 + 4 * k),
                ]
                for k in range(STORMS)
            ],
            np.float32,
        )

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Turn the planet, shear its bands, light it."""
        pool, colors = self.pool, self.stage.palette
        mood = pool.mood(moment, math.cos(self.lean), math.sin(self.lean), self.radius, self.sun)
        view = pool.view(moment)
        view[2] -= np.float32(self.middle[0])
        view[5] -= np.float32(self.middle[1])
        mood[5] *= 0.5  # a planet gives way less to a kick than water does
        _bands(pool.fields, view, mood, self.storms, pool.seeds)
        pool.widen()
        _dusk(light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit)


@njit(**KERNEL)
def _whirl(lon, lat, storm, swell):  # type: ignore[no-untyped-def]
    """Turn a row's places about a storm, most of all near its eye."""
    tight = F(F(1) / F(storm[2] * storm[2]))
    for x in range(lon.shape[0]):
        u = F(F(lon[x] - storm[0]) * F(0.6))
        v = F(lat[x] - storm[1])
        q = F(F(u * u + v * v) * tight)
        turn = F(swell * F(2.4) / F(F(1) + q * q))
        s = sin_f(turn)
        e = cos_f(turn)
        lon[x] = F(lon[x] + F(F(u * e - v * s) - u) * F(1.6))
        lat[x] = F(lat[x] + F(F(u * s + v * e) - v))


@njit(**KERNEL)
def _bands(fields, view, mood, storms, seeds):  # type: ignore[no-untyped-def]
    _, rows, columns = fields.shape
    ax = np.empty(columns, np.float32)
    ay = np.empty(columns, np.float32)
    lon = np.empty(columns, np.float32)
    lat = np.empty(columns, np.float32)
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    turb = np.empty(columns, np.float32)
    cosine, sine, radius = mood[OWN], mood[OWN + 1], mood[OWN + 2]
    t = mood[FLOW]
    swell = F(F(0.9) + F(0.3) * mood[BASS] + F(0.6) * mood[DROP])
    for r in range(rows):
        aim_row(ax, ay, view, mood, r, I(STEP))
        for x in range(columns):
            a = F(F(ax[x] * cosine + ay[x] * sine) / radius)
            b = F(F(ay[x] * cosine - ax[x] * sine) / radius)
            d = F(np.sqrt(F(a * a + b * b)))
            z = F(np.sqrt(F(max(F(F(1) - d * d), F(0.0004)))))
            fields[2, r, x] = F(F(F(1) - d) * radius)
            sun = F(mood[OWN + 3] * a - F(0.38) * b + F(0.55) * z)
            fields[3, r, x] = smooth(F(-0.10), F(0.85), sun)
            fields[4, r, x] = F(smooth(F(-0.35), F(0.5), F(mood[OWN + 3] * a - F(0.38) * b)))
            k = F(F(1) + F(0.42) * F(F(1) - z))
            lon[x] = F(a * k * radius)
            lat[x] = F(b * F(F(1) + F(0.16) * F(F(1) - z)) * radius)
        for m in range(storms.shape[0]):
            _whirl(lon, lat, storms[m], swell)
        for x in range(columns):
            shear = F(F(0.10) * t * sin_f(F(lat[x] * F(7) + F(1.2))) + F(0.06) * t)
            lon[x] = F(lon[x] + shear)
            xs[x] = F(lon[x] * F(1.15) + F(5))
            ys[x] = F(lat[x] * F(4.2) + F(0.04) * t)
        row_fbm(turb, xs, ys, seeds[0], I(3), F(0.9))
        for x in range(columns):
            xs[x] = F(lon[x] * F(0.22) + F(0.05) * turb[x])
            ys[x] = F(lat[x] * F(2.6) + F(0.24) * swell * turb[x])
        row_fbm(fields[0, r], xs, ys, seeds[1], I(2), F(1.0))
        for x in range(columns):
            xs[x] = F(lon[x] * F(0.9) + F(0.8) * turb[x])
            ys[x] = F(lat[x] * F(7.5) + F(1.1) * turb[x])
        row_fbm(fields[1, r], xs, ys, seeds[2], I(2), F(0.9))


@njit(**KERNEL)
def _dusk(light, wide, ramp, night, spark, mood, unit):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((5, width), np.float32)
    at = np.empty(width, np.int32)
    power = mood[POWER]
    h = F(mood[HUE] + F(0.3))
    rim = min(I(F(h - F(floor_i(h))) * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(STEP), rows[k])
        for x in range(width):
            inside = rows[2, x]
            cover = clamp01(F(inside / F(unit * F(2)) + F(0.5)))
            h = F(mood[HUE] + F(0.55) * rows[0, x] + F(0.07) * rows[1, x])
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            band = clamp01(F(F(0.5) + F(0.75) * rows[0, x] + F(0.5) * rows[1, x]))
            thread = smooth(F(0.15), F(0.6), rows[1, x])
            sun = rows[3, x]
            body = F(sun * F(F(0.16) + F(1.05) * band * band) * power)
            cream = F(thread * sun * sun * F(F(0.14) + F(0.3) * mood[SPARKLE]) * power)
            q = F(inside * F(11))
            q = F(F(1) / F(F(1) + q * q))
            air = F(q * rows[4, x] * F(0.42) * power)
            q = F(min(inside, F(0)) * F(2.2))
            halo = F(rows[4, x] * F(0.07) * power / F(F(1) + q * q))
            spot[0, x] = air
            spot[1, x] = halo
            spot[2, x] = body
            spot[3, x] = cream
            spot[4, x] = cover
        for c in range(3):
            for x in range(width):
                sky = F(night[c] * F(0.5) + ramp[rim, c] * F(spot[0, x] + spot[1, x]))
                own = F(night[c] * F(0.35) + ramp[at[x], c] * spot[2, x] + spark[c] * spot[3, x])
                own = F(own + ramp[rim, c] * spot[0, x])
                light[c, y, x] = F(sky + spot[4, x] * F(own - sky))
