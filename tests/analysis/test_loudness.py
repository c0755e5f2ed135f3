"""Loudness against known signals and against the peer whose filters it uses."""

import numpy as np
import pyloudnorm
import pytest
import scipy.signal
from support.sounds import noise, silence, sine

from tasks.analysis.loudness import measure_loudness


def stepped(steps):
    """Stereo 1 kHz, one level in dBFS and its seconds after another."""
    rate = 16000  # high enough for the tone, and quick
    tone = np.concatenate(
        [sine(1000.0, s, level=10 ** (level / 20), rate=rate) for level, s in steps]
    )
    return measure_loudness(np.stack((tone, tone)), rate)


def test_full_scale_sine_reads_as_the_standard_says():
    loudness = measure_loudness(np.atleast_2d(sine(997.0, 5.0, rate=48000)), 48000)
    assert loudness.integrated_lufs == pytest.approx(-3.01, abs=0.05)
    assert loudness.true_peak_dbtp == pytest.approx(0.0, abs=0.05)
    assert loudness.crest_db == pytest.approx(3.01, abs=0.05)
    assert loudness.lra == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    ("steps", "lufs"),
    [
        (((-23, 20),), -23.0),
        (((-33, 20),), -33.0),
        (((-36, 10), (-23, 60), (-36, 10)), -23.0),
        (((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.0),
        (((-26, 20), (-20, 20.1), (-26, 20)), -23.0),
    ],
)
def test_integrated_loudness_passes_ebu_tech_3341(steps, lufs):
    assert stepped(steps).integrated_lufs == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize(
    ("steps", "lra"),
    [
        (((-20, 20), (-30, 20)), 10.0),
        (((-20, 20), (-15, 20)), 5.0),
        (((-40, 20), (-20, 20)), 20.0),
        (((-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)), 15.0),
    ],
)
def test_loudness_range_passes_ebu_tech_3342(steps, lra):
    assert stepped(steps).lra == pytest.approx(lra, abs=0.3)  # the standard allows 1 LU


@pytest.mark.parametrize(
    ("samples_a_period", "degrees", "level", "dbtp"),
    [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)],
)
def test_true_peak_passes_ebu_tech_3341(samples_a_period, degrees, level, dbtp):
    phase = 2 * np.pi * np.arange(9600) / samples_a_period + np.deg2rad(degrees)
    fade = np.clip(np.minimum(np.arange(9600), np.arange(9600)[::-1]) / 480, 0.0, 1.0)
    tone = (level * fade * np.sin(phase)).astype(np.float32)
    peak = measure_loudness(np.stack((tone, tone)), 48000).true_peak_dbtp
    assert dbtp - 0.4 <= peak <= dbtp + 0.2


def test_two_channels_add_three_decibels():
    tone = sine(997.0, 5.0, level=0.1)
    one = measure_loudness(tone[None], 44100).integrated_lufs
    two = measure_loudness(np.stack((tone, tone)), 44100).integrated_lufs
    assert two - one == pytest.approx(3.01, abs=0.02)


def test_gates_agree_with_the_peer():
    samples = np.concatenate((noise(6.0, level=0.2), noise(6.0, level=0.002), silence(3.0)))
    ours = measure_loudness(samples[None], 44100).integrated_lufs
    peer = pyloudnorm.Meter(44100, filter_class="DeMan").integrated_loudness(samples)
    assert ours == pytest.approx(peer, abs=0.1)


def test_range_is_the_step_between_loud_and_soft():
    samples = np.concatenate((sine(997, 20.0, level=0.1), sine(997, 20.0, level=0.0316)))
    assert measure_loudness(samples[None], 44100).lra == pytest.approx(10.0, abs=0.5)


def test_true_peak_sees_between_the_samples():
    # A quarter of the rate, sampled at 45 degrees: every sample lies 3 dB under the crest.
    phase = np.pi / 4 + np.arange(44100) * np.pi / 2
    samples = (0.5 * np.sin(phase)).astype(np.float32)[None]
    assert measure_loudness(samples, 44100).true_peak_dbtp == pytest.approx(-6.02, abs=0.2)


@pytest.mark.parametrize("seed", range(3))
def test_true_peak_equals_oversampling_everything(seed):
    samples = noise(0.5, level=0.2, seed=seed)
    whole = np.abs(scipy.signal.resample_poly(samples, 4, 1)).max()
    found = measure_loudness(samples[None], 44100).true_peak_dbtp
    assert found == pytest.approx(20 * np.log10(whole), abs=0.02)


def test_silence_has_no_loudness():
    loudness = measure_loudness(silence(2.0)[None], 44100)
    assert loudness.integrated_lufs is None
    assert loudness.lra is None
    assert loudness.true_peak_dbtp is None
    assert loudness.crest_db is None
