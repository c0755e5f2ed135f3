"""Who plays which notes when: bass, chords, pads, plucks, piano and the lead."""

from functools import lru_cache

import numpy as np

from tasks.media.demo import synth
from tasks.media.demo.effects import Wave, lowpass
from tasks.media.demo.score import (
    BAR,
    BEAT,
    HARMONY,
    HOOK,
    HUSH_BAR,
    REFRAIN,
    STEP,
    TRESILLO,
    Chord,
    at,
    chord_at,
    section_bars,
)
from tasks.media.demo.stage import Stage

ARPEGGIO = (0, 2, 4, 1, 3, 2, 4, 3)  # voices of the chord, an octave up, in eighths


def play_bass(stage: Stage) -> None:
    """Tresillo in the drop, quarters that the kick pumps in the chorus; and the sub."""
    for bar in section_bars("drop"):
        for step, length in TRESILLO:
            root = chord_at(bar, step).bass
            octave = 12 if step in (6, 14) else 0
            cutoff_hz = 420.0 + 60.0 * (bar - section_bars("drop")[0])
            _bass_note(stage, root + 12 + octave, at(bar, step), length, cutoff_hz=cutoff_hz)
    for bar in section_bars("chorus"):
        for step, length in ((0, 4), (4, 4), (8, 4), (12, 2), (14, 2)):
            root = chord_at(bar, step).bass + (24 if step == 14 else 12)
            _bass_note(stage, root, at(bar, step), length, cutoff_hz=900.0)
    for bar in (*section_bars("buildup")[:2], *section_bars("outro")[:2]):
        for step in range(0, 16, 2):
            _bass_note(stage, HARMONY[bar].bass + 12, at(bar, step), 2, cutoff_hz=260.0, level=0.7)
    for name, level in (("drop", 1.0), ("chorus", 1.0), ("break", 0.4), ("outro", 0.75)):
        for bar in section_bars(name):
            _sub_note(stage, bar, level)


def _bass_note(
    stage: Stage, pitch: int, start: int, steps: int, *, cutoff_hz: float, level: float = 1.0
) -> None:
    stage.place("bass", _bass(pitch, round(steps * STEP * 0.94), cutoff_hz), start, gain=level)


@lru_cache(maxsize=256)
def _bass(pitch: int, samples: int, cutoff_hz: float) -> Wave:
    return synth.bass(pitch, samples, cutoff_hz=cutoff_hz)


def _sub_note(stage: Stage, bar: int, level: float) -> None:
    root = HARMONY[bar].bass
    stage.place("sub", synth.sub(root, BAR - 200), at(bar), gain=level)


def play_plucks(stage: Stage) -> None:
    """An arpeggio whose first note of every beat marks the pulse."""
    rng = stage.rng("plucks")
    for name, levels in PLUCK_SECTIONS.items():
        for bar in section_bars(name):
            for step in range(0, 12 if bar == HUSH_BAR else 16):
                level = levels[step % 4]
                if level:
                    _pluck_note(stage, rng, bar, step, level)


PLUCK_SECTIONS = {  # level of each sixteenth of a beat
    "intro": (0.75, 0.0, 0.42, 0.2),
    "buildup": (0.6, 0.35, 0.5, 0.35),
    "break": (0.75, 0.0, 0.0, 0.0),
    "chorus": (0.4, 0.35, 0.5, 0.35),
    "outro": (0.9, 0.0, 0.55, 0.0),
}


def _pluck_note(stage: Stage, rng: np.random.Generator, bar: int, step: int, level: float) -> None:
    voice = chord_at(bar, step).voices[ARPEGGIO[(step * 3 // 2 + bar) % 8]]
    brightness = {"intro": 0.5 + 0.25 * bar}.get(_section_of(bar), 1.3)
    if bar == len(HARMONY) - 1:
        level *= 0.75 * 0.9**step
    stage.place(
        "plucks",
        _pluck(voice + 12, brightness),
        at(bar, step, swing=True),
        gain=level * (1.0 + 0.1 * float(rng.uniform(-1.0, 1.0))),
        pan=(-0.35, 0.3, 0.1, -0.15)[step % 4],
    )


@lru_cache(maxsize=256)
def _pluck(pitch: int, brightness: float) -> Wave:
    return synth.pluck(pitch, brightness=brightness)


def _section_of(bar: int) -> str:
    return "intro" if bar in section_bars("intro") else "later"


def play_tease(stage: Stage) -> None:
    """Hint at the hook: plucked under the build-up, and an octave above late in the chorus."""
    build, chorus = section_bars("buildup")[0], section_bars("chorus")[0]
    for note in HOOK:
        bar = note.bar - 4
        if bar < 0:
            continue
        if not (build + bar == HUSH_BAR and note.step >= 12):
            bright = 0.5 + 0.35 * bar
            stage.place("tease", _pluck(note.pitch, bright), at(build + bar, note.step), gain=0.8)
        stage.place(
            "tease", _pluck(note.pitch + 12, 1.0), at(chorus + note.bar, note.step), gain=0.45
        )


def play_piano(stage: Stage) -> None:
    """The break: chords on every beat and the tune; one last chord at the end."""
    rng = stage.rng("piano")
    first = section_bars("break")[0]
    for bar in section_bars("break"):
        for step in (0, 4, 8, 12):
            _piano_chord(stage, rng, chord_at(bar, step), at(bar, step), first_beat=step == 0)
    for note in REFRAIN:
        sound = synth.piano(note.pitch, length_s=1.6, velocity=0.95)
        stage.place("piano", sound, at(first + note.bar, note.step), gain=0.85, pan=0.12)
    last = section_bars("outro")[2]
    for k, voice in enumerate(HARMONY[last].voices):
        stage.place("piano", synth.piano(voice, length_s=2.0), at(last) + 500 * k, gain=0.6)


def _piano_chord(
    stage: Stage, rng: np.random.Generator, chord: Chord, start: int, *, first_beat: bool
) -> None:
    for k, voice in enumerate(chord.voices):
        level = (0.68 if first_beat else 0.56) * (1.0 + 0.12 * float(rng.uniform(-1.0, 1.0)))
        stage.place("piano", _piano(voice), start, gain=level, pan=-0.4 + 0.16 * k)
    stage.place("piano", _piano(chord.bass + 12), start, gain=0.9 if first_beat else 0.75)


@lru_cache(maxsize=64)
def _piano(pitch: int) -> Wave:
    return synth.piano(pitch, length_s=1.1, velocity=0.7)


def play_lead(stage: Stage) -> None:
    """Sing the hook over the chorus, and its first note once more into the outro."""
    first = section_bars("chorus")[0]
    line = [
        (at(first + note.bar, note.step), round(note.length * STEP * 0.97), note.pitch)
        for note in HOOK
    ]
    line.append((at(section_bars("outro")[0]), 3 * BEAT, 81))
    start = line[0][0]
    stop = line[-1][0] + line[-1][1]
    shifted = [(place - start, length, pitch) for place, length, pitch in line]
    sound = synth.lead(shifted, stop - start, stage.rng("lead"))
    stage.place("lead", lowpass(sound, 6500.0), start)
