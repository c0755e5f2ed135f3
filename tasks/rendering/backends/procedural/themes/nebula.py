"""Nebula: veils of glowing gas and dark dust, a galaxy seen aslant, the band of the Milky Way.

Gas is noise bent by noise, brightest where it folds; dust lies before it; stars stand at three
distances and pass each other. A drop is a shell of light that a dying star throws off.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    cos_f,
    decay,
    dice,
    fract,
    mix,
    row_fbm,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.planet import Planet
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot, add_line
from tasks.rendering.backends.procedural.view import look_through, to_pixels
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample of gas: arms of a galaxy are thin
GAS, FOLDS, DUST = range(3)
STARS = (900, 260, 60)  # far, middle, near
SHELL_REACH = 2.4  # half-heights that a shell of light travels
FLARE_LEAST = 0.72  # brightness from which a star has rays
STEMS = {
    "veils": ("nebula", "veil", "gas", "cloud", "pillar", "plasma", "shell"),
    "galaxy": ("galaxy", "spiral", "black hole", "whirl", "disc"),
    "band": ("milky", "river", "band", "sky full", "stars", "dust", "night"),
    "planet": ("planet", "moon", "ring", "atmosphere", "world", "orbit", "rubble", "comet"),
}
VEILS, GALAXY, BAND, PLANET = range(4)
# Places in the row of values that the kernels are handed for a frame.
(
    KIND, FLOW, SWIRL, TILT_X, TILT_Y, FLAT, CORE_X, CORE_Y, POWER, BASS, KICK, HATS, SHELL, SHOCK,
    TINT, GRAIN, VOICE, TICK,
) = range(18)  # fmt: skip


class Nebula:
    """Deep space."""

    glow = 0.8
    vignette = 0.4

    def __init__(self, stage: Stage) -> None:
        seed = stage.seed
        self.stage = stage
        self.kind = list(STEMS).index(stage.variant(STEMS, throw=1))
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.fields = scratch(3, *shape)
        self.wide = scratch(3, shape[0], stage.width_px)
        self.seed = seed32(seed, 0)
        lying = self.kind in (VEILS, BAND)  # along the picture, not across it
        self.lean = (1.3 if lying else 2.0 * math.pi) * (dice(seed, 2) - 0.5)
        self.core = (1.5 * (dice(seed, 3) - 0.5), 0.8 * (dice(seed, 4) - 0.5))
        self.way = 1.0 if dice(seed, 5) < 0.5 else -1.0
        self.tint = int(dice(stage.family, 1) * stage.palette.stops) / stage.palette.stops
        fine = 1.7 if self.kind == BAND else 1.0
        self.grain = fine * (0.75 + 0.6 * dice(seed, 6)) / stage.wishes.closeness
        self.flat = 0.32 + 0.35 * dice(seed, 7)
        self.count = min(stage.wishes.density, 2.0) * (2.2 if self.kind == BAND else 1.0)
        self.planet = Planet(stage) if self.kind == PLANET else None

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """Gas, stars, and a world before them where there is one."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        view = look_through(moment, height_px=height, width_px=width)
        values = self._values(moment)
        _gather(self.fields, view, self.seed, values)
        for field, wide in zip(self.fields, self.wide, strict=True):
            widen(field, wide, STEP)
        _fill(light, self.wide, view, colors.inks, colors.ramp, colors.night, colors.spark, values)
        back = to_pixels(view)
        for layer, count in enumerate(STARS):
            _stars(
                light, back, colors.inks, colors.spark, self.seed, np.int32(layer),
                int(count * self.count), self.wide[DUST], values,
            )  # fmt: skip
        if self.planet is not None:
            self.planet.lay(light, view, moment)

    def _values(self, moment: Moment) -> FloatArray:
        passed = 1.0 - math.sqrt(min(moment.drop, 1.0)) if moment.drop > 0.0 else 1.0
        dim = (1.0, 1.0, 1.5, 0.28)[self.kind]
        return np.array(
            [
                self.kind, 0.5 * moment.flow, self.way * (1.9 + 0.7 * moment.tension),
                math.cos(self.lean), math.sin(self.lean), self.flat, *self.core,
                dim * (0.30 + 0.55 * moment.energy + 0.12 * moment.bass), moment.bass, moment.kick,
                moment.hats, SHELL_REACH * passed, moment.drop * (1.0 - passed), self.tint,
                self.grain * (1.0 + 0.12 * moment.tension), moment.voice,
                math.floor(3.0 * moment.flow),
            ],
            np.float32,
        )  # fmt: skip


