"""Splinters: triangles with soft bright edges."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, cos_f, floor_i, sin_f, smooth


@njit(**KERNEL)
def add_shard(light, px, py, size, turn, tilt, color, spark, face, edge):  # type: ignore[no-untyped-def]
    """Add a triangle about pixel (px, py).

    Args:
        light: Linear light, shape (3, height, width).
        px: Centre, pixels from the left.
        py: Centre, pixels from the top.
        size: Centre to corner, pixels.
        turn: Rotation, radians.
        tilt: Share of its height that is seen, 0..1.
        color: Of the glass.
        spark: Of its edges, mixed with the glass.
        face: Light of the surface.
        edge: Light of the edges.
    """
    _, height, width = light.shape
    cx = np.empty(3, np.float32)
    cy = np.empty(3, np.float32)
    for k in range(3):
        a = F(F(I(k)) * F(2.0944) + F(0.35) * F(I(k * k)))
        sx = cos_f(a)
        sy = F(sin_f(a) * tilt)
        cx[k] = F(px + size * F(sx * cos_f(turn) - sy * sin_f(turn)))
        cy[k] = F(py + size * F(sx * sin_f(turn) + sy * cos_f(turn)))
    area = F(F(cx[1] - cx[0]) * F(cy[2] - cy[0]) - F(cx[2] - cx[0]) * F(cy[1] - cy[0]))
    way = F(1) if area > F(0) else F(-1)
    reach = F(size + F(2))
    for y in range(max(floor_i(F(py - reach)), 0), min(floor_i(F(py + reach)) + 2, height)):
        for x in range(max(floor_i(F(px - reach)), 0), min(floor_i(F(px + reach)) + 2, width)):
            inside = F(1e9)
            for k in range(3):
                n = (k + 1) % 3
                ex = F(cx[n] - cx[k])
                ey = F(cy[n] - cy[k])
                length = F(np.sqrt(F(ex * ex + ey * ey + F(1e-6))))
                cross = F(ex * F(F(I(y)) - cy[k]) - ey * F(F(I(x)) - cx[k]))
                inside = F(min(inside, F(way * cross / length)))
            if inside < F(-1.5):
                continue
            cover = smooth(F(-0.7), F(0.7), inside)
            rim = F(F(1) / F(F(1) + inside * inside * F(0.8)))
            k0 = F(cover * face + rim * edge * F(0.7))
            k1 = F(rim * edge * F(0.3))
            for c in range(3):
                light[c, y, x] += F(color[c] * k0 + spark[c] * k1)
