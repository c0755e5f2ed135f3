"""An open sea in perspective: waves that lean on each other, the sky in them, a path of light.

Every ray below the horizon meets a flat sea; the slope of the waves there tilts the mirror. Waves
shorter than a pixel's foot are left out, so that the distance is calm instead of grainy.
Source of the waves: J. Tessendorf, Simulating Ocean Water, 2001 (a sum of few waves, not a
spectrum).
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    cos_f,
    noise,
    sin_f,
    smooth,
)

EYE = 0.55  # height over the water, half-heights at distance 1
FARTHEST = 42.0
WAVES = 6
SHORTER = 0.6  # of a wave's length is the next one's
LONGEST = 3.2
FINE = 1.7  # slope of the ripples on the waves, of the waves' own
# What is worked out along a row.
(
    SIDE, BELOW, AWAY_X, AWAY_Z, FOOT, WANDER, SLOPE_X, SLOPE_Z, TALL, RIPPLE_X, RIPPLE_Z, FLECK,
    LACE,
) = range(13)  # fmt: skip
# What a row looks like: height of the sky that is seen, sun, share of sky, clearness, water, surf.
(ABOVE, SUN, SKY, CLEAR, WATER, SPRAY) = range(6)
# Places in the row of values that the kernels are handed for a frame.
(
    HORIZON, SUN_X, SUN_Y, FLOW, STEEP, POWER, HIGHS, KICK, FOAM, SURF, SHELL, STRENGTH,
    PIXEL, CLOUDS, DEEP,
) = range(15)  # fmt: skip


@njit(**KERNEL)
def paint_sea(light, view, waves, air, seed, values):  # type: ignore[no-untyped-def]
    """Fill the picture with sky and sea.

    Args:
        light: Linear light, shape (3, height, width).
        view: Camera, as from `look_through`.
        waves: A row a wave: heading x and y, waves a unit, steepness, speed, how far it is bent;
            shape (waves, 6).
        air: Colours: zenith, horizon, sun, water, surf; shape (5, 3).
        seed: Of clouds and foam.
        values: A frame's numbers, by the names above.
    """
    _, height, width = light.shape
    row = np.empty((13, width), np.float32)
    sky = np.empty((6, width), np.float32)
    sea = np.empty((6, width), np.float32)
    for y in range(height):
        lowest, highest = _aim(row, view, F(I(y)), values)
        if lowest <= F(0):
            _look_up(sky, row, seed, values)
        if highest > F(0):
            _wave_row(row, waves, seed, values)
            _look_down(sea, row, values)
        shown = sky
        if lowest > F(0):
            shown = sea
        elif highest > F(0):
            _join(sky, sea, row)
        for c in range(3):
            top, low, sun = air[0, c], air[1, c], air[2, c]
            water, surf = air[3, c], air[4, c]
            for x in range(width):
                lit = F(low + F(top - low) * shown[ABOVE, x] + sun * shown[SUN, x])
                own = F(water * shown[WATER, x] + surf * shown[SPRAY, x])
                light[c, y, x] = F(F(lit * shown[SKY, x] + own) * shown[CLEAR, x])


@njit(**KERNEL)
def _aim(row, view, py, values):  # type: ignore[no-untyped-def]
    """Where a row looks: sideways, and how far below the horizon; the least and most of that."""
    lowest = F(1e9)
    highest = F(-1e9)
    for x in range(row.shape[1]):
        row[SIDE, x] = F(view[0] * F(I(x)) + view[1] * py + view[2])
        below = F(view[3] * F(I(x)) + view[4] * py + view[5] - values[HORIZON])
        row[BELOW, x] = below
        lowest = F(min(lowest, below))
        highest = F(max(highest, below))
    return lowest, highest


@njit(**KERNEL)
def _join(sky, sea, row):  # type: ignore[no-untyped-def]
    """Put the sea into a row that the horizon crosses."""
    for k in range(6):
        for x in range(row.shape[1]):
            if row[BELOW, x] > F(0):
                sky[k, x] = sea[k, x]


@njit(**KERNEL)
def _look_up(sky, row, seed, values):  # type: ignore[no-untyped-def]
    """Sun, halo and streaks of cloud that lie flatter towards the horizon."""
    for x in range(sky.shape[1]):
        up = F(max(F(-row[BELOW, x]), F(0)))
        q = F(F(0.35) / F(up + F(0.12)))
        u = F(row[SIDE, x] * q * F(1.6) + values[FLOW] * F(0.02) + F(80))
        k = noise(u, F(q * F(3.2) + F(50)), seed)
        fine = noise(F(u * F(2.7) + F(7)), F(q * F(8.0) + F(50)), U(seed + U(5)))
        cloud = F(smooth(F(-0.12), F(0.42), F(k + F(0.45) * fine)) * values[CLOUDS])
        dx = F(row[SIDE, x] - values[SUN_X])
        dy = F(up - values[SUN_Y])
        far = F(dx * dx + dy * dy)
        disc = smooth(F(0.0165), F(0.0145), far)
        halo = F(F(0.020) / F(F(0.022) + far))
        wide = F(F(0.22) / F(F(0.28) + far))
        sun = F(F(1.5) * disc + F(0.50) * halo * halo + F(0.24) * wide * wide)
        edge = F(F(1) / F(F(1) + far * F(2.5)))
        sky[ABOVE, x] = clamp01(F(F(np.sqrt(up)) * F(1.05)))
        sky[SUN, x] = F(F(sun * F(F(1) - F(0.7) * cloud) + cloud * F(0.22) * edge) * values[POWER])
        sky[SKY, x] = F(1)
        sky[CLEAR, x] = F(F(1) - F(0.45) * cloud * smooth(F(0.0), F(0.5), up))
        sky[WATER, x] = F(0)
        sky[SPRAY, x] = F(0)


@njit(**KERNEL)
def _wave_row(row, waves, seed, values):  # type: ignore[no-untyped-def]
    """Slopes and height of the water along a row, without what is finer than a pixel's foot."""
    width = row.shape[1]
    t = values[FLOW]
    least = F(1e9)
    for x in range(width):
        z = F(min(F(F(EYE) / F(F(max(row[BELOW, x], F(0))) + F(0.004))), F(FARTHEST)))
        foot = F(z * values[PIXEL] * F(F(1) + z * F(0.5 / EYE)))
        wx = F(row[SIDE, x] * z)
        wander = noise(F(wx * F(0.55) + F(60)), F(z * F(0.55) + t * F(0.05) + F(60)), seed)
        row[FOOT, x] = foot
        row[WANDER, x] = wander
        row[AWAY_Z, x] = F(z + F(0.5) * wander)
        row[AWAY_X, x] = F(wx + F(0.4) * wander)
        row[SLOPE_X, x] = F(0)
        row[SLOPE_Z, x] = F(0)
        row[TALL, x] = F(0)
        least = F(min(least, foot))
    for k in range(waves.shape[0]):
        per_unit = waves[k, 2]
        if F(least * per_unit) > F(0.55):
            break
        turn = F(F(6.2831853) * per_unit)
        for x in range(width):
            seen = smooth(F(0.55), F(0.18), F(row[FOOT, x] * per_unit))
            along = F(waves[k, 0] * row[AWAY_X, x] + waves[k, 1] * row[AWAY_Z, x])
            along = F(along + F(waves[k, 5] * row[WANDER, x]))
            phase = F(turn * along - waves[k, 4] * t)
            s = sin_f(phase)
            c = cos_f(phase)
            own = F(waves[k, 3] * seen * F(F(1) + F(0.9) * row[WANDER, x]))
            lean = F(own * c * F(F(1) + F(0.7) * s))
            row[SLOPE_X, x] += F(waves[k, 0] * lean)
            row[SLOPE_Z, x] += F(waves[k, 1] * lean)
            row[TALL, x] += F(own * F(s + F(0.3) * s * s) / F(F(0.6) + per_unit))
    for k in range(4):
        fine = F(4.6) if k < 2 else F(3.4) if k == 2 else F(13)
        which = RIPPLE_X + k
        for x in range(width):
            seen = smooth(F(0.5), F(0.14), F(row[FOOT, x] * fine))
            drift = F(t * F(0.35 if k != 1 else -0.28))
            u = F(row[AWAY_X, x] * fine + F(90 + 30 * k))
            v = F(row[AWAY_Z, x] * fine * F(1.3) - drift + F(90))
            row[which, x] = F(noise(u, v, U(seed + U(7 * (k + 1)))) * seen)


