"""Lit air: smoke that beams are seen by, sheets of laser light in it, shafts of light, wet floors.

Soft light is gathered in a coarse picture (`beams.SOFT_STEP`), laid under the sharp light, and both
are thinned and thickened by the same smoke, so that a beam shows the air it crosses.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.beams import SOFT_STEP
from tasks.rendering.backends.procedural.fields import blend_row, coarse_shape, scratch, widen
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    noise,
    row_fbm,
    sin_f,
    smooth,
)
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.renderer import FloatArray

SMOKE_STEP = 4  # pixels a sample of the smoke
RIPPLE_STEP = 4  # pixels a sample of the floor's ripples


class Fog:
    """Work arrays of a clip's air."""

    def __init__(self, stage: Stage, *, seed: np.uint32, wisps: float) -> None:
        height, width = stage.height_px, stage.width_px
        self.smoke = scratch(*coarse_shape(height, width, SMOKE_STEP))
        self.smoke_wide = scratch(self.smoke.shape[0], width)
        self.soft = scratch(3, *coarse_shape(height, width, SOFT_STEP))
        self.soft_wide = scratch(3, self.soft.shape[1], width)
        self.night = stage.palette.night
        self.seed = seed
        self.wisps = np.float32(wisps)

    def clear(self, light: FloatArray, view: FloatArray, *, drift: float, thick: float) -> None:
        """Begin a frame: no light, and the smoke as it hangs now.

        Args:
            light: Linear light, shape (3, height, width); becomes black.
            view: Camera, as from `look_through`.
            drift: How far the smoke has moved.
            thick: Mean of the smoke, 0..1.
        """
        light.fill(0.0)
        self.soft.fill(0.0)
        _smoke(self.smoke, view, self.seed, np.float32(drift), self.wisps, np.float32(thick))
        widen(self.smoke, self.smoke_wide, SMOKE_STEP)

    def blend(self, light: FloatArray, *, air: FloatArray, depth: float) -> None:
        """Lay soft light and the room's own air under the sharp light.

        Args:
            light: Sharp light; becomes the picture.
            air: Colour of the unlit smoke, shape (3,).
            depth: How much the smoke thins and thickens the light, 0..1.
        """
        for c in range(3):
            widen(self.soft[c], self.soft_wide[c], SOFT_STEP)
        _blend(light, self.soft_wide, self.smoke_wide, air, self.night, np.float32(depth))


@njit(**KERNEL)
def _smoke(smoke, view, seed, drift, wisps, thick):  # type: ignore[no-untyped-def]
    """Two layers of clouds that slide over each other, folded into wisps."""
    rows, columns = smoke.shape
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    slow = np.empty(columns, np.float32)
    for r in range(rows):
        py = F(F(I(r - 1)) * F(SMOKE_STEP))
        for x in range(columns):
            px = F(F(I(x - 1)) * F(SMOKE_STEP))
            a = F(view[0] * px + view[1] * py + view[2])
            b = F(view[3] * px + view[4] * py + view[5])
            slow[x] = noise(
                F(a * F(0.7) - drift * F(0.23) + F(60)), F(b * F(0.9) + drift * F(0.05)), seed
            )
            xs[x] = F(a * wisps + drift * F(0.45) + F(20) + slow[x] * F(1.3))
            ys[x] = F(b * wisps * F(1.5) + drift * F(0.09) + F(20) + slow[x])
        row_fbm(smoke[r], xs, ys, U(seed + U(7)), I(3), F(0.95))
        for x in range(columns):
            k = F(thick + F(0.80) * smoke[r, x] + F(0.60) * slow[x])
            smoke[r, x] = smooth(F(-0.15), F(1.15), k)


@njit(**KERNEL)
def _blend(light, soft_wide, smoke_wide, air, night, depth):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    smoke = np.empty(width, np.float32)
    soft = np.empty(width, np.float32)
    for y in range(height):
        blend_row(smoke_wide, y, I(SMOKE_STEP), smoke)
        for c in range(3):
            blend_row(soft_wide[c], y, I(SOFT_STEP), soft)
            floor = F(night[c] * F(0.55))
            for x in range(width):
                k = F(F(1) - depth + F(2) * depth * smoke[x])
                clouds = F(smoke[x] * smoke[x])
                light[c, y, x] = F(F(light[c, y, x] + soft[x]) * k + floor + air[c] * clouds)


