"""Mood: a heuristic reading of the song's feeling, not a learnt model.

Arousal grows with tempo, steady energy, cymbals and brightness; valence with the major mode,
brightness and arousal. Russell's plane is then cut into style words that pictures know; only
electronic music becomes a machine's word, for a loud band is no rave.

Source:
    J. Russell, A Circumplex Model of Affect, 1980; the weights are ours.
"""

from dataclasses import dataclass

import numpy as np

from recipe_schema.analysis import Mood

_SLOW_BPM = 70.0
_FAST_BPM = 150.0
_SOFT_TREBLE, _HARD_TREBLE = 0.2, 0.5  # a piano's, and that of drums with open cymbals
_DARK = -0.15
_BRIGHT = 0.2  # more than brightness and pace alone make: the key must be heard as major
_TAG_HIGH = 0.62  # of pace: 120 BPM
_TAG_LOW = 0.35
_LOUD = 0.75  # energy: above all pianos of our renders, below most bands
_BASS_HEAVY = 0.5  # of the power


@dataclass(frozen=True)
class MoodClues:
    """What the mood is read from."""

    tempo_bpm: float
    key: str
    key_confidence: float
    energy: float  # mean of the curve, 0..1
    brightness: float  # mean of the curve, 0..1
    bass: float  # share of the power, 0..1
    treble: float  # of the song's texture
    genre: str | None
    dynamics_db: float | None  # loudness range


def read_mood(clues: MoodClues) -> Mood:
    """Guess style word, valence, arousal and tags.

    Args:
        clues: Means over the song.

    Returns:
        The mood; a silent song is calm and neutral.
    """
    if clues.energy <= 0.0:
        return Mood(style="silent-minimal", valence=0.0, arousal=-1.0, tags=("silent",))
    pace = np.clip((clues.tempo_bpm - _SLOW_BPM) / (_FAST_BPM - _SLOW_BPM), 0.0, 1.0)
    hard = np.clip((clues.treble - _SOFT_TREBLE) / (_HARD_TREBLE - _SOFT_TREBLE), 0.0, 1.0)
    lively = 0.30 * pace + 0.30 * clues.energy + 0.25 * hard + 0.10 * clues.brightness
    arousal = float(np.clip(2.0 * lively - 1.0, -1.0, 1.0))
    mode = clues.key_confidence * (1.0 if clues.key.endswith("major") else -1.0)
    valence = float(
        np.clip(0.45 * mode + 0.3 * (clues.brightness - 0.5) + 0.1 * arousal, -1.0, 1.0)
    )
    return Mood(
        style=_style(arousal, valence, clues.genre),
        valence=round(valence, 3),
        arousal=round(arousal, 3),
        tags=_tags(clues, float(pace)),
    )


def _style(arousal: float, valence: float, genre: str | None) -> str:
    machine = genre == "electronic"
    if arousal > 0.15:
        if machine:
            return "energetic-cyberpunk" if valence < _BRIGHT else "euphoric-neon"
        if valence < _DARK:
            return "driving-dark"
        return "uplifting-bright" if valence > _BRIGHT else "driving-intense"
    if arousal < -0.25:
        return "melancholic-ambient" if valence < _DARK else "dreamy-ambient"
    if valence < _DARK:
        return "moody-noir"
    if machine:
        return "retro-synthwave"
    return "warm-organic" if valence > _BRIGHT or genre == "acoustic" else "steady-neutral"


def _tags(clues: MoodClues, pace: float) -> tuple[str, ...]:
    known = (
        ("fast", pace > _TAG_HIGH),
        ("slow", clues.tempo_bpm > 0.0 and pace < _TAG_LOW),
        ("beatless", clues.tempo_bpm <= 0.0),
        ("loud", clues.energy > _LOUD),
        ("quiet", clues.energy < _TAG_LOW),
        ("bright", clues.brightness > _TAG_HIGH),
        ("dark", clues.brightness < _TAG_LOW),
        ("bass-heavy", clues.bass > _BASS_HEAVY),
        ("major", clues.key_confidence > 0.2 and clues.key.endswith("major")),
        ("minor", clues.key_confidence > 0.2 and clues.key.endswith("minor")),
        ("dynamic", clues.dynamics_db is not None and clues.dynamics_db > 9.0),
    )
    return tuple(word for word, holds in known if holds)
