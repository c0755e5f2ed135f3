"""Polished balls: each pixel's ray meets a sphere, and sees there what its surface mirrors."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.facets import BLUR, GLOW, MATTE, MIRROR, NEAREST, SHARE
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, floor_i
from tasks.rendering.backends.procedural.sculpture import Copy
from tasks.rendering.backends.procedural.studio import EYE_X, EYE_Y, FOCAL, KEY_X, SOFT, mirrored
from tasks.rendering.renderer import FloatArray


def balls_of(copies: list[Copy], eye: float, flip: float) -> FloatArray:
    """Middle as the viewer sees it, radius and number of each ball, from far to near.

    Args:
        copies: Their sizes are diameters.
        eye: Height of the eye.
        flip: -1 for the image in the floor.
    """
    rows = [
        (c.place[0], eye - flip * c.place[1], c.place[2], 0.5 * c.size[0], n)
        for n, c in enumerate(copies)
    ]
    rows.sort(key=lambda row: -row[2])
    return np.array(rows, np.float32)


@njit(**KERNEL)
def paint_balls(light, view, back, balls, looks, inks, spark, lamps):  # type: ignore[no-untyped-def]
    """Lay balls over the picture, as `paint_faces` lays faces."""
    _, height, width = light.shape
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    f = F(F(1) / lamps[FOCAL])
    for n in range(balls.shape[0]):
        cx, cy, cz, r = balls[n, 0], balls[n, 1], balls[n, 2], balls[n, 3]
        look = looks[I(balls[n, 4])]
        if cz - r < F(NEAREST):
            continue
        away = F(cx * cx + cy * cy + cz * cz)
        sx, sy = F(lamps[EYE_X] + lamps[FOCAL] * cx / cz), F(lamps[EYE_Y] + lamps[FOCAL] * cy / cz)
        x0, y0 = (
            F(back[0] * sx + back[1] * sy + back[2]), F(back[3] * sx + back[4] * sy + back[5])
        )  # fmt: skip
        lean = F(np.sqrt(F(F(1) + F(cx * cx + cy * cy) / F(cz * cz))))
        reach = F(F(r * lean * lamps[FOCAL] / F(cz - r)) * unit_px + F(2) + look[BLUR])
        per_px = F(unit_px * lamps[FOCAL] / F(F(np.sqrt(away)) * F(F(1) + look[BLUR])))
        mirror, share = look[MIRROR], look[SHARE]
        per_r = F(F(1) / r)
        for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
            first, last = max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)
            if last <= first:
                break
            dx0 = F(F(view[0] * F(I(first)) + view[1] * F(I(y)) + view[2] - lamps[EYE_X]) * f)
            dy0 = F(F(view[3] * F(I(first)) + view[4] * F(I(y)) + view[5] - lamps[EYE_Y]) * f)
            row0, row1, row2 = (
                light[0, y, first:last], light[1, y, first:last], light[2, y, first:last]
            )  # fmt: skip
            for x in range(last - first):
                dx = F(dx0 + view[0] * f * F(I(x)))
                dy = F(dy0 + view[3] * f * F(I(x)))
                inv = F(F(1) / F(np.sqrt(F(F(1) + dx * dx + dy * dy))))
                dx, dy, dz = F(dx * inv), F(dy * inv), inv
                b = F(dx * cx + dy * cy + dz * cz)
                miss = F(max(F(away - b * b), F(0)))
                cover = F(clamp01(F(F(r - F(np.sqrt(miss))) * per_px + F(0.5))) * share)
                t = F(b - F(np.sqrt(F(max(F(r * r - miss), F(0))))))
                nx, ny, nz = (
                    F(F(dx * t - cx) * per_r), F(F(dy * t - cy) * per_r), F(F(dz * t - cz) * per_r)
                )  # fmt: skip
                dn = F(dx * nx + dy * ny + dz * nz)
                key, strip, air = mirrored(
                    F(dx - F(2) * dn * nx), F(dy - F(2) * dn * ny), F(dz - F(2) * dn * nz), lamps
                )
                glance = F(F(1) - clamp01(F(-dn)))
                glance = F(glance * glance)
                sheen = F(mirror + F(F(1) - mirror) * F(0.8) * glance * glance)
                lit = F(nx * lamps[KEY_X] + ny * lamps[KEY_X + 1] + nz * lamps[KEY_X + 2])
                matte = F(lamps[SOFT] * F(F(0.6) - F(0.4) * ny) + F(max(lit, F(0))))
                matte = F(look[MATTE] * matte + look[GLOW] * F(F(1) - glance))
                grounded = F(F(0.35) + F(0.65) * clamp01(F(F(0.9) - F(0.9) * ny)))
                sheen = F(sheen * grounded)
                c0 = F(spark[0] * key + inks[1, 0] * strip + inks[0, 0] * air)
                c1 = F(spark[1] * key + inks[1, 1] * strip + inks[0, 1] * air)
                c2 = F(spark[2] * key + inks[1, 2] * strip + inks[0, 2] * air)
                c0 = F(look[0] * matte + sheen * F(F(0.3) + F(0.7) * look[0]) * c0)
                c1 = F(look[1] * matte + sheen * F(F(0.3) + F(0.7) * look[1]) * c1)
                c2 = F(look[2] * matte + sheen * F(F(0.3) + F(0.7) * look[2]) * c2)
                row0[x] = F(row0[x] + cover * F(c0 - row0[x]))
                row1[x] = F(row1[x] + cover * F(c1 - row1[x]))
                row2[x] = F(row2[x] + cover * F(c2 - row2[x]))
