"""A plain of black glass below a horizon, with a mesh of light that waves run through.

The height of the plain is a sum of sines and of a ring that a kick sends out. A ray meets it by a
few steps of fixed-point search, which suffices for waves as low as these; the mirrored sky, the
rims of the waves and the width of the lines all follow from the analytic slope there. Lines finer
than a pixel fade to their mean.
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
    decay,
    floor_i,
    mix,
    noise,
    sin_f,
    smooth,
    unit,
)

FOG = 0.11  # light of the mesh lost a unit of depth
FARTHEST = 26.0  # depth beyond which the plain is not told apart
SEARCH_STEPS = 3
STARS = 34.0  # cells of stars a half-height
# Places in the row of values.
(
    EYE_X,
    EYE_Y,
    GROUND,  # height of the eye above the plain
    TRAVEL,
    DRIFT,  # sideways
    SWELL,  # height of the waves
    PHASE,  # of the waves
    RING,  # height of the kick's ring
    RING_AT,  # how far it has come
    PITCH,  # lines a unit
    LINE,  # light of the mesh
    WIDE,  # half-width of a line, in cells
    KNOTS,  # light of the crossings
    SUN_X,
    SUN_Y,
    SUN_SIZE,
    SUN,  # its light
    AIR,  # light at the horizon
    MIRROR,  # share of the sky that the plain gives back
    GLINTS,  # share of crossings that sparkle
    TICK,  # which ones do
    SKEW,  # how far the mesh is turned: 0 straight, 1 by 45 degrees
    MESH_VALUES,
) = range(23)
# Rows of the strip that a line of the picture is shaded in.
GLOW, DISC, STAR, MESH, CREST, DOT, PARTS = range(7)


@njit(**KERNEL)
def paint_plain(light, view, inks, night, spark, seed, values):  # type: ignore[no-untyped-def]
    """Fill the picture with the sky and the plain that mirrors it."""
    _, height, width = light.shape
    strip = np.zeros((PARTS, width), np.float32)
    for y in range(height):
        x0 = F(view[1] * F(I(y)) + view[2] - values[EYE_X])
        y0 = F(view[4] * F(I(y)) + view[5] - values[EYE_Y])
        _sky_row(strip, x0, y0, view[0], view[3], seed, values)
        if max(y0, F(y0 + view[3] * F(width))) > F(0):
            _plain_row(strip, x0, y0, view[0], view[3], seed, values)
        for c in range(3):
            _mix_row(light[c, y], strip, inks[:, c], night[c], spark[c])


@njit(**KERNEL)
def _mix_row(out, strip, ink, night, spark):  # type: ignore[no-untyped-def]
    air, low, high = ink[1], ink[0], F(ink[2] * F(0.35) + ink[0] * F(0.75))
    crest = F(ink[3] + spark * F(0.25))
    for x in range(out.shape[0]):
        k = clamp01(strip[CREST, x])
        line = F(low + F(crest - low) * k)
        total = F(night * F(0.12) + air * strip[GLOW, x] + spark * strip[STAR, x])
        total = F(total + F(high + spark * F(0.12)) * strip[DISC, x])
        out[x] = F(total + line * strip[MESH, x] + spark * strip[DOT, x])


@njit(**INLINE)
def _glow(az, up, values):  # type: ignore[no-untyped-def]
    """Light of the air at the horizon and about the sun."""
    ex = F(az - values[SUN_X])
    ey = F(up + values[SUN_Y])
    near = F(F(1) / F(F(1) + F(1.6) * ex * ex))
    band = F(F(1) / F(F(1) + F(14) * up + F(40) * up * up))
    halo = F(values[SUN] * F(0.16) / F(F(1) + F(9) * F(ex * ex + ey * ey)))
    return F(values[AIR] * band * F(F(0.35) + F(0.65) * near) + halo)


@njit(**INLINE)
def _sun(az, up, soft, values):  # type: ignore[no-untyped-def]
    """Light of the sun's disc, which fades towards the horizon."""
    ex = F(az - values[SUN_X])
    ey = F(up + values[SUN_Y])
    r = F(np.sqrt(F(ex * ex + ey * ey)))
    size = values[SUN_SIZE]
    k = clamp01(F(F(size - r) / soft + F(0.5)))
    v = F(F(0.5) + F(0.5) * ey / size)
    return F(values[SUN] * k * F(F(0.25) + F(0.75) * clamp01(v)))


