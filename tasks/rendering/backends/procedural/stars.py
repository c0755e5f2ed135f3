"""Stars of a night sky: few bright, many faint, in the palette's tints."""

from numba import njit

from tasks.rendering.backends.procedural.kit import (
    KERNEL,
    F,
    I,
    U,
    fract,
    mix,
    sin_f,
    unit,
)
from tasks.rendering.backends.procedural.strokes import add_dot


@njit(**KERNEL)
def add_stars(light, spark, inks, seed, count, pan, flow, sparkle):  # type: ignore[no-untyped-def]
    """Add `count` stars all over the picture.

    Args:
        light: Linear light, shape (3, height, width).
        spark: The palette's spark.
        inks: The palette's inks.
        seed: Of their places.
        count: How many.
        pan: How far the sky has turned, half-heights.
        flow: How far their twinkling has come.
        sparkle: Extra light of the bright ones, 0..1.
    """
    _, height, width = light.shape
    size = F(F(height) * F(1.0 / 480.0))
    for k in range(count):
        h = mix(U(U(k) * U(0x9E3779B1) ^ U(seed + U(3))))
        x = F(fract(F(unit(h) + pan * F(0.02))) * F(width))
        y = F(unit(mix(U(h + U(1)))) * F(height))
        bright = unit(mix(U(h + U(2))))
        bright = F(bright * bright * bright)
        pace = F(F(1.3) + F(3) * unit(mix(U(h + U(3)))))
        twinkle = F(F(0.75) + F(0.25) * sin_f(F(flow * pace + F(6.28) * unit(h))))
        k0 = F(F(F(0.10) + F(1.1) * bright) * twinkle * F(F(0.8) + F(1.3) * sparkle * bright))
        c = inks[I(U(h >> U(5)) % U(4))]
        add_dot(
            light, x, y, F(size * F(F(1.1) + F(1.3) * bright)),
            F(F(spark[0] * F(0.75) + c[0] * F(0.25)) * k0),
            F(F(spark[1] * F(0.75) + c[1] * F(0.25)) * k0),
            F(F(spark[2] * F(0.75) + c[2] * F(0.25)) * k0),
        )  # fmt: skip
