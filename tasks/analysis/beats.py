"""Beat tracking: the pulse a listener would tap along to.

A bar-pointer model walks through the trained ear's log-odds; its most likely path gives the beats,
which `attacks.py` then moves onto the sounds' edges. The metrical level is the network's: no
preferred tempo is laid over it (with one, cross-validated beats were no better).

Source:
    F. Krebs, S. Boeck, G. Widmer, An Efficient State-Space Model for Joint Tempo and Meter
    Tracking, ISMIR 2015 (idea of the state space).
"""

from functools import lru_cache

import numpy as np

from tasks.analysis.kernels import decode_beats
from tasks.analysis.sound import Times
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

SLOWEST_BPM = 50.0
FASTEST_BPM = 215.0
_BEAT_SHARE = 16  # the first 1/16 of a period counts as "on the beat"
# Log of how much more frames are off the beat than on it; cross-validated beats change little
# between 1.3 and 2.7.
_RARITY = 2.0
_SUREST = 6.0  # log-odds: no single moment outweighs a bar
_STEADINESS = 100.0  # price of a relative tempo change from beat to beat
_MIN_FRAMES = 64
_NEAR_FRAMES = np.arange(-1, 4)  # where a tracked beat's own peak lies
_NEAREST_S = 0.05


def track_beats(log_odds: FloatArray) -> Times:
    """Find a steady pulse.

    Args:
        log_odds: Of a beat at every frame, shape (frames,).

    Returns:
        Seconds, rising, each on its peak of the log-odds; empty when the song is shorter than a
        few beats.
    """
    if len(log_odds) < _MIN_FRAMES:
        return np.zeros(0)
    periods, lengths, changes = _states()
    on_beat = np.clip(log_odds + np.float32(_RARITY), -_SUREST, _SUREST)
    frames = decode_beats(on_beat, periods, lengths, changes)
    return _on_peaks(frames, log_odds)


@lru_cache(maxsize=1)
def _states() -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """Periods in frames, frames on the beat, log-probability of one period after another."""
    slowest, fastest = (60 * FRAME_RATE_HZ / bpm for bpm in (SLOWEST_BPM, FASTEST_BPM))
    periods = np.arange(int(fastest), int(np.ceil(slowest)) + 1)
    changes = -_STEADINESS * np.abs(periods[None, :] / periods[:, None] - 1.0)
    changes -= np.log(np.exp(changes).sum(axis=1, keepdims=True))
    lengths = np.maximum(1, np.ceil(periods / _BEAT_SHARE)).astype(np.int64)
    return periods.astype(np.int64), lengths, changes.astype(np.float32)


def _on_peaks(frames: np.ndarray, log_odds: FloatArray) -> Times:
    """Move beats to the nearby peak, between frames."""
    if len(frames) == 0:
        return np.zeros(0)
    near = np.clip(frames[:, None] + _NEAR_FRAMES, 1, len(log_odds) - 2)
    peak = near[np.arange(len(near)), log_odds[near].argmax(axis=1)]
    before, at, after = (log_odds[peak + d].astype(np.float64) for d in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-6)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    times = np.maximum.accumulate((peak + shift) / FRAME_RATE_HZ)
    rising: Times = times[np.diff(times, prepend=-np.inf) > _NEAREST_S]
    return rising
