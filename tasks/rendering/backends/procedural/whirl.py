"""Whirls: gas in layers that is flown through, light trails, circling swarms, a winding stair."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bore import (
    BASS,
    FAR_X,
    FAR_Y,
    FRONT,
    HUE,
    HUE_STEP,
    KICK,
    POWER,
    ROLL,
    TRAVEL,
    bend,
    hue_of,
    lamp,
)
from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    cos_f,
    floor_i,
    mix,
    noise,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.trails import CURL, GAS, HOLE, draw_stair, draw_trails
from tasks.rendering.renderer import FloatArray

STEP = 4  # pixels a sample of the gas
LAYERS = 5
LAYER_GAP = 1.35  # depth between two layers of gas


class Whirl:
    """Work arrays of one clip."""

    def __init__(self, stage: Stage) -> None:
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.gas = scratch(3, *shape)
        self.wide = scratch(3, shape[0], stage.width_px)

    def paint(
        self,
        light: FloatArray,
        views: tuple[FloatArray, FloatArray],
        *,
        stage: Stage,
        seed: np.uint32,
        values: FloatArray,
    ) -> None:
        """Fill the picture.

        Args:
            light: Linear light, shape (3, height, width).
            views: Camera: from pixels to the scene, and back.
            stage: Whose palette colours it.
            seed: Of the gas and of all that circles.
            values: As named here and in `bore`.
        """
        colors = stage.palette
        view, back = views
        _blow(self.gas, view, colors.inks, colors.ramp, colors.night, seed, values)
        for c in range(3):
            widen(self.gas[c], self.wide[c], STEP)
        _lay(light, self.wide, view, colors.inks, colors.spark, values)
        draw_trails(light, back, colors.ramp, colors.spark, seed, values)
        draw_stair(light, back, colors.ramp, colors.spark, seed, values)


@njit(**INLINE)
def _lamp(at, z, seed, values):  # type: ignore[no-untyped-def]
    return lamp(at, z, seed, values[POWER], values[KICK], values[FRONT])


@njit(**KERNEL)
def _blow(gas, view, inks, ramp, night, seed, values):  # type: ignore[no-untyped-def]
    """Layers of gas from far to near, each with a clearing that is flown through."""
    _, rows, columns = gas.shape
    start = F(values[TRAVEL] * F(1.0 / LAYER_GAP))
    first = floor_i(start)
    part = F(start - F(first))
    for r in range(rows):
        py = F(F(I(r - 1)) * F(STEP))
        for c in range(3):
            for x in range(columns):
                gas[c, r, x] = F(night[c] * F(0.6))
        for k in range(LAYERS - 1, -1, -1):
            depth = F(F(F(I(k)) + F(1) - part) * F(LAYER_GAP))
            name = first + k
            fade = F(smooth(F(0.05), F(1.1), depth))
            fade = F(fade * smooth(F(LAYERS * LAYER_GAP), F(LAYERS * LAYER_GAP - 1.6), depth))
            if fade * values[GAS] <= F(0):
                continue
            own = mix(U(U(name) * U(0x9E3779B1) ^ seed))
            turn = F(values[CURL] * depth + values[ROLL] + unit(own) * F(6.2831853))
            ca, sa = cos_f(turn), sin_f(turn)
            mx = bend(depth, values[FAR_X])
            my = bend(depth, values[FAR_Y])
            slot = hue_of(F(F(F(name) + F(0.5)) * F(0.3)), values[HUE], values[HUE_STEP])
            close = F(smooth(F(3.2), F(0.6), depth) * F(0.45))
            at = F(F(name) + F(0.5))
            bright = F(F(0.25) + F(0.75) * _lamp(at, depth, seed, values))
            shine = F(fade * values[GAS] * bright)
            for x in range(columns):
                px = F(F(I(x - 1)) * F(STEP))
                qx = F(F(view[0] * px + view[1] * py + view[2] - mx) * depth)
                qy = F(F(view[3] * px + view[4] * py + view[5] - my) * depth)
                ux = F(F(qx * ca - qy * sa) * F(0.55) + F(60))
                uy = F(F(qx * sa + qy * ca) * F(0.55) + F(60))
                n = noise(ux, uy, own)
                fine = noise(F(ux * F(2.3) + n), F(uy * F(2.3) - n), U(own + U(7)))
                wisp = noise(F(ux * F(5.1) + fine * F(2)), F(uy * F(5.1) - n * F(2)), U(own + U(9)))
                n = F(n + F(0.5) * fine + close * wisp)
                fine = F(fine + close * wisp)
                far = F(np.sqrt(F(qx * qx + qy * qy)))
                clear = smooth(F(0.35), F(1.25), F(far + F(0.7) * n))
                cloud = clamp01(F(F(0.06) + n * F(1.6)))
                ridge = F(F(1) - F(min(F(abs(fine)) * F(3.2), F(1))))
                dense = F(cloud * cloud * clear * shine)
                hot = F(dense * ridge * ridge * cloud)
                left = F(F(1) - F(0.8) * cloud * clear * fade * F(min(values[GAS], F(1))))
                for c in range(3):
                    back_k = F(gas[c, r, x])
                    add = F(ramp[slot, c] * dense * F(0.7) + inks[1, c] * hot * F(0.7))
                    gas[c, r, x] = F(back_k * left + add)


@njit(**KERNEL)
def _lay(light, wide, view, inks, spark, values):  # type: ignore[no-untyped-def]
    """The gas at every pixel, the glow at the whirl's end, and a black hole."""
    _, height, width = light.shape
    glow = F(F(0.010) + F(0.022) * values[POWER] + F(0.016) * values[BASS])
    hole = values[HOLE]
    edge = F(F(3.0) / F(height))
    for y in range(height):
        for c in range(3):
            blend_row(wide[c], y, I(STEP), light[c, y])
        for x in range(width):
            qx = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2] - values[FAR_X])
            qy = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5] - values[FAR_Y])
            far = F(np.sqrt(F(qx * qx + qy * qy)))
            mist = F(glow * F(F(0.35) + F(0.65) * values[GAS]) / F(F(0.06) + far * far * F(1.6)))
            mist = F(mist * smooth(F(2.4), F(0.2), far))
            k = F(F(1) if hole <= F(0) else smooth(hole, F(hole + edge), far))
            away = F(F(far - hole * F(1.12)) * F(22))
            ring = F(F(0) if hole <= F(0) else F(F(1) / F(F(1) + away * away)))
            tilt = F(qy * F(3.4) + qx * F(0.5))
            disc = F(F(1) / F(F(1) + tilt * tilt * F(16) / F(F(0.02) + hole)))
            disc = F(disc * smooth(F(hole * F(5)), F(hole), far) * F(1 if hole > F(0) else 0))
            front = F(disc * F(1.2) * F(values[POWER]))
            ring = F(F(ring * ring * k) * F(F(0.6) + values[POWER]))
            for c in range(3):
                base = F(light[c, y, x] + inks[0, c] * mist * F(1 if hole <= F(0) else 0.4))
                hot = F(inks[0, c] * F(0.7) + spark[c] * F(0.45))
                light[c, y, x] = F(base * k + hot * F(ring + front * F(0.55)))
