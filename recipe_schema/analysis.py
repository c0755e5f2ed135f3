"""What songfilm heard in a song: beats, bars, sections, key, mood, loudness and curves."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from recipe_schema.artifacts import ArtifactRef
from recipe_schema.base import FormModel, SchemaModel, Seconds, Sha256, UnitFloat
from recipe_schema.vocabulary import SectionType, TempoChange

ANALYSIS_VERSION = 1
_SAME_S = 1e-6  # two times that are one
_END_S = 0.01  # by which the last section may miss the song's end: rounding by hand

Signed = Annotated[float, Field(ge=-1.0, le=1.0)]


class Song(SchemaModel):
    """The file that was heard."""

    sha256: Sha256
    name: str
    sample_rate_hz: int = Field(gt=0)
    channels: int = Field(gt=0)


class Excerpt(SchemaModel):
    """The part of the song that a film is made of, in song time."""

    start: Seconds
    length: float = Field(gt=0.0, description="Seconds.")


class TempoPoint(SchemaModel):
    """Local tempo at a time."""

    time: Seconds
    bpm: float = Field(ge=0.0)


class Mood(SchemaModel):
    """A heuristic reading of the song's feeling; not a learnt model."""

    style: str = Field(description="One style word, such as energetic-cyberpunk.")
    valence: Signed
    arousal: Signed
    tags: tuple[str, ...] = ()


class Section(SchemaModel):
    """A structural span of the song."""

    type: SectionType
    label: str = Field(description="Repetition letter: sections with one label sound alike.")
    start: Seconds
    end: Seconds
    energy: UnitFloat
    confidence: UnitFloat

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"section {self.type} ends at {self.end} s, not after {self.start} s")
        return self


class Loudness(SchemaModel):
    """ITU-R BS.1770 loudness and the dynamics around it; silence has no loudness (None)."""

    integrated_lufs: float | None
    lra: float | None = Field(description="Loudness range, LU (EBU Tech 3342).")
    true_peak_dbtp: float | None
    crest_db: float | None


class Confidence(SchemaModel):
    """How sure the analysis is, 0..1."""

    tempo: UnitFloat
    downbeat: UnitFloat


class Corrections(FormModel):
    """What a person hears otherwise than songfilm did; the song is not heard again for it."""

    bpm: float | None = Field(
        default=None, ge=20.0, le=400.0, description="Tempo, when the one heard is wrong."
    )
    tempo: TempoChange | None = Field(
        default=None, description="Half or double the tempo that was heard."
    )
    downbeat_shift: int = Field(
        default=0, ge=-16, le=16, description="Beats by which every bar begins later (or earlier)."
    )
    beat_offset_ms: float = Field(
        default=0.0, ge=-1000.0, le=1000.0, description="Moves every beat later (or earlier)."
    )
    meter: int | None = Field(default=None, ge=1, le=16, description="Beats a bar.")

    @model_validator(mode="after")
    def _refuse_two_tempos(self) -> Self:
        if self.bpm is not None and self.tempo is not None:
            raise ValueError("bpm and tempo (half, double) both say how fast it is; give one")
        return self


class SongAnalysis(SchemaModel):
    """Everything later rooms know about the song."""

    schema_version: int = ANALYSIS_VERSION
    song: Song
    duration: float = Field(
        gt=0.0, description="Seconds of the song (decoded samples / rate), or of the excerpt."
    )
    excerpt: Excerpt | None = Field(
        default=None, description="Set when times below count from the start of an excerpt."
    )
    tempo_bpm: float = Field(ge=0.0, description="0 when the song has no beat.")
    tempo_curve: tuple[TempoPoint, ...] = ()
    meter: int = Field(default=4, ge=1, description="Beats a bar.")
    beats: tuple[Seconds, ...] = ()
    downbeats: tuple[Seconds, ...] = ()
    key: str = Field(description="Tonic and mode, such as C major.")
    key_confidence: UnitFloat
    mood: Mood
    genre: str | None = Field(
        default=None, description="A guess by rule: electronic, acoustic, ambient, or none."
    )
    genre_confidence: UnitFloat = 0.0
    sections: tuple[Section, ...] = Field(min_length=1)
    loudness: Loudness
    confidence: Confidence
    curves: ArtifactRef = Field(
        description="npz at 100 Hz, float32, 0..1: energy, bass, mids, highs, brightness, "
        "noisiness, onsets."
    )
    corrections: Corrections | None = Field(
        default=None, description="What a person set right after the song was heard."
    )
    backends: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _times_rise(self) -> Self:
        for name, times in (("beats", self.beats), ("downbeats", self.downbeats)):
            for k, (earlier, later) in enumerate(pairwise(times), 1):
                if later <= earlier:
                    raise ValueError(
                        f"{name} must rise: number {k + 1} is at {later:g} s, not after number "
                        f"{k} at {earlier:g} s; sort them and drop doubles"
                    )
            if times and times[-1] > self.duration:
                raise ValueError(
                    f"{name} end at {times[-1]:.3f} s, after the song ({self.duration:.3f} s)"
                )
        return self

    @model_validator(mode="after")
    def _sections_tile(self) -> Self:
        for k, (before, after) in enumerate(pairwise(self.sections), 1):
            if abs(after.start - before.end) > _SAME_S:
                wrong = "leave a gap" if after.start > before.end else "overlap"
                raise ValueError(
                    f"sections {k} ({before.type}) and {k + 1} ({after.type}) {wrong}: one ends at "
                    f"{before.end:g} s and the next starts at {after.start:g} s; write the same "
                    "time in both"
                )
        first, last = self.sections[0], self.sections[-1]
        if first.start > _SAME_S:
            raise ValueError(
                f"the first section ({first.type}) starts at {first.start:g} s; let it start at 0"
            )
        if abs(last.end - self.duration) > _END_S:
            raise ValueError(
                f"the last section ({last.type}) ends at {last.end:g} s, the song at "
                f"{self.duration:g} s; let it end there"
            )
        return self
