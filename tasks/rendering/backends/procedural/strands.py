"""Long living strands: kelp that stands and sways, tentacles that trail below a glowing bell."""

import numpy as np
from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, mix, noise, sin_f, unit
from tasks.rendering.backends.procedural.strokes import add_piece, add_pool

PIECES = 30  # of a strand
LENSES = 9  # of a bell
# Places in the row of values that a frame is drawn from.
(ROOT_X, ROOT_Y, SPREAD, LENGTH, WAY, FLOW, SWAY, REACH, LIGHT, BEAT) = range(10)


@njit(**KERNEL)
def add_strands(light, back, values, colors, seed, count):  # type: ignore[no-untyped-def]
    """Add strands of light from a common root.

    Args:
        light: Linear light, shape (3, height, width).
        back: From scene to pixel, as from `to_pixels`.
        values: Root (scene x, y), spread and length in half-heights, way (1 hanging, -1 standing),
            flow, sway, half width in pixels, light, and a pulse that runs along.
        colors: Of the strands, shape (n, 3).
        seed: Of their shapes.
        count: How many.
    """
    t = values[FLOW]
    for strand in range(count):
        h = mix(U(U(strand) * U(0x9E3779B1) ^ seed))
        a = F(F(2) * unit(h) - F(1))
        long = F(values[LENGTH] * F(F(0.55) + F(0.45) * unit(mix(U(h + U(1))))))
        color = colors[I(U(h >> U(7)) % U(colors.shape[0]))]
        near = F(F(0.35) + F(0.65) * unit(mix(U(h + U(2)))))
        pace = F(F(0.7) + F(0.6) * unit(mix(U(h + U(3)))))
        wave = F(unit(mix(U(h + U(4)))) * F(6.28))
        x0 = F(0)
        y0 = F(0)
        for k in range(PIECES + 1):
            s = F(F(I(k)) / F(PIECES))
            bend = noise(
                F(s * F(1.6) - values[WAY] * t * F(0.35) * pace + wave),
                F(t * F(0.15) + F(I(strand)) * F(3.7)),
                seed,
            )
            ripple = sin_f(F(s * F(7) - t * F(1.5) * pace + wave))
            sx = F(values[ROOT_X] + values[SPREAD] * a * F(F(1) + F(0.35) * s))
            sx = F(sx + values[SWAY] * s * F(F(1.3) * bend + F(0.10) * ripple))
            sy = F(values[ROOT_Y] + values[WAY] * long * s)
            x1 = F(back[0] * sx + back[1] * sy + back[2])
            y1 = F(back[3] * sx + back[4] * sy + back[5])
            if k > 0:
                run = F(F(0.5) + F(0.5) * sin_f(F(s * F(9) - t * F(2.6) + wave)))
                lit = F(values[LIGHT] * near * F(F(0.35) + run * F(F(0.5) + values[BEAT])))
                fade = F(F(F(1) - s) * F(F(0.4) + F(0.6) * F(F(1) - s)))
                after = F(F(1) - F(I(k + 1)) / F(PIECES))
                add_piece(
                    light, x0, y0, x1, y1,
                    F(values[REACH] * near * F(F(1.1) - F(0.7) * s) + F(0.9)),
                    color[0], color[1], color[2], F(lit * fade), F(lit * F(max(after, F(0)))),
                )  # fmt: skip
            x0 = x1
            y0 = y1


@njit(**KERNEL)
def add_bell(light, back, values, color, rim):  # type: ignore[no-untyped-def]
    """Add a jellyfish's bell above the root: stacked lenses of light, brightest at the rim."""
    size = F(np.sqrt(F(back[0] * back[0] + back[3] * back[3])))
    beat = values[BEAT]
    for k in range(LENSES):
        s = F(F(I(k)) / F(LENSES - 1))
        wide = F(values[SPREAD] * F(F(1.7) - F(0.45) * beat) * F(np.sqrt(F(F(1.05) - s * s))))
        sy = F(values[ROOT_Y] - values[SPREAD] * F(F(1.1) + F(0.3) * beat) * s)
        x = F(back[0] * values[ROOT_X] + back[1] * sy + back[2])
        y = F(back[3] * values[ROOT_X] + back[4] * sy + back[5])
        c = rim if k == 0 else color
        power = F(values[LIGHT] * (F(0.7) if k == 0 else F(0.16)))
        tall = F(wide * F(0.16)) if k == 0 else F(wide * F(0.36))
        add_pool(light, x, y, F(wide * size), F(F(tall + F(0.02)) * size), c * power)
