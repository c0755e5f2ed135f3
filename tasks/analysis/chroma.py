"""Chroma: how much of each pitch class sounds, and where the harmony changes."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray, magnitude_blocks

_WINDOW = 8192  # samples: 372 ms, separates semitones down to 110 Hz
HOP = 2048
CHROMA_RATE_HZ = SAMPLE_RATE_HZ / HOP
_LOWEST_HZ = 55.0
_HIGHEST_HZ = 2000.0  # above, partials say more about timbre than about harmony
_TUNING_LOWEST_HZ = 110.0
_TUNING_STEP = 4  # every fourth frame is enough to hear the tuning
_TUNING_PERCENTILE = 90.0
_WHITENING_BINS = 41  # 110 Hz: a partial counts when it stands above its surroundings
_FLOOR = 1e-6
_NOVELTY_S = 0.6  # harmony before against harmony after, about a beat each


@dataclass(frozen=True)
class Chroma:
    """Pitch classes from C to B, one row a chroma frame."""

    tuning: float  # semitones above A = 440 Hz, -0.5..0.5
    melodic: FloatArray  # (frames, 12) whitened partials: what the ear follows
    tonal: FloatArray  # (frames, 12) partials at their strength, each frame's largest 1: for keys
    novelty: FloatArray  # (frames,) change of harmony, 0..1


def measure_chroma(samples: FloatArray) -> Chroma:
    """Fold partials into pitch classes, tuned to the song.

    Args:
        samples: Mono at the listening rate, shape (samples,).

    Returns:
        Rows at CHROMA_RATE_HZ; all zero for silence.
    """
    bins = np.arange(_WINDOW // 2 + 1) * SAMPLE_RATE_HZ / _WINDOW
    heard = (bins >= _LOWEST_HZ) & (bins <= _HIGHEST_HZ)
    levels = np.concatenate(
        [block[:, heard] for block in magnitude_blocks(samples, window=_WINDOW, hop=HOP)]
    )
    tuning = _find_tuning(levels, bins[heard])
    partials = np.where(_is_peak(levels), levels, 0.0).astype(np.float32)
    fold = _fold(bins[heard], tuning)
    tonal = partials @ fold
    tonal /= tonal.max(axis=1, keepdims=True) + _FLOOR
    around = scipy.ndimage.uniform_filter1d(levels, _WHITENING_BINS, axis=1) + _FLOOR
    melodic = np.where(levels >= around, np.sqrt(partials), 0.0).astype(np.float32) @ fold
    return Chroma(tuning, melodic, tonal, _novelty(melodic))


def _is_peak(levels: FloatArray) -> np.ndarray:
    peak = (levels >= np.roll(levels, 1, axis=1)) & (levels >= np.roll(levels, -1, axis=1))
    return np.asarray(peak)


def _find_tuning(levels: FloatArray, bins_hz: np.ndarray) -> float:
    """Circular mean of the strong partials' distance from the semitone grid."""
    wide = bins_hz >= _TUNING_LOWEST_HZ
    sparse, bins_hz = levels[::_TUNING_STEP, wide], bins_hz[wide]
    strong = sparse > max(float(np.percentile(sparse, _TUNING_PERCENTILE)), _FLOOR)
    frame, bin_ = np.nonzero(_is_peak(sparse) & strong)
    inner = (bin_ > 0) & (bin_ < len(bins_hz) - 1)
    frame, bin_ = frame[inner], bin_[inner]
    if len(bin_) == 0:
        return 0.0
    below, at, above = (np.log(sparse[frame, bin_ + d] + 1e-9) for d in (-1, 0, 1))
    bend = below - 2 * at + above
    shift = np.clip(0.5 * (below - above) / np.where(bend < 0, bend, -1e-9), -0.5, 0.5)
    pitch = _to_pitch(bins_hz[bin_] + shift * (bins_hz[1] - bins_hz[0]))
    around = np.sum(np.exp(2j * np.pi * pitch) * sparse[frame, bin_])
    return float(np.angle(around) / (2 * np.pi))


def _fold(bins_hz: np.ndarray, tuning: float) -> FloatArray:
    """Matrix from bins to pitch classes; bins between two semitones count little."""
    pitch = _to_pitch(bins_hz) - tuning
    nearest = np.round(pitch).astype(int)
    fold = np.zeros((len(bins_hz), 12), np.float32)
    fold[np.arange(len(bins_hz)), nearest % 12] = np.square(np.cos(np.pi * (pitch - nearest)))
    return fold


def _to_pitch(hz: np.ndarray) -> np.ndarray:
    return np.asarray(69.0 + 12.0 * np.log2(hz / 440.0))


def _novelty(melodic: FloatArray) -> FloatArray:
    """Cosine distance between the harmony before and after every frame."""
    frames = len(melodic)
    reach = max(1, round(_NOVELTY_S * CHROMA_RATE_HZ))
    shape = np.sqrt(melodic / (melodic.sum(axis=1, keepdims=True) + 1e-9))
    total = np.vstack([np.zeros((1, 12)), np.cumsum(shape, axis=0, dtype=np.float64)])
    here = np.arange(frames)
    before = total[here] - total[np.maximum(0, here - reach)]
    after = total[np.minimum(frames, here + reach)] - total[here]
    norm = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    alike = (before * after).sum(axis=1) / np.maximum(norm, 1e-9)
    # Beside silence there is nothing to compare: no change of harmony.
    return np.where(norm > 1e-9, np.clip(1.0 - alike, 0.0, 1.0), 0.0).astype(np.float32)
