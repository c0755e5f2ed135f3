"""Energy: how much is going on, 0..1.

Definition: the A-weighted power of the mono song in 93 ms frames, in decibels, smoothed over 0.4 s;
0 is RANGE_DB below the song's loud level (its 95th percentile of sounding frames) or less, 1 is
that level or more. A section's energy is the mean of the curve over its span. Energy is relative to
the song: a quiet song uses the whole range too; silence is 0.
"""

import numpy as np
import scipy.ndimage

from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

RANGE_DB = 36.0  # between a song's barely audible and its loud moments
_SMOOTHING_S = 0.4
_LOUD_PERCENTILE = 95.0
SILENCE_POWER = 1e-9  # -90 dBFS: below, nothing sounds


def measure_energy(weighted_power: FloatArray, *, smoothing_s: float = _SMOOTHING_S) -> FloatArray:
    """The energy curve.

    Args:
        weighted_power: Power per frame, shape (frames,), A-weighted for the song's energy; the
            bands use their own power.
        smoothing_s: Length of the moving mean.

    Returns:
        Shape (frames,), each value 0..1.
    """
    sounding = weighted_power[weighted_power > SILENCE_POWER]
    if len(sounding) == 0:
        return np.zeros(len(weighted_power), np.float32)
    loud_db = 10.0 * np.log10(float(np.percentile(sounding, _LOUD_PERCENTILE)))
    size = max(1, round(smoothing_s * FRAME_RATE_HZ))
    smooth = scipy.ndimage.uniform_filter1d(weighted_power.astype(np.float64), size)
    level_db = 10.0 * np.log10(np.maximum(smooth, SILENCE_POWER * 1e-3))
    # A nearly silent song is not blown up to full energy: the floor of the range stays audible.
    floor_db = max(loud_db - RANGE_DB, 10.0 * np.log10(SILENCE_POWER))
    return np.asarray(np.clip((level_db - floor_db) / RANGE_DB, 0.0, 1.0), np.float32)
