"""What an impact throws: sparks that streak and fade, splinters of glass that tumble and hang."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    cos_f,
    decay,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_line

SPARKS = 300
SHARDS = 90
# Places in the row of values that the kernels are handed for a frame.
(SINCE_BLOW, FLOW, SINCE_ECHO, BLOW, ECHO, ENERGY, BASS, HIGHS, BEAT, HUE, SENSE) = range(11)


@njit(**KERNEL)
def throw_sparks(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Streaks thrown out by the blow and by the fire that goes on burning."""
    size = F(F(light.shape[1]) * F(1.0 / 480.0))
    for k in range(SPARKS):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(31))))
        if k % 2 == 0:
            age = F(abs(values[SINCE_BLOW]))
            life = F(F(1.2) + F(1.8) * unit(mix(U(h + U(7)))))
            cycle = I(0)
        else:
            life = F(F(0.9) + F(1.4) * unit(mix(U(h + U(7)))))
            run = F(F(values[FLOW] + F(20)) / life + unit(h))
            cycle = floor_i(run)
            age = F(F(run - F(cycle)) * life)
        if age > life:
            continue
        hc = mix(U(h ^ U(U(cycle) * U(0x27D4EB2D))))
        angle = F(unit(hc) * F(6.2831853))
        speed = F(F(0.5) + F(2.6) * unit(mix(U(hc + U(1)))) * unit(mix(U(hc + U(2)))))
        dx = cos_f(angle)
        dy = sin_f(angle)
        r1 = _thrown(age, speed)
        r0 = _thrown(F(max(F(age - F(0.05)), F(0))), speed)
        part = F(age / life)
        fade = F(F(F(1) - part) * F(F(1) - part) * F(F(0.5) + F(1.7) * values[ENERGY]))
        fade = F(fade * F(F(1) + F(1.2) * values[HIGHS] * unit(mix(U(hc + U(3))))))
        slot = I(F(fract(F(unit(mix(U(hc + U(4)))) * F(0.5) + values[HUE]))) * F(RAMP_STEPS - 1))
        c = ramp[slot]
        warm = F(F(0.7) * F(F(1) - part))
        sag = F(F(0.10) * age * age)
        x0 = F(dx * r0)
        y0 = F(dy * r0 + sag)
        x1 = F(dx * r1)
        y1 = F(dy * r1 + sag)
        add_line(
            light,
            F(back[0] * x0 + back[1] * y0 + back[2]), F(back[3] * x0 + back[4] * y0 + back[5]),
            F(back[0] * x1 + back[1] * y1 + back[2]), F(back[3] * x1 + back[4] * y1 + back[5]),
            F(size * F(0.9)), F(size * F(2.1)),
            F(c[0] + spark[0] * warm), F(c[1] + spark[1] * warm), F(c[2] + spark[2] * warm),
            F(fade * F(0.3)), F(fade * F(1.7)),
        )  # fmt: skip


@njit(**INLINE)
def _thrown(age, speed):  # type: ignore[no-untyped-def]
    """Way of something thrown into air that brakes it."""
    return F(F(0.05) + speed * F(F(1) - decay(F(age * F(1.5)))) * F(0.9))


