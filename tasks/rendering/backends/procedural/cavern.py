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
    clamp01,
    cos_f,
    decay,
    floor_i,
    lerp,
    row_fbm,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

STEP = 2  # pixels a sample
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
HEIGHT, Z, TOWARD_X, TOWARD_Y = range(4)


class Cavern:
    """Work arrays of one clip."""

    def __init__(self, stage: Stage) -> None:
        shape = coarse_shape(stage.height_px, stage.width_px, STEP)
        self.field = scratch(4, *shape)
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
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    lumps, stretch = values[LUMPS], values[STRETCH]
    for r in range(rows):
        py = F(F(I(r - 1)) * F(STEP))
        for x in range(columns):
            px = F(F(I(x - 1)) * F(STEP))
            sx = F(view[0] * px + view[1] * py + view[2])
            sy = F(view[3] * px + view[4] * py + view[5])
            z = F(1)
            for _ in range(4):
                qx = F(sx - bend(z, values[FAR_X]))
                qy = F(F(sy - bend(z, values[FAR_Y])) * F(1.15))
                far = F(np.sqrt(F(qx * qx + qy * qy + F(0.0012))))
                z = F(values[WIDTH] / far)
            w = F(F(min(z, F(24))) + values[TRAVEL])
            turn = F(values[SWIRL] * w + values[ROLL])
            ca = F(cos_f(turn))
            sa = F(sin_f(turn))
            ux = F(qx / far)
            uy = F(qy / far)
            xs[x] = F(F(ux * ca - uy * sa) * lumps + w * stretch + F(60))
            ys[x] = F(F(ux * sa + uy * ca) * lumps + w * stretch * F(0.6) + F(60))
            field[Z, r, x] = z
            field[TOWARD_X, r, x] = F(-ux)
            field[TOWARD_Y, r, x] = F(-uy)
        row_fbm(field[HEIGHT, r], xs, ys, seed, 3, F(1.0))
        for x in range(columns):
            z = field[Z, r, x]
            fine = F(z * z * values[PIXEL] * stretch * F(6))
            even = F(F(1) / F(F(1) + fine * fine))
            h = F(field[HEIGHT, r, x] * even)
            field[HEIGHT, r, x] = h
            field[Z, r, x] = F(z / F(F(1) + values[RELIEF] * h))


@njit(**KERNEL)
def _lit(rgb, field, inks, ramp, night, spark, seed, values):  # type: ignore[no-untyped-def]
    """Light of every sample."""
    _, rows, columns = rgb.shape
    across = F(F(1) / F(values[PIXEL] * F(2 * STEP)))
    ox = F(cos_f(values[OPEN_AT]))
    oy = F(sin_f(values[OPEN_AT]))
    power, open_part = values[POWER], values[OPEN]
    for r in range(rows):
        above = max(r - 1, 0)
        below = min(r + 1, rows - 1)
        for x in range(columns):
            left = max(x - 1, 0)
            right = min(x + 1, columns - 1)
            h = field[HEIGHT, r, x]
            z = field[Z, r, x]
            tx = field[TOWARD_X, r, x]
            ty = field[TOWARD_Y, r, x]
            gx = F(F(field[HEIGHT, r, right] - field[HEIGHT, r, left]) * across)
            gy = F(F(field[HEIGHT, below, x] - field[HEIGHT, above, x]) * across)
            small = F(F(min(z, F(6))) * F(0.22))
            gx = F(gx * small)
            gy = F(gy * small)
            steep = F(F(1) / F(np.sqrt(F(F(1) + gx * gx + gy * gy))))
            ahead = clamp01(F(F(F(0.30) - F(gx * tx + gy * ty)) * steep))
            aside = clamp01(F(F(F(0.20) - F(gx * F(0.8) - gy * F(0.6))) * steep))
            w = F(F(F(min(z, F(60))) + values[TRAVEL]) * F(1.0 / LAMP_GAP))
            at = F(w * F(0.7) + F(0.5))
            d = F(F(w - F(floor_i(F(w + F(0.5))))) * F(LAMP_GAP))
            k = lamp(F(w + F(0.5)), z, seed, power, values[KICK], values[FRONT])
            near = F(k / F(F(1) + d * d * F(2.2)))
            clear = decay(F(z * values[FOG]))
            end = F(F(1) - clear)
            side = F(F(0.5) - F(0.5) * F(tx * ox + ty * oy))
            gap = smooth(values[GAPS], F(values[GAPS] - F(0.10)), h)
            lip = F(side + h * F(0.10))
            sky = F(open_part * smooth(F(0.80), F(0.86), lip))
            gap = F(max(gap, sky))
            rim = F(open_part * smooth(F(0.70), F(0.82), lip) * smooth(F(0.90), F(0.82), lip))
            crest = F(max(F(F(1) - F(abs(F(h + F(0.02)))) * F(9)), F(0)))
            crest = F(crest * crest * values[FOAM] * F(F(0.2) + side) + rim * values[FOAM])
            thin = smooth(F(-0.35), F(0.45), F(h + F(0.5) * open_part * F(side - F(0.5))))
            inner = F(values[CLEAR_ICE] * thin * thin * F(F(0.25) + near + F(0.35) * end))
            bud = F(values[BUDS] * smooth(F(0.16), F(0.42), h) * F(F(0.4) + k))
            bud = F(bud * F(F(0.6) + F(0.8) * values[HIGHS] * aside))
            wall = F(F(ahead * F(F(0.20) + F(0.75) * end) * power) + aside * near * F(0.75))
            wall = F(wall * F(F(0.45) + F(0.55) * thin) * clear)
            glint = F(aside * aside * aside)
            glint = F(glint * glint * F(F(0.25) + values[ENERGY]) * near * clear)
            slot = hue_of(at, values[HUE], values[HUE_STEP])
            deep = F(end * end * F(F(0.30) + F(0.55) * power + F(0.3) * values[BASS]))
            exit_k = F(end * end * end * end * F(0.30) * power)
            solid = F(F(1) - gap)
            for c in range(3):
                tint = lerp(ramp[slot, c], inks[2, c], F(F(0.7) * open_part))
                air = F(inks[0, c] * F(0.70) + inks[2, c] * F(0.25))
                air = lerp(air, inks[1, c], F(F(0.8) * open_part))
                glass = lerp(inks[1, c], inks[0, c], F(thin * F(F(1) - open_part)))
                value = F(tint * wall + glass * inner * F(0.55) * F(F(0.3) + F(0.7) * clear))
                value = F(value + spark[c] * F(glint * F(0.8) + crest * F(0.55) * power))
                value = F(value + inks[1, c] * bud * clear * F(0.7))
                far = F(air * deep + spark[c] * exit_k)
                bright = F(F(0.10) + F(0.36) * power) * F(F(0.15) + F(0.85) * end)
                out = F(inks[1, c] * open_part * bright * F(F(1) + h) + air * F(0.10))
                value = F(F(value + far) * solid + F(out + far * F(0.4)) * gap)
                rgb[c, r, x] = F(value + night[c] * F(0.5))


@njit(**KERNEL)
def _lay(light, wide):  # type: ignore[no-untyped-def]
    for y in range(light.shape[1]):
        for c in range(3):
            blend_row(wide[c], y, STEP, light[c, y])
