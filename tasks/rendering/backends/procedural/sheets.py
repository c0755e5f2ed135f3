"""Sheets of lit material, one over the other: folds, soft shadows where they overlap, thin edges.

A sheet is worked out coarsely, for all that it shows is smooth: its signed distance to the edge
and its lit colour. The full picture only decides, pixel by pixel, on which side of each edge it
lies, so that edges stay crisp at any size and cost little.

Source: the folds are gradient noise drawn out along the sheet and bent by a second noise, after
I. Quilez, Domain warping, 2002.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    clamp01,
    cos_f,
    decay,
    floor_i,
    noise,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.palette import RAMP_STEPS, Palette
from tasks.rendering.renderer import FloatArray

STEP = 4  # pixels a sample
FIELDS = 5  # signed distance to the edge, red, green, blue, light of the edge
WAVES = 3  # that an edge is made of
# What `lay_sheet` is told of a sheet's shape, in half-heights and radians.
OFFSET, WIDTH, TWIST, TWIST_PHASE, THRUST, THRUST_AT, WAVE = 0, 1, 2, 3, 4, 5, 6
SHAPE_SIZE = WAVE + 3 * WAVES  # each wave: size, radians a half-height, phase
# ... and of its material.
ALONG, ACROSS, BEND, DRIFT, RELIEF, PLEAT = 0, 1, 2, 3, 4, 5
HUE, HUE_ALONG, HUE_ACROSS, HUE_FOLD = 6, 7, 8, 9
AMBIENT, BODY, SHEEN, VELVET, THROUGH, FADE, HAZE, RIM, GLINT = 10, 11, 12, 13, 14, 15, 16, 17, 18
CLOTH_SIZE = 19
# ... and of the lamp: place, height over the sheet, fall-off.
LAMP_X, LAMP_Y, LAMP_Z, LAMP_FALL = 0, 1, 2, 3
# What `stack` is told of a layer: half the edge's softness, opacity, shadow and its reach, edge.
SOFT, OPACITY, SHADOW, REACH, EDGE, EDGE_RED = 0, 1, 2, 3, 4, 5
JOIN_SIZE = 8


class Sheets:
    """Work arrays of `count` layers; layer 0 is what lies behind all sheets."""

    def __init__(self, height_px: int, width_px: int, *, count: int, palette: Palette) -> None:
        shape = coarse_shape(height_px, width_px, STEP)
        self.layers = scratch(count, FIELDS, *shape)
        self.joins = np.zeros((count, JOIN_SIZE), np.float32)
        self.folds = scratch(2, *shape)
        self.unit = 2.0 / height_px  # half-heights a pixel
        self.palette = palette

    def lay(
        self,
        k: int,
        view: FloatArray,
        *,
        shape: FloatArray,
        cloth: FloatArray,
        lamp: FloatArray,
        haze: FloatArray,
        seed: np.uint32,
    ) -> None:
        """Work out layer `k`.

        Args:
            k: Which layer.
            view: Affine map from pixel to the sheet: along its edge, and across it.
            shape: `SHAPE_SIZE` numbers; with a `WIDTH` the sheet is a ribbon.
            cloth: `CLOTH_SIZE` numbers.
            lamp: Where the light is on the picture, in half-heights from its middle.
            haze: Linear-light colour of the air in front of the sheet, shape (3,).
            seed: Of the folds.
        """
        layer = self.layers[k]
        _fold(layer, self.folds, view, shape, cloth, seed)
        _light(
            layer, self.folds, cloth, lamp, haze, self.palette.ramp, self.palette.spark,
            np.float32(self.unit),
        )  # fmt: skip
        self.soften(k)

    def soften(self, k: int) -> None:
        """Round off what is narrower than a sample, so that bright folds show no steps."""
        _soften(self.layers[k], self.folds[0])

    def stack(self, light: FloatArray) -> None:
        """Put all layers over each other, layer 0 lowest."""
        _stack(light, self.layers, self.joins, np.float32(self.unit))


@njit(**KERNEL)
def _fold(layer, folds, view, shape, cloth, seed):  # type: ignore[no-untyped-def]
    """Signed distance to the edge, height of the folds, and hue before it is wrapped."""
    _, rows, columns = layer.shape
    for r in range(rows):
        py = F(F(I(r - 1)) * F(STEP))
        u0 = F(view[1] * py + view[2])
        v0 = F(view[4] * py + view[5])
        for x in range(columns):
            px = F(F(I(x - 1)) * F(STEP))
            u = F(view[0] * px + u0)
            v = F(view[3] * px + v0)
            rise = shape[OFFSET]
            slope = F(0)
            for m in range(WAVES):
                size = shape[WAVE + 3 * m]
                rate = shape[WAVE + 3 * m + 1]
                angle = F(rate * u + shape[WAVE + 3 * m + 2])
                rise = F(rise + size * sin_f(angle))
                slope = F(slope + size * rate * cos_f(angle))
            q = F(F(2) * F(u - shape[THRUST_AT]))
            q = F(F(1) / F(F(1) + q * q))
            rise = F(rise - shape[THRUST] * q * q)
            d = F(F(v - rise) / F(np.sqrt(F(F(1) + slope * slope))))
            tilt = F(0)
            if shape[WIDTH] > F(0):
                turn = sin_f(F(shape[TWIST] * u + shape[TWIST_PHASE] + F(0.7) * slope))
                half = F(shape[WIDTH] * F(np.sqrt(F(turn * turn + F(0.006)))))
                tilt = F(turn * F(0.8))
                layer[0, r, x] = F(half - abs(d))
                d = F(min(max(d, F(-half)), half))
            else:
                layer[0, r, x] = d
            bend = noise(F(F(0.5) * u + cloth[DRIFT]), F(F(0.55) * d + F(7)), seed)
            a = F(cloth[ALONG] * u + F(1.3) * cloth[DRIFT])
            b = F(cloth[ACROSS] * d + cloth[BEND] * bend)
            h = noise(a, b, seed)
            h = F(h + F(0.32) * noise(F(F(1.7) * a + F(9)), F(F(2.1) * b + F(5)), seed))
            crease = F(F(np.sqrt(F(h * h + F(0.014)))) * F(1.5) - F(0.3))
            h = F(h + cloth[PLEAT] * F(crease - h))
            folds[0, r, x] = F(h + tilt)
            hue = F(cloth[HUE] + cloth[HUE_ALONG] * u + cloth[HUE_ACROSS] * d + cloth[HUE_FOLD] * h)
            folds[1, r, x] = F(hue + F(0.16) * tilt)
            layer[4, r, x] = F(bend + F(0.5))


@njit(**KERNEL)
def _light(layer, folds, cloth, lamp, haze, ramp, spark, unit):  # type: ignore[no-untyped-def]
    """Colour of the folds under the lamp, and the light that the edge catches."""
    _, rows, columns = layer.shape
    scale = F(cloth[RELIEF] / F(unit * F(2 * STEP)))
    mid_x = F(F(I(columns - 3)) * F(0.5) * F(STEP))
    mid_y = F(F(I(rows - 3)) * F(0.5) * F(STEP))
    glow = np.empty((3, columns), np.float32)
    at = np.empty(columns, np.int32)
    for r in range(rows):
        above = max(r - 1, 0)
        below = min(r + 1, rows - 1)
        sy = F(F(F(I(r - 1)) * F(STEP) - mid_y) * unit)
        for x in range(1, columns - 1):
            gx = F(F(folds[0, r, x + 1] - folds[0, r, x - 1]) * scale)
            gy = F(F(folds[0, below, x] - folds[0, above, x]) * scale)
            h = folds[0, r, x]
            sx = F(F(F(I(x - 1)) * F(STEP) - mid_x) * unit)
            lx = F(lamp[LAMP_X] - sx)
            ly = F(lamp[LAMP_Y] - sy)
            away = F(lx * lx + ly * ly)
            inverse = F(F(1) / F(np.sqrt(F(away + lamp[LAMP_Z] * lamp[LAMP_Z]))))
            lx = F(lx * inverse)
            ly = F(ly * inverse)
            lz = F(lamp[LAMP_Z] * inverse)
            near = F(F(1) / F(F(1) + away * lamp[LAMP_FALL]))
            flat = F(F(1) / F(np.sqrt(F(F(1) + gx * gx + gy * gy))))
            lit = clamp01(F(F(lz - gx * lx - gy * ly) * flat))
            shine = F(F(F(1) + lz - gx * lx - gy * ly) * flat)
            shine = F(shine * shine / F(F(F(2) + F(2) * lz)))
            shine = F(shine * shine * shine * shine)
            shine = F(shine * shine)
            d = F(max(layer[0, r, x], F(0)))
            fade = F(F(0.12) + F(0.88) * decay(F(d * cloth[FADE])))
            nap = F(F(1) - flat)
            body = F(cloth[AMBIENT] + cloth[BODY] * lit * lit * near)
            body = F(body + F(cloth[VELVET] * nap * nap + cloth[THROUGH] * F(F(0.6) - h)) * near)
            body = F(max(body, F(0)) * fade)
            wet = F(cloth[SHEEN] * shine * near * F(F(0.25) + F(0.75) * fade))
            air = F(cloth[HAZE] * F(F(0.35) + F(0.65) * smooth(F(0), F(0.7), d)))
            hue = folds[1, r, x]
            hue = F(hue - F(floor_i(hue)))
            at[x] = min(I(hue * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            glow[0, x] = body
            glow[1, x] = wet
            glow[2, x] = air
            glint = smooth(F(0.62), F(0.9), layer[4, r, x])
            catch = F(F(0.03) + F(0.97) * near * near * F(F(0.25) + F(0.75) * lit))
            layer[4, r, x] = F(cloth[RIM] * catch + cloth[GLINT] * glint)
        for c in range(3):
            for x in range(1, columns - 1):
                tint = ramp[at[x], c]
                wet = glow[1, x]
                own = F(tint * F(glow[0, x] + F(0.6) * wet) + F(0.4) * spark[c] * wet)
                layer[1 + c, r, x] = F(own + glow[2, x] * F(haze[c] - own))
        for f in range(1, FIELDS):
            layer[f, r, 0] = layer[f, r, 1]
            layer[f, r, columns - 1] = layer[f, r, columns - 2]


@njit(**KERNEL)
def _soften(layer, work):  # type: ignore[no-untyped-def]
    """Binomial blur 1 2 1 of the colours, both ways."""
    _, rows, columns = layer.shape
    for f in range(1, 4):
        for r in range(rows):
            for x in range(1, columns - 1):
                ends = F(layer[f, r, x - 1] + layer[f, r, x + 1])
                work[r, x] = F(F(0.25) * ends + F(0.5) * layer[f, r, x])
            work[r, 0] = work[r, 1]
            work[r, columns - 1] = work[r, columns - 2]
        for r in range(rows):
            above = max(r - 1, 0)
            below = min(r + 1, rows - 1)
            for x in range(columns):
                ends = F(work[above, x] + work[below, x])
                layer[f, r, x] = F(F(0.25) * ends + F(0.5) * work[r, x])


@njit(**KERNEL)
def _stack(light, layers, joins, unit):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    count, _, rows, _ = layers.shape
    upper = np.empty((count, FIELDS, width), np.float32)
    lower = np.empty((count, FIELDS, width), np.float32)
    held = np.zeros(count, np.int32)  # the sample row that `lower` holds
    for r in range(1, rows - 1):
        for k in range(count):
            if k > 0 and not _reaches(layers[k], r, joins[k]):
                continue
            if held[k] == r:
                upper[k, :, :] = lower[k]
            else:
                _spread(layers[k], r, upper[k])
            _spread(layers[k], r + 1, lower[k])
            held[k] = r + 1
        for m in range(min(STEP, height - (r - 1) * STEP)):
            y = (r - 1) * STEP + m
            share = F(F(I(m)) / F(STEP))
            _ground(light, y, upper[0], lower[0], share)
            for k in range(1, count):
                if held[k] == r + 1:
                    _lay_over(light, y, upper[k], lower[k], share, joins[k], unit)


@njit(**INLINE)
def _reaches(layer, r, join):  # type: ignore[no-untyped-def]
    """Whether anything of a sheet, its shadow or its edge shows between two sample rows."""
    top = F(-9)
    for x in range(layer.shape[2]):
        top = F(max(top, max(layer[0, r, x], layer[0, r + 1, x])))
    return top > F(-max(join[REACH], join[SOFT] + F(4) * join[EDGE]))


@njit(**INLINE)
def _spread(layer, r, wide):  # type: ignore[no-untyped-def]
    """Stretch a sample row of each field to full width."""
    width = wide.shape[1]
    for f in range(FIELDS):
        for k in range(1, layer.shape[2] - 1):
            a = layer[f, r, k]
            d = F(F(layer[f, r, k + 1] - a) * F(1.0 / STEP))
            base = (k - 1) * STEP
            for m in range(min(STEP, width - base)):
                wide[f, base + m] = F(a + d * F(I(m)))


@njit(**INLINE)
def _ground(light, y, upper, lower, share):  # type: ignore[no-untyped-def]
    for c in range(3):
        for x in range(light.shape[2]):
            a = upper[1 + c, x]
            light[c, y, x] = F(a + F(lower[1 + c, x] - a) * share)


@njit(**KERNEL)
def _lay_over(light, y, upper, lower, share, join, unit):  # type: ignore[no-untyped-def]
    """One row of a sheet: its shadow, itself, its edge."""
    soft = F(max(join[SOFT], F(unit * F(0.75))))
    inverse = F(F(0.5) / soft)
    reach = F(F(1) / join[REACH])
    edge = F(max(join[EDGE], F(unit * F(0.8))))
    thin = F(F(1) / edge)
    gain = F(join[EDGE] * thin)
    opacity, shadow = join[OPACITY], join[SHADOW]
    width = light.shape[2]
    keep = np.empty(width, np.float32)
    cover = np.empty(width, np.float32)
    rim = np.empty(width, np.float32)
    for x in range(width):
        a = upper[0, x]
        s = F(a + F(lower[0, x] - a) * share)
        k = clamp01(F(s * inverse + F(0.5)))
        k = F(k * k * F(F(3) - F(2) * k) * opacity)
        under = clamp01(F(F(1) + s * reach))
        keep[x] = F(F(F(1) - shadow * under * under) * F(F(1) - k))
        cover[x] = k
        t = F(F(s - soft) * thin)
        t = F(F(1) / F(F(1) + t * t))
        a = upper[4, x]
        rim[x] = F(F(a + F(lower[4, x] - a) * share) * gain * t * t)
    for c in range(3):
        ink = join[EDGE_RED + c]
        for x in range(width):
            a = upper[1 + c, x]
            own = F(F(a + F(lower[1 + c, x] - a) * share) * cover[x])
            light[c, y, x] = F(light[c, y, x] * keep[x] + own + ink * rim[x])