@njit(**KERNEL)
def _sky_row(strip, x0, y0, ax, ay, seed, values):  # type: ignore[no-untyped-def]
    pixel = F(np.sqrt(F(ax * ax + ay * ay)))
    for x in range(strip.shape[1]):
        sx = F(x0 + ax * F(I(x)))
        up = F(max(F(-F(y0 + ay * F(I(x)))), F(0)))
        strip[GLOW, x] = _glow(sx, up, values)
        strip[DISC, x] = _sun(sx, up, F(pixel * F(1.5)), values)
        cx, cy = F(sx * F(STARS)), F(up * F(STARS))
        h = mix(U(U(U(floor_i(cx)) * U(0x9E3779B1)) ^ U(U(floor_i(cy)) * U(0x85EBCA6B)) ^ seed))
        ux = F(cx - F(floor_i(cx)) - F(0.25) - F(0.5) * unit(h))
        uy = F(cy - F(floor_i(cy)) - F(0.25) - F(0.5) * unit(U(h * U(0x2C1B3C6D))))
        point = F(F(1) / F(F(1) + F(ux * ux + uy * uy) * F(500)))
        few = smooth(F(0.82), F(1), unit(U(h * U(0x7FEB352D))))
        clear = F(smooth(F(0.05), F(0.5), up) * F(strip[DISC, x] < F(0.02)))
        strip[STAR, x] = F(F(0.9) * point * point * few * clear)
        strip[MESH, x] = F(0)
        strip[CREST, x] = F(0)
        strip[DOT, x] = F(0)


@njit(**INLINE)
def _wave(a, b, phase, swell):  # type: ignore[no-untyped-def]
    """Height and both slopes of the waves at a place of the plain."""
    p = F(F(0.83) * a + F(0.61) * b + phase)
    q = F(F(-0.57) * a + F(1.13) * b - F(0.71) * phase)
    s = F(F(1.9) * a - F(0.35) * b + F(1.31) * phase)
    h = F(sin_f(p) + F(0.55) * sin_f(q) + F(0.28) * sin_f(s))
    cp, cq, cs = sin_f(F(p + F(1.5708))), sin_f(F(q + F(1.5708))), sin_f(F(s + F(1.5708)))
    ha = F(F(0.83) * cp - F(0.3135) * cq + F(0.532) * cs)
    hb = F(F(0.61) * cp + F(0.6215) * cq - F(0.098) * cs)
    return F(swell * h), F(swell * ha), F(swell * hb)


@njit(**INLINE)
def _ring(a, z, at, high):  # type: ignore[no-untyped-def]
    """Height and slope outwards of the ring about the foot of the viewer."""
    r = F(np.sqrt(F(a * a + z * z)))
    k = F(F(r - at) * F(1.5))
    bell = F(F(1) / F(F(1) + k * k))
    return F(high * bell * bell), F(F(-6.0) * high * k * bell * bell * bell)


@njit(**INLINE)
def _stroke(place, wide, foot):  # type: ignore[no-untyped-def]
    """Light of a line at the whole numbers of `place`, never finer than a pixel."""
    d = F(abs(F(place - F(floor_i(F(place + F(0.5)))))))
    core = F(wide + foot * F(0.7))
    k = F(F(1) / F(F(1) + F(d * d) / F(core * core)))
    fade = smooth(F(0.7), F(0.2), foot)
    return F(F(k * k * F(wide / core)) * fade + F(wide * F(1.5)) * F(F(1) - fade))


