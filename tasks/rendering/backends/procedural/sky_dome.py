"""The sky over a sea: dusk or night, sun or moon, streaks of cloud that lie flat far away."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.fields import blend_row, widen
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, clamp01, noise, row_fbm, smooth

CLOUD_STEP = 4  # pixels a sample: clouds are soft
# Places in the row of values that a frame's sky is painted from.
(
    HORIZON, SUN_X, SUN_Y, RADIUS, POWER, FLOW, CLOUDS, DISC, HALO, SPOTS, BANK,
) = range(11)  # fmt: skip


@njit(**KERNEL)
def paint_sky(light, view, air, clouds, wide, seed, values):  # type: ignore[no-untyped-def]
    """Fill the picture with sky down to the horizon, and with black below.

    Args:
        light: Linear light, shape (3, height, width).
        view: Camera, as from `look_through`.
        air: Colours: zenith, horizon, sun; shape (3, 3).
        clouds: Work array of `coarse_shape(height, width, CLOUD_STEP)`.
        wide: The same at full width.
        seed: Of the clouds.
        values: A frame's numbers, by the names above.
    """
    _, height, width = light.shape
    _gather_clouds(clouds, view, seed, values)
    widen(clouds, wide, CLOUD_STEP)
    cloud = np.empty(width, np.float32)
    mixed = np.empty((3, width), np.float32)
    least = F(F(1) / F(values[RADIUS] * values[RADIUS]))
    for y in range(height):
        left = F(view[4] * F(I(y)) + view[5] - values[HORIZON])
        right = F(left + view[3] * F(width))
        if min(left, right) > F(0.05):
            for c in range(3):
                for x in range(width):
                    light[c, y, x] = F(0)
            continue
        blend_row(wide, y, I(CLOUD_STEP), cloud)
        for x in range(width):
            a = F(view[0] * F(I(x)) + view[1] * F(I(y)) + view[2])
            up = F(max(F(-F(left + view[3] * F(I(x)))), F(0)))
            dx = F(a - values[SUN_X])
            dy = F(up - values[SUN_Y])
            far = F(dx * dx + dy * dy)
            q = F(far * least)
            disc = F(smooth(F(1.03), F(0.95), F(np.sqrt(q))) * values[DISC])
            halo = F(F(0.020) / F(F(0.022) + far))
            broad = F(F(0.22) / F(F(0.28) + far))
            k = cloud[x]
            rim = F(k * F(F(1) - k) * F(3.0))
            edge = F(F(1) / F(F(1) + far * F(3.5)))
            spot = F(1)
            if values[SPOTS] > F(0) and q < F(1.2):
                n = noise(F(dx * F(26) + F(50)), F(dy * F(26) + F(50)), seed)
                spot = F(F(1) - values[SPOTS] * smooth(F(-0.05), F(0.3), n))
            lit = F(values[HALO] * F(F(0.45) * halo * halo + F(0.26) * broad * broad))
            lit = F(lit + F(1.7) * disc * spot * F(F(1) - F(0.15) * dy * F(np.sqrt(least))))
            lit = F(lit * F(F(1) - F(0.82) * k) + F(rim * F(0.55) + k * F(0.10)) * edge)
            mixed[0, x] = clamp01(F(F(np.sqrt(up)) * F(1.0)))
            mixed[1, x] = F(lit * values[POWER])
            mixed[2, x] = F(F(1) - F(0.60) * k * smooth(F(0.02), F(0.4), up))
        for c in range(3):
            top, low, sun = air[0, c], air[1, c], air[2, c]
            for x in range(width):
                own = F(F(low + F(top - low) * mixed[0, x]) * mixed[2, x])
                light[c, y, x] = F(own + sun * mixed[1, x])


@njit(**KERNEL)
def _gather_clouds(clouds, view, seed, values):  # type: ignore[no-untyped-def]
    """How thick the clouds are: 0 clear, 1 closed; a bank of them may lie on the horizon."""
    rows, columns = clouds.shape
    xs = np.empty(columns, np.float32)
    ys = np.empty(columns, np.float32)
    ups = np.empty(columns, np.float32)
    for r in range(rows):
        for x in range(columns):
            px = F(F(I(x - 1)) * F(CLOUD_STEP))
            py = F(F(I(r - 1)) * F(CLOUD_STEP))
            a = F(view[0] * px + view[1] * py + view[2])
            up = F(values[HORIZON] - F(view[3] * px + view[4] * py + view[5]))
            up = F(max(up, F(0)))
            q = F(F(0.35) / F(up + F(0.13)))
            ups[x] = up
            xs[x] = F(a * q * F(1.3) + values[FLOW] * F(0.025) + F(80))
            ys[x] = F(q * F(3.4) + F(50) + values[FLOW] * F(0.008))
        row_fbm(clouds[r], xs, ys, U(seed + U(5)), I(5), F(1.0))
        for x in range(columns):
            bank = F(values[BANK] * F(F(1) / F(F(1) + F(60) * ups[x] * ups[x])))
            k = F(clouds[r, x] * F(0.9) + values[CLOUDS] + bank)
            clouds[r, x] = smooth(F(0.0), F(0.62), k)
