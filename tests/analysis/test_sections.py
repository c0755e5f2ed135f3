"""Sections tile the song, begin on downbeats, and repeat under one letter."""

from itertools import pairwise

import numpy as np
from support.sounds import (
    as_audio,
    beat_times,
    chord,
    clicks,
    noise,
    song_named,
)

from recipe_schema.vocabulary import SectionType
from tasks.analysis import analyze

BPM = 120.0
BAR = 2.0


def groove(bars, *, pad, drums=True, bass=True, hats=0.0):
    """Bars of a pad with optional drums, bass and rising hats."""
    duration = bars * BAR
    sound = np.concatenate([chord(pad, BAR, level=0.04)] * bars)
    beats = beat_times(BPM, duration, offset=0.0)
    if drums:
        sound = sound + clicks(beats, duration, accent_every=4, level=0.15)
    else:
        sound = sound + clicks(beats, duration, level=0.03)
    if bass:
        sound = sound + clicks(beats, duration, hz=55.0, decay_s=0.2, level=0.4)
    if hats:
        offs = np.arange(0.0, duration - 0.05, 0.125)
        swell = np.linspace(0.1, 1.0, len(sound)).astype(np.float32)
        sound = sound + hats * swell * (
            clicks(offs, duration, hz=9000.0, level=0.3) + noise(duration, level=0.05)
        )
    return sound.astype(np.float32)


def dance_song():
    verse, build, drop = (57, 60, 64), (53, 57, 60), (60, 64, 67)
    parts = [
        groove(8, pad=verse, drums=False, bass=False),
        groove(8, pad=verse, bass=False),
        groove(8, pad=build, drums=False, bass=False, hats=0.5),
        groove(16, pad=drop, hats=0.8),
        groove(8, pad=verse, drums=False, bass=False),
    ]
    return np.concatenate(parts)


def test_sections_of_a_dance_song():
    heard = analyze(as_audio(dance_song()), song=song_named())
    sections = heard.sections
    assert sections[0].start == 0.0
    assert sections[-1].end == heard.duration
    for before, after in pairwise(sections):
        assert before.end == after.start
        assert min(abs(after.start - beat) for beat in heard.downbeats) < 1e-9
    drops = [s for s in sections if s.type is SectionType.DROP]
    assert drops
    assert abs(drops[0].start - 48.0) < 0.1
    before = sections[sections.index(drops[0]) - 1]
    assert before.type is SectionType.BUILDUP
    assert sections[0].type is SectionType.INTRO
    assert sections[-1].type in (SectionType.OUTRO, SectionType.BREAK)
    assert max(s.energy for s in drops) > sections[0].energy


def test_a_returning_section_keeps_its_letter():
    first, second = groove(8, pad=(57, 60, 64)), groove(8, pad=(50, 55, 59), bass=False, hats=0.9)
    heard = analyze(as_audio(np.concatenate((first, second, first))), song=song_named())
    letters = {}
    for section in heard.sections:
        middle = (section.start + section.end) / 2
        letters.setdefault(int(middle // 16), set()).add(section.label.rstrip("*"))
    assert letters[0] == letters[2]
    assert letters[0].isdisjoint(letters[1])
