"""Passages that nobody built: caves of ice or rock, coral, asteroids, the inside of a wave.

The wall's relief is noise that closes round the passage; its slopes in the picture are lit from
the passage's end and from lamps that go by. All of it is reckoned coarsely: such walls are soft.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.bore import (
    BASS,
    ENERGY,
    FAR_X,
    FAR_Y,
    FRONT,
    HIGHS,
    HUE,
    HUE_STEP,
    KICK,
    OWN,
    PIXEL,
    POWER,
    ROLL,
    TRAVEL,
    WIDTH,
    bend,
    hue_of,
    lamp,
)
from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    atan2_f,
    clamp01,
    cos_f,
    decay,
    floor_i,
    fract,
    lerp,
    row_fbm,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample
SEAM = 2.5  # radians from where on the two ends of the relief are blended
LAMP_GAP = 2.6  # depth between two lamps
# The cavern's own values, behind those that all passages share.
(
    LUMPS,  # lumps round the passage
    STRETCH,  # lumps along it, a unit of depth
    RELIEF,  # how far they stand out
    CLEAR_ICE,  # light from within
    OPEN,  # share of the wall that is open to the sky, as in a breaking wave
    OPEN_AT,  # where it is, radians
    GAPS,  # relief below which there is no wall, as between asteroids; -9: none
    FOAM,  # light of the crests
    BUDS,  # light of what grows on the wall
    FOG,  # share of light lost a unit of depth
    SWIRL,  # turns of the relief along the passage
) = range(OWN, OWN + 11)
# Rows of a field.
HEIGHT, Z, TOWARD_X, TOWARD_Y, GAP_NOW = range(5)
# Rows of light by what shines.
WALL, THIN, INNER, GLINT, BUD, DEEP, EXIT, SKY = range(8)


class Cavern:
    """Work arrays of one clip."""

    def __init__(self, stage: Stage) -> None:
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.field = scratch(5, *shape)
        self.rgb = scratch(3, *shape)
        self.wide = scratch(3, shape[0], stage.width_px)

    def paint(
        self,
        light: FloatArray,
        view: FloatArray,
        *,
        stage: Stage,
        seed: np.uint32,
        values: FloatArray,
    ) -> None:
        """Fill the picture.

        Args:
            light: Linear light, shape (3, height, width).
            view: Camera.
            stage: Whose palette colours it.
            seed: Of the relief.
            values: As named here and in `bore`.
        """
        colors = stage.palette
        _relief(self.field, view, seed, values)
        _lit(
            self.rgb, self.field, colors.inks, colors.ramp, colors.night, colors.spark, seed, values
        )
        for c in range(3):
            widen(self.rgb[c], self.wide[c], STEP)
        _lay(light, self.wide)


@njit(**KERNEL)
def _relief(field, view, seed, values):  # type: ignore[no-untyped-def]
    """Height of the wall, its depth, and the way to the passage's end."""
    _, rows, columns = field.shape
    around = np.empty(columns, np.float32)
    along = np.empty(columns, np.float32)
    work = np.empty((5, columns), np.float32)
    for r in range(rows):
        _find(field[:, r], around, along, view, F(F(I(r - 1)) * F(STEP)), values)
        _closed_noise(field[HEIGHT, r], around, along, work, seed, values[LUMPS])
        for x in range(columns):
            z = field[Z, r, x]
            fine = F(z * z * values[PIXEL] * values[STRETCH] * F(9))
            h = F(field[HEIGHT, r, x] / F(F(1) + fine * fine))
            field[HEIGHT, r, x] = h
            field[Z, r, x] = F(z / F(F(1) + values[RELIEF] * h))


