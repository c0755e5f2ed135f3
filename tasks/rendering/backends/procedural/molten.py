"""Molten rock or metal: dark plates of crust that drift apart over heat.

Source: S. Worley, A Cellular Texture Basis Function, 1996 (plates are its cells).
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
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.liquids import (
    BASS,
    DROP,
    FLOW,
    HUE,
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

STEP = 2  # pixels a sample: cracks are thin
FIELDS = 6  # distance to a crack, heat, relief, its slopes, haze
SCALE = 1.25  # plates a half-height, in the middle
NEAREST = 0.28  # half-heights below the horizon where distance ends in haze


class Molten:
    """A field of crust with a river of heat through it, seen from low or from above."""

    def __init__(self, stage: Stage) -> None:
        self.pool = Pool(stage, step=STEP, fields=FIELDS)
        self.stage = stage
        low = dice(stage.seed, 60) < 0.6 and stage.wishes.closeness < 1.3
        self.horizon = 1.2 + 0.35 * dice(stage.seed, 61) if low else 40.0

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Break the crust, heat it, light it from its own cracks."""
        pool, colors = self.pool, self.stage.palette
        mood = pool.mood(moment, self.horizon, moment.energy)
        _crust(pool.fields, pool.view(moment), mood, pool.seeds, pool.unit)
        pool.widen()
        _burn(light, pool.wide, colors.ramp, colors.night, colors.spark, mood, pool.unit)


@njit(**INLINE)
def recede(y, horizon):  # type: ignore[no-untyped-def]
    """How far away the plane is at a height of the picture; 1 in the middle."""
    return F(horizon / F(max(F(y + horizon), F(NEAREST))))


@njit(**KERNEL)
def _cracks(out, second, xs, ys, t, seed):  # type: ignore[no-untyped-def]
    """How much further the second plate's middle is than the nearest: 0 along a crack."""
    for x in range(out.shape[0]):
        out[x] = F(9)
        second[x] = F(9)
    for m in range(-1, 2):
        for n in range(-1, 2):
            for x in range(out.shape[0]):
                i = I(floor_i(xs[x]) + I(m))
                j = I(floor_i(ys[x]) + I(n))
                h = mix(U(U(U(i) * U(0x27D4EB2D)) ^ U(U(U(j) * U(0x165667B1)) + seed)))
                turn = F(F(F(I(U(h >> U(16)))) * F(6.2831853 / 65536.0)) + t)
                across = F(F(I(U(h & U(0xFFFF)))) * F(0.7 / 65536.0))
                px = F(F(i) + F(0.5) + F(0.38) * sin_f(turn) - xs[x])
                py = F(F(j) + F(0.15) + across - ys[x])
                d = F(px * px + py * py)
                second[x] = F(min(second[x], F(max(out[x], d))))
                out[x] = F(min(out[x], d))
    for x in range(out.shape[0]):
        out[x] = F(F(np.sqrt(second[x])) - F(np.sqrt(out[x])))


@njit(**KERNEL)
def _crust(fields, view, mood, seeds, half):  # type: ignore[no-untyped-def]
    _, rows, columns = fields.shape
    ax = np.empty(columns, np.float32)
    ay = np.empty(columns, np.float32)
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    rough = np.empty(columns, np.float32)
    t = mood[FLOW]
    for r in range(rows):
        aim_row(ax, ay, view, mood, r, I(STEP))
        for x in range(columns):
            z = recede(ay[x], mood[OWN])
            fields[5, r, x] = z
            flat = F(ay[x] * z)
            ax[x] = F(ax[x] * z * F(SCALE) + F(0.05) * t)
            ay[x] = F(flat * F(SCALE) - F(0.17) * t)
            xs[x] = F(ax[x] * F(1.9))
            ys[x] = F(ay[x] * F(1.9) + F(5))
        row_fbm(rough, xs, ys, seeds[1], I(3), F(0.9))
        for x in range(columns):
            xs[x] = F(ax[x] * F(0.55) + F(0.3) * rough[x])
            ys[x] = F(ay[x] * F(0.33) + F(0.09) * t)
        row_fbm(fields[1, r], xs, ys, seeds[0], I(2), F(1.0))
        for x in range(columns):
            ax[x] = F(ax[x] + F(0.34) * rough[x])
            ay[x] = F(ay[x] - F(0.34) * rough[x])
        _cracks(fields[0, r], xs, ax, ay, F(t * F(0.23)), seeds[2])
        for x in range(columns):
            fields[2, r, x] = F(
                F(0.30) * rough[x] + F(0.20) * smooth(F(0.02), F(0.30), fields[0, r, x])
            )
    slopes(fields, I(2), I(3), I(4), half, I(STEP))


