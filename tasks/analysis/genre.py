"""Genre: a guess by rule, and only where the sound's texture is plain; most songs get none.

"electronic" is four on the floor: a bass drum on every beat, none between, under open treble.
"acoustic" is played without drums or cymbals, such as a piano alone; what lacks them because all
of it is deep or dull, as a synthesiser's bass may be, gets no name. "ambient" has harmony and no
beat. The limits lie in the gaps between the groups of our renders, where all electronic songs have
the first and all piano songs the second; other instruments and recordings may lie elsewhere, so no
guess is sure.
"""

from dataclasses import dataclass

import numpy as np

from tasks.analysis.onsets import Onsets
from tasks.analysis.spectrum import FRAME_RATE_HZ, FloatArray, Spectrum

_KICK_BELOW_HZ = 120.0
_TREBLE_ABOVE_HZ = 5000.0
_SOUNDING = 0.15  # of the loud level: softer frames have no texture
_LOUD_PERCENTILE = 95.0
_KICK_RISE = 0.6  # of log1p level within 70 ms: a bass drum, not a bass note tied over
_BEFORE, _AFTER = 6, 5  # frames around a beat in which a kick starts
_STEP = 8  # every eighth frame is enough for a mean
_SURE_ENOUGH = 0.5  # less is no guess
_SUREST = 0.8
_AMBIENT = 0.6  # without a beat there is little else to go by
_HARMONY = 0.2  # of key confidence: less have noise, speech, hits and moments of anything
# Where a texture begins to count and where it counts fully.
_FLOOR = (0.30, 0.45)  # share of beats with a kick, less that of half-beats
_OPEN_TREBLE = (0.27, 0.36)
_NO_CYMBALS = (0.43, 0.36)
_NO_BOOM = (1.4, 1.2)  # pianos stay below 1.2; chip and synthesiser songs without cymbals do not
_CYMBAL_PERCENTILE = 90.0  # the brightest tenth of the frames: where cymbals are struck


@dataclass(frozen=True)
class Texture:
    """How a song sounds, whatever it plays.

    Attributes:
        treble: Compressed level above 5 kHz over that of all bands; 0 for silence.
        cymbals: The same in the brightest tenth of the frames.
        kick_on: Share of beats on which the bass rises, 0..1.
        kick_between: The same half a beat later.
        bass: Compressed level below 120 Hz over that of all bands.
        bass_share: Share of the power that lies in the bass, 0..1.
    """

    treble: float
    cymbals: float
    kick_on: float
    kick_between: float
    bass: float
    bass_share: float


def measure_texture(spectrum: Spectrum, onsets: Onsets, beats: np.ndarray) -> Texture:
    """Measure the texture of a song.

    Args:
        spectrum: Its bands.
        onsets: Its onset strengths.
        beats: Seconds, rising.
    """
    some = onsets.log_levels[::_STEP]
    level = some.mean(axis=1)
    sounding = level > max(_SOUNDING * float(np.percentile(level, _LOUD_PERCENTILE)), 1e-6)
    deep = onsets.log_levels[:, spectrum.centres_hz < _KICK_BELOW_HZ].mean(axis=1)
    treble = cymbals = bass = 0.0
    if sounding.any():
        high = some[sounding][:, spectrum.centres_hz > _TREBLE_ABOVE_HZ].mean(axis=1)
        treble = float(high.mean() / level[sounding].mean())
        cymbals = float(np.percentile(high / level[sounding], _CYMBAL_PERCENTILE))
        bass = float(deep[::_STEP][sounding].mean() / level[sounding].mean())
    return Texture(
        treble,
        cymbals,
        _share_of_kicks(deep, beats),
        _share_of_kicks(deep, 0.5 * (beats[1:] + beats[:-1])),
        bass,
        float(spectrum.bass_power.sum() / max(float(spectrum.power.sum()), 1e-12)),
    )


def guess_genre(
    texture: Texture, *, tempo_bpm: float, key_confidence: float
) -> tuple[str | None, float]:
    """Name a broad genre, if any.

    Args:
        texture: Of the song.
        tempo_bpm: 0 when it has no beat.
        key_confidence: How sure its key is, 0..1.

    Returns:
        "electronic", "acoustic" or "ambient" and a confidence of .5 to .8; or None and 0.
    """
    if texture.treble <= 0.0:
        return None, 0.0
    if tempo_bpm <= 0.0:
        return ("ambient", _AMBIENT) if key_confidence >= _HARMONY else (None, 0.0)
    floor = _ramp(texture.kick_on - texture.kick_between, _FLOOR)
    guesses = (
        ("electronic", floor * _ramp(texture.treble, _OPEN_TREBLE)),
        ("acoustic", _ramp(texture.cymbals, _NO_CYMBALS) * _ramp(texture.bass, _NO_BOOM)),
    )
    name, confidence = max(guesses, key=lambda guess: guess[1])
    return (name, min(confidence, _SUREST)) if confidence >= _SURE_ENOUGH else (None, 0.0)


def _share_of_kicks(bass: FloatArray, times: np.ndarray) -> float:
    frames = np.round(times * FRAME_RATE_HZ).astype(int)
    frames = frames[(frames >= _BEFORE) & (frames < len(bass) - _AFTER)]
    if len(frames) == 0:
        return 0.0
    before = np.min([bass[frames + d] for d in range(-_BEFORE, -1)], axis=0)
    after = np.max([bass[frames + d] for d in range(-1, _AFTER)], axis=0)
    return float(np.mean(after - before > _KICK_RISE))


def _ramp(value: float, ends: tuple[float, float]) -> float:
    return float(np.clip((value - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0))