@njit(**KERNEL)
def _find(row, around, along, view, py, values):  # type: ignore[no-untyped-def]
    """Where the rays of a row meet an even wall: angle -pi..pi, lumps along, depth, way inwards."""
    far_x, far_y, width, travel = values[FAR_X], values[FAR_Y], values[WIDTH], values[TRAVEL]
    swirl, roll, stretch = values[SWIRL], values[ROLL], values[STRETCH]
    for x in range(around.shape[0]):
        px = F(F(I(x - 1)) * F(STEP))
        sx = F(view[0] * px + view[1] * py + view[2])
        sy = F(view[3] * px + view[4] * py + view[5])
        qx = sx
        qy = sy
        far = F(1)
        z = F(1)
        for _ in range(3):
            qx = F(sx - bend(z, far_x))
            qy = F(F(sy - bend(z, far_y)) * F(1.15))
            far = F(np.sqrt(F(qx * qx + qy * qy + F(0.0012))))
            z = F(width / far)
        w = F(F(min(z, F(24))) + travel)
        turn = F(F(atan2_f(qy, qx) + swirl * w + roll) * F(0.15915494))
        around[x] = F(F(fract(turn) - F(0.5)) * F(6.2831853))
        along[x] = F(w * stretch)
        row[Z, x] = z
        row[TOWARD_X, x] = F(-qx / far)
        row[TOWARD_Y, x] = F(-qy / far)


@njit(**KERNEL)
def _closed_noise(out, around, along, work, seed, lumps):  # type: ignore[no-untyped-def]
    """Noise on the wall of a tube; near the seam it blends with what comes round the other way."""
    count = around.shape[0]
    xs, ys, other = work[0], work[1], work[2]
    for x in range(count):
        xs[x] = F(around[x] * lumps + F(60))
        ys[x] = F(along[x] + F(60))
    row_fbm(out, xs, ys, seed, I(4), F(1.0))
    found = 0
    for x in range(count):
        work[3, found] = F(I(x))
        work[4, found] = around[x]
        xs[found] = F(F(around[x] - F(6.2831853 if around[x] > F(0) else -6.2831853)) * lumps + 60)
        ys[found] = F(along[x] + F(60))
        found += 1 if F(abs(around[x])) > F(SEAM) else 0
    row_fbm(other[:found], xs[:found], ys[:found], seed, I(4), F(1.0))
    for k in range(found):
        x = I(work[3, k])
        share = F(F(0.5) * smooth(F(SEAM), F(3.1415927), F(abs(work[4, k]))))
        out[x] = lerp(out[x], other[k], share)


@njit(**KERNEL)
def _lit(rgb, field, inks, ramp, night, spark, seed, values):  # type: ignore[no-untyped-def]
    """Light of every sample."""
    _, rows, columns = rgb.shape
    slope = np.zeros((2, columns), np.float32)
    part = np.empty((8, columns), np.float32)
    place = np.empty(columns, np.int32)
    open_part = values[OPEN]
    for r in range(rows):
        _slopes(slope, field, r, values)
        _shine(part, place, slope, field[:, r], seed, values)
        _mask(part, field[:, r], values)
        for c in range(3):
            air = F(inks[0, c] * F(0.70) + inks[2, c] * F(0.25))
            air = lerp(air, inks[1, c], F(F(0.8) * open_part))
            body, base = inks[2, c], inks[1, c]
            inner = F(inks[0, c] * F(F(1) - open_part) + base * open_part)
            sky = F(base * open_part)
            void = F(air * F(F(0.03) + F(0.07) * open_part))
            beyond = F(F(0.10) + F(0.3) * open_part)
            white, dark, shift = spark[c], F(night[c] * F(0.5)), F(F(0.7) * open_part)
            for x in range(columns):
                tint = lerp(ramp[place[x], c], body, shift)
                glass = lerp(base, inner, part[THIN, x])
                value = F(tint * part[WALL, x] + glass * part[INNER, x])
                value = F(value + white * part[GLINT, x] + base * part[BUD, x])
                far = F(air * part[DEEP, x] + white * part[EXIT, x])
                out = F(sky * part[SKY, x] + void + far * beyond)
                gap = field[GAP_NOW, r, x]
                rgb[c, r, x] = F(lerp(F(value + far), out, gap) + dark)


@njit(**KERNEL)
def _slopes(slope, field, r, values):  # type: ignore[no-untyped-def]
    """Slopes of the wall in the picture, as steep as they are in the passage."""
    rows, columns = field.shape[1], field.shape[2]
    above = max(r - 1, 0)
    below = min(r + 1, rows - 1)
    across = F(F(0.5) / F(values[PIXEL] * F(2 * STEP)))
    for x in range(1, columns - 1):
        k = F(across / F(F(0.35) + field[Z, r, x]))
        slope[0, x] = F(F(field[HEIGHT, r, x + 1] - field[HEIGHT, r, x - 1]) * k)
        slope[1, x] = F(F(field[HEIGHT, below, x] - field[HEIGHT, above, x]) * k)


