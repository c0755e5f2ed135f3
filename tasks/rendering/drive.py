"""The song as a clip feels it: curves and beats resampled to the clip's frames."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tasks.rendering.renderer import Drive, FloatArray

CURVE_RATE_HZ = 100.0  # of the analysis' curves, fixed by the contract
DRIVE_STEPS = 1023  # a drive is read in steps of 1/1023: finer differences cannot be seen
PULSE_LENGTH_MAX_S = 0.9  # a slow beat's pulse has gone by then
PULSE_LENGTH_MIN_S = 0.2  # two beats closer than this share one pulse shape
PULSE_POWER = 3  # (1 - phase) ** 3: a sharp front and a long soft tail


def drive_for(
    curves: Mapping[str, FloatArray],
    *,
    beats: Sequence[float],
    downbeats: Sequence[float],
    start_s: float,
    frames: int,
    fps: Fraction,
) -> Drive:
    """Resample a song's curves and beats to the frames of one clip.

    Args:
        curves: Arrays at 100 Hz in 0..1; energy, bass, mids and highs are read, a missing or
            empty one counts as silence.
        beats: Beat times in seconds, rising, on the same clock as `start_s`.
        downbeats: Downbeat times in seconds, rising.
        start_s: Time of frame 0; may be before the song, where everything is silent.
        frames: Frames of the clip.
        fps: Frames per second.
    """
    edges = start_s + np.arange(frames + 1) / float(fps)
    bands = {
        name: _average(curves.get(name), edges) for name in ("energy", "bass", "mids", "highs")
    }
    return Drive(
        **bands,
        beat=_pulses(beats, start_s=start_s, frames=frames, fps=fps),
        downbeat=_pulses(downbeats, start_s=start_s, frames=frames, fps=fps),
    )


def quantised(drive: Drive) -> NDArray[np.uint16]:
    """The drive in whole steps, shape (6, frames): what pixels and fingerprints are made from."""
    rows = (drive.energy, drive.bass, drive.mids, drive.highs, drive.beat, drive.downbeat)
    stacked = np.clip(np.stack(rows).astype(np.float64), 0.0, 1.0)
    return np.floor(stacked * DRIVE_STEPS + 0.5).astype(np.uint16)


def _average(curve: FloatArray | None, edges: NDArray[np.float64]) -> FloatArray:
    """Mean of the curve over each frame, so that no spike falls between two frames."""
    if curve is None or len(curve) == 0:
        return np.zeros(len(edges) - 1, np.float32)
    summed = np.concatenate([[0.0], np.cumsum(curve, dtype=np.float64)])
    at_edges = np.interp(edges * CURVE_RATE_HZ, np.arange(len(summed)), summed)
    means = np.diff(at_edges) / (np.diff(edges) * CURVE_RATE_HZ)
    clipped: FloatArray = np.clip(means, 0.0, 1.0).astype(np.float32)
    return clipped


def _pulses(times: Sequence[float], *, start_s: float, frames: int, fps: Fraction) -> FloatArray:
    """1 on the frame nearest each time, then a fall that ends before the next."""
    pulses = np.zeros(frames, np.float32)
    if len(times) == 0:
        return pulses
    at = np.floor((np.asarray(times, np.float64) - start_s) * float(fps) + 0.5).astype(np.int64)
    gaps = np.diff(np.asarray(times, np.float64))
    last_gap = gaps[-1] if len(gaps) else PULSE_LENGTH_MAX_S
    lengths = np.clip(np.append(gaps, last_gap), PULSE_LENGTH_MIN_S, PULSE_LENGTH_MAX_S)
    frame = np.arange(frames)
    which = np.searchsorted(at, frame, side="right") - 1
    begun = which >= 0
    age_s = (frame[begun] - at[which[begun]]) / float(fps)
    phase = np.minimum(age_s / lengths[which[begun]], 1.0)
    pulses[begun] = (1.0 - phase) ** PULSE_POWER
    return pulses
