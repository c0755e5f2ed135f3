"""Lines and dots of light, soft-edged, placed between pixels, added to what is there."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, clamp01, floor_i

ROUND = 1e-6  # squared length below which a line is a dot


@njit(**INLINE)
def profile(q):  # type: ignore[no-untyped-def]
    """Light at squared distance q of squared reach: a bell that ends at 1."""
    k = F(max(F(F(1) - q), F(0)))
    return F(k * k * k)


@njit(**KERNEL)
def add_line(light, x0, y0, x1, y1, reach0, reach1, c0, c1, c2, k0, k1):  # type: ignore[no-untyped-def]
    """Add a line from pixel (x0, y0) to (x1, y1).

    `reach0` and `reach1` are where its light ends, in pixels from the axis, at either end;
    `c0..c2` its colour, scaled by `k0` at the start and `k1` at the end.
    """
    _, height, width = light.shape
    reach = F(max(reach0, reach1))
    dx = F(x1 - x0)
    dy = F(y1 - y0)
    square = F(dx * dx + dy * dy)
    inverse = F(F(1) / F(max(square, F(ROUND))))
    top = max(floor_i(F(min(y0, y1) - reach)), 0)
    bottom = min(floor_i(F(max(y0, y1) + reach)) + 2, height)
    low = F(min(x0, x1) - reach)
    high = F(max(x0, x1) + reach)
    steep = F(abs(dy)) > F(0.5)
    slope = F(dx / dy) if steep else F(0)
    spread = F(reach * F(np.sqrt(F(F(1) + slope * slope))))
    for y in range(top, bottom):
        py = F(F(I(y)) - y0)
        left = low
        right = high
        if steep:
            middle = F(x0 + slope * py)
            left = F(max(left, F(middle - spread)))
            right = F(min(right, F(middle + spread)))
        for x in range(max(floor_i(left), 0), min(floor_i(right) + 2, width)):
            px = F(F(I(x)) - x0)
            t = clamp01(F(F(px * dx + py * dy) * inverse))
            ex = F(px - t * dx)
            ey = F(py - t * dy)
            r = F(reach0 + F(reach1 - reach0) * t)
            k = F(profile(F(F(ex * ex + ey * ey) / F(r * r))) * F(k0 + F(k1 - k0) * t))
            light[0, y, x] += F(c0 * k)
            light[1, y, x] += F(c1 * k)
            light[2, y, x] += F(c2 * k)


@njit(**KERNEL)
def add_dot(light, x0, y0, reach, c0, c1, c2):  # type: ignore[no-untyped-def]
    """Add a round soft dot; `reach` is where its light ends, in pixels."""
    _, height, width = light.shape
    inverse = F(F(1) / F(reach * reach))
    for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(I(y)) - y0)
        for x in range(max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)):
            dx = F(F(I(x)) - x0)
            k = profile(F(F(dx * dx + dy * dy) * inverse))
            light[0, y, x] += F(c0 * k)
            light[1, y, x] += F(c1 * k)
            light[2, y, x] += F(c2 * k)


@njit(**KERNEL)
def add_piece(light, x0, y0, x1, y1, reach, c0, c1, c2, k0, k1):  # type: ignore[no-untyped-def]
    """Add one piece of a polyline: like `add_line`, cut off square where the next piece begins.

    Round ends would count twice at every joint and string the thread with beads.
    """
    _, height, width = light.shape
    dx = F(x1 - x0)
    dy = F(y1 - y0)
    inverse = F(F(1) / F(max(F(dx * dx + dy * dy), F(ROUND))))
    across = F(F(1) / F(reach * reach))
    level = F(abs(dy)) < F(abs(dx)) * F(0.02)
    slope = F(0) if level else F(dx / dy)
    spread = F(reach * F(np.sqrt(F(F(1) + slope * slope))))
    low = F(min(x0, x1) - reach)
    high = F(max(x0, x1) + reach)
    for y in range(
        max(floor_i(F(min(y0, y1) - reach)) + 1, 0),
        min(floor_i(F(max(y0, y1) + reach)) + 1, height),
    ):
        py = F(F(I(y)) - y0)
        left = low
        right = high
        if not level:
            middle = F(x0 + slope * py)
            left = F(max(left, F(middle - spread)))
            right = F(min(right, F(middle + spread)))
        for x in range(max(floor_i(left) + 1, 0), min(floor_i(right) + 1, width)):
            px = F(F(I(x)) - x0)
            t = F(F(px * dx + py * dy) * inverse)
            if t < F(0) or t >= F(1):
                continue
            ex = F(px - t * dx)
            ey = F(py - t * dy)
            k = F(profile(F(F(ex * ex + ey * ey) * across)) * F(k0 + F(k1 - k0) * t))
            light[0, y, x] += F(c0 * k)
            light[1, y, x] += F(c1 * k)
            light[2, y, x] += F(c2 * k)


@njit(**KERNEL)
def add_pool(light, x0, y0, reach_x, reach_y, color):  # type: ignore[no-untyped-def]
    """Add a soft dot seen at a slant: an ellipse of light on a floor."""
    _, height, width = light.shape
    kx = F(F(1) / F(reach_x * reach_x))
    ky = F(F(1) / F(reach_y * reach_y))
    for y in range(max(floor_i(F(y0 - reach_y)), 0), min(floor_i(F(y0 + reach_y)) + 2, height)):
        dy = F(F(I(y)) - y0)
        for x in range(max(floor_i(F(x0 - reach_x)), 0), min(floor_i(F(x0 + reach_x)) + 2, width)):
            dx = F(F(I(x)) - x0)
            k = profile(F(dx * dx * kx + dy * dy * ky))
            light[0, y, x] += F(color[0] * k)
            light[1, y, x] += F(color[1] * k)
            light[2, y, x] += F(color[2] * k)
