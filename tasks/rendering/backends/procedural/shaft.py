"""A round or many-sided shaft: panels, ribs and strips lit by rings, water on its floor."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bore import (
    BASS,
    ENERGY,
    FAR_X,
    FAR_Y,
    FRONT,
    HUE,
    HUE_STEP,
    KICK,
    OWN,
    PIXEL,
    POWER,
    ROLL,
    TRAVEL,
    TWIST,
    WIDTH,
    bend,
    hue_of,
    lamp,
)
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    atan2_f,
    clamp01,
    cos_f,
    decay,
    floor_i,
    fract,
    mix,
    noise,
    sin_f,
    smooth,
    unit,
)

# The shaft's own values, behind those that all passages share.
(
    SIDES,
    GAP,  # depth between two rings
    RING,  # light of the rings
    STRIP,  # light of the strips along the corners
    RIBS,  # ribs between two rings
    HEAT,  # glow of the cracks
    GLOSS,  # how polished the panels are
    FLOOR,  # floor under the eye; 9: none
    FOG,  # share of light lost a unit of depth
) = range(OWN, OWN + 9)
# Rows of what a pixel's ray meets.
Z, TURN, ACROSS, FOOT, MIRROR = range(5)
SHINE, CLEAR = range(2)  # rows of what the lamps and the air do there
NEON, SEAM, BODY, MIST, WHITE = range(5)  # rows of light by what shines
SMEAR = 0.06  # how much the wet floor softens what it mirrors, a unit of the way to it
GLINT = 0.10  # width of the light that polish draws from a strip, sides


@njit(**KERNEL)
def paint_shaft(light, view, inks, ramp, night, spark, seed, values):  # type: ignore[no-untyped-def]
    """Fill the picture with the shaft; values as named here and in `bore`."""
    _, height, width = light.shape
    wall = np.empty((5, width), np.float32)
    rough = np.empty((2, width), np.float32)
    lit = np.empty((2, width), np.float32)
    parts = np.empty((5, width), np.float32)
    place = np.empty(width, np.int32)
    for y in range(height):
        _find_wall(wall, view, y, values)
        _roughen(rough, wall, seed, values)
        _light_lamps(lit, place, wall, seed, values)
        _light_rings(parts, wall, rough, lit, values)
        _light_strips(parts, wall, rough, lit, values)
        _light_panels(parts, wall, rough, lit, seed, values)
        for c in range(3):
            fog = F(inks[0, c] * F(0.8) + inks[2, c] * F(0.4))
            hot = F(spark[c] * F(0.45))
            for x in range(width):
                tint = ramp[place[x], c]
                neon = F(F(tint + hot * parts[WHITE, x]) * parts[NEON, x])
                seam = F(inks[1, c] * parts[SEAM, x])
                body = F(F(tint * F(0.75) + inks[2, c] * F(0.25)) * parts[BODY, x])
                k = F(F(neon + seam + body) * wall[MIRROR, x] + fog * parts[MIST, x])
                light[c, y, x] = F(k + night[c] * F(0.5))


@njit(**KERNEL)
def _find_wall(wall, view, y, values):  # type: ignore[no-untyped-def]
    """Depth, angle in turns, place across a side -0.5..0.5, pixel size in depth, mirrored light."""
    sector = F(F(1) / values[SIDES])
    radius, low = values[WIDTH], values[FLOOR]
    for x in range(wall.shape[1]):
        px = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
        py = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
        qx = F(px - values[FAR_X])
        qy = F(py - values[FAR_Y])
        z = F(radius / F(np.sqrt(F(qx * qx + qy * qy + F(0.0008)))))
        for _ in range(3):
            qx = F(px - bend(z, values[FAR_X]))
            qy = F(py - bend(z, values[FAR_Y]))
            z = F(radius / F(np.sqrt(F(qx * qx + qy * qy + F(0.0008)))))
        wet_z = F(low / F(max(qy, F(1e-4))))
        wet = wet_z < z
        ripple = F(sin_f(F(F(wet_z + values[TRAVEL]) * F(7) + qx * wet_z * F(3))) * F(0.02))
        ripple = F(ripple + F(0.014) * sin_f(F(F(wet_z + values[TRAVEL]) * F(4.3) - qx * F(17))))
        ripple = F(ripple / F(F(1) + wet_z * wet_z * values[PIXEL] * F(30)))
        rx = F(qx + ripple)
        square = F(rx * rx + qy * qy + F(0.0008))
        b = F(F(2) * low * qy)
        inside = F(b * b - square * F(F(4) * low * low - radius * radius))
        up_z = F(F(b + F(np.sqrt(F(max(inside, F(0)))))) / square)
        z = up_z if wet else z
        hx = F(rx) if wet else qx
        hy = F(F(low + low) / z - qy) if wet else qy
        a = F(atan2_f(hy, hx) * F(0.15915494) + values[ROLL] * F(0.16) + values[TWIST] * z)
        v = F(a * values[SIDES])
        v = F(v - F(floor_i(v)) - F(0.5))
        z = F(z / cos_f(F(v * sector * F(6.2831853))) * F(0.97))
        wall[Z, x] = z
        wall[TURN, x] = a
        wall[ACROSS, x] = v
        foot = F(z * z * values[PIXEL] / radius)
        wall[FOOT, x] = F(foot + F(SMEAR) * F(z - wet_z)) if wet else foot
        graze = F(F(1) / F(F(1) + F(9) * qy * qy))
        kerb = smooth(F(0), F(0.10), F(F(z - wet_z) / z))
        wall[MIRROR, x] = F(F(F(0.03) + F(0.42) * graze) * kerb) if wet else F(1)


@njit(**KERNEL)
def _roughen(rough, wall, seed, values):  # type: ignore[no-untyped-def]
    """Stains of the walls and their cracks: noise around the shaft, so that it closes on itself."""
    heat = values[HEAT]
    for x in range(rough.shape[1]):
        a = F(wall[TURN, x] * F(6.2831853))
        w = F(F(min(wall[Z, x], F(30))) + values[TRAVEL])
        k = noise(
            F(cos_f(a) * F(1.6) + w * F(0.9) + F(50)), F(sin_f(a) * F(1.6) + w * F(0.5)), seed
        )
        rough[0, x] = clamp01(F(F(0.5) + k * F(1.1)))
        if heat > F(0):
            near = F(F(1) / F(F(1) + F(30) * wall[FOOT, x]))
            fine = noise(F(cos_f(a) * F(7) + w * F(4.3)), F(sin_f(a) * F(7) - w * F(2.9)), seed)
            k = F(k + F(0.16) * near * fine)
        wide = F(F(0.016) + wall[FOOT, x] * F(0.5))
        rough[1, x] = F(F(wide * wide / F(k * k + wide * wide)) * F(F(0.016) / wide))


@njit(**KERNEL)
def _light_lamps(lit, place, wall, seed, values):  # type: ignore[no-untyped-def]
    """Light of the lamp that rules a place (0), how clear the air is (1); where its colour is."""
    power, kick, front = values[POWER], values[KICK], values[FRONT]
    travel, fog, gap = values[TRAVEL], values[FOG], F(F(1) / values[GAP])
    hue, hue_step = values[HUE], values[HUE_STEP]
    for x in range(place.shape[0]):
        z = wall[Z, x]
        at = F(F(F(min(z, F(60))) + travel) * gap + F(0.5))
        shine = lamp(at, z, seed, power, kick, front)
        lit[SHINE, x] = F(shine * F(F(0.24) + F(0.76) * smooth(F(0.3), F(3.2), z)))
        lit[CLEAR, x] = decay(F(z * fog))
        place[x] = hue_of(at, hue, hue_step)


@njit(**KERNEL)
def _light_rings(parts, wall, rough, lit, values):  # type: ignore[no-untyped-def]
    """Neon of the rings and glow of the cracks, and how white they are."""
    length, strength, heat = values[GAP], values[RING], values[HEAT]
    travel, energy = values[TRAVEL], values[ENERGY]
    gap = F(F(1) / length)
    for x in range(wall.shape[1]):
        z = wall[Z, x]
        w = F(F(F(min(z, F(60))) + travel) * gap + F(0.5))
        d = F(F(w - F(floor_i(w)) - F(0.5)) * length)
        foot = F(wall[FOOT, x] * F(1.2))
        thin = F(F(0.007) + F(0.017) * F(min(z, F(1))))
        core = F(thin + foot)
        ring = F(F(core * core) / F(d * d + core * core))
        ring = F(ring * F(thin / core) * F(F(0.3) + F(0.9) * ring) * F(5.1) * strength)
        shine = lit[SHINE, x]
        crack = F(rough[1, x] * heat * F(F(0.55) + F(0.40) * shine))
        crack = F(crack * F(F(0.4) + F(0.6) * smooth(F(0.4), F(2), z)))
        neon = F(ring * shine * smooth(F(0.4), F(1.5), z) + crack)
        parts[NEON, x] = F(neon * lit[CLEAR, x])
        parts[WHITE, x] = F(F(0.25) + F(0.25) * shine + F(0.4) * energy)


@njit(**KERNEL)
def _light_strips(parts, wall, rough, lit, values):  # type: ignore[no-untyped-def]
    """Strips along the corners and what polish draws from them; the fog."""
    power, strength, gloss = values[POWER], values[STRIP], values[GLOSS]
    travel, bass, gap = values[TRAVEL], values[BASS], F(F(1) / values[GAP])
    bright = F(F(0.16) + F(0.40) * power + F(0.25) * bass)
    for x in range(wall.shape[1]):
        w = F(F(F(min(wall[Z, x], F(60))) + travel) * gap)
        edge = F(F(0.5) - F(abs(wall[ACROSS, x])))
        slim = F(F(0.012) + wall[FOOT, x] * F(0.26))
        seam = F(F(slim * slim) / F(edge * edge + slim * slim))
        run = fract(F(w * F(0.31) - travel * F(0.33)))
        run = F(run * run * run * smooth(F(1), F(0.9), run))
        smear = F(gloss * F(0.16) / F(F(1) + edge * edge * F(1.0 / (GLINT * GLINT))))
        smear = F(smear * F(F(0.25) + F(1.1) * rough[0, x]))
        strip = F(seam * seam * F(F(0.012) / slim) + smear)
        clear = lit[CLEAR, x]
        parts[SEAM, x] = F(strip * F(F(0.55) + F(1.5) * run) * strength * power * clear)
        deep = F(F(1) - clear)
        parts[MIST, x] = F(deep * deep * deep * bright * F(0.8))


@njit(**KERNEL)
def _light_panels(parts, wall, rough, lit, seed, values):  # type: ignore[no-untyped-def]
    """Panels and ribs between the rings, lit by them."""
    length, count, gloss = values[GAP], values[RIBS], values[GLOSS]
    travel, sides, gap = values[TRAVEL], values[SIDES], F(F(1) / values[GAP])
    for x in range(wall.shape[1]):
        w = F(F(F(min(wall[Z, x], F(60))) + travel) * gap)
        from_ring = F(F(F(w + F(0.5)) - F(floor_i(F(w + F(0.5)))) - F(0.5)) * length)
        foot = F(wall[FOOT, x] * F(1.2))
        rib = F(w * count)
        room = floor_i(rib)
        rib = F(rib - F(room))
        blur = F(F(0.05) + foot * count * gap)
        rise = smooth(F(0), blur, rib)
        hump = F(rise * smooth(F(F(0.34) + blur), F(0.34), rib))
        face = F(rise * smooth(F(F(0.12) + blur), F(0.10), rib))
        fine = smooth(F(0.6), F(0.15), F(foot * count * gap))
        toward = F(F(1) if from_ring < F(0) else F(0.25))
        relief = F(F(1) + fine * F(F(0.9) * face * toward - F(0.55) * F(F(1) - hump)))
        across = F(F(wall[ACROSS, x] + F(0.5)) * F(2))
        half = floor_i(across)
        groove = F(F(0.5) - F(abs(F(across - F(half) - F(0.5)))))
        inset = F(F(0.3) + F(0.7) * smooth(F(0.01), F(F(0.05) + foot), groove))
        side = floor_i(F(fract(wall[TURN, x]) * sides))
        own = unit(mix(U(U(room) * U(0x85EBCA6B) ^ U(U(side * 2 + half) * U(0xC2B2AE35) ^ seed))))
        own = F(F(0.75) + F(0.5) * F(own - F(0.5)) * fine)
        stain = rough[0, x]
        near = F(F(0.62) / F(F(1) + from_ring * from_ring * F(11)))
        polish = F(gloss * F(0.25) / F(F(1) + from_ring * from_ring * F(2.5)))
        shine = lit[SHINE, x]
        matt = F(F(F(0.22) + F(0.78) * stain * stain) * inset * own * relief)
        glint = F(polish * F(F(0.35) + F(0.65) * stain) * relief)
        parts[BODY, x] = F(F(matt * F(near * shine + F(0.03)) + glint * shine) * lit[CLEAR, x])
