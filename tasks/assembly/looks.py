"""Looks at the source's size: light that spreads, and colours that part."""

from itertools import pairwise

import numpy as np

from tasks.assembly.frame_plan import Look
from tasks.assembly.kernels import FloatArray
from tasks.assembly.kernels_blur import (
    add_halved,
    blur,
    halve,
    scale_plane,
    screen_quartered,
    shrink_bright,
)

# Widths of the spread light: a Gaussian of two pixels at a quarter, an eighth and a sixteenth of
# the size, that is 8, 16 and 32 pixels of the source.
_SIGMA, _REACH = 2.0, 5
_LEVELS = 3
# Weight of each wider level against all below it.
_NEAR, _FAR = 0.55, 0.62
# What passes the threshold is stretched, so that a neon line blooms fully.
_GAIN = 1.7
# Above this, red is smeared over two places instead of being displaced by one step.
_SMEAR = 0.012


class LookPainter:
    """Paints looks on pictures of one size; holds the scratch planes that it takes."""

    def __init__(self, height: int, width: int) -> None:
        self._levels = []
        h, w = height // 4, width // 4
        for _ in range(_LEVELS):
            if min(h, w) < 2:
                break
            shape = (3, h, w)
            self._levels.append((np.empty(shape, np.float32), np.empty(shape, np.float32)))
            h, w = h // 2, w // 2
        self._spare = np.empty((height, width), np.float32)

    def paint(self, rgb: FloatArray, look: Look) -> None:
        """Apply a look to a picture, in place."""
        if look.aberration > 0.0:
            self._part(rgb, look.aberration)
        if look.bloom > 0.0 and self._levels:
            self._spread(rgb, look)

    def _part(self, rgb: FloatArray, amount: float) -> None:
        """Magnify red by `amount` and green by half of it; blue stays."""
        for channel, share in ((0, 1.0), (1, 0.5)):
            scale_plane(
                self._spare, rgb[channel], np.float32(1.0 / (1.0 + amount * share)), np.float32(1)
            )
            if amount > _SMEAR:
                smear = np.float32(1.0 / (1.0 + amount * share * 0.5))
                scale_plane(rgb[channel], self._spare, smear, np.float32(0.45))
            else:
                rgb[channel] = self._spare

    def _spread(self, rgb: FloatArray, look: Look) -> None:
        lights = self._levels
        shrink_bright(lights[0][0], rgb, np.float32(look.bloom_threshold), np.float32(_GAIN))
        for (light, spare), wider in zip(lights, [*lights[1:], None], strict=True):
            if wider is not None:
                halve(wider[0], light)
            blur(light, spare, _TAPS)
        for (light, _), (wider_light, _) in reversed(list(pairwise(lights))):
            add_halved(light, wider_light, np.float32(_NEAR), np.float32(_FAR))
        screen_quartered(rgb, lights[0][0], np.float32(look.bloom))


def _gaussian_taps() -> FloatArray:
    """Half of a Gaussian, middle first; rounded, so that every machine has the same."""
    weights = np.exp(-0.5 * (np.arange(_REACH + 1) / _SIGMA) ** 2)
    return np.asarray(np.round(weights / (2.0 * weights.sum() - weights[0]), 6), np.float32)


_TAPS = _gaussian_taps()
