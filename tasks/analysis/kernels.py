"""Compiled loops of the analysis: bar-pointer decoding, envelopes."""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_REACH = 14  # tempo may move this many period steps (frames) from one beat to the next


@njit(cache=True)
def decode_beats(
    on_beat: FloatArray,
    periods: IntArray,
    beat_frames: IntArray,
    change: FloatArray,
) -> IntArray:
    """Most likely beat frames of a bar-pointer model.

    Args:
        on_beat: Log-likelihood ratio of "a beat is sounding", shape (frames,).
        periods: Beat periods in frames, rising, shape (periods,).
        beat_frames: For each period, the number of frames that count as "on the beat".
        change: Log-probability of changing from period j to period k, shape (periods, periods).

    Returns:
        Frames at which a beat begins, rising.
    """
    frames, count = len(on_beat), len(periods)
    # Within a beat nothing is decided: a beat's whole score is known at its first frame.
    total = np.zeros(frames + 1, np.float64)
    for t in range(frames):
        total[t + 1] = total[t] + on_beat[t]
    longest = periods[count - 1]
    begun = np.empty((frames + longest, count), np.float64)  # row t + longest: beat begins at t
    source = np.zeros((frames, count), np.int16)
    ended = np.empty(count, np.float64)
    for k in range(count):
        # The song starts anywhere inside a beat of any period.
        begun[:longest, k] = -np.log(periods[k])
    for t in range(frames):
        for k in range(count):
            entry = t - periods[k]
            heard = max(entry, 0)
            on = min(max(entry + beat_frames[k], 0), frames)
            ended[k] = begun[entry + longest, k] + total[max(on, heard)] - total[heard]
        for k in range(count):
            best, arg = -1e30, k
            for j in range(max(0, k - _REACH), min(count, k + _REACH + 1)):
                value = ended[j] + change[j, k]
                if value > best:
                    best, arg = value, j
            begun[t + longest, k] = best
            source[t, k] = arg
    return _trace_beats(begun, source, periods, beat_frames, total)


@njit(cache=True)
def _trace_beats(
    begun: npt.NDArray[np.float64],
    source: npt.NDArray[np.int16],
    periods: IntArray,
    beat_frames: IntArray,
    total: npt.NDArray[np.float64],
) -> IntArray:
    """Follow the best path backwards from the best unfinished last beat."""
    frames, count = source.shape
    longest = periods[count - 1]
    best, last, period = -1e30, 0, 0
    for k in range(count):
        for t in range(frames - periods[k], frames):
            heard, on = max(t, 0), min(max(t + beat_frames[k], 0), frames)
            value = begun[t + longest, k] + total[max(on, heard)] - total[heard]
            if value > best:
                best, last, period = value, t, k
    found = np.empty(frames, np.int64)
    beats = 0
    while last >= 0:
        found[beats] = last
        beats += 1
        period = source[last, period]
        last -= periods[period]
    return found[:beats][::-1].copy()


@njit(cache=True)
def decode_bar_phase(evidence: npt.NDArray[np.float64], meter: int, slip: float) -> IntArray:
    """Position in the bar of every beat: phases advance by one, or slip at a price.

    Args:
        evidence: For each beat, how much it looks like a bar's first, shape (beats,).
        meter: Beats a bar.
        slip: Log-price (negative) of breaking the count.

    Returns:
        Phase of every beat, 0 = downbeat.
    """
    beats = len(evidence)
    score = np.empty((beats, meter))
    source = np.zeros((beats, meter), np.int64)
    for i in range(beats):
        best = int(np.argmax(score[i - 1])) if i else 0
        for phase in range(meter):
            gain = evidence[i] if phase == 0 else -evidence[i] / (meter - 1)
            if i == 0:
                score[i, phase] = gain
                continue
            previous = (phase - 1) % meter
            straight, slipped = score[i - 1, previous], score[i - 1, best] + slip
            score[i, phase] = max(straight, slipped) + gain
            source[i, phase] = previous if straight >= slipped else best
    phases = np.zeros(beats, np.int64)
    phase = int(np.argmax(score[beats - 1]))
    for i in range(beats - 1, -1, -1):
        phases[i] = phase
        phase = source[i, phase]
    return phases


@njit(cache=True)
def follow(curve: FloatArray, rise: float, fall: float) -> FloatArray:
    """One-pole envelope with its own speed upwards and downwards (shares a step, 0..1)."""
    out = np.empty_like(curve)
    level = np.float64(curve[0]) if len(curve) else 0.0
    for i in range(len(curve)):
        gap = curve[i] - level
        level += gap * (rise if gap > 0 else fall)
        out[i] = level
    return out
