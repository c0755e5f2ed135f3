"""Moves a recipe's cuts, sections and timeline effects onto the nearest beats."""

from collections.abc import Sequence

import numpy as np

from recipe_schema.assembly import TimelineEvent
from recipe_schema.checks import MIN_SHOT_S, TILE_TOLERANCE_S
from recipe_schema.recipe import Recipe, RecipeSection, Shot
from recipe_schema.vocabulary import CutOn
from tasks.planning.grid import Grid

TOLD_S = 0.001  # a smaller move is made but not told
FARTHEST_BEATS = 0.75  # a time farther from any beat lies where the song has none


def snap_recipe(recipe: Recipe, grid: Grid, changes: list[str]) -> Recipe:
    """Put everything that has a time on a beat; locked shots and `free` cuts stay.

    Args:
        recipe: The recipe.
        grid: Where the song's film may be cut.
        changes: Gets a line for each move.
    """
    told = recipe.assembly_instructions
    metadata = recipe.metadata.model_copy(
        update={"structure": _snap_structure(recipe.metadata.structure, grid, changes)}
    )
    events = tuple(_snap_event(event, grid, changes) for event in told.effects_timeline)
    return recipe.model_copy(
        update={
            "metadata": metadata,
            "shot_list": snap_shots(recipe.shot_list, grid, changes),
            "assembly_instructions": told.model_copy(update={"effects_timeline": events}),
        }
    )


def snap_shots(shots: Sequence[Shot], grid: Grid, changes: list[str]) -> tuple[Shot, ...]:
    """Move the start of every shot that may move onto a beat, its neighbour's end with it."""
    found: list[Shot] = []
    for k, shot in enumerate(shots):
        before = shots[k - 1] if k else None
        meets = before is not None and abs(shot.timestamp - before.end) <= TILE_TOLERANCE_S
        time = _start(shot, before if meets else None, found, grid, changes)
        if meets and before is not None and not before.locked:
            found[-1] = _resized(found[-1], end=time)
        moved = {"timestamp": time, "duration": round(max(shot.end - time, MIN_SHOT_S), 6)}
        if shot.locked:
            found.append(shot)
        else:
            cut_on = shot.cut_on if shot.cut_on is CutOn.FREE else grid.cut_on(time)
            found.append(shot.model_copy(update={**moved, "cut_on": cut_on}))
    return tuple(_snap_end(k, found, grid, changes) for k in range(len(found)))


def beat_at(time: float, grid: Grid) -> float | None:
    """The beat nearest to `time`; None where the song has no beat there."""
    beats = grid.times[grid.on_beat]
    if not beats.size:
        return None
    beat = float(beats[int(np.argmin(np.abs(beats - time)))])
    return beat if abs(beat - time) <= FARTHEST_BEATS * grid.beat_s else None


def _start(
    shot: Shot, meeting: Shot | None, found: Sequence[Shot], grid: Grid, changes: list[str]
) -> float:
    """Where a shot starts from now on."""
    time = shot.timestamp
    if shot.locked or shot.cut_on is CutOn.FREE or time <= TILE_TOLERANCE_S:
        return time
    beat = beat_at(time, grid)
    if beat is None:
        changes.append(f"{shot.id}: the song has no beat near {time:.3f} s; the cut stays, free")
        return time
    if abs(beat - time) <= TOLD_S and (meeting is None or not meeting.locked):
        return beat
    off_ms = abs(beat - time) * 1000
    if meeting is not None and meeting.locked:
        changes.append(
            f"{shot.id}: the cut at {time:.3f} s stays {off_ms:.0f} ms off its beat, since "
            f"{meeting.id} before it is locked"
        )
        return time
    if beat >= shot.end - MIN_SHOT_S or (found and beat < found[-1].timestamp + MIN_SHOT_S):
        changes.append(
            f"{shot.id}: the cut at {time:.3f} s stays {off_ms:.0f} ms off its beat, since "
            "moving it would leave no shot"
        )
        return time
    changes.append(f"{shot.id}: the cut moves from {time:.3f} s to the beat at {beat:.3f} s")
    return beat


def _snap_end(k: int, shots: Sequence[Shot], grid: Grid, changes: list[str]) -> Shot:
    """Move an end that no shot meets onto a beat, where there is room."""
    shot = shots[k]
    after = shots[k + 1].timestamp if k + 1 < len(shots) else grid.end
    if shot.locked or shot.end > after - TILE_TOLERANCE_S:
        return shot
    beat = beat_at(shot.end, grid)
    if beat is None or beat > after or beat < shot.timestamp + MIN_SHOT_S:
        return shot
    if abs(beat - shot.end) > TOLD_S:
        changes.append(f"{shot.id}: its end moves from {shot.end:.3f} s to {beat:.3f} s, a beat")
    return _resized(shot, end=beat)


def _resized(shot: Shot, *, end: float) -> Shot:
    return shot.model_copy(update={"duration": round(end - shot.timestamp, 6)})


def _snap_structure(
    sections: Sequence[RecipeSection], grid: Grid, changes: list[str]
) -> tuple[RecipeSection, ...]:
    found = []
    for section in sections:
        start, end = (_snap_edge(time, grid) for time in (section.start, section.end))
        if end <= start:
            start, end = section.start, section.end
        if abs(start - section.start) > TOLD_S:
            changes.append(
                f"structure: the {section.type} starts at {start:.3f} s instead of "
                f"{section.start:.3f} s"
            )
        found.append(section.model_copy(update={"start": start, "end": end}))
    return tuple(found)


def _snap_edge(time: float, grid: Grid) -> float:
    """A section's edge on a beat; the film's start and end stay what they are."""
    if time <= TILE_TOLERANCE_S or abs(time - grid.end) <= TILE_TOLERANCE_S:
        return time
    beat = beat_at(time, grid)
    return time if beat is None else beat


def _snap_event(event: TimelineEvent, grid: Grid, changes: list[str]) -> TimelineEvent:
    beat = beat_at(event.time, grid) if event.time > TILE_TOLERANCE_S else None
    if beat is None:
        return event
    if abs(beat - event.time) > TOLD_S:
        changes.append(
            f"effects_timeline: the {event.event} moves from {event.time:.3f} s to the beat at "
            f"{beat:.3f} s"
        )
    return event.model_copy(update={"time": beat})
