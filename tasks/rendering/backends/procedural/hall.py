"""A straight passage of walls: gates, arches, doors, windows or light strips over a wet floor.

Every pixel's ray meets the walls, or the front of a gate that stands in its way, or the floor and
is thrown up from there: all three by arithmetic, without marching. The floor mirrors because the
hall is unfolded below it.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bore import (
    BASS,
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
    hue_of,
    lamp,
)
from tasks.rendering.backends.procedural.hall_walls import (
    SLABS,
    door_light,
    road_dash,
    slab_tone,
    window_light,
)
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    clamp01,
    decay,
    floor_i,
    noise,
    smooth,
)

# The hall's own values, behind those that all passages share.
(
    HALF,  # half its width
    HIGH,  # ceiling over the eye
    LOW,  # floor under the eye
    DOOR_HALF,  # half the width of a gate's opening
    DOOR_HIGH,  # top of the opening over the eye
    ARCH,  # 1: the opening is round above
    GAP,  # depth between two gates
    RIM,  # light round an opening
    STRIP,  # light of the strips along the walls
    LAMP,  # light of lamps between gates
    DOOR,  # lit doors
    WINDOW,  # lit windows
    ROAD,  # dashes on the floor
    FOG,  # share of light lost a unit of depth
    GRAIN,  # roughness of the stone
) = range(OWN, OWN + 15)
# Rows of what a pixel's ray meets.
Z, X, Y, FRONT_FACE, MIRROR, FLOOR_Z, BUILT = range(7)
SHINE, CLEAR = range(2)  # rows of what the lamps and the air do there
SHARP, LIT, MIST, SECOND = range(4)  # rows of light by what shines


@njit(**KERNEL)
def paint_hall(light, view, inks, ramp, night, spark, seed, values):  # type: ignore[no-untyped-def]
    """Fill the picture with the hall; values as named here and in `bore`."""
    _, height, width = light.shape
    met = np.empty((7, width), np.float32)
    stone = np.empty(width, np.float32)
    lit = np.empty((2, width), np.float32)
    parts = np.empty((4, width), np.float32)
    place = np.empty(width, np.int32)
    for y in range(height):
        _meet(met, view, y, values)
        _grain(stone, met, seed, values)
        _light_lamps(lit, place, met, seed, values)
        _light_gates(parts, met, lit, values)
        _light_walls(parts, met, values)
        _light_holes(parts, met, seed, values)
        _finish(parts, met, stone, lit, values)
        for c in range(3):
            fog = F(inks[0, c] * F(0.75) + inks[2, c] * F(0.35))
            own = F(inks[2, c] * F(0.35))
            hot = F(spark[c] * F(0.4))
            other = F(inks[1, c])
            for x in range(width):
                tint = ramp[place[x], c]
                k = F(F(tint + hot) * parts[SHARP, x] + F(tint * F(0.65) + own) * parts[LIT, x])
                k = F(k + other * parts[SECOND, x])
                k = F(k * met[MIRROR, x] + fog * parts[MIST, x])
                light[c, y, x] = F(k + night[c] * F(0.5))


@njit(**KERNEL)
def _meet(met, view, y, values):  # type: ignore[no-untyped-def]
    """What each ray of a row meets: depth, place, a gate's front or not, by way of the floor."""
    half, high, low = values[HALF], values[HIGH], values[LOW]
    door, top, gap = values[DOOR_HALF], values[DOOR_HIGH], values[GAP]
    lean = F(values[ROLL])
    for x in range(met.shape[1]):
        sx = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
        sy = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
        px = F(sx - values[FAR_X] + lean * sy)
        py = F(sy - values[FAR_Y])
        q = F(max(F(abs(py)), F(1e-4)))
        side = F(max(F(abs(px)), F(1e-4)))
        below = F(0) if py < F(0) else F(low + low)
        wall_z = F(min(F(half / side), F(F(below + high) / q)))
        open_z = F(door / side)
        round_at = F(below + top - door)
        square = F(px * px + q * q)
        inside = F(round_at * round_at * q * q - square * F(round_at * round_at - door * door))
        arch_z = F(F(round_at * q + F(np.sqrt(F(max(inside, F(0)))))) / square)
        flat_z = F(min(open_z, F(F(below + top) / q)))
        arch_z = open_z if F(q * open_z) < round_at else arch_z
        open_z = arch_z if values[ARCH] > F(0.5) else flat_z
        gate = F(floor_i(F(F(F(min(open_z, F(90))) + values[TRAVEL]) / gap)) + 1)
        gate = F(gate * gap - values[TRAVEL])
        front = gate < wall_z
        z = gate if front else wall_z
        v = F(q * z)
        mirrored = py > F(0) and v > low
        v = F(v - F(low + low)) if mirrored else v
        met[Z, x] = z
        met[X, x] = F(px * z)
        met[Y, x] = F(-v) if py < F(0) else (F(v) if not mirrored else F(-v))
        met[FRONT_FACE, x] = F(1) if front else F(0)
        floor_z = F(low / q) if py > F(0) else F(99)
        met[FLOOR_Z, x] = floor_z
        graze = F(F(1) / F(F(1) + F(3) * q * q))
        met[MIRROR, x] = F(F(0.15) + F(0.38) * graze) if mirrored else F(1)


