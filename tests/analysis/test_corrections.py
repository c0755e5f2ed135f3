"""What a person sets right: laws of beats and bars, sections that follow, grids laid anew."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.analyses import make_analysis, make_section

from recipe_schema.analysis import Corrections, SongAnalysis
from recipe_schema.forms import EarsOptions
from recipe_schema.vocabulary import TempoChange
from tasks.analysis.corrections import correct
from tasks.analysis.doubts import FAINT_BEAT, NO_BEAT, UNSURE_BAR
from tasks.errors import BadInputError

HALF, DOUBLE = TempoChange.HALF, TempoChange.DOUBLE
QUIET = {name: np.zeros(100, np.float32) for name in ("onsets", "bass")}
METERS = st.sampled_from((2, 3, 4, 5, 7))
BARS = st.integers(2, 9)


def song(*, meter=4, bars=8, first_beat=0.4, bpm=120.0, drift=0.0, **rest):
    """A song of two sections whose beats may slow down."""
    kinds = (("verse", "A", bars, 0.5), ("chorus", "B", bars, 0.9))
    made = make_analysis(kinds, meter=meter, first_beat=first_beat, bpm=bpm, tail_s=0.2, **rest)
    stretched = np.array(made.beats) + drift * np.array(made.beats) ** 2 / made.duration
    inside = tuple(stretched[stretched < made.duration])
    downbeats = tuple(stretched[::meter][stretched[::meter] < made.duration])
    border = downbeats[bars]
    sections = tuple(
        section.model_copy(update=span)
        for section, span in zip(made.sections, ({"end": border}, {"start": border}), strict=True)
    )
    return made.model_copy(update={"beats": inside, "downbeats": downbeats, "sections": sections})


def corrected(analysis, curves=QUIET, **wish):
    """The corrected analysis, which keeps every rule of the schema."""
    made = correct(analysis, Corrections(**wish), curves)
    assert SongAnalysis.model_validate_json(made.model_dump_json()) == made
    assert set(made.downbeats) <= set(made.beats)
    return made


def sounds(beats, *, meter=4, duration, loud=1.0):
    """Curves of a song that starts a sound on each beat, and a bass note on each downbeat."""
    curves = {name: np.zeros(round(duration * 100), np.float32) for name in ("onsets", "bass")}
    fall = np.exp(-np.arange(30) / 7.0).astype(np.float32)
    for k, beat in enumerate(beats):
        for name in ("onsets",) if k % meter else ("onsets", "bass"):
            here = curves[name][round(beat * 100) :][:30]
            np.maximum(here, loud * fall[: len(here)], out=here)
    return curves


def test_nothing_set_changes_nothing():
    analysis = song()
    assert correct(analysis, EarsOptions(beats="librosa"), QUIET) is analysis


@settings(max_examples=12, deadline=None)
@given(meter=METERS, bars=BARS, drift=st.floats(0.0, 0.05))
def test_half_keeps_every_second_beat_and_every_second_bar(meter, bars, drift):
    analysis = song(meter=meter, bars=bars, drift=drift)
    half = corrected(analysis, tempo=HALF)
    first = analysis.downbeats.index(half.downbeats[0])
    assert half.downbeats == analysis.downbeats[first::2]
    start = analysis.beats.index(half.downbeats[0])
    assert half.beats == analysis.beats[start % 2 :: 2]
    assert half.meter == meter
    assert half.confidence.tempo == 1.0
    assert half.tempo_bpm == pytest.approx(analysis.tempo_bpm / 2, rel=0.1)


@settings(max_examples=12, deadline=None)
@given(meter=METERS, bars=BARS, drift=st.floats(0.0, 0.02))
def test_double_of_half_is_what_was_heard(meter, bars, drift):
    analysis = song(meter=meter, bars=bars, drift=drift)
    half = corrected(analysis, tempo=HALF)
    again = corrected(half, tempo=DOUBLE)
    first = analysis.beats.index(half.beats[0])
    heard = analysis.beats[first:][: len(again.beats)]
    assert len(again.beats) >= len(analysis.beats) - 2
    assert again.beats == pytest.approx(heard, abs=0.005)
    between = [time for time in analysis.downbeats if again.beats[0] <= time <= again.beats[-1]]
    assert again.downbeats == pytest.approx(between, abs=0.005)


@settings(max_examples=12, deadline=None)
@given(meter=METERS, bars=BARS)
def test_half_of_double_is_what_was_heard(meter, bars):
    analysis = song(meter=meter, bars=bars)
    again = corrected(corrected(analysis, tempo=DOUBLE), tempo=HALF)
    assert again.beats == pytest.approx(analysis.beats)
    assert again.downbeats == pytest.approx(analysis.downbeats)
    assert again.sections == analysis.sections


def test_half_begins_new_bars_where_sections_begin():
    analysis = song(bars=5)
    half = corrected(analysis, tempo=HALF)
    assert half.sections == analysis.sections
    assert analysis.sections[1].start in half.downbeats


def test_half_of_a_broken_bar_waits_for_the_next_one():
    analysis = song()
    gone = analysis.beats[6]
    short = analysis.model_copy(
        update={"beats": tuple(time for time in analysis.beats if time != gone)}
    )
    half = corrected(short, tempo=HALF)
    assert set(analysis.downbeats[::2]) == set(half.downbeats)
    gaps = np.diff(half.beats)
    assert gaps.min() > 0.9
    assert gaps.max() == pytest.approx(2.0)


@settings(max_examples=12, deadline=None)
@given(meter=METERS, bars=BARS, by=st.integers(-16, 16))
def test_shift_turns_the_bars_and_comes_back(meter, bars, by):
    analysis = song(meter=meter, bars=bars)
    turned = corrected(analysis, downbeat_shift=by)
    assert turned.beats == analysis.beats
    places = [analysis.beats.index(time) % meter for time in turned.downbeats]
    assert set(places) == {by % meter}
    assert len(turned.downbeats) >= len(analysis.downbeats) - 1
    assert turned.confidence.downbeat == (1.0 if by else analysis.confidence.downbeat)
    back = corrected(turned, downbeat_shift=-by)
    assert (back.downbeats, back.sections) == (analysis.downbeats, analysis.sections)
    if by % meter == 0:
        assert (turned.downbeats, turned.sections) == (analysis.downbeats, analysis.sections)


@settings(max_examples=12, deadline=None)
@given(ms=st.floats(-300.0, 300.0))
def test_offset_moves_beats_bars_and_borders_and_comes_back(ms):
    analysis = song()
    moved = corrected(analysis, beat_offset_ms=ms)
    assert moved.downbeats[1] == pytest.approx(analysis.downbeats[1] + ms / 1000)
    border = analysis.sections[1].start + ms / 1000
    assert moved.sections[1].start == pytest.approx(border)
    assert moved.sections[0].end == moved.sections[1].start
    back = corrected(moved, beat_offset_ms=-ms)
    whole = [time for time in analysis.beats if 0.31 < time < analysis.duration - 0.31]
    assert [time for time in back.beats if 0.31 < time < analysis.duration - 0.31] == (
        pytest.approx(whole)
    )
    assert back.sections[1].start == pytest.approx(analysis.sections[1].start)


def test_offset_drops_beats_that_leave_the_song():
    moved = corrected(song(first_beat=0.1), beat_offset_ms=-200)
    assert moved.beats[0] == pytest.approx(0.4)
    assert moved.downbeats[0] == pytest.approx(1.9)
    assert moved.sections[0].start == 0.0


def test_meter_groups_anew_where_most_begins():
    analysis = song(meter=4, bars=6)
    curves = sounds(analysis.beats[1:], meter=3, duration=analysis.duration)
    three = corrected(analysis, curves, meter=3)
    assert three.meter == 3
    assert three.downbeats == analysis.beats[1::3]
    assert three.sections[1].start in three.downbeats
    assert three.confidence.downbeat > 0.5
    assert three.warnings == ()
    assert corrected(analysis, QUIET, meter=4).downbeats == analysis.downbeats
    assert corrected(analysis, QUIET, meter=3).warnings == (UNSURE_BAR,)


@pytest.mark.parametrize(
    ("bpm", "beats"), [(241.0, 2), (61.0, 1 / 2), (355.0, 3), (40.5, 1 / 3), (181.0, 3 / 2)]
)
def test_tempo_near_a_level_of_what_was_heard_is_that_level(bpm, beats):
    analysis = song(bars=12)
    other = corrected(analysis, bpm=bpm)
    assert other.tempo_bpm == pytest.approx(120.0 * beats)
    assert analysis.sections == other.sections
    assert set(other.downbeats) & set(analysis.downbeats)
    assert len(other.downbeats) == pytest.approx(len(analysis.downbeats) * beats, abs=2)


def test_tempo_heard_as_typed_keeps_every_beat_and_tells_what_it_is():
    kept = corrected(song(), bpm=123.0)
    assert kept.beats == song().beats
    assert kept.warnings == ("the song's beats keep 120.0 BPM, near to the 123 asked for",)
    assert corrected(song(), bpm=120.4).warnings == ()


@pytest.mark.parametrize(("wrong", "drift"), [(1.0, 0.0), (1.003, 0.0), (0.995, 0.004)])
def test_laid_grid_follows_the_song_though_the_tempo_is_typed_a_little_wrong(wrong, drift):
    true = song(bars=30, bpm=97.0, drift=drift, first_beat=0.37)
    curves = sounds(true.beats, duration=true.duration)
    misheard = song(bars=30, bpm=120.0).model_copy(
        update={
            "duration": true.duration,
            "sections": true.sections,
            "beats": tuple(np.arange(1.0, true.duration, 60 / 133)),
            "downbeats": tuple(np.arange(1.0, true.duration, 60 / 133)[::4]),
            "warnings": (FAINT_BEAT, UNSURE_BAR, "the key is unsure"),
        }
    )
    laid = corrected(misheard, curves, bpm=97.0 * wrong)
    away = [min(abs(time - other) for other in laid.beats) for time in true.beats]
    assert max(away) < 0.02
    assert len(laid.beats) - len(true.beats) in (0, 1)
    assert min(abs(laid.downbeats[5] - time) for time in true.downbeats) < 0.02
    assert laid.confidence.tempo == 1.0
    assert laid.warnings == ("the key is unsure",)
    assert laid.tempo_curve[3].bpm == pytest.approx(97.0, rel=0.02)


def test_song_without_beats_gets_a_grid_and_borders_on_it():
    heard = song(bpm=100.0, bars=16).model_copy(
        update={"warnings": (NO_BEAT,), "beats": (), "downbeats": ()}
    )
    times = np.arange(0.25, heard.duration, 0.6)
    laid = corrected(heard, sounds(times, duration=heard.duration), bpm=100.0)
    assert laid.beats == pytest.approx(times, abs=0.015)
    assert laid.tempo_bpm == pytest.approx(100.0, rel=0.001)
    assert laid.sections[1].start in laid.downbeats
    assert laid.warnings == ()


def test_grid_that_few_sounds_start_on_is_told():
    heard = song(bars=16)
    said = corrected(heard, sounds(heard.beats, duration=heard.duration), bpm=97.0).warnings
    assert said[-1] == "few sounds start on the grid of 97 BPM; check the tempo"
    unsure, few = corrected(heard, QUIET, bpm=97.0).warnings
    assert unsure == UNSURE_BAR
    assert "few sounds" in few


def test_song_without_beats_tells_that_nothing_can_be_halved():
    heard = song().model_copy(update={"beats": (), "downbeats": (), "warnings": (NO_BEAT,)})
    same = corrected(heard, tempo=HALF)
    assert same.warnings[0] == NO_BEAT
    assert "say the tempo (bpm)" in same.warnings[1]
    assert same.beats == ()


def test_corrections_come_in_their_order():
    both = corrected(song(), tempo=DOUBLE, downbeat_shift=1, beat_offset_ms=10.0)
    step = corrected(corrected(song(), tempo=DOUBLE), downbeat_shift=1)
    assert both.beats == corrected(step, beat_offset_ms=10.0).beats
    assert both.downbeats[0] == pytest.approx(0.4 + 0.25 + 0.01)


def test_borders_set_by_hand_off_the_bars_stay():
    analysis = song()
    border = analysis.sections[1].start + 0.3
    by_hand = analysis.model_copy(
        update={
            "sections": (
                make_section("verse", 0.0, border),
                make_section("chorus", border, analysis.duration),
            )
        }
    )
    assert corrected(by_hand, downbeat_shift=2).sections == by_hand.sections


@settings(max_examples=20, deadline=None)
@given(
    cuts=st.sets(st.integers(1, 15), min_size=1),
    wish=st.sampled_from(
        [{"tempo": HALF}, {"tempo": DOUBLE}, {"bpm": 40.0}, {"downbeat_shift": 3}, {"meter": 16}]
    ),
    ms=st.floats(-1000.0, 1000.0),
)
def test_sections_tile_whatever_is_set(cuts, wish, ms):
    analysis = song()
    borders = [0.0, *(analysis.downbeats[k] for k in sorted(cuts)), analysis.duration]
    sections = tuple(make_section("verse", *span) for span in pairwise(borders))
    made = corrected(analysis.model_copy(update={"sections": sections}), **wish, beat_offset_ms=ms)
    assert len(made.sections) == len(sections)
    assert made.sections[0].start == 0.0
    assert made.sections[-1].end == analysis.duration


def test_what_was_set_before_is_remembered():
    once = corrected(song(), tempo=HALF, beat_offset_ms=5.0)
    assert once.corrections == Corrections(tempo=HALF, beat_offset_ms=5.0)
    twice = corrected(once, downbeat_shift=1, beat_offset_ms=5.0)
    assert twice.corrections == Corrections(tempo=HALF, downbeat_shift=1, beat_offset_ms=10.0)
    assert corrected(once, tempo=DOUBLE).corrections == Corrections(bpm=120.0, beat_offset_ms=5.0)


def test_mood_is_read_again_at_another_tempo_and_at_no_other_beats():
    heard = song(bpm=170.0)
    assert corrected(heard, tempo=HALF).mood.arousal < heard.mood.arousal
    assert corrected(heard, beat_offset_ms=20.0).mood == heard.mood


def test_halves_of_halves_end_where_beats_do():
    slow = corrected(corrected(song(bpm=120.0), tempo=HALF), tempo=HALF)
    assert slow.corrections == Corrections(bpm=30.0)
    with pytest.raises(BadInputError, match="half of the song's 30 BPM would be 15"):
        corrected(slow, tempo=HALF)


def test_song_without_beats_may_be_corrected_twice():
    none = song().model_copy(update={"beats": (), "downbeats": (), "tempo_bpm": 0.0})
    twice = corrected(corrected(none, tempo=HALF), tempo=DOUBLE)
    assert (twice.beats, twice.corrections) == ((), Corrections(tempo=DOUBLE))


def test_two_tempos_are_refused():
    with pytest.raises(ValueError, match="give one"):
        Corrections(bpm=90.0, tempo=HALF)
