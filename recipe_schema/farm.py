"""What a film is made of, what it asks of the farm, and how far that is."""

from pydantic import Field, JsonValue

from recipe_schema.analysis import SongAnalysis
from recipe_schema.assembly import FilmFormat
from recipe_schema.base import SchemaModel
from recipe_schema.forms import FarmOptions, LibraryOptions
from recipe_schema.recipe import Recipe


class Child(SchemaModel):
    """A flow run that a film asks for: one shot, a batch of shots, or a few segments."""

    name: str = Field(description="Name in the dashboard, unique within the film.")
    deployment: str = Field(description="Full name, such as render-shot/gpu.")
    key: str = Field(description="Equal keys never start a second run.")
    parameters: dict[str, JsonValue]
    tags: tuple[str, ...] = ()


class Standing(SchemaModel):
    """How far the children of a film are."""

    total: int
    done: tuple[str, ...] = Field(default=(), description="Names, in the order they finished.")
    failed: tuple[str, ...] = ()
    running: int = 0
    taken_up: int | None = Field(default=None, description="Done before the film looked first.")
    seconds_left: float | None = Field(default=None, description="From what was measured so far.")
    waiting_for: str | None = Field(default=None, description="Why nothing moves, if nothing does.")


class Production(SchemaModel):
    """Everything that one film is made of and for."""

    recipe: Recipe
    analysis: SongAnalysis | None = Field(description="None: clips only, by energy alone.")
    film: FilmFormat
    renderer: str
    store: str | None
    farm: FarmOptions
    library: LibraryOptions = LibraryOptions()
    film_run: str = Field(description="Flow run that makes the film.")
