"""Trails of light: arcs round a pole, coils along a passage, swimmers, the edges of a stair."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bore import (
    DROP,
    ENERGY,
    FAR_X,
    FAR_Y,
    FRONT,
    HIGHS,
    HUE,
    HUE_STEP,
    KICK,
    OWN,
    POWER,
    ROLL,
    TRAVEL,
    bend,
    hue_of,
    lamp,
)
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    cos_f,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_dot, add_line, add_piece

PIECES = 10  # of a trail
STEPS = 6.0  # of a stair, a unit of depth
STEP_TURN = 0.37  # radians
# The whirl's own values, behind those that all passages share.
(
    GAS,  # light of the gas
    HOLE,  # radius of a black hole, half-heights; 0: none
    ARCS,  # how many trails circle the pole
    HELIX,  # how many trails wind along the passage
    SWARM,  # how many swim round it
    STAIR,  # light of a winding stair
    CURL,  # radians that things wind a unit of depth
    REACH,  # of an arc, radians
) = range(OWN, OWN + 8)


@njit(**KERNEL)
def draw_trails(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Arcs round the pole, trails along the passage, swimmers round it."""
    size = F(F(1) / F(np.sqrt(F(back[0] * back[0] + back[3] * back[3]))))
    px = F(F(1) / size)
    arcs, helix, swarm = I(values[ARCS]), I(values[HELIX]), I(values[SWARM])
    for k in range(arcs + helix + swarm):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ U(seed + U(21))))
        start = F(unit(mix(U(h + U(1)))) * F(6.2831853))
        own = unit(mix(U(h + U(2))))
        slot = I(unit(mix(U(h + U(3)))) * F(RAMP_STEPS - 1))
        c0 = F(ramp[slot, 0] + spark[0] * F(0.3))
        c1 = F(ramp[slot, 1] + spark[1] * F(0.3))
        c2 = F(ramp[slot, 2] + spark[2] * F(0.3))
        twinkle = F(F(0.7) + F(0.9) * values[HIGHS] * unit(mix(U(h + U(4)))))
        shine = F(values[POWER] * twinkle)
        if k < arcs:
            r = F(F(0.10) + F(1.6) * values[HOLE] + F(2.1) * F(np.sqrt(own)) * F(np.sqrt(unit(h))))
            a = F(start + values[ROLL] * F(1.5))
            reach = F(values[REACH] * F(F(0.4) + F(0.9) * unit(mix(U(h + U(5))))))
            thin = F(F(max(px * F(0.0036) * F(F(0.6) + own), F(1.1))))
            _arc(light, back, r, a, reach, thin, c0, c1, c2, F(shine * F(F(0.4) + own)), values)
        elif k < arcs + helix:
            run = fract(F(values[TRAVEL] * F(0.075) * F(F(0.7) + F(0.6) * own) + unit(h)))
            z = F(F(12) * F(F(1) - run) + F(0.25))
            fade = F(smooth(F(0), F(0.3), run) * shine * F(2.0))
            r = F(F(0.35) + F(0.65) * unit(mix(U(h + U(6)))))
            _coil(light, back, r, start, z, px, c0, c1, c2, fade, values)
        else:
            run = fract(F(values[TRAVEL] * F(0.035) * F(F(0.8) + F(0.4) * own) + unit(h)))
            z = F(F(7) * F(F(1) - run) + F(0.4))
            fade = F(smooth(F(0), F(0.3), run) * smooth(F(1), F(0.9), run) * shine)
            _fish(light, back, start, own, z, px, c0, c1, c2, fade, values)


@njit(**KERNEL)
def _arc(light, back, r, a, reach, thin, c0, c1, c2, shine, values):  # type: ignore[no-untyped-def]
    for m in range(PIECES):
        t0 = F(F(I(m)) * F(1.0 / PIECES))
        t1 = F(F(I(m + 1)) * F(1.0 / PIECES))
        ax, ay = _round(back, a, F(reach * t0), r, values)
        bx, by = _round(back, a, F(reach * t1), r, values)
        add_piece(light, ax, ay, bx, by, thin, c0, c1, c2, F(shine * t0 * t0), F(shine * t1 * t1))


@njit(**INLINE)
def _round(back, a, turn, r, values):  # type: ignore[no-untyped-def]
    """Pixel of a place on a circle round the pole."""
    x = F(cos_f(F(a + turn)) * r + values[FAR_X])
    y = F(sin_f(F(a + turn)) * r + values[FAR_Y])
    return F(back[0] * x + back[1] * y + back[2]), F(back[3] * x + back[4] * y + back[5])


