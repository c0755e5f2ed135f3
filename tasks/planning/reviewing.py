"""Reads a person's answer to a proposed recipe: cards and JSON become one recipe, or faults.

Cards and JSON are compared with the proposal, so that what was changed in either is taken, and
nothing is taken twice: a field that both changed to different values is a fault, never a choice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from recipe_schema.analysis import SongAnalysis
from recipe_schema.checks import check_recipe
from recipe_schema.faults import sentence
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.review import MOST_CARDS, OF_THE_FILM, RecipeReview, ShotEdit, shot_edit
from recipe_schema.versions import RecipeFormatError, load_recipe
from recipe_schema.vocabulary import Transition

# The recipe's field behind each field of a card.
_FIELDS = {
    "prompt": "mochi_prompt",
    "theme": "visual_theme",
    "transition_in": "transition_in",
    "seed": "seed",
    "renderer": "renderer",
    "locked": "locked",
}


@dataclass(frozen=True)
class Verdict:
    """What an answer comes to."""

    review: RecipeReview
    recipe: Recipe | None
    """Proposal and edits in one; None when they cannot be brought together."""
    faults: tuple[str, ...]
    """Why it must be asked again; empty when it is a film."""


def judge_review(answer: Mapping[str, Any], proposal: Recipe, *, analysis: SongAnalysis) -> Verdict:
    """Bring a person's answer and the proposal together, and hold the outcome against the song.

    Args:
        answer: The form's values as JSON.
        proposal: What was proposed, as the form opened with it.
        analysis: The song.

    Returns:
        The edited recipe, or what is wrong with it.
    """
    try:
        review = RecipeReview.model_validate(answer)
    except ValidationError as error:
        return Verdict(RecipeReview(), None, (sentence(error, dict(answer), model=RecipeReview),))
    try:
        written = load_recipe(review.recipe) if review.recipe.strip() else proposal
    except RecipeFormatError as error:
        return Verdict(review, None, (f"the recipe: {error}",))
    faults = [*_card_faults(review, proposal), *_conflicts(review, proposal, written)]
    if faults:
        return Verdict(review, None, tuple(faults))
    edited = _edited(review, proposal, written)
    faults = [*_song_faults(edited, proposal), *_film_faults(edited, analysis)]
    return Verdict(review, edited, tuple(faults))


def _card_faults(review: RecipeReview, proposal: Recipe) -> Iterator[str]:
    """Cards that are gone, new, doubled or renamed."""
    known = {shot.id: shot for shot in proposal.shot_list}
    seen: set[str] = set()
    for card in review.shots:
        if card.id not in known:
            yield f"there is no shot {card.id!r} to change; a card's name is left as it was"
        elif card.id in seen:
            yield f"there are two cards of {card.id}; take one away"
        elif card.when and card.when != shot_edit(known[card.id]).when:
            yield f"{card.id}: times are changed in the recipe (timestamp, duration), not in a card"
        seen.add(card.id)
    offered = [shot.id for shot in proposal.shot_list[:MOST_CARDS]] if review.shots else []
    for name in offered:
        if name not in seen:
            yield (
                f"the card of {name} is gone; to remove a shot, remove it from the recipe and give "
                "its time to a neighbour"
            )


def _conflicts(review: RecipeReview, proposal: Recipe, written: Recipe) -> Iterator[str]:
    """Where card and recipe were both changed, and differ."""
    before = proposal.visual_style.color_palette
    palette, told = tuple(review.palette), written.visual_style.color_palette
    if palette and len({before, palette, told}) == 3:
        yield "the palette differs between its own field and the recipe; change it in one place"
    shots = {shot.id: shot for shot in written.shot_list}
    for shot_id, name, value in _card_changes(review, proposal):
        shot = shots.get(shot_id)
        if shot is None:
            yield f"{shot_id} has a changed card and is gone from the recipe; undo one of them"
            continue
        old = next(shot for shot in proposal.shot_list if shot.id == shot_id)
        now = getattr(shot, _FIELDS[name])
        if now != getattr(old, _FIELDS[name]) and now != value:
            yield (
                f"{shot_id}: the card says {name} {value!r} and the recipe {now!r}; change it in "
                "one place"
            )


def _card_changes(review: RecipeReview, proposal: Recipe) -> Iterator[tuple[str, str, Any]]:
    """(shot, field of the card, the recipe's new value) of everything that cards changed."""
    shots = {shot.id: shot for shot in proposal.shot_list}
    for card in review.shots:
        if card.id not in shots:
            continue
        before = shot_edit(shots[card.id])
        for name in _FIELDS:
            if getattr(card, name) != getattr(before, name):
                yield card.id, name, _value(card, name)


def _value(card: ShotEdit, name: str) -> Any:
    """What a field of a card is in the recipe."""
    value = getattr(card, name)
    if name == "seed":
        return int(value) if value else None
    if value == OF_THE_FILM and name in ("transition_in", "renderer"):
        return None
    return Transition(value) if name == "transition_in" else value


def _edited(review: RecipeReview, proposal: Recipe, written: Recipe) -> Recipe:
    """The recipe as written, with what the cards changed."""
    changes: dict[str, dict[str, Any]] = {}
    for shot_id, name, value in _card_changes(review, proposal):
        changes.setdefault(shot_id, {})[_FIELDS[name]] = value
    old = {shot.id: shot for shot in proposal.shot_list}
    shots = [
        _with_changes(shot, old.get(shot.id), changes.get(shot.id, {}))
        for shot in written.shot_list
    ]
    for k, (before, after) in enumerate(pairwise(shots)):
        word = changes.get(after.id, {}).get("transition_in")
        if word and before.transition_out:
            shots[k] = before.model_copy(update={"transition_out": word})
    style = written.visual_style
    palette = tuple(review.palette)
    if palette and palette != proposal.visual_style.color_palette:
        style = style.model_copy(update={"color_palette": palette})
    return written.model_copy(update={"shot_list": tuple(shots), "visual_style": style})


def _with_changes(shot: Shot, old: Shot | None, changes: dict[str, Any]) -> Shot:
    """A shot with its card's changes; a new sentence outdates the structured prompt."""
    if "mochi_prompt" in changes and old is not None and shot.prompt == old.prompt:
        changes = {**changes, "prompt": None}
    return shot.model_copy(update=changes)


def _song_faults(edited: Recipe, proposal: Recipe) -> Iterator[str]:
    """Another song's recipe, pasted by mistake."""
    if edited.song_sha256 != proposal.song_sha256:
        yield "the recipe names another song (song_sha256) than the film's; paste the right recipe"
    if not 2 <= len(edited.visual_style.color_palette) <= 8:
        yield "the palette needs two to eight colours"


def _film_faults(edited: Recipe, analysis: SongAnalysis) -> Iterator[str]:
    """What keeps the recipe from becoming a film; oddities are left to the manifest."""
    findings = check_recipe(edited, beats=analysis.beats, duration=analysis.duration)
    return (finding.message for finding in findings if finding.level == "error")
