"""A street between towers: plots on both sides, wires of light, light trails of cars."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.city_dress import (
    ASIDE,
    ENERGY,
    FLOW,
    HUE,
    RUN,
    SIGNS,
    THRUST,
    TIGHT,
    dress,
    hang_sign,
    place_box,
    throw,
)
from tasks.rendering.backends.procedural.city_signs import paint_wire
from tasks.rendering.backends.procedural.facades import (
    HOT,
    LOOKS,
    NEAREST,
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
    smooth,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_line

STREET_FOG = 0.085
PITCH = 1.7  # depth of a plot along the street
PLOTS = 20  # plots in sight
HALF_STREET = 0.95
LANES = 4
CARS = 44
ROAD = 26.0  # depth at which cars appear


@njit(**KERNEL)
def paint_street(light, free, water, view, back, eye, values, colors, banks, seed):  # type: ignore[no-untyped-def]
    """Paint both sides of a street, plot by plot, what hangs over it, and its traffic."""
    look = np.zeros(LOOKS, np.float32)
    cols = np.zeros((5, 3), np.float32)
    work = np.zeros(WORK, np.float32)
    box = np.zeros(5, np.float32)
    cell = np.zeros(2, np.float32)
    first = floor_i(F(values[RUN] / F(PITCH)))
    tall_eye = F(eye[2] * F(0.8))
    half = F(F(HALF_STREET) * F(F(1) - F(0.25) * values[TIGHT]))
    rear = F(half + F(1.5))
    for ahead in range(PLOTS + 1):
        plot = first + ahead
        near = F(F(plot) * F(PITCH) - values[RUN])
        come = smooth(F(PLOTS * PITCH), F((PLOTS - 4) * PITCH), near)
        _threads(light, free, back, eye, plot, near, values, colors, seed)
        for part in range(4):
            way = F(1) if part % 2 == 0 else F(-1)
            inner = part < 2
            h = mix(U(U(U(plot) * U(0x9E3779B1)) ^ U(seed + U(U(part + 1) * U(0x85EBCA6B)))))
            start = half if inner else rear
            start = F(start + F(0.22) * throw(h, I(2)))
            wide = F(F(0.9) + F(0.5) * throw(h, I(3))) if inner else F(2.2)
            rise = throw(h, I(4))
            tall = F(F(0.9) + F(2.6) * rise * rise) if inner else F(F(2.5) + F(6) * rise)
            tall = F(F(tall + tall_eye) * come * F(F(1) + F(0.2) * values[TIGHT]))
            left = F(start - values[ASIDE]) if way > F(0) else F(-start - wide - values[ASIDE])
            place_box(box, left, wide, near, tall)
            box[3] = F(near + F(PITCH) * F(F(0.72) + F(0.24) * throw(h, I(5))))
            cell[0] = F(F(0.105) + F(0.06) * throw(h, I(6)))
            cell[1] = F(F(0.12) + F(0.05) * throw(h, I(7)))
            dress(look, cols, h, values, colors, F(STREET_FOG))
            lit = look[HOT]
            if inner and near > F(NEAREST) and throw(h, I(9)) > F(0.35):
                box[2] = F(near + F(0.3) * throw(h, I(10)))
                deep = F(F(0.12) + F(0.10) * throw(h, I(22)))
                box[0] = F(left - deep) if way > F(0) else F(left + wide)
                box[1] = F(box[0] + deep)
                box[3] = F(F(0.28) + tall * F(F(0.1) + F(0.4) * throw(h, I(23))))
                box[4] = F(min(F(box[3] + deep * F(F(2.7) + F(3) * throw(h, I(24)))), tall))
                if box[4] > F(box[3] + deep * F(1.2)):
                    hang_sign(
                        light, free, water, view, back, eye, box, banks, look, cols, h, values
                    )
                look[HOT] = lit
                place_box(box, left, wide, near, tall)
                box[3] = F(near + F(PITCH) * F(F(0.72) + F(0.24) * throw(h, I(5))))
            paint_box(light, free, water, view, back, eye, box, cell, work, look, cols, h)
    _traffic(light, back, eye, values, colors, seed)


@njit(**KERNEL)
def _threads(light, free, back, eye, plot, z, values, colors, seed):  # type: ignore[no-untyped-def]
    """Threads of light from tower to tower."""
    h = mix(U(U(U(plot) * U(0x7FEB352D)) ^ seed))
    if z < F(0.5) or throw(h, I(1)) > F(0.5):
        return
    ramp = colors[0]
    slot = I(fract(F(values[HUE] + F(0.5) * throw(h, I(2)))) * F(RAMP_STEPS - 1))
    px = F(F(light.shape[1]) * F(1.0 / 480.0))
    power = F(values[SIGNS] * decay(F(z * F(STREET_FOG))) * F(0.8) * smooth(F(0.5), F(2), z))
    reach = F(max(F(light.shape[1]) * F(0.012) / z, px * F(0.9)))
    power = F(power * F(min(F(1), F(light.shape[1]) * F(0.012) / F(z * px * F(0.9)))))
    for k in range(2):
        rise = F(F(eye[2]) + F(0.5) + F(1.6) * throw(h, I(3 + k)))
        fall = F(eye[2] - rise - F(0.5) * F(throw(h, I(5 + k)) - F(0.5)))
        rise = F(eye[2] - rise)
        sx = F(eye[0] + F(-HALF_STREET - values[ASIDE]) / z)
        ex = F(eye[0] + F(HALF_STREET - values[ASIDE]) / z)
        sy, ey = F(eye[1] + rise / z), F(eye[1] + fall / z)
        paint_wire(
            light, free,
            F(back[0] * sx + back[1] * sy + back[2]), F(back[3] * sx + back[4] * sy + back[5]),
            F(back[0] * ex + back[1] * ey + back[2]), F(back[3] * ex + back[4] * ey + back[5]),
            reach, ramp[slot], power,
        )  # fmt: skip


@njit(**KERNEL)
def _traffic(light, back, eye, values, colors, seed):  # type: ignore[no-untyped-def]
    """Light trails in lanes, and their mirror image in the road."""
    _, inks, _, spark = colors
    count = I(F(CARS) * F(F(0.35) + F(0.65) * values[ENERGY]))
    for car in range(count):
        h = mix(U(U(U(car) * U(0x9E3779B1)) ^ U(seed + U(99))))
        lane = I(throw(h, I(1)) * F(LANES))
        ours = lane >= LANES // 2
        x = F(F(HALF_STREET) * F(F(F(lane) + F(0.5)) * F(2.0 / LANES) - F(1)) * F(0.86))
        x = F(x + F(0.10) * F(F(car % 2) - F(0.5)) - values[ASIDE])
        pace = (
            F(F(0.10) + F(0.05) * throw(h, I(2))) if ours else F(F(0.20) + F(0.08) * throw(h, I(2)))
        )
        run = fract(F(F(values[FLOW] * pace) * (F(-1) if ours else F(1)) + throw(h, I(3))))
        z0 = F(F(ROAD) * F(F(1) - run))
        z1 = F(z0 + F(1.2) + F(3.5) * values[ENERGY])
        z0 = F(max(z0, F(NEAREST)))
        fade = F(smooth(F(0), F(0.15), run) * smooth(F(1), F(0.93), run))
        fade = F(fade * F(F(0.35) + F(0.5) * values[ENERGY] + F(0.25) * values[THRUST]))
        for mirror in range(2):
            rise = F(eye[2] - F(0.07)) if mirror == 0 else F(eye[2] + F(0.10))
            share = F(fade) if mirror == 0 else F(fade * F(0.35))
            k0 = F(share * decay(F(z0 * F(STREET_FOG))))
            k1 = F(share * decay(F(z1 * F(STREET_FOG))) * F(0.4))
            tint = F(0.2) if ours else F(0.7)
            ink = 0 if ours else 1
            thick = F(F(light.shape[1]) * (F(0.014) if mirror == 0 else F(0.028)))
            a = F(eye[0] + x / z0)
            b = F(eye[0] + x / z1)
            p, q = F(eye[1] + rise / z0), F(eye[1] + rise / z1)
            add_line(
                light,
                F(back[0] * a + back[1] * p + back[2]), F(back[3] * a + back[4] * p + back[5]),
                F(back[0] * b + back[1] * q + back[2]), F(back[3] * b + back[4] * q + back[5]),
                F(max(thick / z0, F(0.8))), F(max(thick / z1, F(0.8))),
                F(inks[ink, 0] + spark[0] * tint), F(inks[ink, 1] + spark[1] * tint),
                F(inks[ink, 2] + spark[2] * tint), k0, k1,
            )  # fmt: skip
