"""The pace follows energy and section, and cuts prefer strong places of the bar."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.vocabulary import CutOn, SectionType
from tasks.planning.grid import build_grid, lay_pieces
from tasks.planning.shots import Span, place_shots


def spans_of(
    sections: Sequence[tuple[str, str, int, float]], *, bpm: float, seed: int
) -> list[Span]:
    analysis = make_analysis(sections, bpm=bpm)
    grid = build_grid(analysis)
    return list(place_shots(lay_pieces(analysis, grid), grid, seed=seed))


def mean_length(energy: float, *, bpm: float) -> float:
    """Mean seconds a shot of a long verse of this energy, in a song that is quiet elsewhere."""
    bars = round(60 * bpm / 240)
    sections = (("verse", "A", bars, energy), ("verse", "B", 3 * bars, 0.2))
    found = [s for k in range(4) for s in spans_of(sections, bpm=bpm, seed=k)]
    return float(np.mean([span.length for span in found if span.piece.index == 0]))


@pytest.mark.parametrize("bpm", [70, 100, 128, 174])
def test_shots_last_about_three_five_or_seven_seconds_by_energy(bpm: float) -> None:
    assert mean_length(0.9, bpm=bpm) == pytest.approx(3.0, abs=0.6)
    assert mean_length(0.55, bpm=bpm) == pytest.approx(5.0, abs=0.8)
    assert mean_length(0.3, bpm=bpm) == pytest.approx(7.0, abs=0.9)


def test_the_users_thresholds_divide_the_energies() -> None:
    assert mean_length(0.71, bpm=120) < 4 < mean_length(0.69, bpm=120)
    assert mean_length(0.41, bpm=120) < 6 < mean_length(0.39, bpm=120)


def test_build_ups_quicken() -> None:
    sections = (("verse", "A", 16, 0.4), ("buildup", "B", 16, 0.6), ("drop", "C", 16, 0.9))
    lengths = [
        s.length
        for s in spans_of(sections, bpm=128, seed=0)
        if s.piece.type is SectionType.BUILDUP and not s.is_moment
    ]
    assert len(lengths) >= 6
    assert all(b <= a + 1e-9 for a, b in pairwise(lengths))
    assert lengths[-1] < 0.6 * lengths[0]


def test_outros_lengthen() -> None:
    sections = (("chorus", "A", 16, 0.8), ("outro", "B", 48, 0.5))
    early, late = [], []
    for seed in range(8):
        outro = [s for s in spans_of(sections, bpm=120, seed=seed) if s.piece.index == 1]
        middle = outro[0].start + 48.0
        early += [s.length for s in outro if s.end <= middle]
        late += [s.length for s in outro if s.start >= middle]
    assert np.mean(late) > 1.1 * np.mean(early)


@pytest.mark.parametrize("bpm", [80, 120, 128, 150])
def test_most_cuts_lie_on_downbeats(bpm: float) -> None:
    analysis = make_analysis(SONG_SECTIONS, bpm=bpm)
    grid = build_grid(analysis)
    spans = place_shots(lay_pieces(analysis, grid), grid, seed=1)
    on = [grid.cut_on(span.start) for span in spans]
    assert on.count(CutOn.DOWNBEAT) >= 0.75 * len(on)
    assert CutOn.FREE not in on


def test_cuts_on_beats_where_the_song_has_no_downbeats() -> None:
    analysis = make_analysis(SONG_SECTIONS).model_copy(update={"downbeats": ()})
    grid = build_grid(analysis)
    spans = place_shots(lay_pieces(analysis, grid), grid, seed=1)
    assert {grid.cut_on(span.start) for span in spans} == {CutOn.BEAT}


def test_a_silent_start_is_cut_freely_and_the_rest_on_beats() -> None:
    analysis = make_analysis((("intro", "A", 8, 0.3), ("verse", "B", 8, 0.5)), first_beat=25.0)
    grid = build_grid(analysis)
    spans = place_shots(lay_pieces(analysis, grid), grid, seed=1)
    for span in spans[1:]:
        free = grid.cut_on(span.start) is CutOn.FREE
        assert free == (span.start < 25.0)
    assert sum(span.start < 25.0 for span in spans) >= 3


def test_sections_too_short_for_a_shot_join_their_neighbour() -> None:
    sections = (("verse", "A", 8, 0.5), ("break", "B", 1, 0.5), ("chorus", "C", 8, 0.9))
    analysis = make_analysis(sections, bpm=200, meter=3)
    pieces = lay_pieces(analysis, build_grid(analysis))
    assert [piece.type for piece in pieces] == ["verse", "chorus"]
    assert pieces[0].end == pieces[1].start
