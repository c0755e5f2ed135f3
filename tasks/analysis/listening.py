"""The analysis in order: one decode heard once, every later step reading the same spectrum."""

import logging

import numpy as np

from recipe_schema.analysis import Confidence, Loudness, Section, Song
from tasks.analysis.attacks import Times, place_on_attacks, snap_to_peaks
from tasks.analysis.bands import trace_curves
from tasks.analysis.beats import CLEAR_PULSE, pulse_clarity, track_beats
from tasks.analysis.chroma import Chroma, measure_chroma
from tasks.analysis.downbeats import Bars, find_downbeats
from tasks.analysis.energy import SILENCE_POWER, energy_ceiling, measure_energy
from tasks.analysis.heard import Heard
from tasks.analysis.key import find_key
from tasks.analysis.level import choose_level
from tasks.analysis.loudness import measure_loudness
from tasks.analysis.mood import MoodClues, read_mood
from tasks.analysis.onsets import Onsets, measure_onsets
from tasks.analysis.sections import name_sections
from tasks.analysis.spectrum import (
    FRAME_RATE_HZ,
    FloatArray,
    Spectrum,
    measure_spectrum,
    to_listening_rate,
)
from tasks.analysis.structure import find_structure
from tasks.analysis.tempo import measure_tempo, trace_tempo
from tasks.analysis.version import ANALYSIS_CODE_VERSION
from tasks.media.audio import Audio
from tasks.media.probe import BadSongError

log = logging.getLogger(__name__)

_CLIPPED_LEVEL = 0.999
_CLIPPED_SHARE = 1e-3  # of the samples: audible
_SHORT_S = 5.0
_UNSURE_TEMPO = 0.3
_UNSURE_DOWNBEAT = 0.3
_UNSURE_KEY = 0.1
_CERTAIN_CLARITY = 0.5  # pulse clarity of programmed drums
_NO_BARS = Bars(np.zeros(0), 4, 0.0)


def listen(audio: Audio, *, song: Song) -> Heard:
    """Hear a song; `tasks.analysis.analyze` is the way in."""
    _refuse_unusable(audio)
    samples = to_listening_rate(audio.mono(), audio.sample_rate_hz)
    spectrum = measure_spectrum(samples)
    onsets = measure_onsets(spectrum)
    chroma = measure_chroma(samples)
    beats, clarity = _find_beats(samples, spectrum, onsets, chroma)
    bars = find_downbeats(beats, spectrum, onsets, chroma) if len(beats) else _NO_BARS
    loudness = measure_loudness(audio.samples, audio.sample_rate_hz)
    ceiling = energy_ceiling(loudness.integrated_lufs)
    energy = measure_energy(spectrum.weighted_power) * np.float32(ceiling)
    sections = name_sections(
        find_structure(bars.downbeats, onsets, chroma, duration=audio.duration),
        spectrum,
        onsets,
        energy,
    )
    curves = trace_curves(spectrum, onsets, duration=audio.duration)
    log.info("heard %.1f s: %d beats, %d sections", audio.duration, len(beats), len(sections))
    return _tell(audio, song, beats, bars, clarity, find_key(chroma), sections, loudness, curves)


def _refuse_unusable(audio: Audio) -> None:
    if audio.samples.size == 0:
        raise BadSongError("the song has no samples; is the file empty?")
    with np.errstate(invalid="ignore"):
        total = audio.samples.sum(dtype=np.float64)
    if not np.isfinite(total):
        bad = int(np.count_nonzero(~np.isfinite(audio.samples)))
        raise BadSongError(f"the song holds {bad} samples that are not numbers; encode it again")


def _find_beats(
    samples: FloatArray, spectrum: Spectrum, onsets: Onsets, chroma: Chroma
) -> tuple[Times, float]:
    """Beats on their attacks, and the clarity of the pulse; none where no pulse is clear."""
    frames = track_beats(onsets.strength)
    clarity = pulse_clarity(onsets.strength, frames)
    if clarity < CLEAR_PULSE:
        return np.zeros(0), clarity
    coarse = snap_to_peaks(frames, onsets.strength)
    beats = place_on_attacks(samples, choose_level(coarse, onsets, chroma))
    sounding = np.flatnonzero(spectrum.power > SILENCE_POWER) / FRAME_RATE_HZ
    if len(beats) < 3 or len(sounding) == 0:
        return np.zeros(0), clarity
    # Nobody taps in the silence before the first and after the last sound.
    half = 0.5 * float(np.median(np.diff(beats)))
    return beats[(beats > sounding[0] - half) & (beats < sounding[-1] + half)], clarity


def _tell(
    audio: Audio,
    song: Song,
    beats: Times,
    bars: Bars,
    clarity: float,
    key: tuple[str, float],
    sections: tuple[Section, ...],
    loudness: Loudness,
    curves: dict[str, FloatArray],
) -> Heard:
    """Put the parts together and say what was hard to hear."""
    tempo = measure_tempo(beats)
    mean = {name: float(curve.mean()) for name, curve in curves.items()}
    mean["energy"] *= energy_ceiling(loudness.integrated_lufs)
    clues = MoodClues(
        tempo, *key, mean["energy"], mean["brightness"], mean["bass"], mean["highs"], loudness.lra
    )
    sure = Confidence(
        tempo=float(np.clip(clarity / _CERTAIN_CLARITY, 0.0, 1.0)) if len(beats) else 0.0,
        downbeat=bars.confidence,
    )
    return Heard(
        song=song,
        duration=audio.duration,
        tempo_bpm=tempo,
        tempo_curve=trace_tempo(beats),
        meter=bars.meter,
        beats=tuple(float(beat) for beat in beats),
        downbeats=tuple(float(beat) for beat in bars.downbeats),
        key=key[0],
        key_confidence=key[1],
        mood=read_mood(clues),
        sections=sections,
        loudness=loudness,
        confidence=sure,
        backends={"beats": f"songfilm {ANALYSIS_CODE_VERSION}"},
        warnings=_warnings(audio, beats, sure, key[1], loudness),
        curves=curves,
    )


def _warnings(
    audio: Audio, beats: Times, sure: Confidence, key_confidence: float, loudness: Loudness
) -> tuple[str, ...]:
    if loudness.true_peak_dbtp is None:
        return ("the song is silent: no beats, no key",)
    clipped = _clipped_share(audio)
    said = (
        (audio.duration < _SHORT_S, f"the song is only {audio.duration:.1f} s long"),
        (len(beats) == 0, "no steady beat was found; cuts will fall on free times"),
        (len(beats) > 0 and sure.tempo < _UNSURE_TEMPO, "the beat is faint; check the tempo"),
        (len(beats) > 0 and sure.downbeat < _UNSURE_DOWNBEAT, "the bar's first beat is unsure"),
        (key_confidence < _UNSURE_KEY, "the key is unsure"),
        (clipped > _CLIPPED_SHARE, f"the song clips: {clipped:.1%} of its samples at full scale"),
    )
    return tuple(text for holds, text in said if holds)


def _clipped_share(audio: Audio) -> float:
    """Share of the samples at full scale."""
    hits = sum(
        np.count_nonzero(channel >= _CLIPPED_LEVEL) + np.count_nonzero(channel <= -_CLIPPED_LEVEL)
        for channel in audio.samples
    )
    return float(hits / audio.samples.size)
