"""Beats and bars that were heard, at another metrical level, in other bars, or moved."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from recipe_schema.analysis import Section
from tasks.analysis.attacks import Times

SAME_S = 0.002  # times that a person edited by hand may be rounded by so much
# Of a new beat: what is left of a bar without another beat, when its beats do not divide.
_LAST_GAP = 0.75


@dataclass(frozen=True, eq=False)
class Grid:
    """Beats and bars; every downbeat is one of the beats, and the meter is beats a bar."""

    beats: Times
    downbeats: Times
    meter: int


def change_level(grid: Grid, factor: Fraction, borders: Times) -> Grid:
    """The beats at another metrical level; a bar keeps its number of beats.

    At half the tempo two bars become one, at double the tempo one becomes two, at three halves
    each two become three. Beats between those heard lie evenly between them.

    Args:
        grid: As heard.
        factor: New tempo over the heard one.
        borders: Where sections of the song begin: new bars begin at as many of them as they can.
    """
    if len(grid.beats) < 2:
        return grid
    bars, into = factor.denominator, factor.numerator
    firsts = [np.flatnonzero(_among(grid.beats, grid.downbeats[k::bars])) for k in range(bars)]
    groups = max(firsts, key=lambda found: int(_among(grid.beats[found], borders).sum()))
    step = bars / into
    last = len(grid.beats) - 1
    start = int(groups[0]) if len(groups) else 0
    places = [start - step * np.arange(int(start / step + 1e-9), 0, -1)]
    begins = [len(places[0]) - k for k in range(grid.meter, len(places[0]) + 1, grid.meter)]
    begun = len(places[0])
    for here, after in pairwise(groups):
        count = max(1, int((after - here) / step - _LAST_GAP + 1e-9) + 1)
        places.append(here + step * np.arange(count))
        begins += [begun + round(k * count / into) for k in range(into)]
        begun += count
    tail = int(groups[-1]) if len(groups) else start
    places.append(tail + step * np.arange(int((last - tail) / step + 1e-9) + 1))
    begins += range(begun, begun + len(places[-1]), grid.meter)
    beats = np.interp(np.concatenate(places), np.arange(last + 1), grid.beats)
    downbeats = beats[np.unique(begins)] if len(grid.downbeats) else np.zeros(0)
    return Grid(beats, downbeats, grid.meter)


def group_evenly(beats: Times, meter: int, weights: Times) -> tuple[Grid, float]:
    """Bars of one length from the song's start to its end.

    Args:
        beats: Seconds, rising, not empty.
        meter: Beats a bar.
        weights: How much speaks for a bar beginning at each beat, shape (beats,).

    Returns:
        The bars whose beginnings weigh most, and how clearly they do, 0..1.
    """
    if len(beats) <= meter:
        return Grid(beats, beats[:1], meter), 0.0
    means = [float(weights[phase::meter].mean()) for phase in range(meter)]
    best = int(np.argmax(means))
    rest = max((mean for phase, mean in enumerate(means) if phase != best), default=means[best])
    deviation = float(weights.std())
    lead = (means[best] - rest) / deviation if deviation > 0.0 else 0.0
    return Grid(beats, beats[best::meter], meter), min(1.0, lead)


def rotate(grid: Grid, by: int) -> Grid:
    """Begin every bar some beats later (`by` above 0) or earlier; whole bars change nothing."""
    by = int(math.fmod(by, grid.meter))
    if by == 0 or len(grid.downbeats) == 0:
        return grid
    places = np.flatnonzero(_among(grid.beats, grid.downbeats)) + by
    kept = places[(places >= 0) & (places < len(grid.beats))]
    # The song's edges keep their bars: what left at one end comes in at the other.
    head = np.arange(places[0] - grid.meter, -1, -grid.meter)[::-1]
    tail = np.arange(places[-1] + grid.meter, len(grid.beats), grid.meter)
    downbeats = grid.beats[np.concatenate((head, kept, tail))]
    return Grid(grid.beats, downbeats, grid.meter)


def move(grid: Grid, seconds: float, *, duration: float) -> Grid:
    """Move all beats; those that leave the song are gone."""
    beats, downbeats = (
        moved[(moved >= 0.0) & (moved <= duration)]
        for moved in (grid.beats + seconds, grid.downbeats + seconds)
    )
    return Grid(beats, downbeats, grid.meter)


def follow_downbeats(
    sections: Sequence[Section], before: Grid, after: Grid, *, later: bool
) -> tuple[Section, ...]:
    """Sections whose borders lay on downbeats begin on the nearest new ones; they still tile.

    Args:
        sections: Of the song.
        before: Bars that the sections were heard over. Borders off them were set by hand, and
            stay; where there were no bars, all borders follow.
        after: The new bars.
        later: Of two new downbeats equally near, the later one is taken.

    Returns:
        As many sections, none of them empty; a border for which no downbeat is left stays.
    """
    borders = [sections[0].start, *(section.end for section in sections)]
    on_bar = _among(np.array(borders), before.downbeats)
    free = len(before.downbeats) > 0
    new = list(borders)
    for k in range(1, len(sections)):
        if len(after.downbeats) and (on_bar[k] or not free):
            new[k] = _nearest(after.downbeats, borders[k], new[k - 1], borders[-1], later=later)
        if not new[k - 1] < new[k] < borders[-1]:
            new[k] = (new[k - 1] + borders[-1]) / 2.0
    return tuple(
        section.model_copy(update={"start": start, "end": end})
        for section, start, end in zip(sections, new[:-1], new[1:], strict=True)
    )


def _nearest(times: Times, wanted: float, after: float, before: float, *, later: bool) -> float:
    """The time nearest to the wanted one of those between two; the wanted one if there is none."""
    inside = times[(times > after + SAME_S) & (times < before - SAME_S)]
    if len(inside) == 0:
        return wanted
    away = np.abs(inside - wanted) - (SAME_S if later else -SAME_S) * (inside > wanted)
    return float(inside[int(np.argmin(away))])


def _among(times: Times, some: Times) -> np.ndarray:
    """Which of the rising times are those of others, which rise too."""
    if len(some) == 0 or len(times) == 0:
        return np.zeros(len(times), bool)
    right = np.clip(np.searchsorted(some, times), 1, max(1, len(some) - 1))
    near = np.minimum(
        np.abs(times - some[np.minimum(right, len(some) - 1)]), np.abs(times - some[right - 1])
    )
    return np.asarray(near <= SAME_S)
