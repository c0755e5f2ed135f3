"""Water that mirrors lights: a pond, a river, a dark sea, or a bright pool with its caustics.

Source: J. Tessendorf, Simulating Ocean Water, 2001 (mirrored light follows the slope of waves);
caustics are where a warped noise crosses zero.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    floor_i,
    mix,
    row_fbm,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.liquids import (
    FLOW,
    HUE,
    LAMP_X,
    LIGHT_X,
    LIGHT_Y,
    OWN,
    POWER,
    SPARKLE,
    Pool,
    aim_row,
    slopes,
)
from tasks.rendering.backends.procedural.molten import recede
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample: ripples are small
FIELDS = 5  # height of the waves, its slopes, web of caustics, distance
LAMPS = 5  # lights that the water mirrors
CLEAR = ("caustic", "sunlit", "clear", "pool", "shallow", "bright", "turquoise", "daylight")
STORM = ("storm", "wild", "rough", "breaking", "surf")


class Waters:
    """A plane of water, mirrored lights in it, and what shines from below."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=STEP, fields=FIELDS)
        self.stage = stage
        self.clear = float(any(stem in stage.subject for stem in CLEAR))
        self.storm = 1.0 + 0.9 * any(stem in stage.subject for stem in STORM)
        self.horizon = 1.12 + 0.5 * dice(stage.seed, 60) if not self.clear else 2.6

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Raise the waves, mirror the lights."""
        pool, colors = self.pool, self.stage.palette
        size = self.storm * (0.55 + 0.5 * moment.energy + 0.3 * moment.bass + 0.8 * moment.drop)
        mood = pool.mood(moment, self.horizon, self.clear, size)
        _waves(pool.fields, pool.view(moment), mood, pool.seeds, pool.unit)
        pool.widen()
        _mirror(
            light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit,
            pool.seeds[3],
        )  # fmt: skip


@njit(**KERNEL)
def _waves(fields, view, mood, seeds, half):  # type: ignore[no-untyped-def]
    _, rows, columns = fields.shape
    ax = np.empty(columns, np.float32)
    ay = np.empty(columns, np.float32)
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    wx = np.empty(columns, np.float32)
    t = mood[FLOW]
    for r in range(rows):
        aim_row(ax, ay, view, mood, r, I(STEP))
        for x in range(columns):
            z = recede(ay[x], mood[OWN])
            fields[4, r, x] = z
            away = F(np.sqrt(F(ax[x] * ax[x] + ay[x] * ay[x] + F(0.01))))
            q = F(F(4) * F(away - mood[6]))
            ring = F(mood[5] * F(2.2) / F(F(1) + q * q))
            fields[3, r, x] = ring
            flat = F(ay[x] * z)
            ax[x] = F(ax[x] * z)
            ay[x] = F(flat * F(1.25) - F(0.13) * t)
            xs[x] = F(ax[x] * F(0.8) + F(0.07) * t)
            ys[x] = F(ay[x] * F(0.8) + F(0.21) * t)
        row_fbm(wx, xs, ys, seeds[0], I(2), F(0.9))
        for x in range(columns):
            xs[x] = F(ax[x] * F(1.5) + F(0.6) * wx[x] - F(0.16) * t)
            ys[x] = F(ay[x] * F(2.3) + F(0.4) * wx[x] + F(0.34) * t)
        row_fbm(fields[0, r], xs, ys, seeds[1], I(3), F(0.5))
        if mood[OWN + 1] > F(0):
            for x in range(columns):
                xs[x] = F(ax[x] * F(1.5) + F(1.1) * wx[x] + F(0.15) * t)
                ys[x] = F(ay[x] * F(1.5) - F(0.9) * wx[x] + F(8))
            row_fbm(fields[1, r], xs, ys, seeds[2], I(1), F(1.0))
            for x in range(columns):
                xs[x] = F(ax[x] * F(2.3) - F(1.2) * wx[x] + F(0.8) * fields[1, r, x])
                ys[x] = F(ay[x] * F(2.3) + F(1.0) * wx[x] - F(0.2) * t)
            row_fbm(fields[2, r], xs, ys, seeds[3], I(1), F(1.0))
        for x in range(columns):
            calm = smooth(F(3.4), F(0.9), fields[4, r, x])
            swell = F(F(0.45) * wx[x] + fields[0, r, x] * F(F(0.25) + F(0.75) * calm))
            fields[0, r, x] = F(swell * mood[OWN + 2] + fields[3, r, x])
            m = fields[1, r, x]
            n = fields[2, r, x]
            m = F(F(1) / F(F(1) + F(260) * m * m))
            n = F(F(1) / F(F(1) + F(130) * n * n))
            fields[3, r, x] = F(F(0.5) * m + F(0.35) * n + F(0.9) * m * n)
    slopes(fields, I(0), I(1), I(2), half, I(STEP))


@njit(**INLINE)
def _lamps(row, sx, up, mood, seed):  # type: ignore[no-untyped-def]
    """Light of each lamp that a ray meets at (sx, up) of the room above the water."""
    for k in range(LAMPS):
        h = mix(U(seed + U(k * 7919)))
        place = F(F(3.4) * F(F(F(I(k)) + F(0.2) + F(0.6) * unit(h)) / F(LAMPS)) - F(1.7))
        place = F(place + F(0.12) * mood[LAMP_X])
        h = mix(U(h + U(0x9E3779B9)))
        broad = F(F(0.06) + F(0.10) * unit(h))
        h = mix(U(h + U(0x9E3779B9)))
        top = F(F(0.35) + F(1.1) * unit(h))
        foot = F(F(0.05) + F(0.25) * unit(h))
        for x in range(row.shape[1]):
            q = F(F(sx[x] - place) / broad)
            q = F(F(1) / F(F(1) + q * q))
            tall = F(smooth(F(foot - F(0.2)), F(foot + F(0.2)), up[x]))
            tall = F(tall * smooth(F(top + F(0.35)), F(top), up[x]))
            row[k, x] = F(q * q * tall)


@njit(**KERNEL)
def _mirror(light, wide, ramp, night, spark, mood, half, seed):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    lamps = np.empty((LAMPS, width), np.float32)
    spot = np.empty((4, width), np.float32)
    at = np.empty(width, np.int32)
    sx = np.empty(width, np.float32)
    up = np.empty(width, np.float32)
    clear, power = mood[OWN + 1], mood[POWER]
    tint = np.empty((LAMPS + 1, 3), np.float32)
    for k in range(LAMPS + 1):
        h = F(mood[HUE] + F(I(k)) * F(0.17))
        first = min(I(F(h - F(floor_i(h))) * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
        for c in range(3):
            tint[k, c] = ramp[first, c]
    mid_x = F(F(I(width - 1)) * F(0.5))
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(STEP), rows[k])
        sy = F(F(F(I(y)) - F(F(I(height - 1)) * F(0.5))) * half)
        for x in range(width):
            place = F(F(F(I(x)) - mid_x) * half)
            z = F(F(1) / F(max(rows[4, x], F(0.6))))
            rows[1, x] = F(rows[1, x] * z)
            rows[2, x] = F(rows[2, x] * z * F(F(0.4) + F(0.6) * z))
            sx[x] = F(place + F(0.13) * rows[1, x])
            up[x] = F(F(0.75) + F(0.55) * sy + F(0.30) * rows[2, x])
        _lamps(lamps, sx, up, mood, seed)
        for x in range(width):
            gx = rows[1, x]
            gy = rows[2, x]
            far = clamp01(F(F(rows[4, x] - F(0.4)) * F(0.45)))
            steep = clamp01(F(F(0.5) + F(0.35) * gy))
            bright = F(F(0.10) + F(0.90) * F(far * F(0.6) + steep * steep * F(0.6)))
            lean = F(gx * mood[LIGHT_X] + gy * mood[LIGHT_Y])
            lit = F(max(F(lean * F(0.55)), F(0)))
            lit = F(lit * lit / F(F(0.35) + lit * lit))
            web = F(rows[3, x] * clear * F(F(1) - F(0.5) * far))
            h = F(mood[HUE] + F(0.42) + F(0.16) * rows[0, x] + F(F(0.08) - F(0.05) * clear) * sx[x])
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            deep = F(F(F(0.06) + F(0.06) * clear) * F(F(0.55) + F(0.45) * steep) + F(0.22) * lit)
            deep = F(F(deep + F(1.5) * web * F(F(0.5) + F(0.5) * steep)) * power)
            sky = smooth(F(0.2), F(1.6), up[x])
            sky = F(F(0.05) + F(0.20) * sky * sky)
            glint = clamp01(F(lean * F(0.6) - F(0.75)))
            glint = F(glint * glint * F(F(0.5) + F(1.6) * mood[SPARKLE]) * power)
            spot[0, x] = deep
            spot[1, x] = sky
            spot[2, x] = F(bright * power * F(F(1) - F(0.8) * clear))
            spot[3, x] = F(glint * F(F(0.3) + F(0.4) * clear + web))
        _add_mirrored(light, y, ramp, at, spot, lamps, tint, night, spark)


@njit(**KERNEL)
def _add_mirrored(light, y, ramp, at, spot, lamps, tint, night, spark):  # type: ignore[no-untyped-def]
    """A row of water: its own colour, the sky and the lamps in it, glints."""
    width = light.shape[2]
    for c in range(3):
        for x in range(width):
            light[c, y, x] = F(tint[LAMPS, c] * spot[1, x])
        core = F(F(0.25) * spark[c])
        for k in range(LAMPS):
            ink = F(F(1.5) * tint[k, c])
            for x in range(width):
                glow = lamps[k, x]
                light[c, y, x] += F(glow * F(ink + core * glow))
        for x in range(width):
            own = F(night[c] * F(0.6) + ramp[at[x], c] * spot[0, x] + spark[c] * spot[3, x])
            light[c, y, x] = F(own + light[c, y, x] * spot[2, x])
