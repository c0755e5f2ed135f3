"""Spray that the wind tears from crests: wisps that begin where a field of waves says so."""

from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, U, fract, mix, smooth, unit
from tasks.rendering.backends.procedural.sea import ACROSS, BELOW, TORN
from tasks.rendering.backends.procedural.strokes import add_line

WISPS = 340


@njit(**KERNEL)
def add_spray(light, field, view, color, seed, values):  # type: ignore[no-untyped-def]
    """Add wisps of spray.

    Args:
        light: Linear light with the sea in it, shape (3, height, width).
        field: The sea's layers, as from `raise_sea`.
        view: The same camera.
        color: Of the spray, shape (3,).
        seed: Of the places that are asked.
        values: Height of the horizon, strength of the wind 0..1, and the flow.
    """
    height = light.shape[1]
    _, layers, columns = field.shape
    size = F(F(height) * F(1.0 / 480.0))
    for k in range(WISPS):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(61))))
        deep = F(F(0.25) + F(0.72) * unit(mix(U(h + U(1)))))
        layer = I(deep * F(layers - 1))
        j = I(unit(h) * F(columns - 2))
        torn = smooth(F(0.25), F(0.7), field[TORN, layer, j])
        if torn <= F(0.02):
            continue
        x = F(I(j * ACROSS))
        y = F(F(field[BELOW, layer, j] + values[0] - view[3] * x - view[5]) / view[4])
        age = fract(F(values[2] * F(F(0.7) + F(0.6) * unit(mix(U(h + U(2)))))) + unit(mix(h)))
        near = F(F(1.15) - deep)
        run = F(size * near * F(F(26) + F(60) * values[1]) * F(F(0.4) + age))
        rise = F(run * F(F(0.30) + F(0.5) * unit(mix(U(h + U(3))))) * F(F(1.1) - age))
        lit = F(F(0.30) * torn * values[1] * F(F(1) - age) * smooth(F(0), F(0.15), age))
        reach = F(size * F(F(1.2) + F(9) * near * F(F(0.3) + age)))
        add_line(
            light, F(x + run * age), F(y - rise * age), F(x + run * F(age + F(0.7))),
            F(y - rise * F(age + F(0.25))), reach, F(reach * F(0.5)), color[0], color[1], color[2],
            lit, F(0),
        )  # fmt: skip