@njit(**KERNEL)
def add_sheet(soft, view, seed, plane, lines, inks, power):  # type: ignore[no-untyped-def]
    """Add a flat sheet of laser light overhead, torn by smoke, that opens from its source.

    Args:
        soft: Coarse picture.
        view: Camera.
        seed: Of the smoke.
        plane: Height over the eye, tilt, source x, source depth, horizon, drift.
        lines: Rays of the sheet a unit of slope, their phase, their depth 0..1.
        inks: Its colour far and near, shape (2, 3).
        power: Its light.
    """
    _, rows, whole = soft.shape
    columns = whole // 2 + 2  # every other sample is reckoned, those between are means
    high, tilt, from_x, from_z = plane[0], plane[1], plane[2], plane[3]
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    veil = np.empty(columns, np.float32)
    torn = np.empty(columns, np.float32)
    lit = np.empty(columns, np.float32)
    tint = np.empty(columns, np.float32)
    for r in range(rows):
        py = F(F(I(r - 1)) * F(SOFT_STEP))
        most = F(0)
        for x in range(columns):
            px = F(F(I(2 * x - 1)) * F(SOFT_STEP))
            a = F(view[0] * px + view[1] * py + view[2])
            b = F(view[3] * px + view[4] * py + view[5])
            v = F(plane[4] - b + tilt * F(a - from_x / from_z))
            z = F(high / F(max(v, F(0.04))))
            wx = F(a * z)
            slope = F(F(wx - from_x) / F(max(F(from_z - z), F(0.05))))
            ray = F(F(0.5) + F(0.5) * sin_f(F(slope * lines[0] + lines[1])))
            ray = F(F(1) - lines[2] * ray * smooth(from_z, F(from_z * F(0.7)), z))
            open_z = smooth(from_z, F(from_z * F(0.93)), z)
            edge = smooth(F(1.9), F(1.1), F(abs(slope)))
            grazing = F(F(1) / F(F(0.20) + v))
            lit[x] = F(open_z * edge * ray * grazing * smooth(F(0.04), F(0.20), v))
            most = F(max(most, lit[x]))
            torn[x] = F(F(1) / F(F(1) + z * z * F(0.05)))
            xs[x] = F(wx * F(0.9) + plane[5] * F(0.3) + F(90))
            ys[x] = F(F(min(z, F(9))) * F(0.9) + plane[5] + F(90))
        if most <= F(0):
            continue
        for x in range(columns):
            bend = noise(F(xs[x] * F(0.6)), F(ys[x] * F(0.6)), U(seed + U(5)))
            xs[x] += F(bend * F(1.2))
            ys[x] -= F(bend * F(0.8))
        row_fbm(veil, xs, ys, seed, I(3), F(0.9))
        for x in range(columns):
            curl = F(F(1) - F(min(F(abs(veil[x])) * F(2.6), F(1))))
            k = F(F(0.20) + F(1.9) * torn[x] * F(curl * curl - F(0.12)))
            lit[x] = F(max(k, F(0.03)) * lit[x] * power)
            tint[x] = F(F(1) - torn[x])
        for c in range(3):
            own = F(inks[0, c] - inks[1, c])
            for x in range(columns - 2):
                k = F(lit[x] * F(inks[1, c] + own * tint[x]))
                after = F(lit[x + 1] * F(inks[1, c] + own * tint[x + 1]))
                soft[c, r, 2 * x] += k
                soft[c, r, 2 * x + 1] += F(F(k + after) * F(0.5))
            if whole % 2:
                x = columns - 2
                soft[c, r, whole - 1] += F(lit[x] * F(inks[1, c] + own * tint[x]))


