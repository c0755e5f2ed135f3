"""The sheets of gradient-waves in plain numpy: what the theme would cost without kernels.

The same arithmetic over the same coarse fields, a whole array at a time, as one would write it by
hand: integer hashes for the noise, one pass of numpy an operation. Only the loops differ.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.backends.procedural import sheets as sh
from tasks.rendering.backends.procedural.palette import RAMP_STEPS
from tasks.rendering.backends.procedural.sheets import STEP, Sheets

Array = NDArray[Any]


class NumpySheets(Sheets):
    """Lays and stacks sheets without a kernel."""

    def lay(self, k, view, *, shape, cloth, lamp, haze, seed):  # type: ignore[no-untyped-def]
        """As `Sheets.lay` does."""
        layer = self.layers[k]
        folds, hue = fold(layer, view, shape, cloth, seed)
        colour(layer, folds, hue, cloth, lamp, haze, self.palette, self.unit)
        self.soften(k)

    def soften(self, k: int) -> None:
        """As `Sheets.soften` does."""
        for field in self.layers[k, 1:4]:
            field[:, 1:-1] = blurred(field)
            field[:, 0], field[:, -1] = field[:, 1], field[:, -2]
            field[:] = blurred(np.pad(field.T, ((0, 0), (1, 1)), mode="edge")).T

    def stack(self, light: Array) -> None:
        """As `Sheets.stack` does."""
        _, height, width = light.shape
        light[:] = widened(self.layers[0, 1:4], height, width)
        for layer, join in zip(self.layers[1:], self.joins[1:], strict=True):
            lay_over(light, layer, join, self.unit)


def light_glow(layer, lamp, colours, power, sun, unit):  # type: ignore[no-untyped-def]
    """What lies behind the sheets, as `lit_rooms.light_glow` lights it."""
    sx, sy = places(layer, unit)
    away = (sx - lamp[0]) ** 2 + (sy - lamp[1]) ** 2
    wide = np.float32(0.55) / (1 + np.float32(1.6) * away)
    wide = wide * wide * power * np.float32(1.6)
    sky = np.float32(sun > 0)
    wide = wide + sky * np.float32(0.45) * power / (1 + 9 * away)
    low = smooth(np.float32(-1), np.float32(0.2), sy)
    layer[0] = 9
    for c in range(3):
        air = colours[2, c] * np.float32(0.6) + colours[1, c] * sky * np.float32(0.64) * low
        layer[1 + c] = air + colours[0, c] * wide


def light_sun(layer, lamp, colour, size, unit):  # type: ignore[no-untyped-def]
    """A disc where the lamp is, as `lit_rooms.light_sun` lights it."""
    sx, sy = places(layer, unit)
    layer[0] = size - np.sqrt((sx - lamp[0]) ** 2 + (sy - lamp[1]) ** 2)
    shade = np.float32(0.8) + np.float32(0.2) * (sy - lamp[1]) / size
    layer[1:4] = np.asarray(colour)[:, None, None] * shade


def fold(layer: Array, view: Array, shape: Array, cloth: Array, seed: Any) -> tuple[Array, Array]:
    """Distance to the edge into the layer; height of the folds and hue."""
    _, rows, columns = layer.shape
    px = (np.arange(columns, dtype=np.float32) - 1) * STEP
    py = ((np.arange(rows, dtype=np.float32) - 1) * STEP)[:, None]
    u = view[0] * px + view[1] * py + view[2]
    v = view[3] * px + view[4] * py + view[5]
    rise, slope = np.full_like(u, shape[sh.OFFSET]), np.zeros_like(u)
    for m in range(sh.WAVES):
        size, rate, phase = shape[sh.WAVE + 3 * m : sh.WAVE + 3 * m + 3]
        angle = rate * u + phase
        rise += size * np.sin(angle)
        slope += size * rate * np.cos(angle)
    q = 1 / (1 + (2 * (u - shape[sh.THRUST_AT])) ** 2)
    d = (v - (rise - shape[sh.THRUST] * q * q)) / np.sqrt(1 + slope * slope)
    tilt: Any = np.float32(0)
    layer[0] = d
    if shape[sh.WIDTH] > 0:
        turn = np.sin(shape[sh.TWIST] * u + shape[sh.TWIST_PHASE] + np.float32(0.7) * slope)
        half = shape[sh.WIDTH] * np.sqrt(turn * turn + np.float32(0.006))
        tilt = turn * np.float32(0.8)
        layer[0] = half - abs(d)
        d = np.minimum(np.maximum(d, -half), half)
    bend = noise(np.float32(0.5) * u + cloth[sh.DRIFT], np.float32(0.55) * d + 7, seed)
    a = cloth[sh.ALONG] * u + np.float32(1.3) * cloth[sh.DRIFT]
    b = cloth[sh.ACROSS] * d + cloth[sh.BEND] * bend
    h = noise(a, b, seed)
    h = h + np.float32(0.32) * noise(
        np.float32(1.7) * a + 9, np.float32(2.1) * b + np.float32(5), seed
    )
    crease = np.sqrt(h * h + np.float32(0.014)) * np.float32(1.5) - np.float32(0.3)
    h = h + cloth[sh.PLEAT] * (crease - h)
    hue = cloth[sh.HUE] + cloth[sh.HUE_ALONG] * u + cloth[sh.HUE_ACROSS] * d
    layer[4] = bend + np.float32(0.5)
    return h + tilt, hue + cloth[sh.HUE_FOLD] * h + np.float32(0.16) * tilt


def colour(layer, folds, hue, cloth, lamp, haze, palette, unit):  # type: ignore[no-untyped-def]
    """The folds under the lamp, and the light that the edge catches."""
    one, scale = np.float32(1), np.float32(cloth[sh.RELIEF] / (unit * 2 * STEP))
    padded = np.pad(folds, 1, mode="edge")
    gx = (padded[1:-1, 2:] - padded[1:-1, :-2]) * scale
    gy = (padded[2:, 1:-1] - padded[:-2, 1:-1]) * scale
    sx, sy = places(layer, unit)
    lx, ly = lamp[sh.LAMP_X] - sx, lamp[sh.LAMP_Y] - sy
    away = lx * lx + ly * ly
    inverse = one / np.sqrt(away + lamp[sh.LAMP_Z] ** 2)
    lx, ly, lz = lx * inverse, ly * inverse, lamp[sh.LAMP_Z] * inverse
    near = one / (one + away * lamp[sh.LAMP_FALL])
    flat = one / np.sqrt(one + gx * gx + gy * gy)
    lit = np.clip((lz - gx * lx - gy * ly) * flat, 0, 1)
    shine = (one + lz - gx * lx - gy * ly) * flat
    shine = (shine * shine / (2 + 2 * lz)) ** 8
    d = np.maximum(layer[0], 0)
    fade = np.float32(0.12) + np.float32(0.88) * decay(d * cloth[sh.FADE])
    nap = one - flat
    body = cloth[sh.AMBIENT] + cloth[sh.BODY] * lit * lit * near
    body += (cloth[sh.VELVET] * nap * nap + cloth[sh.THROUGH] * (np.float32(0.6) - folds)) * near
    body = np.maximum(body, 0) * fade
    wet = cloth[sh.SHEEN] * shine * near * (np.float32(0.25) + np.float32(0.75) * fade)
    haziness = np.float32(0.35) + np.float32(0.65) * smooth(np.float32(0), np.float32(0.7), d)
    air = cloth[sh.HAZE] * haziness
    at = np.minimum(((hue - np.floor(hue)) * RAMP_STEPS).astype(np.int32), RAMP_STEPS - 1)
    for c in range(3):
        own = palette.ramp[at, c] * (body + np.float32(0.6) * wet)
        own += np.float32(0.4) * palette.spark[c] * wet
        layer[1 + c] = own + air * (haze[c] - own)
    glint = smooth(np.float32(0.62), np.float32(0.9), layer[4])
    catch = np.float32(0.03) + np.float32(0.97) * near * near * (
        np.float32(0.25) + np.float32(0.75) * lit
    )
    layer[4] = cloth[sh.RIM] * catch + cloth[sh.GLINT] * glint
    layer[1:, :, 0], layer[1:, :, -1] = layer[1:, :, 1], layer[1:, :, -2]


def blurred(values: Array) -> Array:
    """Binomial blur 1 2 1 along rows, of all but their ends."""
    ends = values[:, :-2] + values[:, 2:]
    return np.asarray(np.float32(0.25) * ends + np.float32(0.5) * values[:, 1:-1])


def lay_over(light: Array, layer: Array, join: Array, unit: float) -> None:
    """A sheet's shadow, itself and its edge over what lies below; rows it does not reach stay."""
    _, height, width = light.shape
    s = widened(layer[0], height, width)
    soft, edge = max(join[sh.SOFT], unit * 0.75), max(join[sh.EDGE], unit * 0.8)
    reached = -max(join[sh.REACH], join[sh.SOFT] + 4 * join[sh.EDGE])
    rows = np.flatnonzero(s.max(1) > reached)
    if not len(rows):
        return
    part = slice(rows[0], rows[-1] + 1)
    s = s[part]
    cover = np.clip(s * np.float32(0.5 / soft) + np.float32(0.5), 0, 1)
    cover = cover * cover * (3 - 2 * cover) * join[sh.OPACITY]
    under = np.clip(1 + s * np.float32(1 / join[sh.REACH]), 0, 1)
    keep = (1 - join[sh.SHADOW] * under * under) * (1 - cover)
    t = 1 / (1 + ((s - np.float32(soft)) * np.float32(1 / edge)) ** 2)
    rim = widened(layer[4], height, width)[part] * np.float32(join[sh.EDGE] / edge) * t * t
    for c in range(3):
        own = widened(layer[1 + c], height, width)[part]
        light[c, part] = light[c, part] * keep + own * cover + join[sh.EDGE_RED + c] * rim


