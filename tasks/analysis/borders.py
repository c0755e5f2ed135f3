"""Borders: at which downbeats a section begins.

Every downbeat is described by how alike the bars around it are and by which repetitions begin or
end there; learnt weights turn that into odds, and a semi-Markov model with the learnt lengths of
sections (most have four or eight bars) picks the best set.

Source:
    J. Serra, M. Mueller, P. Grosche, J. L. Arcos, Unsupervised Music Structure Annotation by Time
    Series Structure Features and Segment Similarity, IEEE Trans. Multimedia 16(5), 2014 (stripes).
    J. Foote, Automatic Audio Segmentation Using a Measure of Audio Novelty, ICME 2000 (squares).
"""

import numpy as np
import numpy.typing as npt

from tasks.analysis.repetition import Alike, Bars, Likeness, trace_stripes
from tasks.analysis.sound import Sound
from tasks.analysis.spectrum import FRAME_RATE_HZ

_Numbers = npt.NDArray[np.float64]

_STRIPE_REACHES = np.array((2, 4, 8))  # bars
_SQUARES = (1, 2, 4, 8)  # bars before against bars after
# Pairs of bars, counted from the border: what is next to it, and a phrase away.
_PAIRS = (
    *((-1, 0), (0, 1), (-2, -1), (0, 2), (0, 4), (-4, 0), (0, 8), (-8, 0), (-1, 3), (-1, 7)),
    *((-5, -1), (0, 16), (-16, 0)),
)
_FARTHEST = 17
_STEP_BARS = 4  # levels before against levels after
_LOUD_PERCENTILE = 95.0
_FLOOR = 1e-4  # of the loud power: 40 dB below nothing counts
_SILENT = 1e-5  # of the loud power
_MOST_DEVIATIONS = 4.0
_PLAIN = 8.0  # squares as they are, at about the spread of the rest
# Songs that people cut for us are never loops: there the break of likeness itself is the border.
_LOOP_BARS = 4
_LOOP_BREAK = 0.35  # songs have hardly any square above this
_LOOP_GAIN = 1.5
_ODDS_SCALE = 10.0  # a border's chance, from the weights, into log-odds: chosen on train
_EVEN = 0.5


def describe_borders(likeness: Likeness, sound: Sound, grid: _Numbers) -> _Numbers:
    """What speaks for a border at each bar border, in deviations from the song's mean.

    Args:
        likeness: Bars against bars.
        sound: The song.
        grid: Bar borders in seconds, shape (bars + 1,).

    Returns:
        Shape (bars + 1, features), each within +-4. The squares come once more as they are, so
        that a song of plain blocks has clearer borders than one without.
    """
    totals = [_running_total(alike) for alike in likeness]
    squares = np.stack([_square(total, size) for total in totals for size in _SQUARES], axis=1)
    columns = [column for alike in likeness for column in _describe_likeness(alike)]
    rows = np.column_stack((*columns, squares, _levels(sound, grid)))
    apart = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    return np.column_stack((np.clip(apart, -_MOST_DEVIATIONS, _MOST_DEVIATIONS), _PLAIN * squares))


def _describe_likeness(alike: Alike) -> list[_Numbers]:
    bars = len(alike)
    padded = np.pad(alike, _FARTHEST)
    here = np.arange(bars + 1) + _FARTHEST
    end = len(padded) - 1
    pairs = [padded[np.minimum(here + a, end), np.minimum(here + b, end)] for a, b in _PAIRS]
    return [trace_stripes(alike, _STRIPE_REACHES), *np.asarray(pairs, np.float64)]


def _running_total(alike: Alike) -> _Numbers:
    total = np.zeros((len(alike) + 1, len(alike) + 1))
    total[1:, 1:] = alike.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    return total


