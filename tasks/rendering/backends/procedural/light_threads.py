"""Upright threads and glass rods of light in depth, with pulses that fall along them."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    fract,
    mix,
    seed32,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_pool
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.renderer import FloatArray

THREADS = 130
NEAR, FAR = 0.7, 5.0  # depths at which threads appear and vanish
FLOOR = 0.85  # the mirror lies this far below the eye, at depth 1
FOCUS = 1.5  # depth that is sharp
# Places in the row of values.
(FLOW, SIDE, SHARE, POWER, KICK, SINCE, HATS, HUE, ROD, SCALE, LENS, DROP) = range(12)


def hang_threads(light: FloatArray, view: FloatArray, stage: Stage, moment: Moment) -> None:
    """Add threads, and glass rods where the prompt asks for them, to a dark picture."""
    rods = 1.0 if "rod" in stage.subject or "glass" in stage.subject else 0.25
    values = np.array(
        [
            moment.flow, 0.06 * moment.flow,
            min((0.35 + 0.65 * moment.energy) * stage.wishes.density + 0.2 * moment.tension, 1.0),
            0.75 + 1.0 * moment.energy + 0.3 * moment.bass + 0.5 * moment.drop,
            moment.kick, moment.since_kick, moment.hats, 0.21 * (stage.seed % 5), rods,
            stage.wishes.closeness, 0.5 + stage.wishes.blur, moment.drop,
        ],
        np.float32,
    )  # fmt: skip
    palette = stage.palette
    _threads(
        light, view, to_pixels(view), palette.ramp, palette.spark, seed32(stage.seed, 3), values
    )


@njit(**KERNEL)
def _threads(light, view, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    px = F(F(1) / F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))))
    sides = F(F(width) / F(height) + F(0.25))
    count = I(F(THREADS) * values[SHARE])
    tint = np.empty(3, np.float32)
    for k in range(count):
        h = mix(U(U(U(k) * U(0x9E3779B1)) ^ seed))
        h1 = mix(U(h + U(1)))
        deep = F(F(k) + unit(h)) / F(count)
        z = F(F(FAR) - F(FAR - NEAR) * deep)
        z = F(z / values[SCALE])
        lane = F(fract(F(unit(h1) + values[SIDE] * F(0.12) / z)) * F(2) - F(1))
        sx = F(lane * sides)
        ends = F(smooth(F(1), F(0.93), F(abs(lane))))
        blur = F(F(abs(F(F(FOCUS) / z - F(1)))) * values[LENS] * F(0.006))
        rod = unit(mix(U(h + U(2)))) < values[ROD] * F(0.8)
        wide = F(F(F(0.019) if rod else F(0.0024)) / z)
        reach = F(max(F(F(wide + blur) * px), F(0.9)))
        thin = F(F(max(F(wide * px), F(0.5))) / reach)
        power = F(values[POWER] * ends * F(F(0.25) + F(1.1) * unit(mix(U(h + U(3))))))
        power = F(power * thin * F(F(0.35) + F(0.65) * decay(F(z * F(0.35)))))
        slot = I(fract(F(values[HUE] + F(0.45) * unit(mix(U(h + U(4)))))) * F(RAMP_STEPS - 1))
        for c in range(3):
            tint[c] = F(ramp[slot, c] + spark[c] * F(0.16))
        floor = F(F(FLOOR) / z)
        _thread(light, back, tint, spark, sx, floor, reach, power, rod, z, h, values)
        lands = _head(floor, z, h, values)
        for c in range(3):
            tint[c] = F(tint[c] * power * F(F(0.05) + F(0.5) * lands))
        px0 = F(back[0] * sx + back[1] * floor + back[2])
        py0 = F(back[3] * sx + back[4] * floor + back[5])
        add_pool(light, px0, py0, F(F(0.30) / z * px), F(F(0.05) / z * px), tint)


@njit(**INLINE)
def _head(at, z, h, values):  # type: ignore[no-untyped-def]
    """Light of the pulses of a thread at a height: bright heads with trails above them."""
    rate = F(F(0.35) + F(0.5) * unit(mix(U(h + U(5)))))
    every = F(F(0.45) + F(0.5) * unit(mix(U(h + U(7)))))
    run = F(F(at * z * every - values[FLOW] * rate) * F(0.7) + unit(mix(U(h + U(6)))))
    run = fract(run)
    head = F(run * run * run)
    return F(head * head * smooth(F(1), F(0.985), run))


@njit(**KERNEL)
def _thread(light, back, tint, spark, sx, floor, reach, power, rod, z, h, values):  # type: ignore[no-untyped-def]
    """One thread and its mirror image: faint, with pulses that fall."""
    _, height, width = light.shape
    front = F(F(-1.2) + values[SINCE] * F(3.2))
    spot = F(unit(mix(U(h + U(8)))) * F(2) - F(1))
    for y in range(height):
        sy = F(F(F(I(y)) - back[5] - back[3] * sx) / back[4])
        below = sy > floor
        at = F(F(2) * floor - sy) if below else sy
        dim = F(F(0.30) * decay(F(F(sy - floor) * F(3)))) if below else F(1)
        head = _head(at, z, h, values)
        wave = F(F(at - front) * F(4))
        wave = F(values[KICK] / F(F(1) + wave * wave))
        glint = F(F(at - spot) * F(40))
        glint = F(values[HATS] * F(2) / F(F(1) + glint * glint))
        body = F(F(0.17) if rod else F(0.09))
        k = F(F(body + F(1.9) * head + F(0.5) * wave + glint + F(0.5) * values[DROP]) * power * dim)
        hot = F(F(head * F(0.5) + glint * F(0.3)) * power * dim)
        middle = F(back[0] * sx + back[1] * sy + back[2])
        for x in range(
            max(floor_i(F(middle - reach)) + 1, 0), min(floor_i(F(middle + reach)) + 1, width)
        ):
            d = F(F(F(I(x)) - middle) / reach)
            q = F(d * d)
            bell = F(F(F(1) - q) * F(F(1) - q))
            if rod and reach > F(2.5):
                rim = F(q * q * F(F(1) - q) * F(5.2))
                core = F(max(F(F(1) - F(abs(F(d + F(0.42)))) * F(5)), F(0)))
                bell = F(clamp01(rim) * F(0.8) + core * F(0.7) + F(0.12))
            for c in range(3):
                light[c, y, x] += F(F(tint[c] * k + spark[c] * hot) * bell)
