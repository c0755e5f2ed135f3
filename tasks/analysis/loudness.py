"""Loudness after ITU-R BS.1770 and EBU: integrated, range, true peak, crest.

The weighting filters are pyloudnorm's; the song runs through them as it is decoded, and one pass
serves integrated loudness and range alike.

Source:
    ITU-R BS.1770-5 (gating, true peak), EBU Tech 3342 (loudness range).
"""

import numpy as np
import numpy.typing as npt
import scipy.signal
from pyloudnorm.iirfilter import IIRfilter

from recipe_schema.analysis import Loudness
from tasks.analysis.intake_kernels import (
    BROKEN,
    CLIPPED,
    PEAK,
    SQUARES,
    TALLIES,
    peak_between,
    weigh,
)
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
# K-weighting exactly as tabulated in BS.1770 for 48 kHz, at any rate (pyloudnorm's "DeMan").
_SHELF = (3.99984385397, 0.7071752369554193, 1681.9744509555319, "high_shelf_DeMan")
_HIGH_PASS = (0.0, 0.5003270373253953, 38.13547087613982, "high_pass_DeMan")
_CLIPPED = 0.999  # amplitude of a sample at full scale
_SILENCE = 1e-10  # amplitude: -200 dBFS
_OVERSAMPLED_HZ = 176400  # true peak: four times 44.1 kHz, and no more at higher rates
_PEAK_REACH = 10  # samples either side that the interpolator weighs
_DIGITS = 2


class LoudnessGauge:
    """Hears a song piece by piece, in constant memory, and tells its loudness at the end."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        """Set up the filters.

        Args:
            sample_rate_hz: Rate of the song.
            channels: At least one.
        """
        self._step = round(_STEP_S * sample_rate_hz)
        self._filters = np.array(
            [
                np.r_[kind.b, kind.a[1:]] / kind.a[0]
                for kind in (IIRfilter(*f[:3], sample_rate_hz, f[3]) for f in (_SHELF, _HIGH_PASS))
            ]
        )
        self._state = np.zeros((channels, 4))
        self._tally = np.zeros(TALLIES)
        self._steps: list[_Numbers] = []
        self._count = 0
        factor = max(1, min(4, round(_OVERSAMPLED_HZ / sample_rate_hz)))
        self._taps = _interpolator(factor)
        self._gain = float(np.abs(self._taps).sum(axis=1).max(initial=0.0))
        self._true_peak = 0.0
        # The first instant that is looked at follows the first sample: none comes before it.
        self._last, self._ahead = np.zeros((channels, 2 * _PEAK_REACH), np.float32), _PEAK_REACH

    def push(self, samples: FloatArray) -> FloatArray:
        """Hear the next piece.

        Args:
            samples: Shape (channels, samples), full scale 1.0.

        Returns:
            The mean of the channels, shape (samples,).
        """
        frames = np.ascontiguousarray(samples.T, np.float32)
        steps = np.empty(len(frames) // self._step + 1)
        mono = np.empty(len(frames), np.float32)
        ended = weigh(
            *(frames, self._filters, self._state, self._tally, self._step, _CLIPPED, steps, mono)
        )
        self._steps.append(steps[:ended])
        self._count += len(frames)
        self._look_between(samples)
        return mono

    @property
    def clipped_share(self) -> float:
        """Share of the samples at full scale."""
        return float(self._tally[CLIPPED]) / max(1, self._count * len(self._last))

    @property
    def broken(self) -> int:
        """Samples that were no numbers, or absurdly large ones."""
        return int(self._tally[BROKEN])

    def read(self) -> Loudness:
        """Tell the loudness of all that was heard; nothing may be pushed afterwards.

        Returns:
            Loudness; all None for silence, integrated and range None when too short or too quiet
            to pass the gates.
        """
        peak = float(self._tally[PEAK])
        if peak < _SILENCE:
            return Loudness(integrated_lufs=None, lra=None, true_peak_dbtp=None, crest_db=None)
        self._look_between(np.zeros((len(self._last), _PEAK_REACH), np.float32))
        steps = np.concatenate(self._steps)
        mean_square = float(self._tally[SQUARES]) / (self._count * len(self._last))
        return Loudness(
            integrated_lufs=_rounded(_integrated(steps)),
            lra=_rounded(_range(steps)),
            true_peak_dbtp=_rounded(20.0 * np.log10(self._true_peak)),
            crest_db=_rounded(20.0 * np.log10(peak) - 10.0 * np.log10(mean_square)),
        )

    def _look_between(self, samples: FloatArray) -> None:
        """Raise the true peak by a piece; its last samples wait for what follows them."""
        known = np.concatenate([self._last, samples], axis=1)
        best = max(self._true_peak, float(self._tally[PEAK]))
        first, last = _PEAK_REACH + self._ahead, known.shape[1] - _PEAK_REACH
        for channel in known:
            best = float(peak_between(channel, self._taps, first, last, best, self._gain))
        self._true_peak = best
        self._ahead = max(0, first - last)
        self._last = known[:, -2 * _PEAK_REACH :].copy()


def measure_loudness(samples: FloatArray, sample_rate_hz: int) -> Loudness:
    """Measure the loudness of a whole song at its own rate.

    Args:
        samples: Shape (channels, samples), full scale 1.0, not empty.
        sample_rate_hz: Rate of `samples`.

    Returns:
        As of `LoudnessGauge.read`.
    """
    gauge = LoudnessGauge(sample_rate_hz, len(samples))
    gauge.push(samples)
    return gauge.read()


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


def _interpolator(factor: int) -> FloatArray:
    """Taps of the instants between two samples: the filter of scipy.signal.resample_poly."""
    half = _PEAK_REACH * factor
    taps = factor * scipy.signal.firwin(2 * half + 1, 1.0 / factor, window=("kaiser", 5.0))
    # The instant p shares after sample i weighs sample n with taps[half + p + (i - n) * factor].
    rows = [taps[p::factor][: 2 * _PEAK_REACH][::-1] for p in range(1, factor)]
    return np.asarray(rows, np.float32).reshape(factor - 1, 2 * _PEAK_REACH)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DIGITS)
