"""Beats: found at any tempo, on the attack, moving with the sound."""

import mir_eval
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sounds import (
    RATE_HZ,
    as_audio,
    beat_times,
    chord,
    clicks,
    noise,
    silence,
    song_named,
)

from tasks.analysis import analyze
from tasks.analysis.attacks import place_on_attacks
from tasks.analysis.beats import track_beats
from tasks.analysis.spectrum import SAMPLE_RATE_HZ

DURATION = 16.0


def beats_of(samples, *, rate=44100):
    heard = analyze(as_audio(samples, sample_rate_hz=rate), song=song_named())
    return np.array(heard.beats), heard


@pytest.mark.parametrize(
    ("bpm", "offset", "hz", "noise_level"),
    [
        (72.0, 0.1, 1500.0, 0.0),
        (90.0, 0.4, 90.0, 0.0),
        (120.0, 0.25, 1500.0, 0.03),
        (128.0, 0.0, 60.0, 0.003),
        (140.0, 0.33, 4000.0, 0.0),
    ],
)
def test_clicks_are_tapped_within_three_milliseconds(bpm, offset, hz, noise_level):
    truth = beat_times(bpm, DURATION, offset=offset)
    samples = clicks(truth, DURATION, hz=hz) + noise(DURATION, level=noise_level)
    beats, heard = beats_of(samples)
    assert mir_eval.beat.f_measure(truth, beats) >= 0.95
    nearest = np.abs(beats[:, None] - truth).min(axis=1)
    assert np.median(nearest) <= 0.003
    assert heard.tempo_bpm == pytest.approx(bpm, rel=0.003)
    assert heard.confidence.tempo > 0.5


def test_beats_rise_and_stay_inside_the_song():
    beats, heard = beats_of(clicks(beat_times(100, 12.0), 12.0))
    assert np.all(np.diff(beats) > 0)
    assert beats[0] >= 0
    assert beats[-1] < heard.duration


def test_delaying_the_sound_delays_the_beats():
    sound = clicks(beat_times(112, 14.0), 14.0)
    delay = 0.137
    early, _ = beats_of(sound)
    late, _ = beats_of(np.concatenate((silence(delay), sound)))
    shared = late[np.abs(late[:, None] - (early + delay)).min(axis=1) < 0.05]
    assert len(shared) >= len(early) - 1
    gaps = np.abs(shared[:, None] - (early + delay)).min(axis=1)
    assert np.max(gaps) < 0.003


def test_a_steady_pulse_is_carried_through_a_gap():
    truth = beat_times(120, 20.0)
    kept = truth[(truth < 8.0) | (truth > 12.0)]
    beats, _ = beats_of(clicks(kept, 20.0) + noise(20.0, level=0.002))
    assert mir_eval.beat.f_measure(truth, beats, f_measure_threshold=0.02) >= 0.95


def test_nobody_taps_before_the_first_sound_or_after_the_last():
    sound = clicks(beat_times(120, 10.0, offset=0.0), 10.0)
    beats, _ = beats_of(np.concatenate((silence(3.0), sound, silence(4.0))))
    assert beats[0] == pytest.approx(3.0, abs=0.01)
    assert beats[-1] < 13.3


def test_nobody_taps_on_through_a_last_chord():
    beats = beat_times(120, 16.0)
    last = chord((48, 55, 64), 12.0) * np.exp(-np.arange(12 * RATE_HZ) / (3.0 * RATE_HZ))
    heard, analysis = beats_of(np.concatenate((clicks(beats, 16.0), 0.5 * last)))
    assert beats[-1] - 0.1 < heard[-1] < beats[-1] + 2.5
    assert analysis.tempo_curve[-1].bpm == pytest.approx(120.0, rel=0.02)


def test_a_slowing_pulse_is_followed():
    intervals = np.linspace(0.45, 0.6, 36)
    truth = 0.3 + np.cumsum(intervals)
    beats, heard = beats_of(clicks(truth, float(truth[-1]) + 0.6))
    assert mir_eval.beat.f_measure(truth, beats, f_measure_threshold=0.03) >= 0.95
    assert heard.tempo_curve[1].bpm > heard.tempo_curve[-2].bpm + 15


def test_tracker_finds_nothing_in_a_moment():
    assert len(track_beats(np.zeros(0, np.float32))) == 0
    assert len(track_beats(np.ones(10, np.float32))) == 0


@settings(max_examples=15, deadline=None)
@given(
    period=st.floats(0.3, 1.0),
    error=st.floats(-0.02, 0.02),
    seed=st.integers(0, 1000),
)
def test_coarse_beats_land_on_the_attack(period, error, seed):
    truth = np.arange(0.5, 9.0, period)
    sound = clicks(truth, 10.0, rate=SAMPLE_RATE_HZ)
    wobble = np.random.default_rng(seed).uniform(-0.005, 0.005, len(truth))
    placed = place_on_attacks(sound, truth + error + wobble)
    assert np.max(np.abs(placed - truth)) < 0.003