@njit(**KERNEL)
def _grain(stone, met, seed, values):  # type: ignore[no-untyped-def]
    """Stains and joints of walls, wet patches of the floor; finer than a pixel they are even."""
    half, high, low_y = values[HALF], values[HIGH], values[LOW]
    pitch = F(F(SLABS) / values[GAP])
    for x in range(stone.shape[0]):
        z = F(min(met[Z, x], F(40)))
        low = F(min(met[FLOOR_Z, x], F(40)))
        wet = met[FLOOR_Z, x] < met[Z, x]
        u = F(F(low if wet else z) + values[TRAVEL])
        w = F(met[X, x] * F(low / z)) if wet else F(met[Y, x] + met[X, x] * F(0.31))
        k = noise(F(u * F(1.1) + F(40)), F(w * F(3.1) + F(20)), seed)
        depth = F(low if wet else z)
        k = F(k / F(F(1) + depth * depth * values[PIXEL] * F(6)))
        k = clamp01(F(F(0.55) + k * F(1.1) * values[GRAIN]))
        front = met[FRONT_FACE, x]
        roof = met[Y, x] < F(high * F(-0.98)) and front < F(0.5)
        across = met[X, x] if roof else met[Y, x]
        along = F(F(z + values[TRAVEL]) * pitch)
        along = F(along + F(met[X, x] * F(2.2) - along) * front)
        foot = F(z * values[PIXEL] * F(1.3))
        fine = F(F(z * foot / half) * F(F(1) - front) * pitch + foot * F(2.2))
        slab = slab_tone(along, F(across * F(2.6)), fine, seed)
        down = F(min(F(met[Y, x] + high), F(low_y - met[Y, x])))
        corner = F(half - F(abs(met[X, x]))) if roof else down
        shade = F(F(0.35) + F(0.65) * clamp01(F(corner * F(3))))
        shade = F(shade + F(F(1) - shade) * front)
        met[BUILT, x] = F(slab * shade)
        stone[x] = k


@njit(**KERNEL)
def _light_lamps(lit, place, met, seed, values):  # type: ignore[no-untyped-def]
    """Light of the lamp that rules a place (0), how clear the air is (1); where its colour is."""
    power, kick, wave = values[POWER], values[KICK], values[FRONT]
    travel, fog, gap = values[TRAVEL], values[FOG], F(F(1) / values[GAP])
    hue, hue_step = values[HUE], values[HUE_STEP]
    for x in range(place.shape[0]):
        z = met[Z, x]
        w = F(F(F(min(z, F(70))) + travel) * gap)
        gate = F(F(floor_i(F(w + F(0.5)))) + F(0.5))
        at = F(w + F(gate - w) * met[FRONT_FACE, x])
        near = F(F(0.35) + F(0.65) * smooth(F(0.3), F(2.6), z))
        lit[SHINE, x] = F(lamp(at, z, seed, power, kick, wave) * near)
        lit[CLEAR, x] = decay(F(z * fog))
        place[x] = hue_of(at, hue, hue_step)


