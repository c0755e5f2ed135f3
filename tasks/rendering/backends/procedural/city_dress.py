"""What one tower of a city looks like: its windows, neon, colours and sign, from its number."""

from numba import njit

from tasks.rendering.backends.procedural.city_signs import paint_sign
from tasks.rendering.backends.procedural.facades import (
    AIR,
    BANDS,
    BODY,
    COOL,
    CROWN,
    EDGE,
    FOG,
    FRONT,
    HALF_U,
    HALF_V,
    HATS,
    HOT,
    KICK,
    LEVEL,
    LIT,
    NEON,
    STREET,
    TICK,
    WARM,
)
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    fract,
    mix,
    sin_f,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS

# Places in the row of values that a frame's towers share.
(
    SHARE,  # of windows that are lit
    POWER,  # light of a window
    TWINKLE,
    CLIMB,  # floor that the last kick has reached
    THRUST,  # strength of that kick
    SIGNS,  # light of signs and neon
    WHICH,  # which windows twinkle
    BASS,
    MIDS,
    HUE,
    ENERGY,
    DENSITY,
    RUN,  # how far the city has moved
    TIME,
    ASIDE,  # how far the eye is from the middle of the street
    FLOW,
    TIGHT,  # how far the song draws the city together before a drop
    CITY_VALUES,
) = range(18)


@njit(**INLINE)
def throw(h, k):  # type: ignore[no-untyped-def]
    """Number k of a tower's throws, in [0, 1)."""
    return unit(mix(U(h + U(U(k) * U(0x9E3779B1)))))


@njit(**KERNEL)
def dress(look, cols, h, values, colors, fog):  # type: ignore[no-untyped-def]
    """One tower's own windows, neon and colours."""
    ramp, inks, night, spark = colors
    own = throw(h, I(11))
    look[LIT] = F(values[SHARE] * F(F(0.55) + F(0.9) * own))
    look[HOT] = F(values[POWER] * F(F(0.7) + F(0.7) * throw(h, I(12))))
    look[HATS] = values[TWINKLE]
    look[HALF_U] = F(F(0.24) + F(0.2) * throw(h, I(13)))
    look[HALF_V] = F(F(0.22) + F(0.16) * throw(h, I(14)))
    look[FOG] = fog
    look[STREET] = F(F(0.8) + F(1.4) * values[ENERGY])
    look[EDGE] = F(F(throw(h, I(15)) > F(0.72)) * values[SIGNS] * F(0.9))
    look[CROWN] = F(F(throw(h, I(16)) > F(0.6)) * values[SIGNS] * F(1.1))
    pillar = throw(h, I(17)) > F(0.8)
    band = values[BASS] if throw(h, I(18)) < F(0.5) else values[MIDS]
    look[LEVEL] = F(F(34) * band * F(F(0.4) + F(0.6) * own)) if pillar else F(-1)
    look[BANDS] = F(throw(h, I(19)) > F(0.82))
    look[FRONT] = values[CLIMB]
    look[KICK] = values[THRUST]
    look[TICK] = values[WHICH]
    slot = I(fract(F(values[HUE] + F(0.34) * throw(h, I(20)))) * F(RAMP_STEPS - 1))
    other = I(fract(F(values[HUE] + F(0.5) + F(0.3) * throw(h, I(21)))) * F(RAMP_STEPS - 1))
    for c in range(3):
        cols[BODY, c] = F(night[c] * F(0.7) + inks[2, c] * F(0.012) + ramp[slot, c] * F(0.010))
        cols[WARM, c] = F(ramp[slot, c] * F(0.95) + spark[c] * F(0.12))
        cols[COOL, c] = F(ramp[other, c] * F(0.85) + spark[c] * F(0.14))
        cols[NEON, c] = F(ramp[other, c] * F(1.3) + spark[c] * F(0.12))
        cols[AIR, c] = F(
            F(inks[0, c] * F(0.7) + inks[2, c] * F(0.8)) * F(F(0.035) + F(0.04) * values[ENERGY])
        )


@njit(**KERNEL)
def hang_sign(light, free, water, view, back, eye, box, banks, look, cols, h, values):  # type: ignore[no-untyped-def]
    """A sign of letters; some flicker as old neon does."""
    lively = throw(h, I(40))
    look[HOT] = F(values[SIGNS] * F(F(0.7) + F(0.6) * lively))
    if lively > F(0.8):
        look[HOT] = F(
            look[HOT] * F(F(0.7) + F(0.3) * sin_f(F(values[FLOW] * F(9) + F(20) * lively)))
        )
    paint_sign(light, free, water, view, back, eye, box, banks, cols[NEON], look, h)


@njit(**INLINE)
def place_box(box, left, wide, z, tall):  # type: ignore[no-untyped-def]
    """Fill the ends of a tower that is as deep as it is wide."""
    box[0] = left
    box[1] = F(left + wide)
    box[2] = z
    box[3] = F(z + wide)
    box[4] = tall
