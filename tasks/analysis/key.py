"""Key: the tonic and mode whose learnt profile the song's pitch classes fit best.

The profiles are the weights of a logistic regression over the 24 keys, the same for every tonic,
so that a transposed song has a transposed key. They were fitted by `infra/training/key/fit.py` on
81 of our renders; published profiles took the fifth for the tonic in one song of six there.
"""

import numpy as np

from tasks.analysis.chroma import Chroma
from tasks.analysis.spectrum import FloatArray

PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_MODES = ("major", "minor")
# What each scale degree, from the tonic up, says for its mode: log-odds a unit of contrast.
_PROFILES = (
    (4.40, -1.77, 0.76, -2.34, 1.96, -0.02, -2.66, 4.54, -0.46, -1.35, -3.65, 0.59),
    (3.63, -4.03, 1.64, 2.31, -1.32, -1.72, -1.43, 4.53, 0.93, -3.34, -1.17, -0.03),
)
_MODE_ODDS = (0.0, 0.71)
# Contrast of the songs that were learnt from: at least .25 in all, at most 1 in one class. Noise
# and drums lie below .19; above, one note or one chord sounds, which could be in many a key.
_NOISY, _TONAL = 0.19, 0.25
_FEW_NOTES, _ONE_NOTE = 2.0, 4.0
_UNKNOWN = ("C major", 0.0)


def find_key(chroma: Chroma) -> tuple[str, float]:
    """Name the song's key.

    Args:
        chroma: The song's pitch classes.

    Returns:
        The key, such as "F# minor", and a confidence 0..1: the chance that it is right as songs of
        known key have shown it, less what a guess would have; 0 for silence, noise, drums alone
        and a single note.
    """
    contrast = measure_contrast(chroma)
    if not contrast.any():
        return _UNKNOWN
    odds = [
        float(contrast @ np.roll(profile, tonic)) + bias
        for tonic in range(12)
        for profile, bias in zip(_PROFILES, _MODE_ODDS, strict=True)
    ]
    chances = np.exp(np.array(odds) - max(odds))
    chances /= chances.sum()
    best, guess = int(np.argmax(chances)), 1.0 / len(odds)
    confidence = max(0.0, (float(chances[best]) - guess) / (1.0 - guess))
    return f"{PITCH_CLASSES[best // 2]} {_MODES[best % 2]}", confidence * _likeness(contrast)


def measure_contrast(chroma: Chroma) -> FloatArray:
    """How far each pitch class stands above the mean of all, shape (12,); 0 for silence."""
    # Roots, lest the tonic's own loudness hide the degrees that tell the mode.
    root = np.sqrt(chroma.tonal.mean(axis=0)) if len(chroma.tonal) else np.zeros(12)
    mean = float(root.mean())
    return np.asarray(root / mean - 1.0 if mean > 1e-3 else np.zeros(12), np.float32)


def _likeness(contrast: FloatArray) -> float:
    """How like a song with a key the contrasts are, 0..1."""
    spread, peak = float(contrast.std()), float(contrast.max())
    tonal = np.clip((spread - _NOISY) / (_TONAL - _NOISY), 0.0, 1.0)
    harmonic = np.clip((_ONE_NOTE - peak) / (_ONE_NOTE - _FEW_NOTES), 0.0, 1.0)
    return float(tonal * harmonic)
