"""Plans the time of a film that no shot covers, in the look of what is there.

New shots lie on beats between the person's own; sections, pairs of transitions and timeline effects
are completed where the recipe stops short of the song.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.checks import MIN_SHOT_S, TILE_TOLERANCE_S
from recipe_schema.recipe import Recipe, RecipeSection, Shot
from tasks.planning.bank import Aesthetic, load_bank
from tasks.planning.calm import calmed
from tasks.planning.cues import pair_transitions, timeline_events
from tasks.planning.grid import MIN_PIECE_S, Grid, Piece, add_times, lay_pieces
from tasks.planning.prompts import PromptWriter
from tasks.planning.shots import place_shots
from tasks.planning.storyboard import Sketch, draw_shots, open_and_close
from tasks.planning.style import Look, choose_aesthetic

MIN_GAP_S = 1.0  # a shorter gap is closed by a neighbour, not by a shot of its own
MIN_SECTION_S = 2.0  # a shorter rest of a section joins the next

Gap = tuple[float, float]


def fill_recipe(
    recipe: Recipe,
    analysis: SongAnalysis,
    grid: Grid,
    changes: list[str],
    *,
    limits: RendererLimits | None = None,
) -> Recipe:
    """Make a recipe cover its whole film.

    Args:
        recipe: The recipe; its duration is the song's already.
        analysis: The song.
        grid: Where its film may be cut.
        changes: Gets a line for each change.
        limits: What the renderer can make.
    """
    look = _look_of(recipe, analysis, changes)
    own = _close_small_gaps(_mend(recipe.shot_list, grid.end, changes), grid.end, changes)
    gaps = _fillable(find_gaps([(shot.timestamp, shot.end) for shot in own], grid.end), changes)
    grid = add_times(grid, [time for gap in gaps for time in gap])
    pieces, structure = _complete_structure(recipe, analysis, grid, changes)
    written = {shot.mochi_prompt for shot in own}
    sketch = Sketch(
        pieces=pieces,
        grid=grid,
        look=look,
        seed=recipe.seed,
        writer=PromptWriter(look.aesthetic, look.visual_style, recipe.seed, written),
        taken={shot.id for shot in own},
        slow_allowed=limits is None or limits.max_frames is None,
    )
    new = [shot for gap in gaps for shot in _fill(gap, own, sketch, limits, changes)]
    shots = sorted([*own, *new], key=lambda shot: shot.timestamp)
    metadata = recipe.metadata.model_copy(update={"structure": structure})
    recipe = recipe.model_copy(
        update={"metadata": metadata, "shot_list": _framed(shots, {shot.id for shot in new})}
    )
    return _complete_cues(recipe, pieces, sketch, changes)


def find_gaps(covered: Iterable[Gap], film_s: float) -> tuple[Gap, ...]:
    """Stretches of the film that none of the `covered` ones reaches into.

    Args:
        covered: Start and end of what is there, in order of start; may overlap.
        film_s: Length of the film, seconds.

    Returns:
        Start and end of each gap that is longer than the tiling tolerance.
    """
    gaps, reached = [], 0.0
    for start, end in (*covered, (film_s, film_s)):
        if start - reached > TILE_TOLERANCE_S:
            gaps.append((reached, start))
        reached = max(reached, end)
    return tuple(gaps)


def _look_of(recipe: Recipe, analysis: SongAnalysis, changes: list[str]) -> Look:
    """The recipe's own style, and the aesthetic that new shots draw their words from."""
    style = recipe.visual_style
    found = load_bank().aesthetics.get(style.aesthetic)
    aesthetic: Aesthetic = found or choose_aesthetic(analysis)
    if style.calm:
        aesthetic = calmed(aesthetic)
    if found is None:
        changes.append(
            f"visual_style: {style.aesthetic!r} is not in the prompt bank; new shots take their "
            f"subjects from {aesthetic.name!r}, in your colours"
        )
    return Look(aesthetic=aesthetic, visual_style=style)


