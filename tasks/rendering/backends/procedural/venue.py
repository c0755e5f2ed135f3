"""Dark shapes before the light, which they only take away: limbs, slabs, a crowd, truss."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import (
    INLINE,
    KERNEL,
    F,
    I,
    U,
    clamp01,
    dice,
    floor_i,
    mix,
    sin_f,
    unit,
)
from tasks.rendering.renderer import FloatArray

BRACES = 9  # crossed struts of a tower
ROWS = 3  # of people, one behind another
TRUNKS = 7
GIRDER_HALF = 2.4  # half-heights, beyond the edges of the widest picture
TOWER_TOP = -0.80  # scene height
TRUSS_DARK = 0.8  # share of light that truss takes; haze lies before it


@njit(**KERNEL)
def darken_limb(light, x0, y0, x1, y1, r0, r1, dark):  # type: ignore[no-untyped-def]
    """Take light from a rod with round ends, radii `r0` and `r1` in pixels."""
    _, height, width = light.shape
    dx = F(x1 - x0)
    dy = F(y1 - y0)
    inverse = F(F(1) / F(max(F(dx * dx + dy * dy), F(1e-6))))
    reach = F(max(r0, r1) + F(1))
    first = max(floor_i(F(min(x0, x1) - reach)), 0)
    last = min(floor_i(F(max(x0, x1) + reach)) + 2, width)
    for y in range(
        max(floor_i(F(min(y0, y1) - reach)), 0), min(floor_i(F(max(y0, y1) + reach)) + 2, height)
    ):
        py = F(F(I(y)) - y0)
        for x in range(first, last):
            px = F(F(I(x)) - x0)
            t = clamp01(F(F(px * dx + py * dy) * inverse))
            ex = F(px - t * dx)
            ey = F(py - t * dy)
            away = F(F(np.sqrt(F(ex * ex + ey * ey))) - F(r0 + F(r1 - r0) * t))
            k = F(F(1) - dark * clamp01(F(F(0.5) - away)))
            light[0, y, x] *= k
            light[1, y, x] *= k
            light[2, y, x] *= k


@njit(**KERNEL)
def darken_slab(light, x0, y0, x1, y1, half, dark):  # type: ignore[no-untyped-def]
    """Take light from a bar with square ends, `half` pixels to either side of its axis."""
    _, height, width = light.shape
    dx = F(x1 - x0)
    dy = F(y1 - y0)
    long = F(np.sqrt(F(max(F(dx * dx + dy * dy), F(1e-6)))))
    ux = F(dx / long)
    uy = F(dy / long)
    thin = F(min(F(half * F(2)), F(1)))
    half = F(max(half, F(0.5)))
    slope = F(dx / dy) if F(abs(dy)) > F(abs(dx)) * F(0.2) else F(0)
    spread = F(F(half + F(2)) * F(np.sqrt(F(F(1) + slope * slope))))
    reach = F(half + F(1))
    for y in range(
        max(floor_i(F(min(y0, y1) - reach)), 0), min(floor_i(F(max(y0, y1) + reach)) + 2, height)
    ):
        py = F(F(I(y)) - y0)
        left = F(min(x0, x1) - reach)
        right = F(max(x0, x1) + reach)
        if slope != F(0) or dx == F(0):
            left = F(max(left, F(x0 + slope * py - spread)))
            right = F(min(right, F(x0 + slope * py + spread)))
        for x in range(max(floor_i(left), 0), min(floor_i(right) + 2, width)):
            px = F(F(I(x)) - x0)
            along = F(F(abs(F(px * ux + py * uy - long * F(0.5)))) - long * F(0.5))
            across = F(F(abs(F(py * ux - px * uy))) - half)
            k = F(clamp01(F(F(0.5) - along)) * clamp01(F(F(0.5) - across)))
            k = F(F(1) - dark * thin * k)
            light[0, y, x] *= k
            light[1, y, x] *= k
            light[2, y, x] *= k


@njit(**INLINE)
def _at(back, x, y):  # type: ignore[no-untyped-def]
    return F(back[0] * x + back[1] * y + back[2]), F(back[3] * x + back[4] * y + back[5])


@njit(**KERNEL)
def tower(light, back, x, top, foot, half, size, dark):  # type: ignore[no-untyped-def]
    """A tower of truss: two rails, crossed struts; lengths in scene units, `size` pixels a unit."""
    rail = F(half * F(0.16) * size)
    for side in range(2):
        rx = F(x + half * F(2 * side - 1))
        ax, ay = _at(back, rx, top)
        bx, by = _at(back, rx, foot)
        darken_slab(light, ax, ay, bx, by, rail, dark)
    step = F(F(foot - top) / F(BRACES))
    for k in range(BRACES):
        way = F(1 if k % 2 else -1)
        ax, ay = _at(back, F(x - half * way), F(top + step * F(k)))
        bx, by = _at(back, F(x + half * way), F(top + step * F(k + 1)))
        darken_slab(light, ax, ay, bx, by, F(rail * F(0.55)), dark)
        ax, ay = _at(back, F(x - half), F(top + step * F(k)))
        bx, by = _at(back, F(x + half), F(top + step * F(k)))
        darken_slab(light, ax, ay, bx, by, F(rail * F(0.5)), dark)


@njit(**KERNEL)
def girder(light, back, y, x0, x1, half, size, dark):  # type: ignore[no-untyped-def]
    """A level truss across the stage, its struts as wide as it is tall."""
    for side in range(2):
        ry = F(y + half * F(2 * side - 1))
        ax, ay = _at(back, x0, ry)
        bx, by = _at(back, x1, ry)
        darken_slab(light, ax, ay, bx, by, F(half * F(0.15) * size), dark)
    count = floor_i(F(F(x1 - x0) / F(half * F(2))))
    for k in range(count):
        way = F(1 if k % 2 else -1)
        ax, ay = _at(back, F(x0 + half * F(2 * k)), F(y - half * way))
        bx, by = _at(back, F(x0 + half * F(2 * k + 2)), F(y + half * way))
        darken_slab(light, ax, ay, bx, by, F(half * F(0.09) * size), dark)


@njit(**KERNEL)
def crowd(light, back, seed, ground, wide, size, sway, bounce, lively):  # type: ignore[no-untyped-def]
    """Rows of people from behind, heads and some arms.

    `ground` is the scene height of the rearmost heads, `wide` half the width that they fill,
    `bounce` 0..1 lifts them on the beat, `lively` is the share of raised arms.
    """
    for row in range(ROWS):
        tall = F(F(0.055) + F(0.030) * F(row))
        gap = F(tall * F(2.1))
        base = F(ground + F(0.10) * F(row) + F(0.02) * F(row * row))
        count = floor_i(F(wide / gap)) + 2
        for j in range(-count, count + 1):
            h = mix(U(U(U(j + 500) * U(0x9E3779B1)) ^ U(seed + U(row * 91))))
            own = F(unit(mix(U(h + U(1)))) * F(6.2831853))
            x = F(gap * F(F(I(j)) + F(0.75) * F(unit(h) - F(0.5)) + F(0.5) * F(row % 2)))
            x = F(x + tall * F(0.18) * sin_f(F(sway * F(1.3) + own)))
            lift = F(bounce * tall * F(F(0.25) + F(0.35) * unit(mix(U(h + U(2))))))
            y = F(base - lift + tall * F(0.9) * F(unit(mix(U(h + U(3)))) - F(0.5)))
            raised = unit(mix(U(h + U(4)))) < lively
            _person(light, back, x, y, tall, size, sway, own, raised, h)
        ax, ay = _at(back, F(-wide), F(base + tall * F(4)))
        bx, by = _at(back, wide, F(base + tall * F(4)))
        darken_slab(light, ax, ay, bx, by, F(tall * F(2.3) * size), F(0.8))


@njit(**KERNEL)
def _person(light, back, x, y, tall, size, sway, own, raised, h):  # type: ignore[no-untyped-def]
    """Head, neck and shoulders, and an arm or two when raised; (x, y) is the head's middle."""
    head = F(tall * F(0.34) * size)
    ax, ay = _at(back, x, y)
    bx, by = _at(back, x, F(y + tall * F(0.12)))
    darken_limb(light, ax, ay, bx, by, head, F(head * F(0.92)), F(0.97))
    ax, ay = _at(back, x, F(y + tall * F(0.35)))
    bx, by = _at(back, x, F(y + tall * F(1.30)))
    darken_limb(light, ax, ay, bx, by, F(head * F(0.5)), F(tall * F(0.78) * size), F(0.97))
    cx, cy = _at(back, x, F(y + tall * F(2.6)))
    darken_limb(light, bx, by, cx, cy, F(tall * F(0.78) * size), F(tall * F(0.8) * size), F(0.97))
    if not raised:
        return
    for side in range(2):
        way = F(2 * side - 1)
        if side == 1 and unit(mix(U(h + U(5)))) < F(0.5):
            continue
        swing = F(F(0.35) * sin_f(F(sway * F(2.1) + own + F(side))))
        ex = F(x + tall * way * F(F(0.72) + F(0.2) * swing))
        ey = F(y + tall * F(0.05))
        hx = F(ex + tall * F(swing + way * F(0.12)))
        hy = F(y - tall * F(F(0.95) + F(0.35) * unit(mix(U(h + U(6))))))
        ax, ay = _at(back, F(x + tall * way * F(0.5)), F(y + tall * F(0.8)))
        bx, by = _at(back, ex, ey)
        cx, cy = _at(back, hx, hy)
        darken_limb(light, ax, ay, bx, by, F(head * F(0.42)), F(head * F(0.34)), F(0.97))
        darken_limb(light, bx, by, cx, cy, F(head * F(0.34)), F(head * F(0.24)), F(0.97))
        ex, ey = _at(back, F(hx + tall * F(0.06)), F(hy - tall * F(0.18)))
        darken_limb(light, cx, cy, ex, ey, F(head * F(0.30)), F(head * F(0.2)), F(0.97))


