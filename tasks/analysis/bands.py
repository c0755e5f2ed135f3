"""Curves that move pictures, at 100 Hz: energy, bands, brightness, noisiness and onsets.

Each rises fast and falls slowly, as a meter's needle does, because a picture that follows the raw
level flickers. All are 0..1 float32; sample k is the song at k / 100 seconds.
"""

import numpy as np

from tasks.analysis.energy import SILENCE_POWER, measure_energy
from tasks.analysis.kernels import follow
from tasks.analysis.onsets import LATENCY_S, Onsets
from tasks.analysis.spectrum import (
    EVEN_NOISE,
    EVEN_TONE,
    FRAME_RATE_HZ,
    FloatArray,
    Spectrum,
)

CURVE_RATE_HZ = 100
CURVES = ("energy", "bass", "mids", "highs", "brightness", "noisiness", "onsets")
# Time to 63 % of a step, upwards and downwards, seconds.
_NEEDLES = {
    "energy": (0.05, 0.60),
    "bass": (0.005, 0.18),
    "mids": (0.010, 0.22),
    "highs": (0.005, 0.10),
    "brightness": (0.08, 0.30),
    "noisiness": (0.05, 0.30),
    "onsets": (0.001, 0.07),
}
# Within this many decibels below its loud level a band moves the picture from full to nothing.
_BAND_RANGE_DB = 24.0
_BRIGHT_LOW_HZ = 400.0  # centroid of a bass, a dark pad
_BRIGHT_HIGH_HZ = 5000.0  # centroid of open hi-hats alone; of white noise 5500
# So far below the loud level timbre begins to fade, and is gone: tails and hiss have none.
_TIMBRE_FADES_DB, _TIMBRE_GONE_DB = 40.0, 60.0
_ONSET_PERCENTILE = 98.0
_LOUD_PERCENTILE = 95.0


def trace_curves(
    spectrum: Spectrum, onsets: Onsets, *, duration: float, lead_s: float = 0.0
) -> dict[str, FloatArray]:
    """Make the curves.

    Args:
        spectrum: The song's bands.
        onsets: The song's onset strengths.
        duration: Seconds of the song.
        lead_s: Silence before the spectrum's first frame.

    Returns:
        By name, each float32 of shape (ceil(duration * 100),), 0..1. Silence gives zeros.
    """
    raw = {
        "energy": (measure_energy(spectrum.weighted_power, smoothing_s=0.0), 0.0),
        "bass": (_band(spectrum.bass_power), 0.0),
        "mids": (_band(spectrum.mids_power), 0.0),
        "highs": (_band(spectrum.highs_power), 0.0),
        "brightness": (_brightness(spectrum), 0.0),
        "noisiness": (_noisiness(spectrum), 0.0),
        "onsets": (_onsets(onsets), LATENCY_S),
    }
    samples = max(1, int(np.ceil(duration * CURVE_RATE_HZ - 1e-6)))
    times = np.arange(samples) / CURVE_RATE_HZ - lead_s
    curves = {}
    for name, (values, latency) in raw.items():
        even = np.interp((times - latency) * FRAME_RATE_HZ, np.arange(len(values)), values)
        even[times < -1.0 / CURVE_RATE_HZ] = 0.0
        rise, fall = (1.0 - np.exp(-1.0 / (CURVE_RATE_HZ * s)) for s in _NEEDLES[name])
        curves[name] = np.clip(follow(even.astype(np.float32), rise, fall), 0.0, 1.0)
    return curves


def _band(power: FloatArray) -> FloatArray:
    """Level of a band between nothing and its own loud level; an inaudible band stays at 0."""
    sounding = power[power > SILENCE_POWER]
    if len(sounding) == 0:
        return np.zeros_like(power)
    loud_db = 10.0 * np.log10(float(np.percentile(sounding, _LOUD_PERCENTILE)))
    level_db = 10.0 * np.log10(np.maximum(power, SILENCE_POWER * 1e-3))
    floor_db = max(loud_db - _BAND_RANGE_DB, 10.0 * np.log10(SILENCE_POWER))
    return np.asarray(np.clip((level_db - floor_db) / _BAND_RANGE_DB, 0.0, 1.0), np.float32)


def _brightness(spectrum: Spectrum) -> FloatArray:
    """Centroid of the spectrum on a logarithmic scale; dark when silent."""
    # Levels are means of bands that are as wide as their centres are high.
    total = spectrum.levels @ spectrum.centres_hz
    centroid = spectrum.levels @ np.square(spectrum.centres_hz) / np.maximum(total, 1e-6)
    octaves = np.log2(np.maximum(centroid, 1.0) / _BRIGHT_LOW_HZ)
    bright = np.clip(octaves / np.log2(_BRIGHT_HIGH_HZ / _BRIGHT_LOW_HZ), 0.0, 1.0)
    return np.asarray(bright * _presence(spectrum.power), np.float32)


def _noisiness(spectrum: Spectrum) -> FloatArray:
    """From pure tones to noise, whatever the register; none when silent."""
    noisy = np.clip((spectrum.evenness - EVEN_TONE) / (EVEN_NOISE - EVEN_TONE), 0.0, 1.0)
    return np.asarray(noisy * _presence(spectrum.power), np.float32)


def _presence(power: FloatArray) -> FloatArray:
    """How far what sounds is there to have a timbre: 1, or less in tails, 0 in silence."""
    sounding = power[power > SILENCE_POWER]
    if len(sounding) == 0:
        return np.zeros_like(power)
    loud_db = 10.0 * np.log10(float(np.percentile(sounding, _LOUD_PERCENTILE)))
    below_db = loud_db - 10.0 * np.log10(np.maximum(power, SILENCE_POWER))
    there = (_TIMBRE_GONE_DB - below_db) / (_TIMBRE_GONE_DB - _TIMBRE_FADES_DB)
    return np.asarray(np.where(power > SILENCE_POWER, np.clip(there, 0.0, 1.0), 0.0), np.float32)


def _onsets(onsets: Onsets) -> FloatArray:
    strong = float(np.percentile(onsets.strength, _ONSET_PERCENTILE))
    if strong <= 1e-6:
        return np.zeros_like(onsets.strength)
    return np.asarray(np.clip(onsets.strength / strong, 0.0, 1.0), np.float32)
