"""Still water before a horizon: what stands above it, again below, broken by ripples."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, noise, smooth
from tasks.rendering.backends.procedural.palette import Palette
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.renderer import FloatArray

LAST_RATIO = 1.9  # how much faster the mirrored picture runs than the water


def lay_water(
    light: FloatArray,
    view: FloatArray,
    palette: Palette,
    *,
    shore: float,
    mirror: float,
    flow: float,
    seed: np.uint32,
) -> None:
    """Mirror the picture at the shore.

    Args:
        light: Linear light, shape (3, height, width); everything below the shore is replaced.
        view: Camera, as from `look_through`.
        palette: Its night is the water's own colour.
        shore: Scene y of the shore, half-heights downwards.
        mirror: Share of light that the water gives back at its far shore, 0..1.
        flow: How far the ripples have moved.
        seed: Of the ripples.
    """
    values = np.array([shore, mirror, flow], np.float32)
    _mirror(light, view, to_pixels(view), palette.night, values, seed)


def add_glitter(
    light: FloatArray,
    view: FloatArray,
    color: FloatArray,
    *,
    sun: tuple[float, float],
    shore: float,
    flow: float,
    seed: np.uint32,
) -> None:
    """Add the sun's broken path of light on the water towards us.

    Args:
        light: Linear light, shape (3, height, width).
        view: Camera, as from `look_through`.
        color: Linear light of the brightest glints, shape (3,).
        sun: Scene x of the sun and its radius, half-heights.
        shore: Scene y of the shore, half-heights downwards.
        flow: How far the ripples have moved.
        seed: Of the ripples.
    """
    _glitter(light, view, color, np.array([*sun, shore, flow], np.float32), seed)


@njit(**KERNEL)
def _glitter(light, view, color, values, seed):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    sun_x, size, shore, t = values[0], values[1], values[2], values[3]
    for y in range(height):
        py = F(I(y))
        first, last = 0, width
        middle = F(F(sun_x - view[1] * py - view[2]) / view[0])
        near = F(F(view[3] * middle + view[4] * py + view[5]) - shore)
        wide = F(F(F(1.3) * F(size + F(0.4) * F(max(near, F(0))))) / view[0])
        if view[0] > F(abs(view[3])):  # else the picture lies on its side
            first = max(I(F(middle - wide)), 0)
            last = min(I(F(middle + wide)) + 1, width)
        for x in range(first, last):
            px = F(I(x))
            near = F(F(view[3] * px + view[4] * py + view[5]) - shore)
            if near <= F(0):
                continue
            dx = F(F(view[0] * px + view[1] * py + view[2]) - sun_x)
            q = F(dx / F(size * F(0.8) + F(0.32) * near))
            q = F(q * q)
            if q >= F(1):
                continue
            pitch = F(F(0.11) / F(near + F(0.03)))
            across = F(dx * pitch)
            b = noise(F(across * F(6.5) + F(90) - t * F(0.3)), F(pitch * F(23) + t), seed)
            c = noise(F(across * F(14) + F(30)), F(pitch * F(41) + t * F(1.7)), seed)
            glint = clamp01(F(F(0.30) + F(1.4) * b + F(0.9) * c))
            k = F(F(F(1) - q) * F(F(1) - q) * glint * glint)
            k = F(k * smooth(F(0.6), F(0.12), near))
            for m in range(3):
                light[m, y, x] += F(color[m] * k)


@njit(**KERNEL)
def _mirror(light, view, back, night, values, seed):  # type: ignore[no-untyped-def]
    _, height, width = light.shape
    shore, mirror, t = values[0], values[1], values[2]
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    from_x = np.empty(width, np.int32)
    from_y = np.empty(width, np.int32)
    share = np.empty(width, np.float32)
    for y in range(height):
        py = F(I(y))
        left = F(view[4] * py + view[5])
        if F(max(left, F(left + view[3] * F(width)))) <= shore:
            continue
        for x in range(width):
            px = F(I(x))
            sx = F(view[0] * px + view[1] * py + view[2])
            down = F(F(view[3] * px + view[4] * py + view[5]) - shore)
            near = F(max(down, F(0)))
            pitch = F(F(0.11) / F(near + F(0.03)))
            across = F(sx * pitch)
            a = noise(F(across * F(2.9) + F(40)), F(pitch * F(9) + t * F(0.5) + F(9)), seed)
            b = noise(F(across * F(8.4) + F(90) - t * F(0.2)), F(pitch * F(23) + t), seed)
            swell = F(F(0.0015) + F(0.02) * near + F(0.05) * near / F(F(1) + F(40) * near * near))
            rise = F(near * F(LAST_RATIO) + F(a * F(10) + b * F(5)) * swell * F(0.4))
            rise = F(max(rise, F(F(1.5) * pixel)))
            qy = F(shore - rise)
            qx = F(sx + F(a + b) * F(0.9) * swell)
            ix = I(F(back[0] * qx + back[1] * qy + back[2] + F(0.5)))
            iy = I(F(back[3] * qx + back[4] * qy + back[5] + F(0.5)))
            from_x[x] = min(max(ix, I(0)), I(width - 1))
            from_y[x] = min(max(iy, I(0)), I(height - 1))
            dim = F(mirror * F(F(1) - F(0.55) * clamp01(F(near * F(1.6)))))
            share[x] = F(dim * F(F(1) + F(0.5) * b)) if down > F(0) else F(-1)
        _reflect_row(light, y, from_x, from_y, share, night)


@njit(**KERNEL)
def _reflect_row(light, y, from_x, from_y, share, night):  # type: ignore[no-untyped-def]
    for c in range(3):
        own = F(night[c] * F(0.45))
        for x in range(share.shape[0]):
            if share[x] >= F(0):
                light[c, y, x] = F(light[c, from_y[x], from_x[x]] * share[x] + own)