def _mend(shots: Sequence[Shot], film_s: float, changes: list[str]) -> list[Shot]:
    """Cut off what lies past the film's end, and what lies inside the next shot."""
    found: list[Shot] = []
    for shot in shots:
        if shot.timestamp > film_s - MIN_SHOT_S:
            changes.append(f"{shot.id}: dropped, since it starts after the film's end")
            continue
        if shot.end > film_s + TILE_TOLERANCE_S:
            changes.append(f"{shot.id}: shortened to end with the film at {film_s:.3f} s")
            shot = _resized(shot, start=shot.timestamp, end=film_s)
        if found and found[-1].end > shot.timestamp + TILE_TOLERANCE_S:
            shot = _part(found, shot, changes)
        found.append(shot)
    return found


def _part(found: list[Shot], shot: Shot, changes: list[str]) -> Shot:
    """Part two shots that overlap: the earlier one yields, unless it is locked."""
    before = found[-1]
    room_s = shot.timestamp - before.timestamp
    if not before.locked and room_s >= MIN_SHOT_S:
        changes.append(f"{before.id}: shortened to {room_s:.3f} s, where {shot.id} starts")
        found[-1] = _resized(before, start=before.timestamp, end=shot.timestamp)
    elif not shot.locked and shot.end - before.end >= MIN_SHOT_S:
        changes.append(f"{shot.id}: starts at {before.end:.3f} s, where {before.id} ends")
        shot = _resized(shot, start=before.end, end=shot.end)
    return shot


def _close_small_gaps(shots: list[Shot], film_s: float, changes: list[str]) -> list[Shot]:
    """Let a neighbour that is not locked close each gap that is too short for a shot."""
    found = list(shots)
    for k in range(len(found)):
        end = found[k + 1].timestamp if k + 1 < len(found) else film_s
        gap_s = end - found[k].end
        if not TILE_TOLERANCE_S < gap_s < MIN_GAP_S:
            continue
        if not found[k].locked:
            changes.append(f"{found[k].id}: {gap_s:.3f} s longer, to close the gap after it")
            found[k] = _resized(found[k], start=found[k].timestamp, end=end)
        elif k + 1 < len(found) and not found[k + 1].locked:
            after = found[k + 1]
            changes.append(f"{after.id}: {gap_s:.3f} s longer, to close the gap before it")
            found[k + 1] = _resized(after, start=found[k].end, end=after.end)
    return found


def _fillable(gaps: Sequence[Gap], changes: list[str]) -> tuple[Gap, ...]:
    """Gaps that a shot fits into; of those between locked shots that are too short, tell."""
    for start, end in gaps:
        if end - start < MIN_SHOT_S:
            changes.append(
                f"the gap from {start:.3f} to {end:.3f} s stays: it is too short for a shot, and "
                "the shots beside it are locked; unlock one or move it"
            )
    return tuple(gap for gap in gaps if gap[1] - gap[0] >= MIN_SHOT_S)


def _complete_structure(
    recipe: Recipe, analysis: SongAnalysis, grid: Grid, changes: list[str]
) -> tuple[tuple[Piece, ...], tuple[RecipeSection, ...]]:
    """The recipe's sections, and the song's own where the recipe has none."""
    told = recipe.metadata.structure
    kept = [section for section in told if section.start < min(section.end, grid.end)]
    own = [Piece(s.type, s.type, s.start, min(s.end, grid.end), s.energy, 0) for s in kept]
    if kept != list(told) or any(s.end > p.end for s, p in zip(kept, own, strict=True)):
        changes.append(f"structure: sections end with the film at {grid.end:.3f} s")
    added: list[Piece] = []
    for gap in find_gaps(sorted((piece.start, piece.end) for piece in own), grid.end):
        added += _clipped(lay_pieces(analysis, grid), *gap, least_s=MIN_SECTION_S)
    added = [replace(piece, label=piece.type) for piece in added]
    for piece in added:
        changes.append(f"structure: {piece.type} from {piece.start:.3f} to {piece.end:.3f} s added")
    ordered = sorted([*own, *added], key=lambda piece: piece.start)
    pieces = tuple(replace(piece, index=k) for k, piece in enumerate(ordered))
    structure = tuple(
        RecipeSection(type=p.type, start=p.start, end=p.end, energy=p.energy) for p in pieces
    )
    return pieces, structure


