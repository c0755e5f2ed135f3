"""Folded fluid: domain-warped relief with wet ridges, or a thin film in its own rainbow.

Source: I. Quilez, Domain warping, 2002.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    clamp01,
    dice,
    floor_i,
    row_fbm,
    seed32,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.liquids import (
    HUE,
    LAMP_X,
    LAMP_Y,
    LIGHT_X,
    LIGHT_Y,
    OWN,
    POWER,
    SPARKLE,
    Pool,
    surge,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.renderer import FloatArray

FIELD_STEP = 2  # pixels a sample of the fluid itself
PALE = ("opal", "pearl", "jellyfish", "skin", "milk")
FIELDS = 4  # height, its two slopes, colour


class Folds:
    """A fluid seen from above."""

    def __init__(self, stage: Stage) -> None:
        height, width = stage.height_px, stage.width_px
        self.stage = stage
        self.fluid = scratch(FIELDS, *coarse_shape(height, width, FIELD_STEP))
        self.wide = scratch(FIELDS, self.fluid.shape[1], width)
        seed = stage.seed
        self.seeds = np.array([seed32(seed, k) for k in range(3)])
        self.density = 0.75 + 0.35 * dice(seed, 10)
        self.fold = 1.5 + 0.9 * dice(seed, 11)
        self.hue = dice(seed, 12)
        self.light_angle = 2.0 * math.pi * dice(seed, 13)
        self.place = np.array([50.0 * dice(seed, 14 + k) for k in range(2)], np.float32)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fold the fluid, find its slopes, light it."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        view = look_through(moment, height_px=height, width_px=width) * np.float32(self.density)
        view[[2, 5]] += self.place
        breath = 1.0 + 0.10 * moment.bass
        flow, fold = np.float32(moment.flow), np.float32(self.fold * breath)
        _fluid(self.fluid, view, self.seeds, flow, fold)
        for k in range(FIELDS):
            widen(self.fluid[k], self.wide[k], FIELD_STEP)
        angle = self.light_angle + 0.19 * moment.flow
        _shade(
            light, self.wide, colors.ramp, colors.inks, colors.night, colors.spark,
            self._strengths(moment, angle),
        )  # fmt: skip

    def _strengths(self, moment: Moment, angle: float) -> FloatArray:
        tilt = math.hypot(1.0, 0.75)
        return np.array(
            [
                math.cos(angle) / tilt, math.sin(angle) / tilt, 0.75 / tilt,
                0.35 + 0.75 * moment.energy + 0.20 * moment.bass,
                0.20 + 0.80 * moment.energy + 0.9 * moment.beat,
                0.5 + 0.9 * moment.highs + 0.6 * moment.energy,
                self.hue + 0.02 * moment.flow,
            ],
            np.float32,
        )  # fmt: skip


class Film:
    """Oil, opal or pearl: a thin skin whose thickness is its colour."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=FIELD_STEP, fields=FIELDS)
        self.stage = stage
        self.fold = 1.0 + 0.7 * dice(stage.seed, 11)
        pale = any(stem in stage.named for stem in PALE)
        self.pale = 1.0 if pale else 0.0
        self.bands = (1.8 if pale else 2.6) * (0.8 + 0.4 * dice(stage.seed, 60))
        self.place = np.array([50.0 * dice(stage.seed, 14 + k) for k in range(2)], np.float32)

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Fold the film, find its slopes, let it shimmer."""
        pool, colors = self.pool, self.stage.palette
        view = pool.view(moment) * np.float32(0.58 + 0.1 * self.pale)
        view[[2, 5]] += self.place
        fold = self.fold * (1.0 + 0.08 * moment.bass + 0.08 * surge(moment) + 0.25 * moment.drop)
        flow = np.float32(0.7 * moment.flow)
        _fluid(pool.fields, view, pool.seeds, flow, np.float32(fold))
        pool.widen()
        bands = self.bands * (1.0 + 0.3 * moment.tension)
        mood = pool.mood(moment, bands, self.pale)
        _shimmer(light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit)


@njit(**KERNEL)
def _aim(xs, ys, view, r, dx, dy):  # type: ignore[no-untyped-def]
    """Scene places of the samples of row `r` of the coarse field, moved by (dx, dy)."""
    py = F(F(I(r - 1)) * F(FIELD_STEP))
    x0 = F(view[1] * py + view[2] + dx)
    y0 = F(view[4] * py + view[5] + dy)
    for k in range(xs.shape[0]):
        px = F(F(I(k - 1)) * F(FIELD_STEP))
        xs[k] = F(view[0] * px + x0)
        ys[k] = F(view[3] * px + y0)


@njit(**KERNEL)
def _fluid(fluid, view, seeds, t, fold):  # type: ignore[no-untyped-def]
    _, rows, columns = fluid.shape
    bx = np.empty(columns, np.float32)
    by = np.empty(columns, np.float32)
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    for r in range(rows):
        _aim(xs, ys, view, r, F(t * F(0.21)), F(t * F(0.07)))
        row_fbm(bx, xs, ys, seeds[0], I(2), F(0.95))
        _aim(xs, ys, view, r, F(t * F(-0.06)), F(F(41.3) - t * F(0.15)))
        row_fbm(by, xs, ys, seeds[1], I(2), F(0.95))
        _aim(xs, ys, view, r, F(t * F(-0.13)), F(t * F(0.17)))
        for x in range(columns):
            xs[x] += F(fold * bx[x])
            ys[x] += F(fold * by[x])
        row_fbm(fluid[0, r], xs, ys, seeds[2], I(3), F(0.85))
        _aim(xs, ys, view, r, F(0), F(t * F(0.1)))
        for x in range(columns):
            xs[x] = F(xs[x] * F(0.6) + F(9) + F(1.6) * fluid[0, r, x])
            ys[x] = F(ys[x] * F(0.6) + F(30) - F(1.2) * by[x])
        row_fbm(fluid[3, r], xs, ys, seeds[1], I(2), F(0.95))
    _slopes(fluid)


@njit(**KERNEL)
def _slopes(fluid):  # type: ignore[no-untyped-def]
    """Central differences of the height."""
    _, rows, columns = fluid.shape
    scale = F(F(rows) / F(8))
    for r in range(rows):
        above = max(r - 1, 0)
        below = min(r + 1, rows - 1)
        for x in range(1, columns - 1):
            fluid[1, r, x] = F(F(fluid[0, r, x + 1] - fluid[0, r, x - 1]) * scale)
        fluid[1, r, 0] = fluid[1, r, 1]
        fluid[1, r, columns - 1] = fluid[1, r, columns - 2]
        for x in range(columns):
            fluid[2, r, x] = F(F(fluid[0, below, x] - fluid[0, above, x]) * scale)


@njit(**KERNEL)
def _shade(light, wide, ramp, inks, night, spark, strengths):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((4, width), np.float32)
    place = np.empty(width, np.int32)
    vein = np.empty(width, np.int32)
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(FIELD_STEP), rows[k])
        _relief(rows, spot, place, vein, strengths)
        for c in range(3):
            own = F(F(0.35) * spark[c])
            for x in range(width):
                tint = ramp[place[x], c]
                shine = F(F(own + F(0.65) * tint) * spot[2, x])
                ridge = F(ramp[vein[x], c] * spot[1, x])
                rim = F(inks[0, c] * spot[3, x])
                light[c, y, x] = F(F(tint * spot[0, x] + shine) + F(ridge + rim) + night[c])


@njit(**KERNEL)
def _relief(rows, spot, place, vein, strengths):  # type: ignore[no-untyped-def]
    """Body light, ridge, highlight and rim of a row; where body and ridge take their colour."""
    lx, ly, lz = strengths[0], strengths[1], strengths[2]
    body, ridge, wet, hue = strengths[3], strengths[4], strengths[5], strengths[6]
    for x in range(place.shape[0]):
        f = F(rows[0, x] + F(0.5))
        g = F(rows[3, x] + F(0.5))
        gx = rows[1, x]
        gy = rows[2, x]
        inverse = F(F(1) / F(np.sqrt(F(gx * gx + gy * gy + F(1)))))
        lit = F(max(F(F(F(lz) - gx * lx - gy * ly) * inverse), F(0)))
        half = F(F(F(1) + lz - gx * lx - gy * ly) * inverse * F(0.559))
        s = clamp01(half)
        s = F(s * s)
        s = F(s * s)
        s = F(s * s)
        s = F(s * s)
        s = F(s * s)
        z = F(f * F(5))
        z = F(z - F(floor_i(z)) - F(0.5))
        line = F(F(0.006) / F(z * z + F(0.006)))
        depth = smooth(F(0.22), F(0.9), f)
        steep = F(F(1) - inverse)
        spot[0, x] = F(F(F(0.05) + F(0.85) * lit * lit) * depth * depth * body + F(0.012))
        spot[1, x] = F(line * smooth(F(0.35), F(0.8), g) * ridge * F(F(0.35) + lit))
        s = F(s * s)
        spot[2, x] = F(s * s * wet * smooth(F(0.25), F(0.6), f) * F(2.5))
        spot[3, x] = F(steep * steep * F(0.5) * smooth(F(0.45), F(0.85), F(F(1) - g)) * body)
        h = F(f * F(0.7) + g * F(1.1) + steep * F(0.25) + hue)
        h = F(h - F(floor_i(h)))
        other = F(g * F(1.3) + hue + F(0.3))
        other = F(other - F(floor_i(other)))
        vein[x] = I(F(other * F(RAMP_STEPS - 1)))
        place[x] = I(min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1)))


@njit(**KERNEL)
def _shimmer(light, wide, ramp, night, spark, mood, unit):  # type: ignore[no-untyped-def]
    """A film's bands of colour, its lit relief and the lamp that it mirrors."""
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((4, width), np.float32)
    at = np.empty(width, np.int32)
    bands, pale, power = mood[OWN], mood[OWN + 1], mood[POWER]
    mid_x = F(F(I(width - 1)) * F(0.5))
    mid_y = F(F(I(height - 1)) * F(0.5))
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(FIELD_STEP), rows[k])
        sy = F(F(F(I(y)) - mid_y) * unit)
        for x in range(width):
            f = F(rows[0, x] + F(0.5))
            gx = F(rows[1, x] * F(1.7))
            gy = F(rows[2, x] * F(1.7))
            flat = F(F(1) / F(np.sqrt(F(F(1) + gx * gx + gy * gy))))
            lean = F(F(F(0.6) - gx * mood[LIGHT_X] - gy * mood[LIGHT_Y]) * flat)
            lit = clamp01(lean)
            lx = F(F(F(F(I(x)) - mid_x) * unit) - mood[LAMP_X])
            ly = F(sy - mood[LAMP_Y])
            near = F(F(1) / F(F(1) + F(0.5) * F(lx * lx + ly * ly)))
            thick = F(F(f + F(0.35) * rows[3, x]) * bands)
            h = F(thick + mood[HUE] + F(0.12) * lean)
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            order = F(F(0.5) + F(0.5) * sin_f(F(thick * F(12.566371))))
            skin = smooth(F(0.14), F(0.58), F(f + F(0.3) * rows[3, x] + F(0.2) * pale))
            hue = F(skin * F(F(0.15) + F(0.85) * order) * F(F(0.25) + F(1.1) * lit))
            hue = F(hue * F(F(0.25) + near) * power)
            soft = F(F(F(0.10) + F(0.75) * lit * lit) * F(F(0.2) + near) * power)
            own = F(hue + pale * F(F(0.62) * hue + F(0.22) * soft - hue))
            wet = clamp01(F(lean - F(0.2)))
            wet = F(wet * wet)
            wet = F(wet * wet * F(F(0.5) + F(0.4) * power))
            star = F(wet * wet)
            star = F(star * star * star * mood[SPARKLE] * F(14))
            wet = F(wet * wet * F(4) + star + F(0.12) * wet)
            spot[0, x] = own
            spot[1, x] = soft
            spot[2, x] = wet
            spot[3, x] = near
        for c in range(3):
            for x in range(width):
                tint = ramp[at[x], c]
                milk = F(pale * spot[1, x] * F(0.2) * spark[c])
                shine = F(F(F(0.5) * spark[c] + F(0.5) * tint) * spot[2, x] * spot[3, x])
                light[c, y, x] = F(night[c] * F(0.5) + tint * spot[0, x] + milk + shine)
