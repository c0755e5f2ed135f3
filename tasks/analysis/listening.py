"""The analysis in order: one decode heard once, every later step reading the same spectrum."""

import logging
from dataclasses import replace

import numpy as np

from recipe_schema.analysis import Confidence, Section, Song
from tasks.analysis.bands import trace_curves
from tasks.analysis.doubts import doubt_beats
from tasks.analysis.energy import energy_ceiling, measure_energy
from tasks.analysis.genre import Texture, guess_genre, measure_texture
from tasks.analysis.heard import Heard
from tasks.analysis.intake import Intake, take_in
from tasks.analysis.key import find_key
from tasks.analysis.mood import MoodClues, read_mood
from tasks.analysis.portrait import measure_portrait
from tasks.analysis.pulse import keep_rules
from tasks.analysis.sections import name_sections
from tasks.analysis.sound import Pulse, Times, measure_sound
from tasks.analysis.spectrum import FloatArray
from tasks.analysis.structure import doubt_structure, find_structure
from tasks.analysis.tempo import measure_tempo, trace_tempo
from tasks.analysis.tracker import OURS, BeatTracker, load_tracker
from tasks.media.audio import Audio, AudioStream
from tasks.media.curves import Portrait

log = logging.getLogger(__name__)

_CLIPPED_SHARE = 1e-3  # of the samples: audible
_SHORT_S = 5.0
_UNSURE_KEY = 0.1
_EARLY_S = 0.02  # a beat this little before the song's start is its first sound


def listen(audio: Audio | AudioStream, *, song: Song, tracker: BeatTracker | None = None) -> Heard:
    """Hear a song; `tasks.analysis.analyze` is the way in."""
    taps = tracker or load_tracker(OURS)
    taken = take_in(audio)
    lead_s, duration = taken.lead_s, taken.duration
    sound, loudness = measure_sound(taken.sounding), taken.loudness
    pulse, mended = keep_rules(taps.track(sound), tracker=taps.name, duration=duration - lead_s)
    texture = measure_texture(sound.spectrum, sound.onsets, pulse.beats)
    ceiling = energy_ceiling(loudness.integrated_lufs)
    energy = measure_energy(sound.spectrum.weighted_power) * np.float32(ceiling)
    sections = name_sections(
        find_structure(sound, pulse.downbeats, duration=duration - lead_s),
        sound.spectrum,
        sound.onsets,
        energy,
    )
    curves = trace_curves(sound.spectrum, sound.onsets, duration=duration, lead_s=lead_s)
    pulse = _in_song(pulse, lead_s, duration)
    log.info("heard %.1f s: %d beats, %d sections", duration, len(pulse.beats), len(sections))
    return _tell(
        taken,
        song,
        pulse,
        find_key(sound.chroma),
        texture,
        _later(sections, lead_s, duration),
        curves,
        measure_portrait(taken.samples, sound.chroma, lead_s=lead_s),
        backends={"beats": f"{taps.name} {taps.version()}"},
        mended=mended + doubt_structure(pulse.downbeats, duration=duration - lead_s),
    )


def _in_song(pulse: Pulse, lead_s: float, duration: float) -> Pulse:
    """The pulse on the song's own time; what would lie before its start is left out."""
    beats, downbeats = (
        np.clip(times[times > -lead_s - _EARLY_S] + lead_s, 0.0, duration)
        for times in (pulse.beats, pulse.downbeats)
    )
    return replace(pulse, beats=beats, downbeats=downbeats)


def _later(sections: tuple[Section, ...], lead_s: float, duration: float) -> tuple[Section, ...]:
    """Sections on the song's own time; silence at its start belongs to the first one."""
    starts = [0.0, *(section.start + lead_s for section in sections[1:])]
    return tuple(
        section.model_copy(update={"start": start, "end": end})
        for section, start, end in zip(sections, starts, [*starts[1:], duration], strict=True)
    )


def _tell(
    taken: Intake,
    song: Song,
    pulse: Pulse,
    key: tuple[str, float],
    texture: Texture,
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
    genre, genre_confidence = guess_genre(texture, tempo_bpm=tempo, key_confidence=key[1])
    clues = MoodClues(
        tempo,
        *key,
        energy=mean["energy"],
        brightness=mean["brightness"],
        bass=texture.bass_share,
        treble=texture.treble,
        genre=genre,
        dynamics_db=loudness.lra,
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
        genre=genre,
        genre_confidence=genre_confidence,
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
        (key_confidence < _UNSURE_KEY, "the key is unsure"),
        (clipped > _CLIPPED_SHARE, f"the song clips: {clipped:.1%} of its samples at full scale"),
    )
    unsure = doubt_beats(len(beats), tempo=sure.tempo, downbeat=sure.downbeat)
    return (*unsure, *(text for holds, text in said if holds))