@njit(**KERNEL)
def _coil(light, back, r, start, z, px, c0, c1, c2, fade, values):  # type: ignore[no-untyped-def]
    long = F(F(0.5) + F(0.14) * z) * F(F(1) + values[ENERGY] + F(1.5) * values[DROP])
    for m in range(PIECES):
        z0 = F(z + long * F(I(m)) * F(1.0 / PIECES))
        z1 = F(z + long * F(I(m + 1)) * F(1.0 / PIECES))
        t = F(F(1) - F(I(m)) * F(1.0 / PIECES))
        ax, ay = _deep(back, F(start + values[CURL] * z0 + values[ROLL]), r, z0, values)
        bx, by = _deep(back, F(start + values[CURL] * z1 + values[ROLL]), r, z1, values)
        own = F(px * F(0.018) / z0)
        thin = F(max(own, F(1.15)))
        k = F(fade * F(min(F(own / thin) + F(0.15), F(1))))
        after = F(t - F(1.0 / PIECES))
        add_piece(light, ax, ay, bx, by, thin, c0, c1, c2, F(k * t * t), F(k * after * after))


@njit(**INLINE)
def _deep(back, a, r, z, values):  # type: ignore[no-untyped-def]
    """Pixel of a place round the passage's axis at depth z."""
    x = F(cos_f(a) * r / z + bend(z, values[FAR_X]))
    y = F(sin_f(a) * r / z + bend(z, values[FAR_Y]))
    return F(back[0] * x + back[1] * y + back[2]), F(back[3] * x + back[4] * y + back[5])


@njit(**KERNEL)
def _fish(light, back, start, own, z, px, c0, c1, c2, fade, values):  # type: ignore[no-untyped-def]
    """One that swims: a body that tapers to its tail, and an eye-bright head."""
    r = F(F(0.55) + F(0.65) * own)
    a = F(start + values[ROLL] * F(F(2.5) - own) + values[CURL] * z)
    wag = F(F(0.03) * sin_f(F(values[TRAVEL] * F(5) + start * F(7))))
    hx, hy = _deep(back, a, r, z, values)
    mx, my = _deep(back, F(a - F(0.10)), F(r + wag * F(0.4)), z, values)
    tx, ty = _deep(back, F(a - F(0.17)), F(r + wag), z, values)
    body = F(max(F(px * F(0.040) / z), F(1.2)))
    add_line(light, mx, my, hx, hy, F(body), F(body * F(0.45)), c0, c1, c2, fade, F(fade * F(1.4)))
    add_line(
        light, tx, ty, mx, my, F(body * F(0.25) + F(0.6)), body, c0, c1, c2, F(fade * F(0.5)), fade
    )
    add_dot(
        light,
        tx,
        ty,
        F(body * F(0.8)),
        F(c0 * fade * F(0.4)),
        F(c1 * fade * F(0.4)),
        F(c2 * fade * F(0.4)),
    )


@njit(**KERNEL)
def draw_stair(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Steps that wind round a well, their edges lit, with an inner and an outer rail."""
    if values[STAIR] <= F(0):
        return
    px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    start = F(values[TRAVEL] * F(STEPS))
    first = floor_i(start)
    part = F(start - F(first))
    for k in range(44, -1, -1):
        z = F(F(F(I(k)) + F(1) - part) * F(1.0 / STEPS) + F(0.22))
        z1 = F(z + F(1.0 / STEPS))
        name = first + k
        a = F(F(name) * F(STEP_TURN))
        b = F(F(name + 1) * F(STEP_TURN))
        near = smooth(F(0.25), F(0.7), z)
        at = F(F(name) * F(0.125))
        shine = F(
            values[STAIR]
            * lamp(at, z, seed, values[POWER], values[KICK], values[FRONT])
            * near
            * F(2)
        )
        shine = F(shine / F(F(1) + z * F(0.22)))
        slot = hue_of(at, values[HUE], values[HUE_STEP])
        c0 = F(ramp[slot, 0] + spark[0] * F(0.2))
        c1 = F(ramp[slot, 1] + spark[1] * F(0.2))
        c2 = F(ramp[slot, 2] + spark[2] * F(0.2))
        thin = F(max(F(px * F(0.018) / z), F(1.15)))
        k0 = F(shine * F(min(F(F(px * F(0.018) / z) / thin), F(1))))
        ix, iy = _deep(back, a, F(0.34), z, values)
        ox, oy = _deep(back, a, F(1.0), z, values)
        jx, jy = _deep(back, b, F(0.34), z1, values)
        qx, qy = _deep(back, b, F(1.0), z1, values)
        add_line(light, ix, iy, ox, oy, thin, thin, c0, c1, c2, F(k0 * F(1.3)), F(k0 * F(0.5)))
        add_line(light, ix, iy, jx, jy, thin, thin, c0, c1, c2, k0, k0)
        add_line(light, ox, oy, qx, qy, thin, thin, c0, c1, c2, F(k0 * F(0.6)), F(k0 * F(0.6)))
        wx, wy = _deep(back, a, F(0.67), z, values)
        vx, vy = _deep(back, b, F(0.67), z1, values)
        soft = F(px * F(0.22) / z)
        dim = F(shine * F(0.12))
        add_line(light, wx, wy, vx, vy, soft, F(soft * F(0.9)), c0, c1, c2, dim, dim)
