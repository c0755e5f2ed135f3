"""Cuts the song into shots: a dynamic programme over the beats of each section.

Every section starts a shot. Inside it each possible shot costs what its length is away from the
length wanted there (about 3, 5 or 7 s by energy; build-ups quicken, outros slow down), and each
cut what its place in the bar and phrase is worth; the cheapest way through the section wins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recipe_schema.artifacts import RendererLimits
from recipe_schema.calm import CALM_SHOT_S
from recipe_schema.vocabulary import SectionType
from tasks.planning.bank import energy_band
from tasks.planning.grid import FloatArray, Grid, Piece
from tasks.planning.key_moments import moment_end
from tasks.planning.randomness import generator

# The user's densities: seconds a shot, by band of energy.
TARGETS_S = {"high": 3.0, "mid": 5.0, "low": 7.0}
# Factor on the target from the start to the end of a section.
SHAPES = {
    SectionType.INTRO: (1.15, 1.0),
    SectionType.BUILDUP: (0.85, 0.35),
    SectionType.OUTRO: (1.0, 1.35),
}
# Twenty to forty shots for three minutes, key moments included. Longer films have as many a
# minute; a short one may have more a minute, or nothing would happen in it.
FEWEST, MOST = 20, 40
REFERENCE_S = 180.0
SHORT_FILM_POWER = 0.75
ROUNDS = 6  # of tiling with longer or shorter targets until the number is within these bounds
ROOM = 1.03  # aim of a round, inside the bound that was missed
JITTER_OCTAVES = 0.35  # spread of the target from shot to shot: no metronome

LENGTH_WEIGHT = 3.0  # cost of a shot an octave longer or shorter than wanted
PHRASE_BARS = 4
# Cost of a cut by its place; a free cut has no place to be wrong about.
PHRASE_COST, DOWNBEAT_COST, HALF_BAR_COST, BEAT_COST, FREE_COST = 0.0, 0.12, 0.6, 1.0, 0.1
BUILDUP_HASTE = 0.8  # share of these costs that a build-up has lost at its end
SHORTEST_S = 1.0  # at pace 1; shorter shots are only made where there is no other way
SHORT_WEIGHT = 30.0
LONGEST_S = 10.0  # at pace 1; a longer shot tires the eye, whatever the song does
LONG_WEIGHT = 10.0
FORBIDDEN = 1e6  # cost of a shot that the renderer cannot make
REACH = 3.0  # targets: longer shots are not considered
# Seconds of transitions on both sides that a clip must cover beside its shot: a dissolve's half
# before and an explosion's after.
HANDLES_S = 1.1
LEAST_LIMIT_S = 1.0  # a renderer whose clips are shorter is given shots of this length anyway


@dataclass(frozen=True)
class Span:
    """The place of one shot in the film."""

    start: float
    end: float
    piece: Piece
    is_moment: bool = False

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


def place_shots(
    pieces: Sequence[Piece],
    grid: Grid,
    *,
    seed: int,
    pace: float = 1.0,
    limits: RendererLimits | None = None,
    calm: bool = False,
) -> tuple[Span, ...]:
    """Tile the sections with shots.

    Args:
        pieces: Sections, from grid time to grid time.
        grid: Times at which the film may be cut.
        seed: Varies the lengths a little.
        pace: 2 makes about twice as many shots, 0.5 half.
        limits: What the renderer can make; no shot is longer.
        calm: No more than about two cuts a second, whatever the pace.

    Returns:
        Spans in order; those of a section tile it exactly.
    """
    limit_s = longest_shot_s(limits)
    ends = [moment_end(piece, grid, limit_s=limit_s) for piece in pieces]
    share = sum(piece.length for piece in pieces) / REFERENCE_S
    fewest, most = FEWEST * share * pace, MOST * max(share, share**SHORT_FILM_POWER) * pace
    scale = 1.0 / pace
    shortest_s = max(SHORTEST_S / max(pace, 1.0), CALM_SHOT_S if calm else 0.0)
    for _ in range(ROUNDS):
        spans = _tile(
            pieces,
            ends,
            grid,
            seed=seed,
            scale=scale,
            pace=pace,
            limit_s=limit_s,
            shortest_s=shortest_s,
        )
        if fewest <= len(spans) <= most:
            break
        scale *= len(spans) / min(max(len(spans), fewest * ROOM), most / ROOM)
    return spans


def longest_shot_s(limits: RendererLimits | None) -> float:
    """Longest shot whose clip, transitions included, the renderer can make; seconds."""
    if limits is None or limits.max_frames is None:
        return math.inf
    rate = max(_rate(text) for text in limits.fps_choices[:1])
    return max(limits.max_frames / rate - HANDLES_S, LEAST_LIMIT_S)


def _rate(text: str) -> float:
    """Frames a second of a fraction such as 30/1."""
    over, _, under = text.partition("/")
    return float(over) / float(under or 1)


def _tile(
    pieces: Sequence[Piece],
    ends: Sequence[float | None],
    grid: Grid,
    *,
    seed: int,
    scale: float,
    pace: float,
    limit_s: float,
    shortest_s: float,
) -> tuple[Span, ...]:
    """The moment of each section, if it has one, and shots for the rest."""
    spans: list[Span] = []
    for piece, end in zip(pieces, ends, strict=True):
        start = piece.start
        if end is not None:
            spans.append(Span(piece.start, end, piece, is_moment=True))
            start = end
        cuts = _cut(
            piece,
            start,
            grid,
            seed=seed,
            scale=scale,
            limit_s=limit_s,
            pace=pace,
            shortest_s=shortest_s,
        )
        spans += [Span(a, b, piece) for a, b in pairwise(cuts)]
    return tuple(spans)


def _cut(
    piece: Piece,
    start: float,
    grid: Grid,
    *,
    seed: int,
    scale: float,
    limit_s: float,
    pace: float,
    shortest_s: float,
) -> list[float]:
    """The cheapest cuts from `start` to the section's end, both included."""
    first, last = grid.index(start), grid.index(piece.end)
    if first >= last:
        return [start]
    times = grid.times[first : last + 1]
    wanted = _wanted_lengths(piece, times, scale=scale)
    if piece.type is not SectionType.BUILDUP:  # whose quickening nothing should disturb
        rng = generator(seed, "pace", piece.index)
        sway = np.array([2.0 * rng.random() - 1.0 for _ in times])
        wanted *= 2.0 ** (JITTER_OCTAVES * sway)
    places = _place_costs(piece, times, grid, first)
    longest = LONGEST_S / min(pace, 1.0)
    wanted = np.minimum(wanted, min(limit_s, longest))
    return _cheapest(
        times, wanted, places, limit_s=limit_s, shortest_s=shortest_s, longest_s=longest
    )


