"""Loudness and peaks are measured piece by piece, as the whole would be."""

import math

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from tasks.media.loudness_meter import LoudnessMeter

RATE_HZ = 44_100


def level(samples, pieces=(1 << 30,), rate_hz=RATE_HZ):
    meter = LoudnessMeter(rate_hz, samples.shape[1])
    place, k = 0, 0
    while place < len(samples):
        piece = pieces[k % len(pieces)]
        meter.push(samples[place : place + piece])
        place, k = place + piece, k + 1
    return meter.level()


def noise(seconds, channels, scale=0.2):
    rng = np.random.default_rng(3)
    sound = rng.normal(0, scale, (round(seconds * RATE_HZ), channels))
    # Little near half the rate, as in music: there is no true peak of white noise.
    smooth = (sound[2:] + 2 * sound[1:-1] + sound[:-2]) / 2
    return np.clip(smooth, -1, 1).astype(np.float32)


@pytest.mark.parametrize("pieces", [(7, 20_000, 1), (131_072,), (44_100, 3)])
def test_pieces_make_no_difference(pieces):
    sound = noise(2.0, 2, 0.4)
    assert level(sound, pieces) == level(sound)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_loudness_is_that_of_bs_1770(channels):
    sound = noise(3.0, channels)
    sound[RATE_HZ : 2 * RATE_HZ] *= 0.02  # gated out
    meant = pyloudnorm.Meter(RATE_HZ).integrated_loudness(sound.astype(np.float64))
    assert level(sound).lufs == pytest.approx(meant, abs=0.1)


@pytest.mark.parametrize("scale", [0.3, 0.6, 3.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_peak_is_the_one_between_samples(scale, channels):
    sound = noise(1.0, channels, scale)
    finest = np.abs(resample_poly(sound.astype(np.float64), 4, 1, axis=0)).max()
    assert level(sound, (9_000,)).peak_db == pytest.approx(20 * math.log10(finest), abs=0.4)


def test_peak_between_two_equal_samples_is_found():
    """A tone at a quarter of the rate whose samples all lie 3 dB below its crest."""
    tone = np.sin(np.pi / 2 * np.arange(4000) + np.pi / 4).astype(np.float32)[:, None]
    tone[:200] *= np.linspace(0, 1, 200, dtype=np.float32)[:, None]
    for pieces in ((1 << 30,), (1001,)):
        assert level(tone, pieces).peak_db == pytest.approx(0.0, abs=0.15)


def test_last_sample_counts():
    sound = np.zeros((RATE_HZ, 1), np.float32)
    sound[-1] = 0.9
    assert level(sound).peak_db == pytest.approx(20 * math.log10(0.9), abs=0.01)


@pytest.mark.parametrize("channels", [1, 2, 6, 9])
def test_any_number_of_channels_is_measured(channels):
    louder, sound = (level(gain * noise(1.0, channels, 0.1)) for gain in (1.1, 1.0))
    assert louder.lufs - sound.lufs == pytest.approx(20 * math.log10(1.1), abs=0.02)


def test_silence_and_the_shortest_sounds_have_no_loudness():
    silence = level(np.zeros((RATE_HZ, 2), np.float32))
    assert silence == (-math.inf, -math.inf)
    assert level(np.ones((10, 2), np.float32)).lufs == -math.inf
    assert level(np.zeros((0, 2), np.float32)) == (-math.inf, -math.inf)
