"""Genre is guessed where a song's texture is plain; mood makes no rave of a slow loud band."""

from dataclasses import replace

import numpy as np
import pytest
from support.sounds import beat_times, chord, noise, silence, sine

from tasks.analysis.genre import Texture, guess_genre, measure_texture
from tasks.analysis.mood import MoodClues, follow_tempo, read_mood
from tasks.analysis.onsets import measure_onsets
from tasks.analysis.spectrum import SAMPLE_RATE_HZ as RATE
from tasks.analysis.spectrum import measure_spectrum

BAND = MoodClues(72.0, "C major", 0.8, 0.75, 0.45, 0.3, treble=0.36, genre=None, dynamics_db=5.0)


def texture_of(samples, beats):
    spectrum = measure_spectrum(samples.astype(np.float32))
    return measure_texture(spectrum, measure_onsets(spectrum), beats)


def drummed(times, *, seconds=8.0):
    """A pad under hats everywhere, with a bass drum at some times."""
    t = np.arange(RATE // 5) / RATE
    kick = 0.8 * np.exp(-t * 25) * np.sin(2 * np.pi * 60 * t)
    song = 0.02 * chord((60, 64, 67), seconds, rate=RATE) + noise(seconds, level=0.02, rate=RATE)
    for start in np.round(times * RATE).astype(int):
        song[start : start + len(kick)] += kick[: len(song) - start]
    return song


def test_a_kick_on_every_beat_is_electronic_and_on_half_beats_too_is_not():
    beats = beat_times(124.0, 8.0)
    between = 0.5 * (beats[1:] + beats[:-1])
    four = texture_of(drummed(beats), beats)
    assert four.kick_on > 0.9
    assert four.kick_between < 0.1
    assert guess_genre(four, tempo_bpm=124.0, key_confidence=0.0) == ("electronic", 0.8)
    every = texture_of(drummed(np.concatenate((beats, between))), beats)
    assert guess_genre(every, tempo_bpm=124.0, key_confidence=0.0)[0] is None


def test_a_texture_is_the_same_at_any_gain_and_nothing_in_silence():
    beats = beat_times(124.0, 8.0)
    loud, soft = (texture_of(drummed(beats) * g, beats) for g in (1.0, 0.1))
    assert soft.treble == pytest.approx(loud.treble, abs=0.01)
    assert soft.kick_on == pytest.approx(loud.kick_on)
    nothing = texture_of(silence(2.0, rate=RATE), np.zeros(0))
    assert nothing == Texture(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert guess_genre(nothing, tempo_bpm=0.0, key_confidence=0.0) == (None, 0.0)


@pytest.mark.parametrize(
    ("texture", "bpm", "genre"),
    [
        (Texture(0.21, 0.32, 0.88, 0.57, 1.08, 0.2), 75.0, "acoustic"),
        (Texture(0.21, 0.32, 0.88, 0.57, 1.5, 0.4), 120.0, None),  # dull, not played
        (Texture(0.44, 0.6, 0.89, 0.26, 1.17, 0.5), 122.0, "electronic"),
        (Texture(0.24, 0.55, 0.79, 0.63, 1.2, 0.5), 74.0, None),
        (Texture(0.30, 0.5, 0.0, 0.0, 1.0, 0.1), 0.0, "ambient"),
    ],
)
def test_genres_are_few(texture, bpm, genre):
    name, confidence = guess_genre(texture, tempo_bpm=bpm, key_confidence=0.7)
    assert name == genre
    assert (confidence >= 0.5) == (genre is not None)
    assert confidence <= 0.8


def test_noise_without_a_beat_is_not_called_ambient():
    noisy = texture_of(noise(4.0, rate=RATE), np.zeros(0))
    assert guess_genre(noisy, tempo_bpm=0.0, key_confidence=0.0) == (None, 0.0)


def test_a_slow_loud_band_is_no_machine():
    mood = read_mood(BAND)
    assert "cyberpunk" not in mood.style
    assert "neon" not in mood.style
    assert mood.arousal < 0.15


def test_mood_grows_with_what_a_listener_feels():
    def felt(**changed):
        return read_mood(MoodClues(**{**vars(BAND), **changed}))

    assert felt(tempo_bpm=150.0).arousal > felt().arousal
    assert felt(treble=0.2).arousal < felt().arousal
    assert felt(energy=0.3).arousal < felt().arousal
    assert felt(key="C minor").valence < felt().valence
    dance = {"tempo_bpm": 128.0, "treble": 0.45, "genre": "electronic"}
    assert felt(**dance, key="C minor").style == "energetic-cyberpunk"
    assert felt(**dance).style == "euphoric-neon"
    piano = {"energy": 0.4, "treble": 0.2, "genre": "acoustic"}
    assert felt(**piano).style == "dreamy-ambient"
    assert felt(**piano, key="C minor").style == "melancholic-ambient"


def test_a_word_of_happiness_needs_a_major_key():
    fast = {**vars(BAND), "tempo_bpm": 160.0, "treble": 0.55, "brightness": 0.7}
    styles = [
        read_mood(MoodClues(**{**fast, "key": key, "key_confidence": sure})).style
        for key, sure in (("C major", 0.8), ("C major", 0.0), ("C minor", 0.8))
    ]
    assert styles == ["uplifting-bright", "driving-intense", "driving-dark"]


def test_tags_say_what_stands_out():
    assert set(read_mood(BAND).tags) == {"slow", "major"}
    deep = read_mood(MoodClues(**{**vars(BAND), "bass": 0.6, "brightness": 0.2, "energy": 0.85}))
    assert {"bass-heavy", "dark", "loud"} <= set(deep.tags)


def test_a_song_between_all_words_is_called_neutral():
    middling = read_mood(MoodClues(**{**vars(BAND), "key_confidence": 0.0}))
    assert middling.style == "steady-neutral"


def test_the_share_of_bass_is_that_of_the_power():
    low, high = (sine(hz, 2.0, level=0.3, rate=RATE) for hz in (60, 1000))
    assert texture_of(low + high, np.zeros(0)).bass_share == pytest.approx(0.5, abs=0.02)
    assert texture_of(low + 2 * high, np.zeros(0)).bass_share == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("genre", [None, "electronic"])
@pytest.mark.parametrize(("before", "after"), [(174.0, 87.0), (72.0, 144.0), (0.0, 128.0)])
def test_mood_at_a_tempo_set_right_is_that_of_the_tempo_heard_right(before, after, genre):
    wrong, right = (read_mood(replace(BAND, tempo_bpm=bpm, genre=genre)) for bpm in (before, after))
    mended = follow_tempo(wrong, genre=genre, before_bpm=before, after_bpm=after)
    assert wrong != right
    assert (mended.style, mended.tags) == (right.style, right.tags)
    assert mended.arousal == pytest.approx(right.arousal, abs=0.0015)
    assert mended.valence == pytest.approx(right.valence, abs=0.0015)


def test_style_written_by_hand_stays_at_any_tempo():
    mine = read_mood(BAND).model_copy(update={"style": "euphoric-neon", "tags": ("mine",)})
    mended = follow_tempo(mine, genre=None, before_bpm=72.0, after_bpm=144.0)
    assert (mended.style, mended.tags) == ("euphoric-neon", ("fast", "mine"))
    silent = read_mood(replace(BAND, energy=0.0))
    assert follow_tempo(silent, genre=None, before_bpm=0.0, after_bpm=144.0) == silent
