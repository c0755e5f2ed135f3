"""What in a song is like what: bars against bars, and the diagonals along which it repeats."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from tasks.analysis.chroma import CHROMA_RATE_HZ
from tasks.analysis.downbeats import average_between
from tasks.analysis.sound import Sound
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

Alike = npt.NDArray[np.float32]
Bars = npt.NDArray[np.int64]
_Times = npt.NDArray[np.float64]

_EIGHTHS = 8  # a bar's timbre and harmony are compared eighth by eighth …
_SIXTEENTHS = 16  # … and its rhythm in sixteenths
_NEIGHBOUR_QUANTILE = 0.1  # bars this near are alike …
_NEAREST = 0.1  # … and never only nearer ones: loops differ by what rang before them
_NEAREST_REPEAT = 4  # bars; nearer than that everything is like everything
_STRIPE_KINDS = 8
_SUDDEN = 0.2  # a stripe begins or ends where likeness changes by more


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike any two bars are, 0..1: three square matrices of one size.

    Attributes:
        timbre: Alike in their spectrum.
        harmony: Alike in their pitch classes.
        rhythm: Alike in their onsets.
        variety: How far the usual bar is from the mean bar, in timbre or in harmony, as a share of
            that: of songs .1 and more, of drones less than .05.
    """

    timbre: Alike
    harmony: Alike
    rhythm: Alike
    variety: float

    def __iter__(self) -> Iterator[Alike]:
        """In the order that the learnt weights know."""
        return iter((self.timbre, self.harmony, self.rhythm))


def compare_bars(sound: Sound, grid: _Times) -> Likeness:
    """Compare every bar with every other.

    Args:
        sound: The song.
        grid: Bar borders in seconds, rising, shape (bars + 1,).

    Returns:
        Matrices of shape (bars, bars).
    """
    harmony = _split_bars(sound.chroma.melodic, grid * CHROMA_RATE_HZ, _EIGHTHS)
    harmony = np.sqrt(harmony / (harmony.sum(axis=2).mean(axis=1)[:, None, None] + 1e-9))
    rhythm = _split_bars(sound.onsets.registers, grid * FRAME_RATE_HZ, _SIXTEENTHS)
    timbre = _split_bars(sound.onsets.log_levels, grid * FRAME_RATE_HZ, _EIGHTHS)
    return Likeness(
        _affinity(timbre),
        _affinity(harmony),
        _affinity(np.sqrt(rhythm)),
        max(_variety(timbre), _variety(harmony)),
    )


def _split_bars(rows: FloatArray, borders: _Times, parts: int) -> FloatArray:
    """Means of the rows over equal parts of every bar, shape (bars, parts, columns)."""
    share = np.arange(parts) / parts
    fine = np.append((borders[:-1, None] + share * np.diff(borders)[:, None]).ravel(), borders[-1])
    return average_between(rows, fine).reshape(len(borders) - 1, parts, rows.shape[1])


def _variety(bars: FloatArray) -> float:
    """Distance of the usual bar from the mean bar, as a share of that."""
    wide = bars.reshape(len(bars), -1)
    mean = wide.mean(axis=0)
    apart = np.linalg.norm(wide - mean, axis=1)
    return float(np.median(apart) / (np.linalg.norm(mean) + 1e-6))


def _affinity(bars: FloatArray) -> Alike:
    wide = bars.reshape(len(bars), -1)
    wide = wide - wide.mean(axis=0)
    wide /= np.linalg.norm(wide, axis=1, keepdims=True) + 1e-6
    distance = np.clip(1.0 - wide @ wide.T, 0.0, 2.0)
    apart = distance[~np.eye(len(bars), dtype=bool)]
    near = max(float(np.quantile(apart, _NEIGHBOUR_QUANTILE)), _NEAREST)
    affinity: Alike = np.exp(-distance / near).astype(np.float32)
    return affinity


@njit(cache=True)
def trace_stripes(alike: Alike, reaches: Bars) -> npt.NDArray[np.float64]:
    """Where diagonals of likeness begin and end: a part that is played again starts a stripe.

    Args:
        alike: Bars against bars.
        reaches: Bars before and after a border that are compared, shape (reaches,).

    Returns:
        For every border between bars, shape (bars + 1, 8 * reaches), for each reach: the clearest
        begin of a stripe with the past and with the future, the clearest end of each, the
        greatest likeness after and before, and how many stripes begin and end.
    """
    bars = len(alike)
    found = np.zeros((bars + 1, _STRIPE_KINDS * len(reaches)))
    total = np.zeros(bars + 1)
    for lag in range(1 - bars, bars):
        if abs(lag) < _NEAREST_REPEAT:
            continue
        for i in range(bars):
            inside = 0 <= i + lag < bars
            total[i + 1] = total[i] + (alike[i, i + lag] if inside else 0.0)
        future = 1 if lag > 0 else 0
        for r in range(len(reaches)):
            reach, column = reaches[r], _STRIPE_KINDS * r
            for k in range(bars + 1):
                after = (total[min(k + reach, bars)] - total[k]) / reach
                before = (total[k] - total[max(k - reach, 0)]) / reach
                rise = after - before
                row = found[k]
                row[column + future] = max(row[column + future], rise)
                row[column + 2 + future] = max(row[column + 2 + future], -rise)
                row[column + 4] = max(row[column + 4], after)
                row[column + 5] = max(row[column + 5], before)
                row[column + 6] += max(rise - _SUDDEN, 0.0)
                row[column + 7] += max(-rise - _SUDDEN, 0.0)
    return found


@njit(cache=True)
def align_spans(alike: Alike, spans: Bars, overlap: float) -> npt.NDArray[np.float64]:
    """Likeness of every two spans where they fit best.

    Args:
        alike: Bars against bars.
        spans: First bar and the bar after the last of each, shape (spans, 2), none empty.
        overlap: Share of the shorter span that must be laid over the longer.

    Returns:
        Greatest mean along a diagonal, shape (spans, spans), symmetric.
    """
    count = len(spans)
    best = np.zeros((count, count))
    for i in range(count):
        for j in range(i + 1):
            rows, columns = spans[i, 1] - spans[i, 0], spans[j, 1] - spans[j, 0]
            enough = max(1.0, overlap * min(rows, columns))
            for shift in range(1 - rows, columns):
                first, last = max(0, -shift), min(rows, columns - shift)
                if last - first < enough:
                    continue
                total = 0.0
                for r in range(first, last):
                    total += alike[spans[i, 0] + r, spans[j, 0] + r + shift]
                best[i, j] = max(best[i, j], total / (last - first))
            best[j, i] = best[i, j]
    return best
