"""Energy: how much is going on, 0..1.

Definition: the A-weighted power of the mono song in 93 ms frames, in decibels, smoothed over 0.4 s;
0 is RANGE_DB below the song's loud level (its 95th percentile of sounding frames) or less, 1 is
that level or more. A section's energy is the mean of the curve over its span, times a ceiling that
falls below 1 for songs quieter than streaming services play them: a soft ballad has no energy of
1. Silence is 0.
"""

import numpy as np
import scipy.ndimage

from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray

# Verse and chorus, break and drop of finished music differ by 3 to 12 dB: a range near that keeps
# them apart on the scale.
RANGE_DB = 20.0
REFERENCE_LUFS = -14.0  # streaming services turn louder songs down to this
_CEILING_SLOPE_LU = 20.0  # quieter by this many LU would be no energy at all …
_LOWEST_CEILING = 0.4  # … but a sounding song keeps this much
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


def energy_ceiling(integrated_lufs: float | None) -> float:
    """The energy that a song's loud moments have, by how loud it was mastered.

    Args:
        integrated_lufs: Integrated loudness; None for silence.

    Returns:
        1 from REFERENCE_LUFS upwards, less below.
    """
    if integrated_lufs is None:
        return 0.0
    quieter_lu = REFERENCE_LUFS - integrated_lufs
    return float(np.clip(1.0 - quieter_lu / _CEILING_SLOPE_LU, _LOWEST_CEILING, 1.0))
