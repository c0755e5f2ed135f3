"""A dark room to show bodies in: lights that polished faces mirror, a back light, a glossy floor.

Every body of a scene and the floor below it see the same few lamps: a round key light, a strip
light, and bright air at the horizon. What a face mirrors is a function of the direction alone.
"""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import INLINE, KERNEL, F, I, clamp01, smooth

# Places in the row of lamps.
(
    KEY_X,  # direction to the key light; y points down, z away from the viewer
    KEY_Y,
    KEY_Z,
    STRIP_X,  # normal of the plane that the strip light stands in
    STRIP_Y,
    STRIP_Z,
    KEY,  # light of the key
    STRIP,  # of the strip
    AIR,  # of the air at the horizon
    EYE_X,  # vanishing point, half-heights
    EYE_Y,
    FOCAL,
    BACK_X,  # place of the back light, half-heights
    BACK_Y,
    BACK,  # its light
    FLOOR,  # share of light that the floor mirrors; 0: there is none
    POOL,  # light that falls on the floor
    SOFT,  # share of diffuse light that comes from everywhere
    LAMPS,
) = range(19)
Lamps = tuple[np.float32, ...]


@njit(**INLINE)
def mirrored(rx, ry, rz, lamps):  # type: ignore[no-untyped-def]
    """Light from a direction: of the key, of the strip, and of air, sky and floor."""
    k = F(rx * lamps[KEY_X] + ry * lamps[KEY_Y] + rz * lamps[KEY_Z])
    key = F(lamps[KEY] * F(smooth(F(0.90), F(0.95), k) + F(0.22) * smooth(F(0.35), F(1), k)))
    s = F(abs(F(rx * lamps[STRIP_X] + ry * lamps[STRIP_Y] + rz * lamps[STRIP_Z])))
    strip = F(lamps[STRIP] * smooth(F(0.15), F(0.06), s) * smooth(F(0.45), F(-0.1), ry))
    up = F(F(-ry) - F(0.04))
    band = F(F(1) / F(F(1) + F(45) * up * up))
    sky = F(F(0.16) * clamp01(F(-ry)))
    floor = F(F(0.10) * lamps[FLOOR] * smooth(F(0.0), F(0.5), ry))
    return key, strip, F(lamps[AIR] * F(band + sky + floor))


@njit(**KERNEL)
def paint_room(light, view, inks, night, lamps):  # type: ignore[no-untyped-def]
    """Fill the picture with the room: a back light in haze above a floor that mirrors it."""
    _, height, width = light.shape
    glow = np.empty(width, np.float32)
    pool = np.empty(width, np.float32)
    back, air = lamps[BACK], lamps[AIR]
    for y in range(height):
        x0 = F(view[1] * F(I(y)) + view[2])
        y0 = F(view[4] * F(I(y)) + view[5])
        for x in range(width):
            sx = F(x0 + view[0] * F(I(x)))
            d = F(F(y0 + view[3] * F(I(x))) - lamps[EYE_Y])
            below = F(lamps[FLOOR] > F(0)) * smooth(F(-0.02), F(0.03), d)
            up = F(F(abs(d)) if lamps[FLOOR] > F(0) else F(-d))
            ex = F(sx - lamps[BACK_X])
            ey = F(up + lamps[BACK_Y] - lamps[EYE_Y])
            q = F(ex * ex + ey * ey)
            halo = F(back * F(F(0.55) / F(F(1) + F(2.2) * q + F(5) * q * q)))
            far = F(F(1) / F(F(1) + F(26) * d * d))
            band = F(F(0.5) * air * far * F(lamps[FLOOR] > F(0)) / F(F(1) + F(0.7) * ex * ex))
            k = F(F(1) + below * F(lamps[FLOOR] * F(F(1) - F(0.5) * clamp01(d)) - F(1)))
            glow[x] = F(F(halo + band) * k)
            px = F(F(sx - lamps[EYE_X]) * F(0.8))
            py = F(d - F(0.42))
            spot = F(F(1) / F(F(1) + F(3) * px * px + F(16) * py * py))
            pool[x] = F(lamps[POOL] * below * spot * spot)
        for c in range(3):
            for x in range(width):
                light[c, y, x] = F(night[c] * F(0.22) + inks[0, c] * glow[x] + inks[1, c] * pool[x])


@njit(**KERNEL)
def shade_floor(light, back, spots, height, lamps):  # type: ignore[no-untyped-def]
    """Darken the floor below bodies; `spots` holds x, z, reach and depth of each shadow."""
    _, rows, columns = light.shape
    unit_px = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    for n in range(spots.shape[0]):
        z = spots[n, 1]
        if z < F(0.5):
            continue
        sx = F(lamps[EYE_X] + lamps[FOCAL] * spots[n, 0] / z)
        sy = F(lamps[EYE_Y] + lamps[FOCAL] * height / z)
        x0 = F(back[0] * sx + back[1] * sy + back[2])
        y0 = F(back[3] * sx + back[4] * sy + back[5])
        wide = F(spots[n, 2] * lamps[FOCAL] / z * unit_px)
        high = F(max(F(wide * height / z), F(1)))
        for y in range(max(I(F(y0 - high)), 0), min(I(F(y0 + high)) + 1, rows)):
            dy = F(F(F(I(y)) - y0) / high)
            for x in range(max(I(F(x0 - wide)), 0), min(I(F(x0 + wide)) + 1, columns)):
                dx = F(F(F(I(x)) - x0) / wide)
                k = F(max(F(F(1) - dx * dx - dy * dy), F(0)))
                k = F(F(1) - spots[n, 3] * k * k)
                light[0, y, x] *= k
                light[1, y, x] *= k
                light[2, y, x] *= k
