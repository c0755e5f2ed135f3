"""Aurora: curtains of light fold above mountains; stars behind, a lake that mirrors all.

A curtain is a path seen from below; every place on it sends up one ray. Where the path folds, the
rays lie close and the light gathers by itself.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.haze import Haze
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    dice,
    floor_i,
    fract,
    lerp,
    mix,
    noise,
    row_fbm,
    seed32,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.palette import INK_COUNT
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.strokes import add_dot
from tasks.rendering.backends.procedural.view import look_through
from tasks.rendering.renderer import FloatArray

SKY_STEP = 2  # pixels a sample of the curtains
CURTAINS = 3
REACH = 2.7  # half the length of a curtain, half-heights: its ends must stay out of sight
RAYS_A_COLUMN = 3.2  # rays a curtain for each column of samples: folds must not show gaps
BANDS = 3  # colours of a ray: hem, middle, crown
STARS = 620
SHORE = 0.76  # share of the height at which the lake begins
MIRROR = 0.62  # share of light that the lake gives back at its far shore
# Places in the row of values that the kernels are handed for a frame.
(FLOW, PAN, SCALE, LEAN, POWER, ENERGY, BASS, HIGHS, BEAT) = range(9)


class Aurora:
    """Night, curtains, mountains, lake."""

    glow = 0.5
    vignette = 0.35

    def __init__(self, stage: Stage) -> None:
        height, width, seed = stage.height_px, stage.width_px, stage.seed
        self.stage = stage
        self.seed = seed32(seed, 0)
        self.haze = Haze(stage, seed=seed32(seed, 1))
        shape = coarse_shape(height, width, SKY_STEP)
        self.columns = scratch(BANDS, shape[1], shape[0])  # turned: a ray is one run of memory
        self.curtains = scratch(3, *shape)
        self.wide = scratch(3, shape[0], width)
        self.ridges = scratch(2, width)
        self.first_ink = int(dice(seed, 2) * INK_COUNT)
        self.lean = 0.5 * dice(seed, 3) - 0.25

    def paint(self, light: FloatArray, moment: Moment) -> None:
        """From the farthest to the nearest."""
        height, width, colors = self.stage.height_px, self.stage.width_px, self.stage.palette
        values = np.array(
            [
                moment.flow, moment.pan_x + 0.05 * moment.flow, moment.scale, self.lean,
                0.5 + 0.8 * moment.energy + 0.35 * moment.bass,
                moment.energy, moment.bass, moment.highs, moment.beat,
            ],
            np.float32,
        )  # fmt: skip
        view = look_through(moment, height_px=height, width_px=width)
        drift = 0.03 * moment.flow
        self.haze.fill(light, view, drift=drift, strength=0.05 + 0.03 * moment.energy, inks=(2, 0))
        _stars(light, colors.spark, colors.inks, self.seed, values)
        _curtains(self.columns, self.seed, values)
        _tint(self.curtains, self.columns, colors.inks, self.first_ink, values)
        for c in range(3):
            widen(self.curtains[c], self.wide[c], SKY_STEP)
        _raise_ridges(self.ridges, height, self.seed, values)
        _land(light, self.wide, self.ridges, colors.inks, colors.night, values)
        _lake(light, colors.night, self.seed, values)


@njit(**KERNEL)
def _stars(light, spark, inks, seed, values):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    size = F(F(height) * F(1.0 / 480.0))
    for k in range(STARS):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(3))))
        x = F(fract(F(unit(h) + values[PAN] * F(0.02))) * F(width))
        y = F(unit(mix(U(h + U(1)))) * F(height) * F(SHORE))
        bright = unit(mix(U(h + U(2))))
        bright = F(bright * bright * bright)
        pace = F(F(1.3) + F(3) * unit(mix(U(h + U(3)))))
        twinkle = F(F(0.75) + F(0.25) * sin_f(F(values[FLOW] * pace + F(6.28) * unit(h))))
        k0 = F(F(F(0.10) + F(1.1) * bright) * twinkle * F(F(0.8) + F(1.3) * values[HIGHS] * bright))
        c = inks[I(U(h >> U(5)) % U(4))]
        add_dot(
            light, x, y, F(size * F(F(1.1) + F(1.3) * bright)),
            F(F(spark[0] * F(0.75) + c[0] * F(0.25)) * k0),
            F(F(spark[1] * F(0.75) + c[1] * F(0.25)) * k0),
            F(F(spark[2] * F(0.75) + c[2] * F(0.25)) * k0),
        )  # fmt: skip


@njit(**KERNEL)
def _curtains(columns, seed, values):  # type: ignore[no-untyped-def]
    """Light of all rays in three bands of colour, column by column."""
    _, across, tall = columns.shape
    for band in range(BANDS):
        for x in range(across):
            for y in range(tall):
                columns[band, x, y] = F(0)
    rays = I(F(across) * F(RAYS_A_COLUMN))
    t = values[FLOW]
    share = F(F(across) / F(rays))
    for curtain in range(CURTAINS):
        own = U(seed + U(211 * curtain + 5))
        k = F(I(curtain))
        depth = F(F(1) - F(0.22) * k)
        for ray in range(rays):
            u = F(F(F(I(ray)) / F(rays)) * F(2 * REACH) - F(REACH))
            s = F(u + values[PAN] * depth)
            fold = noise(F(s * F(0.9) + t * F(0.07) + F(30)), F(k * F(5) + t * F(0.05)), own)
            fine = noise(
                F(s * F(2.3) - t * F(0.11) + F(60)), F(k * F(3) + t * F(0.09)), U(own + U(3))
            )
            x = F(u + fold * F(1.0) + fine * F(0.26))
            at = F(F(F(0.5) + x * F(0.27)) * F(across))
            column = floor_i(at)
            if column < 0 or column + 1 >= across:
                continue
            hem = F(
                F(0.50) - F(0.10) * k + values[LEAN] * x * F(0.25) + fold * F(0.16) + fine * F(0.10)
            )
            glow = noise(
                F(s * F(1.6) + t * F(0.16) + F(9)), F(k * F(7) - t * F(0.13)), U(own + U(9))
            )
            thin = noise(F(s * F(17) - t * F(0.55) + F(80)), F(t * F(0.35) + F(20)), U(own + U(13)))
            hair = noise(F(s * F(43) + t * F(0.8) + F(90)), F(t * F(0.7) + F(30)), U(own + U(17)))
            lit = clamp01(F(F(0.42) + glow * F(1.5)))
            lit = F(
                lit * F(F(0.55) + F(0.95) * clamp01(F(F(0.45) + thin * F(0.9) + hair * F(0.5))))
            )
            wave = fract(F(s * F(0.25) - t * F(0.21) + F(0.3) * k))
            wave = F(wave * wave * wave * smooth(F(1), F(0.93), wave))
            lit = F(lit * F(F(1) + wave * F(F(0.5) + F(1.6) * values[BEAT])) * depth * share)
            reach = F(F(0.30) + F(0.34) * clamp01(F(F(0.5) + thin * F(0.5) + glow * F(0.9))))
            reach = F(reach * F(F(0.75) + F(0.25) * values[ENERGY] + F(0.25) * values[BASS]))
            _ray(columns, column, F(at - F(column)), hem, reach, lit)


@njit(**KERNEL)
def _ray(columns, column, part, hem, reach, lit):  # type: ignore[no-untyped-def]
    """One ray, shared between two columns: a sharp hem below, a long fall-off above."""
    tall = columns.shape[2]
    last = min(floor_i(F(F(hem + F(0.02)) * F(tall))), tall - 1)
    first = max(floor_i(F(F(hem - reach * F(1.9)) * F(tall))), 0)
    scale = F(F(1) / F(reach * F(tall)))
    left = F(lit * F(F(1) - part))
    right = F(lit * part)
    for y in range(first, last):
        v = F(F(hem * F(tall) - F(I(y))) * scale)
        k = F(decay(F(v * F(3.1))) * smooth(F(-0.03), F(0.05), v) * smooth(F(1.9), F(0.9), v))
        hem_k = F(k * smooth(F(0.42), F(0.02), v))
        crown_k = F(k * smooth(F(0.35), F(1.0), v) * F(1.5))
        middle_k = F(max(F(k - hem_k - crown_k), F(0)))
        columns[0, column, y] += F(left * hem_k)
        columns[0, column + 1, y] += F(right * hem_k)
        columns[1, column, y] += F(left * middle_k)
        columns[1, column + 1, y] += F(right * middle_k)
        columns[2, column, y] += F(left * crown_k)
        columns[2, column + 1, y] += F(right * crown_k)


@njit(**KERNEL)
def _tint(curtains, columns, inks, first_ink, values):  # type: ignore[no-untyped-def]
    """Colour of the bands; turned back upright."""
    _, across, tall = columns.shape
    colors = np.empty((BANDS, 3), np.float32)
    for band in range(BANDS):
        ink = inks[(first_ink + band) % inks.shape[0]]
        for c in range(3):
            colors[band, c] = F(ink[c] * values[POWER])
    for x in range(across):
        for y in range(tall):
            a = columns[0, x, y]
            b = columns[1, x, y]
            d = columns[2, x, y]
            calm = F(F(1.25) / F(F(1) + F(0.3) * F(a + b + d)))
            for c in range(3):
                lit = F(a * colors[0, c] + b * colors[1, c] + d * colors[2, c])
                curtains[c, y, x] = F(lit * calm)


@njit(**KERNEL)
def _raise_ridges(ridges, height, seed, values):  # type: ignore[no-untyped-def]
    """Row of the sky line of two chains of mountains, at every column."""
    width = ridges.shape[1]
    xs = np.empty(width, np.float32)
    ys = np.empty(width, np.float32)
    for chain in range(2):
        near = F(I(chain))
        for x in range(width):
            a = F(F(F(I(x)) - F(width) * F(0.5)) * F(F(2) / F(height)) * values[SCALE])
            xs[x] = F(
                a * F(F(1.5) - F(0.45) * near) + values[PAN] * F(F(0.25) + F(0.5) * near) + F(50)
            )
            ys[x] = F(F(7) + F(13) * near)
        row_fbm(ridges[chain], xs, ys, U(seed + U(401 * chain + 77)), 6, F(0.75))
        base = F(F(SHORE) - F(0.055) + F(0.045) * near)
        for x in range(width):
            peak = F(max(F(F(0.42) + ridges[chain, x] * F(1.25)), F(0)))
            peak = F(peak * F(F(0.35) + F(0.65) * peak))
            ridges[chain, x] = F(F(base - peak * F(F(0.26) - F(0.11) * near)) * F(height))


@njit(**KERNEL)
def _land(light, wide, ridges, inks, night, values):  # type: ignore[no-untyped-def]
    """Curtains over the sky, then the mountains before them."""
    _, height, width = light.shape
    row = np.empty(width, np.float32)
    shore = I(F(height) * F(SHORE))
    for y in range(shore):
        v = F(F(I(y)) / F(shore))
        low = F(v * v * v * v * F(F(0.03) + F(0.05) * values[ENERGY] + F(0.03) * values[BASS]))
        for c in range(3):
            blend_row(wide[c], y, SKY_STEP, row)
            haze = F(F(inks[1, c] + inks[2, c]) * low * F(0.6))
            far = F(night[c] * F(0.55) + inks[0, c] * F(0.012) + haze * F(0.30))
            near = F(night[c] * F(0.30))
            for x in range(width):
                sky = F(light[c, y, x] + row[x] + haze)
                sky = lerp(sky, far, clamp01(F(F(I(y)) - ridges[0, x] + F(0.5))))
                light[c, y, x] = lerp(sky, near, clamp01(F(F(I(y)) - ridges[1, x] + F(0.5))))


@njit(**KERNEL)
def _lake(light, night, seed, values):  # type: ignore[no-untyped-def]
    """What stands above the shore, again below it, broken by ripples that grow towards us."""
    _, height, width = light.shape
    shore = I(F(height) * F(SHORE))
    size = F(F(480) / F(height))
    t = values[FLOW]
    source = np.empty(width, np.int32)
    share = np.empty(width, np.float32)
    for y in range(shore, height):
        down = F(F(I(y - shore + 1)) * size)
        near = F(down * F(1.0 / 115.0))
        pitch = F(F(26) / F(down + F(7)))
        dim = F(F(MIRROR) * F(F(1) - F(0.45) * near))
        start = F(F(shore) - F(2) - F(I(y - shore)) * F(1.9))
        swell = F(F(F(0.35) + near) / size)
        for x in range(width):
            across = F(F(F(I(x)) - F(width) * F(0.5)) * size * pitch)
            a = noise(F(across * F(0.012) + F(40)), F(pitch * F(9) + t * F(0.5) + F(9)), seed)
            b = noise(F(across * F(0.035) + F(90) - t * F(0.2)), F(pitch * F(23) + t), seed)
            row = I(F(start - F(a * F(10) + b * F(5)) * swell))
            source[x] = min(max(row, I(0)), I(shore - 1))
            share[x] = F(dim * F(F(1) + F(0.5) * b))
        for c in range(3):
            own = F(night[c] * F(0.45))
            for x in range(width):
                light[c, y, x] = F(light[c, source[x], x] * share[x] + own)
