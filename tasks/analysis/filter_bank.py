"""Compiled loops that sum spectra into bands: a triangle touches few bins, so nothing is wasted.

A product of matrices would multiply zeros nine times out of ten, and its library keeps other
processors waiting for it.
"""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

NOISY_BINS = 32  # bins (344 Hz) among which a tone stands out and noise does not
# Magnitudes of less than this share of all bins' are a window's leakage, not a sound.
_LEAKAGE = 0.01

# Sums may be reordered and fused, which lets the compiler use vectors; nothing here is infinite.
_VECTORS = {"reassoc", "contract", "nsz"}


@njit(cache=True, fastmath=_VECTORS)
def sum_bands(
    bins: npt.NDArray[np.complex64],
    starts: IntArray,
    ends: IntArray,
    weights: FloatArray,
    weighting: FloatArray,
    edges: IntArray,
    noisy_from: int,
    levels: FloatArray,
    powers: FloatArray,
    evenness: FloatArray,
) -> None:
    """Fill band levels and wide-band powers of some frames.

    Args:
        bins: Spectra, shape (frames, bins).
        starts: First bin of each band, shape (bands,).
        ends: Bin after the last of each band.
        weights: Weight of each bin in each band, shape (bands, bins); zero outside.
        weighting: A-weighting of power by bin.
        edges: First bin of mids and of highs.
        noisy_from: First bin whose evenness counts.
        levels: Filled with mean magnitudes, shape (frames, bands).
        powers: Filled with sums of squares: all, A-weighted, bass, mids, highs; shape (frames, 5).
        evenness: Filled with the square of the mean magnitude over the mean square within
            NOISY_BINS neighbours, louder ones weighing more, shape (frames,).
    """
    count = bins.shape[1]
    power = np.empty(count, np.float32)
    magnitude = np.empty(count, np.float32)
    for frame in range(len(bins)):
        for k in range(count):
            value = bins[frame, k]
            power[k] = value.real * value.real + value.imag * value.imag
            magnitude[k] = np.sqrt(power[k])
        for band in range(len(starts)):
            level = np.float32(0.0)
            for k in range(starts[band], ends[band]):
                level += magnitude[k] * weights[band, k]
            levels[frame, band] = level
        weighted = np.float32(0.0)
        for k in range(count):
            weighted += power[k] * weighting[k]
        bass = _sum(power, 0, edges[0])
        mids = _sum(power, edges[0], edges[1])
        highs = _sum(power, edges[1], count)
        powers[frame, 0] = bass + mids + highs
        powers[frame, 1] = weighted
        powers[frame, 2] = bass
        powers[frame, 3] = mids
        powers[frame, 4] = highs
        evenness[frame] = _evenness(magnitude, power, noisy_from)


@njit(cache=True, fastmath=_VECTORS)
def _sum(values: FloatArray, first: int, last: int) -> np.float32:
    total = np.float32(0.0)
    for k in range(first, last):
        total += values[k]
    return total


@njit(cache=True, fastmath=_VECTORS)
def _evenness(magnitude: FloatArray, power: FloatArray, first: int) -> np.float32:
    weighted, total = np.float32(0.0), _sum(magnitude, 0, first)
    upper = np.float32(0.0)
    for start in range(first, len(magnitude) - NOISY_BINS + 1, NOISY_BINS):
        level = _sum(magnitude, start, start + NOISY_BINS)
        square = _sum(power, start, start + NOISY_BINS)
        upper += level
        # Nothing sounds where the square is not even this much.
        if square > np.float32(1e-24):
            weighted += level * level * level / (np.float32(NOISY_BINS) * square)
    heard = upper + np.float32(_LEAKAGE) * (total + upper)
    return weighted / heard if heard > np.float32(1e-12) else np.float32(0.0)
