"""Key: the tonic and mode whose profile the song's pitch classes resemble most."""

import numpy as np

from tasks.analysis.chroma import Chroma

PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# Weight of each scale degree, from averaged electronic and pop music with weak degrees gated out.
# Source: A. Faraldo, E. Gomez, S. Jorda, P. Herrera, Key Estimation in Electronic Dance Music,
# ECIR 2016 (profile "bgate").
_PROFILES = {
    "major": (1.0, 0.0, 0.42, 0.0, 0.53, 0.37, 0.0, 0.77, 0.0, 0.38, 0.21, 0.30),
    "minor": (1.0, 0.0, 0.36, 0.39, 0.0, 0.38, 0.0, 0.74, 0.27, 0.0, 0.42, 0.23),
}
# A lead of this correlation over the second-best key is certainty; relative keys lie near .03.
_CERTAIN_LEAD = 0.15
_UNKNOWN = ("C major", 0.0)


def find_key(chroma: Chroma) -> tuple[str, float]:
    """Name the song's key.

    Args:
        chroma: The song's pitch classes.

    Returns:
        The key, such as "F# minor", and a confidence 0..1: 0 when nothing tonal sounds.
    """
    mean = chroma.tonal.mean(axis=0)
    if len(chroma.tonal) == 0 or float(mean.std()) < 1e-6:
        return _UNKNOWN
    likeness = sorted(
        (
            (float(np.corrcoef(mean, np.roll(profile, tonic))[0, 1]), tonic, mode)
            for mode, profile in _PROFILES.items()
            for tonic in range(12)
        ),
        reverse=True,
    )
    (best, tonic, mode), (second, _, _) = likeness[:2]
    confidence = float(np.clip((best - second) / _CERTAIN_LEAD, 0.0, 1.0) * max(best, 0.0))
    return f"{PITCH_CLASSES[tonic]} {mode}", confidence
