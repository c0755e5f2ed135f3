"""The demo song plays its score to the sample, and sounds mastered."""

import itertools

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from tasks.media.audio import Audio
from tasks.media.demo import players, rhythm
from tasks.media.demo.score import HOOK, REFRAIN, chord_at, section_bars
from tasks.media.demo.stage import Stage
from tasks.media.demo_song import Score

# Loudness of every section as mixed, LUFS: a change of sound is meant to be noticed here.
SECTION_LUFS = {
    "intro": -17.5,
    "buildup": -12.3,
    "drop": -9.4,
    "break": -14.3,
    "chorus": -8.6,
    "outro": -11.2,
}
HUSH_BEAT = 31  # the silent one before the drop
BREAK_BEATS = range(64, 80)  # no drums


@pytest.fixture(scope="module")
def song(demo_song: tuple[Audio, Score]) -> tuple[Audio, Score]:
    return demo_song


@pytest.fixture(scope="module")
def loudness(song: tuple[Audio, Score]) -> dict[str, float]:
    audio, score = song
    meter = pyloudnorm.Meter(audio.sample_rate_hz)
    return {
        name: meter.integrated_loudness(_cut(audio, start, end).T)
        for name, start, end in score.sections
    }


def _cut(audio: Audio, start: float, end: float) -> np.ndarray:
    rate = audio.sample_rate_hz
    return audio.samples[:, round(start * rate) : round(end * rate)].astype(np.float64)


def _rise_db(audio: Audio, beat: float) -> float:
    """How much louder the 20 ms from a beat are than those before it."""
    before, after = _cut(audio, beat - 0.022, beat - 0.002), _cut(audio, beat, beat + 0.02)
    return float(10.0 * np.log10((np.mean(after**2) + 1e-9) / (np.mean(before**2) + 1e-9)))


def test_song_is_a_stereo_minute_that_its_sections_tile(song):
    audio, score = song
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape[0] == 2
    assert 40.0 < audio.duration < 60.0
    assert [name for name, _, _ in score.sections] == list(SECTION_LUFS)
    edges = [(start, end) for _, start, end in score.sections]
    assert edges[0][0] == 0.0
    assert edges[-1][1] == pytest.approx(audio.duration, abs=1e-9)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(edges))
    assert {start for start, _ in edges[1:]} <= set(score.downbeats)


def test_beats_are_even_and_every_fourth_is_a_downbeat(song):
    _, score = song
    assert np.allclose(np.diff(score.beats), 60.0 / score.bpm, atol=1e-9)
    assert score.downbeats == score.beats[::4]
    assert all((beat * 44100) == pytest.approx(round(beat * 44100)) for beat in score.beats)


def test_every_beat_with_drums_has_an_attack(song):
    audio, score = song
    weak = [
        k
        for k, beat in enumerate(score.beats[:-3])
        if k != HUSH_BEAT and k not in BREAK_BEATS and _rise_db(audio, beat) < 1.5
    ]
    assert weak == []


def test_break_keeps_a_soft_pulse_on_its_beats(song):
    audio, score = song
    beats = [score.beats[k] for k in BREAK_BEATS]
    rises = [_rise_db(audio, beat) for beat in beats]
    between = [_rise_db(audio, beat + 15.0 / score.bpm) for beat in beats]
    assert np.median(rises) > 2.0
    assert np.median(rises) > np.median(between) + 1.5


def test_kicks_start_within_a_millisecond_of_their_beats(song):
    audio, score = song
    sharp = signal.butter(2, 1500.0, "highpass", fs=audio.sample_rate_hz, output="sos")
    power = signal.sosfilt(sharp, audio.samples.mean(axis=0)) ** 2
    first = np.array([round(beat * audio.sample_rate_hz) for beat in score.beats[32:64]])
    bins = np.arange(-12, 12) * 44  # a millisecond each
    level = np.array([[power[f + b : f + b + 44].mean() for b in bins] for f in first]).mean(axis=0)
    steepest = bins[1:][np.argmax(level[1:] / level[:-1])]
    assert abs(steepest) <= 44


def test_the_beat_before_the_drop_is_silent(song):
    audio, score = song
    start, drop = score.beats[HUSH_BEAT], score.beats[HUSH_BEAT + 1]
    assert np.abs(_cut(audio, start + 0.02, drop - 0.001)).max() < 0.02
    assert np.abs(_cut(audio, drop, drop + 0.05)).max() > 0.8


def test_song_is_as_loud_as_a_master_and_never_clips(song, loudness):
    audio, _ = song
    wave = audio.samples.astype(np.float64)
    peak = np.abs(signal.resample_poly(wave, 4, 1, axis=1)).max()
    assert -1.3 < 20.0 * np.log10(peak) <= -1.0
    assert np.abs(wave.mean(axis=1)).max() < 1e-3
    whole = pyloudnorm.Meter(audio.sample_rate_hz).integrated_loudness(wave.T)
    assert -12.0 < whole < -10.0
    assert loudness == pytest.approx(SECTION_LUFS, abs=0.4)


def test_sections_contrast_in_loudness_and_bass(song, loudness):
    audio, score = song
    assert loudness["intro"] < loudness["break"] < loudness["buildup"] < loudness["drop"]
    assert loudness["drop"] - loudness["intro"] > 6.0
    assert loudness["chorus"] - loudness["break"] > 4.0
    deep = signal.butter(2, 120.0, fs=audio.sample_rate_hz, output="sos")
    bass = {
        name: np.std(signal.sosfilt(deep, _cut(audio, start, end)))
        for name, start, end in score.sections
    }
    assert bass["drop"] > 2.5 * bass["break"]
    assert bass["drop"] > 1.5 * bass["buildup"]


def test_song_is_wide_but_safe_in_mono(song):
    audio, score = song
    for name, start, end in score.sections:
        left, right = _cut(audio, start, end)
        assert 0.0 < np.corrcoef(left, right)[0, 1] < 0.97, name


def test_tunes_hold_no_note_a_semitone_above_a_chord_tone():
    for section, tune in (("chorus", HOOK), ("break", REFRAIN)):
        for note in tune:
            for step in range(note.step, note.step + note.length):
                chord = chord_at(section_bars(section)[0] + note.bar, step)
                tones = {pitch % 12 for pitch in (*chord.voices, chord.bass)}
                assert note.pitch % 12 in tones or (note.pitch - 1) % 12 not in tones, note


def test_a_part_played_again_is_the_same_to_the_byte():
    for play in (rhythm.play_claps, players.play_tease):
        once, again = Stage(seed=126), Stage(seed=126)
        play(once)
        play(again)
        assert once.tracks.keys() == again.tracks.keys()
        assert all(
            once.tracks[name].tobytes() == again.tracks[name].tobytes() for name in once.tracks
        )


def test_another_seed_plays_other_noise():
    first, second = Stage(seed=126), Stage(seed=127)
    rhythm.play_claps(first)
    rhythm.play_claps(second)
    assert not np.array_equal(first.track("clap"), second.track("clap"))