@njit(**KERNEL)
def _burn(light, wide, ramp, night, spark, mood, half):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((FIELDS, width), np.float32)
    spot = np.empty((6, width), np.float32)
    at = np.empty(width, np.int32)
    cold = np.empty(width, np.int32)
    power = mood[POWER]
    rise = F(F(0.10) + F(0.22) * mood[OWN + 1] + F(0.12) * mood[BASS] + F(0.26) * mood[DROP])
    rise = F(rise + F(0.10) * mood[TENSION])
    for y in range(height):
        for k in range(FIELDS):
            blend_row(wide[k], y, I(STEP), rows[k])
        for x in range(width):
            far = smooth(F(1.5), F(4.2), rows[5, x])
            heat = clamp01(F(rows[1, x] * F(1.15) + rise + F(0.12)))
            thin = F(F(0.012) + F(0.26) * heat * heat)
            foot = F(half * F(STEP * SCALE * 1.5) * rows[5, x])
            broad = F(max(thin, foot))  # no crack is narrower than a sample
            c = rows[0, x]
            q = F(c / broad)
            core = F(F(1) / F(F(1) + q * q))
            core = F(core * core * F(thin / broad))
            q = F(c / F(broad * F(2.6) + F(0.06)))
            halo = F(F(1) / F(F(1) + q * q))
            glow = F(core * F(F(0.30) + F(1.5) * heat))
            warm = F(halo * F(F(0.05) + F(0.55) * heat))
            gx = F(rows[3, x] * F(0.8))
            gy = F(rows[4, x] * F(0.8))
            flat = F(F(1) / F(np.sqrt(F(F(1) + gx * gx + gy * gy))))
            lean = F(F(F(0.35) - gx * mood[LIGHT_X] - gy * mood[LIGHT_Y]) * flat)
            lit = F(max(lean, F(0)))
            facet = F(max(F(lean - F(0.72)), F(0)))
            crust = F(F(F(0.02) + F(0.30) * lit * lit) * F(F(1) - core))
            h = F(mood[HUE] + F(0.10) * heat + F(0.05) * core)
            h = F(h - F(floor_i(h)))
            at[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            h = F(mood[HUE] + F(0.5) + F(0.1) * rows[2, x])
            h = F(h - F(floor_i(h)))
            cold[x] = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            white = F(core * heat * heat * F(0.55) * power)
            fire = F(F(glow * F(1.15) + warm * lit * F(1.8) + warm * F(0.22)) * power)
            star = F(facet * mood[SPARKLE] * F(1.3) * halo)
            spot[0, x] = crust
            spot[1, x] = fire
            spot[2, x] = white
            spot[3, x] = star
            spot[4, x] = heat
            spot[5, x] = far
        for k in range(3):
            for x in range(width):
                hot = ramp[at[x], k]
                own = F(night[k] * F(0.45) + ramp[cold[x], k] * spot[0, x] * F(0.35) * power)
                own = F(own + hot * spot[1, x] + spark[k] * F(spot[2, x] + spot[3, x]))
                air = F(night[k] + hot * F(F(0.16) + F(0.16) * spot[4, x]) * power)
                light[k, y, x] = F(own + spot[5, x] * F(air - own))
