"""Columns of glyphs that fall through a deep dark hall and mirror in its wet floor.

The columns stand in space and the eye flies slowly between them. Far glyphs are small and
veiled, near ones large and out of focus.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.glyphs import GLYPH_COUNT
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    decay,
    floor_i,
    fract,
    mix,
    sin_f,
    smooth,
    unit,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.strokes import add_pool

COLUMNS = 560
NEAR, FAR = 0.34, 3.0  # depths at which a column appears and vanishes, half-heights at scale 1
CELL = 0.086  # height of a glyph's cell, scene units
CELL_RATIO = 0.68  # width of a cell against its height
FLOOR = 0.56  # the floor lies this far below the eye
ROWS = 46  # rows of the tallest column
TRAIL = 24  # rows of the longest trail
MIRROR = 0.5  # share of light that the floor gives back at its brightest
FOCUS = 0.85  # depth that is sharp
# Places in the row of values that the kernels are handed for a frame.
(FLOW, FLIGHT, SHIFT, LIFT, SCALE, HUE, POWER, BEAT, HIGHS, ENERGY, SIDE) = range(11)


@njit(**KERNEL)
def paint_mist(light, inks, values):  # type: ignore[no-untyped-def]
    """Lets the clouds that fill the picture gather on the horizon and shine on the floor."""
    _, height, width = light.shape
    half = F(F(height) * F(0.5))
    side = np.empty(width, np.float32)
    for x in range(width):
        k = F(F(F(I(x)) - F(width) * F(0.5)) / half - values[SIDE])
        side[x] = F(F(1) / F(F(1) + F(0.8) * k * k))
    lift = F(F(0.006) + F(0.012) * values[POWER] + F(0.015) * values[BEAT])
    for y in range(height):
        v = F(F(F(F(I(y)) - half) / half) * values[SCALE] - F(0.14) + values[LIFT])
        band = F(F(1) / F(F(1) + (F(26) if v < F(0) else F(11)) * v * v))
        band = F(band * band)
        for c in range(3):
            glow = F(F(inks[0, c] + inks[1, c] * F(0.25)) * band * lift)
            for x in range(width):
                cloud = light[c, y, x]
                light[c, y, x] = F(cloud * F(F(0.4) + F(1.5) * band) + glow * side[x])


@njit(**KERNEL)
def paint_columns(light, large, middle, small, ramp, spark, seed, values):  # type: ignore[no-untyped-def]
    """Add every column that is in sight, from the three sizes of the alphabet."""
    _, height, width = light.shape
    half = F(F(height) * F(0.5))
    sides = F(F(width) / F(height) * F(FAR) * F(0.8))
    color = np.empty(3, np.float32)
    for column in range(COLUMNS):
        h = mix(U(U(column) * U(0x9E3779B1) ^ seed))
        h1 = mix(U(h + U(1)))
        h2 = mix(U(h + U(2)))
        near = F(fract(F(unit(h) + values[FLIGHT])))
        z = F(F(FAR) - near * F(FAR - NEAR))
        scale = F(half / F(z * values[SCALE]))
        cell = F(scale * F(CELL))
        wide = F(cell * F(CELL_RATIO))
        lane = F(F(unit(h1) * F(2) - F(1)) * sides - values[SHIFT])
        left = F(F(width) * F(0.5) + lane * scale - wide * F(0.5))
        if left + wide < F(0) or left > F(width):
            continue
        veil = F(smooth(F(0), F(0.3), near) * smooth(F(1), F(0.86), near))
        veil = F(veil * F(F(0.16) + F(0.84) * near * near) * values[POWER])
        hue = F(unit(h2) * F(0.34) + F(unit(mix(U(h + U(3))))) * F(0.22) + values[HUE])
        blur = F(abs(F(F(FOCUS) / z - F(1))))
        size = F(F(36) / F(max(cell, F(1))) * F(F(1) + F(0.9) * blur * blur))
        floor_y = F(half + F(F(FLOOR) - values[LIFT]) * scale)
        bank = large if size < F(1.6) else (middle if size < F(3.4) else small)
        _column(light, bank, ramp, spark, color, h, left, floor_y, wide, cell, veil, hue, values)


@njit(**KERNEL)
def _column(light, bank, ramp, spark, color, h, left, floor_y, wide, cell, veil, hue, values):  # type: ignore[no-untyped-def]
    """One column, its drops, and both again below the floor."""
    height = light.shape[1]
    h4 = mix(U(h + U(4)))
    speed = F(F(0.10) + F(0.16) * unit(h4))
    reach = F(F(7) + F(TRAIL - 7) * unit(mix(U(h + U(5)))))
    fall = F(fract(F(values[FLOW] * speed + unit(mix(U(h + U(6)))))))
    other = F(fract(F(fall + F(0.37) + F(0.3) * unit(mix(U(h + U(7)))))))
    span = F(ROWS + TRAIL)
    head0 = F(F(ROWS) - fall * span)
    head1 = F(F(ROWS) - other * span)
    struck = F(_trail(F(-head0), reach) * veil)
    if struck > F(0.02):
        slot = I(F(fract(hue)) * F(RAMP_STEPS - 1))
        for c in range(3):
            color[c] = F(ramp[slot, c] * struck * F(0.55))
        middle = F(left + wide * F(0.5))
        spread = F(F(1.2) + F(1.5) * F(F(1) - struck / F(max(veil, F(0.01)))))
        add_pool(
            light, middle, floor_y, F(wide * F(2.6) * spread), F(cell * F(0.42) * spread), color
        )
    for row in range(ROWS):
        bottom = F(floor_y - F(row) * cell)
        if bottom < F(0):
            break
        k = F(I(row))
        lit = max(
            _trail(F(k - head0), reach),
            F(_trail(F(k - head1), reach) * F(F(0.35) + F(0.6) * values[ENERGY])),
        )
        white = max(_head(F(k - head0)), _head(F(k - head1)))
        hc = mix(U(U(row) * U(0xC2B2AE35) ^ h))
        tick = floor_i(
            F(values[FLOW] * F(F(0.6) + F(3) * unit(hc)) + F(9) * unit(mix(U(hc + U(1)))))
        )
        hg = mix(U(hc ^ U(U(tick) * U(0x27D4EB2D))))
        if unit(mix(U(hg + U(5)))) < F(0.035) * values[HIGHS]:
            lit = F(max(lit, F(0.9)))
            white = F(max(white, F(0.5)))
        if lit < F(0.012):
            continue
        lit = F(lit * F(F(0.72) + F(0.28) * unit(hg)) * veil)
        white = F(white * F(F(0.5) + F(0.5) * values[ENERGY] + F(1.2) * values[BEAT]) * veil)
        place = F(hue + F(0.10) * F(F(1) - lit))
        slot = I(F(fract(place)) * F(RAMP_STEPS - 1))
        for c in range(3):
            color[c] = F(ramp[slot, c] * F(F(2.3) * lit + white) + spark[c] * white * F(1.3))
        glyph = bank[I(U(hg >> U(4)) % U(GLYPH_COUNT))]
        _cell(light, glyph, color, left, F(bottom - cell), wide, cell, F(1))
        mirrored = F(floor_y + F(row) * cell)
        if mirrored < F(height):
            dim = F(F(MIRROR) * decay(F(k * F(0.07))))
            ripple = F(sin_f(F(mirrored * F(0.21) + values[FLOW] * F(3))) * wide * F(0.10))
            _cell(light, glyph, color, F(left + ripple), F(mirrored + cell), wide, F(-cell), dim)


@njit(**INLINE)
def _trail(d, reach):  # type: ignore[no-untyped-def]
    """Light of a cell d rows above a drop's head."""
    return F(decay(F(F(3.2) * d / reach)) * smooth(F(-1), F(0), d) * smooth(reach, F(0), d))


