"""Makes song analyses directly, without any sound."""

from collections.abc import Sequence

from recipe_schema.analysis import Confidence, Loudness, Mood, Section, Song, SongAnalysis
from recipe_schema.artifacts import ArtifactRef
from recipe_schema.vocabulary import SectionType

# Type, label, bars, energy: a club track in small.
EDM_SECTIONS = (
    ("intro", "A", 4, 0.3),
    ("buildup", "B", 4, 0.6),
    ("drop", "C", 8, 0.95),
    ("break", "D", 4, 0.25),
    ("chorus", "E", 4, 0.85),
    ("outro", "A", 3, 0.3),
)
# Three minutes of verse and chorus at 128 BPM (96 bars).
SONG_SECTIONS = (
    ("intro", "A", 8, 0.3),
    ("verse", "B", 16, 0.5),
    ("chorus", "C", 12, 0.85),
    ("verse", "B", 16, 0.55),
    ("chorus", "C", 12, 0.9),
    ("bridge", "D", 8, 0.45),
    ("chorus", "C", 16, 0.95),
    ("outro", "A", 8, 0.25),
)


def make_analysis(
    sections: Sequence[tuple[str, str, int, float]] = EDM_SECTIONS,
    *,
    bpm: float = 128.0,
    meter: int = 4,
    first_beat: float = 0.0,
    tail_s: float = 0.0,
    beats: bool = True,
    duration: float | None = None,
    mood: str = "energetic-cyberpunk",
    tags: tuple[str, ...] = (),
    valence: float = 0.2,
    arousal: float = 0.6,
    genre: str | None = None,
) -> SongAnalysis:
    """A song of exact tempo: each section is (type, label, bars, energy).

    Args:
        sections: What the song is made of.
        bpm: Tempo.
        meter: Beats a bar.
        first_beat: Seconds before the first downbeat.
        tail_s: Seconds after the last bar.
        beats: Whether any beat was heard; sections lie where they would.
        duration: Cuts the song off there, or lets its last section last until then.
        mood: Style word.
        tags: Mood tags.
        valence: Mood's valence.
        arousal: Mood's arousal.
        genre: Genre, or None.
    """
    bar_s = 60.0 / bpm * meter
    bars = sum(section[2] for section in sections)
    end = duration or first_beat + bars * bar_s + tail_s
    ticks = [first_beat + k * 60.0 / bpm for k in range(int((end - first_beat) * bpm / 60.0) + 1)]
    ticks = [time for time in ticks if time < end - 1e-6] if beats else []
    found, start = [], 0.0
    for k, (kind, label, _, energy) in enumerate(sections):
        stop = end if k == len(sections) - 1 else min(_bar_end(sections, k, first_beat, bar_s), end)
        if stop > start:
            found.append(make_section(kind, start, stop, label=label, energy=energy))
            start = stop
    return SongAnalysis(
        song=Song(sha256="0" * 64, name="made.wav", sample_rate_hz=44100, channels=2),
        duration=end,
        tempo_bpm=bpm if beats else 0.0,
        meter=meter,
        beats=tuple(ticks),
        downbeats=tuple(ticks[::meter]),
        key="C major",
        key_confidence=0.8,
        mood=Mood(style=mood, valence=valence, arousal=arousal, tags=tags),
        genre=genre,
        sections=tuple(found),
        loudness=Loudness(integrated_lufs=-9.0, lra=6.0, true_peak_dbtp=-0.3, crest_db=9.0),
        confidence=Confidence(tempo=0.9, downbeat=0.8),
        curves=ArtifactRef(key="curves/none", sha256="0" * 64, size=0),
        backends={"beats": "made"},
    )


def make_section(
    kind: str, start: float, end: float, *, label: str = "A", energy: float = 0.5
) -> Section:
    """One section."""
    return Section(
        type=SectionType(kind), label=label, start=start, end=end, energy=energy, confidence=0.7
    )


def _bar_end(
    sections: Sequence[tuple[str, str, int, float]], k: int, first_beat: float, bar_s: float
) -> float:
    """Seconds at which section `k` ends."""
    return first_beat + sum(section[2] for section in sections[: k + 1]) * bar_s
