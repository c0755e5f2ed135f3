"""Where a film of a song may be cut: its beats, and free times where the song has none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipe_schema.analysis import SongAnalysis
from recipe_schema.vocabulary import CutOn, SectionType

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

EDGE_S = 0.3  # a cut nearer to the film's start or end leaves a flicker
SAME_S = 0.001  # a beat and a downbeat this near are one
FREE_STEP_S = 0.5  # between the free times in stretches without beats
# A stretch between beats is without beats when it is longer than both of these.
HOLE_S = 2.0
HOLE_BEATS = 2.5
BAR_REACH = 0.6  # of a bar: how far a section's start moves to lie on a downbeat
MIN_PIECE_S = 1.0  # a shorter section is no room for a shot and joins its neighbour


@dataclass(frozen=True, eq=False)
class Grid:
    """All times at which the film may be cut, with its start and end.

    Attributes:
        times: Seconds, rising; first 0, last the film's length.
        on_beat: Whether each time is an analysed beat.
        on_downbeat: Whether it is a downbeat.
        beat_s: Seconds between beats as a rule; 0.5 without beats.
        bar_s: Seconds between downbeats as a rule.
    """

    times: FloatArray
    on_beat: BoolArray
    on_downbeat: BoolArray
    beat_s: float
    bar_s: float

    @property
    def end(self) -> float:
        """Length of the film, seconds."""
        return float(self.times[-1])

    def index(self, time: float) -> int:
        """Number of the grid time nearest to `time`."""
        return int(np.argmin(np.abs(self.times - time)))

    def nearest(self, time: float) -> float:
        """The grid time nearest to `time`."""
        return float(self.times[self.index(time)])

    def cut_on(self, time: float) -> CutOn:
        """What a cut at a grid time is tied to."""
        k = self.index(time)
        if abs(float(self.times[k]) - time) > SAME_S or not self.on_beat[k]:
            return CutOn.FREE
        return CutOn.DOWNBEAT if self.on_downbeat[k] else CutOn.BEAT


@dataclass(frozen=True)
class Piece:
    """A section of the song as the film sees it: from cut to cut.

    Attributes:
        index: Its number in the song.
        fresh: Whether it starts here, or is the rest of a section that began earlier.
    """

    type: SectionType
    label: str
    start: float
    end: float
    energy: float
    index: int
    fresh: bool = True

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


def build_grid(analysis: SongAnalysis) -> Grid:
    """Collect the times at which the song's film may be cut."""
    end = analysis.duration
    beats = np.union1d(analysis.beats, analysis.downbeats).astype(np.float64)
    beats = beats[np.diff(beats, prepend=-1.0) > SAME_S]
    beat_s = float(np.median(np.diff(beats))) if beats.size > 1 else 0.5
    downs = np.asarray(analysis.downbeats, np.float64)
    bar_s = float(np.median(np.diff(downs))) if downs.size > 1 else beat_s * analysis.meter
    anchors = [section.start for section in analysis.sections]
    edges = np.unique(np.concatenate([[0.0], beats, [end]]))
    free = _free_times(edges, anchors, hole_s=max(HOLE_S, HOLE_BEATS * beat_s))
    inner = np.unique(np.concatenate([beats, free]))
    inner = inner[(inner >= EDGE_S) & (inner <= end - EDGE_S)]
    times = np.concatenate([[0.0], inner, [end]])
    return Grid(
        times=times,
        on_beat=_among(times, beats),
        on_downbeat=_among(times, downs),
        beat_s=beat_s,
        bar_s=bar_s,
    )


def add_times(grid: Grid, times: Sequence[float]) -> Grid:
    """The grid with free times added where it has none yet: edges that a person drew."""
    new = [t for t in times if abs(grid.nearest(t) - t) > SAME_S and 0.0 < t < grid.end]
    order = np.argsort(np.concatenate([grid.times, new]), kind="stable")
    none = np.zeros(len(new), bool)
    return replace(
        grid,
        times=np.concatenate([grid.times, new])[order],
        on_beat=np.concatenate([grid.on_beat, none])[order],
        on_downbeat=np.concatenate([grid.on_downbeat, none])[order],
    )


def lay_pieces(analysis: SongAnalysis, grid: Grid) -> tuple[Piece, ...]:
    """Move the sections onto the grid so that they tile the film.

    A section starts on the nearest downbeat, if there is one within reach, else on the nearest
    grid time. One that is too short for a shot joins the section before it.
    """
    starts = [0.0, *(_snap(section.start, grid) for section in analysis.sections[1:])]
    ends = [*starts[1:], grid.end]
    pieces: list[Piece] = []
    for section, start, end in zip(analysis.sections, starts, ends, strict=True):
        start = pieces[-1].end if pieces else 0.0
        if end - start < MIN_PIECE_S or grid.end - end < MIN_PIECE_S:
            end = max(start, end if end < grid.end - MIN_PIECE_S else grid.end)
        if end - start < MIN_PIECE_S and pieces:
            pieces[-1] = replace(pieces[-1], end=max(end, pieces[-1].end))
        elif end > start:
            pieces.append(
                Piece(section.type, section.label, start, end, section.energy, len(pieces))
            )
    return tuple(pieces)


def _snap(time: float, grid: Grid) -> float:
    """The downbeat that a section starts on, or the nearest grid time."""
    downs = grid.times[grid.on_downbeat]
    if downs.size:
        down = float(downs[int(np.argmin(np.abs(downs - time)))])
        if abs(down - time) <= BAR_REACH * grid.bar_s:
            return down
    return grid.nearest(time)


def _free_times(edges: FloatArray, anchors: list[float], *, hole_s: float) -> FloatArray:
    """Times in the holes between beats: section starts, and even steps from there."""
    found: list[FloatArray] = []
    for k in np.flatnonzero(np.diff(edges) > hole_s):
        a, b = float(edges[k]), float(edges[k + 1])
        marks = [a, *(t for t in anchors if a + FREE_STEP_S <= t <= b - FREE_STEP_S), b]
        for left, right in pairwise(marks):
            steps = np.arange(0.0, right - left - FREE_STEP_S / 2, FREE_STEP_S)
            found.append(left + steps[0 if left > a else 1 :])
    return np.concatenate(found) if found else np.empty(0)


def _among(times: FloatArray, others: Any) -> BoolArray:
    """Whether each of `times` is one of rising `others`."""
    others = np.asarray(others, np.float64)
    if not others.size:
        return np.zeros(times.shape, bool)
    k = np.clip(np.searchsorted(others, times), 1, max(others.size - 1, 1))
    near = np.minimum(
        np.abs(others[np.minimum(k, others.size - 1)] - times), np.abs(others[k - 1] - times)
    )
    return np.asarray(near < SAME_S)
