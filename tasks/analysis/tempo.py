"""Tempo and its course, read off the beats."""

import numpy as np

from recipe_schema.analysis import TempoPoint
from tasks.analysis.attacks import Times

# Tempo is the median pace over this many beats: short enough to leave slips out, long enough that
# a beat placed 3 ms off moves the tempo by less than a tenth of a percent.
_PACE_BEATS = 8
_CURVE_BEATS = 4  # one point a bar or so
_HALF_WINDOW = 4  # beats either side that make the local tempo
_BPM_DIGITS = 3


def measure_tempo(beats: Times) -> float:
    """Beats per minute that the song keeps most of the time; 0 when there are no beats."""
    if len(beats) < 2:
        return 0.0
    reach = min(_PACE_BEATS, len(beats) - 1)
    pace = float(np.median(beats[reach:] - beats[:-reach])) / reach
    return round(60.0 / pace, _BPM_DIGITS)


def trace_tempo(beats: Times) -> tuple[TempoPoint, ...]:
    """Local tempo every few beats: the course of ritardandi and of live playing."""
    last = len(beats) - 1
    points = []
    for i in range(0, last + 1 if last > 0 else 0, _CURVE_BEATS):
        first, end = max(0, i - _HALF_WINDOW), min(last, i + _HALF_WINDOW)
        local = float(np.median(np.diff(beats[first : end + 1])))
        points.append(TempoPoint(time=float(beats[i]), bpm=round(60.0 / local, _BPM_DIGITS)))
    return tuple(points)
