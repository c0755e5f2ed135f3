"""What a film asks of the farm."""

from pydantic import Field, JsonValue

from recipe_schema.base import SchemaModel


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
    taken_up: int = Field(default=0, description="Already done when the film looked first.")
    seconds_left: float | None = Field(default=None, description="From what was measured so far.")
    waiting_for: str | None = Field(default=None, description="Why nothing moves, if nothing does.")
