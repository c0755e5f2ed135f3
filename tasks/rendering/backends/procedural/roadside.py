"""What stands along a road of light: palms as dark shapes, gates of neon."""

import math
from functools import cache

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    mix,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.strokes import add_line
from tasks.rendering.backends.procedural.synth_road import (
    BEND,
    EYE_X,
    EYE_Y,
    FLOOR_FOG,
    GRID,
    GROUND,
    KICK,
    ROAD,
    TRAVEL,
)
from tasks.rendering.renderer import FloatArray

PALM_PX = 160  # height and width of the drawn palm
FRONDS = 11
PALM_TALL = 1.7  # height of a palm in the scene
SPACING = 2.6  # depth between two palms or gates
PLACES = 9  # of them are in sight
NEAREST = 0.3


@cache
def draw_palm() -> FloatArray:
    """Coverage 0..1 of a palm that leans a little, shape (PALM_PX, PALM_PX), foot at the bottom."""
    picture = np.zeros((PALM_PX, PALM_PX))
    ys, xs = (np.mgrid[0:PALM_PX, 0:PALM_PX] + 0.5) / PALM_PX
    crown_x, crown_y = 0.54, 0.30
    for k in range(60):
        t = k / 59.0
        x, y = 0.46 + 0.08 * t * t, 1.0 - t * (1.0 - crown_y)
        _dab(picture, xs, ys, x, y, 0.017 - 0.006 * t)
    for frond in range(FRONDS):
        angle = math.pi * (-0.12 + 1.24 * frond / (FRONDS - 1)) + 0.1 * math.sin(5.0 * frond)
        reach = 0.36 + 0.06 * math.sin(3.7 * frond)
        for k in range(64):
            t = k / 63.0
            x = crown_x + reach * t * math.cos(angle)
            y = crown_y - reach * (0.75 * t * math.sin(angle) - 0.62 * t * t)
            _dab(picture, xs, ys, x, y, 0.006)
            leaf = 0.085 * math.sin(math.pi * (0.12 + 0.86 * t)) if k % 3 == 0 else 0.0
            for m in range(10 if leaf else 0):
                reached = leaf * m / 9.0
                slant = math.cos(angle) * 0.55
                _dab(picture, xs, ys, x + slant * reached, y + reached, 0.0075 - 0.0005 * m)
    return picture.astype(np.float32)


def _dab(
    picture: np.ndarray, xs: np.ndarray, ys: np.ndarray, x: float, y: float, size: float
) -> None:
    """Add a round dot with a soft edge of one sample."""
    away = np.sqrt((xs - x) ** 2 + (ys - y) ** 2)
    np.maximum(picture, np.clip((size - away) * PALM_PX + 0.5, 0.0, 1.0), out=picture)


@njit(**KERNEL)
def paint_palms(light, view, back, palm, rim, seed, values):  # type: ignore[no-untyped-def]
    """Paint palms on both sides from far to near, dark, with a rim of light."""
    first = floor_i(F(values[TRAVEL] / F(SPACING)))
    for n in range(PLACES, -1, -1):
        z = F(F(first + n) * F(SPACING) - values[TRAVEL])
        if z < F(NEAREST):
            continue
        for side in range(2):
            h = mix(U(U(U((first + n) * 2 + side) * U(0x9E3779B1)) ^ seed))
            away = F(F(max(values[ROAD], F(0.8))) + F(0.35) + F(0.9) * unit(h))
            x = F(away if side else F(-away))
            tall = F(F(PALM_TALL) * F(F(0.75) + F(0.5) * unit(U(h * U(0x2C1B3C6D)))))
            _palm(
                light,
                view,
                back,
                palm,
                rim,
                x,
                z,
                tall,
                unit(U(h * U(0x7FEB352D))) < F(0.5),
                values,
            )


