"""Loudness after ITU-R BS.1770 and EBU: integrated, range, true peak, crest.

The weighting filters are pyloudnorm's; the song runs through them in blocks, so that ten minutes
of stereo need no second copy, and one pass serves integrated loudness and range alike.

Source:
    ITU-R BS.1770-5 (gating, true peak), EBU Tech 3342 (loudness range).
"""

import numpy as np
import numpy.typing as npt
import scipy.signal
from pyloudnorm.iirfilter import IIRfilter

from recipe_schema.analysis import Loudness
from tasks.analysis.kernels import peak_between
from tasks.analysis.spectrum import FloatArray

_Numbers = npt.NDArray[np.float64]

_STEP_S = 0.1  # gating blocks start every 100 ms
_MOMENTARY_STEPS = 4  # 400 ms
_SHORT_TERM_STEPS = 30  # 3 s
_OFFSET_LUFS = -0.691  # so that a 997 Hz sine at 0 dBFS in one channel reads -3.01
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0
_RANGE_PERCENTILES = (10.0, 95.0)
_BLOCK_STEPS = 100  # 10 s filtered at a time
# K-weighting exactly as tabulated in BS.1770 for 48 kHz, at any rate (pyloudnorm's "DeMan").
_SHELF = (3.99984385397, 0.7071752369554193, 1681.9744509555319, "high_shelf_DeMan")
_HIGH_PASS = (0.0, 0.5003270373253953, 38.13547087613982, "high_pass_DeMan")
_SILENCE = 1e-10  # amplitude: -200 dBFS
_OVERSAMPLED_HZ = 176400  # true peak: four times 44.1 kHz, and no more at higher rates
_PEAK_REACH = 10  # samples either side that the interpolator weighs
_DIGITS = 2


def measure_loudness(samples: FloatArray, sample_rate_hz: int) -> Loudness:
    """Measure a song's loudness at its own rate.

    Args:
        samples: Shape (channels, samples), full scale 1.0, not empty.
        sample_rate_hz: Rate of `samples`.

    Returns:
        Loudness; all None for silence, integrated and range None when too short or too quiet to
        pass the gates.
    """
    peak = float(max(samples.max(), -samples.min()))
    if peak < _SILENCE:
        return Loudness(integrated_lufs=None, lra=None, true_peak_dbtp=None, crest_db=None)
    steps = _weighted_steps(samples, sample_rate_hz)
    # numpy sums in pairs: single precision is enough for a mean.
    mean_square = float(np.mean([np.dot(c, c) / len(c) for c in samples]))
    return Loudness(
        integrated_lufs=_rounded(_integrated(steps)),
        lra=_rounded(_range(steps)),
        true_peak_dbtp=_rounded(20.0 * np.log10(_true_peak(samples, sample_rate_hz))),
        crest_db=_rounded(20.0 * np.log10(peak) - 10.0 * np.log10(mean_square)),
    )


def _weighted_steps(samples: FloatArray, sample_rate_hz: int) -> _Numbers:
    """K-weighted energy, summed over channels, of every whole 100 ms step."""
    step = round(_STEP_S * sample_rate_hz)
    shelf, high_pass = (
        IIRfilter(gain, q, hz, sample_rate_hz, kind) for gain, q, hz, kind in (_SHELF, _HIGH_PASS)
    )
    sections = np.array([np.r_[f.b, f.a] for f in (shelf, high_pass)])
    total = np.zeros(samples.shape[1] // step)
    for channel in samples:
        state = np.zeros((2, 2))
        for first in range(0, len(total), _BLOCK_STEPS):
            last = min(first + _BLOCK_STEPS, len(total))
            block = channel[first * step : last * step].astype(np.float64)
            weighted, state = scipy.signal.sosfilt(sections, block, zi=state)
            total[first:last] += np.square(weighted).reshape(-1, step).mean(axis=1)
    return total


def _windows(steps: _Numbers, count: int) -> _Numbers:
    """Mean energy of every window of `count` steps."""
    if len(steps) < count:
        return np.zeros(0)
    return np.convolve(steps, np.full(count, 1.0 / count), mode="valid")


def _gate(energies: _Numbers, gate_lufs: float) -> _Numbers:
    gate = 10.0 ** ((gate_lufs - _OFFSET_LUFS) / 10.0)
    return np.asarray(energies[energies > gate])


def _to_lufs(energy: float) -> float:
    return _OFFSET_LUFS + 10.0 * float(np.log10(energy))


def _integrated(steps: _Numbers) -> float | None:
    loud = _gate(_windows(steps, _MOMENTARY_STEPS), _ABSOLUTE_GATE_LUFS)
    if len(loud) == 0:
        return None
    return _to_lufs(_gate(loud, _to_lufs(loud.mean()) + _RELATIVE_GATE_LU).mean())


def _range(steps: _Numbers) -> float | None:
    loud = _gate(_windows(steps, _SHORT_TERM_STEPS), _ABSOLUTE_GATE_LUFS)
    if len(loud) == 0:
        return None
    loud = _gate(loud, _to_lufs(loud.mean()) + _RANGE_GATE_LU)
    low, high = np.percentile(loud, _RANGE_PERCENTILES)
    return _to_lufs(high) - _to_lufs(low)


def _true_peak(samples: FloatArray, sample_rate_hz: int) -> float:
    """Largest magnitude between samples; stretches that cannot hold it are skipped."""
    factor = max(1, min(4, round(_OVERSAMPLED_HZ / sample_rate_hz)))
    best = float(max(samples.max(), -samples.min()))
    if factor == 1:
        return best
    taps = _interpolator(factor)
    gain = float(np.abs(taps).sum(axis=1).max())
    for channel in samples:
        best = float(peak_between(channel, taps, best, gain))
    return best


def _interpolator(factor: int) -> FloatArray:
    """Taps of the instants between two samples: the filter of scipy.signal.resample_poly."""
    half = _PEAK_REACH * factor
    taps = factor * scipy.signal.firwin(2 * half + 1, 1.0 / factor, window=("kaiser", 5.0))
    # The instant p shares after sample i weighs sample n with taps[half + p + (i - n) * factor].
    rows = [taps[p::factor][: 2 * _PEAK_REACH][::-1] for p in range(1, factor)]
    return np.asarray(rows, np.float32)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DIGITS)
