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
_FELT = 0.02  # of pace: a tempo some 1.5 BPM away feels the same
_LOUD = 0.75  # energy: above all pianos of our renders, below most bands
_BASS_HEAVY = 0.5  # of the power
_PACE_IN_AROUSAL = 0.6  # of arousal's range from -1 to 1
_AROUSAL_IN_VALENCE = 0.1


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
    pace = _pace(clues.tempo_bpm)
    hard = np.clip((clues.treble - _SOFT_TREBLE) / (_HARD_TREBLE - _SOFT_TREBLE), 0.0, 1.0)
    rest = 0.60 * clues.energy + 0.50 * hard + 0.20 * clues.brightness
    arousal = float(np.clip(_PACE_IN_AROUSAL * pace + rest - 1.0, -1.0, 1.0))
    mode = clues.key_confidence * (1.0 if clues.key.endswith("major") else -1.0)
    valence = float(
        np.clip(
            0.45 * mode + 0.3 * (clues.brightness - 0.5) + _AROUSAL_IN_VALENCE * arousal, -1.0, 1.0
        )
    )
    return Mood(
        style=_style(arousal, valence, clues.genre),
        valence=round(valence, 3),
        arousal=round(arousal, 3),
        tags=(*_pace_tags(clues.tempo_bpm), *_tags(clues)),
    )


def follow_tempo(mood: Mood, *, genre: str | None, before_bpm: float, after_bpm: float) -> Mood:
    """Read the mood again after somebody set the tempo right.

    Args:
        mood: As read at the former tempo, or as edited by hand.
        genre: The song's.
        before_bpm: Former tempo; 0 when there was no beat.
        after_bpm: Tempo now.

    Returns:
        The mood with another share of pace in it; a style word written by hand stays, and so does
        what else was heard.
    """
    faster = _pace(after_bpm) - _pace(before_bpm)
    former, tags = _pace_tags(before_bpm), _pace_tags(after_bpm)
    if "silent" in mood.tags or (abs(faster) < _FELT and tags == former):
        return mood
    arousal = float(np.clip(mood.arousal + _PACE_IN_AROUSAL * faster, -1.0, 1.0))
    aroused = _AROUSAL_IN_VALENCE * (arousal - mood.arousal)
    valence = float(np.clip(mood.valence + aroused, -1.0, 1.0))
    own = mood.style != _style(mood.arousal, mood.valence, genre)
    return Mood(
        style=mood.style if own else _style(arousal, valence, genre),
        valence=round(valence, 3),
        arousal=round(arousal, 3),
        tags=(*tags, *(tag for tag in mood.tags if tag not in (*former, *tags))),
    )


def _pace(tempo_bpm: float) -> float:
    """How fast a tempo feels, 0..1."""
    return float(np.clip((tempo_bpm - _SLOW_BPM) / (_FAST_BPM - _SLOW_BPM), 0.0, 1.0))


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


def _pace_tags(tempo_bpm: float) -> tuple[str, ...]:
    if tempo_bpm <= 0.0:
        return ("beatless",)
    pace = _pace(tempo_bpm)
    return ("fast",) if pace > _TAG_HIGH else ("slow",) if pace < _TAG_LOW else ()


def _tags(clues: MoodClues) -> tuple[str, ...]:
    known = (
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
