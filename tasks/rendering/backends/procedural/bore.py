"""What all passages have in common: their bends, their lamps in a row, specks that fly past."""

from numba import njit

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
from tasks.rendering.backends.procedural.strokes import add_line

BEND_DEPTH = 0.9  # depth at which half of a bend's reach is seen
STREAK_FAR = 9.0  # depth at which a speck appears
# Places in the row of values that every passage's kernels are handed for a frame.
(
    TRAVEL,
    ROLL,
    TWIST,
    HUE,
    HUE_STEP,
    POWER,
    ENERGY,
    BASS,
    HIGHS,
    KICK,
    FRONT,
    FAR_X,
    FAR_Y,
    WIDTH,
    PIXEL,
    DROP,
    SPECKS,
    OWN,
) = range(18)


@njit(**INLINE)
def bend(z, far):  # type: ignore[no-untyped-def]
    """How far the middle of a passage is seen beside its mouth at depth z; `far` at its end."""
    return F(far * F(z / F(z + F(BEND_DEPTH))))


@njit(**INLINE)
def lamp(at, z, seed, power, kick, front):  # type: ignore[no-untyped-def]
    """Light at place `at` of the row of lamps, at depth z.

    Lamp n rules from n to n + 1; its neighbours take over softly at the ends. A kick sends a wave
    of light down the row.
    """
    name = floor_i(at)
    part = F(at - F(name))
    side = I(1) if part > F(0.5) else I(-1)
    own = unit(mix(U(U(name) * U(0x9E3779B1) ^ seed)))
    other = unit(mix(U(U(name + side) * U(0x9E3779B1) ^ seed)))
    share = smooth(F(0.2), F(0.8), F(abs(F(part - F(0.5)))))
    lively = F(own + F(other - own) * share)
    away = F(F(z - front) * F(1.1))
    wave = F(F(kick * F(0.52)) / F(F(1) + away * away))
    return F(power * F(F(0.35) + F(0.9) * lively * lively + wave))


@njit(**INLINE)
def hue_of(at, hue, hue_step):  # type: ignore[no-untyped-def]
    """Place in the palette's gradient at place `at` of the row of lamps: even, then a soft step."""
    name = floor_i(at)
    part = F(at - F(name))
    step = F(smooth(F(0.78), F(1.22), part) - smooth(F(0.22), F(-0.22), part))
    turn = fract(F(hue + hue_step * F(F(name) + step) + F(0.001)))
    return I(turn * F(RAMP_STEPS - 1))


@njit(**KERNEL)
def fly_specks(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add specks of light that fly past, drawn as long as they are fast."""
    size = F(F(light.shape[1]) * F(1.0 / 480.0))
    for k in range(I(values[SPECKS])):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ U(seed + U(11))))
        run = fract(
            F(values[TRAVEL] * F(0.11) * F(F(0.8) + F(0.5) * unit(mix(U(h + U(4))))) + unit(h))
        )
        z = F(F(STREAK_FAR) * F(F(1) - run) + F(0.15))
        angle = F(unit(mix(U(h + U(1)))) * F(6.2831853))
        reach = F(F(0.15) + F(0.58) * unit(mix(U(h + U(2)))))
        long = F(F(0.10) + F(0.16) * values[ENERGY] + F(0.3) * values[DROP])
        ax, ay = _seen(cos_f(angle), sin_f(angle), reach, z, values)
        bx, by = _seen(cos_f(angle), sin_f(angle), reach, F(z + long), values)
        fade = F(smooth(F(0), F(0.25), run) * F(run * run) * F(F(0.5) + values[POWER]))
        fade = F(fade * F(F(0.5) + F(1.4) * values[HIGHS] * unit(mix(U(h + U(3))))))
        slot = I(unit(mix(U(h + U(5)))) * F(RAMP_STEPS - 1))
        c0 = F(ramp[slot, 0] + spark[0] * F(0.25))
        c1 = F(ramp[slot, 1] + spark[1] * F(0.25))
        c2 = F(ramp[slot, 2] + spark[2] * F(0.25))
        wide = F(size * F(F(0.8) + F(1.0) / F(z + F(0.4))))
        add_line(
            light,
            F(back[0] * bx + back[1] * by + back[2]), F(back[3] * bx + back[4] * by + back[5]),
            F(back[0] * ax + back[1] * ay + back[2]), F(back[3] * ax + back[4] * ay + back[5]),
            F(wide * F(0.7)), wide, c0, c1, c2, F(fade * F(0.2)), fade,
        )  # fmt: skip


@njit(**INLINE)
def _seen(cosine, sine, reach, z, values):  # type: ignore[no-untyped-def]
    """Scene place of a point of the passage."""
    x = F(cosine * reach / z + bend(z, values[FAR_X]))
    y = F(sine * reach / z + bend(z, values[FAR_Y]))
    return x, y
