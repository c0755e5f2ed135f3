"""Somebody under a black umbrella, from behind: a dark shape that the rain draws a rim on."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    cos_f,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.strokes import add_dot

SPAN = 0.46  # half-width of the canopy, half-heights
TALL = 0.27  # its height
SPATTERS = 90  # drops that burst on it
BURSTS_PER_S = 1.9  # of each, a second of flow


@njit(**KERNEL)
def paint_umbrella(light, view, back, place, rim, seed, values):  # type: ignore[no-untyped-def]
    """Darken the shape and light its edge.

    `place` is the middle of the canopy's rim in the scene (x, y); `rim` the colour of its edge;
    `values` flow, light, kick and share of drops.
    """
    _, height, width = light.shape
    px = F(F(1) / F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))))
    soft = F(F(0.004) + F(1.0) / px)
    high = F(max(F(back[4] * F(place[1] - F(1.6) * F(TALL)) + back[5]) - F(0.2) * px, F(0)))
    for y in range(I(high), height):
        middle = F(F(back[1] / back[4]) * F(F(I(y)) - back[5]) + back[2])
        middle = F(middle + F(back[0] - back[1] * back[3] / back[4]) * place[0])
        first = max(floor_i(F(middle - F(1.2 * SPAN) * px)), 0)
        for x in range(first, min(floor_i(F(middle + F(1.2 * SPAN) * px)), width)):
            dx = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2] - place[0])
            dy = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5] - place[1])
            if abs(dx) > F(SPAN) * F(1.1) or dy < F(-TALL) * F(1.3):
                continue
            u, v = F(dx / F(SPAN)), F(dy / F(TALL))
            dome = F(F(F(1) - F(np.sqrt(F(u * u + v * v)))) * F(TALL))
            bow = F(abs(sin_f(F(u * F(9.4248)))))
            dome = F(min(dome, F(F(0.022) * bow - dy)))
            low = F(dy - F(0.13))
            head = F(F(np.sqrt(F(dx * dx * F(210) + low * low * F(115)))))
            head = F(F(F(1) - head) * F(0.08))
            broad = F(F(0.045) + F(0.115) * smooth(F(0.16), F(0.36), dy))
            broad = F(broad + F(0.05) * F(max(dy, F(0))))
            coat = F(min(F(broad - F(abs(dx))), F(dy - F(0.19))))
            shaft = F(min(F(F(0.006) - F(abs(F(dx - F(0.03))))), F(F(0.4) - dy)))
            shaft = F(min(shaft, F(dy + F(TALL))))
            inside = F(max(max(dome, head), max(coat, shaft)))
            cover = clamp01(F(inside / soft + F(0.5)))
            edge = F(inside / F(0.006))
            line = F(F(1) / F(F(1) + edge * edge))
            line = F(line * line * cover)
            line = F(line * F(F(0.20) + F(1.0) * smooth(F(0.0), F(-0.2), dy)) * values[1])
            keep = F(F(1) - F(0.985) * cover)
            for c in range(3):
                light[c, y, x] = F(light[c, y, x] * keep + rim[c] * line * F(0.5))
    _spatter(light, back, place, rim, px, seed, values)


@njit(**KERNEL)
def _spatter(light, back, place, rim, px, seed, values):  # type: ignore[no-untyped-def]
    """Drops that burst on the canopy and fly off in small bows."""
    for k in range(I(F(SPATTERS) * values[3])):
        h = mix(U(U(U(k) * U(0x7FEB352D)) ^ U(seed + U(3))))
        rate = F(F(BURSTS_PER_S) * F(F(0.7) + F(0.6) * unit(h)))
        turn = F(values[0] * rate + unit(mix(U(h + U(1)))))
        run = fract(turn)
        hn = mix(U(h + U(U(floor_i(turn)) * U(0x9E3779B1))))
        angle = F(F(0.12) + F(2.9) * unit(hn))
        way = F(cos_f(angle) + F(unit(mix(U(hn + U(1)))) - F(0.5)) * F(0.8))
        hop = F(F(0.10) * F(F(0.4) + unit(mix(U(hn + U(2))))))
        sx = F(place[0] + cos_f(angle) * F(SPAN) + way * run * F(0.07))
        sy = F(place[1] - sin_f(angle) * F(TALL) - hop * F(4) * run * F(F(1) - run))
        k0 = F(F(F(1) - run) * values[1] * F(F(0.5) + F(0.6) * values[2]))
        add_dot(
            light, F(back[0] * sx + back[1] * sy + back[2]),
            F(back[3] * sx + back[4] * sy + back[5]), F(max(F(0.006) * px, F(0.9))),
            F(rim[0] * k0), F(rim[1] * k0), F(rim[2] * k0),
        )  # fmt: skip
