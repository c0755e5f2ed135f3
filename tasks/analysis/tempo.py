"""Tempo and its course, read off the beats."""

import numpy as np

from recipe_schema.analysis import TempoPoint
from tasks.analysis.attacks import Times

_STEADY_SHARE = 0.06  # intervals this near the median are the tempo; others are slips
_CURVE_BEATS = 4  # one point a bar or so
_HALF_WINDOW = 4  # beats either side that make the local tempo
_BPM_DIGITS = 3


def measure_tempo(beats: Times) -> float:
    """Beats per minute of the steady part; 0 when there are no beats."""
    intervals = np.diff(beats)
    if len(intervals) == 0:
        return 0.0
    median = float(np.median(intervals))
    steady = intervals[np.abs(intervals - median) < _STEADY_SHARE * median]
    return round(60.0 / float(steady.mean()), _BPM_DIGITS) if len(steady) else 60.0 / median


def trace_tempo(beats: Times) -> tuple[TempoPoint, ...]:
    """Local tempo every few beats: the course of ritardandi and of live playing."""
    last = len(beats) - 1
    points = []
    for i in range(0, last + 1 if last > 0 else 0, _CURVE_BEATS):
        first, end = max(0, i - _HALF_WINDOW), min(last, i + _HALF_WINDOW)
        local = float(np.median(np.diff(beats[first : end + 1])))
        points.append(TempoPoint(time=float(beats[i]), bpm=round(60.0 / local, _BPM_DIGITS)))
    return tuple(points)
