"""Borders lie where parts of the song end, whatever its pitch, gain and place in time."""

from functools import cache

import numpy as np
import pytest

from tasks.analysis.borders import choose_borders, describe_borders
from tasks.analysis.letters import give_letters
from tasks.analysis.repetition import align_spans, compare_bars, trace_stripes
from tasks.analysis.sound import measure_sound
from tasks.analysis.spectrum import SAMPLE_RATE_HZ
from tasks.analysis.structure import doubt_structure, find_structure, lay_grid, whole_bars

BAR = 1.0
PART_BARS = 8
FORM = "AABA"
ANY_LENGTH = np.zeros(41)


def part(seed, *, up=0):
    """Eight bars of four chords and a melody that nobody has heard before."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(int(BAR * SAMPLE_RATE_HZ / 8)) / SAMPLE_RATE_HZ
    fading = np.exp(-6.0 * seconds)
    roots = np.repeat(rng.permutation([0, 5, 7, 9]), PART_BARS // 4)
    sound = []
    for root in roots:
        for _ in range(8):
            chord = [48 + root, 52 + root, 55 + root, 72 + int(rng.integers(0, 12))]
            hz = 440.0 * 2.0 ** ((np.array(chord) + up - 69) / 12)
            sound.append((np.sin(2 * np.pi * hz[:, None] * seconds).sum(axis=0)) * fading * 0.1)
    return np.concatenate(sound)


@cache
def hear(*, up=0, gain=1.0, delay_s=0.0):
    """Section starts (seconds, less the delay) and letters of a song in the form AABA."""
    parts = {name: part(ord(name), up=up) for name in set(FORM)}
    quiet = np.zeros(int(delay_s * SAMPLE_RATE_HZ))
    samples = np.concatenate((quiet, *(parts[name] for name in FORM))) * gain
    duration = len(samples) / SAMPLE_RATE_HZ
    downbeats = np.arange(delay_s, duration - 0.5 * BAR, BAR)
    found = find_structure(measure_sound(samples.astype(np.float32)), downbeats, duration=duration)
    starts = [float(found.borders[span.first]) - delay_s for span in found.spans]
    return [round(s, 3) for s in starts if s > -BAR / 2], [span.label for span in found.spans]


def test_a_song_in_song_form_is_cut_where_its_parts_begin():
    starts, letters = hear()
    assert starts == [0.0, 8.0, 16.0, 24.0]
    assert letters == ["A", "A", "B", "A"]


@pytest.mark.parametrize("change", [{"up": 3}, {"gain": 0.05}, {"delay_s": 2.3}])
def test_neither_pitch_nor_gain_nor_silence_before_moves_a_border(change):
    starts, _ = hear(**change)
    assert starts == pytest.approx([0.0, 8.0, 16.0, 24.0], abs=0.01)


def test_gain_changes_no_clue():
    samples = np.concatenate([part(ord(name)) for name in FORM]).astype(np.float32)
    grid = lay_grid(np.arange(0.0, 31.5, BAR), 32.0).borders
    clues = []
    for gain in (1.0, 0.03):
        sound = measure_sound(samples * np.float32(gain))
        clues.append(describe_borders(compare_bars(sound, grid), sound, grid))
    assert np.abs(clues[0] - clues[1]).max() < 0.05


def test_what_is_played_again_starts_a_stripe():
    alike = (np.arange(16)[:, None] % 8 == np.arange(16)[None, :] % 8).astype(np.float32)
    begins_with_past = trace_stripes(alike, np.array([4]))[:, 0]
    ends_with_future = trace_stripes(alike, np.array([4]))[:, 3]
    assert begins_with_past.argmax() == 8
    assert begins_with_past[8] == pytest.approx(1.0)
    assert ends_with_future.argmax() == 8


def test_borders_are_chosen_by_their_chance_and_the_lengths_they_leave():
    chances = np.zeros(33)
    chances[[4, 12, 15, 20]] = 0.9, 0.9, 0.7, 0.9
    allowed = np.ones(33, bool)
    assert list(choose_borders(chances, allowed, ANY_LENGTH)) == [4, 12, 15, 20]
    eights = np.full(41, -3.0)
    eights[8] = 2.0
    assert list(choose_borders(chances, allowed, eights)) == [4, 12, 20]
    allowed[12] = False
    assert 12 not in choose_borders(chances, allowed, eights)
    assert len(choose_borders(chances, np.zeros(33, bool), eights)) == 0


def test_spans_fit_where_they_share_most():
    alike = np.zeros((12, 12), np.float32)
    alike[np.arange(4), np.arange(4) + 7] = 1.0
    spans = np.array([[0, 4], [6, 12]])
    assert align_spans(alike.T.copy(), spans, 0.6)[0, 1] == pytest.approx(1.0)


def test_letters_follow_the_order_of_appearance():
    same = {(0, 2), (1, 3)}
    chances = [float((i, j) in same) for i in range(4) for j in range(i + 1, 4)]
    assert give_letters(np.array(chances), 4) == ["A", "B", "A", "B"]
    assert give_letters(np.zeros(0), 1) == ["A"]
    assert give_letters(np.zeros(28 * 27 // 2), 28)[-2:] == ["AA", "AB"]


def test_a_mix_of_any_length_is_compared_in_bounded_memory():
    mix = lay_grid(np.arange(0.4, 10800.0, 1.4), 10800.0)
    assert len(mix.borders) < 2500
    assert set(mix.borders[mix.heard]) <= set(np.arange(0.4, 10800.0, 1.4))
    assert "one of 4 bars" in doubt_structure(np.arange(0.4, 10800.0, 1.4), duration=10800.0)[0]
    assert doubt_structure(np.arange(0.4, 3600.0, 1.9), duration=3600.0) == ()


def test_without_downbeats_the_grid_is_two_seconds():
    assert list(lay_grid(np.zeros(0), 7.0).borders) == [0.0, 2.0, 4.0, 6.0]
    assert len(find_structure_of_silence().spans) == 1


def test_borders_where_there_is_no_beat_are_half_a_guess():
    low, high = (part(7, up=up)[: 12 * SAMPLE_RATE_HZ] for up in (-12, 12))
    samples = np.concatenate((low, low, high, high)).astype(np.float32)
    duration = len(samples) / SAMPLE_RATE_HZ
    found = find_structure(measure_sound(samples), np.zeros(0), duration=duration)
    assert len(found.spans) > 1
    assert 0.0 < max(span.confidence for span in found.spans) <= 0.5


def find_structure_of_silence():
    sound = measure_sound(np.zeros(40 * SAMPLE_RATE_HZ, np.float32))
    return find_structure(sound, np.zeros(0), duration=40.0)


def test_no_section_is_without_a_bar():
    spans = whole_bars(np.array([0, 1, 20]), 20)
    assert (spans[:, 1] > spans[:, 0]).all()
    assert spans.min() >= 0
    assert spans.max() <= 21
