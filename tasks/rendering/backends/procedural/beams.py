"""Beams in haze: cones of spot light on a coarse picture, and fans of laser lines in perspective.

A beam's direction is its slope sideways and downwards for every unit it comes nearer; a stage
point (x, y, z) is seen at (x / z, y / z + horizon), in half-heights.
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
    floor_i,
    fract,
    lerp,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_dot, add_line, profile

SOFT_STEP = 2  # pixels a sample of the coarse picture; sample k lies on pixel (k - 1) * step
BEAMS_A_HEAD = 15
NEAR = 0.1  # depth at which a beam is cut off before it reaches the lens
# Places in the row of values that the fans are handed for a frame.
(
    SWEEP,
    MORPH,
    BARS,
    OPEN,
    COUNT,
    POWER,
    KICK,
    HORIZON,
    FLOOR,
    SIZE,
    HUE,
    HUE_SPAN,
) = range(12)


@njit(**KERNEL)
def add_cone(soft, x0, y0, x1, y1, r0, r1, color, k0, stripes, phase, cut):  # type: ignore[no-untyped-def]
    """Add a cone of lit haze from (x0, y0) to (x1, y1), in samples of the coarse picture.

    `r0` and `r1` are its half-widths at either end. `cut` (0..1) is how deeply a gobo breaks it
    into `stripes` that turn with `phase`.
    """
    _, height, width = soft.shape
    dx = F(x1 - x0)
    dy = F(y1 - y0)
    long = F(np.sqrt(F(max(F(dx * dx + dy * dy), F(1)))))
    ux = F(dx / long)
    uy = F(dy / long)
    top = F(min(F(y0 - r0 * abs(ux)), F(y1 - r1 * abs(ux))))
    bottom = F(max(F(y0 + r0 * abs(ux)), F(y1 + r1 * abs(ux))))
    for y in range(max(floor_i(top), 0), min(floor_i(bottom) + 2, height)):
        left, right = _span(F(I(y)), x0, y0, x1, y1, F(ux * r0), F(uy * r0), F(ux * r1), F(uy * r1))
        for x in range(max(floor_i(left), 0), min(floor_i(right) + 2, width)):
            px = F(F(I(x)) - x0)
            py = F(F(I(y)) - y0)
            t = F(F(px * ux + py * uy) / long)
            u = F(F(py * ux - px * uy) / F(r0 + F(r1 - r0) * clamp01(t)))
            k = F(profile(F(u * u)) + F(0.7) * profile(F(u * u * F(7))))
            k = F(k * smooth(F(0), F(0.015), t) * F(F(1) - smooth(F(0.55), F(1), t)))
            leaf = F(sin_f(F(u * stripes + phase)) * sin_f(F(u * stripes * F(0.61) - phase)))
            k = F(k * F(F(1) - cut * F(F(0.5) - F(0.5) * leaf)) * k0 / F(F(1) + F(3.5) * t))
            for c in range(3):
                soft[c, y, x] += F(color[c] * k)


@njit(**INLINE)
def _span(y, x0, y0, x1, y1, ux0, uy0, ux1, uy1):  # type: ignore[no-untyped-def]
    """First and last place that a row crosses the cone's outline."""
    ax, ay = F(x0 - uy0), F(y0 + ux0)
    bx, by = F(x0 + uy0), F(y0 - ux0)
    cx, cy = F(x1 - uy1), F(y1 + ux1)
    ex, ey = F(x1 + uy1), F(y1 - ux1)
    left, right = _edge(y, ax, ay, bx, by, F(1e9), F(-1e9))
    left, right = _edge(y, ax, ay, cx, cy, left, right)
    left, right = _edge(y, bx, by, ex, ey, left, right)
    return _edge(y, cx, cy, ex, ey, left, right)


@njit(**INLINE)
def _edge(y, x0, y0, x1, y1, left, right):  # type: ignore[no-untyped-def]
    """Widen a span by one edge of an outline, where the row meets it."""
    if y < F(min(y0, y1) - F(1)) or y > F(max(y0, y1) + F(1)):
        return left, right
    level = F(abs(F(y1 - y0))) < F(1)
    t = F(0) if level else clamp01(F(F(y - y0) / F(y1 - y0)))
    x = F(x0 + F(x1 - x0) * t)
    low = F(min(x0, x1)) if level else x
    high = F(max(x0, x1)) if level else x
    return F(min(left, low)), F(max(right, high))


