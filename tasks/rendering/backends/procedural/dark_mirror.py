"""Polished dark ground: what stands above a line lies below it again, dimmer and softer."""

from numba import njit

from tasks.rendering.backends.procedural.kit import KERNEL, F, I, clamp01


@njit(**KERNEL)
def mirror_ground(light, line, slope, unit_px, share, floor):  # type: ignore[no-untyped-def]
    """Overwrite all that lies below a line by its mirror image.

    Args:
        light: Linear light, shape (3, height, width).
        line: Height of the line at the left edge, pixels.
        slope: Pixels it falls a pixel to the right.
        unit_px: Pixels of a half-height.
        share: Light mirrored close to the line; less of it farther down.
        floor: Colour of the ground, shape (3,).
    """
    _, height, width = light.shape
    first = max(I(min(line, F(line + slope * F(width)))), 0)
    fall = F(F(1) / unit_px)
    for y in range(first, height):
        for x in range(width):
            below = F(F(I(y)) - F(line + slope * F(I(x))))
            cover = clamp01(F(below + F(0.5)))
            if cover <= F(0):
                continue
            deep = F(below * fall)
            source = F(F(I(y)) - F(2) * below)
            blur = F(F(0.6) + F(0.10) * below)
            gain = F(share * F(F(1) - F(0.75) * clamp01(F(deep * F(0.9)))))
            top = F(height - 2)
            s0 = F(min(max(F(source - blur), F(0)), top))
            s1 = F(min(max(source, F(0)), top))
            s2 = F(min(max(F(source + blur * F(0.5)), F(0)), top))
            a, b, d = I(s0), I(s1), I(s2)
            k0, k1, k2 = F(s0 - F(a)), F(s1 - F(b)), F(s2 - F(d))
            dusk = F(F(1) / F(F(1) + F(5) * deep))
            for c in range(3):
                p = light[c]
                v = F(p[a, x] + F(p[a + 1, x] - p[a, x]) * k0)
                v = F(v + F(p[b, x] + F(p[b + 1, x] - p[b, x]) * k1))
                v = F(v + F(p[d, x] + F(p[d + 1, x] - p[d, x]) * k2))
                own = F(floor[c] * dusk + gain * v * F(0.3333))
                p[y, x] += F(F(own - p[y, x]) * cover)
