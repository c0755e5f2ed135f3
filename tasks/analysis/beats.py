"""Beat tracking: the pulse a listener would tap along to.

A bar-pointer model walks through the onset strength; its most likely path gives beats at some
metrical level, `metre.py` picks the level, and `attacks.py` moves each beat onto the sound's edge.

Source:
    F. Krebs, S. Boeck, G. Widmer, An Efficient State-Space Model for Joint Tempo and Meter
    Tracking, ISMIR 2015 (idea of the state space).
"""

import numpy as np
import scipy.fft
import scipy.ndimage

from tasks.analysis.kernels import decode_beats
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

SLOWEST_BPM = 55.0
FASTEST_BPM = 215.0
# Preferred tempo and its spread in octaves: where people tap most.
_CENTRE_BPM = 113.0
_SPREAD_OCTAVES = 0.55
_PERIODICITY_WEIGHT = 6.0  # trust in the song's own autocorrelation against that preference
_HARMONICS = (1, 2, 4, 8)  # a true beat period repeats over bars
_OBSERVATION_WEIGHT = 3.0
_OFFSET = 0.35  # onset strength, relative to the song's strong ones, that is neither beat nor gap
_STRONG_PERCENTILE = 97.0
_STRONGEST = 1.3
_BEAT_SHARE = 16  # the first 1/16 of a period counts as "on the beat"
_STEADINESS = 120.0  # price of a relative tempo change from beat to beat
_LEVEL_PULL = 0.25  # share of the tempo preference paid again at every beat: keeps the octave
# Pulse clarity, an autocorrelation, of stationary noise stays below .06; free piano reaches .1.
CLEAR_PULSE = 0.07
_DRIFT_S = 1.5
_MIN_FRAMES = 64


def track_beats(strength: FloatArray) -> FloatArray:
    """Find a steady pulse in the onset strength.

    Args:
        strength: Onset strength per frame, shape (frames,).

    Returns:
        Beat frames, rising, whole numbers; empty when the song is shorter than a few beats or
        silent.
    """
    if len(strength) < _MIN_FRAMES or float(strength.max()) <= 0.0:
        return np.zeros(0, np.float32)
    periods = np.arange(
        int(60 * FRAME_RATE_HZ / FASTEST_BPM), int(np.ceil(60 * FRAME_RATE_HZ / SLOWEST_BPM)) + 1
    )
    preference = _preference(autocorrelate(strength), periods)
    beats = decode_beats(
        _observe(strength),
        periods.astype(np.int64),
        np.maximum(1, np.ceil(periods / _BEAT_SHARE)).astype(np.int64),
        preference,
        _changes(periods, preference),
    )
    return beats.astype(np.float32)


def autocorrelate(strength: FloatArray) -> FloatArray:
    """Autocorrelation of the onset strength above its drift; 1 at lag 0, zeros for silence."""
    drift = scipy.ndimage.uniform_filter1d(strength, int(_DRIFT_S * FRAME_RATE_HZ))
    peaks = scipy.ndimage.gaussian_filter1d(np.maximum(strength - drift, 0.0), 1.0)
    size = scipy.fft.next_fast_len(2 * len(peaks), real=True)
    spectrum = scipy.fft.rfft(peaks - peaks.mean(), size)
    lags = scipy.fft.irfft(np.square(np.abs(spectrum)), size)[: len(peaks)]
    return np.asarray(lags / max(float(lags[0]), 1e-9), np.float32)


def pulse_clarity(strength: FloatArray, beats: FloatArray) -> float:
    """How regularly sounds start: autocorrelation at the beat's period and its multiples, 0..1."""
    if len(beats) < 2:
        return 0.0
    lags = scipy.ndimage.maximum_filter1d(autocorrelate(strength), 3)
    period = float(np.median(np.diff(beats)))
    at = [round(period * n) for n in _HARMONICS if round(period * n) < len(lags) * 0.8]
    return float(np.clip(np.mean(lags[at]), 0.0, 1.0)) if at else 0.0


def _preference(lags: FloatArray, periods: np.ndarray) -> FloatArray:
    """Log-prior of every period: the song's periodicity and where people tap."""
    widened = scipy.ndimage.maximum_filter1d(lags, 3)
    last = len(lags) - 1
    comb = np.mean([widened[np.minimum(last, periods * n)] for n in _HARMONICS], axis=0)
    octaves = np.log2(60 * FRAME_RATE_HZ / periods / _CENTRE_BPM)
    preference = _PERIODICITY_WEIGHT * comb / max(float(comb.max()), 1e-9)
    return np.asarray(preference - 0.5 * np.square(octaves / _SPREAD_OCTAVES), np.float32)


def _observe(strength: FloatArray) -> FloatArray:
    """Log-likelihood ratio of a beat at every frame."""
    relative = strength / max(float(np.percentile(strength, _STRONG_PERCENTILE)), 1e-6)
    relative = np.clip(relative, 0.0, _STRONGEST)
    relative = np.maximum(relative, scipy.ndimage.maximum_filter1d(relative, 3) * 0.9)
    return np.asarray(_OBSERVATION_WEIGHT * (relative - _OFFSET), np.float32)


def _changes(periods: np.ndarray, preference: FloatArray) -> FloatArray:
    """Log-probability of going from one period (row) to the next (column)."""
    changes = -_STEADINESS * np.abs(periods[None, :] / periods[:, None] - 1.0)
    changes -= np.log(np.exp(changes).sum(axis=1, keepdims=True))
    return np.asarray(changes + _LEVEL_PULL * (preference - preference.max()), np.float32)
