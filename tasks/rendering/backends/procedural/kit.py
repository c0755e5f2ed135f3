"""Arithmetic that every kernel stands on: noise, hashes, smooth curves, without a maths library.

Everything is float32 and int32, written so that the compiler may work on whole rows at once. No
fastmath and no libm call: additions, products, quotients and square roots are exact by IEEE 754,
so a picture has the same bytes on every CPU.
"""

from typing import Any

import numpy as np
from numba import float32, int32, njit, uint32

F = float32
I = int32  # noqa: E741 - the house's short word for a cast inside kernels
U = uint32
KERNEL: dict[str, Any] = {
    "boundscheck": False,
    "error_model": "numpy",
    "nogil": True,
    "cache": True,
}
INLINE: dict[str, Any] = {**KERNEL, "forceinline": True}
OCTAVE_SEED_STEP = 1013  # each octave of noise has its own lattice


@njit(**INLINE)
def mix(h):  # type: ignore[no-untyped-def]
    """Scramble 32 bits. Source: the finaliser of MurmurHash3, A. Appleby."""
    h = U(U(h ^ U(h >> U(15))) * U(0x85EBCA6B))
    h = U(U(h ^ U(h >> U(13))) * U(0xC2B2AE35))
    return U(h ^ U(h >> U(16)))


@njit(**INLINE)
def unit(h):  # type: ignore[no-untyped-def]
    """A hash as a number in [0, 1)."""
    return F(F(I(U(h >> U(8)))) * F(1.0 / 16777216.0))


@njit(**INLINE)
def floor_i(x):  # type: ignore[no-untyped-def]
    """Largest whole number not above x, for |x| < 2**31."""
    i = I(x)
    return I(i - I(x < F(i)))


@njit(**INLINE)
def fract(x):  # type: ignore[no-untyped-def]
    """Part of x above its floor."""
    return F(x - F(floor_i(x)))


@njit(**INLINE)
def clamp01(x):  # type: ignore[no-untyped-def]
    """Hold x to 0..1."""
    return F(min(max(x, F(0)), F(1)))


@njit(**INLINE)
def lerp(a, b, k):  # type: ignore[no-untyped-def]
    """From a to b as k goes from 0 to 1."""
    return F(a + F(b - a) * k)


@njit(**INLINE)
def smooth(a, b, x):  # type: ignore[no-untyped-def]
    """0 below a, 1 above b, a soft S between."""
    k = clamp01(F(F(x - a) / F(b - a)))
    return F(k * k * F(F(3) - F(2) * k))


@njit(**INLINE)
def sin_f(x):  # type: ignore[no-untyped-def]
    """Sine, error below 2e-4."""
    r = F(fract(F(x * F(0.15915494))) - F(0.5))
    y = F(r * F(6.2831853))
    q = F(y * y)
    s = F(F(-0.000198) + q * F(2.6e-6))
    s = F(F(0.0083329) + q * s)
    s = F(F(-0.16666667) + q * s)
    return F(-F(y * F(F(1) + q * s)))


@njit(**INLINE)
def cos_f(x):  # type: ignore[no-untyped-def]
    """Cosine, error below 2e-4."""
    return sin_f(F(x + F(1.5707963)))


@njit(**INLINE)
def atan2_f(y, x):  # type: ignore[no-untyped-def]
    """Angle of (x, y) in -pi..pi, error below 2e-3."""
    ax = F(abs(x))
    ay = F(abs(y))
    a = F(F(min(ax, ay)) / F(F(max(ax, ay)) + F(1e-9)))
    s = F(a * a)
    r = F(F(-0.0464964749) * s + F(0.15931422))
    r = F(F(r * s - F(0.327622764)) * s * a + a)
    r = F(F(1.57079637) - r) if ay > ax else r
    r = F(F(3.14159274) - r) if x < F(0) else r
    return F(-r) if y < F(0) else r


@njit(**INLINE)
def decay(x):  # type: ignore[no-untyped-def]
    """Close to exp(-x) for x >= 0: (1 + x/8)^-8, which needs one division."""
    k = F(F(1) / F(F(1) + F(max(x, F(0))) * F(0.125)))
    k = F(k * k)
    k = F(k * k)
    return F(k * k)


@njit(**INLINE)
def _slope(h, u, v):  # type: ignore[no-untyped-def]
    gx = F(F(I(U(h & U(0xFFFF)))) * F(2.0 / 65535.0) - F(1))
    gy = F(F(I(U(h >> U(16)))) * F(2.0 / 65535.0) - F(1))
    return F(gx * u + gy * v)


@njit(**INLINE)
def noise(x, y, seed):  # type: ignore[no-untyped-def]
    """Gradient noise, about -0.7..0.7, unit lattice. Source: K. Perlin, Improving Noise, 2002."""
    i = floor_i(x)
    j = floor_i(y)
    u = F(x - F(i))
    v = F(y - F(j))
    su = F(u * u * u * F(u * F(u * F(6) - F(15)) + F(10)))
    sv = F(v * v * v * F(v * F(v * F(6) - F(15)) + F(10)))
    hx0 = U(U(i) * U(0x27D4EB2D))
    hx1 = U(hx0 + U(0x27D4EB2D))
    hy0 = U(U(U(j) * U(0x165667B1)) + seed)
    hy1 = U(hy0 + U(0x165667B1))
    a = _slope(mix(U(hx0 ^ hy0)), u, v)
    b = _slope(mix(U(hx1 ^ hy0)), F(u - F(1)), v)
    c = _slope(mix(U(hx0 ^ hy1)), u, F(v - F(1)))
    d = _slope(mix(U(hx1 ^ hy1)), F(u - F(1)), F(v - F(1)))
    p = F(a + F(b - a) * su)
    q = F(c + F(d - c) * su)
    return F(p + F(q - p) * sv)


@njit(**KERNEL)
def _octave(out, xs, ys, amount, seed):  # type: ignore[no-untyped-def]
    for x in range(out.shape[0]):
        out[x] += F(amount * noise(xs[x], ys[x], seed))


@njit(**KERNEL)
def _next_octave(xs, ys):  # type: ignore[no-untyped-def]
    """Twice as fine and turned by 37 degrees, so that no lattice line survives."""
    for x in range(xs.shape[0]):
        a = xs[x]
        b = ys[x]
        xs[x] = F(F(1.6) * a + F(1.2) * b + F(31.7))
        ys[x] = F(F(1.6) * b - F(1.2) * a + F(17.3))


@njit(**KERNEL)
def row_fbm(out, xs, ys, seed, octaves, amount):  # type: ignore[no-untyped-def]
    """Sum of octaves of noise along a row; `xs` and `ys` are spent."""
    for x in range(out.shape[0]):
        out[x] = F(0)
    for k in range(octaves):
        _octave(out, xs, ys, amount, U(seed + U(k * OCTAVE_SEED_STEP)))
        if k + 1 < octaves:
            _next_octave(xs, ys)
        amount = F(amount * F(0.5))


def dice(seed: int, index: int) -> float:
    """Number `index` of a seed's throws, in [0, 1): the same in every version of every library."""
    h = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) % 2**64
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        h = ((h ^ (h >> shift)) * factor) % 2**64
    return ((h ^ (h >> 31)) >> 11) / 2**53


def seed32(seed: int, index: int) -> np.uint32:
    """A 32-bit seed for kernels, drawn from a clip's seed."""
    return np.uint32(int(dice(seed, index) * 2**32))
