"""A waterfront at night: towers in layers of haze, with masts and signs."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.city_dress import (
    DENSITY,
    RUN,
    TIGHT,
    TIME,
    dress,
    hang_sign,
    place_box,
    throw,
)
from tasks.rendering.backends.procedural.facades import (
    HOT,
    LOOKS,
    NEON,
    WORK,
    paint_box,
)
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    decay,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.strokes import add_dot, add_line

# Depth, pitch of the towers and mean height of each layer, as shares of its depth.
LAYERS = np.array(
    [[15.0, 0.085, 0.40], [10.5, 0.115, 0.48], [7.6, 0.16, 0.50], [5.6, 0.22, 0.34]], np.float32
)
SKYLINE_FOG = 0.075


@njit(**KERNEL)
def paint_skyline(light, free, sky, water, view, back, eye, values, colors, banks, seed):  # type: ignore[no-untyped-def]
    """Paint towers behind water, layer by layer."""
    look = np.zeros(LOOKS, np.float32)
    cols = np.zeros((5, 3), np.float32)
    work = np.zeros(WORK, np.float32)
    box = np.zeros(5, np.float32)
    cell = np.zeros(2, np.float32)
    _, height, width = light.shape
    sides = F(F(width) / F(height) + F(1.0))
    for layer in range(LAYERS.shape[0] - 1, -1, -1):
        z = LAYERS[layer, 0]
        pitch = F(LAYERS[layer, 1] * z / F(np.sqrt(values[DENSITY])))
        first = floor_i(F(F(values[RUN] - sides * z) / pitch))
        for k in range(I(F(F(2) * sides * z) / pitch) + 2):
            slot = first + k
            h = mix(U(U(U(slot) * U(0x9E3779B1)) ^ U(seed + U(U(layer) * U(0x85EBCA6B)))))
            if throw(h, I(1)) < F(0.12):
                continue
            wide = F(pitch * F(F(0.5) + F(0.5) * throw(h, I(2))))
            left = F(F(F(slot) + F(0.3) * throw(h, I(3))) * pitch - values[RUN])
            rise = throw(h, I(4))
            hill = F(F(0.75) + F(0.35) * sin_f(F(F(slot) * pitch / z * F(2.3) + F(layer))))
            tall = F(z * LAYERS[layer, 2] * F(F(0.45) + F(1.3) * rise * rise) * hill)
            tall = F(tall * F(F(1) + F(0.25) * values[TIGHT]))
            cell[0] = F(F(0.075) + F(0.011) * z)
            cell[1] = F(cell[0] * F(F(0.9) + F(0.6) * throw(h, I(5))))
            dress(look, cols, h, values, colors, F(SKYLINE_FOG))
            if layer >= 2 and throw(h, I(9)) > F(0.66):
                box[0] = F(left + wide * F(0.1))
                box[1] = F(box[0] + z * F(0.035))
                box[2] = F(z - F(0.02))
                box[4] = F(tall * F(0.9))
                box[3] = F(box[4] - z * F(F(0.10) + F(0.08) * rise))
                if box[3] > F(0.2):
                    lit = look[HOT]
                    hang_sign(
                        light, free, water, view, back, eye, box, banks, look, cols, h, values
                    )
                    look[HOT] = lit
            place_box(box, left, wide, z, tall)
            paint_box(light, free, water, view, back, eye, box, cell, work, look, cols, h)
            if throw(h, I(6)) > F(0.55):
                inset = F(wide * F(F(0.14) + F(0.16) * throw(h, I(7))))
                place_box(
                    box, F(left + inset), F(wide - F(2) * inset), F(z + F(0.1)), F(tall * F(1.28))
                )
                paint_box(light, free, water, view, back, eye, box, cell, work, look, cols, h)
                if throw(h, I(8)) > F(0.4):
                    _mast(
                        sky,
                        back,
                        eye,
                        F(left + wide * F(0.5)),
                        z,
                        F(tall * F(1.28)),
                        values,
                        cols,
                        h,
                    )


@njit(**KERNEL)
def _mast(sky, back, eye, x, z, tall, values, cols, h):  # type: ignore[no-untyped-def]
    """An aerial with a slow warning light."""
    sx = F(eye[0] + x / z)
    foot = F(eye[1] + F(eye[2] - tall) / z)
    tip = F(foot - F(0.05) - F(0.05) * throw(h, I(30)))
    px = F(sky.shape[1]) * F(1.0 / 480.0)
    ax, ay = F(back[0] * sx + back[1] * foot + back[2]), F(back[3] * sx + back[4] * foot + back[5])
    bx, by = F(back[0] * sx + back[1] * tip + back[2]), F(back[3] * sx + back[4] * tip + back[5])
    k = F(decay(F(z * F(SKYLINE_FOG))) * F(0.25))
    add_line(sky, ax, ay, bx, by, F(px * F(1.1)), F(px), cols[NEON, 0], cols[NEON, 1],
             cols[NEON, 2], k, k)  # fmt: skip
    beat = fract(F(values[TIME] * F(0.5) + throw(h, I(31))))
    lamp = F(smooth(F(0.5), F(0.0), beat) * F(1.6))
    add_dot(sky, bx, by, F(px * F(3)), F(cols[NEON, 0] * lamp), F(cols[NEON, 1] * lamp),
            F(cols[NEON, 2] * lamp))  # fmt: skip
