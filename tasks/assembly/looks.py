"""Looks at the source's size: light that spreads, and colours that part."""

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from tasks.assembly.effects import bloom, glow
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
# the size, that is 8, 16 and 32 of 480 pixels of height; as many of the film's for any clip.
_SIGMA, _HEIGHT = 2.0, 480
_LEVELS = 3
# A Gaussian is told in these steps, so that a crop by a pixel is no other one, and ends after so
# many of its deviations.
_SIGMA_STEP, _DEVIATIONS = 0.125, 2.5
# Above this, red is smeared over two places instead of being displaced by one step.
_SMEAR = 0.012


class LookPainter:
    """Paints looks on pictures of one size; holds the scratch planes that it takes."""

    def __init__(self, height: int, width: int) -> None:
        # A larger picture is halved before its light is spread, as often as that leaves enough.
        halvings = max(round(math.log2(height / _HEIGHT)), 0)
        self._taps = _gaussian_taps(_SIGMA * height / _HEIGHT / 2**halvings)
        self._sharp = [
            np.empty((3, height // (4 << k), width // (4 << k)), np.float32)
            for k in range(halvings)
        ]
        self._levels = []
        h, w = height // (4 << halvings), width // (4 << halvings)
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
        if look.bloom + look.glow > 0.0 and self._levels:
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
        over = np.array(
            [
                [look.bloom_threshold, bloom.STRETCH * look.bloom],
                [glow.THRESHOLD, bloom.STRETCH * look.glow],
            ],
            np.float32,
        )
        chain = [*self._sharp, lights[0][0]]
        shrink_bright(chain[0], rgb, over)
        for light, smaller in pairwise(chain):
            halve(smaller, light)
        for (light, spare), wider in zip(lights, [*lights[1:], None], strict=True):
            if wider is not None:
                halve(wider[0], light)
            blur(light, spare, self._taps)
        for (light, _), (wider_light, _) in reversed(list(pairwise(lights))):
            add_halved(light, wider_light, np.float32(bloom.NEAR), np.float32(bloom.FAR))
        for light, smaller in reversed(list(pairwise(chain))):
            add_halved(light, smaller, np.float32(0), np.float32(1))
        screen_quartered(rgb, chain[0])


@lru_cache
def _gaussian_taps(sigma: float) -> FloatArray:
    """Half of a Gaussian, middle first; rounded, so that every machine has the same."""
    told = _SIGMA_STEP * max(round(sigma / _SIGMA_STEP), 1)
    weights = np.exp(-0.5 * (np.arange(math.ceil(_DEVIATIONS * told) + 1) / told) ** 2)
    return np.asarray(np.round(weights / (2.0 * weights.sum() - weights[0]), 6), np.float32)
