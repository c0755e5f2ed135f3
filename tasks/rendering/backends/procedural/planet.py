"""A world in space: banded ground in the light of one sun, a rim of air, rings around some."""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    clamp01,
    decay,
    dice,
    fract,
    noise,
    seed32,
    smooth,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.words import has_stem
from tasks.rendering.renderer import FloatArray

RING_IN, RING_OUT = 1.32, 2.15  # radii of the rings, of the world's own
AIR_END = 2.2  # squared radii, beyond which no air shines
RING_WORDS = ("ring", "rubble")
# Places in the row of values that the kernel is handed for a frame.
(MID_X, MID_Y, RADIUS, SUN_X, SUN_Y, SUN_Z, AXIS_X, AXIS_Y, SPIN, POWER, TINT, RING, SLANT) = range(
    13
)


class Planet:
    """One world, partly outside the picture."""

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        side = 1.0 if dice(seed, 40) < 0.5 else -1.0
        self.stage = stage
        self.seed = seed32(seed, 41)
        self.radius = (0.5 + 0.75 * dice(seed, 42)) * stage.wishes.closeness
        self.middle = (side * (0.55 + 0.5 * dice(seed, 43)), 0.9 * (dice(seed, 44) - 0.35))
        sun = np.array([-side, -0.5 + dice(seed, 45), 0.55 * (dice(seed, 46) - 0.2)])
        self.sun = sun / np.sqrt((sun * sun).sum())
        lean = 1.2 * (dice(seed, 47) - 0.5)
        self.axis = (math.sin(lean), math.cos(lean))
        asked = any(has_stem(word, stage.subject) for word in RING_WORDS)
        self.ring = 1.0 if asked or dice(seed, 48) < 0.4 else 0.0
        self.slant = 0.16 + 0.25 * dice(seed, 49)

    def lay(self, light: FloatArray, view: FloatArray, moment: Moment) -> None:
        """Lay the world over the stars."""
        colors = self.stage.palette
        hue = int(dice(self.stage.family, 2) * colors.stops) / colors.stops
        values = np.array(
            [
                *self.middle, self.radius * (1.0 + 0.012 * moment.bass), *self.sun, *self.axis,
                0.035 * moment.flow, 0.75 + 0.6 * moment.energy + 0.2 * moment.kick, hue,
                self.ring * (0.6 + 0.4 * moment.voice), self.slant,
            ],
            np.float32,
        )  # fmt: skip
        _lay(light, view, colors.ramp, colors.inks, colors.night, self.seed, values)


@njit(**KERNEL)
def _lay(light, view, ramp, inks, night, seed, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    inverse = F(F(1) / values[RADIUS])
    step = F(F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))) * inverse)
    sx, sy, sz = values[SUN_X], values[SUN_Y], values[SUN_Z]
    ax, ay = values[AXIS_X], values[AXIS_Y]
    deep = F(np.sqrt(F(F(1) - values[SLANT] * values[SLANT])))
    for y in range(height):
        for x in range(width):
            a = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2] - values[MID_X])
            b = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5] - values[MID_Y])
            u = F(F(a * ay - b * ax) * inverse)
            v = F(F(a * ax + b * ay) * inverse)
            square = F(u * u + v * v)
            w = F(v / values[SLANT])
            wide = F(u * u + w * w)
            ringed = values[RING] > F(0) and wide > F(RING_IN**2) and wide < F(RING_OUT**2)
            if square > F(AIR_END) and not ringed:
                continue
            r = F(np.sqrt(square))
            body = smooth(F(F(1) + step), F(F(1) - step), r)
            nz = F(np.sqrt(F(max(F(F(1) - square), F(0)))))
            nx = F(F(u * ay + v * ax))
            ny = F(F(v * ay - u * ax))
            sun = F(F(nx * sx + ny * sy) / F(max(r, F(1))) + nz * sz)
            day = smooth(F(-0.12), F(0.75), sun)
            air = F(decay(F(F(abs(F(r - F(1)))) * F(26))) * smooth(F(-0.35), F(0.7), sun))
            rim = F(F(1) - nz)
            rim = F(rim * rim * rim * day * body)
            hue = values[TINT]
            shade = F(0)
            if body > F(0) and day > F(0):
                lon = F(u / F(nz + F(0.45)) + values[SPIN])
                wave = noise(F(lon * F(1.2) + F(30)), F(v * F(4) + F(30)), seed)
                band = noise(
                    F(lon * F(0.35) + F(70)), F(F(v + wave * F(0.06)) * F(7) + F(70)), seed
                )
                fine = noise(F(lon * F(5) + F(40)), F(F(v + wave * F(0.05)) * F(19) + F(40)), seed)
                hue = F(hue + F(0.16) * band)
                shade = F(F(0.55) + F(0.55) * band + F(0.16) * fine)
                shade = F(max(shade, F(0.08)) * day)
            slot = ramp[I(fract(F(hue + F(1))) * F(RAMP_STEPS - 1))]
            rr = F(np.sqrt(wide))
            inside = F(smooth(F(RING_IN), F(RING_IN + 0.06), rr))
            inside = F(inside * smooth(F(RING_OUT), F(RING_OUT - 0.10), rr) * values[RING])
            front = F(1) if v > F(0) else F(F(1) - body)
            groove = F(0)
            shadow = F(1)
            if ringed:
                groove = F(F(0.55) + F(0.75) * noise(F(rr * F(17) + F(9)), F(3.3), seed))
                groove = F(clamp01(groove) * inside * front)
                toward = F(u * F(sx * ay - sy * ax) + v * F(sx * ax + sy * ay) + w * deep * sz)
                if toward < F(0):  # beyond the world, as the sun sees it
                    off = F(max(F(wide - toward * toward), F(0)))
                    shadow = smooth(F(0.85), F(1.15), off)
            for c in range(3):
                ground = F(slot[c] * shade * values[POWER])
                ground = F(ground + inks[1, c] * rim * F(0.5) + night[c] * F(0.22))
                own = F(light[c, y, x] * F(F(1) - body) + ground * body)
                own = F(own + inks[1, c] * air * F(0.45) * values[POWER])
                dusty = F(
                    F(slot[c] * F(0.4) + inks[1, c] * F(0.6)) * shadow * values[POWER] * F(0.6)
                )
                light[c, y, x] = F(own + F(dusty - own) * groove * F(0.75))
