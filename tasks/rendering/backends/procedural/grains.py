"""How the grains of a swarm look: points of light with a trail and a blur, wings, leaves."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.flakes import add_oval_disc
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, cos_f, floor_i, sin_f
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_dot, add_line, profile
from tasks.rendering.backends.procedural.swarm import (
    FAR,
    FLOW,
    FOCUS,
    HUE,
    KICK,
    LENS,
    LIGHT,
    OWN,
    POWER,
    SIZE,
    WAS_X,
    WAS_Y,
    X,
    Y,
)

LEAST_PX = 1.15  # a smaller grain is drawn this large and dimmer
DISC_PX = 3.5  # from here on blur has an edge
PUFF_EVERY = 40  # grains a puff of haze


@njit(**KERNEL)
def add_grains(light, places, ramp, spark, hot, puff, values):  # type: ignore[no-untyped-def]
    """Add points of light, each with the trail of its way.

    Args:
        light: Linear light, shape (3, height, width).
        places: From `place_grains`.
        ramp: The palette's gradient.
        spark: The palette's spark.
        hot: Share of the spark in a grain that is in focus.
        puff: Light of the haze of grains too fine to be seen.
        values: A frame's numbers, as for `place_grains`.
    """
    _, height, width = light.shape
    half = F(F(height) * F(0.5))
    color = np.empty(3, np.float32)
    for k in range(places.shape[0]):
        at = places[k]
        x, y, z = at[X], at[Y], at[FAR]
        if x < F(-60) or y < F(-60) or x > F(width) + F(60) or y > F(height) + F(60):
            continue
        size = F(values[SIZE] * half * F(F(0.6) + F(0.8) * at[OWN]) / z)
        blur = F(values[LENS] * half * F(abs(F(F(1) / z - F(1) / values[FOCUS]))))
        reach = F(max(F(size + blur), F(LEAST_PX)))
        share = F(size / reach)
        power = F(values[POWER] * at[LIGHT] * share * F(F(0.35) + F(0.65) * share))
        if power < F(0.004):
            continue
        own = ramp[I(at[HUE] * F(RAMP_STEPS - 1))]
        if k % PUFF_EVERY == 0 and puff > F(0):
            soft = F(puff * at[LIGHT] * values[POWER])
            wide = F(half * F(F(0.14) + F(0.14) * at[OWN]))
            pale = F(hot * F(0.8))
            for c in range(3):
                color[c] = F(F(own[c] + F(spark[c] - own[c]) * pale) * soft)
            add_dot(light, x, y, wide, color[0], color[1], color[2])
        white = F(hot * share)
        for c in range(3):
            color[c] = F(own[c] + spark[c] * white)
        dx, dy = F(at[WAS_X] - x), F(at[WAS_Y] - y)
        run = F(dx * dx + dy * dy)
        if reach > F(DISC_PX) and blur > size:
            add_oval_disc(light, x, y, reach, F(F(1) + size), F(power * F(0.8)), color)
        elif run > reach * reach and run < F(width) * F(width) * F(0.04):
            long = F(np.sqrt(run))
            thin = F(power * F(F(1.1) - F(0.35) * clamp01(F(long / half))))
            add_line(
                light, x, y, F(x + dx), F(y + dy), F(reach * F(1.25)), F(reach * F(0.7)),
                color[0], color[1], color[2], thin, F(0),
            )  # fmt: skip
        else:
            add_dot(
                light, x, y, F(reach * F(1.5)), F(color[0] * power), F(color[1] * power),
                F(color[2] * power),
            )  # fmt: skip


@njit(**KERNEL)
def lay_wings(light, places, ramp, body, tint, values):  # type: ignore[no-untyped-def]
    """Lay birds, butterflies or fish: two strokes that beat, one where they are small.

    Args:
        light: Linear light, shape (3, height, width).
        places: From `place_grains`.
        ramp: The palette's gradient.
        body: Their colour, shape (3,).
        tint: Share of the gradient in it.
        values: A frame's numbers, as for `place_grains`.
    """
    height = light.shape[1]
    half = F(F(height) * F(0.5))
    color = np.empty(3, np.float32)
    for k in range(places.shape[0]):
        at = places[k]
        span = F(values[SIZE] * half * F(F(0.75) + F(0.5) * at[OWN]) / F(max(at[FAR], F(0.3))))
        dx, dy = F(at[X] - at[WAS_X]), F(at[Y] - at[WAS_Y])
        inverse = F(span / F(np.sqrt(F(dx * dx + dy * dy + F(1e-3)))))
        ux, uy = F(dx * inverse), F(dy * inverse)
        blur = F(values[LENS] * half * F(abs(F(F(1) / at[FAR] - F(1) / values[FOCUS]))))
        reach = F(max(F(F(0.42) * span + blur), F(0.9)))
        solid = F(span / F(F(0.45) * span + reach))
        cover = clamp01(F(F(0.95) * solid * F(F(0.35) + F(0.65) * at[LIGHT])))
        own = ramp[I(at[HUE] * F(RAMP_STEPS - 1))]
        lit = F(tint * F(F(0.6) + F(0.4) * at[LIGHT] + F(0.5) * values[KICK] * F(I(k % 3 == 0))))
        for c in range(3):
            color[c] = F(body[c] * F(F(1) - tint) + own[c] * lit)
        beat = sin_f(F(values[FLOW] * F(F(6.5) + F(4) * at[OWN]) + F(40) * at[OWN]))
        if span < F(1.6):
            _lay_stroke(light, at[X], at[Y], F(at[X] - ux), F(at[Y] - uy), reach, color, cover)
            continue
        up = F(span * F(F(0.30) + F(0.65) * beat))
        if tint > F(0.5) and span > F(4):
            _spread_wings(light, at[X], at[Y], ux, uy, beat, cover, color)
            continue
        for side in range(2):
            way = F(1) if side == 0 else F(-1)
            tip_x = F(at[X] - F(0.35) * ux - way * F(0.75) * uy)
            tip_y = F(at[Y] - F(0.35) * uy + way * F(0.75) * ux - up)
            _lay_stroke(light, at[X], at[Y], tip_x, tip_y, reach, color, cover)


@njit(**KERNEL)
def _spread_wings(light, x, y, ux, uy, beat, cover, color):  # type: ignore[no-untyped-def]
    """Lay a butterfly: two broad wings that open and close."""
    dark = color * F(0.3)
    for side in range(2):
        way = F(1) if side == 0 else F(-1)
        open_ = F(F(0.25) + F(0.75) * F(F(0.5) + F(0.5) * beat))
        wx = F(F(0.25) * ux - way * F(0.75) * uy * open_)
        wy = F(F(0.25) * uy + way * F(0.75) * ux * open_ - F(0.35) * F(abs(ux)))
        _lay_leaf(light, F(x + wx), F(y + wy), wx, wy, F(1.3), F(0.8), F(0.35), cover, color, dark)


@njit(**KERNEL)
def _lay_stroke(light, x0, y0, x1, y1, reach, color, cover):  # type: ignore[no-untyped-def]
    """Lay a soft stroke over the picture, narrower at its end."""
    _, height, width = light.shape
    dx, dy = F(x1 - x0), F(y1 - y0)
    inverse = F(F(1) / F(max(F(dx * dx + dy * dy), F(1e-6))))
    left, right = floor_i(F(min(x0, x1) - reach)), floor_i(F(max(x0, x1) + reach)) + 2
    for y in range(
        max(floor_i(F(min(y0, y1) - reach)), 0),
        min(floor_i(F(max(y0, y1) + reach)) + 2, height),
    ):
        py = F(F(I(y)) - y0)
        for x in range(max(left, 0), min(right, width)):
            px = F(F(I(x)) - x0)
            t = clamp01(F(F(px * dx + py * dy) * inverse))
            ex, ey = F(px - t * dx), F(py - t * dy)
            r = F(reach * F(F(1) - F(0.45) * t))
            k = F(profile(F(F(ex * ex + ey * ey) / F(r * r))) * cover)
            for c in range(3):
                light[c, y, x] = F(light[c, y, x] + F(color[c] - light[c, y, x]) * k)


@njit(**KERNEL)
def lay_leaves(light, places, order, blunt, ramp, spark, night, values):  # type: ignore[no-untyped-def]
    """Lay leaves, feathers or slips from far to near, each turning over as it goes.

    Args:
        light: Linear light, shape (3, height, width).
        places: From `place_grains`.
        order: Numbers of the grains from far to near.
        blunt: 0 for leaves that end in points, 1 for slips.
        ramp: The palette's gradient.
        spark: The palette's spark.
        night: The palette's night.
        values: A frame's numbers, as for `place_grains`.
    """
    half = F(F(light.shape[1]) * F(0.5))
    near = np.empty(3, np.float32)
    far = np.empty(3, np.float32)
    for m in range(order.shape[0]):
        at = places[order[m]]
        own, z = at[OWN], at[FAR]
        size = F(values[SIZE] * half * F(F(0.55) + F(0.75) * own) / z)
        blur = F(values[LENS] * half * F(abs(F(F(1) / z - F(1) / values[FOCUS]))))
        spin = F(values[FLOW] * F(F(1.0) + F(1.6) * own) + F(37) * own)
        breadth = F(abs(cos_f(spin)))
        color = ramp[I(at[HUE] * F(RAMP_STEPS - 1))]
        face = F(F(0.16) + F(0.84) * breadth * breadth)
        glint = F(max(F(breadth - F(0.9)), F(0)) * F(6))
        lit = F(values[POWER] * face * F(F(0.45) + F(0.55) * at[LIGHT]) * F(F(0.4) + F(0.6) / z))
        if blur > F(0.8) * size:
            soft = F(size / F(blur + F(1)))
            add_oval_disc(
                light, at[X], at[Y], blur, F(max(size, F(1))), F(lit * soft * soft), color
            )
            continue
        for c in range(3):
            near[c] = F(color[c] * lit + spark[c] * F(glint * lit * F(0.5)))
            far[c] = F(near[c] * F(0.35) + night[c] * F(0.4))
        cover = clamp01(F(size / F(size * F(0.5) + blur + F(0.8))))
        turn = F(spin * F(0.5))
        wide = F(F(0.10) + F(0.90) * breadth)
        soft = F(max(blur, F(0.8)))
        _lay_leaf(
            light, at[X], at[Y], F(size * cos_f(turn)), F(size * sin_f(turn)), wide, soft, blunt,
            F(cover * F(0.95)), near, far,
        )  # fmt: skip


@njit(**KERNEL)
def _lay_leaf(light, x0, y0, ux, uy, wide, soft, blunt, cover, near, far):  # type: ignore[no-untyped-def]
    """Lay one leaf about a middle: half its length is (ux, uy), a rib runs along it."""
    _, height, width = light.shape
    size = F(np.sqrt(F(ux * ux + uy * uy)) + F(1e-3))
    inverse = F(F(1) / size)
    cosine, sine = F(ux * inverse), F(uy * inverse)
    reach = F(size * F(1.1) + soft + F(1))
    broad = F(F(0.46) * wide)
    for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(I(y)) - y0)
        for x in range(max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)):
            dx = F(F(I(x)) - x0)
            u = F(F(dx * cosine + dy * sine) * inverse)
            v = F(F(dy * cosine - dx * sine) * inverse + F(0.16) * F(u * u - F(0.4)) * wide)
            q = F(u * u)
            q = F(q + F(q * q * q * q - q) * blunt)
            side = F(broad * F(F(1) - q) * F(F(1) - F(0.25) * u))
            d = F(F(max(F(abs(v)) - side, F(F(abs(u)) - F(1)))) * size)
            k = clamp01(F(F(0.5) - d / F(F(2) * soft)))
            if k <= F(0):
                continue
            k = F(k * k * F(F(3) - F(2) * k) * cover)
            rib = F(F(abs(v)) * size / F(F(0.05) * size + soft))
            rib = F(F(1) - F(0.35) * F(max(F(F(1) - rib), F(0))) * F(F(1) - blunt))
            t = F(clamp01(F(F(0.55) + F(0.45) * u + F(0.8) * v)) * rib)
            for c in range(3):
                own = F(far[c] + F(near[c] - far[c]) * t)
                light[c, y, x] = F(light[c, y, x] + F(own - light[c, y, x]) * k)
