"""What the dashboard's forms ask for; every field is explained where a person fills it in."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, JsonValue, model_validator

from recipe_schema.analysis import Corrections
from recipe_schema.assembly import FilmFormat
from recipe_schema.base import FormModel
from recipe_schema.vocabulary import (
    Aesthetic,
    AudioMode,
    Fit,
    Focus,
    OnFailure,
    Priority,
    Quality,
    RenderPool,
    Retime,
    VideoCodec,
)

# Anything that a person can read in one line, and that may stand in an address.
PROJECT_NAME = r"^[^\x00-\x1f/]{1,80}$"
PROJECT_RULE = "a project's name has 1 to 80 characters, no / and no control letter such as a tab"


class StyleOptions(FormModel):
    """How the film looks and how fast it is cut."""

    aesthetic: Aesthetic | None = Field(
        default=None, description="The look; the song chooses when empty."
    )
    seed: int = Field(default=0, description="Equal seeds give equal films.")
    pace: float = Field(
        default=1.0, ge=0.25, le=4.0, description="Above 1 cuts faster, below 1 slower."
    )
    calm: bool = Field(
        default=False, description="For photosensitive eyes: no flashes, soft beats, no shaking."
    )


class EarsOptions(Corrections):
    """Who listens to the song, and what a person sets right."""

    beats: str = Field(
        default="songfilm", description="Beat tracker: songfilm, librosa, essentia or beat_this."
    )
    stems: str | None = Field(
        default=None,
        description="Demucs model that separates drums, bass, vocals and the rest, such as "
        "htdemucs; minutes on a CPU. The song's bands serve when empty.",
    )


class DressOptions(FormModel):
    """What is laid over the pictures; what is empty leaves the recipe's own."""

    grade: float | None = Field(
        default=None, ge=0.0, le=1.5, description="Strength of the common look: 0 none, 1 usual."
    )
    lut: str | None = Field(
        default=None, description="A .cube colour table: its path, or its key in the store."
    )
    title: str | None = Field(
        default=None,
        max_length=120,
        description="Title card at the start; auto: the song's own. A title that is this very "
        "word: write Auto.",
    )
    artist: str | None = Field(
        default=None, max_length=120, description="On the title card; auto: the song's own."
    )
    credits: tuple[str, ...] = Field(
        default=(), max_length=24, description="Lines over the last seconds."
    )
    lyrics: str | None = Field(
        default=None, description="Words in time, .srt or .lrc: their path, or their key."
    )
    burn_lyrics: bool = Field(
        default=False, description="Paint the words into the pictures, not only beside them."
    )
    font: str | None = Field(
        default=None, description="A .ttf or .otf file for all that is written: path or key."
    )


class ExportOptions(FormModel):
    """How an export differs from its film; what is empty stays as the film has it."""

    shape: str | None = Field(
        default=None,
        pattern=r"^[1-9]\d?:[1-9]\d?$",
        description="Width to height, such as 9:16 or 1:1; the shorter side keeps its length.",
    )
    width_px: int | None = Field(default=None, description="Pixels, an even number.")
    height_px: int | None = Field(default=None, description="Pixels, an even number.")
    fps: str | None = Field(default=None, description="Frames a second: 60, or 30000/1001.")
    quality: Quality | None = None
    codec: VideoCodec | None = None
    audio: AudioMode | None = None
    fit: Fit | None = None
    focus: Focus | None = None
    retime: Retime | None = None

    @model_validator(mode="after")
    def _refuse_two_shapes(self) -> Self:
        if self.shape is not None and (self.width_px is not None or self.height_px is not None):
            raise ValueError("shape and size both say how wide the film is; give one of them")
        return self

    def over(self, film: FilmFormat) -> FilmFormat:
        """The format of an export of a film.

        Raises:
            ValueError: A size or rate that no film can have.
        """
        given = self.model_dump(exclude_none=True, exclude={"shape"})
        if self.shape is not None:
            wide, high = map(int, self.shape.split(":"))
            short = min(film.width_px, film.height_px)
            given["width_px"], given["height_px"] = (
                max(64, round(short * side / min(wide, high) / 2) * 2) for side in (wide, high)
            )
        return FilmFormat.model_validate(film.model_dump() | given)


class LibraryOptions(FormModel):
    """Where a film belongs, and which stored clips it may use."""

    project: str = Field(
        default="default",
        pattern=PROJECT_NAME,
        description="Films and costs are listed by project.",
    )
    reuse_clips: bool = Field(
        default=True, description="Use clips of other films; off: every shot is rendered anew."
    )
    near: float | None = Field(
        default=None,
        ge=0.5,
        lt=1.0,
        description="Let a clip of a similar prompt stand in from this similarity on, such as 0.9; "
        "never when empty.",
    )
    tenant: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Share clips with films of this tenant; that of the film's worker when empty.",
    )


def library_of(settings: Mapping[str, JsonValue]) -> LibraryOptions:
    """The project of a film, and which clips it was allowed to use, by its manifest's settings."""
    known = {name: settings.get(name) for name in LibraryOptions.model_fields}
    given = {name: value for name, value in known.items() if value is not None}
    return LibraryOptions.model_validate(given)


class FarmOptions(FormModel):
    """Where and how the shots of a film are rendered."""

    pool: RenderPool = Field(
        default=RenderPool.HERE,
        description="Work pool for the shots: cpu, gpu, or here in the film's own process.",
    )
    priority: Priority = Field(
        default=Priority.NORMAL, description="Queue of the shots: urgent, normal or batch."
    )
    on_failure: OnFailure = Field(
        default=OnFailure.FAIL,
        description="When a shot fails for good: fail the film, put a procedural stand-in there, "
        "or hold the film until the shot is mended.",
    )
    shots_per_run: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Shots per flow run; more than 1 spares machines that load a model for each.",
    )
    segments_on_cpu: bool = Field(
        default=False, description="Compose the film on the cpu pool instead of in one process."
    )
    deadline_hours: float | None = Field(
        default=None,
        gt=0,
        description="Shots not finished by then count as failed; no limit when empty.",
    )
