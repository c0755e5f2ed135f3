"""Sky, sun and the light that falls between clouds: the air that a landscape stands in.

Everything soft is painted on a grid of one sample every two pixels. Sun rays are the sky's own
light, averaged on the way to the sun over whatever lets it through, so that clouds cast shafts.
Source: K. Mitchell, Volumetric Light Scattering as a Post-Process, GPU Gems 3, 2007.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, dice, lerp, smooth
from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.renderer import FloatArray

AIR_STEP = 2  # pixels a sample
BEAM_STEP = 4  # samples of the air a sample of the sun's rays
BEAM_TAPS = 18  # places asked on the way to the sun
BEAM_REACH = 1.5  # half-heights of that way at most
SKY_LUMA = 0.22  # luminance at which the low sky's ink is held: green and white must not rule
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
LOW, HIGH, SUN, SHADE, GLOW = range(5)  # colours of the air
SUN_X, SUN_Y, HORIZON, DISC, HALO, BEAMS = range(6)  # values of a frame


def air_colors(palette: Palette, family: int) -> FloatArray:
    """Colours that a film's skies have in common, shape (5, 3), linear light.

    The darkest ink is the shade; the film's own throw gives the sun one of the others. A sun of a
    dark ink is raised until it shines.
    """
    order = sorted(range(len(palette.inks)), key=lambda k: float(palette.inks[k] @ LUMA))
    shade, *upper = (palette.inks[k] for k in order)
    first = int(dice(family, 40) * len(upper))
    sun, low, glow = (upper[(first + k) % len(upper)] for k in range(3))
    shine = np.float32(0.95) / max(float(sun.max()), 1e-3)
    low = low * np.float32(min(0.75 / max(float(low.max()), 1e-3), 1.3, SKY_LUMA / (low @ LUMA)))
    return np.stack(
        [
            low * np.float32(0.34),
            palette.night * np.float32(0.5) + shade * np.float32(0.07),
            sun * np.float32(0.86 * shine) + palette.spark * np.float32(0.14),
            palette.night * np.float32(0.7) + shade * np.float32(0.10),
            glow * np.float32(0.8) + palette.spark * np.float32(0.2),
        ]
    ).astype(np.float32)


class Air:
    """Work arrays of the air, made once a clip.

    Attributes:
        planes: `rgb` and `clear` in one, shape (4, rows, columns).
        rgb: Linear light on the coarse grid, shape (3, rows, columns).
        clear: Share of the sky's light that comes through, shape (rows, columns).
        colors: From `air_colors`.
    """

    def __init__(self, stage: Stage) -> None:
        self.width_px = stage.width_px
        shape = coarse_shape(stage.height_px, stage.width_px, AIR_STEP)
        self.planes = scratch(4, *shape)
        self.rgb, self.clear = self.planes[:3], self.planes[3]
        self.wide = scratch(3, shape[0], stage.width_px)
        beams = coarse_shape(stage.height_px, stage.width_px, AIR_STEP * BEAM_STEP)
        self.beams = scratch(*beams)
        self.wide_beams = scratch(beams[0], stage.width_px)
        self.colors = air_colors(stage.palette, stage.family)

    def grid_view(self, view: FloatArray) -> FloatArray:
        """The camera for the coarse grid: from its column and row to the scene."""
        xx, xy, x0, yx, yy, y0 = (float(v) for v in view)
        k = AIR_STEP
        return np.array(
            [k * xx, k * xy, x0 - k * (xx + xy), k * yx, k * yy, y0 - k * (yx + yy)], np.float32
        )

    def open_sky(self, view: FloatArray, values: FloatArray) -> None:
        """Begin a frame: a clear sky with its sun."""
        _sky(self.rgb, self.clear, view, values, self.colors)

    def sun_sample(self, view: FloatArray, values: FloatArray) -> tuple[float, float]:
        """Column and row of the sun on the coarse grid."""
        p = to_pixels(view)
        x, y = float(values[SUN_X]), float(values[SUN_Y])
        px, py = p[0] * x + p[1] * y + p[2], p[3] * x + p[4] * y + p[5]
        return float(px) / AIR_STEP + 1.0, float(py) / AIR_STEP + 1.0

    def fill(self, light: FloatArray, view: FloatArray, values: FloatArray) -> None:
        """Replace the picture by the air and the rays in it."""
        column, row = self.sun_sample(view, values)
        _gather_beams(self.beams, self.clear, np.float32(column), np.float32(row))
        widen(self.beams, self.wide_beams, AIR_STEP * BEAM_STEP)
        for c in range(3):
            widen(self.rgb[c], self.wide[c], AIR_STEP)
        _fill(light, self.wide, self.wide_beams, self.colors[SUN] * values[BEAMS])


@njit(**KERNEL)
def _sky(rgb, clear, view, values, colors):  # type: ignore[no-untyped-def]
    _, rows, columns = rgb.shape
    sun_x, sun_y, horizon = values[SUN_X], values[SUN_Y], values[HORIZON]
    disc = F(values[DISC] * values[DISC] + F(1e-6))
    halo = np.empty(columns, np.float32)
    up = np.empty(columns, np.float32)
    below = np.empty(columns, np.float32)
    for r in range(rows):
        py = F(I(r - 1) * I(AIR_STEP))
        for x in range(columns):
            px = F(I(x - 1) * I(AIR_STEP))
            sx = F(view[0] * px + view[1] * py + view[2])
            sy = F(view[3] * px + view[4] * py + view[5])
            dx = F(sx - sun_x)
            dy = F(sy - sun_y)
            q = F(dx * dx + dy * dy)
            wide = F(F(0.34) / F(F(1) + q * F(2.2)))
            near = F(F(0.75) / F(F(1) + q * F(30)))
            body = F(F(2.2) * smooth(disc, F(disc * F(0.72)), q)) if disc > F(1e-5) else F(0)
            halo[x] = F(F(wide * wide * F(2.4) + near * near + body) * values[HALO])
            k = clamp01(F(F(horizon - sy) * F(0.9)))
            up[x] = F(F(1) - F(F(1) - k) * F(F(1) - k))
            below[x] = clamp01(F(F(sy - horizon) * F(2.5)))
            clear[r, x] = F(1)
        for c in range(3):
            low = colors[LOW, c]
            high = colors[HIGH, c]
            sun = colors[SUN, c]
            deep = F(colors[SHADE, c] * F(0.6))
            for x in range(columns):
                rgb[c, r, x] = F(lerp(lerp(low, high, up[x]), deep, below[x]) + sun * halo[x])


@njit(**KERNEL)
def _gather_beams(beams, clear, column, row):  # type: ignore[no-untyped-def]
    """Mean clearness on the way to the sun; what lies nearer the place asked counts more."""
    rows, columns = beams.shape
    last_r = clear.shape[0] - 1
    last_c = clear.shape[1] - 1
    reach = F(F(last_r) * F(0.5 * BEAM_REACH))
    for r in range(rows):
        y0 = F(I(r - 1) * I(BEAM_STEP) + I(1))
        for x in range(columns):
            x0 = F(I(x - 1) * I(BEAM_STEP) + I(1))
            dx = F(column - x0)
            dy = F(row - y0)
            far = F(np.sqrt(F(dx * dx + dy * dy)) + F(1e-3))
            part = F(min(F(reach / far), F(1)) / F(BEAM_TAPS))
            total = F(0)
            for k in range(BEAM_TAPS):
                t = F(part * F(I(k)))
                j = min(max(I(F(y0 + dy * t)), I(0)), I(last_r))
                i = min(max(I(F(x0 + dx * t)), I(0)), I(last_c))
                total = F(total + clear[j, i])
            mean = F(total * F(1.0 / BEAM_TAPS))
            q = F(far / F(F(last_r) * F(0.5)))
            beams[r, x] = F(mean * mean * mean * F(1.25) / F(F(1) + F(1.3) * q * q))


@njit(**KERNEL)
def _fill(light, wide, beams, sun):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    beam = np.empty(width, np.float32)
    row = np.empty(width, np.float32)
    for y in range(height):
        blend_row(beams, y, I(AIR_STEP * BEAM_STEP), beam)
        for c in range(3):
            blend_row(wide[c], y, I(AIR_STEP), row)
            own = sun[c]
            for x in range(width):
                light[c, y, x] = F(row[x] + own * beam[x])
