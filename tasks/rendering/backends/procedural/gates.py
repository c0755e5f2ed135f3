"""Gates of light in a row: portals, crossed beams or a lattice of tubes, passed by the eye."""

from numba import njit

from tasks.rendering.backends.procedural.beams import SOFT_STEP
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
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

GATES = 12  # seen at once
PORTAL, CROSS, LATTICE = range(3)
# Places in the row of values that the gates are handed for a frame.
(
    TRAVEL,
    GAP,
    STYLE,
    CORNERS,
    WIDE,
    TALL,
    HORIZON,
    MID_X,
    SIZE,
    POWER,
    KICK,
    WAVE,
    SWEEP,
    HUE,
    HUE_STEP,
    CLEAR,
) = range(16)


@njit(**KERNEL)
def light_gates(light, soft, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add the gates ahead: sharp tubes to the picture, their halo to the coarse one.

    `values` are as named above: `WAVE` is the depth of the wave of light that a kick sends out,
    `CLEAR` the share of light that a unit of depth takes.
    """
    first = floor_i(values[TRAVEL])
    part = F(values[TRAVEL] - F(first))
    style = I(values[STYLE])
    for k in range(GATES):
        z = F(F(F(I(k)) + F(1) - part) * values[GAP] + F(0.25))
        name = I(first + k)
        away = F(F(z - values[WAVE]) * F(0.8))
        wave = F(values[KICK] / F(F(1) + away * away))
        last = smooth(F(GATES), F(GATES - 2), F(F(I(k)) + F(1) - part))
        power = F(values[POWER] * F(F(0.55) + F(1.3) * wave) * decay(F(z * values[CLEAR])) * last)
        h = mix(U(U(name) * U(0x9E3779B1) ^ seed))
        slot = I(fract(F(values[HUE] + values[HUE_STEP] * F(name))) * F(RAMP_STEPS - 1))
        if style == PORTAL:
            _portal(light, soft, back, ramp[slot], spark, z, power, h, values)
        elif style == CROSS:
            _cross(light, soft, back, ramp[slot], spark, z, power, h, values)
        else:
            _lattice(light, soft, back, ramp[slot], spark, z, power, values)


@njit(**KERNEL)
def _portal(light, soft, back, color, spark, z, power, h, values):  # type: ignore[no-untyped-def]
    """One closed outline, now and then turned a little."""
    corners = I(values[CORNERS])
    turn = F(F(3.1415927) / F(corners) + F(1.5707963))
    for m in range(corners):
        a = F(turn + F(6.2831853) * F(I(m)) / F(corners))
        b = F(turn + F(6.2831853) * F(I(m + 1)) / F(corners))
        reach = F(F(1) / cos_f(F(F(3.1415927) / F(corners))))
        ax, ay = F(cos_f(a) * reach * values[WIDE]), F(sin_f(a) * reach * values[TALL])
        bx, by = F(cos_f(b) * reach * values[WIDE]), F(sin_f(b) * reach * values[TALL])
        own = F(power * F(F(0.7) + F(0.6) * unit(mix(U(h + U(m))))))
        _tube(light, soft, back, ax, ay, z, bx, by, z, color, spark, own, own, values)


@njit(**KERNEL)
def _cross(light, soft, back, color, spark, z, power, h, values):  # type: ignore[no-untyped-def]
    """Beams from wall to wall that swing across each other."""
    edge = F(values[WIDE] * F(F(1.4) + F(1.15) * z))
    for m in range(4):
        own = mix(U(h + U(31 * m)))
        swing = sin_f(F(values[SWEEP] * F(F(0.6) + unit(own)) + unit(mix(own)) * F(6.2831853)))
        lean = F(F(unit(mix(U(own + U(1)))) - F(0.5)) * F(1.6))
        ax, ay = F(-edge), F(edge * F(0.55) * F(lean + F(0.9) * swing))
        bx, by = edge, F(edge * F(0.55) * F(F(0.7) * swing - lean))
        if m == 2:
            ax, ay = F(edge * F(lean + swing) * F(0.6)), F(-edge)
            bx, by = F(edge * F(swing - lean) * F(0.6)), values[TALL]
        ay = F(min(ay, values[TALL]))
        by = F(min(by, values[TALL]))
        way = unit(mix(U(own + U(2)))) < F(0.5)
        k0 = F(power * F(1.2 if way else 0.35))
        k1 = F(power * F(0.35 if way else 1.2))
        _tube(light, soft, back, ax, ay, z, bx, by, z, color, spark, k0, k1, values)


@njit(**KERNEL)
def _lattice(light, soft, back, color, spark, z, power, values):  # type: ignore[no-untyped-def]
    """A cell of a lattice: uprights, crossbars and the rails to the next cell."""
    wide, tall, gap = values[WIDE], values[TALL], values[GAP]
    dim = F(power * F(0.6))
    for m in range(4):
        x = F(wide * F(F(I(m)) - F(1.5)) * F(1.35))
        top = F(-tall * F(1.7))
        _tube(light, soft, back, x, top, z, x, tall, z, color, spark, power, dim, values)
    for m in range(3):
        y = F(tall * F(F(1) - F(I(m)) * F(1.25)))
        x = F(wide * F(2.025))
        _tube(light, soft, back, F(-x), y, z, x, y, z, color, spark, power, power, values)
        for n in range(4):
            x = F(wide * F(F(I(n)) - F(1.5)) * F(1.35))
            far = F(z + gap)
            _tube(light, soft, back, x, y, z, x, y, far, color, spark, dim, F(dim * F(0.6)), values)


@njit(**INLINE)
def _tube(light, soft, back, x0, y0, z0, x1, y1, z1, color, spark, k0, k1, values):  # type: ignore[no-untyped-def]
    """A straight tube between two stage points, with its halo."""
    ax, ay = _seen(back, x0, y0, z0, values)
    bx, by = _seen(back, x1, y1, z1, values)
    size = values[SIZE]
    near = smooth(F(0.3), F(0.75), z0)
    own = F(size * F(0.013) / z0)
    thin = F(max(own, F(1.2)))
    faint = F(clamp01(F(own / thin)) * near)
    c0 = F(color[0] + F(0.35) * spark[0])
    c1 = F(color[1] + F(0.35) * spark[1])
    c2 = F(color[2] + F(0.35) * spark[2])
    far = F(max(F(size * F(0.013) / z1), F(1.2)))
    add_line(
        light, ax, ay, bx, by, thin, far, c0, c1, c2,
        F(k0 * faint * F(2.2)), F(k1 * faint * F(2.2)),
    )  # fmt: skip
    step = F(1.0 / SOFT_STEP)
    halo = F(F(size * step * F(0.05)) / F(z0 + F(0.25)) + F(1.2))
    add_line(
        soft, F(ax * step + F(1)), F(ay * step + F(1)), F(bx * step + F(1)), F(by * step + F(1)),
        halo, F(size * step * F(0.05) / F(z1 + F(0.25)) + F(1.2)), color[0], color[1], color[2],
        F(k0 * near * F(0.30)), F(k1 * near * F(0.30)),
    )  # fmt: skip


@njit(**INLINE)
def _seen(back, x, y, z, values):  # type: ignore[no-untyped-def]
    """Pixel of a stage point."""
    u = F(x / z + values[MID_X])
    v = F(y / z + values[HORIZON])
    return F(back[0] * u + back[1] * v + back[2]), F(back[3] * u + back[4] * v + back[5])