@njit(**KERNEL)
def _palm(light, view, back, palm, rim, x, z, tall, flip, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    size = F(tall / z)
    left = F(values[EYE_X] + F(x + values[BEND] * z * z) / z - size * F(0.5))
    top = F(values[EYE_Y] + F(values[GROUND] - tall) / z)
    low_x, high_x, low_y, high_y = F(1e9), F(-1e9), F(1e9), F(-1e9)
    for k in range(4):
        ax = F(left + size * F(k % 2))
        ay = F(top + size * F(k // 2))
        px = F(back[0] * ax + back[1] * ay + back[2])
        py = F(back[3] * ax + back[4] * ay + back[5])
        low_x, high_x = F(min(low_x, px)), F(max(high_x, px))
        low_y, high_y = F(min(low_y, py)), F(max(high_y, py))
    fade = F(
        smooth(F(NEAREST), F(0.9), z) * smooth(F(SPACING * PLACES), F(SPACING * (PLACES - 3)), z)
    )
    edge = F(decay(F(z * F(FLOOR_FOG))) * fade)
    scale = F(F(PALM_PX) / size)
    low_x, high_x = F(max(low_x, F(0))), F(min(high_x, F(width)))
    low_y, high_y = F(max(low_y, F(0))), F(min(high_y, F(height)))
    for y in range(floor_i(low_y), min(floor_i(high_y) + 1, height)):
        for px in range(floor_i(low_x), min(floor_i(high_x) + 1, width)):
            sx = F(view[0] * F(I(px)) + view[1] * F(I(y)) + view[2])
            sy = F(view[3] * F(I(px)) + view[4] * F(I(y)) + view[5])
            u = F(F(sx - left) * scale)
            v = F(F(sy - top) * scale)
            if flip:
                u = F(F(PALM_PX) - u)
            if u < F(0) or v < F(0) or u >= F(PALM_PX - 1.01) or v >= F(PALM_PX - 1.01):
                continue
            i, j = I(u), I(v)
            a, b = F(u - F(i)), F(v - F(j))
            upper = F(palm[j, i] + F(palm[j, i + 1] - palm[j, i]) * a)
            lower = F(palm[j + 1, i] + F(palm[j + 1, i + 1] - palm[j + 1, i]) * a)
            k = F(upper + F(lower - upper) * b)
            shine = F(clamp01(F(k * F(F(1) - k) * F(4))) * edge * F(0.28))
            keep = F(F(1) - F(0.96) * k * fade)
            for c in range(3):
                light[c, y, px] = F(light[c, y, px] * keep + rim[c] * shine)


@njit(**KERNEL)
def paint_gates(light, back, color, values):  # type: ignore[no-untyped-def]
    """Paint gates of neon over the road; a kick runs through them."""
    _, height, _ = light.shape
    first = floor_i(F(values[TRAVEL] / F(SPACING)))
    wide = F(max(values[ROAD], F(0.8)) + F(0.12))
    for n in range(PLACES, -1, -1):
        z = F(F(first + n) * F(SPACING) - values[TRAVEL])
        if z < F(NEAREST):
            continue
        fade = F(smooth(F(NEAREST), F(1.2), z) * smooth(F(SPACING * PLACES), F(SPACING * 5), z))
        power = F(
            values[GRID] * fade * decay(F(z * F(FLOOR_FOG))) * F(F(0.5) + F(0.8) * values[KICK])
        )
        reach = F(max(F(F(height) * F(0.010) / z), F(1)))
        bend = F(values[BEND] * z * z)
        for k in range(3):
            ax = F(-wide) if k < 2 else wide
            bx = F(-wide) if k == 0 else wide
            ay = values[GROUND] if k == 0 else F(values[GROUND] - F(1.25))
            by = values[GROUND] if k == 2 else F(values[GROUND] - F(1.25))
            ax, bx = F(values[EYE_X] + F(ax + bend) / z), F(values[EYE_X] + F(bx + bend) / z)
            ay, by = F(values[EYE_Y] + ay / z), F(values[EYE_Y] + by / z)
            add_line(
                light,
                F(back[0] * ax + back[1] * ay + back[2]), F(back[3] * ax + back[4] * ay + back[5]),
                F(back[0] * bx + back[1] * by + back[2]), F(back[3] * bx + back[4] * by + back[5]),
                reach, reach, color[0], color[1], color[2], power, power,
            )  # fmt: skip
