"""Smoke as thin sheets: folded noise whose level lines are the bright edges of a veil."""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.air import AIR_STEP, Air
from tasks.rendering.backends.procedural.fields import scratch
from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    clamp01,
    fract,
    noise,
    smooth,
)
from tasks.rendering.renderer import FloatArray

# Places in a veil's row of values.
(SIZE, TALL, FLOW, RISE, FOLDS, WARP, LIT, BODY, X, BASE, WIDTH, SPREAD, SWAY, PATCH) = range(14)


@dataclass(frozen=True)
class Veil:
    """Smoke of one colour; lengths in half-heights, y downwards.

    Attributes:
        size: Folds a half-height.
        tall: How much longer they are upwards than across.
        flow: How far they have changed.
        rise: How far they have risen.
        folds: Sheets one behind another.
        warp: How far they curl.
        lit: Light of the edges.
        body: Light of the smoke between them.
        x: Middle of the column.
        base: Height at which it is narrowest.
        width: Its width there.
        spread: How much wider it is a half-height above.
        sway: How far it bends.
        patch: 0 everywhere alike, 1 in patches.
    """

    size: float
    tall: float
    flow: float
    rise: float
    folds: float
    warp: float
    lit: float
    body: float
    x: float
    base: float
    width: float
    spread: float
    sway: float
    patch: float


class VeilWork:
    """Work arrays of the veils, made once a clip."""

    def __init__(self, air: Air) -> None:
        _, rows, columns = air.rgb.shape
        self.field = scratch(2, rows, columns)


def paint_veil(
    air: Air, work: VeilWork, view: FloatArray, *, veil: Veil, color: FloatArray, seed: np.uint32
) -> None:
    """Add one veil's light to the air, and dim what is behind it.

    Args:
        air: The picture so far.
        work: Arrays to work in.
        view: Camera, as from `look_through`.
        veil: What to paint.
        color: Linear light, shape (3,).
        seed: Of its folds.
    """
    values = np.array(astuple(veil), np.float32)
    _fold(work.field, view, values, seed)
    _add_veil(air.rgb, air.clear, work.field, values, color)


@njit(**KERNEL)
def _fold(field, view, veil, seed):  # type: ignore[no-untyped-def]
    """Plane 0: the folded noise; plane 1: how much smoke there is."""
    _, rows, columns = field.shape
    t = veil[FLOW]
    for r in range(rows):
        py = F(I(r - 1) * I(AIR_STEP))
        for x in range(columns):
            px = F(I(x - 1) * I(AIR_STEP))
            sx = F(view[0] * px + view[1] * py + view[2])
            sy = F(view[3] * px + view[4] * py + view[5])
            high = F(max(F(veil[BASE] - sy), F(0)))
            bend = noise(F(sy * F(0.8) + veil[RISE] * F(0.5) + F(20)), F(t * F(0.3) + F(9)), seed)
            middle = F(veil[X] + veil[SWAY] * bend * clamp01(F(high * F(1.2))))
            wide = F(veil[WIDTH] + veil[SPREAD] * high)
            dx = F(F(sx - middle) / wide)
            a = F(F(sx - middle * F(0.7)) * veil[SIZE] + F(40))
            b = F(F(sy + veil[RISE]) * veil[SIZE] / veil[TALL] + F(40))
            u = noise(F(a * F(0.8) + F(11)), F(b * F(0.8) - t), U(seed + U(1)))
            v = noise(F(a * F(0.8) + t), F(b * F(0.8) + F(17)), U(seed + U(2)))
            a = F(a + veil[WARP] * u)
            b = F(b + veil[WARP] * v)
            u2 = noise(F(a * F(1.7) - t), F(b * F(1.7) + F(5)), U(seed + U(3)))
            f = noise(F(a + u2 * F(0.35)), F(b + F(0.25) * v), U(seed + U(4)))
            f = F(f + F(0.22) * noise(F(a * F(2.6)), F(b * F(2.6) + t), U(seed + U(5))))
            patch = smooth(F(-0.25), F(0.35), F(v + F(0.5) * u))
            field[0, r, x] = f
            edge = F(max(F(F(1) - dx * dx), F(0)))
            field[1, r, x] = F(edge * edge * F(F(1) - veil[PATCH] * F(F(1) - patch)))


@njit(**KERNEL)
def _add_veil(rgb, clear, field, veil, color):  # type: ignore[no-untyped-def]
    _, rows, columns = field.shape
    light = np.empty(columns, np.float32)
    for r in range(rows):
        above = max(r - 1, 0)
        for x in range(columns):
            f = field[0, r, x]
            gx = F(f - field[0, r, max(x - 1, 0)])
            gy = F(f - field[0, above, x])
            slope = F(F(abs(gx) + abs(gy)) * veil[FOLDS])
            width = F(min(max(F(F(1.5) * slope), F(0.05)), F(0.9)))
            s = fract(F(f * veil[FOLDS] + F(8)))
            fall = F(F(1) - s)
            sheet = F(smooth(F(0), width, s) * fall * fall)
            keep = F(F(1) - smooth(F(0.16), F(0.5), slope))
            sheet = F(F(0.22) + F(sheet - F(0.22)) * keep)
            amount = field[1, r, x]
            light[x] = F(amount * F(veil[LIT] * sheet * sheet * F(1.6) + veil[BODY]))
            shade = clamp01(F(amount * F(F(0.25) + F(0.6) * sheet)))
            clear[r, x] = F(clear[r, x] * F(F(1) - F(0.7) * shade))
        for c in range(3):
            own = color[c]
            for x in range(columns):
                rgb[c, r, x] = F(rgb[c, r, x] * F(F(1) - F(0.25) * field[1, r, x]) + own * light[x])