@njit(**KERNEL)
def _light_gates(parts, met, lit, values):  # type: ignore[no-untyped-def]
    """Light round the openings, on their fronts and spilled on the walls between; the fog."""
    door, top, arch, strength = values[DOOR_HALF], values[DOOR_HIGH], values[ARCH], values[RIM]
    gap, travel, pixel, lamps = values[GAP], values[TRAVEL], values[PIXEL], values[LAMP]
    bright = F(F(0.04) + F(0.22) * values[POWER] + F(0.14) * values[BASS])
    bright = F(bright * F(F(1) - F(0.7) * F(min(values[WINDOW], F(1)))))
    for x in range(met.shape[1]):
        z = met[Z, x]
        front = met[FRONT_FACE, x]
        foot = F(z * pixel * F(1.3) + F(1e-4))
        w = F(F(F(min(z, F(70))) + travel) / gap)
        to_gate = F(F(F(0.5) - F(abs(F(w - F(floor_i(w)) - F(0.5))))) * gap)
        spill = F(strength * F(0.75) / F(F(1) + to_gate * to_gate * F(16)))
        e = _outside(F(abs(met[X, x])), met[Y, x], door, top, arch)
        line = F(smooth(F(0), foot, e) * smooth(F(F(0.045) + foot * F(2)), F(0.03), e))
        line = F(line * F(F(0.03) / F(F(0.03) + foot)))
        halo = F(strength * F(0.16) / F(F(1) + e * e * F(30)) + F(0.10) * lamps)
        parts[SHARP, x] = F(line * strength * front)
        parts[LIT, x] = F(spill + F(halo - spill) * front)
        deep = F(F(1) - lit[CLEAR, x])
        parts[MIST, x] = F(deep * deep * deep * bright)


@njit(**KERNEL)
def _light_walls(parts, met, values):  # type: ignore[no-untyped-def]
    """Strips along the walls, lamps between gates, lights in the ceiling."""
    gap, half, high = values[GAP], values[HALF], values[HIGH]
    travel, pixel, strips, lamps = values[TRAVEL], values[PIXEL], values[STRIP], values[LAMP]
    ceiling = F(F(lamps + values[DOOR] * F(0.7)) * F(F(1) - values[ARCH]))
    for x in range(met.shape[1]):
        z = met[Z, x]
        y = met[Y, x]
        wide = F(abs(met[X, x]))
        behind = F(F(1) - met[FRONT_FACE, x])
        foot = F(z * pixel * F(1.3) + F(1e-4))
        far_foot = F(z * foot / half + foot)
        w = F(F(F(min(z, F(70))) + travel) / gap)
        mid = F(F(w - F(floor_i(w)) - F(0.5)) * gap)
        level = F(abs(F(y + high * F(0.42))))
        slim = F(F(0.012) + foot * F(0.5))
        strip = F(F(slim * slim / F(level * level + slim * slim)) * F(F(0.012) / slim))
        pulse = smooth(F(0.40), F(0.46), F(F(abs(mid)) / gap))
        strip = F(strip * strip * F(F(1) - F(0.8) * pulse) * strips * F(1.6))
        wash = F(strips * F(0.30) / F(F(1) + level * level * F(9)))
        ly = F(y + high * F(0.35))
        near = F(F(0.8) / F(F(1) + mid * mid * F(5) + ly * ly * F(2.5)))
        bulb = F(F(0.0022) + mid * mid + ly * ly + far_foot * far_foot * F(0.5))
        bulb = F(F(0.0022) / bulb)
        bulb = F(bulb * bulb * F(1.8))
        tile = smooth(F(0.012), F(F(0.03) + far_foot), F(abs(F(F(abs(mid)) - gap * F(0.25)))))
        side = F(F(1) if wide > F(half * F(0.98)) else F(0.45))
        wall = F(F(1) if wide > F(half * F(0.98)) else F(0))
        roof = F(F(1) if y < F(high * F(-0.98)) else F(0))
        bar = smooth(F(F(0.10) + foot), F(0.09), wide)
        bar = F(bar * smooth(F(0.32), F(0.30), F(F(abs(mid)) / gap)) * ceiling * roof)
        flat = F(F(wash + lamps * near) * side * F(F(0.6) + F(0.4) * tile))
        parts[SHARP, x] += F(F(F(strip + lamps * bulb) * wall + bar) * behind)
        parts[LIT, x] += F(flat * behind)


