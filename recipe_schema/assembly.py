"""How clips become a film: beat sync, transitions by section pair, effects in time, reactivity."""

import re
from fractions import Fraction
from typing import Self

from pydantic import Field, field_validator, model_validator

from recipe_schema.base import FormModel, SchemaModel, Seconds
from recipe_schema.vocabulary import (
    AudioMode,
    Effect,
    Fit,
    Focus,
    Quality,
    ReactiveSource,
    ReactiveTarget,
    Retime,
    SectionType,
    Transition,
    VideoCodec,
)

_PAIR = re.compile(r"^([a-z]+)_to_([a-z]+)$")


class BeatSync(SchemaModel):
    """How tightly cuts are bound to beats."""

    mode: str = Field(default="strict", pattern="^(strict|loose|off)$")
    beat_threshold: float = Field(default=0.05, ge=0.0, le=1.0, description="Seconds.")


class TimelineEvent(SchemaModel):
    """Effects that fire at a time of the song."""

    time: Seconds
    event: str = Field(description="What happens there, such as drop.")
    effects: tuple[Effect, ...] = Field(min_length=1)
    duration: float | None = Field(
        default=None, gt=0.0, description="Seconds until gone; a few beats when empty."
    )
    strength: float = Field(default=1.0, ge=0.0, le=2.0)
    attack_beats: float | None = Field(
        default=None, ge=0.0, le=64.0, description="Rise in beats; the effect's own when empty."
    )
    decay_beats: float | None = Field(
        default=None, gt=0.0, le=64.0, description="Fall in beats; the effect's own when empty."
    )


class ReactiveRoute(SchemaModel):
    """One thing of the song that moves one thing of the picture."""

    source: ReactiveSource
    drives: ReactiveTarget
    depth: float = Field(default=1.0, ge=-2.0, le=2.0, description="Below 0 the other way.")
    rise_ms: float | None = Field(
        default=None, ge=0.0, le=5000.0, description="Smoothing upwards; the source's own if empty."
    )
    fall_ms: float | None = Field(
        default=None, ge=0.0, le=5000.0, description="Smoothing downwards; likewise."
    )


class AudioReactive(SchemaModel):
    """Which picture parameter each band of the song moves."""

    bass_drives: ReactiveTarget = ReactiveTarget.SCALE
    mids_drive: ReactiveTarget = ReactiveTarget.ROTATION
    highs_drive: ReactiveTarget = ReactiveTarget.BRIGHTNESS
    routes: tuple[ReactiveRoute, ...] = Field(
        default=(), max_length=16, description="Beside the three bands."
    )
    strength: float = Field(default=1.0, ge=0.0, le=2.0)


class Grading(SchemaModel):
    """One look for clips of any origin; its aims come from the recipe alone."""

    strength: float = Field(default=1.0, ge=0.0, le=1.5, description="0 leaves clips as they are.")
    skin: float = Field(
        default=0.7, ge=0.0, le=1.0, description="How far skin tones are spared: 0 not, 1 wholly."
    )
    lut: str | None = Field(
        default=None, description="A .cube table laid over the look: its path, or its store key."
    )
    lut_strength: float = Field(default=1.0, ge=0.0, le=1.0)


class Titles(SchemaModel):
    """A title card over the first seconds, credits over the last."""

    title: str = Field(default="", max_length=120)
    artist: str = Field(default="", max_length=120)
    credits: tuple[str, ...] = Field(default=(), max_length=24, description="A line each.")
    seconds: float = Field(default=4.0, ge=1.0, le=15.0, description="How long each one stays.")


class LyricLine(SchemaModel):
    """Words that are sung."""

    start: Seconds
    end: Seconds
    text: str = Field(min_length=1, max_length=400)

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the lyric line at {self.start} s ends at {self.end} s, not after it")
        return self


class Lyrics(SchemaModel):
    """The song's words in time: beside the film, in it as a track, or burnt into the pictures."""

    lines: tuple[LyricLine, ...] = Field(default=(), max_length=2000)
    burnt: bool = Field(default=False, description="Paint them into the pictures.")


class Lettering(SchemaModel):
    """Everything that is written on the film."""

    titles: Titles | None = None
    lyrics: Lyrics | None = None
    font: str | None = Field(
        default=None, description="A .ttf or .otf file or its store key; songfilm's own when empty."
    )


class AssemblyInstructions(SchemaModel):
    """Everything the assembly room is told beside the shots themselves."""

    beat_sync: BeatSync = BeatSync()
    transitions: dict[str, Transition] = Field(
        default_factory=dict, description="By section pair, such as intro_to_verse."
    )
    effects_timeline: tuple[TimelineEvent, ...] = ()
    audio_reactive: AudioReactive = AudioReactive()
    grade: Grading = Grading()
    lettering: Lettering = Lettering()

    @field_validator("transitions")
    @classmethod
    def _pairs_name_sections(cls, pairs: dict[str, Transition]) -> dict[str, Transition]:
        known = {section.value for section in SectionType}
        for pair in pairs:
            match = _PAIR.match(pair)
            if match is None or not set(match.groups()) <= known:
                raise ValueError(
                    f"transition pair {pair!r} is not of the form intro_to_verse with section "
                    f"types {', '.join(sorted(known))}"
                )
        return pairs


class FilmFormat(FormModel):
    """The finished file: size, rate, encoder effort, audio."""

    width_px: int = Field(default=1920, ge=64, le=7680, description="Pixels, an even number.")
    height_px: int = Field(default=1080, ge=64, le=4320, description="Pixels, an even number.")
    fps: str = Field(default="60/1", description="Frames a second: 60, or 30000/1001.")
    quality: Quality = Quality.STANDARD
    codec: VideoCodec = VideoCodec.H264
    audio: AudioMode = AudioMode.AUTO
    fit: Fit = Fit.COVER
    focus: Focus = Focus.AUTO
    retime: Retime = Retime.AUTO
    native: bool = Field(
        default=False,
        description="Clips at the film's own size and rate, where the renderer can: sharper, and "
        "several times the work.",
    )

    @property
    def rate(self) -> Fraction:
        """Frames per second as an exact fraction."""
        return Fraction(self.fps)

    @field_validator("fps")
    @classmethod
    def _rate_is_sane(cls, fps: str) -> str:
        try:
            rate = Fraction(fps)
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"fps {fps!r} is not a number or fraction such as 60/1") from error
        if not 12 <= rate <= 120:
            raise ValueError(f"fps {fps} is outside 12 to 120")
        return f"{rate.numerator}/{rate.denominator}"

    @model_validator(mode="after")
    def _size_is_even(self) -> Self:
        if self.width_px % 2 or self.height_px % 2:
            raise ValueError(f"size {self.width_px}x{self.height_px} must be even in both numbers")
        return self
