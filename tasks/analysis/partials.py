"""Compiled loops of the chroma: a spectrum's peaks found, kept sparsely, folded into classes."""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


@njit(cache=True)
def find_partials(
    spectra: npt.NDArray[np.complex64],
    reach: int,
    bins: npt.NDArray[np.int16],
    levels: FloatArray,
    proud: npt.NDArray[np.bool_],
    bends: FloatArray,
    counts: IntArray,
) -> int:
    """Find every frame's peaks; most bins are none.

    Args:
        spectra: Shape (frames, bins).
        reach: Bins either side that a peak is held against.
        bins: Takes each peak's bin, shape (at least frames * (bins // 2 + 1),), as the next three.
        levels: Takes its magnitude.
        proud: Takes whether it stands above the mean of its surroundings.
        bends: Takes the distance of the parabola's crest from the bin, -0.5..0.5 bins.
        counts: Takes the number of peaks, shape (frames,).

    Returns:
        Peaks of all frames.
    """
    frames, width = spectra.shape
    found = 0
    level = np.empty(width, np.float32)
    total = np.empty(width + 2 * reach + 1, np.float64)
    for t in range(frames):
        for j in range(width):
            level[j] = abs(spectra[t, j])
        total[0] = 0.0
        for j in range(-reach, width + reach):
            # Beyond the edges the spectrum is mirrored.
            inside = -1 - j if j < 0 else (2 * width - 1 - j if j >= width else j)
            total[j + reach + 1] = total[j + reach] + level[inside]
        first = found
        for j in range(width):
            below, above = level[j - 1], level[j + 1 if j + 1 < width else 0]
            if level[j] <= 0.0 or level[j] < below or level[j] < above:
                continue
            around = (total[j + 2 * reach + 1] - total[j]) / (2 * reach + 1)
            bins[found], levels[found] = j, level[j]
            proud[found] = level[j] >= around + 1e-6
            bends[found] = _crest(below, level[j], above) if 0 < j < width - 1 else np.nan
            found += 1
        counts[t] = found - first
    return found


@njit(cache=True)
def _crest(below: float, at: float, above: float) -> float:
    """Where a parabola through three magnitudes in decibels has its top."""
    low, mid, high = np.log(below + 1e-9), np.log(at + 1e-9), np.log(above + 1e-9)
    bend = low - 2.0 * mid + high
    shift = 0.5 * (low - high) / (bend if bend < 0.0 else -1e-9)
    return float(min(max(shift, -0.5), 0.5))


@njit(cache=True)
def fold_partials(
    counts: IntArray,
    bins: npt.NDArray[np.int16],
    levels: FloatArray,
    proud: npt.NDArray[np.bool_],
    classes: IntArray,
    weights: FloatArray,
    tonal_bins: int,
    tonal: FloatArray,
    melodic: FloatArray,
) -> None:
    """Add the peaks up by pitch class.

    Args:
        counts: Peaks of each frame, shape (frames,).
        bins: Of all peaks, as `find_partials` gives them; so the next two.
        levels: Their magnitudes.
        proud: Whether they stand above their surroundings.
        classes: Pitch class of each bin, shape (bins,).
        weights: How well the bin fits the class, 0..1, shape (bins,).
        tonal_bins: Bins from the lowest up that count as tonal.
        tonal: Added to: their magnitudes, shape (frames, 12).
        melodic: Added to: roots of the magnitudes that stand out, shape (frames, 12).
    """
    peak = 0
    for t in range(len(counts)):
        for _ in range(counts[t]):
            j = bins[peak]
            if j < tonal_bins:
                tonal[t, classes[j]] += weights[j] * levels[peak]
            if proud[peak]:
                melodic[t, classes[j]] += weights[j] * np.sqrt(levels[peak])
            peak += 1
