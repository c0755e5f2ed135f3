"""Tell when encoding changed how loud a song is, or made it overshoot.

Loudness is never set: AAC keeps it. Songs that are cut off at full scale lose a little of their
highest sounds, and with them some loudness, and overshoot; that is told. Measured where the film
is compared with the song anyway.

Source: ITU-R BS.1770-5 (loudness; true peak, by four times the samples).
"""

import math

import numpy as np

from tasks.assembly.job import FloatArray
from tasks.media.audio import Heard

# A change that nobody hears.
SAME_LU = 0.1
# True peaks of lossy codecs differ by this much without anything being wrong, dB.
SAME_PEAK_DB = 0.5
# Players cut off what is beyond.
_FULL_SCALE_DBTP = 0.0
_OVERSAMPLING = 4
# Samples below this have nothing beyond full scale between them, but for made signals.
_NEAR_FULL_SCALE = 0.7
# One gating block of BS.1770; a shorter sound has no loudness.
_BLOCK_S = 0.4
_METERED_CHANNELS = 5


def loudness_note(heard: Heard, meant: Heard) -> str | None:
    """Say how an encoded film differs in loudness from its song.

    Args:
        heard: The film, around some points.
        meant: The song, likewise.

    Returns:
        A warning; None where it sounds as loud, and overshoots no more than it did.
    """
    told = []
    change_lu = _loudness(heard) - _loudness(meant)
    if math.isfinite(change_lu) and abs(change_lu) > SAME_LU:
        told.append(f"is {change_lu:+.1f} LU from the song's loudness")
    peak_db = _true_peak_db(heard.windows)
    if peak_db > _FULL_SCALE_DBTP:
        own_peak_db = _true_peak_db(meant.windows)
        if peak_db > own_peak_db + SAME_PEAK_DB:
            told.append(f"peaks at {peak_db:+.1f} dBTP, the song at {own_peak_db:+.1f}")
    if not told:
        return None
    return (
        f"the song, encoded to AAC 320k, {' and '.join(told)}: it is mastered to the limit. "
        "Lossless audio, in .mov or .mkv, keeps every sample"
    )


def _loudness(sound: Heard) -> float:
    """Integrated loudness of the windows together, LUFS; minus infinity for silence."""
    count, length, channels = sound.windows.shape
    samples = sound.windows.reshape(count * length, channels)
    if channels > _METERED_CHANNELS:
        samples = samples.mean(axis=1, keepdims=True)
    if len(samples) <= _BLOCK_S * sound.rate_hz:
        return -math.inf
    # Here, because every worker that paints segments imports this room: 50 MB for nothing.
    import pyloudnorm

    return float(pyloudnorm.Meter(sound.rate_hz).integrated_loudness(samples.astype(np.float64)))


def _true_peak_db(windows: FloatArray) -> float:
    """Largest magnitude, between samples where they are high enough for it to matter, dBTP."""
    peak = float(np.abs(windows).max(initial=0.0))
    if peak > _NEAR_FULL_SCALE:
        # Here for the same reason as pyloudnorm above.
        from scipy.signal import resample_poly

        peak = float(np.abs(resample_poly(windows, _OVERSAMPLING, 1, axis=1)).max())
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf
