"""Ribbons of fine threads in the wind: they twist, fold light at their turns, and carry pulses.

A ribbon's middle is a stream line of a curl field, traced anew for every frame from its own root.
Its threads are never nearer to each other on the picture than they are wide: where a ribbon turns
its edge, they melt into one, so that no moire appears.
Source of the wind: R. Bridson et al., Curl-Noise for Procedural Fluid Flow, 2007.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    cos_f,
    fract,
    mix,
    noise,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_piece

RIBBONS, THREADS = 7, 15
STEPS, STEP = 74, 0.058  # pieces a ribbon, scene units a piece
WIND_SIZE = 0.50  # eddies a scene unit
WIND_DELTA = 0.03  # scene units between the two readings of a slope
# Places in the row of values that the kernels are handed for a frame.
(
    FLOW, EAST, SOUTH, CURL, HUE, POWER, KICK, HATS, BASS, TENSION, BURST, BREADTH, LENS,
) = range(13)  # fmt: skip
# What is worked out along a ribbon: its middle, across (of length one), turn, light along.
(MID_X, MID_Y, OVER_X, OVER_Y, TURN, ALONG) = range(6)


@njit(**INLINE)
def _hill(x, y, t, seed):  # type: ignore[no-untyped-def]
    """The hill that the wind runs round."""
    u, v = F(x * F(WIND_SIZE) + t * F(0.05) + F(40)), F(y * F(WIND_SIZE) + F(40))
    a = noise(u, v, seed)
    b = noise(F(u * F(2.1) - t * F(0.11)), F(v * F(2.1) + t * F(0.08)), U(seed + U(7)))
    return F(a + b * F(0.22))


@njit(**INLINE)
def _wind(x, y, seed, values):  # type: ignore[no-untyped-def]
    """Direction of the wind, of length one."""
    t = values[FLOW]
    here = _hill(x, y, t, seed)
    slope_x = F(F(_hill(F(x + F(WIND_DELTA)), y, t, seed) - here) * F(1.0 / WIND_DELTA))
    slope_y = F(F(_hill(x, F(y + F(WIND_DELTA)), t, seed) - here) * F(1.0 / WIND_DELTA))
    u = F(values[EAST] + values[CURL] * slope_y * F(1.7))
    v = F(values[SOUTH] - values[CURL] * slope_x * F(1.7))
    k = F(F(1) / F(np.sqrt(F(u * u + v * v + F(0.02)))))
    return F(u * k), F(v * k)


@njit(**KERNEL)
def add_ribbons(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add all ribbons to linear light, shape (3, height, width)."""
    path = np.empty((6, STEPS + 1), np.float32)
    per_unit = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for ribbon in range(RIBBONS):
        h = mix(U(U(ribbon) * U(0x9E3779B1) ^ seed))
        near = unit(mix(U(h + U(1))))
        across = F(F(F(I(ribbon)) + F(0.2) + F(0.6) * unit(h)) * F(2.0 / RIBBONS) - F(1))
        _trace(path, F(across * F(1.25)), near, h, seed, values)
        broad = F(F(0.04) + F(0.20) * unit(mix(U(h + U(2)))) * F(F(0.4) + near))
        broad = F(broad * values[BREADTH] * F(F(1) + F(0.25) * values[BASS] + values[BURST]))
        broad = F(broad * F(F(1) - F(0.45) * values[TENSION]))
        blur = F(values[LENS] * F(abs(F(near - F(0.62)))) * per_unit)
        hue = F(values[HUE] + F(0.13) * F(I(ribbon)))
        power = F(values[POWER] * F(F(0.30) + F(0.70) * near))
        _weave(light, back, path, ramp, spark, h, broad, blur, hue, power, per_unit, values)


