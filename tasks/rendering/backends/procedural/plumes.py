"""Plumes: ink, dye, milk or smoke that unfolds in something clear, on dark or on bright ground.

Source: I. Quilez, Domain warping, 2002; filaments are where a warped noise crosses zero.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    clamp01,
    dice,
    floor_i,
    row_fbm,
    smooth,
)
from tasks.rendering.backends.procedural.liquids import (
    DROP,
    FLOW,
    HUE,
    LAMP_X,
    LAMP_Y,
    LIGHT_X,
    LIGHT_Y,
    OWN,
    POWER,
    SPARKLE,
    TENSION,
    Pool,
    aim_row,
    slopes,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample: filaments are thin
FIELDS = 5  # density, filaments, hue, and the density's slopes
BRIGHT = ("milk ", "cream", "clear water", "pastel", "sunlit", "pale", "white", "paint", "daylight")


class Plumes:
    """A body of ink that folds into itself, with empty water around it."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=STEP, fields=FIELDS)
        self.stage = stage
        self.bright = float(any(stem in stage.named for stem in BRIGHT))
        self.way = 6.2832 * dice(stage.seed, 60)
        self.reach = 0.34 + 0.22 * dice(stage.seed, 61)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fold the ink, light it from one side."""
        pool, colors = self.pool, self.stage.palette
        spread = self.reach * (0.8 + 0.4 * min(self.stage.wishes.density, 1.6))
        mood = pool.mood(moment, self.bright, math.cos(self.way), math.sin(self.way), spread)
        _unfold(pool.fields, pool.view(moment), mood, pool.seeds, pool.unit)
        pool.widen()
        _tint(light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit)


@njit(**KERNEL)
def _unfold(fields, view, mood, seeds, unit):  # type: ignore[no-untyped-def]
    _, rows, columns = fields.shape
    ax = np.empty(columns, np.float32)
    ay = np.empty(columns, np.float32)
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    wx = np.empty(columns, np.float32)
    wy = np.empty(columns, np.float32)
    t = mood[FLOW]
    dx, dy, spread = mood[OWN + 1], mood[OWN + 2], mood[OWN + 3]
    fold = F(F(0.95) + F(0.25) * mood[TENSION])
    for r in range(rows):
        aim_row(ax, ay, view, mood, r, I(STEP))
        for x in range(columns):
            xs[x] = F(ax[x] * F(1.0) - dx * t * F(0.16) + F(3))
            ys[x] = F(ay[x] * F(1.0) - dy * t * F(0.16))
        row_fbm(wx, xs, ys, seeds[0], I(2), F(0.95))
        for x in range(columns):
            xs[x] = F(ax[x] * F(1.0) - dx * t * F(0.12) + F(40))
            ys[x] = F(ay[x] * F(1.0) - dy * t * F(0.12) + F(7))
        row_fbm(wy, xs, ys, seeds[1], I(2), F(0.95))
        for x in range(columns):
            fields[3, r, x] = F(ax[x] + fold * wx[x])
            fields[4, r, x] = F(ay[x] + fold * wy[x])
            xs[x] = F(fields[3, r, x] * F(1.5) + F(0.11) * t)
            ys[x] = F(fields[4, r, x] * F(1.5) - F(0.08) * t)
        row_fbm(fields[2, r], xs, ys, seeds[2], I(2), F(0.9))
        for x in range(columns):
            bend = F(F(0.55) * fields[2, r, x])
            xs[x] = F(fields[3, r, x] * F(1.05) + bend + F(13) - dx * t * F(0.08))
            ys[x] = F(fields[4, r, x] * F(1.05) - bend - dy * t * F(0.08))
        row_fbm(fields[0, r], xs, ys, seeds[3], I(3), F(0.9))
        for x in range(columns):
            bend = F(F(0.9) * fields[2, r, x])
            xs[x] = F(fields[3, r, x] * F(1.9) + bend - F(0.12) * t)
            ys[x] = F(fields[4, r, x] * F(1.9) + bend + F(31))
        row_fbm(fields[1, r], xs, ys, seeds[4], I(2), F(0.9))
        for x in range(columns):
            u = F(ax[x] * dx + ay[x] * dy)
            v = F(F(ay[x] * dx - ax[x] * dy) + F(0.35) * wx[x])
            wide = F(spread + F(0.30) * F(u + F(0.6)) + F(0.35) * mood[DROP])
            wide = F(max(wide, F(0.22)))
            body = F(F(0.62) - F(0.5) * v * v / F(wide * wide))
            body = F(body - F(0.5) * smooth(F(0.3), F(1.9), u))
            m = smooth(F(0.0), F(0.75), F(body + F(1.15) * fields[0, r, x]))
            n = fields[1, r, x]
            veil = F(F(0.006) / F(n * n + F(0.006)))
            fields[0, r, x] = m
            fields[1, r, x] = F(veil * smooth(F(0.02), F(0.35), m))
            fields[2, r, x] = F(F(0.30) * wx[x] + F(0.16) * fields[2, r, x] + F(0.12) * u)
    slopes(fields, I(0), I(3), I(4), unit, I(STEP))


@njit(**KERNEL)
def _tint(light, wide, ramp, night, spark, mood, unit):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((6, width), np.float32)
    at = np.empty(width, np.int32)
    bright, power = mood[OWN], mood[POWER]
    mid_x = F(F(I(width - 1)) * F(0.5))
    mid_y = F(F(I(height - 1)) * F(0.5))
    h = F(mood[HUE] + F(0.4))
    back = min(I(F(h - F(floor_i(h))) * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(STEP), rows[k])
        sy = F(F(F(I(y)) - mid_y) * unit)
        for x in range(width):
            m = rows[0, x]
            veil = rows[1, x]
            lean = F(rows[3, x] * mood[LIGHT_X] + rows[4, x] * mood[LIGHT_Y])
            lit = clamp01(F(F(0.40) - F(0.30) * lean))
            sx = F(F(F(I(x)) - mid_x) * unit)
            lx = F(sx - mood[LAMP_X])
            ly = F(sy - mood[LAMP_Y])
            near = F(F(1) / F(F(1) + F(0.55) * F(lx * lx + ly * ly)))
            h = F(mood[HUE] + rows[2, x])
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            thick = F(m * F(F(0.55) + F(0.45) * m))
            body = F(thick * F(F(0.10) + F(1.25) * lit) * F(F(0.35) + F(0.8) * near) * power)
            thread = F(veil * F(F(0.2) + F(0.9) * lit) * F(F(0.3) + near) * power)
            star = F(veil * veil * lit * mood[SPARKLE] * F(0.8))
            clear = F(near * near * power)
            soak = F(thick * F(F(2.2) + F(3.6) * F(F(1) - lit)) + veil * F(1.6))
            spot[0, x] = clear
            spot[1, x] = m
            spot[2, x] = body
            spot[3, x] = thread
            spot[4, x] = star
            spot[5, x] = soak
        for c in range(3):
            if bright > F(0):
                _on_bright(light, y, c, spot, at, ramp, back, spark)
            else:
                _on_dark(light, y, c, spot, at, ramp, back, spark, night)


@njit(**KERNEL)
def _on_dark(light, y, c, spot, at, ramp, back, spark, night):  # type: ignore[no-untyped-def]
    """Ink that shines."""
    deep = F(night[c] * F(0.8))
    behind = F(ramp[back, c] * F(0.16))
    for x in range(light.shape[2]):
        own = F(deep + behind * spot[0, x] * F(F(1) - spot[1, x]))
        own = F(own + ramp[at[x], c] * F(spot[2, x] + spot[3, x]))
        light[c, y, x] = F(own + spark[c] * spot[4, x])


@njit(**KERNEL)
def _on_bright(light, y, c, spot, at, ramp, back, spark):  # type: ignore[no-untyped-def]
    """Ink that takes light away, all but its own colour's."""
    ground = F(F(F(0.48) * spark[c] + F(0.52) * ramp[back, c]) * F(0.64))
    for x in range(light.shape[2]):
        tint = ramp[at[x], c]
        loss = F(max(F(spot[5, x] * F(F(1.05) - tint)), F(0)))
        own = F(ground * F(F(0.28) + spot[0, x]) / F(F(1) + F(1.6) * loss))
        light[c, y, x] = F(own + tint * spot[2, x] * F(0.42) + spark[c] * spot[4, x] * F(0.5))
