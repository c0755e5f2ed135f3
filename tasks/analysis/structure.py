"""Structure: where sections begin and which of them sound alike.

Bars are compared by timbre, harmony and rhythm; borders.py chooses the downbeats at which sections
begin and letters.py says which sections are one played again. Their weights are learnt from songs
that people have cut by hand (infra/training/sections.py).
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.analysis.borders import border_chances, choose_borders, describe_borders
from tasks.analysis.letters import compare_spans, give_letters
from tasks.analysis.repetition import Bars, Likeness, compare_bars
from tasks.analysis.sound import Sound

_Numbers = npt.NDArray[np.float64]

_WEIGHTS = Path(__file__).parent / "weights" / "sections.json"
_FEWEST_BARS = 8  # fewer: one section
# Comparing every bar with every other takes memory by the square of their number; an hour of dance
# music has 1900 bars. Beyond, every second (third, …) downbeat counts.
_MOST_BARS = 2400
_LEAD_SHARE = 0.5  # of a bar: a shorter rest before the first section joins it
_TAIL_SHARE = 0.3
_EVEN = 0.05  # variety of a song that is one sound: see `Likeness`
_FREE_BAR_S = 2.0  # stands in for a bar where there is no beat
_NEAR_S = 0.5  # a border this near is right


@dataclass(frozen=True)
class Span:
    """A section by its bars: from `first` to before `last` of the bar borders."""

    first: int
    last: int
    label: str
    confidence: float


@dataclass(frozen=True)
class Structure:
    """Bar borders (seconds, from 0 to the song's end) and the sections over them."""

    borders: _Numbers
    spans: tuple[Span, ...]


@dataclass(frozen=True, eq=False)
class BarGrid:
    """The song cut into bars that all may be compared.

    Attributes:
        borders: Seconds; downbeats, counted on to the song's edges at their pace.
        heard: Which of them are downbeats: there a section may begin.
        bar_s: Usual length of a bar.
        duration: Seconds of the song.
    """

    borders: _Numbers
    heard: npt.NDArray[np.bool_]
    bar_s: float
    duration: float


@dataclass(frozen=True, eq=False)
class Learnt:
    """What hand-cut songs have taught; each row of weights ends with its offset.

    Attributes:
        borders: Weights of `describe_borders`, for the chance that a section begins.
        lengths: Log-odds of a section's length by bars.
        pairs: Weights of `compare_spans`, for the chance that two sections are one.
        confidence: Slope and offset from a border's chance to that of being right.
    """

    borders: _Numbers
    lengths: _Numbers
    pairs: _Numbers
    confidence: _Numbers


@cache
def load_learnt() -> Learnt:
    """The weights that this version ships."""
    kept = json.loads(_WEIGHTS.read_text())
    return Learnt(*(np.array(kept[name]) for name in ("borders", "lengths", "pairs", "confidence")))


def find_structure(sound: Sound, downbeats: _Numbers, *, duration: float) -> Structure:
    """Find sections and their repetition letters.

    Args:
        sound: The song.
        downbeats: Seconds, rising; empty for a song without beats.
        duration: Seconds of the song.

    Returns:
        Sections that tile the song. Inner borders are downbeats, or every two seconds when there
        are none. A section's confidence is the chance that it begins within half a second of
        where a person would let it begin, that of the first the chance of its end: it begins with
        the song anyway; 0 where nothing was found.
    """
    grid = lay_grid(downbeats, duration)
    silent = float(sound.onsets.log_levels.std()) < 1e-6
    if len(grid.borders) - 1 < _FEWEST_BARS or silent:
        return _undivided(duration)
    likeness = compare_bars(sound, grid.borders)
    if likeness.variety < _EVEN:
        return _undivided(duration)
    clues = describe_borders(likeness, sound, grid.borders)
    found = tell_structure(grid, likeness, clues, load_learnt())
    if len(downbeats) >= 2:
        return found
    # Even the clearest change lies near a free border only by chance.
    near = 2 * _NEAR_S / _FREE_BAR_S
    doubted = (replace(span, confidence=near * span.confidence) for span in found.spans)
    return replace(found, spans=tuple(doubted))


def _undivided(duration: float) -> Structure:
    return Structure(np.array([0.0, duration]), (Span(0, 1, "A", 0.0),))


def lay_grid(downbeats: _Numbers, duration: float) -> BarGrid:
    """Bars from one edge of the song to the other; every two seconds without downbeats."""
    heard = _starts(downbeats, duration)
    heard = heard[:: _bars_apart(len(heard))]
    if len(heard) < 2:
        return BarGrid(heard, np.ones(len(heard), bool), duration, duration)
    bar_s = float(np.median(np.diff(heard)))
    before = heard[0] - bar_s * np.arange(int(heard[0] / bar_s), 0, -1)
    after = heard[-1] + bar_s * np.arange(1, int((duration - heard[-1]) / bar_s) + 1)
    borders = np.concatenate((before, heard, after))
    is_heard = np.zeros(len(borders), bool)
    is_heard[len(before) : len(before) + len(heard)] = True
    return BarGrid(borders, is_heard, bar_s, duration)


def doubt_structure(downbeats: _Numbers, *, duration: float) -> tuple[str, ...]:
    """What a person should know of the sections of a very long song."""
    apart = _bars_apart(len(_starts(downbeats, duration)))
    said = f"the song is very long: a section begins on one of {apart} bars, never between"
    return (said,) if apart > 1 else ()


def _starts(downbeats: _Numbers, duration: float) -> _Numbers:
    if len(downbeats) < 2:
        return np.arange(0.0, duration, _FREE_BAR_S)
    return np.asarray(downbeats, np.float64)


def _bars_apart(bars: int) -> int:
    return 1 + bars // (_MOST_BARS + 1)


def tell_structure(grid: BarGrid, likeness: Likeness, clues: _Numbers, learnt: Learnt) -> Structure:
    """Choose the borders, then the letters.

    Args:
        grid: The song's bars.
        likeness: Bars against bars.
        clues: What `describe_borders` tells of them.
        learnt: Weights.

    Returns:
        Sections that tile the song.
    """
    chances = border_chances(clues, learnt.borders)
    cuts = inner_cuts(grid, choose_borders(chances, grid.heard, learnt.lengths))
    pairs = compare_spans(likeness, whole_bars(cuts, len(grid.borders) - 1))
    letters = give_letters(pairs @ learnt.pairs[:-1] + learnt.pairs[-1], len(cuts) + 1)
    slope, offset = learnt.confidence
    right = np.clip(slope * chances[cuts] + offset, 0.0, 1.0)
    sure = [*right[:1], *right] if len(cuts) else [0.0]
    borders, where = _bar_borders(grid)
    edges = [0, *where[cuts], len(borders) - 1]
    return Structure(
        borders,
        tuple(
            Span(int(a), int(b), letter, float(chance))
            for (a, b), letter, chance in zip(pairwise(edges), letters, sure, strict=True)
        ),
    )


def inner_cuts(grid: BarGrid, cuts: Bars) -> Bars:
    """The borders that leave more than a breath before the first and after the last."""
    times = grid.borders[cuts]
    return cuts[_is_inner(grid, times)]


def whole_bars(cuts: Bars, bars: int) -> Bars:
    """The bars of each section from edge to edge of the song, at least one: shape (spans, 2)."""
    first = np.minimum(np.concatenate(([0], cuts)), bars - 1)
    return np.stack((first, np.maximum(np.append(cuts, bars), first + 1)), axis=1)


def _is_inner(grid: BarGrid, times: _Numbers) -> npt.NDArray[np.bool_]:
    lead, tail = _LEAD_SHARE * grid.bar_s, _TAIL_SHARE * grid.bar_s
    return (times > lead) & (times < grid.duration - tail)


def _bar_borders(grid: BarGrid) -> tuple[_Numbers, Bars]:
    """Bar borders from 0 to the song's end, and where each border of the grid is among them."""
    inner = _is_inner(grid, grid.borders)
    borders = np.concatenate(([0.0], grid.borders[inner], [grid.duration]))
    return borders, np.cumsum(inner)
