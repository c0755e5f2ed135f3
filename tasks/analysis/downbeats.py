"""Downbeats and meter: which beats begin a bar, and how many beats a bar has.

Every beat gets evidence of being a bar's first from the registers' onsets, the change of harmony
and the change of bass; a hidden Markov model over the position in the bar keeps count.
"""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

from tasks.analysis.attacks import Times
from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.kernels import decode_bar_phase
from tasks.analysis.level import sample_at
from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray, Spectrum

# Evidence: onsets of bass, low, mid and upper together, top; harmony; bass spectrum.
# On-beat low-mids and mids speak against a downbeat: that is where snares are.
_WEIGHTS = np.array((1.0, 0.5, -0.5, 0.5, 2.0, 0.5))
_DETREND_BEATS = 33  # eight bars: a louder passage is no downbeat
_BASS_BELOW_HZ = 180.0
_AFTER_BEAT_S = 0.4
_METERS = {4: 1.0, 3: 0.8}  # three in a bar must be clearly better: it is rarer
_SLIP = -9.0  # log-price of a broken bar
_GAIN = 0.6
_FEWEST = 9  # beats: two bars
_CERTAIN_MARGIN = 1.2  # lead of the best phase, in deviations of the evidence


@dataclass(frozen=True)
class Bars:
    """How the beats group."""

    downbeats: Times
    meter: int
    confidence: float


def find_downbeats(beats: Times, spectrum: Spectrum, onsets: Onsets, chroma: Chroma) -> Bars:
    """Group beats into bars.

    Args:
        beats: Beat times in seconds, rising.
        spectrum: The song's bands.
        onsets: The song's onset strengths.
        chroma: The song's harmony.

    Returns:
        Downbeats (each one of `beats`), the meter, and a confidence 0..1. With too few beats to
        tell, every fourth counts and the confidence is 0.
    """
    if len(beats) < _FEWEST:
        return Bars(beats[::4], 4, 0.0)
    evidence = _evidence(beats, spectrum, onsets, chroma)
    leads = {meter: _lead(evidence, meter) for meter in _METERS}
    meter = max(_METERS, key=lambda m: leads[m] * _METERS[m])
    scale = float(evidence.std())
    if scale < 1e-9:
        return Bars(beats[::4], 4, 0.0)
    phases = decode_bar_phase(_GAIN * evidence / scale, meter, _SLIP)
    first = phases == 0
    margin = (evidence[first].mean() - evidence[~first].mean()) / scale if first.any() else 0.0
    return Bars(beats[first], meter, float(np.clip(margin / _CERTAIN_MARGIN, 0.0, 1.0)))


def _evidence(beats: Times, spectrum: Spectrum, onsets: Onsets, chroma: Chroma) -> Times:
    hits = [sample_at(r, beats, rate_hz=FRAME_RATE_HZ, reach=2) for r in onsets.registers.T]
    harmony = sample_at(chroma.novelty, beats, rate_hz=CHROMA_RATE_HZ)
    bass = _bass_change(beats, spectrum)
    columns = (hits[0], hits[1], hits[2] + hits[3], hits[4], harmony, bass)
    apart = np.stack([_stand_out(column) for column in columns], axis=1)
    return np.asarray(apart @ _WEIGHTS)


def _stand_out(column: FloatArray) -> Times:
    wide = column.astype(np.float64)
    drift = scipy.ndimage.uniform_filter1d(wide, _DETREND_BEATS)
    return np.asarray((wide - drift) / (wide.std() + 1e-9))


def _bass_change(beats: Times, spectrum: Spectrum) -> FloatArray:
    """How much bass is new in each beat against the beat before."""
    bass = np.log1p(spectrum.levels[:, spectrum.centres_hz < _BASS_BELOW_HZ])
    borders = np.append(beats, beats[-1] + _AFTER_BEAT_S) * FRAME_RATE_HZ
    levels = average_between(bass, borders)
    new = np.linalg.norm(np.maximum(0.0, np.diff(levels, axis=0)), axis=1)
    return np.concatenate(([0.0], new)).astype(np.float32)


def average_between(rows: FloatArray, borders: np.ndarray) -> FloatArray:
    """Mean of the rows between neighbouring borders (row numbers, fractions allowed)."""
    edges = np.clip(np.round(borders).astype(int), 0, len(rows))
    starts = np.minimum(edges[:-1], len(rows) - 1)
    ends = np.maximum(edges[1:], starts + 1)
    total = np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    means = (total[ends] - total[starts]) / (ends - starts)[:, None]
    return np.asarray(means, np.float32)


def _lead(evidence: np.ndarray, meter: int) -> float:
    """How far the best phase of a meter stands above the others."""
    means = np.array([evidence[phase::meter].mean() for phase in range(meter)])
    return float(means.max() - (means.sum() - means.max()) / (meter - 1))
