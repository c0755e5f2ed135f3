"""Large calm drops: mercury and chrome that mirror a studio, or honey and glass lit from behind.

Source: J. Blinn, A Generalization of Algebraic Surface Drawing, 1982 (blobs that merge).
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.kit import (
    INLINE,
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
    FLOW,
    HUE,
    LAMP_X,
    LAMP_Y,
    LIGHT_X,
    LIGHT_Y,
    OWN,
    POWER,
    SPARKLE,
    Pool,
    aim_row,
    slopes,
    surge,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 4  # pixels a sample: drops are large
FIELDS = 3  # 1 on the outline and 0 inside, and its slopes
METAL = ("mercury", "chrome", "silver", "metal", "gold", "steel", "mirror")
CLEAR = ("honey", "amber", "resin", "whisky", "syrup", "glass", "water", "jelly", "wine")
MOST = 9  # drops
NEAREST = 1.1  # nearer, one drop would hide the others
MAIN = 3  # of them are large


class Drops:
    """A few large drops that meet and part, and their small companions."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=STEP, fields=FIELDS)
        self.pool.near = min(self.pool.near, NEAREST)
        self.stage = stage
        clear = any(stem in stage.named for stem in CLEAR)
        metal = any(stem in stage.named for stem in METAL)
        self.metal = float(metal) if metal != clear else float(dice(stage.family, 61) < 0.6)
        self.count = min(max(round(3 + 2 * stage.energy + 2 * stage.wishes.density), 3), MOST)
        self.way = 1.0 if dice(stage.seed, 63) < 0.5 else -1.0
        self.size = 0.36 + 0.26 * dice(stage.seed, 62)
        self.throws = [[dice(stage.seed, 70 + 8 * k + m) for m in range(8)] for k in range(MOST)]

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Place the drops, find their outline, mirror or light them."""
        pool, colors = self.pool, self.stage.palette
        mood = pool.mood(moment, self.metal, self.size)
        _outline(pool.fields, pool.view(moment), mood, self._places(moment), pool.seeds, pool.unit)
        pool.widen()
        _shine(light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit)

    def _places(self, moment: Moment) -> FloatArray:
        """Middle and squared radius of every drop, shape (drops, 3)."""
        wide = self.stage.width_px / self.stage.height_px
        apart = (1.0 + 0.45 * moment.drop) * (1.0 - 0.35 * moment.tension)
        places = np.zeros((self.count, 3), np.float32)
        for k in range(self.count):
            t = self.throws[k]
            rate = 0.11 + 0.1 * t[0]
            x = 0.35 * wide * math.sin(rate * moment.flow + 6.2832 * t[1]) + 0.3 * (t[2] - 0.5)
            x += 0.62 * wide * (k % MAIN - 1) * self.way
            y = 0.62 * math.sin(1.3 * rate * moment.flow + 6.2832 * t[3]) + 0.3 * (t[4] - 0.5)
            radius = self.size * ((0.7 + 0.6 * t[6]) if k < MAIN else 0.18 + 0.3 * t[5])
            radius *= 1.0 + 0.12 * moment.bass + 0.20 * surge(moment) * (k % 2)
            places[k] = x * apart, y * apart, radius * radius
        return places


@njit(**KERNEL)
def _outline(fields, view, mood, drops, seeds, unit):  # type: ignore[no-untyped-def]
    _, rows, columns = fields.shape
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    bx = np.empty(columns, np.float32)
    by = np.empty(columns, np.float32)
    wx = np.empty(columns, np.float32)
    wy = np.empty(columns, np.float32)
    for r in range(rows):
        aim_row(xs, ys, view, mood, r, I(STEP))
        for x in range(columns):
            bx[x] = F(xs[x] * F(1.1) + F(0.16) * mood[FLOW])
            by[x] = F(ys[x] * F(1.1) + F(0.05) * mood[FLOW])
        row_fbm(wx, bx, by, seeds[0], I(1), F(0.22))
        for x in range(columns):
            by[x] = F(by[x] + F(19))
        row_fbm(wy, bx, by, seeds[1], I(1), F(0.22))
        for x in range(columns):
            total = F(0)
            for k in range(drops.shape[0]):
                dx = F(xs[x] + wx[x] - drops[k, 0])
                dy = F(ys[x] + wy[x] - drops[k, 1])
                part = F(drops[k, 2] / F(dx * dx + dy * dy + F(0.3) * drops[k, 2]))
                if k >= MAIN:  # a companion that a large drop swallows is gone
                    part = F(part / F(F(1) + F(3) * total * total * total))
                total = F(total + part)
            fields[0, r, x] = F(min(F(F(1) / F(total + F(0.02))), F(9)))
    slopes(fields, I(0), I(1), I(2), unit, I(STEP))


@njit(**INLINE)
def _studio(t, side, mood):  # type: ignore[no-untyped-def]
    """Light of the room in a direction: a large soft box, a strip across from it, a floor."""
    box = F(smooth(F(0.28), F(0.40), t) * smooth(F(0.86), F(0.62), t))
    box = F(box * smooth(F(0.95), F(0.55), F(abs(F(side + F(0.1))))))
    strip = F(smooth(F(-0.80), F(-0.74), t) * smooth(F(-0.58), F(-0.66), t))
    line = F(smooth(F(0.50), F(0.56), side) * smooth(F(0.72), F(0.64), side))
    return F(box * F(1.5) + strip * F(0.7) + line * F(0.45))


@njit(**KERNEL)
def _shine(light, wide, ramp, night, spark, mood, unit):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((6, width), np.float32)
    at = np.empty(width, np.int32)
    under = np.empty(width, np.int32)
    metal = mood[OWN]
    size = mood[OWN + 1]
    mid_x = F(F(I(width - 1)) * F(0.5))
    mid_y = F(F(I(height - 1)) * F(0.5))
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(STEP), rows[k])
        sy = F(F(F(I(y)) - mid_y) * unit)
        for x in range(width):
            g = rows[0, x]
            gx = rows[1, x]
            gy = rows[2, x]
            steep = F(np.sqrt(F(gx * gx + gy * gy + F(0.01))))
            cover = clamp01(F(F(F(1) - g) / F(steep * unit * F(1.6)) + F(0.5)))
            nz = F(np.sqrt(F(max(F(F(1) - g), F(0)))))
            nx = F(gx * size * F(0.5))
            ny = F(gy * size * F(0.5))
            k = F(F(1) / F(np.sqrt(F(nx * nx + ny * ny + nz * nz + F(1e-4)))))
            nx = F(nx * k)
            ny = F(ny * k)
            nz = F(nz * k)
            up = F(nx * mood[LIGHT_X] + ny * mood[LIGHT_Y])
            across = F(ny * mood[LIGHT_X] - nx * mood[LIGHT_Y])
            t = F(F(2) * nz * up)
            side = F(F(2) * nz * across)
            room = _studio(t, side, mood)
            edge = F(F(1) - nz)
            edge = F(edge * edge * edge)
            sx = F(F(F(I(x)) - mid_x) * unit)
            lx = F(sx - mood[LAMP_X])
            ly = F(sy - mood[LAMP_Y])
            near = F(F(1) / F(F(1) + F(0.8) * F(lx * lx + ly * ly)))
            shade = F(F(1) / F(g * g + F(0.3)))
            floor = F(near * near * F(0.42) * mood[POWER])
            floor = F(floor * F(F(1) - F(0.75) * clamp01(F(shade * F(1.1)))))
            h = F(mood[HUE] + F(0.13) * t + F(0.08) * side + F(0.05) * sx + F(0.10) * edge)
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            h = F(mood[HUE] + F(0.32) + F(0.02) * sx)
            h = F(h - F(floor_i(h)))
            under[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            sky = smooth(F(-0.55), F(0.9), t)
            mirror = F(F(0.05) + F(0.75) * sky * sky + F(0.5) * edge)
            through = smooth(F(0.35), F(-0.95), F(up * F(1.25)))
            focus = F(up + F(0.5))
            focus = F(F(1) / F(F(1) + F(14) * F(focus * focus + across * across * F(0.5))))
            through = F(F(0.05) + F(0.62) * through * through + F(0.12) * nz + F(0.75) * focus)
            own = F(through + metal * F(mirror - through)) * mood[POWER]
            gleam = F(room * F(F(0.55) + F(0.45) * metal) + F(0.35) * edge) * mood[POWER]
            star = F(max(F(up * F(0.8) + nz * F(0.6)), F(0)))
            star = F(star * star)
            star = F(star * star)
            star = F(star * star)
            star = F(star * star)
            star = F(star * star * star * mood[SPARKLE] * F(2.5))
            bounce = F(shade * shade * F(0.05) * mood[POWER])
            spot[0, x] = own
            spot[1, x] = gleam
            spot[2, x] = star
            spot[3, x] = floor
            spot[4, x] = bounce
            spot[5, x] = cover
        for c in range(3):
            for x in range(width):
                tint = ramp[at[x], c]
                glass = F(
                    tint * spot[0, x]
                    + F(F(0.45) * tint + F(0.55) * spark[c]) * F(spot[1, x] + spot[2, x])
                )
                ground = F(
                    night[c] * F(0.8) + ramp[under[x], c] * spot[3, x] + ramp[at[x], c] * spot[4, x]
                )
                light[c, y, x] = F(ground + spot[5, x] * F(glass - ground))
