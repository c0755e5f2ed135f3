"""Small things before a lens: discs of blur, petals, paper, bubbles, flakes, each drawn singly.

A point out of focus is an even disc with a crisp edge, a thing in focus its own shape; between
them the edge is as soft as the smaller of the two is wide. Source of the shapes: I. Quilez,
2D distance functions.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, clamp01, floor_i

SHARPEST_PX = 0.75  # half the width of the softest step that a pixel still shows as an edge
RIM = 0.35  # how much brighter a disc's edge is than its middle
OVAL = 0.32  # how far the barrel of the lens cuts discs at the picture's edge
DISC, PETAL, PAPER, BUBBLE, STAR = range(5)
# Columns of a thing's place: pixels, distance, size and blur in pixels, turn, breadth seen, hue,
# light.
(X, Y, FAR, SIZE, BLUR, COSINE, SINE, BREADTH, HUE, LIGHT) = range(10)


@njit(**INLINE)
def _edge(distance, soft):  # type: ignore[no-untyped-def]
    """1 inside, 0 outside, an S of half-width `soft` between."""
    k = clamp01(F(F(soft - distance) / F(F(2) * soft)))
    return F(k * k * F(F(3) - F(2) * k))


@njit(**KERNEL)
def add_blur_disc(light, x0, y0, radius, soft, lean_x, lean_y, c0, c1, c2):  # type: ignore[no-untyped-def]
    """Add a point of light out of focus.

    `lean_x` and `lean_y` say how far the second edge of the lens lies from the first, in pixels:
    towards the picture's edges discs become ovals.
    """
    _, height, width = light.shape
    reach = F(radius + soft)
    inverse = F(F(1) / radius)
    for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(I(y)) - y0)
        ey = F(dy - lean_y)
        span = F(np.sqrt(F(max(F(reach * reach - dy * dy), F(0)))))
        left = max(floor_i(F(x0 - span)), 0)
        for x in range(left, min(floor_i(F(x0 + span)) + 2, width)):
            dx = F(F(I(x)) - x0)
            ex = F(dx - lean_x)
            r = F(np.sqrt(F(dx * dx + dy * dy)))
            q = F(np.sqrt(F(ex * ex + ey * ey)))
            rim = F(r * inverse)
            k = F(_edge(F(r - radius), soft) * _edge(F(q - radius), soft))
            k = F(k * F(F(1.0 - RIM * 0.5) + F(RIM) * rim * rim * rim))
            light[0, y, x] += F(c0 * k)
            light[1, y, x] += F(c1 * k)
            light[2, y, x] += F(c2 * k)


@njit(**KERNEL)
def add_oval_disc(light, x0, y0, radius, soft, power, color):  # type: ignore[no-untyped-def]
    """Add a disc of blur, cut oval towards the edges of the picture; at least a pixel's edge."""
    _, height, width = light.shape
    lean = F(F(-OVAL) * radius)
    add_blur_disc(
        light, x0, y0, radius, F(max(soft, F(SHARPEST_PX))),
        F(lean * F(F(2) * x0 / F(width) - F(1))), F(lean * F(F(2) * y0 / F(height) - F(1))),
        F(color[0] * power), F(color[1] * power), F(color[2] * power),
    )  # fmt: skip


@njit(**INLINE)
def _leaf(u, v, size):  # type: ignore[no-untyped-def]
    """Distance from a petal: round at one end, narrow at the other, notched."""
    t = F(u / size)
    w = F(v * F(F(1.45) - F(0.6) * t))
    notch = F(max(F(F(0.16) - F(abs(F(v / size)))), F(0)))
    return F(F(np.sqrt(F(u * u + w * w))) - size * F(F(1) - notch * F(max(t, F(0))) * F(2.2)))


@njit(**INLINE)
def _paper(u, v, size):  # type: ignore[no-untyped-def]
    """Distance from a rectangle of three to four."""
    return F(max(F(F(abs(u)) - size), F(F(abs(v)) - size * F(0.72))))


