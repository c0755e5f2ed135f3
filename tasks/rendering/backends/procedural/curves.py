"""Curves over a clip's frames, smoothed and told apart in one order of sums on every machine."""

import math

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

PULSE_RISE = 0.15  # a jump of this size begins a pulse


def smoothed(column: Column, width_frames: float) -> Column:
    """Weighted mean over about `width_frames` either side; ends repeat."""
    reach = max(math.ceil(2.0 * width_frames), 1)
    places = [(k - reach) / max(width_frames, 0.5) for k in range(2 * reach + 1)]
    weights = [1.0 / (1.0 + place * place) ** 2 for place in places]
    padded = np.pad(column, reach, mode="edge")
    total = np.zeros(len(column))
    for k, weight in enumerate(weights):
        total = total + weight * padded[k : k + len(column)]
    return total / sum(weights)


def thinned(pulses: Column, fps: float, *, most_per_s: float) -> Column:
    """Pulses without those that follow another too soon."""
    calm = pulses.copy()
    rising = np.flatnonzero(begun(pulses))
    kept = -np.inf
    for place, start in enumerate(rising):
        if start - kept >= fps / most_per_s - 1e-6:
            kept = float(start)
            continue
        end = rising[place + 1] if place + 1 < len(rising) else len(pulses)
        fall = [calm[start - 1] * math.pow(0.8, k) for k in range(1, end - start + 1)]
        calm[start:end] = np.minimum(calm[start:end], fall)
    return calm


def swelled(pulses: Column, fps: float, *, rise_s: float, size: float) -> Column:
    """Pulses that come up softly and less high."""
    return size * smoothed(pulses, rise_s * fps)


def begun(pulses: Column) -> NDArray[np.bool_]:
    """The frames on which a pulse begins."""
    begins: NDArray[np.bool_] = np.diff(pulses, prepend=0.0) > PULSE_RISE
    return begins


def age_s(pulses: Column, fps: float, *, never_s: float) -> Column:
    """Seconds since the last pulse began; `never_s` before the first."""
    frame = np.arange(len(pulses))
    last = np.maximum.accumulate(np.where(begun(pulses), frame, -1))
    return np.where(last < 0, never_s, (frame - last) / fps)
