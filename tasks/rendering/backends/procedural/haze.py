"""Dark air behind a scene: slow clouds of two inks, never black, never bright."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, clamp01, row_fbm
from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

HAZE_STEP = 8  # pixels a sample: clouds have no edges
CLOUD_SIZE = 0.55  # clouds a half-height


class Haze:
    """Work arrays of the haze, made once a clip."""

    def __init__(self, stage: Stage, *, seed: np.uint32) -> None:
        shape = coarse_shape(stage.height_px, stage.width_px, HAZE_STEP)
        self.clouds = scratch(2, *shape)
        self.wide = scratch(2, shape[0], stage.width_px)
        self.seed = seed
        self.palette: Palette = stage.palette

    def fill(
        self,
        light: FloatArray,
        view: FloatArray,
        *,
        drift: float,
        strength: float,
        inks: tuple[int, int],
    ) -> None:
        """Replace the picture by haze.

        Args:
            light: Linear light, shape (3, height, width).
            view: Camera, as from `look_through`.
            drift: How far the clouds have moved.
            strength: Light of the brightest cloud.
            inks: Which two of the palette's inks colour it.
        """
        _clouds(self.clouds, view, self.seed, np.float32(drift))
        widen(self.clouds[0], self.wide[0], HAZE_STEP)
        widen(self.clouds[1], self.wide[1], HAZE_STEP)
        first, second = (self.palette.inks[k] * np.float32(strength) for k in inks)
        _fill(light, self.wide, first, second, self.palette.night)


@njit(**KERNEL)
def _clouds(clouds, view, seed, drift):  # type: ignore[no-untyped-def]
    _, rows, columns = clouds.shape
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    for r in range(rows):
        for k in range(2):
            way = F(1) if k == 0 else F(-0.7)
            for x in range(columns):
                px = F(F(I(x - 1)) * F(HAZE_STEP))
                py = F(F(I(r - 1)) * F(HAZE_STEP))
                a = F(view[0] * px + view[1] * py + view[2])
                b = F(view[3] * px + view[4] * py + view[5])
                xs[x] = F(a * F(CLOUD_SIZE) + drift * way + F(20 + 9 * k))
                ys[x] = F(b * F(CLOUD_SIZE) + drift * F(0.3) + F(20 + 5 * k))
            row_fbm(clouds[k, r], xs, ys, U(seed + U(31 * k)), I(3), F(1.0))
            for x in range(columns):
                cloud = clamp01(F(clouds[k, r, x] * F(0.9) + F(0.42)))
                clouds[k, r, x] = F(cloud * cloud * cloud)


@njit(**KERNEL)
def _fill(light, wide, first, second, night):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    a = np.empty(width, np.float32)
    b = np.empty(width, np.float32)
    for y in range(height):
        blend_row(wide[0], y, I(HAZE_STEP), a)
        blend_row(wide[1], y, I(HAZE_STEP), b)
        for c in range(3):
            n = F(night[c] * F(0.7))
            for x in range(width):
                light[c, y, x] = F(n + first[c] * a[x] + second[c] * b[x])
