"""Laws of hearing: what moves with the sound, and what its strength does not touch."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.songs import click_song
from support.sounds import silence, song_named

from tasks.analysis import analyze
from tasks.analysis.intake import take_in
from tasks.analysis.intake_kernels import remove_offset
from tasks.media.audio import Audio

WITHIN_S = 0.005
SONG_S, BPM = 14.0, 117.0
RATE_HZ = 22050


def hear(samples, rate_hz=RATE_HZ):
    return analyze(Audio(samples, rate_hz), song=song_named(sample_rate_hz=rate_hz, channels=2))


@pytest.fixture(scope="module")
def song():
    return click_song(SONG_S, bpm=BPM).samples


@pytest.fixture(scope="module")
def heard(song):
    return hear(song)


def delayed(samples, delay_s, rate_hz=RATE_HZ):
    """The same sound later; the part of a sample that is not whole is left off."""
    quiet = np.stack([silence(delay_s, rate=rate_hz)] * 2)
    return np.concatenate([quiet, samples], axis=1), quiet.shape[1] / rate_hz


def check_delay(before, after, delay_s):
    moved = np.array(before.beats) + delay_s
    late = np.array(after.beats)
    # A beat that would lie before the early song's start may be told of the late one.
    late = late[late > delay_s - WITHIN_S]
    assert np.allclose(late, moved, atol=WITHIN_S)
    assert after.tempo_bpm == pytest.approx(before.tempo_bpm, rel=1e-3)
    assert (after.meter, after.key) == (before.meter, before.key)


@pytest.mark.parametrize("delay_s", [0.1, 1.7363])
def test_a_delay_moves_the_beats_by_as_much(song, heard, delay_s):
    late, delay_s = delayed(song, delay_s)
    check_delay(heard, hear(late), delay_s)


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(delay_s=st.floats(0.1, 4.0), bpm=st.floats(70.0, 165.0))
def test_any_delay_moves_the_beats_of_any_tempo(delay_s, bpm):
    sound = click_song(SONG_S, bpm=bpm).samples
    late, delay_s = delayed(sound, delay_s)
    check_delay(hear(sound), hear(late), delay_s)


def test_a_softer_sound_changes_nothing(song, heard):
    gain = 0.125
    soft = hear(song * np.float32(gain))
    assert soft.beats == pytest.approx(heard.beats, abs=1e-6)
    assert soft.downbeats == pytest.approx(heard.downbeats, abs=1e-6)
    assert (soft.meter, soft.key) == (heard.meter, heard.key)
    assert soft.confidence.tempo == pytest.approx(heard.confidence.tempo, abs=1e-4)
    starts = [section.start for section in heard.sections]
    assert [section.start for section in soft.sections] == pytest.approx(starts, abs=1e-6)
    assert soft.loudness.integrated_lufs == pytest.approx(
        heard.loudness.integrated_lufs + 20 * np.log10(gain), abs=0.02
    )


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(gain_db=st.floats(-24.0, 3.0), bpm=st.floats(70.0, 165.0))
def test_no_gain_moves_a_beat(gain_db, bpm):
    sound = click_song(SONG_S, bpm=bpm).samples
    before = hear(sound)
    after = hear(sound * np.float32(10 ** (gain_db / 20)))
    assert len(after.beats) == len(before.beats)
    assert np.allclose(after.beats, before.beats, atol=1e-3)
    assert after.downbeats == pytest.approx(before.downbeats, abs=1e-3)
    assert (after.key, after.meter) == (before.key, before.meter)


def test_an_offset_is_no_sound(song, heard):
    lifted = hear(song * np.float32(0.5) + np.float32(-0.25))
    inner = np.array(lifted.beats)[1:-1]
    apart = np.abs(inner[:, None] - np.array(heard.beats)).min(axis=1)
    assert len(inner) >= len(heard.beats) - 3
    assert apart.max() <= 0.002
    assert lifted.key == heard.key


def test_the_offset_goes_and_the_bass_stays():
    times = np.arange(4 * RATE_HZ) / RATE_HZ
    bass = (0.5 * np.sin(2 * np.pi * 40.0 * times)).astype(np.float32)
    shifted = bass + np.float32(0.3)
    remove_offset(shifted, np.exp(-2 * np.pi * 5.0 / RATE_HZ), np.zeros(2))
    settled = shifted[RATE_HZ:]
    assert abs(settled.mean()) < 1e-3
    assert np.abs(settled).max() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("rate_hz", [22050, 44100])
def test_a_song_in_pieces_is_the_song_as_a_whole(rate_hz):
    rng = np.random.default_rng(1)
    samples = (0.3 * rng.standard_normal((2, 5 * rate_hz + 17))).astype(np.float32)

    class Pieces:
        sample_rate_hz, channels = rate_hz, 2

        def blocks(self):
            ends = np.sort(rng.integers(0, samples.shape[1], 40))
            yield from np.split(samples, [1, 4, 5, 30, *ends[ends > 30]], axis=1)

    whole, pieces = take_in(Audio(samples, rate_hz)), take_in(Pieces())
    assert np.array_equal(whole.samples, pieces.samples)
    assert whole.loudness == pieces.loudness
    assert (whole.duration, whole.clipped_share) == (pieces.duration, pieces.clipped_share)
    assert len(whole.samples) == pytest.approx(whole.duration * 22050, abs=1)
