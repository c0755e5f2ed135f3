"""Downbeats and meter: which beats begin a bar, and how many beats a bar has.

The trained ear says how much every beat looks like a bar's first; a hidden Markov model over the
position in the bar keeps count, once for every meter, and the likelier meter is taken.
"""

from dataclasses import dataclass

import numpy as np

from tasks.analysis.kernels import decode_bar_phase
from tasks.analysis.network import Activations
from tasks.analysis.sound import Times
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

_METERS = {4: 0.0, 3: -0.05}  # three in a bar must be better, log-likelihood a beat: it is rarer
_SLIP = -9.0  # log-price of a broken bar
_SUREST = 6.0  # log-odds
_DOUBT = 1e-3  # chance that any one verdict of the ear is wrong
# Lead of downbeats over other beats at which the bars of songs not trained on were right.
_CERTAIN_LEAD = 0.6
_FEWEST = 6  # beats: fewer make no bars
_REACH = 3  # frames: a beat's own peak


@dataclass(frozen=True, eq=False)
class Bars:
    """How the beats group."""

    downbeats: Times
    meter: int
    confidence: float


def find_downbeats(beats: Times, activations: Activations) -> Bars:
    """Group beats into bars.

    Args:
        beats: Beat times in seconds, rising.
        activations: What the trained ear hears.

    Returns:
        Downbeats (each one of `beats`), the meter, and a confidence 0..1. With too few beats to
        tell, every fourth counts and the confidence is 0.
    """
    if len(beats) < _FEWEST:
        return Bars(beats[::4], 4, 0.0)
    heard = sample_at(activations.downbeat, beats, rate_hz=FRAME_RATE_HZ, reach=_REACH)
    evidence = np.clip(heard.astype(np.float64), -_SUREST, _SUREST)
    grouped = {meter: decode_bar_phase(evidence, meter, _SLIP) == 0 for meter in _METERS}
    chance = 1.0 / (1.0 + np.exp(-evidence))
    likelihood = {
        meter: _METERS[meter] + float(np.mean(np.log(np.where(first, chance, 1 - chance) + _DOUBT)))
        for meter, first in grouped.items()
    }
    meter = max(likelihood, key=lambda m: likelihood[m])
    first = grouped[meter]
    if not first.any():
        return Bars(beats[::4], 4, 0.0)
    lead = float(chance[first].mean() - chance[~first].mean())
    return Bars(beats[first], meter, float(np.clip(lead / _CERTAIN_LEAD, 0.0, 1.0)))


def sample_at(curve: FloatArray, times: Times, *, rate_hz: float, reach: int = 0) -> FloatArray:
    """Largest value of a curve within `reach` frames of each time."""
    nearest = np.round(np.asarray(times) * rate_hz).astype(int)
    window = np.clip(nearest[:, None] + np.arange(-reach, reach + 1), 0, len(curve) - 1)
    values: FloatArray = curve[window].max(axis=1)
    return values


def average_between(rows: FloatArray, borders: np.ndarray) -> FloatArray:
    """Mean of the rows between neighbouring borders (row numbers, fractions allowed)."""
    edges = np.clip(np.round(borders).astype(int), 0, len(rows))
    starts = np.minimum(edges[:-1], len(rows) - 1)
    ends = np.maximum(edges[1:], starts + 1)
    total = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, dtype=np.float64, out=total[1:])
    means = (total[ends] - total[starts]) / (ends - starts)[:, None]
    return np.asarray(means, np.float32)
