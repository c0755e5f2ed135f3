"""A lens that is sharp at one distance: what lies elsewhere melts, and its highlights are discs.

The picture has no depths of its own. Where it is sharp is chosen by the seed, near a crossing of
the thirds; from there the blur grows outwards, faster up and down than sideways, as over ground
that is seen from low above. Light is averaged linearly over a disc (an upright oval behind an
anamorphic lens), highlights weigh more than they are: that is what makes discs of them. Between
sharp and melted lies a picture a little soft, so that no sharp line shows through the blur.
"""

import math

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.glow import shrink
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, dice
from tasks.rendering.renderer import FloatArray

SAMPLES_HIGH = 120  # samples a picture's height of the blurred picture
REACH = 5  # samples beyond each edge, and the largest radius of a disc
RADIUS = (1.4, 4.2)  # samples at blur 0 and 1: a tenth of the half-height at most
OVAL_WIDTH = 0.6  # of a disc at oval 1
HIGHLIGHT, HIGHLIGHT_FROM = 1.6, 0.35  # extra weight of light above this
SHARP = (0.75, 0.22)  # half-heights from the middle of sharpness at which blur begins, blur 0 and 1
MELTED = (1.9, 0.95)  # and at which it is whole
ACROSS = 0.55  # of a way sideways that counts
THROW = 931  # first of the seed's throws that are the lens's


class Lens:
    """Blurs one clip's light; owns the work arrays."""

    def __init__(
        self, height_px: int, width_px: int, *, seed: int, blur: float, oval: float
    ) -> None:
        """Choose where the picture is sharp.

        Args:
            height_px: Of the picture.
            width_px: Of the picture.
            seed: The shot's own.
            blur: How shallow the depth of field is, 0 to 1.
            oval: How upright the discs stand, 0 to 1.
        """
        self.step = max(round(height_px / SAMPLES_HIGH), 1)
        rows, columns = coarse_shape(height_px, width_px, self.step)
        self.small = scratch(3, rows, columns)
        self.padded = scratch(rows + 2 * REACH, columns + 2 * REACH)
        self.discs = scratch(3, rows, columns)
        self.soft_wide = scratch(3, rows, width_px)
        self.wide = scratch(3, rows, width_px)
        self.taps = disc(_between(RADIUS, blur), 1.0 - (1.0 - OVAL_WIDTH) * oval)
        aspect = width_px / height_px
        left = dice(seed, THROW) < 0.5
        self.at = (
            (-aspect if left else aspect) * (0.15 + 0.25 * dice(seed, THROW + 1)),
            -0.15 + 0.5 * dice(seed, THROW + 2),
        )
        self.sharp, self.melted = _between(SHARP, blur), _between(MELTED, blur)

    def soften(self, light: FloatArray) -> None:
        """Blur linear light, shape (3, height, width), in place."""
        _shrink_all(light, self.small, self.soft_wide, self.step)
        _spread_discs(self.small, self.padded, self.taps, self.discs, self.wide, self.step)
        near, far = np.float32(self.sharp**2), np.float32(self.melted**2)
        at_x, at_y = (np.float32(place) for place in self.at)
        _melt(light, self.soft_wide, self.wide, self.step, at_x, at_y, near, far)


def disc(radius: float, width: float) -> FloatArray:
    """Weights of a disc with a soft edge, shape (2 * REACH + 1,) twice, of sum 1."""
    offsets = range(-REACH, REACH + 1)
    taps = np.array(
        [[_cover(math.hypot(x / width, y), radius) for x in offsets] for y in offsets], np.float64
    )
    weights: FloatArray = (taps / taps.sum()).astype(np.float32)
    return weights


def _cover(distance: float, radius: float) -> float:
    """Share of a sample that lies on the disc, a little more at the rim, as glass has it."""
    inside = min(max(radius + 0.5 - distance, 0.0), 1.0)
    return inside * (0.85 + 0.3 * min(distance / radius, 1.0) ** 2)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share


@njit(**KERNEL)
def _shrink_all(light, small, wide, step):  # type: ignore[no-untyped-def]
    for c in range(3):
        shrink(light[c], small[c], step)
        widen(small[c], wide[c], step)


@njit(**KERNEL)
def _spread_discs(small, padded, taps, discs, wide, step):  # type: ignore[no-untyped-def]
    _, rows, columns = small.shape
    reach = I(taps.shape[0] // 2)
    for c in range(3):
        for y in range(padded.shape[0]):
            r = min(max(y - reach, 0), rows - 1)
            for x in range(padded.shape[1]):
                v = small[c, r, min(max(x - reach, 0), columns - 1)]
                padded[y, x] = F(v + F(HIGHLIGHT) * F(max(F(v - F(HIGHLIGHT_FROM)), F(0))))
        for y in range(rows):
            for x in range(columns):
                discs[c, y, x] = F(0)
            for j in range(taps.shape[0]):
                for i in range(taps.shape[1]):
                    weight = taps[j, i]
                    if weight > F(0):
                        for x in range(columns):
                            discs[c, y, x] += F(weight * padded[y + j, x + i])
        widen(discs[c], wide[c], step)


@njit(**KERNEL)
def _melt(light, soft, wide, step, at_x, at_y, near, far):  # type: ignore[no-untyped-def]
    """Go from the sharp picture over the soft one to discs, by how far a pixel is from focus."""
    _, height, width = light.shape
    unit = F(F(2) / F(height))
    share = F(F(1) / F(far - near))
    across = np.empty(width, np.float32)
    softer = np.empty(width, np.float32)
    melted = np.empty(width, np.float32)
    a = np.empty(width, np.float32)
    b = np.empty(width, np.float32)
    for x in range(width):
        k = F(F(F(F(I(x)) - F(width) * F(0.5)) * unit - at_x) * F(ACROSS))
        across[x] = F(k * k)
    for y in range(height):
        k = F(F(F(I(y)) - F(height) * F(0.5)) * unit - at_y)
        own = F(F(k * k) - near)
        for x in range(width):
            k = clamp01(F(F(across[x] + own) * share))
            k = F(k * F(F(2) - k))
            softer[x] = clamp01(F(k * F(3)))
            melted[x] = clamp01(F(k * F(1.5) - F(0.5)))
        for c in range(3):
            blend_row(soft[c], y, I(step), a)
            blend_row(wide[c], y, I(step), b)
            for x in range(width):
                v = F(light[c, y, x] + F(a[x] - light[c, y, x]) * softer[x])
                light[c, y, x] = F(v + F(b[x] - v) * melted[x])
