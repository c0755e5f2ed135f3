"""Checks what a recipe's fields cannot say alone: tiling, ids, beats, sections, effects.

Errors keep a film from being made; warnings are told and lived with. Rhythm faults of a loaded
recipe are warnings, since a person may mean them; a planned recipe is checked with
`rhythm="error"`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from recipe_schema.base import SchemaModel
from recipe_schema.calm import CALM_SHOT_S, HARSH_EFFECTS, HARSH_TRANSITIONS
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.vocabulary import CutOn, Effect

Level = Literal["error", "warning"]

# Seconds by which neighbours may miss each other: under half a frame at 60 fps (8.3 ms), so that
# times typed by hand to the hundredth pass.
TILE_TOLERANCE_S = 0.0051
# Seconds by which the recipe's duration may differ from the song's: times typed by hand.
DURATION_TOLERANCE_S = 0.05
# Six frames at 60 fps: a shorter shot is a flicker, and its transitions leave nothing of it.
MIN_SHOT_S = 0.1
NOT_CALM = "not-calm"  # code of what a calm film softens
_SHOWN = 3  # places that a finding names
MEND = "`songfilm plan RECIPE --fill`"
FIT = "`songfilm plan RECIPE --fill --song SONG`"
SNAP = "`songfilm plan RECIPE --snap`"


class Finding(SchemaModel):
    """One thing that is wrong or odd in a recipe."""

    level: Level
    code: str
    message: str
    shot_id: str | None = None


def check_recipe(
    recipe: Recipe,
    *,
    beats: Sequence[float] | None = None,
    duration: float | None = None,
    rhythm: Level = "warning",
) -> tuple[Finding, ...]:
    """Say everything that is wrong with a recipe, errors first, then in order of time.

    Args:
        recipe: A recipe that loaded.
        beats: Beat times of the song in seconds, rising; None or empty: cuts are not checked.
        duration: Seconds of the song or excerpt; None: the recipe's own word.
        rhythm: How bad a cut off the beat is: `error` for what songfilm planned.

    Returns:
        Findings; empty when nothing is wrong.
    """
    film_s = recipe.metadata.duration if duration is None else duration
    found = [
        *_doubled_ids(recipe),
        *_uncovered(recipe, film_s),
        *_short_shots(recipe),
        *_cuts_off_beats(recipe, tuple(beats or ()), rhythm),
        *_lengths(recipe, film_s),
        *_sections(recipe),
        *_transitions(recipe),
        *_effects(recipe, film_s),
        *(_harshness(recipe) if recipe.visual_style.calm else ()),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level != "error"))


def _doubled_ids(recipe: Recipe) -> Iterator[Finding]:
    seen: dict[str, Shot] = {}
    for shot in recipe.shot_list:
        if shot.id in seen:
            yield _error(
                "duplicate-id",
                f"two shots are called {shot.id}, at {seen[shot.id].timestamp:g} s and "
                f"{shot.timestamp:g} s: give one of them another id",
                shot,
            )
        seen.setdefault(shot.id, shot)


def _uncovered(recipe: Recipe, film_s: float) -> Iterator[Finding]:
    """Shots must tile [0, film_s): no overlap, no gap, no bare end, nothing past it."""
    shots = recipe.shot_list
    first, last = shots[0], max(shots, key=lambda shot: shot.end)
    if first.timestamp > TILE_TOLERANCE_S:
        yield _error(
            "late-start",
            f"nothing is planned before {first.id} at {first.timestamp:g} s: {MEND} fills it",
            first,
        )
    for before, after in pairwise(shots):
        gap = after.timestamp - before.end
        if gap < -TILE_TOLERANCE_S:
            yield _error(
                "overlap",
                f"{after.id} starts at {after.timestamp:g} s, {-gap:.3f} s before {before.id} "
                f"ends: shorten {before.id} to {max(after.timestamp - before.timestamp, 0):g} s",
                after,
            )
        elif gap > TILE_TOLERANCE_S:
            yield _error(
                "gap",
                f"nothing is planned from {before.end:g} s ({before.id} ends) to "
                f"{after.timestamp:g} s ({after.id} starts): {MEND} fills it",
                after,
            )
    if last.end < film_s - TILE_TOLERANCE_S:
        yield _error(
            "uncovered-end",
            f"shots cover {last.end:g} s of the film's {film_s:g} s: {MEND} plans the rest",
            last,
        )
    elif last.end > film_s + TILE_TOLERANCE_S:
        yield _error(
            "past-end",
            f"{last.id} ends at {last.end:g} s, after the film ({film_s:g} s): shorten it, or "
            f"{MEND} does",
            last,
        )


def _short_shots(recipe: Recipe) -> Iterator[Finding]:
    for shot in recipe.shot_list:
        if shot.duration < MIN_SHOT_S:
            yield _error(
                "too-short",
                f"{shot.id} lasts {shot.duration:g} s, under {MIN_SHOT_S:g} s: make it longer or "
                "drop it",
                shot,
            )


def _cuts_off_beats(recipe: Recipe, beats: tuple[float, ...], rhythm: Level) -> Iterator[Finding]:
    sync = recipe.assembly_instructions.beat_sync
    if not beats or sync.mode == "off":
        return
    level = rhythm if sync.mode == "strict" else "warning"
    for shot in recipe.shot_list:
        if shot.timestamp == 0.0 or shot.cut_on is CutOn.FREE:
            continue
        beat = _nearest(beats, shot.timestamp)
        error_s = shot.timestamp - beat
        if abs(error_s) > sync.beat_threshold:
            side = "after" if error_s > 0 else "before"
            yield Finding(
                level=level,
                code="off-beat",
                message=f"{shot.id} cuts at {shot.timestamp:.3f} s, {abs(error_s) * 1000:.0f} ms "
                f"{side} the nearest beat ({beat:.3f} s; {sync.beat_threshold * 1000:.0f} ms "
                f"allowed): {SNAP} moves it, `cut_on: free` keeps it",
                shot_id=shot.id,
            )


def _lengths(recipe: Recipe, film_s: float) -> Iterator[Finding]:
    told = recipe.metadata.duration
    if abs(told - film_s) > DURATION_TOLERANCE_S:
        yield _error(
            "duration-differs",
            f"the recipe is for {told:g} s and the song lasts {film_s:.3f} s: set "
            f"metadata.duration to {film_s}, or {FIT} fits the recipe to it",
        )
    structure = recipe.metadata.structure
    for section in structure:
        if section.end > film_s + DURATION_TOLERANCE_S:
            yield _warning(
                "section-past-end",
                f"the {section.type} from {section.start:g} s ends at {section.end:g} s, after "
                f"the film ({film_s:g} s): shorten it",
            )
    if structure and structure[-1].end < film_s - DURATION_TOLERANCE_S:
        yield _warning(
            "structure-short",
            f"the structure ends at {structure[-1].end:g} s of {film_s:g} s: {MEND} adds the "
            "song's own sections",
        )


def _sections(recipe: Recipe) -> Iterator[Finding]:
    structure = recipe.metadata.structure
    for before, after in pairwise(structure):
        if after.start < before.end - TILE_TOLERANCE_S:
            yield _warning(
                "sections-overlap",
                f"the {after.type} starts at {after.start:g} s, before the {before.type} ends "
                f"({before.end:g} s): correct one of them",
            )
    for section in structure:
        if section.end <= section.start:
            yield _warning(
                "section-backwards",
                f"the {section.type} from {section.start:g} s ends at {section.end:g} s: "
                "correct it",
            )
    for shot in recipe.shot_list:
        middle = shot.timestamp + shot.duration / 2
        here = [section.type for section in structure if section.start <= middle < section.end]
        if here and shot.section not in here:
            yield _warning(
                "other-section",
                f"{shot.id} says {shot.section} and the structure says {here[0]} at "
                f"{middle:g} s: correct one of them",
                shot,
            )


def _transitions(recipe: Recipe) -> Iterator[Finding]:
    lists = (
        [section.type for section in recipe.metadata.structure],
        [shot.section for shot in recipe.shot_list],
    )
    met = {f"{a}_to_{b}" for types in lists for a, b in pairwise(types)}
    for pair in recipe.assembly_instructions.transitions:
        if pair not in met:
            yield _warning(
                "unused-transition",
                f"transitions.{pair} never happens in this film: no such sections follow each "
                "other; drop it or correct the sections",
            )
    for before, after in pairwise(recipe.shot_list):
        out, into = before.transition_out, after.transition_in
        if out and into and out is not into and not before.is_key_moment | after.is_key_moment:
            yield _warning(
                "transition-ignored",
                f"{before.id} goes out by {out} and {after.id} comes in by {into}: {into} is "
                "used; make them the same",
                after,
            )


def _effects(recipe: Recipe, film_s: float) -> Iterator[Finding]:
    for k, event in enumerate(recipe.assembly_instructions.effects_timeline):
        if event.time >= film_s:
            yield _warning(
                "effect-past-end",
                f"effects_timeline[{k}] ({event.event}) fires at {event.time:g} s, after the film "
                f"({film_s:g} s): move or drop it",
            )


def _harshness(recipe: Recipe) -> Iterator[Finding]:
    """What a person wrote into a calm film that is not calm: it stays there, and plays softly."""
    told = recipe.assembly_instructions
    effects = [
        *((event.time, f"at {event.time:g} s", event.effects) for event in told.effects_timeline),
        *((shot.timestamp, shot.id, shot.effects) for shot in recipe.shot_list),
    ]
    for effect in sorted(HARSH_EFFECTS):
        places = [place for _, place, its in sorted(effects) if effect in its]
        if places:
            yield _warning(NOT_CALM, _softened(effect, places))
    transitions = [
        *((shot.id, shot.transition_in) for shot in recipe.shot_list),
        *((f"transitions.{pair}", kind) for pair, kind in told.transitions.items()),
    ]
    for transition in sorted(HARSH_TRANSITIONS):
        places = [place for place, kind in transitions if kind is transition]
        if places:
            yield _warning(NOT_CALM, _softened(transition, places))
    quick = [shot.id for shot in recipe.shot_list if MIN_SHOT_S <= shot.duration < CALM_SHOT_S]
    if quick:
        yield _warning(
            NOT_CALM,
            f"the film is calm and cuts more than twice a second ({_some(quick)}): make these "
            "shots longer",
        )


def _softened(word: str, places: Sequence[str]) -> str:
    becomes = "left out" if word == Effect.FLASH else "softened"
    return (
        f"the film is calm, so {word} ({_some(places)}) is {becomes}: take it out of the recipe, "
        "or set visual_style.calm to false"
    )


def _some(places: Sequence[str]) -> str:
    """The first few of some names, and how many more there are."""
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more


def _nearest(times: tuple[float, ...], time: float) -> float:
    """The member of rising `times` that lies nearest."""
    k = bisect_left(times, time)
    return min(times[max(k - 1, 0) : k + 1], key=lambda other: abs(other - time))


def _error(code: str, message: str, shot: Shot | None = None) -> Finding:
    return Finding(level="error", code=code, message=message, shot_id=shot and shot.id)


def _warning(code: str, message: str, shot: Shot | None = None) -> Finding:
    return Finding(level="warning", code=code, message=message, shot_id=shot and shot.id)
