"""Chroma: how much of each pitch class sounds, and where the harmony changes.

Harmony is heard below 2 kHz, so the song is framed at a quarter of the listening rate. Of every
frame only the peaks are kept until the tuning is known: an hour has 50 MB of them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import soxr

from tasks.analysis.partials import IntArray, find_partials, fold_partials
from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray, spectrum_blocks

_DECIMATION = 4
_RATE_HZ = SAMPLE_RATE_HZ / _DECIMATION
_WINDOW = 2048  # samples at that rate: 372 ms, separates semitones down to 110 Hz
_HOP = 512
HOP = _HOP * _DECIMATION  # samples at the listening rate
CHROMA_RATE_HZ = SAMPLE_RATE_HZ / HOP
_LOWEST_HZ = 55.0
_HIGHEST_HZ = 2000.0  # above, partials say more about timbre than about harmony
_TUNING_LOWEST_HZ = 110.0
_TUNING_STEP = 4  # every fourth frame is enough to hear the tuning
_TUNING_PERCENTILE = 70.0  # of the peaks: the weaker ones are noise
_WHITENING_REACH = 20  # bins, 54 Hz: a partial counts when it stands above its surroundings
_KEY_HIGHEST = (
    83.5  # semitones, above B5: higher partials are a chord's overtones, fifths above all
)
_FLOOR = 1e-6
_NOVELTY_S = 0.6  # harmony before against harmony after, about a beat each


@dataclass(frozen=True)
class Chroma:
    """Pitch classes from C to B, one row a chroma frame."""

    tuning: float  # semitones above A = 440 Hz, -0.5..0.5
    melodic: FloatArray  # (frames, 12) whitened partials: what the ear follows
    tonal: FloatArray  # (frames, 12) partials up to B5, each frame's largest 1: for keys
    novelty: FloatArray  # (frames,) change of harmony, 0..1


class _Peaks(NamedTuple):
    """Peaks of some frames, one after the other; see `find_partials`."""

    counts: IntArray  # (frames,)
    bins: np.ndarray  # (peaks,)
    levels: FloatArray
    proud: np.ndarray


def measure_chroma(samples: FloatArray) -> Chroma:
    """Fold partials into pitch classes, tuned to the song.

    Args:
        samples: Mono at the listening rate, shape (samples,).

    Returns:
        Rows at CHROMA_RATE_HZ; all zero for silence.
    """
    hz = np.arange(_WINDOW // 2 + 1) * _RATE_HZ / _WINDOW
    heard = slice(int(np.searchsorted(hz, _LOWEST_HZ)), int(np.searchsorted(hz, _HIGHEST_HZ)))
    parts, tuning = _find_peaks(samples, heard, hz[heard])
    pitch = _to_pitch(hz[heard]) - tuning
    nearest = np.round(pitch)
    classes = nearest.astype(np.int64) % 12
    # A bin between two semitones counts little.
    weights = np.square(np.cos(np.pi * (pitch - nearest))).astype(np.float32)
    tonal_bins = int(np.searchsorted(pitch, _KEY_HIGHEST))
    tonal, melodic = np.zeros((2, sum(len(part.counts) for part in parts), 12), np.float32)
    done = 0
    for part in parts:
        rows = slice(done, done + len(part.counts))
        fold_partials(*part, classes, weights, tonal_bins, tonal[rows], melodic[rows])
        done = rows.stop
    tonal /= tonal.max(axis=1, keepdims=True) + _FLOOR
    return Chroma(tuning, melodic, tonal, _novelty(melodic))


def _find_peaks(samples: FloatArray, heard: slice, hz: np.ndarray) -> tuple[list[_Peaks], float]:
    """The peaks, and the tuning that they tell."""
    lower = soxr.resample(samples, _DECIMATION, 1, quality="MQ")[: len(samples) // _DECIMATION]
    parts, pitches, strengths = [], [], []
    for spectra in spectrum_blocks(lower, window=_WINDOW, hop=_HOP):
        room = len(spectra) * (len(hz) // 2 + 1)
        counts, bins = np.empty(len(spectra), np.int64), np.empty(room, np.int16)
        (levels, bends), proud = np.empty((2, room), np.float32), np.empty(room, np.bool_)
        # The scale of a frame at the listening rate.
        framed = spectra[:, heard] * np.float32(_DECIMATION)
        found = find_partials(framed, _WHITENING_REACH, bins, levels, proud, bends, counts)
        parts.append(
            _Peaks(counts, bins[:found].copy(), levels[:found].copy(), proud[:found].copy())
        )
        every = np.repeat(np.arange(len(counts)) % _TUNING_STEP == 0, counts)
        at = hz[bins[:found][every]] + bends[:found][every] * (hz[1] - hz[0])
        wide = at >= _TUNING_LOWEST_HZ
        pitches.append(_to_pitch(at[wide]))
        strengths.append(levels[:found][every][wide])
    return parts, _find_tuning(np.concatenate(pitches), np.concatenate(strengths))


def _find_tuning(pitches: np.ndarray, strengths: FloatArray) -> float:
    """Circular mean of the strong partials' distance from the semitone grid."""
    if len(pitches) == 0:
        return 0.0
    strong = strengths > max(float(np.percentile(strengths, _TUNING_PERCENTILE)), _FLOOR)
    around = np.sum(np.exp(2j * np.pi * pitches[strong]) * strengths[strong])
    return float(np.angle(around) / (2 * np.pi))


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