@njit(**KERNEL)
def add_shafts(soft, view, seed, lamp, inks, power):  # type: ignore[no-untyped-def]
    """Add shafts of light that fall from a lamp beyond the picture.

    Args:
        soft: Coarse picture.
        view: Camera.
        seed: Of the gaps that let the light through.
        lamp: Its x and y in the scene, shafts a unit of slope, drift, softness 0..1, reach.
        inks: Colour near the lamp and far from it, shape (2, 3).
        power: Its light.
    """
    _, rows, columns = soft.shape
    for r in range(rows):
        py = F(F(I(r - 1)) * F(SOFT_STEP))
        for x in range(columns):
            px = F(F(I(x - 1)) * F(SOFT_STEP))
            a = F(F(view[0] * px + view[1] * py + view[2]) - lamp[0])
            b = F(max(F(F(view[3] * px + view[4] * py + view[5]) - lamp[1]), F(0.05)))
            slope = F(F(a / b) * lamp[2])
            wide = noise(F(slope + F(40)), F(lamp[3] * F(0.5) + F(9)), seed)
            fine = noise(F(slope * F(2.7) + F(80)), F(lamp[3] + b * F(0.15)), U(seed + U(3)))
            k = clamp01(F(F(0.28) + F(1.15) * wide + F(0.55) * fine))
            k = F(k * k * F(F(1) - lamp[4]) + lamp[4] * k * F(0.4))
            far = clamp01(F(b / lamp[5]))
            k = F(k * power * F(F(1) - far) * F(F(1.15) - far))
            for c in range(3):
                soft[c, r, x] += F(k * F(inks[0, c] + F(inks[1, c] - inks[0, c]) * far))


@njit(**KERNEL)
def wet_floor(light, view, back, seed, foot, drift, shine):  # type: ignore[no-untyped-def]
    """Mirror what stands above the far edge of the floor, `foot`, in its puddles and ripples."""
    _, height, width = light.shape
    ripples = np.empty(width // RIPPLE_STEP + 3, np.float32)
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for y in range(height):
        at0 = F(view[4] * F(I(y)) + view[5] - foot)
        if F(max(at0, F(at0 + view[3] * F(width)))) <= F(0):
            continue
        for k in range(ripples.shape[0]):
            px = F(F(I(k)) * F(RIPPLE_STEP))
            deep = F(max(F(at0 + view[3] * px), F(0.004)))
            sx = F(view[0] * px + view[1] * F(I(y)) + view[2])
            z = F(F(1) / F(deep + F(0.12)))
            ripples[k] = noise(F(sx * z * F(1.1) + F(70)), F(z * F(3.4) + drift), seed)
        for x in range(width):
            deep = F(at0 + view[3] * F(I(x)))
            if deep <= F(0):
                continue
            k = x // RIPPLE_STEP
            part = F(F(I(x - k * RIPPLE_STEP)) * F(1.0 / RIPPLE_STEP))
            wave = F(ripples[k] + F(ripples[k + 1] - ripples[k]) * part)
            wet = F(F(0.30) + F(0.70) * smooth(F(-0.30), F(0.35), wave))
            rough = F(deep * F(0.05) * wave)
            sx = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2] + rough)
            sy = F(foot - deep * F(F(1) + F(0.12) * wave))
            qx = I(F(back[0] * sx + back[1] * sy + back[2] + F(0.5)))
            qy = F(back[3] * sx + back[4] * sy + back[5])
            smear = F(unit_px * deep * F(0.022) + F(0.7))
            i = min(max(qx, 0), width - 1)
            m0 = min(max(I(F(qy - smear)), 0), y)
            m1 = min(max(I(qy), 0), y)
            m2 = min(max(I(F(qy + smear)), 0), y)
            fade = F(F(shine * wet) / F(F(1) + deep * F(0.9)))
            cover = smooth(F(0), F(0.012), deep)
            for c in range(3):
                seen = F(F(light[c, m0, i] + light[c, m2, i]) * F(0.3) + light[c, m1, i] * F(0.4))
                own = light[c, y, x]
                light[c, y, x] = F(own + F(F(seen * fade + own * F(0.30)) - own) * cover)
