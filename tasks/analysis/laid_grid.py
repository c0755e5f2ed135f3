"""A beat grid of a tempo that a person gave, laid where the song's sounds start.

The grid keeps the tempo but for a little: one pace is found that is as near to the given one as a
typed number is to the truth, then dynamic programming over the beats lets the grid drift slowly
with the players.

Source: the objective (starts at the beats, less a price for uneven steps) is that of D. Ellis, Beat
Tracking by Dynamic Programming, JNMR 36(1), 2007; here its states are deviations from a grid.
"""

from collections.abc import Mapping

import numpy as np
import scipy.ndimage
import scipy.signal

from tasks.analysis.attacks import Times
from tasks.analysis.bands import CURVE_RATE_HZ
from tasks.analysis.spectrum import FloatArray

# A typed tempo is as near to the true one, share: rounding to whole beats and a tapping hand.
_TYPED_WITHIN = 0.012
_PACES = 49  # tried in that range: neighbours part by a sixth of a beat in five minutes at 120
_WINDOW_S = 12.0  # phases are compared within it, so that drift over the song costs nothing
_RATE_HZ = 200  # of the deviations: steps of 5 ms
_BLUR_S = 0.02  # a start is a peak so wide
_STEP_PRICE = 0.4  # of drifting by one step from a beat to the next; starts have deviation 1
_MOST_DRIFT_S = 4.0
_BASS_SHARE = 0.5  # of a bass note's start beside any sound's
_STEADY_BEATS = 9  # over which steps of 5 ms become a line
_REACH_S = 0.04  # a sound so near to a beat belongs to it


def lay_grid(curves: Mapping[str, FloatArray], bpm: float, *, duration: float) -> Times:
    """Lay beats of a tempo over a song.

    Args:
        curves: `onsets` and `bass` of the song, 100 Hz.
        bpm: The tempo; the song may drift around it.
        duration: Seconds of the song.

    Returns:
        Beats in seconds from the first that the song has room for to the last, rising.
    """
    starts = trace_starts(curves)
    pace = _best_pace(starts, 60.0 / bpm) if starts.any() else 60.0 / bpm
    beats = _follow(starts, pace, duration=duration)
    if len(beats) >= _STEADY_BEATS:
        beats = scipy.signal.savgol_filter(beats, _STEADY_BEATS, 1)
    return np.asarray(beats[(beats >= 0.0) & (beats < duration)])


def trace_starts(curves: Mapping[str, FloatArray]) -> FloatArray:
    """How much starts at each instant: the curves' rises, 100 Hz, mean 0 and deviation 1."""
    rises = (_rises(curves["onsets"]), _BASS_SHARE * _rises(curves["bass"]))
    both = np.sum(rises, axis=0)
    deviation = float(both.std())
    return np.asarray((both - both.mean()) / deviation if deviation > 0.0 else both, np.float32)


def starts_at(starts: FloatArray, beats: Times) -> Times:
    """What starts at each beat, at most `_REACH_S` from it, shape (beats,)."""
    reach = 2 * round(_REACH_S * CURVE_RATE_HZ) + 1
    near = scipy.ndimage.maximum_filter1d(starts, reach)
    places = np.clip(np.round(beats * CURVE_RATE_HZ).astype(int), 0, len(starts) - 1)
    return np.asarray(near[places], np.float64)


def _rises(curve: FloatArray) -> FloatArray:
    """Where a curve rises, as peaks of the same deviation whatever the curve's range."""
    rise = np.maximum(0.0, np.diff(curve, prepend=curve[:1]))
    blurred = scipy.ndimage.gaussian_filter1d(rise, _BLUR_S * CURVE_RATE_HZ)
    deviation = float(blurred.std())
    return np.asarray(blurred / deviation if deviation > 0.0 else blurred, np.float32)


def _best_pace(starts: FloatArray, beat_s: float) -> float:
    """Seconds a beat, near to those given, at which the starts of each window agree best."""
    window = round(_WINDOW_S * CURVE_RATE_HZ)
    times = np.arange(len(starts)) / CURVE_RATE_HZ
    paces = beat_s * (1.0 + np.linspace(-_TYPED_WITHIN, _TYPED_WITHIN, _PACES))
    bins = max(4, round(beat_s * CURVE_RATE_HZ))
    windows = np.arange(len(starts)) // window
    scores = []
    for pace in paces:
        phases = (times / pace % 1.0 * bins).astype(int) % bins
        folded = np.bincount(windows * bins + phases, weights=starts)
        folded = np.pad(folded, (0, -len(folded) % bins)).reshape(-1, bins)
        smooth = folded + np.roll(folded, 1, axis=1) + np.roll(folded, -1, axis=1)
        scores.append(float(smooth.max(axis=1).sum()))
    return float(paces[int(np.argmax(scores))])


def _follow(starts: FloatArray, beat_s: float, *, duration: float) -> Times:
    """Beats `beat_s` apart that drift by at most a step of 5 ms from one to the next."""
    most = round(min(_MOST_DRIFT_S, 0.02 * duration + beat_s) * _RATE_HZ)
    deviations = np.arange(-most, most + 1) / _RATE_HZ
    count = int((duration + 2 * deviations[-1]) / beat_s) + 1
    first = -deviations[-1]
    frames = np.arange(len(starts)) / CURVE_RATE_HZ
    score = np.zeros(len(deviations))
    came = np.zeros((count, len(deviations)), np.int8)
    for k in range(count):
        aside = np.pad(score, 1, constant_values=-np.inf)
        ways = np.stack((aside[:-2] - _STEP_PRICE, aside[1:-1], aside[2:] - _STEP_PRICE))
        came[k] = ways.argmax(axis=0) - 1
        here = np.interp(first + k * beat_s + deviations, frames, starts, left=0.0, right=0.0)
        score = ways.max(axis=0) + here
    path = np.empty(count, int)
    path[-1] = int(np.argmax(score))
    for k in range(count - 1, 0, -1):
        path[k - 1] = path[k] + came[k, path[k]]
    return np.asarray(first + np.arange(count) * beat_s + deviations[path], np.float64)