def _square(total: _Numbers, size: int) -> _Numbers:
    """Likeness within the bars before and within the bars after, less that between them."""
    here = np.arange(len(total))
    first, last = np.maximum(here - size, 0), np.minimum(here + size, len(total) - 1)
    before, after = np.maximum(here - first, 1), np.maximum(last - here, 1)

    def block(a: Bars, b: Bars, c: Bars, d: Bars) -> _Numbers:
        return np.asarray(total[b, d] - total[a, d] - total[b, c] + total[a, c])

    inner = block(first, here, first, here) / before**2 + block(here, last, here, last) / after**2
    return np.asarray(inner / 2 - block(first, here, here, last) / (before * after))


def _levels(sound: Sound, grid: _Numbers) -> _Numbers:
    """Steps of loudness, bass, mids and highs; silence before and after; place in the song."""
    spectrum = sound.spectrum
    loud = float(np.percentile(spectrum.weighted_power, _LOUD_PERCENTILE)) + 1e-12
    powers = (
        spectrum.weighted_power,
        spectrum.bass_power,
        spectrum.mids_power,
        spectrum.highs_power,
    )
    decibels = np.stack([10.0 * np.log10(power / loud + _FLOOR) for power in powers], axis=1)
    total = np.vstack((np.zeros((1, len(powers))), decibels.cumsum(axis=0, dtype=np.float64)))
    frames = len(decibels)
    reach = _STEP_BARS * float(np.median(np.diff(grid)))
    before, here, after = (
        np.clip(np.round((grid + shift) * FRAME_RATE_HZ).astype(np.int64), 0, frames)
        for shift in (-reach, 0.0, reach)
    )
    step = (total[after] - total[here]) / np.maximum(after - here, 1)[:, None]
    step -= (total[here] - total[before]) / np.maximum(here - before, 1)[:, None]
    quiet = np.append(0, np.cumsum(spectrum.power < _SILENT * loud))
    silent_before = quiet[here] / np.maximum(here, 1)
    silent_after = (quiet[-1] - quiet[here]) / np.maximum(frames - here, 1)
    return np.column_stack((step, silent_before, silent_after, np.linspace(0, 1, len(grid))))


def border_chances(clues: _Numbers, weights: _Numbers) -> _Numbers:
    """How likely a section begins at each bar border, about 0..1.

    Args:
        clues: From `describe_borders`.
        weights: One for each clue, and the offset.

    Returns:
        Shape (bars + 1,).
    """
    plain = clues[:, -3 * len(_SQUARES) :] / _PLAIN
    break_ = plain[:, _SQUARES.index(_LOOP_BARS) :: len(_SQUARES)].mean(axis=1)
    break_[:_LOOP_BARS] = break_[-_LOOP_BARS:] = 0.0  # half squares prove nothing
    loops = _LOOP_GAIN * np.maximum(break_ - _LOOP_BREAK, 0.0)
    return np.asarray(clues @ weights[:-1] + weights[-1] + loops)


def choose_borders(chances: _Numbers, allowed: npt.NDArray[np.bool_], lengths: _Numbers) -> Bars:
    """The likeliest set of borders.

    Args:
        chances: How likely each bar border begins a section, about 0..1.
        allowed: Where a section may begin.
        lengths: Log-odds of a section's length against any, by bars; index 0 is not read.

    Returns:
        Chosen bar borders, rising; at least one where any is allowed. What lies before the first
        and after the last may have any length.
    """
    gain = _ODDS_SCALE * (chances - _EVEN)
    longest = len(lengths) - 1
    best = np.full(len(gain), -np.inf)
    origin = np.full(len(gain), -1)
    for k in map(int, np.flatnonzero(allowed)):
        best[k] = gain[k]
        low = max(0, k - longest)
        if k > low:
            values = best[low:k] + lengths[k - low : 0 : -1]
            j = int(values.argmax())
            if values[j] > 0.0:
                best[k], origin[k] = gain[k] + values[j], low + j
    chosen: list[int] = []
    k = int(best.argmax()) if allowed.any() else -1
    while k >= 0:
        chosen.append(k)
        k = int(origin[k])
    return np.array(chosen[::-1], np.int64)
