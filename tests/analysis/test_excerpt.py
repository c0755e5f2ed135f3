"""Excerpts tell the same song from their own start."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipe_schema.analysis import (
    Confidence,
    Excerpt,
    Loudness,
    Mood,
    Section,
    Song,
    SongAnalysis,
    TempoPoint,
)
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.vocabulary import SectionType
from tasks.analysis.excerpt import take_excerpt
from tasks.errors import BadInputError

BEATS = tuple(0.5 * k for k in range(1, 40))
WHOLE = SongAnalysis(
    song=Song(sha256="0" * 64, name="x", sample_rate_hz=44100, channels=2),
    duration=20.0,
    tempo_bpm=120.0,
    tempo_curve=tuple(TempoPoint(time=t, bpm=120.0) for t in BEATS[::4]),
    beats=BEATS,
    downbeats=BEATS[::4],
    key="C major",
    key_confidence=0.5,
    mood=Mood(style="calm", valence=0.0, arousal=0.0),
    sections=(
        Section(type=SectionType.INTRO, label="A", start=0, end=4.5, energy=0.2, confidence=1),
        Section(type=SectionType.VERSE, label="B", start=4.5, end=12.5, energy=0.5, confidence=1),
        Section(type=SectionType.OUTRO, label="A", start=12.5, end=20, energy=0.2, confidence=1),
    ),
    loudness=Loudness(integrated_lufs=-14.0, lra=5.0, true_peak_dbtp=-1.0, crest_db=12.0),
    confidence=Confidence(tempo=1.0, downbeat=1.0),
    curves=ArtifactRef(key="c.npz", sha256="1" * 64, size=1),
)


@settings(max_examples=60, deadline=None)
@given(start=st.floats(0.0, 19.9), length=st.floats(0.1, 25.0))
def test_an_excerpt_shifts_every_time_and_its_sections_tile_it(start, length):
    part = take_excerpt(WHOLE, Excerpt(start=start, length=length))
    # Validation runs again on a round trip: beats rise, sections tile.
    assert SongAnalysis.model_validate_json(part.model_dump_json()) == part
    assert part.duration == pytest.approx(min(length, 20.0 - start))
    assert part.sections[0].start == 0.0
    assert part.sections[-1].end == part.duration
    inside = [t for t in BEATS if start <= t < start + part.duration - 1e-9]
    assert len(part.beats) - len(inside) in (0, 1)
    for beat in part.beats:
        assert min(abs(beat + start - t) for t in BEATS) <= 0.0021
    assert part.curves == WHOLE.curves


def test_the_whole_song_is_an_excerpt_of_itself():
    part = take_excerpt(WHOLE, Excerpt(start=0.0, length=20.0))
    assert part.model_copy(update={"excerpt": None}) == WHOLE


def test_an_excerpt_after_the_end_is_refused():
    with pytest.raises(BadInputError, match=r"starts at 20 s, but the song is 20\.0 s"):
        take_excerpt(WHOLE, Excerpt(start=20.0, length=1.0))


def test_an_excerpt_of_an_excerpt_is_refused():
    part = take_excerpt(WHOLE, Excerpt(start=2.0, length=5.0))
    with pytest.raises(BadInputError, match="already"):
        take_excerpt(part, Excerpt(start=0.0, length=1.0))
