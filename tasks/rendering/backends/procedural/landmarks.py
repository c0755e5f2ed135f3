"""What stands in or by the sea, as outlines for `draw_ridge`: rocks, a ship, a tower, a pier."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, clamp01, mix, noise, unit
from tasks.rendering.backends.procedural.ridges import REACH, STEPS, STEPS_A_UNIT
from tasks.rendering.renderer import FloatArray

ROCKS, SHIP, TOWER, PIER, ISLAND = range(5)
LANDMARKS = {"rocks": ROCKS, "ship": SHIP, "tower": TOWER, "pier": PIER, "island": ISLAND}


def landmark_profile(kind: str, *, at: float, seed: np.uint32) -> FloatArray:
    """Heights of one thing in an else empty line, shape (STEPS,), in half-heights.

    Args:
        kind: One of `LANDMARKS`.
        at: Its middle, half-heights from the scene's.
        seed: Of its shape.
    """
    out = np.full(STEPS, -1.0, np.float32)
    _shape(out, LANDMARKS[kind], np.float32(at), seed)
    return out


@njit(**KERNEL)
def _shape(out, kind, at, seed):  # type: ignore[no-untyped-def]
    for k in range(out.shape[0]):
        x = F(F(I(k)) / F(STEPS_A_UNIT) - F(REACH) - at)
        n = noise(F(x * F(9) + F(90)), F(3.5), seed)
        fine = noise(F(x * F(34) + F(90)), F(7.5), seed)
        if kind == ROCKS:
            out[k] = _rocks(x, n, fine, seed)
        elif kind == SHIP:
            out[k] = _ship(x)
        elif kind == TOWER:
            out[k] = _tower(x, n, fine)
        elif kind == PIER:
            out[k] = _pier(x)
        else:
            hill = F(F(1) - x * x * F(2.4))
            out[k] = F(F(0.11) * hill + F(0.05) * n + F(0.02) * fine) if hill > F(-0.2) else F(-1)


@njit(**KERNEL)
def _rocks(x, n, fine, seed):  # type: ignore[no-untyped-def]
    """Stacks of rock, the tallest in the middle."""
    tall = F(-1)
    for k in range(5):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(9))))
        place = F(F(1.3) * F(unit(h) - F(0.5))) if k > 0 else F(0)
        wide = F(F(0.05) + F(0.12) * unit(mix(U(h + U(1)))))
        high = F(F(0.07) + F(0.26) * unit(mix(U(h + U(2)))) * (F(1.2) if k == 0 else F(0.7)))
        u = F(F(x - place + F(0.03) * n) / wide)
        q = F(u * u)
        top = F(high * F(F(1.15) - q * q * F(0.75) - F(0.3) * u) + F(0.06) * n + F(0.025) * fine)
        tall = F(max(tall, top)) if q < F(1.8) else tall
    return tall


@njit(**KERNEL)
def _ship(x):  # type: ignore[no-untyped-def]
    """A boat under sail: hull, mainsail, jib."""
    w = F(abs(x))
    hull = F(F(0.024) + x * x * F(0.9)) if w < F(0.10) else F(-1)
    if x > F(0.004) and x < F(0.064):
        u = F(F(x - F(0.004)) * F(1.0 / 0.060))
        hull = F(max(hull, F(F(0.035) + F(0.20) * F(F(1) - u * F(F(0.6) + F(0.4) * u)))))
    if x < F(-0.006) and x > F(-0.056):
        u = F(F(-x - F(0.006)) * F(1.0 / 0.050))
        hull = F(max(hull, F(F(0.035) + F(0.15) * F(F(1) - u * F(F(1.5) - F(0.5) * u)))))
    return F(0.25) if w < F(0.0035) else hull


@njit(**KERNEL)
def _tower(x, n, fine):  # type: ignore[no-untyped-def]
    """A lighthouse on its rock."""
    rock = F(F(0.11) * F(F(1) - x * x * F(11)) + F(0.04) * n + F(0.015) * fine)
    tall = rock if x * x < F(0.12) else F(-1)
    w = F(abs(F(x - F(0.05))))
    if w < F(0.018):
        tall = F(0.33)
    if w < F(0.024) and w > F(0.012):
        tall = F(max(tall, F(0.27))) if w < F(0.022) else F(max(tall, F(0.10)))
    if w < F(0.010):
        tall = F(F(0.37) - w)
    return tall


@njit(**KERNEL)
def _pier(x):  # type: ignore[no-untyped-def]
    """A jetty from one side, a hut at its end."""
    if x > F(0.3) and x < F(0.52):
        return F(F(0.13) + F(0.06) * clamp01(F(F(1) - F(abs(F(x - F(0.41)))) * F(9))))
    return F(0.055) if x > F(0.0) else F(-1)
