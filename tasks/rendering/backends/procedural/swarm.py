"""Where the grains of a swarm are: in a flock, in a wind, out of a source, on a ring.

Every place is a function of the grain's number and the flow alone, so that any frame can be drawn
alone; a grain's trail is the way from where it was a little earlier.
Source of the flock's shape: A. Cavagna et al., Scale-free correlations in starling flocks, 2010
(thin, folded, sharp-edged sheets rather than balls); of the wind: R. Bridson et al., Curl-Noise
for Procedural Fluid Flow, 2007.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    cos_f,
    fract,
    mix,
    noise,
    sin_f,
    smooth,
    unit,
)

FLOCK, WIND, SOURCE, RING = range(4)
PLACES = {"flock": FLOCK, "wind": WIND, "source": SOURCE, "ring": RING}
# Columns of a grain's place: pixels, distance, pixels a little earlier, light, hue, own number.
(X, Y, FAR, WAS_X, WAS_Y, LIGHT, HUE, OWN) = range(8)
# Places in the row of values that the kernels are handed for a frame.
(
    FLOW, ASPECT, BASS, KICK, HATS, ENERGY, TENSION, BURST, WAY, SPEED, SPREAD, LIFT, START_X,
    START_Y, AIM_X, AIM_Y, CONE, PULL, TINT, TICK, SIZE, LENS, FOCUS, TRAIL, POWER, BEND,
) = range(26)  # fmt: skip
STREAMS = 5


@njit(**KERNEL)
def place_grains(places, kind, back, seed, values):  # type: ignore[no-untyped-def]
    """Work out where all grains are.

    Args:
        places: Result, shape (grains, 8), by the columns above.
        kind: FLOCK, WIND, SOURCE or RING.
        back: From scene to pixel, as from `to_pixels`.
        seed: Of the swarm.
        values: A frame's numbers, by the names above.
    """
    for k in range(places.shape[0]):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(13))))
        x1, y1, z, lit = _place(kind, h, values[FLOW], seed, values)
        x0, y0, _, _ = _place(kind, h, F(values[FLOW] - values[TRAIL]), seed, values)
        places[k, X] = F(back[0] * x1 + back[1] * y1 + back[2])
        places[k, Y] = F(back[3] * x1 + back[4] * y1 + back[5])
        places[k, WAS_X] = F(back[0] * x0 + back[1] * y0 + back[2])
        places[k, WAS_Y] = F(back[3] * x0 + back[4] * y0 + back[5])
        places[k, FAR] = z
        own = unit(mix(U(h + U(90))))
        picked = unit(mix(U(h + U(U(I(values[TICK])) * U(0x27D4EB2D)))))
        beat = F(F(1) + F(0.8) * values[KICK] * F(I(k % 3 == 0)))
        beat = F(beat + F(2.5) * values[HATS] * smooth(F(0.93), F(0.97), picked))
        places[k, LIGHT] = F(lit * beat)
        stream = F(F(I(U(h >> U(9)) % U(STREAMS))) * (F(0.17) if kind == WIND else F(0)))
        places[k, HUE] = fract(F(values[TINT] + stream + F(0.45) * own * own))
        places[k, OWN] = own


@njit(**INLINE)
def _place(kind, h, t, seed, values):  # type: ignore[no-untyped-def]
    """Scene x, y, distance and light of one grain at one time."""
    if kind == FLOCK:
        return _in_flock(h, t, seed, values)
    if kind == WIND:
        return _in_wind(h, t, seed, values)
    if kind == SOURCE:
        return _from_source(h, t, seed, values)
    return _on_ring(h, t, seed, values)


@njit(**KERNEL)
def _in_flock(h, t, seed, values):  # type: ignore[no-untyped-def]
    """A folded sheet round an unseen centre that wanders; laggards draw it out."""
    own = unit(mix(U(h + U(1))))
    lag = F(own * own * own * F(2.6))
    s = F(t * values[SPEED] - lag)
    around = F(F(6.2831853) * unit(mix(U(h + U(2)))))
    r = F(np.sqrt(unit(mix(U(h + U(3))))))
    spin = F(around + F(0.55) * s * F(F(1.4) - r))
    px, pz = F(r * cos_f(spin)), F(r * sin_f(spin))
    py = F(F(0.40) * F(unit(mix(U(h + U(4)))) + unit(mix(U(h + U(5)))) - F(1)))
    fold = noise(F(px * F(0.9) + s * F(0.13) + F(30)), F(pz * F(0.9) + F(30)), seed)
    neck = noise(F(px * F(1.3) - s * F(0.17) + F(60)), F(pz * F(0.8) + F(30)), U(seed + U(3)))
    tear = noise(F(pz * F(1.7) + F(50)), F(py * F(1.7) + s * F(0.2) + F(50)), U(seed + U(5)))
    py = F(py * F(F(0.65) + F(1.2) * neck) + F(0.85) * fold)
    px = F(px * F(F(1.05) + F(0.7) * neck) + F(0.35) * tear)
    size = F(F(1) + F(0.12) * values[BASS] - F(0.30) * values[TENSION] + F(0.9) * values[BURST])
    size = F(size * values[SPREAD])
    cx = F(values[START_X] + F(0.55) * sin_f(F(s * F(0.31) + values[BEND])))
    cy = F(values[START_Y] + F(0.22) * sin_f(F(s * F(0.43) + F(2) * values[BEND])))
    lean = F(values[WAY] * F(0.5) * px + py)
    z = F(F(1.55) + F(0.62) * pz * size)
    near = F(F(1.55) / F(max(z, F(0.35))))
    lit = F(F(0.55) + F(0.45) * near)
    return F(cx + px * size * near), F(cy + F(0.75) * lean * size * near), z, lit


@njit(**KERNEL)
def _in_wind(h, t, seed, values):  # type: ignore[no-untyped-def]
    """Streams that cross the picture, lifted by gusts, nearer ones faster."""
    own = unit(mix(U(h + U(1))))
    depth = unit(mix(U(h + U(2))))
    z = F(F(0.42) + F(2.8) * F(F(1) - F(F(1) - depth) * F(F(1) - depth)))
    stream = F(I(U(h >> U(9)) % U(STREAMS)))
    wide = F(values[ASPECT] + F(0.5))
    pace = F(values[SPEED] * F(F(0.7) + F(0.6) * unit(mix(U(h + U(3))))) / F(z + F(0.45)))
    s = fract(F(unit(h) + t * pace * F(0.5) / wide))
    x = F(values[WAY] * F(F(2) * s - F(1)) * wide)
    across = F(unit(mix(U(h + U(4)))) + unit(mix(U(h + U(5)))) + unit(mix(U(h + U(6)))) - F(1.5))
    y0 = F(values[START_Y] + F(0.62) * values[CONE] * F(F(0.5) * stream - F(1)))
    wave = F(x * F(F(1.1) + F(0.15) * stream) - values[WAY] * t * F(0.35))
    curve = sin_f(F(wave + F(1.9) * stream + values[BEND]))
    gust_x = F(x * F(0.75) - values[WAY] * t * F(0.55) + F(60))
    gust = smooth(F(-0.12), F(0.42), noise(gust_x, F(stream * F(5.3) + t * F(0.09)), seed))
    eddy = noise(F(gust_x * F(2.3)), F(across * F(2) + F(30) + t * F(0.2)), U(seed + U(3)))
    broad = F(values[SPREAD] * F(F(0.35) + gust) * F(F(1) + F(0.25) * values[BASS]))
    broad = F(broad * F(F(1) - F(0.45) * values[TENSION] + F(1.6) * values[BURST]))
    y = F(y0 + F(0.24) * values[CONE] * curve + across * broad + F(0.22) * eddy * F(F(0.3) + gust))
    y = F(y - values[LIFT] * gust * own * own * F(F(1) + values[KICK] * F(0.15)))
    ends = F(smooth(F(0), F(0.06), s) * smooth(F(1), F(0.94), s))
    return x, y, z, F(ends * F(F(0.18) + F(1.2) * gust))


@njit(**KERNEL)
def _from_source(h, t, seed, values):  # type: ignore[no-untyped-def]
    """Thrown from one place in a cone, pulled down (or up), stirred as it goes."""
    own = unit(mix(U(h + U(1))))
    rate = F(F(0.20) + F(0.28) * unit(mix(U(h + U(2)))))
    clock = F(t * values[SPEED] * rate + unit(h))
    age = fract(clock)
    again = mix(U(h + U(U(I(F(clock - age) + F(4096.5))) * U(0x27D4EB2D))))
    side = F(unit(again) + unit(mix(U(again + U(1)))) - F(1))
    power = F(F(0.35) + F(0.9) * unit(mix(U(again + U(2)))))
    power = F(power * F(F(1) + F(0.7) * values[BURST]))
    way = F(age * F(F(1.6) - F(0.6) * age) * power * values[SPREAD])
    swing = F(side * values[CONE] * F(F(0.25) + way * F(0.6)))
    x = F(values[START_X] + values[AIM_X] * way - values[AIM_Y] * swing)
    y = F(values[START_Y] + values[AIM_Y] * way + values[AIM_X] * swing)
    y = F(y + values[PULL] * age * age)
    u, v = F(x * F(1.2) + F(50)), F(y * F(1.2) + t * F(0.35) + F(50))
    x = F(x + values[LIFT] * age * noise(u, v, seed))
    y = F(y + values[LIFT] * age * noise(v, u, U(seed + U(3))))
    z = F(F(0.7) + F(1.3) * own + F(0.5) * side * age)
    lit = F(F(F(1) - age) * F(F(1) - F(0.55) * age) * smooth(F(0), F(0.04), age))
    return x, y, z, F(lit * F(F(0.6) + F(0.8) * values[ENERGY]))


@njit(**KERNEL)
def _on_ring(h, t, seed, values):  # type: ignore[no-untyped-def]
    """Rubble on orbits about a far body; the inner ones overtake the outer ones."""
    share = unit(mix(U(h + U(1))))
    r = F(F(0.55) + F(2.3) * F(np.sqrt(share)))
    r = F(r + F(0.10) * noise(F(r * F(6) + F(40)), F(3.5), seed))
    pace = F(values[SPEED] / F(r * np.sqrt(r)))
    turn = F(F(6.2831853) * unit(h) + values[WAY] * t * pace)
    band = F(F(0.5) + F(1.1) * noise(F(r * F(4.2) + F(70)), F(9.5), U(seed + U(3))))
    gap = F(F(1) - F(0.85) * F(F(1) / F(F(1) + F(r - F(1.7)) * F(r - F(1.7)) * F(150))))
    height = F(unit(mix(U(h + U(2)))) + unit(mix(U(h + U(4)))) - F(1))
    height = F(height * values[LIFT] * F(F(0.4) + F(0.6) * values[BASS] + F(3) * values[BURST]))
    wx, wz = F(r * cos_f(turn)), F(r * sin_f(turn))
    z = F(F(2.05) + wz)
    if z < F(0.22):
        return F(99), F(99), F(1), F(0)
    near = F(F(1) / z)
    x = F(values[START_X] + F(wx * F(1.15)) * near)
    y = F(values[START_Y] + F(F(values[CONE] + height) * near - values[CONE] * F(0.35)))
    lean = F(F(0.28) * sin_f(values[BEND]) * F(x - values[START_X]))
    shade = F(F(0.45) + F(0.55) * smooth(F(-0.8), F(0.8), F(wx * values[WAY])))
    return x, F(y + lean), z, F(F(max(band, F(0.06))) * gap * shade * smooth(F(0.22), F(0.4), z))
