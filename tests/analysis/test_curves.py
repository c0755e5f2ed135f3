"""Curves: at 100 Hz, between 0 and 1, each following its own band."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sounds import beat_times, clicks, noise, silence, sine

from tasks.analysis.bands import CURVES, trace_curves
from tasks.analysis.energy import energy_ceiling, measure_energy
from tasks.analysis.kernels import follow
from tasks.analysis.onsets import measure_onsets
from tasks.analysis.spectrum import measure_spectrum

RATE = 22050


def curves_of(samples):
    spectrum = measure_spectrum(samples)
    return trace_curves(spectrum, measure_onsets(spectrum), duration=len(samples) / RATE)


def test_every_curve_has_a_hundred_values_a_second_in_range():
    samples = np.concatenate((silence(0.5, rate=RATE), noise(2.0, rate=RATE)))
    curves = curves_of(samples)
    assert tuple(curves) == CURVES
    for curve in curves.values():
        assert curve.dtype == np.float32
        assert curve.shape == (250,)
        assert curve.min() >= 0.0
        assert curve.max() <= 1.0


@pytest.mark.parametrize(("hz", "name"), [(60, "bass"), (1000, "mids"), (7000, "highs")])
def test_a_tone_moves_its_own_band(hz, name):
    tone = np.concatenate((silence(1.0, rate=RATE), sine(hz, 1.0, level=0.5, rate=RATE)))
    curves = curves_of(tone + noise(2.0, level=1e-6, rate=RATE))
    assert curves[name][150:190].min() > 0.9
    assert curves[name][:80].max() < 0.1


def test_brightness_tells_hats_from_pads():
    dark = curves_of(sine(200, 2.0, level=0.3, rate=RATE))["brightness"]
    bright = curves_of(sine(6000, 2.0, level=0.3, rate=RATE))["brightness"]
    assert bright[100] > dark[100] + 0.6


def test_noisiness_tells_noise_from_tones_in_any_register():
    def noisy(samples):
        return float(np.median(curves_of(samples.astype(np.float32))["noisiness"][50:-50]))

    def hissing(band, kind):
        return scipy.signal.sosfilt(
            scipy.signal.butter(4, band, kind, fs=RATE, output="sos"), noise(2.0, rate=RATE)
        )

    saw = 0.2 * scipy.signal.sawtooth(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    tone = sine(440, 2.0, level=0.3, rate=RATE)
    assert noisy(tone) < 0.05
    assert noisy(sine(60, 2.0, level=0.5, rate=RATE)) < 0.05  # its leakage is no noise
    assert noisy(tone) + 0.1 < noisy(saw) < 0.5
    for hiss in (hissing(5000, "high"), hissing((700, 1400), "band"), noise(2.0, rate=RATE)):
        assert noisy(hiss) > 0.9
    assert noisy(silence(2.0, rate=RATE)) == 0.0
    riser = curves_of(
        tone + np.linspace(0, 0.3, len(tone), dtype=np.float32) * noise(2.0, rate=RATE)
    )
    assert np.all(np.diff(riser["noisiness"][20:180:40]) > 0.05)


@pytest.mark.parametrize("name", ["brightness", "noisiness"])
def test_a_tail_of_hiss_has_no_timbre(name):
    hiss = noise(4.0, level=1e-4, rate=RATE)
    hiss[: 2 * RATE] += sine(3000, 2.0, level=0.5, rate=RATE)
    curve = curves_of(hiss)[name]
    assert curve[390] < 0.05
    assert curves_of(0.2 * noise(2.0, rate=RATE))[name][190] > 0.9


def test_onset_curve_peaks_at_the_click():
    truth = beat_times(60.0, 6.0, offset=0.5)
    curve = curves_of(clicks(truth, 6.0, rate=RATE))["onsets"]
    for time in truth[1:]:
        around = curve[round(time * 100) - 20 : round(time * 100) + 20]
        assert abs(int(around.argmax()) - 20) <= 2
        assert around.max() > 0.7


def test_energy_is_relative_to_the_song_and_nothing_when_silent():
    power = np.concatenate((np.full(400, 1e-4), np.full(400, 1e-5))).astype(np.float32)
    energy = measure_energy(power)
    assert energy[200] == pytest.approx(1.0)
    assert energy[600] == pytest.approx(1 - 10 / 20, abs=0.01)
    assert np.array_equal(energy, measure_energy(power * np.float32(0.25)))
    assert measure_energy(np.zeros(100, np.float32)).max() == 0.0


def test_softly_mastered_song_never_reaches_full_energy():
    assert energy_ceiling(-8.0) == 1.0
    assert energy_ceiling(-18.0) == pytest.approx(0.8)
    assert energy_ceiling(-60.0) == pytest.approx(0.4)
    assert energy_ceiling(None) == 0.0


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60),
    rise=st.floats(0.01, 1.0),
    fall=st.floats(0.01, 1.0),
)
def test_an_envelope_stays_within_what_it_follows(values, rise, fall):
    curve = np.array(values, np.float32)
    followed = follow(curve, rise, fall)
    assert followed.min() >= curve.min() - 1e-6
    assert followed.max() <= curve.max() + 1e-6
    assert np.allclose(follow(curve, 1.0, 1.0), curve)
