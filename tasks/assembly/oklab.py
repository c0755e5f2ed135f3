"""OKLab, in which equal steps look about equal and hues stay put, of the film's signals.

Made for tables and small pictures, in float64.

Source: B. Ottosson, A perceptual color space for image processing, 2020.
"""

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Shares of red, green and blue in BT.709 luma."""
SPANS = np.array([1.8556, 1.5748])
"""Blue and red against their difference signals."""

_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb_to_oklab(rgb: Float64Array) -> Float64Array:
    """Lightness, a and b of gamma-coded RGB 0..1, shape (..., 3); black is 0, white 1."""
    lab: Float64Array = np.cbrt(_to_linear(rgb) @ _LMS.T) @ _LAB.T
    return lab


def grey_of(lightness: Float64Array) -> Float64Array:
    """Level of the grey of that lightness, 0..1."""
    return _to_coded(lightness**3)


def lightness_of(grey: Float64Array) -> Float64Array:
    """Lightness of a grey of that level."""
    lightness: Float64Array = np.cbrt(_to_linear(grey))
    return lightness


def differences_to_rgb(luma: Float64Array, pair: Float64Array) -> Float64Array:
    """RGB of BT.709 luma (...) and blue and red difference signals (..., 2)."""
    blue = luma + SPANS[0] * pair[..., 0]
    red = luma + SPANS[1] * pair[..., 1]
    green = (luma - LUMA[0] * red - LUMA[2] * blue) / LUMA[1]
    return np.stack([red, green, blue], axis=-1)


def rgb_to_differences(rgb: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Luma (...) and blue and red difference signals (..., 2) of RGB."""
    luma = rgb @ LUMA
    pair = np.stack([rgb[..., 2] - luma, rgb[..., 0] - luma], axis=-1) / SPANS
    return luma, pair


def hex_to_rgb(colour: str) -> list[float]:
    """#rrggbb as three levels 0..1."""
    return [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]


def _to_linear(coded: Float64Array) -> Float64Array:
    """Light of sRGB levels; odd below 0."""
    size = np.abs(coded)
    light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(light, coded)


def _to_coded(light: Float64Array) -> Float64Array:
    size = np.abs(light)
    coded = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.copysign(coded, light)