@njit(**KERNEL)
def _light_holes(parts, met, seed, values):  # type: ignore[no-untyped-def]
    """Doors and windows in the walls."""
    gap, half, travel = values[GAP], values[HALF], values[TRAVEL]
    pixel, doors, windows = values[PIXEL], values[DOOR], values[WINDOW]
    for x in range(met.shape[1]):
        z = met[Z, x]
        y = met[Y, x]
        wall = F(F(1) if F(abs(met[X, x])) > F(half * F(0.98)) else F(0))
        wall = F(wall * F(F(1) - met[FRONT_FACE, x]))
        foot = F(z * z * pixel * F(1.3) / half + z * pixel)
        u = F(F(min(z, F(70))) + travel)
        w = F(u / gap)
        name = floor_i(w)
        door, leaf = door_light(F(F(w - F(name) - F(0.5)) * gap), y, foot, name, seed)
        parts[SECOND, x] = F(door * doors * wall * smooth(F(0.1), F(1.4), z))
        parts[LIT, x] += F(leaf * doors * wall)
        parts[SHARP, x] += F(window_light(u, y, foot, seed) * windows * wall)


@njit(**KERNEL)
def _finish(parts, met, stone, lit, values):  # type: ignore[no-untyped-def]
    """Lamps, stone, wetness and air at last; dashes on a road."""
    road, travel, pixel, fog = values[ROAD], values[TRAVEL], values[PIXEL], values[FOG]
    for x in range(met.shape[1]):
        low = met[FLOOR_Z, x]
        wet = F(F(1) if low < met[Z, x] else F(0))
        gloss = F(F(1) + wet * F(F(0.9) * stone[x] - F(0.65)))
        dry = F(F(0.12) + F(0.95) * stone[x] * stone[x])
        grit = F(F(dry + F(F(1) - dry) * wet) * met[BUILT, x] * met[BUILT, x])
        power = lit[SHINE, x]
        clear = F(lit[CLEAR, x] * gloss)
        dash = F(road_dash(F(met[X, x] * low / met[Z, x]), low, travel, pixel) * road * wet)
        dash = F(dash * decay(F(low * fog)) / met[MIRROR, x])
        parts[SHARP, x] = F(parts[SHARP, x] * power * clear * F(2.6) + dash)
        parts[LIT, x] = F(F(parts[LIT, x] * grit * power * F(0.9) + F(0.012)) * clear)
        parts[SECOND, x] = F(parts[SECOND, x] * F(F(0.5) + F(0.5) * power) * clear)


@njit(**INLINE)
def _outside(wide, y, door, top, arch):  # type: ignore[no-untyped-def]
    """How far a place lies outside a gate's opening."""
    up = F(max(F(-y - F(top - door)), F(0)))
    round_e = F(F(np.sqrt(F(wide * wide + up * up))) - door)
    flat_e = F(max(F(wide - door), F(-y - top)))
    return round_e if arch > F(0.5) else flat_e