@njit(**KERNEL)
def _shine(part, place, slope, row, seed, values):  # type: ignore[no-untyped-def]
    """What the end of the passage and the lamps make of the wall."""
    power, kick, front, energy = values[POWER], values[KICK], values[FRONT], values[ENERGY]
    travel, fog, highs, buds = values[TRAVEL], values[FOG], values[HIGHS], values[BUDS]
    hue, hue_step, ice = values[HUE], values[HUE_STEP], values[CLEAR_ICE]
    bright = F(F(0.20) + F(0.42) * power + F(0.2) * values[BASS])
    for x in range(place.shape[0]):
        h = row[HEIGHT, x]
        z = row[Z, x]
        gx = slope[0, x]
        gy = slope[1, x]
        steep = F(F(1) / F(np.sqrt(F(F(1) + gx * gx + gy * gy))))
        inwards = F(gx * row[TOWARD_X, x] + gy * row[TOWARD_Y, x])
        ahead = clamp01(F(F(F(0.16) - inwards) * steep))
        aside = clamp01(F(F(F(0.08) - gx * F(0.8) + gy * F(0.6)) * steep))
        w = F(F(F(min(z, F(60))) + travel) * F(1.0 / LAMP_GAP) + F(0.5))
        d = F(F(w - F(floor_i(w)) - F(0.5)) * F(LAMP_GAP))
        k = lamp(w, z, seed, power, kick, front)
        near = F(k / F(F(1) + d * d * F(2.2)))
        clear = decay(F(z * fog))
        end = F(F(1) - clear)
        thin = smooth(F(-0.35), F(0.45), h)
        lit = F(ahead * F(F(0.20) + F(0.75) * end) * power + aside * near * F(0.75))
        part[WALL, x] = F(lit * F(F(0.12) + F(1.15) * thin * thin) * clear)
        part[THIN, x] = thin
        own = F(ice * thin * thin * F(F(0.25) + near + F(0.35) * end))
        part[INNER, x] = F(own * F(0.55) * F(F(0.3) + F(0.7) * clear))
        glint = F(aside * aside * aside)
        part[GLINT, x] = F(glint * glint * F(F(0.25) + energy) * near * clear * F(0.8))
        bud = F(buds * smooth(F(0.16), F(0.42), h) * F(F(0.4) + k))
        part[BUD, x] = F(bud * F(F(0.6) + F(0.8) * highs * aside) * clear * F(0.7))
        part[DEEP, x] = F(end * end * bright)
        part[EXIT, x] = F(end * end * end * end * F(0.30) * power)
        part[SKY, x] = F(F(F(0.07) + F(0.24) * power) * F(F(0.15) + F(0.85) * end) * F(F(1) + h))
        place[x] = hue_of(F(w * F(0.7)), hue, hue_step)


@njit(**KERNEL)
def _mask(part, row, values):  # type: ignore[no-untyped-def]
    """Where there is no wall, and the foam at its edge and on its crests."""
    open_part, gaps = values[OPEN], values[GAPS]
    foam = F(values[FOAM] * F(0.55) * values[POWER])
    ox = F(cos_f(values[OPEN_AT]))
    oy = F(sin_f(values[OPEN_AT]))
    for x in range(row.shape[1]):
        h = row[HEIGHT, x]
        side = F(F(0.5) - F(0.5) * F(row[TOWARD_X, x] * ox + row[TOWARD_Y, x] * oy))
        lip = F(side + h * F(0.10))
        sky = F(open_part * smooth(F(0.80), F(0.86), lip))
        rim = F(open_part * smooth(F(0.70), F(0.82), lip) * smooth(F(0.90), F(0.82), lip))
        crest = F(max(F(F(1) - F(abs(F(h + F(0.02)))) * F(9)), F(0)))
        part[GLINT, x] += F(F(crest * crest * F(F(0.2) + side) + rim) * foam)
        row[GAP_NOW, x] = F(max(smooth(gaps, F(gaps - F(0.10)), h), sky))


@njit(**KERNEL)
def _lay(light, wide):  # type: ignore[no-untyped-def]
    for y in range(light.shape[1]):
        for c in range(3):
            blend_row(wide[c], y, I(STEP), light[c, y])
