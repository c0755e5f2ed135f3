"""What a person is asked before a planned film is rendered, and what they may answer.

The dashboard draws a form from these models: a card a shot for what is changed most, and the whole
recipe as JSON for everything else.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from recipe_schema.base import HexColor, SchemaModel
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.versions import dump
from recipe_schema.vocabulary import Aesthetic, Transition

# With more cards a browser takes many seconds to open the form; the recipe still holds every shot.
MOST_CARDS = 120
# Choices that leave a field to what is said elsewhere; forms draw an empty choice badly.
OF_THE_FILM = "as the film says"
BY_THE_SONG = "by the song"


class Decision(StrEnum):
    """What becomes of a proposal."""

    APPROVE = "approve"
    PLAN_AGAIN = "plan again"
    STOP = "stop"


class ShotEdit(SchemaModel):
    """A shot's card: what a person changes most often."""

    id: str = Field(title="Shot", description="Names the card; leave it as it is.")
    when: str = Field(
        default="", description="For reading only; times are changed in the recipe below."
    )
    prompt: str = Field(min_length=1, description="What the picture shows.")
    theme: str = Field(min_length=1, description="What the procedural renderer paints.")
    transition_in: str = Field(
        default=OF_THE_FILM,
        title="Transition into it",
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
    """The answer to a proposal; a field that is left out stays as the form showed it."""

    model_config = ConfigDict(json_schema_extra={"required": ["decision"]})

    decision: Decision = Field(
        default=Decision.APPROVE,
        description="approve: render the film with the changes below. plan again: a new proposal "
        "with the look and seed below. stop: cancel the film and keep its recipe.",
    )
    look: str = Field(
        default=BY_THE_SONG,
        title="Look, if planned again",
        json_schema_extra={"enum": [BY_THE_SONG, *Aesthetic]},
    )
    seed: int = Field(
        default=0,
        title="Seed, if planned again",
        description="Another seed gives another film of the same look.",
    )
    palette: list[HexColor] = Field(
        default_factory=list, max_length=8, description="Two to eight colours; the first leads."
    )
    shots: list[ShotEdit] = Field(
        default_factory=list,
        description="A card a shot; shots are added, moved and removed in the recipe below.",
    )
    recipe: str = Field(
        default="",
        title="The whole recipe",
        description="For everything that has no field above. Change a thing in one place: where "
        "card and recipe were both changed, and differ, you are asked again.",
        json_schema_extra={"format": "json-string"},
    )
    notes: str = Field(default="", description="Written into the run's log.")


def shot_edit(shot: Shot) -> ShotEdit:
    """The card of a shot as it is."""
    return ShotEdit(
        id=shot.id,
        when=f"{shot.timestamp:.2f} s to {shot.end:.2f} s, {shot.section}",
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
        look=look if look in set(Aesthetic) else BY_THE_SONG,
        seed=recipe.seed + 1,
        palette=list(recipe.visual_style.color_palette),
        shots=[shot_edit(shot) for shot in recipe.shot_list[:MOST_CARDS]],
        recipe=dump(recipe),
    )


def review_form(
    values: dict[str, Any], *, themes: Sequence[str], renderers: Sequence[str], told: str = ""
) -> type[RecipeReview]:
    """The form for one proposal.

    Args:
        values: What its fields hold when it opens, as JSON values; not checked, so that a person
            gets back what they wrote.
        themes: What a card may name as theme.
        renderers: What a card may name as renderer.
        told: What a person must read first; it opens the words of the first field.

    Returns:
        A `RecipeReview` whose defaults are `values` and whose cards offer those words.
    """
    choices: dict[str, Any] = {}
    for name, offered in {"theme": tuple(themes), "renderer": (OF_THE_FILM, *renderers)}.items():
        field = ShotEdit.model_fields[name]
        default = ... if field.is_required() else field.default
        choices[name] = (_in_words(Literal[offered], field), default)
    card = create_model("Shot", __base__=ShotEdit, **choices)
    fields: dict[str, Any] = {}
    for name, field in RecipeReview.model_fields.items():
        kind = list[card] if name == "shots" else field.annotation
        first = f"{told} " if told and name == "decision" else ""
        default = field.get_default(call_default_factory=True)
        fields[name] = (_in_words(kind, field, first), values.get(name, default))
    return create_model("Review", __base__=RecipeReview, **fields)


def _in_words(kind: Any, field: FieldInfo, first: str = "") -> Any:
    """A type with a field's own limits and words."""
    words = Field(
        title=field.title,
        description=first + (field.description or "") or None,
        json_schema_extra=field.json_schema_extra,
    )
    return Annotated[kind, words, *field.metadata]
