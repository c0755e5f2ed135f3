"""The analysis in order: one decode heard once, every later step reading the same spectrum."""

import logging

import numpy as np

from recipe_schema.analysis import Confidence, Section, Song
from tasks.analysis.bands import trace_curves
from tasks.analysis.doubts import FAINT_BEAT, NO_BEAT, UNSURE_BAR
from tasks.analysis.energy import energy_ceiling, measure_energy
from tasks.analysis.heard import Heard
from tasks.analysis.intake import Intake, take_in
from tasks.analysis.key import find_key
from tasks.analysis.mood import MoodClues, read_mood
from tasks.analysis.portrait import measure_portrait
from tasks.analysis.pulse import keep_rules
from tasks.analysis.sections import name_sections
from tasks.analysis.sound import Pulse, Times, measure_sound
from tasks.analysis.spectrum import FloatArray
from tasks.analysis.structure import find_structure
from tasks.analysis.tempo import measure_tempo, trace_tempo
from tasks.analysis.tracker import OURS, BeatTracker, load_tracker
from tasks.media.audio import Audio, AudioStream
from tasks.media.curves import Portrait

log = logging.getLogger(__name__)

_CLIPPED_SHARE = 1e-3  # of the samples: audible
_SHORT_S = 5.0
_UNSURE_TEMPO = 0.3
_UNSURE_DOWNBEAT = 0.3
_UNSURE_KEY = 0.1


def listen(audio: Audio | AudioStream, *, song: Song, tracker: BeatTracker | None = None) -> Heard:
    """Hear a song; `tasks.analysis.analyze` is the way in."""
    taps = tracker or load_tracker(OURS)
    taken = take_in(audio)
    sound, loudness, duration = measure_sound(taken.samples), taken.loudness, taken.duration
    pulse, mended = keep_rules(taps.track(sound), tracker=taps.name, duration=duration)
    ceiling = energy_ceiling(loudness.integrated_lufs)
    energy = measure_energy(sound.spectrum.weighted_power) * np.float32(ceiling)
    sections = name_sections(
        find_structure(pulse.downbeats, sound.onsets, sound.chroma, duration=duration),
        sound.spectrum,
        sound.onsets,
        energy,
    )
    curves = trace_curves(sound.spectrum, sound.onsets, duration=duration)
    log.info("heard %.1f s: %d beats, %d sections", duration, len(pulse.beats), len(sections))
    return _tell(
        taken,
        song,
        pulse,
        find_key(sound.chroma),
        sections,
        curves,
        measure_portrait(taken.samples, sound.chroma),
        backends={"beats": f"{taps.name} {taps.version()}"},
        mended=mended,
    )


def _tell(
    taken: Intake,
    song: Song,
    pulse: Pulse,
    key: tuple[str, float],
    sections: tuple[Section, ...],
    curves: dict[str, FloatArray],
    portrait: Portrait,
    *,
    backends: dict[str, str],
    mended: tuple[str, ...],
) -> Heard:
    """Put the parts together and say what was hard to hear."""
    tempo, loudness = measure_tempo(pulse.beats), taken.loudness
    mean = {name: float(curve.mean()) for name, curve in curves.items()}
    mean["energy"] *= energy_ceiling(loudness.integrated_lufs)
    clues = MoodClues(
        tempo, *key, mean["energy"], mean["brightness"], mean["bass"], mean["highs"], loudness.lra
    )
    sure = Confidence(tempo=pulse.tempo_confidence, downbeat=pulse.downbeat_confidence)
    return Heard(
        song=song,
        duration=taken.duration,
        tempo_bpm=tempo,
        tempo_curve=trace_tempo(pulse.beats),
        meter=pulse.meter,
        beats=tuple(float(beat) for beat in pulse.beats),
        downbeats=tuple(float(beat) for beat in pulse.downbeats),
        key=key[0],
        key_confidence=key[1],
        mood=read_mood(clues),
        sections=sections,
        loudness=loudness,
        confidence=sure,
        backends=backends,
        warnings=mended + _warnings(taken, pulse.beats, sure, key[1]),
        curves=curves,
        portrait=portrait,
    )


def _warnings(
    taken: Intake, beats: Times, sure: Confidence, key_confidence: float
) -> tuple[str, ...]:
    if taken.loudness.true_peak_dbtp is None:
        return ("the song is silent: no beats, no key",)
    clipped, duration = taken.clipped_share, taken.duration
    said = (
        (duration < _SHORT_S, f"the song is only {duration:.1f} s long"),
        (len(beats) == 0, NO_BEAT),
        (len(beats) > 0 and sure.tempo < _UNSURE_TEMPO, FAINT_BEAT),
        (len(beats) > 0 and sure.downbeat < _UNSURE_DOWNBEAT, UNSURE_BAR),
        (key_confidence < _UNSURE_KEY, "the key is unsure"),
        (clipped > _CLIPPED_SHARE, f"the song clips: {clipped:.1%} of its samples at full scale"),
    )
    return tuple(text for holds, text in said if holds)
