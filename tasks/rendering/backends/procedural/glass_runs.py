"""Stretches of a row in which a cut body shows one pair of facets, far from seams and outlines.

Everything that decides what is shown is a linear function of the place, so it is known how far it
holds; such a stretch is laid in whole rows, without looking for facets pixel by pixel.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.glass_rays import (
    CLEAR,
    CRACK,
    GLOW_R,
    GRAIN,
    INNER,
    POWER,
    R01,
    R11,
    R21,
    TINT_R,
)
from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    floor_i,
    noise,
    smooth,
)

LONGEST = 9999.0  # pixels that a stretch is at most
RIM_ENDS = 4.09  # widths of a rim's line after which it is dark


@njit(**KERNEL)
def stretch(  # type: ignore[no-untyped-def]
    own, seen, ways, opened, apart, meets, faces, i, a, u, v, step,
    line, blur,
):  # fmt: skip
    """Pixels to the right that show facet `i` and through it facet `a`, clear of every seam.

    Args:
        own: Normals of the planes, shape (n, 4).
        seen: Depths of the planes, shape (n, 3).
        ways: Lengths of the ways through the body, shape (n, n, 3).
        opened: How many ways each facet has.
        apart: Pixels to where planes meet, a unit of depth.
        meets: Likewise for the ways of a facet.
        faces: How many planes there are.
        i: Facet in front.
        a: Number of its way.
        u: Place, sideways, in units of the body.
        v: Place, downwards.
        step: Units a pixel.
        line: Pixels of a rim's line.
        blur: Softness of edges in pixels.
    """
    room = F(LONGEST)
    rim = F(F(RIM_ENDS) * line)
    for k in range(faces):
        if k != i:
            side = F(apart[i, k]) if own[k, 2] > F(0) else F(-apart[i, k])
            far = F(seen[k, 0] - seen[i, 0] + F(seen[k, 1] - seen[i, 1]) * u)
            far = F(F(far + F(seen[k, 2] - seen[i, 2]) * v) * side)
            slope = F(F(seen[k, 1] - seen[i, 1]) * step * side)
            room = _less(room, F(far - rim), slope)
    between = F(F(0.834) * blur)
    for k in range(opened[i]):
        if k != a:
            far = F(ways[i, k, 0] - ways[i, a, 0] + F(ways[i, k, 1] - ways[i, a, 1]) * u)
            far = F(F(far + F(ways[i, k, 2] - ways[i, a, 2]) * v) * meets[i, a, k])
            slope = F(F(ways[i, k, 1] - ways[i, a, 1]) * step * meets[i, a, k])
            room = _less(room, F(far - between), slope)
    return max(floor_i(room), I(0))


@njit(**INLINE)
def _less(room, far, slope):  # type: ignore[no-untyped-def]
    """Pixels until a distance that changes by `slope` a pixel is used up, or fewer."""
    return F(min(room, F(far / F(max(F(-slope), F(1e-6))))))


@njit(**KERNEL)
def lay_stretch(  # type: ignore[no-untyped-def]
    laid, at, count, start, v, step, front, rear, i, a, ways, through,
    mirrored, crack, body,
):  # fmt: skip
    """Lay `count` pixels from `at` on behind what is laid: colours, then what shines through.

    Args:
        laid: Row of light laid and, last, of what is still open, shape (4, width).
        at: First pixel.
        count: Pixels.
        start: Place of the first pixel, sideways, in units of the body.
        v: Place, downwards.
        step: Units a pixel.
        front: Depth of the front from the first pixel on.
        rear: Depth of the far side.
        i: Facet in front.
        a: Number of its way.
        ways: Lengths of the ways.
        through: Colours of the ways and how they change.
        mirrored: Colours that facets mirror, and how they change.
        crack: The plane of the crack.
        body: The body's row.
    """
    inner = np.empty(count, np.float32)
    powers = np.empty(count, np.float32)
    w0 = F(ways[i, a, 0] + ways[i, a, 1] * start + ways[i, a, 2] * v)
    w1 = F(ways[i, a, 1] * step)
    glance = mirrored[i, 9]
    power, strength = body[POWER], body[INNER]
    along0 = F(body[R01] * start + body[R11] * v)
    along1, along2 = F(body[R01] * step), F(body[R21] * F(0.5))
    for n in range(count):
        along = F(along0 + along1 * F(I(n)) + along2 * F(front[n] + rear[n]))
        powers[n] = F(power * rooted(along))
        inner[n] = innerlight(F(max(F(front[n] - rear[n]), F(0))), along, strength)
    if body[CRACK] > F(0):
        grain = body[GRAIN]
        k0, k1, k2, k3 = crack[0], crack[1], crack[2], crack[3]
        for n in range(count):
            u = F(start + F(I(n)) * step)
            inner[n] += cracklight(k0, k1, k2, k3, u, v, front[n], rear[n], grain)
    for c in range(3):
        m0 = F(mirrored[i, c] + mirrored[i, 3 + c] * start + mirrored[i, 6 + c] * v)
        m1 = F(mirrored[i, 3 + c] * step)
        t0 = F(through[i, a, c] + through[i, a, 3 + c] * start + through[i, a, 6 + c] * v)
        t1 = F(through[i, a, 3 + c] * step)
        tint = F(F(body[TINT_R + c] - F(1)) * F(0.5))
        glow = body[GLOW_R + c]
        row, still = laid[c], laid[3]
        for n in range(count):
            x = F(I(n))
            deep = F(min(max(F(w0 + w1 * x), F(0)), F(2)))
            t = F(F(max(F(t0 + t1 * x), F(0))) * F(F(1) + tint * deep))
            m = F(max(F(m0 + m1 * x), F(0)))
            glass = F(F(t + F(m - t) * glance) * powers[n] + inner[n] * glow)
            row[at + n] += F(glass * still[at + n])
    behind = F(body[CLEAR] * F(F(1) - glance))
    for n in range(count):
        laid[3, at + n] *= behind


@njit(**INLINE)
def rooted(along):  # type: ignore[no-untyped-def]
    """Share of light that glass lets through: clear at its tip, milky towards its root."""
    return F(F(0.30) + F(0.70) * clamp01(F(F(0.50) - F(0.65) * along)))


@njit(**INLINE)
def innerlight(deep, along, inner):  # type: ignore[no-untyped-def]
    """Light in the glass itself: more of it where it is thick, and towards its root."""
    root = clamp01(F(F(0.42) + F(0.75) * along))
    return F(inner * deep / F(F(0.7) + deep) * F(F(0.15) + root * root * F(1.6)))


@njit(**INLINE)
def cracklight(k0, k1, k2, k3, u, v, front, rear, grain):  # type: ignore[no-untyped-def]
    """Light of the crack where it lies between the front and the far side."""
    z = F(k0 + k1 * u + k2 * v)
    inside = F(min(F(front - z), F(z - rear)))
    if inside <= F(0):
        return F(0)
    p = noise(F(u * F(3.1) + z * F(1.7) + grain), F(v * F(3.1) - z * F(2.1) + grain), U(40))
    torn = smooth(F(-0.22), F(0.12), p)
    rim = F(max(F(F(1) - F(abs(F(p - F(0.02)))) * F(6)), F(0)))
    return F(k3 * F(torn * F(0.35) + F(0.65) * rim) * smooth(F(0), F(0.10), inside))