@njit(**KERNEL)
def _gather(fields, view, seed, values):  # type: ignore[no-untyped-def]
    """Gas, its folds and the dust, a row of samples at a time."""
    _, rows, columns = fields.shape
    place = np.empty((2, columns), np.float32)
    room = np.empty(columns, np.float32)
    work = np.empty((2, columns), np.float32)
    bent = np.empty((2, columns), np.float32)
    galaxy = I(values[KIND]) == GALAXY
    most = 3 if I(values[KIND]) == PLANET else 4  # what lies behind a world is dim
    for r in range(rows):
        _locate(place, room, view, F(I((r - 1) * STEP)), values)
        for k in range(2):
            for x in range(columns):
                work[0, x] = F(place[0, x] * F(0.9) + values[FLOW] * F(0.07) + F(60 + 40 * k))
                work[1, x] = F(place[1, x] * F(0.9) - values[FLOW] * F(0.05) + F(60))
            row_fbm(bent[k], work[0], work[1], U(seed + U(101 * k)), I(3), F(1))
        for k in range(3):
            size = F(1.25) if k == GAS else F(1.9) if k == FOLDS else F(1.5)
            own = F(0.75) if k == FOLDS else F(0.55)
            for x in range(columns):
                drift = F(values[FLOW] * F(0.04) * F(I(k + 1)))
                work[0, x] = F(F(place[0, x] + own * bent[0, x]) * size + drift + F(90 + 50 * k))
                work[1, x] = F(F(place[1, x] + own * bent[1, x]) * size + F(90))
            octaves = most if k != DUST else most - 1
            row_fbm(fields[k, r], work[0], work[1], U(seed + U(307 * (k + 1))), I(octaves), F(1))
        for x in range(columns):
            gas = clamp01(F(F(0.46) + F(0.95) * fields[GAS, r, x]))
            fold = F(F(1) - F(min(F(F(2.6) * F(abs(fields[FOLDS, r, x]))), F(1))))
            fold = F(fold * fold)
            void = F(F(0.10) + F(0.90) * smooth(F(-0.30), F(0.34), F(bent[0, x] - bent[1, x])))
            void = F(1) if galaxy else void
            fields[GAS, r, x] = F(gas * gas * gas * room[x] * void * F(1.3))
            fields[FOLDS, r, x] = F(fold * fold * gas * room[x] * void)
            fields[DUST, r, x] = smooth(F(-0.02), F(0.34), fields[DUST, r, x])


@njit(**KERNEL)
def _locate(place, room, view, py, values):  # type: ignore[no-untyped-def]
    """Where a row of samples lies in the gas, and how much gas there may be."""
    kind = I(values[KIND])
    cosine, sine = values[TILT_X], values[TILT_Y]
    for x in range(room.shape[0]):
        px = F(I((x - 1) * STEP))
        a = F(view[0] * px + view[1] * py + view[2] - values[CORE_X])
        b = F(view[3] * px + view[4] * py + view[5] - values[CORE_Y])
        u = F(a * cosine + b * sine)
        v = F(b * cosine - a * sine)
        if kind == GALAXY:
            v = F(v / values[FLAT])
            square = F(u * u + v * v)
            r = F(np.sqrt(square))
            turn = F(values[SWIRL] / F(r + F(0.28)) + values[FLOW] * F(0.10))
            c = cos_f(turn)
            s = sin_f(turn)
            arm = F(u * c - v * s)
            arm = F(arm * arm / F(square + F(0.02)))
            room[x] = F(decay(F(r * F(2.1))) * F(F(0.35) + F(1.9) * arm) * F(1.5))
            place[0, x] = F(F(u * c - v * s) * F(1.4) * values[GRAIN])
            place[1, x] = F(F(u * s + v * c) * F(1.4) * values[GRAIN])
        else:
            place[0, x] = F(u * values[GRAIN])
            place[1, x] = F(v * values[GRAIN])
            if kind == BAND:
                room[x] = F(F(1.15) / F(F(1) + v * v * v * v * F(60)) + F(0.02))
            else:
                far = F(F(u * u) * F(0.28) + F(v * v) * F(0.55))
                room[x] = F(F(1.1) * F(1) / F(F(1) + far * far) + F(0.05))


