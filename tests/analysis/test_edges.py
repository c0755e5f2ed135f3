"""Songs at the edge: every one gives an honest answer, and no numeric warning."""

import time

import mir_eval
import numpy as np
import pytest
from support.sounds import as_audio, beat_times, chord, clicks, noise, silence, sine, song_named

from recipe_schema.artifacts import ArtifactRef
from tasks.analysis import analyze
from tasks.media.audio import Audio
from tasks.media.probe import BadSongError

pytestmark = pytest.mark.filterwarnings("error")

REF = ArtifactRef(key="curves/x.npz", sha256="1" * 64, size=1)


def hear(samples, *, rate=44100):
    heard = analyze(as_audio(samples, sample_rate_hz=rate), song=song_named(sample_rate_hz=rate))
    return heard.to_analysis(REF)


def test_silence_is_one_section_without_beats():
    analysis = hear(silence(8.0))
    assert analysis.beats == ()
    assert analysis.tempo_bpm == 0.0
    assert len(analysis.sections) == 1
    assert analysis.sections[0].energy == 0.0
    assert analysis.loudness.integrated_lufs is None
    assert any("silent" in warning for warning in analysis.warnings)


@pytest.mark.parametrize("duration", [0.001, 0.02, 0.3, 1.0, 2.5])
def test_a_short_sound_is_one_section(duration):
    analysis = hear(noise(duration))
    assert analysis.duration == pytest.approx(duration, abs=1e-3)
    assert len(analysis.sections) == 1
    assert any("long" in warning for warning in analysis.warnings)


@pytest.mark.parametrize("rate", [8000, 22050, 96000])
def test_any_sample_rate_gives_the_same_beats(rate):
    truth = beat_times(125.0, 10.0)
    analysis = hear(clicks(truth, 10.0, rate=rate), rate=rate)
    assert len(analysis.beats) == pytest.approx(len(truth), abs=1)
    nearest = np.abs(np.array(analysis.beats)[:, None] - truth).min(axis=1)
    assert np.median(nearest) < 0.003


def test_stereo_is_heard_as_its_mean():
    tone = clicks(beat_times(110.0, 8.0), 8.0)
    stereo = analyze(Audio(np.stack((tone, tone)), 44100), song=song_named(channels=2))
    mono = analyze(as_audio(tone), song=song_named())
    assert stereo.beats == mono.beats


def test_a_drone_has_no_beats_and_says_so():
    swell = 1.0 + 0.3 * np.sin(2 * np.pi * 0.13 * np.arange(20 * 44100) / 44100)
    analysis = hear(chord((45, 52, 57), 20.0) * swell + noise(20.0, level=0.003))
    assert analysis.beats == ()
    assert analysis.tempo_bpm == 0.0
    assert analysis.sections[-1].end == analysis.duration
    assert any("beat" in warning for warning in analysis.warnings)


def test_stationary_noise_has_no_beats():
    assert hear(noise(20.0, seed=3)).beats == ()


@pytest.mark.parametrize(
    "sound",
    [
        noise(1.0, seed=5),
        noise(4.0, seed=3),
        sine(330.0, 1.0, level=0.3),
        silence(6.0) + np.float32(0.1),
        noise(12.0, level=1e-4, seed=5),
        np.concatenate((silence(4.0), noise(0.05), silence(5.0))),
        chord((48, 55, 60, 64), 24.0),
        noise(0.01),
    ],
    ids=[
        "a second of noise",
        "a moment of noise",
        "a second of tone",
        "an offset alone",
        "hiss",
        "one hit",
        "one chord",
        "a hundredth of noise",
    ],
)
def test_what_has_no_music_gets_no_certainty(sound):
    check_nothing_is_made_up(hear(sound))


def check_nothing_is_made_up(analysis):
    assert analysis.confidence.tempo < 0.3
    assert analysis.confidence.downbeat <= analysis.confidence.tempo
    assert all(section.confidence <= 0.3 for section in analysis.sections)
    assert len(analysis.sections) == 1
    assert analysis.duration > 4.0 or analysis.key_confidence < 0.2
    assert any("beat" in warning for warning in analysis.warnings)


def test_a_change_of_tempo_is_heard_on_both_sides():
    slow, fast = np.arange(0.3, 15.0, 60 / 100), np.arange(15.0, 29.5, 60 / 140)
    analysis = hear(clicks(np.concatenate((slow, fast)), 30.0, accent_every=4))
    beats = np.array(analysis.beats)
    for truth, found in ((slow[:19], beats[beats < 11.4]), (fast[7:], beats[beats > 17.8])):
        assert mir_eval.beat.f_measure(truth, found, f_measure_threshold=0.03) >= 0.9
    curve = {point.time: point.bpm for point in analysis.tempo_curve}
    assert min(curve.values()) == pytest.approx(100.0, rel=0.05)
    assert max(curve.values()) == pytest.approx(140.0, rel=0.05)


def test_a_player_s_drift_is_followed():
    rng = np.random.default_rng(6)
    drift = np.cumsum(rng.normal(0.0, 0.006, 44))
    truth = 0.4 + np.cumsum(0.52 + drift - drift.mean())
    analysis = hear(
        clicks(truth, float(truth[-1]) + 0.5) + noise(float(truth[-1]) + 0.5, level=3e-3)
    )
    beats = np.array(analysis.beats)
    assert mir_eval.beat.f_measure(truth, beats, f_measure_threshold=0.03) >= 0.95


def test_clipped_drums_keep_their_beats():
    truth = beat_times(104.0, 12.0)
    drums = np.clip(12.0 * (clicks(truth, 12.0, hz=90.0) + noise(12.0, level=2e-3)), -1.0, 1.0)
    analysis = hear(drums)
    beats = np.array(analysis.beats)
    assert mir_eval.beat.f_measure(truth, beats, f_measure_threshold=0.03) >= 0.95
    assert any("clips" in warning for warning in analysis.warnings)


def test_clipping_is_told():
    loud = np.clip(4.0 * sine(220.0, 6.0), -1.0, 1.0)
    assert any("clips" in warning for warning in hear(loud).warnings)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e37, 1e17])
def test_samples_that_are_no_numbers_are_refused(value):
    samples = noise(1.0)
    samples[100], samples[200] = value, -value
    with pytest.raises(BadSongError, match="not numbers"):
        hear(samples)


def test_a_song_of_whole_numbers_for_samples_is_heard():
    truth = beat_times(125.0, 6.0)
    loud = clicks(truth, 6.0)
    huge = hear(np.float32(2**31) * loud)
    assert huge.beats == pytest.approx(hear(loud).beats, abs=1e-3)
    assert any("clips" in warning for warning in huge.warnings)


def test_an_empty_song_is_refused():
    with pytest.raises(BadSongError, match="no samples"):
        hear(silence(0.0))


def test_the_same_song_gives_the_same_analysis():
    sound = clicks(beat_times(118.0, 9.0), 9.0, accent_every=4) + noise(9.0, level=0.01)
    assert hear(sound) == hear(sound)


def test_cost_grows_with_the_song_and_no_faster():
    def cost(duration):
        sound = clicks(beat_times(120.0, duration), duration) + noise(duration, level=0.01)
        start = time.process_time()
        hear(sound)
        return time.process_time() - start

    cost(10.0)
    assert cost(60.0) < 12 * cost(15.0)
