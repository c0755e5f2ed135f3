"""What all picture kernels share: compile options, array types, small inlined functions.

Kernels work row by row in small loops over contiguous rows, because that is what the compiler
turns into vector code. No fastmath and no library trigonometry: every operation is an IEEE one in
a fixed order, so a picture is bit-identical on any machine.
"""

from typing import Any

import numpy as np
from numba import float32, int32, njit, uint16, uint32
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
UInt16Array = NDArray[np.uint16]
UInt32Array = NDArray[np.uint32]
Int8Array = NDArray[np.int8]
Int32Array = NDArray[np.int32]

FAST: dict[str, Any] = {
    "boundscheck": False,
    "error_model": "numpy",
    "nogil": True,
    "cache": True,
}
"""Options of every kernel."""
INLINE: dict[str, Any] = {**FAST, "forceinline": True}
"""Options of functions that are called for a single pixel or a few."""

# Untyped, because the checker takes a numba type that is called for a signature.
F: Any = float32
I32: Any = int32
U: Any = uint32
U16: Any = uint16


@njit(**INLINE)
def clamp(value, low, high):  # type: ignore[no-untyped-def]
    """Hold a float32 between two bounds."""
    return F(min(max(value, low), high))


@njit(**INLINE)
def hash_unit(a, b, seed):  # type: ignore[no-untyped-def]
    """Mix three integers into a float32 in [0, 1)."""
    h = U(U(U(a) * U(0x27D4EB2D)) ^ U(U(U(b) * U(0x165667B1)) + U(seed)))
    h = U(U(h ^ U(h >> U(15))) * U(0x85EBCA6B))
    h = U(U(h ^ U(h >> U(13))) * U(0xC2B2AE35))
    h = U(h ^ U(h >> U(16)))
    return F(F(I32(U(h >> U(8)))) * F(1.0 / 16777216.0))


@njit(**FAST)
def lerp_rows(out: FloatArray, a: FloatArray, b: FloatArray, t: float) -> None:
    """Write a + (b - a) * t."""
    for x in range(out.shape[0]):
        out[x] = F(a[x] + (b[x] - a[x]) * t)


@njit(**FAST)
def share_row(out, plain, left, right, part, share):  # type: ignore[no-untyped-def]
    """Blend a row with one sampled between `left` and `right`, which has the weight `share`."""
    rest = F(F(1) - share)
    for x in range(out.shape[0]):
        out[x] = F(rest * plain[x] + share * (left[x] + (right[x] - left[x]) * part[x]))


@njit(**FAST)
def mix_light_row(out: FloatArray, a: FloatArray, b: FloatArray, share: FloatArray) -> None:
    """Cross-fade two rows by light, each pixel with its own share of `b`."""
    for x in range(out.shape[0]):
        s = share[x]
        out[x] = np.sqrt(F(a[x] * a[x] * (F(1) - s) + b[x] * b[x] * s))


@njit(**FAST)
def gather_pairs(left: FloatArray, right: FloatArray, row: FloatArray, index: UInt32Array) -> None:
    """Fetch row[index] and row[index + 1]."""
    for x in range(index.shape[0]):
        i = index[x]
        left[x] = row[i]
        right[x] = row[U(i + U(1))]
