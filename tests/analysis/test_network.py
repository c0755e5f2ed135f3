"""The trained ear: convolutions as the text book has them, time and level that change nothing."""

import numpy as np
import pytest
from support.sounds import beat_times, clicks, noise

from tasks.analysis import network
from tasks.analysis.chroma import Chroma
from tasks.analysis.onsets import Onsets
from tasks.analysis.sound import measure_sound
from tasks.analysis.spectrum import FRAME_RATE_HZ, SAMPLE_RATE_HZ


@pytest.mark.parametrize("gap", [1, 4, 32])
def test_convolution_looks_as_far_back_as_ahead(gap):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 3)).astype(np.float32)
    kernel = rng.normal(size=(5, 3, 2)).astype(np.float32)
    weights = {"x.weight": kernel, "x.bias": np.array([0.5, -1.0], np.float32)}
    expected = np.tile(weights["x.bias"].astype(np.float64), (40, 1))
    for row in range(40):
        for tap in range(5):
            seen = row + (tap - 2) * gap
            if 0 <= seen < 40:
                expected[row] += rows[seen].astype(np.float64) @ kernel[tap]
    np.testing.assert_allclose(network._convolve(rows, weights, "x", gap), expected, atol=1e-5)


def test_every_clicked_beat_is_heard_and_nothing_between():
    beats = beat_times(120, 12.0, offset=0.5)
    sound = clicks(beats, 12.0, rate=SAMPLE_RATE_HZ) + noise(12.0, level=0.001, rate=SAMPLE_RATE_HZ)
    heard = measure_sound(sound.astype(np.float32)).activations.beat
    on = heard[np.round(beats * FRAME_RATE_HZ).astype(int)]
    off = heard[np.round((beats[:-1] + 0.25) * FRAME_RATE_HZ).astype(int)]
    assert on.min() > off.max()
    assert np.median(on) > 0


@pytest.mark.parametrize("frames", [1, 2, 7, 100])
def test_every_frame_has_its_odds(frames):
    levels = np.random.default_rng(1).uniform(0, 3, (frames, 67)).astype(np.float32)
    onsets = Onsets(levels, levels * 0, np.zeros((frames, 5), np.float32), levels[:, 0])
    rows = max(1, frames // 8)
    chroma = Chroma(
        0.0,
        np.ones((rows, 12), np.float32),
        np.ones((rows, 12), np.float32),
        np.zeros(rows, np.float32),
    )
    heard = network.hear_pulse(onsets, chroma)
    for curve in (heard.beat, heard.downbeat):
        assert curve.shape == (frames,)
        assert np.isfinite(curve).all()


def test_pooling_keeps_the_last_odd_frame():
    levels = np.zeros((5, 2), np.float32)
    levels[4] = 4.0
    pooled = network.network_inputs(levels, levels, np.zeros((5, 13), np.float32))
    assert pooled.shape == (3, 17)
    assert pooled[2, 0] == pytest.approx(0.5)
    assert pooled[1, 0] == pytest.approx(-0.5)


def test_louder_harmony_is_the_same_harmony():
    rng = np.random.default_rng(2)
    melodic = rng.uniform(0, 9, (20, 12)).astype(np.float32)
    quiet, loud = (
        network.harmony_at_frames(
            Chroma(0.0, melodic * gain, melodic, np.zeros(20, np.float32)), 100
        )
        for gain in (np.float32(1.0), np.float32(64.0))
    )
    np.testing.assert_allclose(quiet, loud, atol=1e-6)
    np.testing.assert_allclose(quiet[:, :12].sum(axis=1), 1.0, atol=1e-3)
