"""What a person is asked before a planned film is rendered, and what they may answer.

The dashboard draws a form from these models: a card a shot for what is changed most, and the whole
recipe as JSON for everything else.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from recipe_schema.base import HexColor, SchemaModel
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.versions import dump
from recipe_schema.vocabulary import Aesthetic, Transition

# Beyond this many shots a browser crawls; the rest is edited in the recipe.
MOST_CARDS = 120
# The choice in a card that leaves a field to the film.
OF_THE_FILM = "as the film says"


class Decision(StrEnum):
    """What becomes of a proposal."""

    APPROVE = "approve"
    PLAN_AGAIN = "plan again"
    STOP = "stop"


class ShotEdit(SchemaModel):
    """A shot's card: what a person wants to change most often."""

    id: str = Field(description="Names the shot; leave it as it is.")
    prompt: str = Field(min_length=1, description="What the picture shows.")
    theme: str = Field(min_length=1, description="What the procedural renderer paints.")
    transition_in: str = Field(
        default=OF_THE_FILM,
        description="How the shot before becomes this one.",
        json_schema_extra={"enum": [OF_THE_FILM, *Transition]},
    )
    seed: str = Field(
        default="",
        pattern=r"^(-?[0-9]{1,18})?$",
        description="A whole number makes another take; empty: from the film's seed.",
    )
    renderer: str = Field(default=OF_THE_FILM, description="Who makes this clip.")
    locked: bool = Field(default=False, description="Its times stay when cuts are mended.")


class RecipeReview(SchemaModel):
    """The answer to a proposal."""

    decision: Decision = Field(
        default=Decision.APPROVE,
        description="approve renders the film with the changes below; plan again makes a new "
        "proposal with the look and seed below; stop cancels the film and keeps its recipe.",
    )
    look: Aesthetic | None = Field(
        default=None, description="For plan again: the look; the song chooses when empty."
    )
    seed: int = Field(
        default=0, description="For plan again: another seed gives another film of the same look."
    )
    palette: list[HexColor] = Field(
        default_factory=list, min_length=2, max_length=8, description="Colours, the first leads."
    )
    shots: list[ShotEdit] = Field(
        default_factory=list, description="A card a shot; times are changed in the recipe below."
    )
    recipe: str = Field(
        default="",
        description="The whole recipe, for everything that has no card. Change a thing in one "
        "place only: what card and recipe tell differently is asked again.",
        json_schema_extra={"format": "json-string"},
    )
    notes: str = Field(default="", description="Kept in the run's log.")


def shot_edit(shot: Shot) -> ShotEdit:
    """The card of a shot as it is."""
    return ShotEdit(
        id=shot.id,
        prompt=shot.mochi_prompt,
        theme=shot.visual_theme,
        transition_in=shot.transition_in or OF_THE_FILM,
        seed="" if shot.seed is None else str(shot.seed),
        renderer=shot.renderer or OF_THE_FILM,
        locked=shot.locked,
    )


def unchanged_review(recipe: Recipe) -> RecipeReview:
    """The answer that approves a proposal as it is."""
    look = recipe.visual_style.aesthetic
    return RecipeReview(
        look=Aesthetic(look) if look in set(Aesthetic) else None,
        seed=recipe.seed + 1,
        palette=list(recipe.visual_style.color_palette),
        shots=[shot_edit(shot) for shot in recipe.shot_list[:MOST_CARDS]],
        recipe=dump(recipe),
    )


def review_form(
    values: dict[str, Any], *, themes: Sequence[str], renderers: Sequence[str]
) -> type[RecipeReview]:
    """The form for one proposal.

    Args:
        values: What its fields hold when it opens, as JSON values; not checked, so that a person
            gets back what they wrote.
        themes: What a card may name as theme.
        renderers: What a card may name as renderer.

    Returns:
        A `RecipeReview` whose defaults are `values` and whose cards offer those words.
    """
    words = {"theme": tuple(themes), "renderer": (OF_THE_FILM, *renderers)}
    choices: dict[str, Any] = {}
    for name, offered in words.items():
        field = ShotEdit.model_fields[name]
        default = ... if field.is_required() else field.default
        choices[name] = (_told(Literal[offered], field), default)
    card = create_model("Shot", __base__=ShotEdit, **choices)
    fields: dict[str, Any] = {}
    for name, value in values.items():
        field = RecipeReview.model_fields[name]
        kind = list[card] if name == "shots" else field.annotation  # type: ignore[valid-type]
        fields[name] = (_told(kind, field), value)
    return create_model("Review", __base__=RecipeReview, **fields)


def _told(kind: Any, field: FieldInfo) -> Any:
    """A type with a field's own limits and words."""
    words = Field(description=field.description, json_schema_extra=field.json_schema_extra)
    return Annotated[kind, words, *field.metadata]
