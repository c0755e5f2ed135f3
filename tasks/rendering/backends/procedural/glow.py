"""Light that spills: bright places bleed softly into their surroundings, at two widths."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import KERNEL, F, I
from tasks.rendering.renderer import FloatArray

SAMPLES_HIGH = 120  # samples of the tight glow a picture's height, so that no size glows wider
FAR_STEP = 4  # samples of the tight glow a sample of the wide one
FAR_SHARE = 0.75  # weight of the wide glow against the tight one


class Glow:
    """Work arrays of the glow, made once a clip."""

    def __init__(self, height_px: int, width_px: int) -> None:
        self.step = max(round(height_px / SAMPLES_HIGH), 1)
        near = coarse_shape(height_px, width_px, self.step)
        far = coarse_shape(near[0], near[1], FAR_STEP)
        self.near = scratch(3, *near)
        self.near_work = scratch(3, *near)
        self.far = scratch(3, *far)
        self.far_work = scratch(3, *far)
        self.far_wide = scratch(3, far[0], near[1])
        self.wide = scratch(3, near[0], width_px)

    def spread(self, light: FloatArray) -> FloatArray:
        """Blur a picture's light; returns rows for `blend_row` with `step`."""
        _spread(
            light, self.step, self.near, self.near_work, self.far, self.far_work, self.far_wide,
            self.wide,
        )  # fmt: skip
        return self.wide


@njit(**KERNEL)
def _spread(light, step, near, near_work, far, far_work, far_wide, wide):  # type: ignore[no-untyped-def]
    for c in range(3):
        shrink(light[c], near[c], step)
        _soften(near[c], near_work[c], 2)
        shrink(near[c], far[c], np.int64(FAR_STEP))
        _soften(far[c], far_work[c], 2)
        widen(far[c], far_wide[c], np.int64(FAR_STEP))
        _add_wide(near[c], far_wide[c])
        widen(near[c], wide[c], step)


@njit(**KERNEL)
def shrink(fine, coarse, step):  # type: ignore[no-untyped-def]
    """Mean of the pixels around each sample; edges repeat."""
    height, width = fine.shape
    row = np.empty(width, np.float32)
    share = F(F(1) / F(step * step))
    half = step // 2
    for r in range(coarse.shape[0]):
        for x in range(width):
            row[x] = F(0)
        for m in range(step):
            y = min(max((r - 1) * step - half + m, 0), height - 1)
            for x in range(width):
                row[x] += fine[y, x]
        for k in range(coarse.shape[1]):
            total = F(0)
            left = (k - 1) * step - half
            if left >= 0 and left + step <= width:
                for m in range(step):
                    total = F(total + row[left + m])
            else:
                for m in range(step):
                    total = F(total + row[min(max(left + m, 0), width - 1)])
            coarse[r, k] = F(total * share)


@njit(**KERNEL)
def _soften(image, work, passes):  # type: ignore[no-untyped-def]
    """Binomial blur 1 4 6 4 1 both ways, `passes` times; edges repeat."""
    height, width = image.shape
    s = F(1.0 / 16.0)
    for _ in range(passes):
        for y in range(height):
            a = max(y - 2, 0)
            b = max(y - 1, 0)
            d = min(y + 1, height - 1)
            e = min(y + 2, height - 1)
            for x in range(width):
                outer = F(image[a, x] + image[e, x])
                inner = F(image[b, x] + image[d, x])
                work[y, x] = F(F(outer + F(4) * inner + F(6) * image[y, x]) * s)
        for y in range(height):
            for x in range(2, width - 2):
                outer = F(work[y, x - 2] + work[y, x + 2])
                inner = F(work[y, x - 1] + work[y, x + 1])
                image[y, x] = F(F(outer + F(4) * inner + F(6) * work[y, x]) * s)
            for m in range(2):
                image[y, m] = image[y, 2]
                image[y, width - 1 - m] = image[y, width - 3]


@njit(**KERNEL)
def _add_wide(near, far_wide):  # type: ignore[no-untyped-def]
    """Blend the wide glow's rows into the tight glow."""
    height, width = near.shape
    own = F(1.0 - FAR_SHARE)
    other = F(FAR_SHARE)
    for y in range(height):
        r = y // FAR_STEP + 1
        k = F(F(I(y - (r - 1) * FAR_STEP)) / F(FAR_STEP))
        for x in range(width):
            a = far_wide[r, x]
            near[y, x] = F(near[y, x] * own + F(a + F(far_wide[r + 1, x] - a) * k) * other)
