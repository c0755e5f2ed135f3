"""Attack times: move each beat from the spectrum's coarse frames onto the edge of its sound.

The edge is the instant that best separates a quiet stretch before from a loud one after, measured
on the samples themselves, so the window of the spectrum leaves no systematic offset. Where the
pulse is machine-steady the beats lie on a local straight line; where it is played they follow the
player.
"""

import numpy as np
import numpy.typing as npt

from tasks.analysis.spectrum import SAMPLE_RATE_HZ, FloatArray

Times = npt.NDArray[np.float64]

_SEARCH_S = 0.045  # the coarse beat lies within four frames of its sound
# Compared before and after the edge: the longer side is sure, the shorter one sharp.
_SIDES_S = (0.003, 0.012)
_GROUP = 128  # beats measured together: bounds the memory
_STEP = 16  # samples: 0.7 ms
_PRE_EMPHASIS = 0.95  # attacks are bright
_NEAR_S = 0.018  # an edge this far from where its neighbours' lie is half believed
_FLOOR_SHARE = 0.02  # of the beat's surroundings: edges below are noise
_CLEAR_EDGE = 1.0  # log-energy step (4 dB) of an edge that counts as one
_NEIGHBOURS = 8  # beats either side that a local line is fitted to
_OUTLIER_S = 0.02
_PLAYED_S = 0.006  # median distance from the local line at which timing is a player's


def place_on_attacks(samples: FloatArray, beats: Times) -> Times:
    """Place beats on the edges of their sounds.

    Args:
        samples: Mono at the listening rate.
        beats: Coarse beat times in seconds, rising.

    Returns:
        Refined times, strictly rising, inside the song. Beats without an edge of their own lie
        where their neighbours put them.
    """
    if len(beats) < 3:
        return beats
    steps = np.arange(-int(_SEARCH_S * SAMPLE_RATE_HZ), int(_SEARCH_S * SAMPLE_RATE_HZ), _STEP)
    centres = np.round(beats * SAMPLE_RATE_HZ).astype(int)
    groups = (centres[i : i + _GROUP] for i in range(0, len(centres), _GROUP))
    edges = np.concatenate([_edges(samples, group, steps) for group in groups])
    offsets = steps / SAMPLE_RATE_HZ
    # First where edges lie on the whole, then each beat's own edge near there.
    usual = float(offsets[edges.sum(axis=0).argmax()])
    near = np.exp(-0.5 * np.square((offsets - usual) / _NEAR_S))
    best = (edges * near).argmax(axis=1)
    height = edges[np.arange(len(beats)), best]
    trust = np.clip(height / _CLEAR_EDGE, 0.0, 1.0) ** 2
    own = beats + np.where(trust > 0.05, offsets[best], usual)
    return _strictly_rising(_settle(own, trust), len(samples) / SAMPLE_RATE_HZ)


def _edges(samples: FloatArray, centres: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Log-energy step at every candidate instant of every beat, shape (beats, steps)."""
    sides = [int(side_s * SAMPLE_RATE_HZ) for side_s in _SIDES_S]
    reach = int(steps[-1]) + max(sides) + _STEP
    around = np.clip(centres[:, None] + np.arange(-reach - 1, reach), 0, len(samples) - 1)
    sound = samples[around].astype(np.float64)
    bright = np.diff(sound, axis=1) + (1 - _PRE_EMPHASIS) * sound[:, :-1]
    total = np.zeros((len(centres), len(steps)))
    at = reach + steps
    for signal in (sound[:, 1:], bright):
        start = np.zeros((len(signal), 1))
        energy = np.concatenate([start, np.cumsum(np.square(signal), axis=1)], axis=1)
        for side in sides:
            floor = _FLOOR_SHARE * side * energy[:, -1:] / signal.shape[1] + 1e-9
            after = energy[:, at + side] - energy[:, at]
            before = energy[:, at] - energy[:, at - side]
            total += np.log((after + floor) / (before + floor)) / (2 * len(sides))
    return np.maximum(total, 0.0)


def _settle(own: Times, trust: Times) -> Times:
    """Blend every beat's own edge with a line through its neighbours."""
    weight = trust + 1e-3
    line = own
    for _ in range(3):
        line = _local_line(own, weight)
        stray = np.abs(own - line)
        weight = (trust + 1e-3) / (1.0 + np.square(stray / _OUTLIER_S) * 10.0)
    spread = _local_line(np.abs(own - line), weight, slope=False)
    steady = np.exp(-np.square(spread / _PLAYED_S))
    keep_own = (1.0 - steady) * trust
    return keep_own * own + (1.0 - keep_own) * line


def _local_line(values: Times, weight: Times, *, slope: bool = True) -> Times:
    """Weighted straight line (or mean) through _NEIGHBOURS values either side of each."""
    taps = np.arange(-_NEIGHBOURS, _NEIGHBOURS + 1, dtype=np.float64)
    kernel = np.exp(-0.5 * np.square(taps / (_NEIGHBOURS / 2)))

    def total(signal: Times, power: int) -> Times:
        # np.convolve flips the kernel: tap k of the sum looks at beat i + k.
        full = np.convolve(signal, (kernel * taps**power)[::-1], mode="full")
        return full[_NEIGHBOURS : _NEIGHBOURS + len(signal)]

    mass, mean = total(weight, 0), total(weight * values, 0)
    if not slope:
        return mean / mass
    first, second = total(weight, 1), total(weight, 2)
    cross = total(weight * values, 1)
    spread = mass * second - first * first
    good = spread > 1e-9 * mass * mass
    line = (second * mean - first * cross) / np.where(good, spread, 1.0)
    return np.where(good, line, values)


def _strictly_rising(beats: Times, duration: float) -> Times:
    """Drop beats outside the song and any that do not follow the one before by 50 ms."""
    kept: list[float] = []
    for beat in beats:
        if 0.0 <= beat < duration and (not kept or beat > kept[-1] + 0.05):
            kept.append(float(beat))
    return np.array(kept)
