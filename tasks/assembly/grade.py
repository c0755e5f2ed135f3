"""The film's common look: every shot leans gently to the recipe's palette.

In BT.709 difference signals, hues across the palette's main axis are held back and those along it
are lifted a little; shadows take a breath of the darkest colour, highlights of the lightest (by
OKLab lightness). All of it is one matrix, folded into the conversion to RGB, and a shallow
S-curve. The look depends on the recipe's palette alone, never on other clips: one changed shot
must not change all.

Source: B. Ottosson, A perceptual color space for image processing, 2020 (OKLab).
"""

from dataclasses import dataclass

import numpy as np

from recipe_schema.recipe import VisualStyle
from tasks.assembly.kernels import FloatArray

STRENGTH = 1.0
CONTRAST = 0.14
# Share of the chroma across the palette's axis that is taken away, at most.
_ACROSS = 0.15
# Share added along the axis.
_ALONG = 0.06
# Tint of black and of white, as a share of the palette colour's own chroma.
_SHADOW_TINT, _LIGHT_TINT = 0.035, 0.05
# Digits that are kept: below any visible step, above differences between machines.
_DIGITS = 7

_LUMA = np.array([0.2126, 0.7152, 0.0722])
_BLUE_SPAN, _RED_SPAN = 1.8556, 1.5748
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OK_LIGHTNESS = np.array([0.2104542553, 0.7936177850, -0.0040720468])


@dataclass(frozen=True)
class Grade:
    """A look, ready for `planes_to_rgb`."""

    colour: FloatArray
    """Shape (3, 4): code values (y, u, v, 1) to RGB 0..1."""
    contrast: float


def grade_for(style: VisualStyle, *, strength: float = STRENGTH) -> Grade:
    """Derive the film's look from its palette; strength 0 is the plain conversion."""
    palette = np.array([_rgb(colour) for colour in style.color_palette])
    lean, shadow, light = _lean(_differences(palette), _lightness(palette), strength)
    decode = np.array(
        [
            [1.0, 0.0, _RED_SPAN],
            [1.0, -0.0722 * _BLUE_SPAN / 0.7152, -0.2126 * _RED_SPAN / 0.7152],
            [1.0, _BLUE_SPAN, 0.0],
        ]
    )
    # Rows: y, u, v of the look; columns: y, u, v, 1 of the clip, all 0-based (y 0..1).
    look = np.zeros((3, 4))
    look[0, 0] = 1.0
    look[1:, 1:3] = lean
    look[1:, 0] = light - shadow
    look[1:, 3] = shadow
    codes = np.diag([1.0 / 219.0, 1.0 / 224.0, 1.0 / 224.0, 1.0])
    codes[:3, 3] = [-16.0 / 219.0, -128.0 / 224.0, -128.0 / 224.0]
    colour = np.round(decode @ look @ codes, _DIGITS)
    return Grade(colour=np.ascontiguousarray(colour, np.float32), contrast=CONTRAST * strength)


def _lean(
    chroma: np.ndarray, lightness: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chroma matrix (2, 2), tint of black (2,) and tint of white (2,)."""
    spread = chroma.T @ chroma / len(chroma)
    half_trace = 0.5 * (spread[0, 0] + spread[1, 1])
    gap = float(np.hypot(0.5 * (spread[0, 0] - spread[1, 1]), spread[0, 1]))
    angle = 0.5 * np.arctan2(2.0 * spread[0, 1], spread[0, 0] - spread[1, 1])
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    # 0 for a palette all around the wheel, 1 for one hue and its opposite.
    one_sided = gap / half_trace if half_trace > 1e-9 else 0.0
    lean = np.eye(2)
    lean -= strength * _ACROSS * one_sided * np.outer(across, across)
    lean += strength * _ALONG * one_sided * np.outer(along, along)
    shadow = strength * _SHADOW_TINT * chroma[int(np.argmin(lightness))]
    light = strength * _LIGHT_TINT * chroma[int(np.argmax(lightness))]
    return lean, shadow, light


def _rgb(colour: str) -> list[float]:
    return [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]


def _differences(rgb: np.ndarray) -> np.ndarray:
    """Blue and red difference signals, -0.5..0.5, shape (n, 2)."""
    luma = rgb @ _LUMA
    pair = [(rgb[:, 2] - luma) / _BLUE_SPAN, (rgb[:, 0] - luma) / _RED_SPAN]
    return np.stack(pair, axis=1)


def _lightness(rgb: np.ndarray) -> np.ndarray:
    """OKLab lightness of sRGB colours."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lightness: np.ndarray = np.cbrt(linear @ _LMS.T) @ _OK_LIGHTNESS
    return lightness
