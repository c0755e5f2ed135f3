"""Tunnel: a winding shaft of dark panels, lit by rings of neon that rush past, fog at its end."""

import math

import numpy as np
from numba import njit

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
    dice,
    floor_i,
    fract,
    mix,
    noise,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_line
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

SIDES = (4, 5, 6, 8, 12)
RADIUS = 0.85  # of the shaft, half-heights at depth 1
RING_GAP = 1.3  # depth between two rings
PANELS = 2.0  # panels a ring gap
BEND = 0.42  # half-heights that the shaft's end leaves the middle of the picture
BEND_DEPTH = 0.9  # depth at which half of that is reached
FOG = 0.15  # share of light lost a unit of depth
STREAKS = 150
STREAK_FAR = 9.0  # depth at which a streak appears
# Places in the row of values that the kernels are handed for a frame.
(
    TRAVEL,
    ROLL,
    TWIST,
    HUE,
    POWER,
    ENERGY,
    BASS,
    HIGHS,
    BEAT,
    FAR_X,
    FAR_Y,
    WIDTH,
    PIXEL,
    SINCE_BEAT,
    HUE_STEP,
) = range(15)


class Tunnel:
    """A flight."""

    glow = 0.75
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.sides = SIDES[int(dice(seed, 1) * len(SIDES))]
        self.twist = 0.03 * (dice(seed, 2) - 0.5)
        self.stops = stage.palette.stops
        self.hue = int(dice(seed, 3) * self.stops) / self.stops
        self.bends = [2.0 * math.pi * dice(seed, 4 + k) for k in range(4)]
        self.way = 1.0 if dice(seed, 9) < 0.5 else -1.0

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """The walls at every pixel, then what flies in the shaft."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        view = look_through(moment, height_px=height, width_px=width)
        go = 2.4 * moment.flow
        values = np.array(
            [
                go, self.way * 0.10 * moment.flow, self.twist, self.hue,
                0.35 + 0.75 * moment.energy + 0.2 * moment.bass,
                moment.energy, moment.bass, moment.highs, moment.beat,
                BEND * math.sin(0.37 * moment.flow + self.bends[0]),
                0.6 * BEND * math.sin(0.29 * moment.flow + self.bends[1]),
                RADIUS * (1.0 + 0.05 * moment.bass), moment.scale * 2.0 / height, moment.since_beat,
                1.0 / self.stops,
            ],
            np.float32,
        )  # fmt: skip
        _walls(
            light, view, colors.inks, colors.ramp, colors.night, colors.spark, self.seed,
            np.int32(self.sides), values,
        )  # fmt: skip
        _streaks(light, to_pixels(view), colors.ramp, colors.spark, self.seed, values)


@njit(**INLINE)
def _bend(z, far):  # type: ignore[no-untyped-def]
    """How far the middle of the shaft is seen beside its mouth at depth z; `far` at its end."""
    return F(far * F(z / F(z + F(BEND_DEPTH))))


@njit(**KERNEL)
def _walls(light, view, inks, ramp, night, spark, seed, sides, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    wall = np.empty((4, width), np.float32)
    rough = np.empty(width, np.float32)
    parts = np.empty((5, width), np.float32)
    place = np.empty(width, np.int32)
    for y in range(height):
        _find_wall(wall, view, y, sides, values)
        _roughen(rough, wall, seed, values)
        _light_row(parts, place, wall, rough, seed, F(sides), values)
        for c in range(3):
            fog = F(inks[0, c] * F(0.8) + inks[2, c] * F(0.4))
            hot = F(spark[c] * F(0.45))
            for x in range(width):
                tint = ramp[place[x], c]
                neon = F(F(tint + hot * parts[4, x]) * parts[0, x])
                seam = F(inks[1, c] * parts[1, x])
                body = F(F(tint * F(0.75) + inks[2, c] * F(0.25)) * parts[2, x])
                light[c, y, x] = F(F(neon + seam) + F(body + fog * parts[3, x]) + night[c] * F(0.5))


@njit(**KERNEL)
def _find_wall(wall, view, y, sides, values):  # type: ignore[no-untyped-def]
    """Depth (0), angle in turns (1), place across a side -0.5..0.5 (2), pixel size in depth (3)."""
    sector = F(F(1) / F(sides))
    for x in range(wall.shape[1]):
        px = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
        py = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5])
        qx = F(px - values[FAR_X])
        qy = F(py - values[FAR_Y])
        z = F(values[WIDTH] / F(np.sqrt(F(qx * qx + qy * qy + F(0.0008)))))
        for _ in range(3):
            qx = F(px - _bend(z, values[FAR_X]))
            qy = F(py - _bend(z, values[FAR_Y]))
            z = F(values[WIDTH] / F(np.sqrt(F(qx * qx + qy * qy + F(0.0008)))))
        a = F(atan2_f(qy, qx) * F(0.15915494) + values[ROLL] * F(0.16) + values[TWIST] * z)
        v = F(a * F(sides))
        v = F(v - F(floor_i(v)) - F(0.5))
        z = F(z / cos_f(F(v * sector * F(6.2831853))) * F(0.97))
        wall[0, x] = z
        wall[1, x] = a
        wall[2, x] = v
        wall[3, x] = F(z * z * values[PIXEL] / values[WIDTH])


@njit(**KERNEL)
def _roughen(rough, wall, seed, values):  # type: ignore[no-untyped-def]
    """Stains of the walls: noise around the shaft, so that it closes on itself."""
    for x in range(rough.shape[0]):
        a = F(wall[1, x] * F(6.2831853))
        w = F(F(min(wall[0, x], F(30))) + values[TRAVEL])
        k = noise(
            F(cos_f(a) * F(1.6) + w * F(0.9) + F(50)), F(sin_f(a) * F(1.6) + w * F(0.5)), seed
        )
        rough[x] = clamp01(F(F(0.5) + k * F(1.1)))


@njit(**KERNEL)
def _light_row(parts, place, wall, rough, seed, sides, values):  # type: ignore[no-untyped-def]
    """Neon of the rings (0), of the seams (1), lit panels (2), fog (3), how hot a ring is (4)."""
    gap = F(1.0 / RING_GAP)
    power, energy, beat = values[POWER], values[ENERGY], values[BEAT]
    front = F(F(3.0) + values[SINCE_BEAT] * F(26))
    for x in range(place.shape[0]):
        z = wall[0, x]
        w = F(F(F(min(z, F(60))) + values[TRAVEL]) * gap)
        name = floor_i(F(w + F(0.5)))
        d = F(F(abs(F(w - F(name)))) * F(RING_GAP))
        foot = F(wall[3, x] * F(1.2))
        thin = F(F(0.007) + F(0.017) * F(min(z, F(1))))
        core = F(thin + foot)
        ring = F(F(core * core) / F(d * d + core * core))
        ring = F(ring * F(thin / core) * F(F(0.3) + F(0.9) * ring) * F(1.6))
        clear = decay(F(z * F(FOG)))
        h = mix(U(U(name) * U(0x9E3779B1) ^ seed))
        lively = unit(h)
        k = F(F(z - front) * F(0.7))
        wave = F(F(beat * F(0.8)) / F(F(1) + k * k))
        lamp = F(power * F(F(0.35) + F(0.9) * lively * lively + wave))
        lamp = F(lamp * F(F(0.4) + F(0.6) * smooth(F(0.3), F(2.2), z)))
        parts[4, x] = F(F(0.3) + wave + F(0.5) * energy)
        parts[0, x] = F(ring * lamp * F(3.2) * clear * smooth(F(0.3), F(0.8), z))
        edge = F(F(0.5) - F(abs(wall[2, x])))
        slim = F(F(0.012) + foot * F(0.22))
        seam = F(F(slim * slim) / F(edge * edge + slim * slim))
        flow = fract(F(w * F(0.31) - values[TRAVEL] * F(0.33)))
        flow = F(flow * flow * flow * smooth(F(1), F(0.9), flow))
        parts[1, x] = F(
            seam * seam * F(F(0.012) / slim) * F(F(0.3) + F(1.8) * flow) * power * clear
        )
        near = F(F(1) / F(F(1) + d * d * F(14)))
        cell = F(w * F(PANELS))
        across = F(F(wall[2, x] + F(0.5)) * F(2))
        room = floor_i(cell)
        half = floor_i(across)
        ridge = F(F(0.5) - F(abs(F(cell - F(room) - F(0.5)))))
        groove = F(F(0.5) - F(abs(F(across - F(half) - F(0.5)))))
        soft = F(F(0.03) + foot)
        inset = F(smooth(F(0), soft, ridge) * smooth(F(0), soft, groove))
        side = floor_i(F(fract(wall[1, x]) * sides))
        own = unit(mix(U(U(room) * U(0x85EBCA6B) ^ U(U(side * 2 + half) * U(0xC2B2AE35) ^ seed))))
        panel = F(F(0.25) + F(0.75) * rough[x] * rough[x]) * F(F(0.35) + F(0.9) * own)
        glass = F(smooth(F(0.86), F(0.9), own) * inset * power * F(F(0.5) + F(0.5) * wave))
        stain = F(panel * F(F(0.12) + F(0.88) * inset))
        parts[2, x] = F(F(stain * F(near * lamp * F(0.5) + F(0.03)) + glass * F(0.35)) * clear)
        deep = F(F(1) - clear)
        parts[3, x] = F(deep * deep * deep * F(F(0.22) + F(0.45) * power + F(0.3) * values[BASS]))
        hue = fract(F(values[HUE] + values[HUE_STEP] * F(name) + F(0.001)))
        place[x] = I(hue * F(RAMP_STEPS - 1))


@njit(**KERNEL)
def _streaks(light, back, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Specks of light that fly past, drawn as long as they are fast."""
    size = F(F(light.shape[1]) * F(1.0 / 480.0))
    for k in range(STREAKS):
        h = mix(U(U(k) * U(0xC2B2AE35) ^ U(seed + U(11))))
        run = fract(
            F(values[TRAVEL] * F(0.11) * F(F(0.8) + F(0.5) * unit(mix(U(h + U(4))))) + unit(h))
        )
        z = F(F(STREAK_FAR) * F(F(1) - run) + F(0.15))
        angle = F(unit(mix(U(h + U(1)))) * F(6.2831853))
        reach = F(F(0.15) + F(0.58) * unit(mix(U(h + U(2)))))
        long = F(F(0.10) + F(0.16) * values[ENERGY])
        ax, ay = _seen(cos_f(angle), sin_f(angle), reach, z, values)
        bx, by = _seen(cos_f(angle), sin_f(angle), reach, F(z + long), values)
        fade = F(smooth(F(0), F(0.25), run) * F(run * run) * F(F(0.5) + values[POWER]))
        fade = F(fade * F(F(0.6) + F(1.2) * values[HIGHS] * unit(mix(U(h + U(3))))))
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
    """Scene place of a point of the shaft."""
    x = F(cosine * reach / z + _bend(z, values[FAR_X]))
    y = F(sine * reach / z + _bend(z, values[FAR_Y]))
    return x, y