@njit(**KERNEL)
def _plain_row(strip, x0, y0, ax, ay, seed, values):  # type: ignore[no-untyped-def]
    """Where a ray meets the waves: what is mirrored there, and the mesh upon it."""
    pixel = F(np.sqrt(F(ax * ax + ay * ay)))
    ground, travel, drift = values[GROUND], values[TRAVEL], values[DRIFT]
    swell, phase, ring, ring_at = values[SWELL], values[PHASE], values[RING], values[RING_AT]
    pitch, wide, skew = values[PITCH], values[WIDE], values[SKEW]
    for x in range(strip.shape[1]):
        sx = F(x0 + ax * F(I(x)))
        d = F(y0 + ay * F(I(x)))
        down = F(max(d, F(ground / F(FARTHEST))))
        z = F(ground / down)
        flat = F(F(2) * pixel * z * z / ground)
        ease = F(F(1) / F(F(F(1) + F(0.012) * z * z) * F(F(1) + flat * flat)))
        for _ in range(SEARCH_STEPS):
            h, _ha, _hb = _wave(F(sx * z + drift), F(z + travel), phase, F(swell * ease))
            lift, _rise = _ring(F(sx * z), z, ring_at, F(ring * ease))
            z = F(F(0.35) * z + F(0.65) * F(max(F(ground - h - lift), F(0.02)) / down))
        a, b = F(sx * z + drift), F(z + travel)
        h, ha, hb = _wave(a, b, phase, F(swell * ease))
        lift, rise = _ring(F(sx * z), z, ring_at, F(ring * ease))
        out = F(rise / F(np.sqrt(F(F(1) + sx * sx))))
        ha = F(ha + sx * out)
        hb = F(hb + out)
        n2 = F(F(1) + ha * ha + hb * hb)
        q = F(F(2) * F(sx * ha + down + hb) / n2)
        rz = F(max(F(F(1) - q * hb), F(0.15)))
        up = F(abs(F(F(q - down) / rz)))
        az = F(F(sx - q * ha) / rz)
        steep = F(F(0.5) * q / F(np.sqrt(F(F(F(1) + sx * sx + down * down) / n2))))
        glance = F(F(1) - clamp01(steep))
        fresnel = F(values[MIRROR] * F(F(0.10) + F(0.9) * glance * glance * glance))
        below = clamp01(F(d / pixel + F(0.5)))
        keep = F(F(1) - below)
        strip[GLOW, x] = F(strip[GLOW, x] * keep + below * fresnel * _glow(az, up, values))
        disc = _sun(az, up, F(F(0.05) + F(0.5) * values[SUN_SIZE]), values)
        strip[DISC, x] = F(strip[DISC, x] * keep + below * fresnel * disc)
        strip[STAR, x] = F(strip[STAR, x] * keep)
        u = F(F(a + skew * b) * pitch)
        v = F(F(b - skew * a) * pitch)
        foot_x = F(pixel * z * pitch)
        foot_z = F(pixel * z * F(np.sqrt(F(F(1) + sx * sx + z * z / F(ground * ground)))) * pitch)
        side = F(foot_x + skew * foot_z)
        ahead = F(foot_z + skew * foot_x)
        lines = F(max(_stroke(u, wide, side), _stroke(v, wide, ahead)))
        iu, iv = floor_i(F(u + F(0.5))), floor_i(F(v + F(0.5)))
        du, dv = F(u - F(iu)), F(v - F(iv))
        knot = F(F(2.2) * wide + ahead)
        dot = F(F(1) / F(F(1) + F(du * du + dv * dv) / F(knot * knot)))
        fade = smooth(F(0.6), F(0.1), ahead)
        dot = F(dot * dot * fade)
        hash_ = mix(U(U(U(iu) * U(0x9E3779B1)) ^ U(U(iv) * U(0x85EBCA6B)) ^ seed))
        turn = mix(U(hash_ + U(U(I(values[TICK])) * U(0x7FEB352D))))
        glint = F(unit(turn) < values[GLINTS])
        patch = F(F(0.55) + F(0.9) * noise(F(a * F(0.45)), F(b * F(0.45)), seed))
        crest = F(F(0.34) + F(0.42) * F(h / F(max(swell, F(0.02)))) + F(3.0) * lift)
        clear = F(below * decay(F(max(F(z - F(0.8)), F(0)) * F(FOG))))
        strength = F(values[LINE] * clear * F(max(patch, F(0.18))))
        strength = F(strength * F(F(0.45) + F(1.1) * clamp01(crest) + F(9.0) * lift))
        strip[MESH, x] = F(strength * lines)
        strip[CREST, x] = crest
        strip[DOT, x] = F(clear * dot * F(values[KNOTS] * F(max(crest, F(0))) + F(1.4) * glint))
