"""Onset strength: how strongly sounds start, per frame, in five registers.

SuperFlux: the rise of log band levels over two frames against a neighbourhood maximum, so that
vibrato does not count as an onset; then levelled over four seconds so that quiet passages count.

Source:
    S. Boeck, G. Widmer, Maximum Filter Vibrato Suppression for Onset Detection, DAFx 2013.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.ndimage

from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray, Spectrum

LAG = 2  # frames (23 ms): a percussive attack rises within that
# The flux peaks this long before the sound's edge, because a window hears it coming (measured on
# clicks, drums and songs: 14 to 24 ms).
LATENCY_S = 0.019
_COMPRESSION = 1000.0  # log1p(x * this) of levels relative to the song's loud frames
_LOUD_PERCENTILE = 95.0
# Below this mean level a frame is digital silence or dither: no sound starts there.
_SILENT_LEVEL = 1e-4
REGISTER_EDGES_HZ = (0.0, 120.0, 400.0, 1600.0, 5000.0, 20000.0)
_REGISTER_WEIGHTS = np.array((1.0, 0.8, 0.8, 0.8, 0.7), np.float32)  # a kick says most
_LEVELLING_S = 4.0
_LOCAL_SHARE = 0.7  # levelling against the surroundings; the rest against the whole song


@dataclass(frozen=True)
class Onsets:
    """Starts of sounds, per frame."""

    log_levels: FloatArray  # (frames, bands) compressed band levels
    flux: FloatArray  # (frames, bands) their rises
    registers: FloatArray  # (frames, 5) levelled flux, bass to treble
    strength: FloatArray  # (frames,) weighted sum of the registers


def measure_onsets(spectrum: Spectrum) -> Onsets:
    """Find how strongly sounds start.

    Args:
        spectrum: The song's bands.

    Returns:
        Non-negative strengths; all zero for silence.
    """
    log_levels = _compress(spectrum.levels)
    flux = measure_flux(log_levels)
    registers = _level(_registers(flux, spectrum.centres_hz))
    strength = (np.sqrt(registers) * (_REGISTER_WEIGHTS / _REGISTER_WEIGHTS.sum())).sum(axis=1)
    return Onsets(log_levels, flux, registers, strength.astype(np.float32))


def _compress(levels: FloatArray) -> FloatArray:
    loud = float(np.percentile(levels.max(axis=1), _LOUD_PERCENTILE))
    if loud < _SILENT_LEVEL:
        loud = max(float(levels.max()), _SILENT_LEVEL)
    return np.asarray(np.log1p(levels * np.float32(_COMPRESSION / loud)), np.float32)


def measure_flux(log_levels: FloatArray) -> FloatArray:
    """Rise of every band over LAG frames, against the loudest of it and its neighbours before."""
    flux = np.zeros_like(log_levels)
    if len(log_levels) > LAG:
        widened = scipy.ndimage.maximum_filter1d(log_levels[:-LAG], 3, axis=1)
        np.maximum(log_levels[LAG:] - widened, 0.0, out=flux[LAG:])
    return flux


def _registers(flux: FloatArray, centres_hz: FloatArray) -> FloatArray:
    columns = []
    for low, high in pairwise(REGISTER_EDGES_HZ):
        columns.append(flux[:, (centres_hz >= low) & (centres_hz < high)].mean(axis=1))
    return np.stack(columns, axis=1)


def _level(registers: FloatArray) -> FloatArray:
    local = scipy.ndimage.uniform_filter1d(registers, int(_LEVELLING_S * FRAME_RATE_HZ), axis=0)
    overall = registers.mean(axis=0, keepdims=True)
    levelled = registers / (_LOCAL_SHARE * local + (1 - _LOCAL_SHARE) * overall + 1e-6)
    return np.asarray(levelled, np.float32)