def widened(coarse: Array, height: int, width: int) -> Array:
    """Fields with a sample every `STEP` pixels, stretched to all pixels."""
    down, across = np.arange(height), np.arange(width)
    r, x = down // STEP + 1, across // STEP + 1
    share = (across % STEP).astype(np.float32) / np.float32(STEP)
    rows = coarse[..., x] + (coarse[..., x + 1] - coarse[..., x]) * share
    share = ((down % STEP).astype(np.float32) / np.float32(STEP))[:, None]
    upper = rows[..., r, :]
    return np.asarray(upper + (rows[..., r + 1, :] - upper) * share)


def places(layer: Array, unit: float) -> tuple[Array, Array]:
    """Where samples lie on the picture, half-heights from its middle: a row, and a column."""
    _, rows, columns = layer.shape
    across = (np.arange(columns, dtype=np.float32) - 1) - np.float32((columns - 3) / 2)
    down = (np.arange(rows, dtype=np.float32) - 1) - np.float32((rows - 3) / 2)
    return across * np.float32(STEP * unit), (down * np.float32(STEP * unit))[:, None]


def noise(x: Array, y: Array, seed: Any) -> Array:
    """Gradient noise on the unit lattice, see `kit.noise`."""
    i, j = np.floor(x), np.floor(y)
    u, v = x - i, y - j
    su, sv = (t * t * t * (t * (t * 6 - 15) + 10) for t in (u, v))
    hx = i.astype(np.int32).astype(np.uint32) * np.uint32(0x27D4EB2D)
    hy = j.astype(np.int32).astype(np.uint32) * np.uint32(0x165667B1) + seed
    right, down = hx + np.uint32(0x27D4EB2D), hy + np.uint32(0x165667B1)
    a, b = slope(hx ^ hy, u, v), slope(right ^ hy, u - 1, v)
    c, d = slope(hx ^ down, u, v - 1), slope(right ^ down, u - 1, v - 1)
    p, q = a + (b - a) * su, c + (d - c) * su
    return np.asarray(p + (q - p) * sv)


def slope(h: Array, u: Array, v: Array) -> Array:
    """Slope of a lattice point towards a place."""
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h = h ^ (h >> np.uint32(16))
    gx = (h & np.uint32(0xFFFF)).astype(np.float32) * np.float32(2 / 65535) - 1
    gy = (h >> np.uint32(16)).astype(np.float32) * np.float32(2 / 65535) - 1
    return np.asarray(gx * u + gy * v)


def smooth(a: Any, b: Any, x: Array) -> Array:
    """0 at a, 1 at b, a soft S between."""
    k = np.clip((x - a) / (b - a), 0, 1)
    return np.asarray(k * k * (3 - 2 * k))


def decay(x: Array) -> Array:
    """Close to exp(-x) for x >= 0."""
    return np.asarray((1 / (1 + x * np.float32(0.125))) ** 8)