@njit(**KERNEL)
def fan_beams(light, soft, back, heads, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add every head's fan: thin lines to the picture, their halo and source to the coarse one.

    Args:
        light: Linear light, shape (3, height, width).
        soft: Coarse picture, shape (3, rows, columns).
        back: Map from the scene to pixels.
        heads: Shape (heads, 3): x, y, z.
        ramp: Palette gradient.
        spark: What burns at a beam's core.
        seed: Of the patterns.
        values: As named above.
    """
    for n in range(heads.shape[0]):
        lean = F(1) if heads[n, 0] >= F(0) else F(-1)
        sway = F(values[SWEEP] + F(I(n // 2)) * F(0.9))
        kick = F(values[KICK] * F(1 if n % 4 < 2 else 0.35))
        for k in range(BEAMS_A_HEAD):
            here = F(clamp01(F(values[COUNT] - F(I(k)))) * values[POWER])
            if here <= F(0):
                continue
            u = _spot(k)
            yaw, pitch = _direction(u, n // 2, sway, seed, values)
            slot = I(
                fract(F(values[HUE] + values[HUE_SPAN] * F(F(I(n // 2)) + F(0.35) * u + F(2))))
                * F(RAMP_STEPS - 1)
            )
            yaw = F(yaw * lean - F(0.6) * heads[n, 0] / heads[n, 2])
            pitch = F(pitch - heads[n, 1] / heads[n, 2])
            _beam(
                light, soft, back, heads[n], yaw, pitch, ramp[slot], spark,
                F(here * F(F(1) + F(0.38) * kick)), F(F(1) + kick * F(0.25)), values,
            )  # fmt: skip


@njit(**INLINE)
def _spot(k):  # type: ignore[no-untyped-def]
    """Place -1..1 of beam k in its fan: the outermost and the middle first, then between."""
    order = U(U(k) + U(1))
    place = F(0)
    half = F(0.5)
    while order:
        place = F(place + half * F(I(order & U(1))))
        half = F(half * F(0.5))
        order = U(order >> U(1))
    return F(place * F(2) - F(1))


@njit(**INLINE)
def _direction(u, pair, sway, seed, values):  # type: ignore[no-untyped-def]
    """Slopes of a beam: on its way from the last bar's pattern to this one's."""
    bar = floor_i(values[BARS])
    yaw0, pitch0 = _pattern(u, pair, I(bar - 1), sway, seed, values[OPEN])
    yaw1, pitch1 = _pattern(u, pair, bar, sway, seed, values[OPEN])
    return lerp(yaw0, yaw1, values[MORPH]), lerp(pitch0, pitch1, values[MORPH])


@njit(**INLINE)
def _pattern(u, pair, bar, sway, seed, wide):  # type: ignore[no-untyped-def]
    """Slopes of a beam in a bar's pattern: a fan at some tilt, or a cone."""
    h = mix(U(U(bar) * U(0x9E3779B1) ^ U(seed + U(pair) * U(77))))
    aim = F(F(-0.40) + F(0.62) * unit(h))
    lift = F(F(-0.28) + F(0.62) * unit(mix(U(h + U(1)))))
    tilt = F(F(unit(mix(U(h + U(2)))) - F(0.5)) * F(2.2))
    reach = F(F(0.22) + F(0.34) * unit(mix(U(h + U(3)))))
    reach = F(reach * wide * F(F(1) + F(0.22) * sin_f(F(sway * F(1.3)))))
    aim = F(aim + F(0.10) * sin_f(sway))
    lift = F(lift + F(0.06) * sin_f(F(sway * F(0.73) + F(1))))
    if unit(mix(U(h + U(4)))) < F(0.3):
        around = F(u * F(3.1415927) + sway)
        return F(aim + reach * F(0.6) * cos_f(around)), F(lift + reach * F(0.6) * sin_f(around))
    return F(aim + u * reach * cos_f(tilt)), F(lift + u * reach * sin_f(tilt))


@njit(**KERNEL)
def _beam(light, soft, back, head, yaw, pitch, color, spark, k, wide, values):  # type: ignore[no-untyped-def]
    """One laser line from its head to the floor or past the lens."""
    s = F(head[2] - F(NEAR))
    down = pitch * s + head[1] > values[FLOOR]
    s = F(F(values[FLOOR] - head[1]) / pitch) if down else s
    z = F(head[2] - s)
    sx, sy = _seen(back, head[0], head[1], head[2], values[HORIZON])
    ex, ey = _seen(back, F(head[0] + yaw * s), F(head[1] + pitch * s), z, values[HORIZON])
    size = values[SIZE]
    thin0 = F(F(max(F(size * F(0.009) / head[2]), F(1.15))) * wide)
    thin1 = F(F(max(F(size * F(0.009) / F(max(z, F(0.35)))), F(1.25))) * wide)
    faint = F(F(1.15) * wide / F(max(thin0, F(1.15))))
    c0 = F(color[0] + F(0.30) * spark[0])
    c1 = F(color[1] + F(0.30) * spark[1])
    c2 = F(color[2] + F(0.30) * spark[2])
    a = F(k * F(2.4) * faint)
    last = F(0.30) if down else F(0)
    add_line(light, sx, sy, ex, ey, thin0, thin1, c0, c1, c2, a, F(a * last))
    step = F(1.0 / SOFT_STEP)
    sx, sy = F(sx * step + F(1)), F(sy * step + F(1))
    ex, ey = F(ex * step + F(1)), F(ey * step + F(1))
    halo = F(F(size * step * F(0.028)) * wide)
    a = F(k * F(0.24))
    add_line(
        soft, sx, sy, ex, ey, F(halo * F(0.6) + F(1)), F(halo + F(1)),
        color[0], color[1], color[2], a, F(a * last),
    )  # fmt: skip
    a = F(k * F(0.09))
    add_dot(soft, sx, sy, F(halo * F(2.6) + F(1)), F(c0 * a), F(c1 * a), F(c2 * a))


@njit(**INLINE)
def _seen(back, x, y, z, horizon):  # type: ignore[no-untyped-def]
    """Pixel of a stage point."""
    u = F(x / z)
    v = F(y / z + horizon)
    return F(back[0] * u + back[1] * v + back[2]), F(back[3] * u + back[4] * v + back[5])
