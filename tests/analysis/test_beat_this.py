"""Beat This! is loaded as its authors load it, and its answer read as they read it."""

import re

import numpy as np
import pytest
from support.beat_weights import tiny_checkpoint
from support.sounds import as_audio, beat_times, clicks

from tasks.analysis.backends import beat_this
from tasks.analysis.backends.beat_this import BeatThisTracker
from tasks.analysis.intake import take_in
from tasks.analysis.sound import measure_sound
from tasks.errors import BadInputError, TransientError

pytestmark = pytest.mark.slow
WANTS = "needs pip install 'songfilm[beat_this]'"
torch = pytest.importorskip("torch", reason=WANTS)
pytest.importorskip("beat_this.inference", reason=WANTS)

TRUTH = beat_times(120.0, 12.0)


@pytest.fixture(scope="module")
def sound():
    return measure_sound(take_in(as_audio(clicks(TRUTH, 12.0))).samples)


@pytest.fixture
def tracker(tmp_path):
    return BeatThisTracker(weights=tiny_checkpoint(tmp_path))


def logits(times):
    """An answer that is sure of these times, to the frame, and of nothing else."""
    frames = torch.full((600,), -3.0)
    frames[np.round(times * 50).astype(int)] = 3.0
    return frames


def test_peaks_are_beats_on_their_attacks(sound):
    pulse = beat_this._read(logits(TRUTH), logits(TRUTH[1::3]), sound)
    assert pulse.beats == pytest.approx(TRUTH, abs=0.003)
    assert pulse.downbeats == pytest.approx(TRUTH[1::3], abs=0.003)
    assert pulse.meter == 3
    sure = 1 / (1 + np.exp(-3.0))
    assert (pulse.tempo_confidence, pulse.downbeat_confidence) == pytest.approx((sure, sure))


def test_without_downbeats_our_bars_serve(sound):
    pulse = beat_this._read(logits(TRUTH), torch.full((600,), -3.0), sound)
    assert len(pulse.beats) == len(TRUTH)
    assert len(pulse.downbeats) >= len(TRUTH) // 4


def test_an_unsure_network_finds_nothing(sound):
    nothing = torch.full((600,), -3.0)
    assert len(beat_this._read(nothing, nothing, sound).beats) == 0


def test_the_network_hears_what_its_authors_let_it_hear(tracker, sound):
    from beat_this.inference import Audio2Frames

    own = Audio2Frames(str(tracker._weights))(sound.samples.astype(np.float64), 22050)
    ours = beat_this._listen(sound.samples, tracker._weights)
    assert len(ours[0]) == len(ours[1]) == 601
    for one, other in zip(own, ours, strict=True):
        assert np.allclose(one.numpy(), other.cpu().numpy(), atol=1e-3)


@pytest.mark.parametrize("content", [b"", b"words", b"PK\x03\x04 cut off"])
def test_what_is_no_checkpoint_is_refused(tmp_path, sound, content):
    (tmp_path / "final0.ckpt").write_bytes(content)
    tracker = BeatThisTracker(weights=tmp_path / "final0.ckpt")
    with pytest.raises(BadInputError, match=re.escape("final0.ckpt is no checkpoint")):
        tracker.track(sound)


def test_weights_of_another_network_are_refused(tmp_path, sound):
    torch.save({"state_dict": {"model.x": torch.zeros(1)}}, tmp_path / "other.ckpt")
    with pytest.raises(BadInputError, match="no checkpoint"):
        BeatThisTracker(weights=tmp_path / "other.ckpt").track(sound)


def test_a_full_gpu_is_worth_another_try(tracker, sound, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(beat_this, "_load", full)
    with pytest.raises(TransientError, match="memory"):
        tracker.track(sound)
