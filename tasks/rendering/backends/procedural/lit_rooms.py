"""What lies behind folds of light: a dark room, a sky with its sun, a wall lit through water."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural import sheets as sh
from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01, floor_i, noise, smooth
from tasks.rendering.backends.procedural.palette import RAMP_STEPS


@njit(**KERNEL)
def light_glow(layer, lamp, colours, power, sun, unit):  # type: ignore[no-untyped-def]
    """A dark room, or a sky with its sun, lit from where the lamp is."""
    _, rows, columns = layer.shape
    mid_x = F(F(I(columns - 3)) * F(0.5) * F(sh.STEP))
    mid_y = F(F(I(rows - 3)) * F(0.5) * F(sh.STEP))
    for r in range(rows):
        sy = F(F(F(I(r - 1)) * F(sh.STEP) - mid_y) * unit)
        sky = F(1) if sun > F(0) else F(0)
        low = smooth(F(-1), F(0.2), sy)
        for x in range(columns):
            sx = F(F(F(I(x - 1)) * F(sh.STEP) - mid_x) * unit)
            away = F(F(sx - lamp[0]) * F(sx - lamp[0]) + F(sy - lamp[1]) * F(sy - lamp[1]))
            wide = F(F(0.55) / F(F(1) + F(1.6) * away))
            wide = F(wide * wide * power * F(1.6))
            wide = F(wide + sky * F(0.45) * power / F(F(1) + F(9) * away))
            layer[0, r, x] = F(9)
            for c in range(3):
                air = F(colours[2, c] * F(0.6) + colours[1, c] * sky * F(0.64) * low)
                layer[1 + c, r, x] = F(air + colours[0, c] * wide)


@njit(**KERNEL)
def light_sun(layer, lamp, colour, size, unit):  # type: ignore[no-untyped-def]
    """A disc where the lamp is."""
    _, rows, columns = layer.shape
    mid_x = F(F(I(columns - 3)) * F(0.5) * F(sh.STEP))
    mid_y = F(F(I(rows - 3)) * F(0.5) * F(sh.STEP))
    for r in range(rows):
        sy = F(F(F(F(I(r - 1)) * F(sh.STEP) - mid_y) * unit) - lamp[1])
        for x in range(columns):
            sx = F(F(F(F(I(x - 1)) * F(sh.STEP) - mid_x) * unit) - lamp[0])
            away = F(np.sqrt(F(sx * sx + sy * sy)))
            layer[0, r, x] = F(size - away)
            for c in range(3):
                layer[1 + c, r, x] = F(colour[c] * F(F(0.8) + F(0.2) * sy / size))


@njit(**KERNEL)
def light_wall(layer, view, lamp, ramp, night, moves, unit, seed):  # type: ignore[no-untyped-def]
    """Light that came through water and a window, on a wall."""
    _, rows, columns = layer.shape
    flow, hue, power = moves[0], moves[1], moves[2]
    size, skew = moves[3], moves[4]
    shift = F(lamp[0] * F(0.45))
    for r in range(rows):
        py = F(F(I(r - 1)) * F(sh.STEP))
        for x in range(columns):
            px = F(F(I(x - 1)) * F(sh.STEP))
            a = F(view[0] * px + view[1] * py + view[2])
            b = F(view[3] * px + view[4] * py + view[5])
            p = F(F(F(a - shift) * size + skew * b) * F(0.42))
            p = F(F(p - F(floor_i(F(p + F(0.5))))) * F(1.9))  # one window after another
            q = F(F(b + F(0.06) - F(0.25) * skew * a) * F(0.86))
            pane = smooth(F(0.03), F(0.10), F(abs(p)))
            pane = F(pane * smooth(F(0.03), F(0.10), F(abs(q))))
            pane = F(
                pane * smooth(F(0.86), F(0.70), F(abs(p))) * smooth(F(0.8), F(0.62), F(abs(q)))
            )
            bend = noise(F(a * F(0.9) + F(0.21) * flow), F(b * F(0.9) - F(0.13) * flow), seed)
            sway = noise(F(a * F(0.9) - F(0.17) * flow), F(b * F(0.9) + F(8)), seed)
            m = noise(F(a * F(1.1) + F(1.2) * bend), F(b * F(3.4) + F(1.5) * sway), seed)
            n = noise(
                F(a * F(1.9) - F(1.2) * sway + F(0.2) * flow),
                F(b * F(4.6) + F(1.8) * bend + F(4)),
                seed,
            )
            m = F(F(1) / F(F(1) + F(130) * m * m))
            n = F(F(1) / F(F(1) + F(90) * n * n))
            web = F(F(0.5) * m + F(0.25) * n + F(1.1) * m * n * n)
            sx = F(a - lamp[0])
            near = F(F(1) / F(F(1) + F(0.5) * F(sx * sx + b * b)))
            lit = F(F(F(0.14) + F(1.5) * web) * pane * power * F(F(0.12) + F(1.0) * near * near))
            dim = F(F(F(0.11) + F(0.02) * web) * near * power)
            h = F(hue + F(0.07) * a + F(0.05) * b + F(0.07) * web * pane)
            h = F(h - F(floor_i(h)))
            at = min(I(h * F(RAMP_STEPS)), I(RAMP_STEPS - 1))
            hot = clamp01(F(web - F(0.7)))
            layer[0, r, x] = F(9)
            for c in range(3):
                tint = ramp[at, c]
                layer[1 + c, r, x] = F(
                    night[c] * F(0.6) + tint * F(lit + dim) + F(0.35) * hot * pane * power
                )