@njit(**KERNEL)
def _trace(path, across, near, h, seed, values):  # type: ignore[no-untyped-def]
    """A ribbon's middle, the way across it, its twist, and the light that runs along."""
    start = F(F(-2.5) + F(0.5) * unit(mix(U(h + U(3)))))
    x = F(start * values[EAST] - values[SOUTH] * across)
    y = F(start * values[SOUTH] + values[EAST] * across)
    t = values[FLOW]
    run = F(t * F(F(0.22) + F(0.16) * near) + unit(mix(U(h + U(4)))))
    for k in range(path.shape[1]):
        s = F(F(I(k)) * F(1.0 / STEPS))
        dx, dy = _wind(x, y, seed, values)
        path[MID_X, k], path[MID_Y, k] = x, y
        path[OVER_X, k], path[OVER_Y, k] = F(-dy), dx
        twist = noise(F(s * F(2.4) - t * F(0.16) + F(50)), F(near * F(9) + F(30)), seed)
        path[TURN, k] = F(F(5) * twist + F(6.28) * near + F(0.25) * t)
        wave = fract(F(s * F(1.3) - run))
        pulse = F(wave * wave)
        pulse = F(pulse * pulse * pulse * smooth(F(1), F(0.96), wave))
        ends = F(smooth(F(0), F(0.10), s) * smooth(F(1), F(0.85), s))
        path[ALONG, k] = F(ends * F(F(0.45) + pulse * F(F(1.2) + F(2.6) * values[KICK])))
        x = F(x + dx * F(STEP))
        y = F(y + dy * F(STEP))


@njit(**KERNEL)
def _weave(light, back, path, ramp, spark, h, broad, blur, hue, power, per_unit, values):  # type: ignore[no-untyped-def]
    """A ribbon's threads, each shaded by how the ribbon turns there."""
    width, height = F(light.shape[2]), F(light.shape[1])
    size = F(height * F(1.0 / 480.0))
    for thread in range(THREADS):
        u = F(F(F(I(thread)) + F(0.5)) * F(2.0 / THREADS) - F(1))
        own = unit(mix(U(h + U(thread * 131 + 17))))
        px, py, lit = F(0), F(0), F(0)
        for k in range(path.shape[1]):
            turn = F(path[TURN, k] + F(0.5) * u)
            face = cos_f(turn)
            wide = F(broad * F(F(0.12) + F(0.88) * F(abs(face))))
            bulge = F(F(0.10) * broad * F(F(1) - u * u) * sin_f(turn))
            over = F(wide * u + bulge)
            x = F(path[MID_X, k] + path[OVER_X, k] * over)
            y = F(path[MID_Y, k] + path[OVER_Y, k] * over)
            qx = F(back[0] * x + back[1] * y + back[2])
            qy = F(back[3] * x + back[4] * y + back[5])
            gap = F(F(2.0 / THREADS) * wide * per_unit)
            apart = smooth(F(3.0), F(8.0), F(gap / size))
            reach = F(max(F(gap * F(F(1.45) - F(0.85) * apart)), F(F(1.1) * size)) + blur)
            thin = F(min(F(F(gap * F(1.45)) / reach), F(1)))
            sheen = F(face * face)
            sheen = F(sheen * sheen * sheen * sheen)
            edge = F(u * u)
            edge = F(edge * edge * F(0.5))
            shade = F(F(0.16) + F(0.34) * F(abs(face)) + F(0.8) * sheen + edge)
            shade = F(shade * F(F(1) + F(0.8) * F(own - F(0.5)) * F(F(0.3) + apart)))
            now = F(path[ALONG, k] * power * shade * thin)
            shown = k > 0 and max(px, qx) > -reach and max(py, qy) > -reach
            if shown and min(px, qx) < width + reach and min(py, qy) < height + reach:
                s = F(F(I(k)) * F(1.0 / STEPS))
                at = fract(F(hue + F(0.20) * s + F(0.05) * u + F(0.10) * face))
                c = ramp[I(at * F(RAMP_STEPS - 1))]
                white = F(F(0.30) * sheen * clamp01(path[ALONG, k]))
                add_piece(
                    light, px, py, qx, qy, reach, F(c[0] + spark[0] * white),
                    F(c[1] + spark[1] * white), F(c[2] + spark[2] * white), lit, now,
                )  # fmt: skip
            px, py, lit = qx, qy, now
