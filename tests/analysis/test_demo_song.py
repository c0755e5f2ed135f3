"""The demo song's score is known: what is heard must agree with it."""

import mir_eval
import numpy as np
import pytest
from support.sounds import song_named

from tasks.analysis import analyze


@pytest.fixture(scope="module")
def demo(demo_song):
    audio, score = demo_song
    return analyze(audio, song=song_named(channels=2)), score


def test_beats_of_the_demo_song_are_exact(demo):
    heard, score = demo
    beats, truth = np.array(heard.beats), np.array(score.beats)
    assert mir_eval.beat.f_measure(truth, beats, f_measure_threshold=0.02) >= 0.95
    assert heard.tempo_bpm == pytest.approx(score.bpm, abs=0.05)
    downbeats = np.array(heard.downbeats)
    assert mir_eval.beat.f_measure(np.array(score.downbeats), downbeats) >= 0.9
    assert heard.key == score.key


def test_sections_of_the_demo_song_are_its_own(demo):
    """Long sections may be told phrase by phrase, as people do who cut songs by hand."""
    heard, score = demo
    starts = np.array([section.start for section in heard.sections])
    for kind, start, _ in score.sections:
        if kind not in ("intro", "buildup"):
            nearest = int(np.abs(starts - start).argmin())
            assert starts[nearest] == pytest.approx(start, abs=0.05)
            assert str(heard.sections[nearest].type) == kind
    at = np.arange(0.25, heard.duration, 0.5)
    told = [next(str(s.type) for s in heard.sections if s.start <= t < s.end) for t in at]
    true = [next((k for k, a, b in score.sections if a <= t < b), "outro") for t in at]
    assert np.mean(np.array(told) == np.array(true)) >= 0.9
