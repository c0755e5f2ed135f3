"""Every beat tracker keeps the same laws; one whose package is missing is skipped, and says so."""

from functools import cache

import numpy as np
import pytest
from support.beat_weights import tiny_checkpoint
from support.sounds import as_audio, beat_times, clicks, noise, silence, song_named

from tasks.analysis import analyze
from tasks.analysis.intake import take_in
from tasks.analysis.pulse import keep_rules
from tasks.analysis.sound import Pulse, measure_sound
from tasks.analysis.tracker import TRACKERS, load_tracker
from tasks.errors import MissingDependencyError
from tasks.settings import Settings

# Ours alone is fast: librosa compiles for seconds, essentia starts a process, torch is large.
NAMES = [
    name if name == "songfilm" else pytest.param(name, marks=pytest.mark.slow)
    for name in sorted(TRACKERS)
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Those of the settings; else tiny ones by the roll of dice, which know nothing of beats."""
    own = Settings().tracker_weights

    @cache
    def find(name):
        if name != "beat_this" or name in own:
            return own
        pytest.importorskip("beat_this", reason="needs pip install 'songfilm[beat_this]'")
        return {name: tiny_checkpoint(tmp_path_factory.mktemp("weights"))}

    return find


@pytest.fixture(params=NAMES)
def tracker(request, weights):
    try:
        return load_tracker(request.param, weights=weights(request.param))
    except MissingDependencyError as error:
        pytest.skip(str(error))


def knows_beats(tracker):
    """Whether a tracker is no network by the roll of dice: that one taps twelve times a second."""
    return tracker.name != "beat_this" or "beat_this" in Settings().tracker_weights


@pytest.fixture
def learnt(tracker):
    """A tracker that knows what a beat is."""
    if not knows_beats(tracker):
        pytest.skip("needs real weights: set SONGFILM_BEAT_THIS_WEIGHTS")
    return tracker


def sound_of(samples):
    return measure_sound(take_in(as_audio(samples)).samples)


def assert_valid(tracker, sound, duration):
    pulse = tracker.track(sound)
    kept, warnings = keep_rules(pulse, tracker="it", duration=duration)
    assert warnings == () or not knows_beats(tracker)
    assert np.all(np.diff(kept.beats) > 0)
    assert set(kept.downbeats) <= set(kept.beats)


def test_clicks_are_found(learnt):
    truth = beat_times(120.0, 12.0)
    sound = sound_of(clicks(truth, 12.0))
    assert_valid(learnt, sound, 12.0)
    pulse = learnt.track(sound)
    # Trackers may begin late; whoever taps twice as often, or beside the clicks, fails.
    found = np.abs(truth[:, None] - pulse.beats).min(axis=1) <= 0.035
    assert found.mean() >= 0.85
    assert len(pulse.beats) == pytest.approx(len(truth), abs=3)


def test_three_in_a_bar_and_noise_keep_the_rules(tracker):
    waltz = clicks(beat_times(140.0, 12.0), 12.0, accent_every=3) + noise(12.0, level=0.01)
    assert_valid(tracker, sound_of(waltz), 12.0)


@pytest.mark.parametrize("duration", [0.0001, 0.05, 1.0])
def test_a_short_sound_keeps_the_rules(tracker, duration):
    assert_valid(tracker, sound_of(noise(duration)), duration + 1e-4)


@pytest.mark.parametrize("duration", [0.01, 4.0])
def test_silence_has_no_beats(tracker, duration):
    pulse = tracker.track(sound_of(silence(duration)))
    assert len(pulse.beats) == len(pulse.downbeats) == 0
    assert pulse.tempo_confidence == pulse.downbeat_confidence == 0.0


def test_the_same_sound_gives_the_same_pulse(tracker):
    sound = sound_of(clicks(beat_times(96.0, 8.0), 8.0) + noise(8.0, level=0.02))
    one, two = tracker.track(sound), tracker.track(sound)
    for name in vars(one):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_the_analysis_names_its_tracker(tracker):
    audio = as_audio(clicks(beat_times(110.0, 6.0), 6.0))
    heard = analyze(audio, song=song_named(), tracker=tracker)
    assert heard.backends["beats"] == f"{tracker.name} {tracker.version()}"
    if knows_beats(tracker):
        assert not any("beat tracker" in warning for warning in heard.warnings)


class Muddled:
    """Tells beats twice, out of order and outside the song."""

    name = "muddled"

    def version(self):
        return "1"

    def track(self, sound):
        beats = np.array([2.0, -1.0, 1.0, 1.01, 3.0, np.nan, 4.0, 99.0])
        return Pulse(beats, np.array([1.005, 3.5]), 0, np.nan, 7.0)


def test_a_pulse_that_breaks_the_rules_is_mended_and_told():
    kept, told = keep_rules(Muddled().track(None), tracker="muddled", duration=5.0)
    assert tuple(kept.beats) == (1.0, 2.0, 3.0, 4.0)
    assert tuple(kept.downbeats) == (1.0,)
    assert kept.meter == 4
    assert (kept.tempo_confidence, kept.downbeat_confidence) == (0.0, 1.0)
    assert len(told) == 4
    assert "4 of 8" in told[0]
    assert "1 of 2" in told[1]


def test_what_was_mended_is_told_with_the_analysis():
    heard = analyze(as_audio(noise(5.0)), song=song_named(), tracker=Muddled())
    assert len(heard.beats) == 4
    assert len([warning for warning in heard.warnings if "muddled" in warning]) == 4