@njit(**KERNEL)
def throw_shards(light, back, inks, spark, seed, values):  # type: ignore[no-untyped-def]
    """Splinters of glass that tumble outwards, hang, and jump at every new blow."""
    time = values[SINCE_BLOW]
    pushed = F(F(1) - decay(F(max(time, F(0)) * F(1.6))))
    gathered = F(F(0.10) + F(0.5) * F(min(F(abs(min(time, F(0)))), F(1))))
    for k in range(SHARDS):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ U(seed + U(57))))
        reach = F(F(0.3) + F(1.75) * unit(mix(U(h + U(1)))))
        near = F(F(0.4) + unit(mix(U(h + U(2)))))
        r = F(
            reach * F(gathered + F(0.9) * pushed + F(0.05) * values[ECHO] + F(0.02) * values[FLOW])
        )
        spin = F(F(unit(mix(U(h + U(3)))) * F(2) - F(1)) * F(1.8))
        angle = F(unit(h) * F(6.2831853) + F(0.035) * values[FLOW] * values[SENSE] * near)
        x = F(cos_f(angle) * r)
        y = F(sin_f(angle) * r)
        turn = F(spin * F(values[FLOW] + F(2.2) * pushed) + unit(mix(U(h + U(4)))) * F(6.2831853))
        tilt = F(F(0.25) + F(0.75) * F(abs(sin_f(F(turn * F(0.83) + near)))))
        size = F(F(0.024) + F(0.085) * unit(mix(U(h + U(5)))) * near * near)
        glint = F(max(sin_f(F(turn * F(1.7) + F(5) * near)), F(0)))
        glint = F(glint * glint * glint * glint)
        lit = F(
            F(F(0.35) + F(1.25) * values[ENERGY]) / F(F(0.6) + r) * F(F(1) + F(1.5) * values[ECHO])
        )
        c = inks[I(U(h >> U(9)) % U(4))]
        face = F(F(0.05) + F(0.5) * glint) * lit
        edge = F(F(0.35) + F(1.2) * glint * F(F(1) + values[HIGHS])) * lit
        _add_shard(
            light, F(back[0] * x + back[1] * y + back[2]), F(back[3] * x + back[4] * y + back[5]),
            F(size * F(light.shape[1]) * F(0.5)), turn, tilt, c, spark, F(face), F(edge),
        )  # fmt: skip


@njit(**KERNEL)
def _add_shard(light, px, py, size, turn, tilt, color, spark, face, edge):  # type: ignore[no-untyped-def]
    """Add a triangle about pixel (px, py).

    Args:
        light: Linear light, shape (3, height, width).
        px: Centre, pixels from the left.
        py: Centre, pixels from the top.
        size: Centre to corner, pixels.
        turn: Rotation, radians.
        tilt: Share of its height that is seen, 0..1.
        color: Of the glass.
        spark: Of its edges, mixed with the glass.
        face: Light of the surface.
        edge: Light of the edges.
    """
    _, height, width = light.shape
    cx = np.empty(3, np.float32)
    cy = np.empty(3, np.float32)
    for k in range(3):
        a = F(F(I(k)) * F(2.0944) + F(0.35) * F(I(k * k)))
        sx = cos_f(a)
        sy = F(sin_f(a) * tilt)
        cx[k] = F(px + size * F(sx * cos_f(turn) - sy * sin_f(turn)))
        cy[k] = F(py + size * F(sx * sin_f(turn) + sy * cos_f(turn)))
    area = F(F(cx[1] - cx[0]) * F(cy[2] - cy[0]) - F(cx[2] - cx[0]) * F(cy[1] - cy[0]))
    way = F(1) if area > F(0) else F(-1)
    reach = F(size + F(2))
    for y in range(max(floor_i(F(py - reach)), 0), min(floor_i(F(py + reach)) + 2, height)):
        for x in range(max(floor_i(F(px - reach)), 0), min(floor_i(F(px + reach)) + 2, width)):
            inside = F(1e9)
            for k in range(3):
                n = (k + 1) % 3
                ex = F(cx[n] - cx[k])
                ey = F(cy[n] - cy[k])
                length = F(np.sqrt(F(ex * ex + ey * ey + F(1e-6))))
                cross = F(ex * F(F(I(y)) - cy[k]) - ey * F(F(I(x)) - cx[k]))
                inside = F(min(inside, F(way * cross / length)))
            if inside < F(-1.5):
                continue
            cover = smooth(F(-0.7), F(0.7), inside)
            rim = F(F(1) / F(F(1) + inside * inside * F(0.8)))
            k0 = F(cover * face + rim * edge * F(0.7))
            k1 = F(rim * edge * F(0.3))
            for c in range(3):
                light[c, y, x] += F(color[c] * k0 + spark[c] * k1)