def _clipped(pieces: Sequence[Piece], a: float, b: float, *, least_s: float) -> list[Piece]:
    """What of the sections lies in [a, b), tiling it; parts shorter than `least_s` join others."""
    found: list[Piece] = []
    for piece in pieces:
        start, end = max(piece.start, a), min(piece.end, b)
        if end - start <= 0.0:
            continue
        fresh = piece.fresh and piece.start >= a - TILE_TOLERANCE_S
        if found and end - start < least_s:
            found[-1] = replace(found[-1], end=end)
        elif found and found[-1].length < least_s:
            found[-1] = replace(piece, start=found[-1].start, end=end, fresh=fresh)
        else:
            found.append(replace(piece, start=start, end=end, fresh=fresh))
    if found:
        found[0] = replace(found[0], start=a)
        found[-1] = replace(found[-1], end=b)
        found = [*(replace(p, end=q.start) for p, q in pairwise(found)), found[-1]]
    return [piece for piece in found if piece.end > piece.start]


def _fill(
    gap: Gap, own: Sequence[Shot], sketch: Sketch, limits: RendererLimits | None, changes: list[str]
) -> Iterator[Shot]:
    """Plan the shots of one gap."""
    inner = [replace(p, start=_on_grid(p.start, gap, sketch.grid)) for p in sketch.pieces]
    inner = [replace(p, end=_on_grid(p.end, gap, sketch.grid)) for p in inner]
    pieces = _clipped(inner, *gap, least_s=MIN_PIECE_S)
    spans = place_shots(
        pieces,
        sketch.grid,
        seed=sketch.seed,
        limits=limits,
        calm=sketch.look.visual_style.calm,
    )
    before = [shot.visual_theme for shot in own if shot.timestamp < gap[0]]
    shots = draw_shots(spans, sketch, theme_before=before[-1] if before else None)
    changes.append(
        f"{shots[0].id} to {shots[-1].id}: {len(shots)} new shots from {gap[0]:.3f} to "
        f"{gap[1]:.3f} s"
        if len(shots) > 1
        else f"{shots[0].id}: a new shot from {gap[0]:.3f} to {gap[1]:.3f} s"
    )
    yield from shots


def _on_grid(time: float, gap: Gap, grid: Grid) -> float:
    """A section's edge inside a gap, moved onto the grid."""
    return grid.nearest(time) if gap[0] < time < gap[1] else time


def _framed(shots: list[Shot], new: set[str]) -> tuple[Shot, ...]:
    """Fades at the film's ends, where the shot there is a new one."""
    framed = list(open_and_close(shots))
    for k in (0, -1):
        if shots[k].id not in new:
            framed[k] = shots[k]
    return tuple(framed)


def _complete_cues(
    recipe: Recipe, pieces: Sequence[Piece], sketch: Sketch, changes: list[str]
) -> Recipe:
    """Add the pairs and timeline effects that the new sections call for."""
    told, manner = recipe.assembly_instructions, sketch.manner
    pairs = {
        pair: transition
        for pair, transition in pair_transitions(pieces, manner).items()
        if pair not in told.transitions
    }
    changes.extend(f"transitions: {pair} is {kind}, added" for pair, kind in pairs.items())
    new_from = max((e.time for e in told.effects_timeline), default=-1.0) + sketch.grid.bar_s
    events = [
        event for event in timeline_events(pieces, sketch.grid, manner) if event.time >= new_from
    ]
    changes.extend(f"effects_timeline: {e.event} at {e.time:.3f} s added" for e in events)
    timeline = sorted([*told.effects_timeline, *events], key=lambda event: event.time)
    kept = tuple(event for event in timeline if event.time < sketch.grid.end)
    if len(kept) < len(timeline):
        changes.append(f"effects_timeline: {len(timeline) - len(kept)} past the film's end dropped")
    update = {"transitions": {**told.transitions, **pairs}, "effects_timeline": kept}
    return recipe.model_copy(update={"assembly_instructions": told.model_copy(update=update)})


def _resized(shot: Shot, *, start: float, end: float) -> Shot:
    return shot.model_copy(update={"timestamp": start, "duration": round(end - start, 6)})
