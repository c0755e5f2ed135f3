"""The floor of a night: puddles in stone, or drifts of snow."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, noise, smooth


@njit(**KERNEL)
def lay_ground(ground, view, floor, far, snow, seed):  # type: ignore[no-untyped-def]
    """How much light each place of a floor gives back: puddles in stone, or drifts of snow.

    Args:
        ground: Share of light, shape (height, width); zeros become the floor.
        view: Camera.
        floor: How far the floor lies below the eye at depth 1.
        far: Depth at which it ends.
        snow: 0 for stone, 1 for snow.
        seed: Of the relief.
    """
    height, width = ground.shape
    fine = F(F(1.7) + F(1.1) * snow)
    pixel = F(np.sqrt(F(view[0] * view[0] + view[3] * view[3])))
    for y in range(height):
        left = F(view[4] * F(I(y)) + view[5])
        if max(left, F(left + view[3] * F(width))) < F(floor / far - F(0.05)):
            continue
        for x in range(width):
            sx = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
            z = F(floor / F(max(F(left + view[3] * F(I(x))), F(floor / far))))
            foot = F(z * z * pixel * F(3))
            across = F(sx * z * fine + F(40))
            along = F(z * fine * F(1.6) + F(40))
            wide = noise(across, along, seed)
            lump = noise(F(across * F(2.6)), F(along * F(2.6)), U(seed + U(3)))
            relief = F(wide + F(0.45) * lump / F(F(1) + foot * foot))
            bank = F(F(0.05) + F(0.20) * smooth(F(-0.45), F(0.55), relief))
            stone = F(F(0.018) + F(0.085) * smooth(F(-0.05), F(0.40), relief))
            ground[y, x] = F(stone + F(bank - stone) * snow)
