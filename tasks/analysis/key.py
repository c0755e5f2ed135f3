"""Key: the tonic and mode whose learnt profile the song's pitch classes fit best.

The profiles are the weights of a logistic regression over the 24 keys, the same for every tonic,
so that a transposed song has a transposed key. They were fitted by `infra/training/key/fit.py` on
81 of our renders, of which it tells 93 % rightly under cross-validation and a published profile
73 %, mostly by taking the fifth for the tonic.
"""

import numpy as np

from tasks.analysis.chroma import CHROMA_RATE_HZ, Chroma
from tasks.analysis.spectrum import FloatArray

# As musicians spell them: the key with fewer signs.
TONICS = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
}
_MODES = tuple(TONICS)
# What each scale degree, from the tonic up, says for its mode: log-odds a unit of contrast.
_PROFILES = (
    (4.39, -1.77, 0.78, -2.22, 1.94, 0.01, -2.66, 4.54, -0.49, -1.32, -3.75, 0.56),
    (3.61, -3.97, 1.65, 2.28, -1.33, -1.73, -1.41, 4.55, 0.94, -3.37, -1.18, -0.07),
)
_MODE_ODDS = (0.0, 0.74)
# Contrast of the songs that were learnt from: at least .25 in all, at most 1 in one class. Noise
# and drums lie below .19; above, one note or one chord sounds, which could be in many a key.
_NOISY, _TONAL = 0.19, 0.25
_FEW_NOTES, _ONE_NOTE = 2.0, 4.0
_TELLING_S = 4.0  # a key is told by several chords: of less, so much less
_UNKNOWN = ("C major", 0.0)


def find_key(chroma: Chroma) -> tuple[str, float]:
    """Name the song's key.

    Args:
        chroma: The song's pitch classes.

    Returns:
        The key, such as "F# minor" or "Eb major", and a confidence 0..1: the chance that it is
        right as songs of known key have shown it, less what a guess would have, and less of a
        moment; 0 for silence, noise, drums alone and a single note.
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
    confidence *= _likeness(contrast) * min(1.0, _sounding_s(chroma) / _TELLING_S)
    mode = _MODES[best % 2]
    return f"{TONICS[mode][best // 2]} {mode}", confidence


def measure_contrast(chroma: Chroma) -> FloatArray:
    """How far each pitch class stands above the mean of all, shape (12,); 0 for silence."""
    # Roots, lest the tonic's own loudness hide the degrees that tell the mode.
    root = np.sqrt(chroma.tonal.mean(axis=0)) if len(chroma.tonal) else np.zeros(12)
    mean = float(root.mean())
    return np.asarray(root / mean - 1.0 if mean > 1e-3 else np.zeros(12), np.float32)


def _sounding_s(chroma: Chroma) -> float:
    return float(np.count_nonzero(chroma.tonal.any(axis=1))) / CHROMA_RATE_HZ


def _likeness(contrast: FloatArray) -> float:
    """How like a song with a key the contrasts are, 0..1."""
    spread, peak = float(contrast.std()), float(contrast.max())
    tonal = np.clip((spread - _NOISY) / (_TONAL - _NOISY), 0.0, 1.0)
    harmonic = np.clip((_ONE_NOTE - peak) / (_ONE_NOTE - _FEW_NOTES), 0.0, 1.0)
    return float(tonal * harmonic)