def _cheapest(
    times: FloatArray,
    wanted: FloatArray,
    places: FloatArray,
    *,
    limit_s: float,
    shortest_s: float,
    longest_s: float,
) -> list[float]:
    """Dynamic programme: the way from the first to the last time that costs least."""
    last = times.size - 1
    cost = np.full(times.size, np.inf)
    cost[0] = 0.0
    came = np.zeros(times.size, np.int64)
    for k in range(last):
        reach = times[k] + max(REACH * wanted[k], shortest_s)
        stop = max(int(np.searchsorted(times, reach)) + 1, k + 2)
        lengths = times[k + 1 : stop] - times[k]
        shot = LENGTH_WEIGHT * np.log2(lengths / wanted[k]) ** 2
        shot += SHORT_WEIGHT * np.log2(np.maximum(shortest_s / lengths, 1.0))
        shot += LONG_WEIGHT * np.log2(np.maximum(lengths / longest_s, 1.0))
        shot += FORBIDDEN * np.maximum(lengths - limit_s, 0.0)
        total = cost[k] + shot + places[k + 1 : stop]
        better = total < cost[k + 1 : stop]
        cost[k + 1 : stop][better] = total[better]
        came[k + 1 : stop][better] = k
    way = [last]
    while way[-1] > 0:
        way.append(int(came[way[-1]]))
    return [float(times[k]) for k in reversed(way)]


def _wanted_lengths(piece: Piece, times: FloatArray, *, scale: float) -> FloatArray:
    """Length wanted for a shot that starts at each time, seconds."""
    begin, finish = SHAPES.get(piece.type, (1.0, 1.0))
    progress = (times - piece.start) / piece.length
    shape = begin + (finish - begin) * progress
    return np.asarray(TARGETS_S[energy_band(piece.energy)] * scale * shape)


def _place_costs(piece: Piece, times: FloatArray, grid: Grid, first: int) -> FloatArray:
    """Cost of a cut at each time, by its place in bar and phrase; the section's end is free."""
    window = slice(first, first + times.size)
    beat, down = grid.on_beat[window], grid.on_downbeat[window]
    costs = np.where(beat, BEAT_COST, FREE_COST)
    begin = grid.index(piece.start)
    bars = np.cumsum(grid.on_downbeat[begin : first + times.size])[first - begin :]
    bar_number = bars - (1 if grid.on_downbeat[begin] else 0)
    beats_in = np.arange(times.size) - np.maximum.accumulate(
        np.where(down, np.arange(times.size), -1)
    )
    half = beat & ~down & (beats_in == max(round(grid.bar_s / grid.beat_s / 2), 1))
    costs[half] = HALF_BAR_COST
    costs[down] = np.where(bar_number[down] % PHRASE_BARS == 0, PHRASE_COST, DOWNBEAT_COST)
    if piece.type is SectionType.BUILDUP:
        costs *= 1.0 - BUILDUP_HASTE * (times - piece.start) / piece.length
    costs[-1] = 0.0
    return costs
