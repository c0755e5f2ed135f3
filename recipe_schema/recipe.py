"""The recipe: a production plan that a person can read, edit and re-run."""

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import AssemblyInstructions
from recipe_schema.base import HexColor, SchemaModel, Seconds, Sha256, UnitFloat
from recipe_schema.vocabulary import CutOn, Effect, MotionIntensity, SectionType, Transition

RECIPE_VERSION = 1
IMPACT_THEME = "impact-moment"


class RecipeSection(SchemaModel):
    """A structural span as the recipe publishes it."""

    type: SectionType
    start: Seconds
    end: Seconds
    energy: UnitFloat


class RecipeMetadata(SchemaModel):
    """What the recipe knows about the song."""

    duration: float = Field(gt=0.0, description="Seconds of the film.")
    bpm: float = Field(ge=0.0)
    key: str
    mood: str
    structure: tuple[RecipeSection, ...] = ()
    beats_source: str | None = Field(default=None, description="Backend that found the beats.")
    excerpt: Excerpt | None = None


class VisualStyle(SchemaModel):
    """One look for the whole film."""

    aesthetic: str
    color_palette: tuple[HexColor, ...] = Field(min_length=2, max_length=8)
    motion_intensity: MotionIntensity = MotionIntensity.MEDIUM
    camera_style: str = "steady"
    calm: bool = Field(
        default=False,
        description="For photosensitive eyes: no flashes, and beats that move the picture softly.",
    )


class ShotPrompt(SchemaModel):
    """The structured fields that a renderer reads and a sentence is written from."""

    subject: str
    action: str = ""
    setting: str = ""
    motion: str = ""
    light: str = ""
    camera: str = ""


class Shot(SchemaModel):
    """A planned unit of the film."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    timestamp: Seconds
    duration: float = Field(gt=0.0, description="Seconds.")
    section: SectionType
    mochi_prompt: str = Field(min_length=1)
    visual_theme: str = Field(min_length=1)
    energy_level: UnitFloat
    transition_in: Transition | None = None
    transition_out: Transition | None = None
    effects: tuple[Effect, ...] = ()
    locked: bool = False
    seed: int | None = None
    renderer: str | None = None
    cut_on: CutOn = CutOn.BEAT
    prompt: ShotPrompt | None = None

    @property
    def end(self) -> float:
        """Seconds at which the shot ends."""
        return self.timestamp + self.duration

    @property
    def is_key_moment(self) -> bool:
        """Whether this shot marks a drop, build-up or break."""
        return self.visual_theme == IMPACT_THEME


class Recipe(SchemaModel):
    """A shot list with prompts, transitions, effects and palette: all a person edits."""

    schema_version: int = RECIPE_VERSION
    seed: int = 0
    song_sha256: Sha256 | None = None
    metadata: RecipeMetadata
    visual_style: VisualStyle
    shot_list: tuple[Shot, ...] = Field(min_length=1)
    assembly_instructions: AssemblyInstructions = AssemblyInstructions()

    @model_validator(mode="after")
    def _shots_rise(self) -> Self:
        for before, after in pairwise(self.shot_list):
            if after.timestamp < before.timestamp:
                raise ValueError(
                    f"shots must be in order of time: {after.id} at {after.timestamp} s comes "
                    f"after {before.id} at {before.timestamp} s"
                )
        return self
