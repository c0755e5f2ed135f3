"""Metrical level and phase: which of the pulses nested in the music is the beat.

The tracker may follow half or double the beat, or the off-beat. Each candidate is described by how
the registers and the harmony behave on it, between it, and on every second of it; a linear score
fitted on songs with known beats picks one.
"""

import numpy as np

from tasks.analysis.attacks import Times
from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

_CENTRE_BPM = 115.0
_SLOWEST_BPM = 45.0
_FASTEST_BPM = 220.0
_FEWEST = 6  # beats: fewer describe nothing
# Fitted by expected-F maximisation, L2 .01 (chosen by 8-fold cross-validation), on 62 training
# songs; the development set was not looked at.
_WEIGHTS = np.array(
    (
        *(-2.27, -10.71),  # octaves from the centre, and squared
        *(3.28, 2.05, 3.04, 1.69, -0.99),  # contrast on/between beats: bass to treble registers
        9.77,  # the same of the harmony's change
        *(6.93, -3.18, 1.59),  # alternation from beat to beat: bass, upper register, harmony
        6.85,  # share of beats with a hit
    )
)
# A beat may fall between the tracked ones only where sounds of this share of their strength start.
_FILLED_SHARE = 0.3
_HIT_PERCENTILE = 80.0


def choose_level(beats: Times, onsets: Onsets, chroma: Chroma) -> Times:
    """Pick the metrical level and phase of a tracked pulse.

    Args:
        beats: Beat times in seconds, rising.
        onsets: The song's onset strengths.
        chroma: The song's harmony.

    Returns:
        The same pulse, or every second of it, doubled, or shifted by half a period.
    """
    if len(beats) < _FEWEST:
        return beats
    scored = [
        (float(describe(grid, onsets, chroma) @ _WEIGHTS), grid)
        for grid in candidates(beats, onsets)
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else beats


def candidates(beats: Times, onsets: Onsets) -> list[Times]:
    """The pulses that a listener might hear in a tracked one, at tempi one can tap."""
    between = (beats[1:] + beats[:-1]) / 2
    grids: list[Times] = [beats, beats[0::2], beats[1::2]]
    on, off = (
        float(np.median(sample_at(onsets.strength, grid, rate_hz=FRAME_RATE_HZ, reach=2)))
        for grid in (beats, between)
    )
    if off >= _FILLED_SHARE * on:
        grids += [np.sort(np.concatenate((beats, between))), between]
    return [
        grid
        for grid in grids
        if len(grid) >= _FEWEST and _SLOWEST_BPM < 60 / np.median(np.diff(grid)) < _FASTEST_BPM
    ]


def describe(grid: Times, onsets: Onsets, chroma: Chroma) -> Times:
    """The twelve numbers that the score weighs, in the order of `_WEIGHTS`."""
    octaves = np.log2(60 / np.median(np.diff(grid)) / _CENTRE_BPM)
    between = (grid[1:] + grid[:-1]) / 2
    contrasts, on_beats = [], []
    for register in onsets.registers.T:
        on_beats.append(sample_at(register, grid, rate_hz=FRAME_RATE_HZ, reach=2))
        off = sample_at(register, between, rate_hz=FRAME_RATE_HZ, reach=2)
        contrasts.append(_contrast(on_beats[-1], off))
    on_beats.append(sample_at(chroma.novelty, grid, rate_hz=CHROMA_RATE_HZ))
    off = sample_at(chroma.novelty, between, rate_hz=CHROMA_RATE_HZ)
    contrasts.append(_contrast(on_beats[-1], off))
    alternations = [_alternation(on_beats[i]) for i in (0, 3, 5)]
    overall = onsets.registers.mean(axis=1)
    hits = sample_at(overall, grid, rate_hz=FRAME_RATE_HZ, reach=2)
    density = float(np.mean(hits > np.percentile(overall, _HIT_PERCENTILE)))
    return np.array([octaves, octaves * octaves, *contrasts, *alternations, density])


def sample_at(curve: FloatArray, times: Times, *, rate_hz: float, reach: int = 0) -> FloatArray:
    """Largest value of a curve within `reach` frames of each time."""
    nearest = np.round(np.asarray(times) * rate_hz).astype(int)
    window = np.clip(nearest[:, None] + np.arange(-reach, reach + 1), 0, len(curve) - 1)
    values: FloatArray = curve[window].max(axis=1)
    return values


def _contrast(on: FloatArray, off: FloatArray) -> float:
    return float((on.mean() - off.mean()) / (np.concatenate((on, off)).std() + 1e-9))


def _alternation(on: FloatArray) -> float:
    return float(abs(on[0::2].mean() - on[1::2].mean()) / (on.std() + 1e-9))
