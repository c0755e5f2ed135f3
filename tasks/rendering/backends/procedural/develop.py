"""From light to film: glow, tone curve, dither, and the planes that the encoder takes.

Light is linear, BT.709 primaries, shape (3, height, width), 1 about where white begins to roll
off. The tone curve is one rational function of sqrt(v), gamma included: a toe that lets shadows
fall, a straight middle, a long shoulder that reaches white at about four times white. Where light
exceeds white, a share of it spills into all three channels, so that the hottest cores turn white,
as on film; short of that, part of the curve acts on the brightest channel alone and the others
follow in proportion, so that an orange does not roll off into yellow.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tasks.rendering.backends.procedural.fields import blend_row
from tasks.rendering.backends.procedural.glow import Glow
from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, U, mix
from tasks.rendering.renderer import FloatArray

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]

WHITE_SPILL = 0.16  # share of the light above white that reaches the other channels
DITHER_Y = 1.1  # peak to peak in steps of luma, triangular; hides steps in dark gradients
DITHER_C = 1.0  # same for chroma
# s (toe + lift s) / (1 + s (BEND + lift s)), s = sqrt(light).
TOE, TOE_BY_CONTRAST, TOE_RANGE = 0.72, -0.48, (0.4, 0.95)
LIFT, LIFT_BY_CONTRAST, LIFT_RANGE = 1.9, 1.5, (1.4, 2.9)
BEND = 0.22
HUE_KEPT = 0.4  # share of the curve that acts on the brightest channel alone


class Darkroom:
    """Develops one clip's frames; owns the work arrays and the planes."""

    def __init__(self, height_px: int, width_px: int) -> None:
        self.glow = Glow(height_px, width_px)
        self.y = np.empty((height_px, width_px), np.uint8)
        self.u = np.empty((height_px // 2, width_px // 2), np.uint8)
        self.v = np.empty((height_px // 2, width_px // 2), np.uint8)

    def develop(
        self,
        light: FloatArray,
        *,
        frame: int,
        exposure: float,
        glow: float,
        vignette: float,
        contrast: float = 1.0,
    ) -> Planes:
        """Turn a frame's light into yuv420p planes, limited range, BT.709.

        Args:
            light: Linear light; not changed.
            frame: Number of the frame; moves the dither.
            exposure: Factor on all light.
            glow: How much of the blurred light is added.
            vignette: Light lost in the corners, 0..1.
            contrast: How deep shadows fall; 1 as ever.
        """
        wide = self.glow.spread(light)
        _develop(
            light, wide, self.glow.step, np.float32(exposure), np.float32(glow * exposure),
            np.float32(vignette), _film(contrast), np.uint32(frame), self.y, self.u, self.v,
        )  # fmt: skip
        return self.y, self.u, self.v


def _film(contrast: float) -> FloatArray:
    """Toe and lift of the tone curve."""
    toe = TOE + TOE_BY_CONTRAST * (contrast - 1.0)
    lift = LIFT + LIFT_BY_CONTRAST * (contrast - 1.0)
    return np.array([np.clip(toe, *TOE_RANGE), np.clip(lift, *LIFT_RANGE)], np.float32)


@njit(**KERNEL)
def _develop(light, wide, step, exposure, glow, vignette, film, frame, luma, cb, cr):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    rows = np.empty((2, 3, width), np.float32)
    fall = np.empty(width, np.float32)
    for x in range(width):
        k = F(F(2) * F(I(x)) / F(width) - F(1))
        fall[x] = F(k * k)
    for pair in range(height // 2):
        for m in range(2):
            y = pair * 2 + m
            k = F(F(2) * F(I(y)) / F(height) - F(1))
            for c in range(3):
                blend_row(wide[c], y, I(step), rows[m, c])
            corner = F(vignette * F(0.5))
            _tone_row(light, rows[m], fall, y, exposure, glow, corner, F(k * k), film)
            _luma_row(rows[m], luma[y], U(U(y) * U(0x9E3779B1) ^ U(frame * U(0x85EBCA77))))
        _chroma_row(rows, cb[pair], cr[pair], U(U(pair) * U(0xC2B2AE3D) ^ U(frame * U(0x27D4EB2F))))


@njit(**INLINE)
def _tone(s, toe, lift):  # type: ignore[no-untyped-def]
    """Square root of linear light to a film value in 0..1."""
    k = F(s * lift)
    top = F(s * F(toe + k))
    below = F(F(1) + s * F(F(BEND) + k))
    return F(min(F(top / below), F(1)))


@njit(**KERNEL)
def _tone_row(light, row, fall, y, exposure, glow, vignette, rise, film):  # type: ignore[no-untyped-def]
    """`row` holds the glow and becomes film values."""
    toe = film[0]
    lift = film[1]
    own = F(1.0 - HUE_KEPT)
    for x in range(row.shape[1]):
        shade = F(F(1) - vignette * F(fall[x] + rise))
        k = F(exposure * shade)
        g = F(glow * shade)
        r0 = F(max(F(light[0, y, x] * k + row[0, x] * g), F(0)))
        r1 = F(max(F(light[1, y, x] * k + row[1, x] * g), F(0)))
        r2 = F(max(F(light[2, y, x] * k + row[2, x] * g), F(0)))
        over = F(max(max(max(r0, r1), r2) - F(0.8), F(0)))
        spill = F(F(WHITE_SPILL) * over)
        s0 = F(np.sqrt(F(r0 + spill)))
        s1 = F(np.sqrt(F(r1 + spill)))
        s2 = F(np.sqrt(F(r2 + spill)))
        t0 = _tone(s0, toe, lift)
        t1 = _tone(s1, toe, lift)
        t2 = _tone(s2, toe, lift)
        most = F(max(max(s0, s1), s2) + F(1e-6))
        ratio = F(F(F(HUE_KEPT) * F(max(max(t0, t1), t2))) / most)
        row[0, x] = F(own * t0 + ratio * s0)
        row[1, x] = F(own * t1 + ratio * s1)
        row[2, x] = F(own * t2 + ratio * s2)


@njit(**KERNEL)
def _luma_row(row, out, seed):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        h = mix(U(U(x) * U(0x27D4EB2D) ^ seed))
        d = F(F(I(U(h & U(0xFFFF)))) + F(I(U(h >> U(16)))))
        d = F(F(d * F(1.0 / 65535.0) - F(1)) * F(DITHER_Y * 0.5))
        k = F(F(46.5594) * row[0, x] + F(156.6288) * row[1, x] + F(15.8118) * row[2, x])
        out[x] = np.uint8(I(F(k + d + F(16.5))))


@njit(**KERNEL)
def _chroma_row(rows, cb, cr, seed):  # type: ignore[no-untyped-def]
    for x in range(cb.shape[0]):
        r = _quad(rows, I(0), x)
        g = _quad(rows, I(1), x)
        b = _quad(rows, I(2), x)
        h = mix(U(U(x) * U(0x165667B1) ^ seed))
        d0 = F(F(F(I(U(h & U(0xFFFF)))) * F(1.0 / 65535.0) - F(0.5)) * F(DITHER_C))
        d1 = F(F(F(I(U(h >> U(16)))) * F(1.0 / 65535.0) - F(0.5)) * F(DITHER_C))
        u = F(F(-25.6642) * r - F(86.3358) * g + F(112.0) * b)
        v = F(F(112.0) * r - F(101.7303) * g - F(10.2697) * b)
        cb[x] = np.uint8(I(F(u + d0 + F(128.5))))
        cr[x] = np.uint8(I(F(v + d1 + F(128.5))))


@njit(**INLINE)
def _quad(rows, c, x):  # type: ignore[no-untyped-def]
    """Mean of a block of two by two."""
    upper = F(rows[0, c, 2 * x] + rows[0, c, 2 * x + 1])
    lower = F(rows[1, c, 2 * x] + rows[1, c, 2 * x + 1])
    return F(F(upper + lower) * F(0.25))
