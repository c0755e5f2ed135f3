"""Fire, powder and shells that swell from a blow, its rays, its light and its shock fronts."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.debris import (
    BASS,
    BEAT,
    BLOW,
    ECHO,
    ENERGY,
    FLOW,
    HUE,
    SINCE_BLOW,
    SINCE_ECHO,
)
from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    atan2_f,
    clamp01,
    cos_f,
    decay,
    floor_i,
    lerp,
    noise,
    row_fbm,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS

SMOKE_STEP = 4  # pixels a sample of the fire
RAYS = 1024  # directions that a ray's light is worked out for
GROWTH = 1.1  # log scale by which fire swells before its picture is renewed
SHOCK_REACH = 2.7  # half-heights the shock runs before it has gone
SHOCK_HALF_S = 0.5  # seconds to half of that
# Places in the row of values, after those of `debris`.
RAY_LIGHT, CORE_LIGHT, SMOKE, PUFF, SHELL, PLUME, KICK = range(11, 18)


@njit(**KERNEL)
def fire(smoke, view, seed, values):  # type: ignore[no-untyped-def]
    """Turbulence that swells from the centre for ever: two pictures, each renewed out of sight."""
    rows, columns = smoke.shape
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    bend = np.empty(columns, np.float32)
    layer = np.empty(columns, np.float32)
    kick = F(F(1) - decay(F(max(values[SINCE_BLOW], F(0)) * F(2))))
    swell = F(values[FLOW] * F(0.22) + kick * F(F(0.15) + F(0.85) * values[ENERGY]))
    for r in range(rows):
        for x in range(columns):
            smoke[r, x] = F(0)
        for k in range(2):
            phase = F(swell + F(0.5) * F(I(k)))
            cycle = floor_i(phase)
            part = F(phase - F(cycle))
            zoom = F(F(2.6) * _exp_small(F(F(-GROWTH) * part)))
            weight = F(F(1) - F(abs(F(F(2) * part - F(1)))))
            shift = F(F(I(cycle * 2 + k)) * F(7.31))
            for turn in range(2):
                for x in range(columns):
                    px = F(F(I(x - 1)) * F(SMOKE_STEP))
                    py = F(F(I(r - 1)) * F(SMOKE_STEP))
                    a = F(view[0] * px + view[1] * py + view[2])
                    b = F(view[3] * px + view[4] * py + view[5])
                    lean = F(bend[x] * F(1.1)) if turn == 1 else F(0)
                    xs[x] = F(a * zoom + shift + lean + F(40))
                    ys[x] = F(b * zoom - shift + lean * F(0.7) + F(F(9) * F(I(1 - turn))) + F(40))
                target = bend if turn == 0 else layer
                row_fbm(target, xs, ys, U(seed + U(turn * 77)), I(2 + turn * 2), F(0.95))
            for x in range(columns):
                smoke[r, x] += F(weight * layer[x])


@njit(**INLINE)
def _exp_small(x):  # type: ignore[no-untyped-def]
    """exp(x) for x in about -1.5..0."""
    h = F(x * F(0.25))
    e = F(F(1) + h * F(F(1) + h * F(F(0.5) + h * F(0.1666667))))
    e = F(e * e)
    return F(e * e)


@njit(**KERNEL)
def rays(rays, seed, values):  # type: ignore[no-untyped-def]
    """Light of each direction: noise around a circle, so that it closes on itself."""
    t = F(values[FLOW] * F(0.35))
    for k in range(RAYS + 1):
        a = F(F(I(k)) * F(6.2831853 / RAYS))
        x = cos_f(a)
        y = sin_f(a)
        wide = noise(F(x * F(1.7) + t + F(20)), F(y * F(1.7) + F(20)), seed)
        fine = noise(F(x * F(6) - t + F(30)), F(y * F(6) + t + F(30)), U(seed + U(5)))
        thin = noise(F(x * F(19) + F(50)), F(y * F(19) + t * F(1.6) + F(50)), U(seed + U(9)))
        k0 = clamp01(F(F(0.42) + wide * F(0.8) + fine * F(0.7) + thin * F(0.5)))
        rays[0, k] = F(k0 * k0 * k0)
        rays[1, k] = smooth(F(-0.12), F(0.12), F(fine + wide * F(0.6)))


@njit(**KERNEL)
def burst(light, wide, rays, view, inks, ramp, night, spark, values):  # type: ignore[no-untyped-def]
    """Paint air, rays, fire, cloud, core and shock fronts at every pixel.

    Args:
        light: Linear light, shape (3, height, width); overwritten.
        wide: What `fire` has made, widened.
        rays: What `rays` has made.
        view: From pixels to the picture's half-heights.
        inks: The palette's inks, shape (4, 3).
        ramp: Its ramp.
        night: Its darkest colour.
        spark: Its lightest colour.
        values: Row of values, as `debris` and this module number them.
    """
    _, height, width = light.shape
    fire = np.empty(width, np.float32)
    polar = np.empty((3, width), np.float32)
    parts = np.empty((9, width), np.float32)
    place = np.empty(width, np.int32)
    for y in range(height):
        blend_row(wide, y, I(SMOKE_STEP), fire)
        _polar_row(polar, view, y)
        _beam_row(parts[1], parts[5], polar[1], rays)
        _flame_row(parts, place, fire, polar, values)
        _plume_row(parts, fire, polar, values)
        _core_row(parts, polar[0], values)
        for c in range(3):
            n = F(night[c] * F(0.6))
            hot = F(spark[c] * F(0.22) + inks[0, c] * F(0.8))
            early = F(inks[0, c] + spark[c] * F(0.2))
            late = F(inks[1, c] + spark[c] * F(0.2))
            for x in range(width):
                flame = F(ramp[place[x], c] * parts[0, x])
                ray = F(inks[0, c] * parts[1, x] + inks[1, c] * parts[5, x])
                shock = F(early * parts[3, x] + late * parts[4, x])
                behind = F(n + ray + inks[2, c] * parts[8, x])
                cloud = F(n * F(0.5) + ramp[place[x], c] * parts[7, x])
                seen = F(behind + F(cloud - behind) * parts[6, x])
                light[c, y, x] = F(F(seen + flame) + F(hot * parts[2, x]) + shock)


@njit(**KERNEL)
def _polar_row(polar, view, y):  # type: ignore[no-untyped-def]
    """Distance from the centre, direction in rays, and how far it is turned to a lamp above."""
    for x in range(polar.shape[1]):
        px = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
        py = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
        polar[0, x] = F(np.sqrt(F(px * px + py * py)))
        polar[2, x] = F(F(F(-0.55) * px - F(0.8) * py) / F(polar[0, x] + F(0.15)))
        polar[1, x] = F(atan2_f(py, px) * F(RAYS / 6.2831853) + F(RAYS / 2))


@njit(**KERNEL)
def _beam_row(first, second, direction, rays):  # type: ignore[no-untyped-def]
    """Light of the rays, split between their two colours."""
    for x in range(first.shape[0]):
        a = direction[x]
        slot = I(min(max(I(a), I(0)), I(RAYS - 1)))
        part = F(a - F(slot))
        beam = lerp(rays[0, slot], rays[0, slot + 1], part)
        tint = lerp(rays[1, slot], rays[1, slot + 1], part)
        second[x] = F(beam * tint)
        first[x] = F(F(beam - beam * tint) * F(2.0))


@njit(**KERNEL)
def _flame_row(parts, place, fire, polar, values):  # type: ignore[no-untyped-def]
    """Fire, pushed aside by the shocks that run through it."""
    radius0, power0 = _shock(values[SINCE_BLOW], F(F(0.2) + F(0.9) * values[ENERGY]))
    radius1, power1 = _shock(values[SINCE_ECHO], F(F(0.1) + F(0.6) * values[ENERGY]))
    power1 = F(power1 * F(0.6))
    heat = F(F(0.9) * values[BLOW] + F(0.25) * values[ECHO] + F(0.22))
    heat = F(heat + F(0.55) * values[ENERGY] + F(0.25) * values[BASS])
    hue = values[HUE]
    own = F(F(0.8) - F(0.55) * values[PUFF])
    turned = F(F(0.16) * values[PUFF])
    for x in range(fire.shape[0]):
        r = polar[0, x]
        push = F(_ring(r, radius0, F(20)) * power0 + _ring(r, radius1, F(25)) * power1)
        f = F(fire[x] + F(0.5) - F(0.10) * r)
        body = smooth(F(0.30), F(1.0), F(f + F(0.22) * push))
        fall = F(F(1) / F(F(0.55) + r * r * F(0.9)))
        vein = F(F(1) / F(F(1) + F(34) * F(f - F(0.56)) * F(f - F(0.56))))
        parts[0, x] = F(body * F(F(0.16) + F(0.75) * body + F(0.7) * vein) * heat * fall)
        h = F(f * own + r * F(0.22) + hue + turned * polar[2, x])
        place[x] = I(F(F(h - F(floor_i(h))) * F(RAMP_STEPS - 1)))


@njit(**KERNEL)
def _plume_row(parts, fire, polar, values):  # type: ignore[no-untyped-def]
    """What the cloud covers, how it is lit, and the air behind it; fire only where it is open."""
    smoke, puff, shell, size = values[SMOKE], values[PUFF], values[SHELL], values[PLUME]
    power = F(F(0.4) + F(0.5) * values[ENERGY] + F(0.35) * values[BLOW] + F(0.2) * values[ECHO])
    last = fire.shape[0] - 1
    reach = last // 90 + 1
    power = F(power * F(F(1) + F(0.6) * values[KICK]))
    for x in range(fire.shape[0]):
        r = polar[0, x]
        f = fire[x]
        out = F(F(size - r) + F(0.50) * f)
        cover = smooth(F(0), F(0.34), out)
        lump = clamp01(F(F(0.5) + F(0.9) * f))
        relief = F(fire[min(x + reach, last)] - fire[max(x - reach, 0)])
        side = F(max(F(F(0.50) + F(0.40) * polar[2, x] + F(1.5) * relief), F(0)))
        lit = F(F(0.10) + lump * lump * F(F(0.35) + F(1.1) * side))
        core = F(F(1) / F(F(1) + F(9) * r * r))
        dark = F(lump * F(F(0.03) + F(0.10) * side) + core * F(0.25))
        d = F(F(r - size * F(1.1)) + F(0.22) * f)
        skin = F(F(1) / F(F(1) + F(70) * d * d))
        skin = F(skin + F(0.35) / F(F(1) + F(900) * d * d))
        hollow = F(F(0.10) * smooth(F(0.1), F(-0.3), d))
        parts[6, x] = F(cover * F(smoke * F(F(0.35) + F(0.65) * smooth(F(0.25), F(0.5), lump))
                                  + puff * F(0.96)))  # fmt: skip
        parts[7, x] = F(power * F(smoke * dark + puff * lit * F(1.15)))
        veil = F(power * F(0.13) / F(F(1) + F(1.1) * r * r))
        parts[8, x] = F(veil * F(F(1) - shell * F(0.75)))
        hole = F(F(1) - smoke * F(F(1) - core) * F(0.5))
        inside = F(F(1) - puff * F(0.92))
        glow = F(parts[0, x] * hole * inside * F(F(1) - shell * F(0.8)))
        parts[0, x] = F(glow + shell * power * F(F(0.75) * skin * F(F(0.4) + lump) + hollow * lump))


@njit(**KERNEL)
def _core_row(parts, distance, values):  # type: ignore[no-untyped-def]
    """Burst, fall of the rays, and the shock fronts in two colours that part at their edge."""
    radius0, power0 = _shock(values[SINCE_BLOW], F(F(0.2) + F(0.9) * values[ENERGY]))
    radius1, power1 = _shock(values[SINCE_ECHO], F(F(0.1) + F(0.6) * values[ENERGY]))
    blow, echo, energy, bass, beat = (
        values[BLOW],
        values[ECHO],
        values[ENERGY],
        values[BASS],
        values[BEAT],
    )
    flash = F(F(1.6) * blow + F(0.55) * echo + F(0.10) + F(0.16) * energy + F(0.14) * bass)
    flash = F(flash * values[CORE_LIGHT])
    beams = F(F(0.9) * blow + F(0.4) * echo + F(0.12) + F(0.4) * energy + F(0.2) * beat)
    beams = F(beams * F(1.5) * values[RAY_LIGHT])
    apart = F(radius0 * F(0.02))
    for x in range(distance.shape[0]):
        r = distance[x]
        fall = F(F(beams * r) / F(F(r + F(0.12)) * F(F(0.35) + r * F(1.3))))
        parts[1, x] *= fall
        parts[5, x] *= fall
        q = F(r * r)
        parts[2, x] = F(flash * F(F(0.020) / F(F(0.012) + q) + F(0.03) / F(F(0.15) + q)))
        other = F(_ring(r, radius1, F(60)) * power1)
        parts[3, x] = F(_ring(F(r - apart), radius0, F(45)) * power0 + other * F(0.5))
        parts[4, x] = F(_ring(r, radius0, F(45)) * power0 + other * F(0.5))


@njit(**INLINE)
def _shock(age, strength):  # type: ignore[no-untyped-def]
    """Radius and power of a shock front that started `age` seconds ago."""
    if age < F(0) or age > F(4):
        return F(-9), F(0)
    k = F(age / F(age + F(SHOCK_HALF_S)))
    return F(F(SHOCK_REACH) * k), F(strength * decay(F(age * F(1.9))))


@njit(**INLINE)
def _ring(r, radius, sharpness):  # type: ignore[no-untyped-def]
    """A bright line at a radius."""
    d = F(F(r - radius) * sharpness)
    k = F(F(1) / F(F(1) + d * d))
    return F(k * k)
