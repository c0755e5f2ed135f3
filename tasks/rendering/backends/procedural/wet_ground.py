"""Sky over a city and the ground before it: a lit horizon, a disc, ripples and puddles."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, clamp01, noise, smooth

# Places in the row of values.
(
    HAZE,  # light on the horizon
    LOW,  # how flat that light lies: larger is flatter
    RIPPLE,  # half-heights that ripples move a mirror image at most
    FINE_X,  # ripples a unit across
    FINE_Z,  # ripples a unit of depth
    RUN_X,  # how far the ground has moved sideways
    RUN_Z,  # how far it has moved towards the eye
    MOVE,  # how far the ripples have moved on their own
    WET_LOW,  # share of light mirrored between puddles
    WET_HIGH,  # share mirrored by puddles
    SKY_GAIN,  # what is left of the sky's clouds
    DISC_X,
    DISC_Y,
    DISC_SIZE,
    DISC_LIGHT,
) = range(15)


@njit(**KERNEL)
def paint_air_and_ground(light, water, view, eye, air, inks, night, seed):  # type: ignore[no-untyped-def]
    """Turn the clouds in `light` into sky and wet ground; fill `water` for `paint_face`.

    `eye` is the vanishing point (x, y) and the eye's height; `inks` the colours of the horizon,
    the high sky and the disc, shape (3, 3).
    """
    _, height, width = light.shape
    unit_px = F(F(1) / F(np.sqrt(F(view[0] * view[0] + view[3] * view[3]))))
    glow = np.empty(width, np.float32)
    gain = np.empty(width, np.float32)
    disc = np.empty(width, np.float32)
    for y in range(height):
        fy = F(I(y))
        _ripple_row(water, view, eye, air, y, unit_px, seed)
        for x in range(width):
            sx = F(view[0] * F(I(x)) + view[1] * fy + view[2])
            sy = F(view[3] * F(I(x)) + view[4] * fy + view[5])
            d = F(F(sy - eye[1]) + water[0, y, x] / unit_px)
            far = F(abs(d))
            side = F(sx - eye[0])
            low = F(air[LOW] * F(F(1) - F(0.5) * F(d > F(0))))
            glow[x] = F(air[HAZE] / F(F(1) + low * far)) / F(F(1) + F(0.35) * side * side)
            ex = F(side - air[DISC_X] + water[0, y, x] * F(0.6) / unit_px)
            ey = F(F(-far) - air[DISC_Y])
            r = F(np.sqrt(F(ex * ex + ey * ey)))
            face = clamp01(F(F(air[DISC_SIZE] - r) * unit_px + F(0.5)))
            halo = F(F(0.10) / F(F(1) + F(9) * r * r))
            disc[x] = F(air[DISC_LIGHT] * F(face * F(F(0.45) - F(0.55) * ey) + halo))
            gain[x] = water[1, y, x]
        for c in range(3):
            for x in range(width):
                cloud = F(F(light[c, y, x]) * air[SKY_GAIN])
                warm = F(glow[x] * F(inks[0, c] + inks[1, c] * F(0.4)))
                lit = F(cloud + warm + disc[x] * inks[2, c])
                light[c, y, x] = F(lit * gain[x] + night[c] * F(0.22))


@njit(**KERNEL)
def _ripple_row(water, view, eye, air, y, unit_px, seed):  # type: ignore[no-untyped-def]
    """Ripple in pixels (0) and light mirrored (1); nothing and all of it above the horizon."""
    width = water.shape[2]
    fy = F(I(y))
    left = F(view[4] * fy + view[5] - eye[1])
    right = F(left + view[3] * F(width))
    if max(left, right) <= F(0):
        for x in range(width):
            water[0, y, x] = F(0)
            water[1, y, x] = F(1)
        return
    for x in range(width):
        sx = F(view[0] * F(I(x)) + view[1] * fy + view[2])
        d = F(view[3] * F(I(x)) + left)
        below = F(d > F(0.002))
        z = F(eye[2] / F(max(d, F(0.02))))
        across = F(F(F(sx - eye[0]) * z + air[RUN_X]) * air[FINE_X])
        along = F(F(z + air[RUN_Z]) * air[FINE_Z])
        foot = F(z * z * air[FINE_Z] / F(eye[2] * unit_px))
        calm = F(F(1) / F(F(1) + F(2) * foot * foot))
        wave = noise(F(across + air[MOVE]), F(along - air[MOVE] * F(0.6)), seed)
        pool = noise(F(across * F(0.37) + F(9)), F(along * F(0.21)), U(seed + U(5)))
        size = F(air[RIPPLE] * unit_px * smooth(F(0), F(0.25), d))
        water[0, y, x] = F(below * size * wave * F(F(0.35) + F(0.65) * calm))
        wet = F(air[WET_LOW] + F(air[WET_HIGH] - air[WET_LOW]) * smooth(F(-0.2), F(0.25), pool))
        wet = F(wet * F(F(1) + F(1.1) * wave * calm))
        water[1, y, x] = F(F(1) + below * F(wet * F(F(1) - F(0.25) * clamp01(d)) - F(1)))