def build_truss(
    light: FloatArray,
    back: FloatArray,
    *,
    size: float,
    girder_y: float | None,
    towers: tuple[float, ...],
    foot: float,
) -> None:
    """Hang a girder across the stage and stand towers on it.

    Args:
        light: Linear light; loses some.
        back: Map from the scene to pixels.
        size: Pixels of a scene half-height.
        girder_y: Scene height of the girder, if there is one.
        towers: Scene x of every tower.
        foot: Scene height of the floor they stand on.
    """
    unit_px = np.float32(size)
    if girder_y is not None:
        wide, y = np.float32(GIRDER_HALF), np.float32(girder_y)
        girder(light, back, y, -wide, wide, np.float32(0.045), unit_px, np.float32(TRUSS_DARK))
    for x in towers:
        tower(
            light, back, np.float32(x), np.float32(TOWER_TOP), np.float32(foot + 0.03),
            np.float32(0.075), unit_px, np.float32(TRUSS_DARK),
        )  # fmt: skip


def stand_trunks(
    light: FloatArray, back: FloatArray, *, seed: int, size: float, foot: float
) -> None:
    """Stand stems between us and the light, the nearer the thicker and darker.

    Args:
        light: Linear light; loses some.
        back: Map from the scene to pixels.
        seed: Of their places.
        size: Pixels of a scene half-height.
        foot: Scene height of the floor's far edge.
    """
    for k in range(TRUNKS):
        near = (k + 0.5) / TRUNKS
        x = -2.0 + 4.0 * ((k * 0.618 + dice(seed, 60)) % 1.0) + 0.2 * dice(seed, 61 + k)
        half = (0.020 + 0.085 * near * near) * (0.7 + 0.6 * dice(seed, 70 + k)) * size
        lean = 0.10 * (dice(seed, 80 + k) - 0.5)
        ends = [
            np.float32(back[3 * a] * u + back[3 * a + 1] * v + back[3 * a + 2])
            for u, v in ((x + lean, -1.6), (x, foot + 0.9 * near * near))
            for a in (0, 1)
        ]
        dark = np.float32(0.45 + 0.5 * near)
        darken_limb(light, *ends, np.float32(half * 0.75), np.float32(half), dark)