@njit(**KERNEL)
def _fill(light, wide, view, inks, ramp, night, spark, values):  # type: ignore[no-untyped-def]
    """Light of the gas, of its core and of a shell of light, behind the dust."""
    _, height, width = light.shape
    rows = np.empty((3, width), np.float32)
    core = np.empty(width, np.float32)
    power = values[POWER]
    hue = fract(F(values[TINT] + F(0.10) * values[VOICE]))
    warm = ramp[I(hue * F(RAMP_STEPS - 1))]
    cold = ramp[I(fract(F(hue + F(0.34))) * F(RAMP_STEPS - 1))]
    galaxy = I(values[KIND]) == GALAXY
    stretch = F(F(1) / values[FLAT]) if galaxy else F(1)
    wide_core = F(0.06) if galaxy else F(0.022)
    for y in range(height):
        for k in range(3):
            blend_row(wide[k], y, I(STEP), rows[k])
        for x in range(width):
            a = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2] - values[CORE_X])
            b = F(view[3] * F(I(x)) + view[4] * F(I(y)) + view[5] - values[CORE_Y])
            u = F(a * values[TILT_X] + b * values[TILT_Y])
            v = F(F(b * values[TILT_X] - a * values[TILT_Y]) * stretch)
            square = F(u * u + v * v)
            bright = F(wide_core / F(wide_core + square))
            bright = F(bright * bright * F(F(0.5) + F(0.5) * values[BASS] + F(0.9) * values[KICK]))
            away = F(F(np.sqrt(square)) - values[SHELL])
            shell = F(values[SHOCK] / F(F(1) + away * away * F(90)))
            core[x] = F(bright * power + shell * F(0.9))
            rows[GAS, x] = F(rows[GAS, x] * F(F(1) + F(1.5) * shell))
            rows[FOLDS, x] = F(rows[FOLDS, x] * F(F(1) + F(2.5) * shell))
            rows[DUST, x] = F(F(1) - F(0.88) * rows[DUST, x])
        for c in range(3):
            ink = F(inks[0, c] * F(0.35) + warm[c] * F(0.65))
            deep = F(night[c] * F(0.30))
            for x in range(width):
                gas = F(rows[GAS, x] * power * F(1.25))
                fold = F(rows[FOLDS, x] * power * F(1.5))
                lit = F(F(ink * gas + cold[c] * fold) + F(spark[c] * F(0.35)) * F(gas * fold))
                lit = F(lit + F(ink * F(0.5) + spark[c] * F(0.5)) * core[x])
                light[c, y, x] = F(deep + lit * rows[DUST, x])


@njit(**KERNEL)
def _stars(light, back, inks, spark, seed, layer, count, dust, values):  # type: ignore[no-untyped-def]
    """Stars of one distance; the nearer pass the farther, the brightest have rays."""
    _, height, width = light.shape
    pixel = F(F(height) * F(1.0 / 480.0))
    near = F(F(0.35) + F(0.5) * F(layer))
    wide = F(F(width) / F(height) + F(0.7))
    for k in range(count):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(17 * (layer + 1)))))
        run = F(values[FLOW] * F(0.022) * near)
        sx = F(F(F(2) * fract(F(unit(h) + run)) - F(1)) * wide)
        sy = F(F(F(2) * unit(mix(U(h + U(1)))) - F(1)) * F(1.7))
        if I(values[KIND]) == BAND:
            own = unit(mix(U(h + U(7))))
            v = F(sy * F(F(0.12) + F(0.88) * own * own))
            u = sx
            sx = F(u * values[TILT_X] - v * values[TILT_Y] + values[CORE_X])
            sy = F(u * values[TILT_Y] + v * values[TILT_X] + values[CORE_Y])
        x = F(back[0] * sx + back[1] * sy + back[2])
        y = F(back[3] * sx + back[4] * sy + back[5])
        if x < F(0) or y < F(0) or x >= F(width) or y >= F(height):
            continue
        bright = unit(mix(U(h + U(2))))
        bright = F(bright * bright * bright)
        pace = F(F(1.1) + F(2.5) * unit(mix(U(h + U(3)))))
        power = F(F(0.8) + F(0.2) * sin_f(F(values[FLOW] * pace + F(6.2831853) * unit(h))))
        picked = unit(mix(U(h + U(U(I(values[TICK])) * U(0x27D4EB2D)))))
        power = F(power * F(F(1) + F(2.5) * values[HATS] * smooth(F(0.8), F(0.95), picked)))
        row = min(I(y) // STEP + 1, dust.shape[0] - 1)
        power = F(power * F(F(1) - F(0.7) * F(F(1) - near * F(0.7)) * dust[row, I(x)]))
        power = F(power * F(F(0.22) + F(1.5) * bright) * F(F(0.5) + F(0.5) * near))
        tint = F(0.35) * unit(mix(U(h + U(4))))
        ink = inks[I(U(h >> U(5)) % U(4))]
        c0 = F(F(spark[0] * F(F(1) - tint) + ink[0] * tint) * power)
        c1 = F(F(spark[1] * F(F(1) - tint) + ink[1] * tint) * power)
        c2 = F(F(spark[2] * F(F(1) - tint) + ink[2] * tint) * power)
        size = F(pixel * F(F(1.1) + F(1.7) * bright * near))
        add_dot(light, x, y, size, c0, c1, c2)
        if layer == 2 and bright > F(FLARE_LEAST):
            ray = F(pixel * F(14) * F(F(0.5) + power))
            thin = F(pixel * F(1.1))
            for way in range(4):
                dx = F(ray if way == 0 else F(-ray) if way == 1 else F(0))
                dy = F(ray if way == 2 else F(-ray) if way == 3 else F(0))
                add_line(light, x, y, F(x + dx), F(y + dy), thin, thin, c0, c1, c2, F(0.45), F(0))