@njit(**INLINE)
def _star(u, v, size):  # type: ignore[no-untyped-def]
    """Distance from a six-armed flake."""
    r = F(np.sqrt(F(u * u + v * v + F(1e-6))))
    c = F(u / r)
    c = F(c * c)
    arms = F(F(F(F(32) * c - F(48)) * c + F(18)) * c - F(1))
    return F(r - size * F(F(0.62) + F(0.38) * arms))


@njit(**KERNEL)
def lay_shape(light, kind, at, soft, cover, near, far):  # type: ignore[no-untyped-def]
    """Lay one petal, slip of paper or flake over the picture.

    Args:
        light: Linear light, shape (3, height, width).
        kind: PETAL, PAPER or STAR.
        at: Its place, a row of the columns above.
        soft: Half-width of its edge, pixels.
        cover: How much of what lies behind it hides.
        near: Its colour at the tip, shape (3,).
        far: Its colour at the stem, shape (3,).
    """
    _, height, width = light.shape
    x0, y0, size, cosine, sine = at[X], at[Y], at[SIZE], at[COSINE], at[SINE]
    flat = F(F(1) / F(max(at[BREADTH], F(0.12))))
    reach = F(size * F(1.3) + soft + F(1))
    for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(I(y)) - y0)
        for x in range(max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)):
            dx = F(F(I(x)) - x0)
            u = F(dx * cosine + dy * sine)
            v = F(F(dy * cosine - dx * sine) * flat)
            if kind == PETAL:
                d = _leaf(u, v, size)
            elif kind == PAPER:
                d = _paper(u, v, size)
            else:
                d = _star(u, v, size)
            k = F(_edge(d, soft) * cover)
            t = clamp01(F(F(0.5) + F(0.5) * u / size))
            for c in range(3):
                own = F(far[c] + F(near[c] - far[c]) * t)
                light[c, y, x] = F(light[c, y, x] + F(own - light[c, y, x]) * k)


@njit(**KERNEL)
def add_bubble(light, x0, y0, size, soft, rim, body, spark, power):  # type: ignore[no-untyped-def]
    """Add a bubble: a bright rim that turns from one colour to another, two lights, clear skin."""
    _, height, width = light.shape
    reach = F(size + soft)
    inverse = F(F(1) / size)
    thin = F(F(0.07) + soft * inverse)
    sharp = F(F(1) / F(F(0.004) + thin * thin * F(0.35)))
    for y in range(max(floor_i(F(y0 - reach)), 0), min(floor_i(F(y0 + reach)) + 2, height)):
        dy = F(F(F(I(y)) - y0) * inverse)
        for x in range(max(floor_i(F(x0 - reach)), 0), min(floor_i(F(x0 + reach)) + 2, width)):
            dx = F(F(F(I(x)) - x0) * inverse)
            r = F(np.sqrt(F(dx * dx + dy * dy)))
            inside = _edge(F(F(r - F(1)) * size), soft)
            edge = F(r * r)
            edge = F(edge * edge * edge * inside)
            hx, hy = F(dx + F(0.42)), F(dy + F(0.48))
            lx, ly = F(dx - F(0.45)), F(dy - F(0.52))
            glint = F(F(1) / F(F(1) + F(hx * hx + hy * hy) * sharp))
            glint = F(glint * glint * F(1.6))
            low = F(F(1) / F(F(1) + F(lx * lx + ly * ly) * sharp))
            glint = F(F(glint + low * low * F(0.5)) * inside)
            turn = clamp01(F(F(0.5) + F(0.4) * dy + F(0.3) * dx))
            for c in range(3):
                skin = F(rim[c] + F(body[c] - rim[c]) * turn)
                lit = F(skin * F(edge * F(0.85) + inside * F(0.05)) + spark[c] * glint)
                light[c, y, x] += F(lit * power)
