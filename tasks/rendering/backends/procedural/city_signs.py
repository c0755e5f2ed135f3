"""What hangs on towers and between them: neon signs and wires of light."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.facades import FOG, HOT, NEAREST
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, clamp01, decay, floor_i, mix


@njit(**KERNEL)
def paint_sign(light, free, water, view, back, eye, box, banks, color, look, seed):  # type: ignore[no-untyped-def]
    """Paint an upright sign of neon letters, and its mirror image.

    `box` holds its left, right, depth, lower and upper ends (heights above the ground).
    """
    _, height, width = light.shape
    vx, vy, ground = eye[0], eye[1], eye[2]
    left, right, z, foot, head = box[0], box[1], box[2], box[3], box[4]
    if z < F(NEAREST):
        return
    letters = F(floor_i(F(F(head - foot) / F(F(right - left) * F(1.3)))))
    letters = F(max(letters, F(1)))
    pixel = F(F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))) * z / F(right - left))
    clear = F(decay(F(z * look[FOG])))
    large, middle, small = banks
    glyphs = large if pixel < F(0.06) else (middle if pixel < F(0.12) else small)
    rows, columns = glyphs.shape[1], glyphs.shape[2]
    for mirror in range(2):
        sign = F(1) if mirror == 0 else F(-1)
        x_low, x_high, y_low, y_high = F(1e9), F(-1e9), F(1e9), F(-1e9)
        for k in range(4):
            sx = F(vx + F(left if k % 2 == 0 else right) / z)
            sy = F(vy + F(ground - sign * F(foot if k < 2 else head)) / z)
            px = F(back[0] * sx + back[1] * sy + back[2])
            py = F(back[3] * sx + back[4] * sy + back[5])
            x_low, x_high = F(min(x_low, px)), F(max(x_high, px))
            y_low, y_high = F(min(y_low, py)), F(max(y_high, py))
        x_low, x_high = F(max(x_low, F(0))), F(min(x_high, F(width)))
        y_low, y_high = F(max(y_low, F(0))), F(min(y_high, F(height)))
        for y in range(floor_i(y_low), min(floor_i(y_high) + 1, height)):
            for x in range(floor_i(x_low), min(floor_i(x_high) + 1, width)):
                drop = F(water[0, y, x]) if mirror else F(0)
                fx, fy = F(I(x)), F(F(I(y)) + drop)
                sx = F(view[0] * fx + view[1] * fy + view[2])
                sy = F(view[3] * fx + view[4] * fy + view[5])
                u = F(F(F(sx - vx) * z - left) / F(right - left))
                v = F(F(head - F(ground - F(sy - vy) * z) * sign) / F(head - foot))
                inside = F(min(min(u, F(F(1) - u)), F(min(v, F(F(1) - v)) * letters * F(1.3))))
                if inside <= F(0):
                    continue
                rim = F(max(pixel, F(0.05)))
                frame = F(clamp01(F(F(2) - F(inside / rim))) * F(F(0.05) / rim))
                k = F(v * letters)
                n = floor_i(k)
                gy = F(F(k - F(n)) * F(rows) * F(0.96))
                gx = F(F(F(u - F(0.16)) * F(1.47)) * F(columns))
                ink = F(0)
                if gx > F(0) and gx < F(columns - 1.01) and gy < F(rows - 1.01):
                    h = mix(U(seed + U(n)))
                    i, j = I(gx), I(gy)
                    a, b = F(gx - F(i)), F(gy - F(j))
                    g = glyphs[I(U(h >> U(4)) % U(glyphs.shape[0]))]
                    over = F(g[j, i] + F(g[j, i + 1] - g[j, i]) * a)
                    under = F(g[j + 1, i] + F(g[j + 1, i + 1] - g[j + 1, i]) * a)
                    ink = F(over + F(under - over) * b)
                cover = clamp01(F(inside / pixel))
                gain = F(water[1, y, x]) if mirror else F(1)
                shine = F(F(F(0.05) + F(1.7) * ink + frame) * look[HOT] * clear * gain)
                shine = F(shine * cover * free[y, x])
                for c in range(3):
                    light[c, y, x] += F(shine * color[c])
                free[y, x] = F(free[y, x] * F(F(1) - cover))


@njit(**KERNEL)
def paint_wire(light, free, x0, y0, x1, y1, reach, color, power):  # type: ignore[no-untyped-def]
    """Add a nearly level line of light behind what is there; `reach` is its half-width, pixels."""
    _, height, width = light.shape
    slope = F(F(y1 - y0) / F(max(F(x1 - x0), F(1e-3))))
    for x in range(max(floor_i(x0), 0), min(floor_i(x1) + 1, width)):
        middle = F(y0 + slope * F(F(I(x)) - x0))
        for y in range(
            max(floor_i(F(middle - reach)), 0), min(floor_i(F(middle + reach)) + 2, height)
        ):
            d = F(F(F(I(y)) - middle) / reach)
            k = F(max(F(F(1) - d * d), F(0)))
            k = F(k * k * power * free[y, x])
            for c in range(3):
                light[c, y, x] += F(color[c] * k)


@njit(**KERNEL)
def lay_behind(light, free, sky):  # type: ignore[no-untyped-def]
    """Fill what all towers leave free."""
    for c in range(3):
        for y in range(light.shape[1]):
            for x in range(light.shape[2]):
                light[c, y, x] += F(free[y, x] * sky[c, y, x])