@njit(**INLINE)
def _head(d):  # type: ignore[no-untyped-def]
    """How much of a cell is the head itself."""
    return clamp01(F(F(1) - F(abs(d))))


@njit(**KERNEL)
def _cell(light, glyph, color, left, top, wide, tall, share):  # type: ignore[no-untyped-def]
    """Add one glyph, read between its samples; a negative height draws it upside down."""
    _, height, width = light.shape
    rows, columns = glyph.shape
    y_from = max(floor_i(F(min(top, F(top + tall)) + F(0.5))), 0)
    y_to = min(floor_i(F(max(top, F(top + tall)) + F(0.5))), height)
    x_from = max(floor_i(F(left + F(0.5))), 0)
    x_to = min(floor_i(F(left + wide + F(0.5))), width)
    step_x = F(F(columns) / wide)
    step_y = F(F(rows) / tall)
    for y in range(y_from, y_to):
        v = F(F(F(I(y)) + F(0.5) - top) * step_y - F(0.5))
        v = F(min(max(v, F(0)), F(rows - 1.001)))
        j = I(v)
        fv = F(v - F(j))
        for x in range(x_from, x_to):
            u = F(F(F(I(x)) + F(0.5) - left) * step_x - F(0.5))
            u = F(min(max(u, F(0)), F(columns - 1.001)))
            i = I(u)
            fu = F(u - F(i))
            a = F(glyph[j, i] + F(glyph[j, i + 1] - glyph[j, i]) * fu)
            b = F(glyph[j + 1, i] + F(glyph[j + 1, i + 1] - glyph[j + 1, i]) * fu)
            k = F(F(a + F(b - a) * fv) * share)
            light[0, y, x] += F(color[0] * k)
            light[1, y, x] += F(color[1] * k)
            light[2, y, x] += F(color[2] * k)