@njit(**KERNEL)
def _look_down(sea, row, values):  # type: ignore[no-untyped-def]
    """What the water shows: sky and sun in its mirror, its own depth, foam and living light."""
    steep = F(values[STEEP] * F(FINE))
    for x in range(sea.shape[1]):
        below = F(max(row[BELOW, x], F(0)))
        z = row[AWAY_Z, x]
        tall = row[TALL, x]
        far = F(F(1) / F(F(1) + F(max(z, F(0))) * F(0.06)))
        sx = F(row[SLOPE_X, x] + steep * row[RIPPLE_X, x])
        sz = F(row[SLOPE_Z, x] + steep * row[RIPPLE_Z, x])
        look = F(below / F(np.sqrt(F(F(1) + row[SIDE, x] * row[SIDE, x] * F(0.3)))))
        mirror = F(F(1) - clamp01(F(look * F(0.9) + sz * F(1.2))))
        mirror = F(F(0.05) + F(0.95) * mirror * mirror * mirror * mirror)
        rise = F(max(F(look * F(0.9) - F(1.3) * sz + F(0.02)), F(0)))
        dx = F(row[SIDE, x] - values[SUN_X] + F(1.3) * sx)
        dy = F(F(rise - values[SUN_Y]) * F(0.42))
        q = F(dx * dx + dy * dy)
        glint = F(F(0.0035) / F(F(0.004) + q))
        glitter = F(glint * glint * glint * F(F(2.2) + F(2.4) * values[HIGHS]))
        shine = F(F(0.045) / F(F(0.06) + q))
        sea[ABOVE, x] = clamp01(F(np.sqrt(rise)))
        sea[SUN, x] = F(F(glitter + F(0.30) * shine * shine) * values[POWER])
        sea[SKY, x] = mirror
        sea[CLEAR, x] = F(1)
        lift = clamp01(F(F(0.30) + tall * F(2.2) - sz * F(0.9)))
        sea[WATER, x] = F(
            lift * lift * values[DEEP] * F(F(1) - mirror) * F(F(0.35) + F(0.65) * far)
        )
        torn = clamp01(F(F(0.30) + F(1.3) * row[FLECK, x] + F(1.1) * row[LACE, x]))
        crest = smooth(F(0.04), F(0.20), F(tall + F(0.12) * row[FLECK, x]))
        beyond = F(z - values[SHELL])
        ring = F(values[STRENGTH] / F(F(1) + beyond * beyond * F(1.2)))
        lace = F(torn * torn * crest)
        stirred = F(values[SURF] * lace * F(F(0.6) + F(1.0) * values[KICK] + F(1.5) * ring))
        sea[SPRAY, x] = F(F(values[FOAM] * lace * far + stirred) + F(0.3) * ring * torn * torn)
