"""Turns empty spans into shots: theme, energy, prompt, transitions, effects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from recipe_schema.recipe import Shot
from recipe_schema.vocabulary import SectionType, Transition
from tasks.planning.continuity import assign_themes, choose_families
from tasks.planning.cues import Beat, shot_effects, transition_between
from tasks.planning.grid import Grid, Piece
from tasks.planning.key_moments import moment_id
from tasks.planning.manner import Manner, manner_of
from tasks.planning.prompts import PromptWriter
from tasks.planning.randomness import generator
from tasks.planning.shots import Span
from tasks.planning.style import Look

# How far a shot's energy lies from its section's at the section's start and end.
RISES = {
    SectionType.INTRO: (-0.08, 0.06),
    SectionType.BUILDUP: (-0.12, 0.16),
    SectionType.OUTRO: (0.04, -0.1),
}
SWAY = 0.04  # shots inside other sections differ by up to this, either way


@dataclass(frozen=True)
class Sketch:
    """What is being drawn: the song's sections, the look, the seed, and what is there already.

    Attributes:
        pieces: All sections of the film.
        grid: Times at which it may be cut.
        look: Its look.
        seed: Its seed.
        writer: Writes and remembers its prompts.
        taken: Ids in use; new ones are added.
        slow_allowed: Whether clips may be long enough for slow dissolves.
    """

    pieces: Sequence[Piece]
    grid: Grid
    look: Look
    seed: int
    writer: PromptWriter
    taken: set[str]
    slow_allowed: bool = True

    @property
    def manner(self) -> Manner:
        """How hard the film hits."""
        return manner_of(self.look.aesthetic, self.look.visual_style)


def draw_shots(
    spans: Sequence[Span], sketch: Sketch, *, theme_before: str | None = None
) -> tuple[Shot, ...]:
    """Draw a run of shots that follow each other without a gap.

    Args:
        spans: Where they lie, in order.
        sketch: The film that they are part of.
        theme_before: Theme of the shot before the first, which must not be repeated.

    Returns:
        One shot a span. Transitions into the first and out of the last are left open.
    """
    families = choose_families(sketch.pieces, sketch.look.aesthetic)
    themes = assign_themes(spans, families, before=theme_before)
    ids = [_new_id(span, sketch.taken) for span in spans]
    beats = [
        Beat(span.piece, theme, _energy(span, shot_id, sketch), span.length, span.is_moment)
        for span, theme, shot_id in zip(spans, themes, ids, strict=True)
    ]
    joins = [None, *_joins(beats, ids, sketch), None]
    return tuple(
        _shot(span, beat, shot_id, joins[k], joins[k + 1], sketch)
        for k, (span, beat, shot_id) in enumerate(zip(spans, beats, ids, strict=True))
    )


def open_and_close(shots: Iterable[Shot]) -> tuple[Shot, ...]:
    """Fade in from black at the film's start and out at its end, where nothing else is told."""
    found = list(shots)
    if found[0].transition_in is None:
        found[0] = found[0].model_copy(update={"transition_in": Transition.FADE})
    if found[-1].transition_out is None:
        found[-1] = found[-1].model_copy(update={"transition_out": Transition.FADE})
    return tuple(found)


def _shot(
    span: Span,
    beat: Beat,
    shot_id: str,
    into: Transition | None,
    out: Transition | None,
    sketch: Sketch,
) -> Shot:
    prompt, sentence = sketch.writer.write(shot_id, theme=beat.theme, energy=beat.energy)
    effects_rng = generator(sketch.seed, "effects", shot_id)
    return Shot(
        id=shot_id,
        timestamp=span.start,
        duration=round(span.length, 6),
        section=span.piece.type,
        mochi_prompt=sentence,
        visual_theme=beat.theme,
        energy_level=beat.energy,
        transition_in=sketch.manner.moment_in if span.is_moment else into,
        transition_out=sketch.manner.moment_out if span.is_moment else out,
        effects=shot_effects(beat, sketch.look.aesthetic, sketch.manner, rng=effects_rng),
        cut_on=sketch.grid.cut_on(span.start),
        prompt=prompt,
    )


def _joins(beats: Sequence[Beat], ids: Sequence[str], sketch: Sketch) -> list[Transition | None]:
    """The transition between each shot and the next; None leaves it to the sections' pair."""
    return [
        transition_between(
            before,
            after,
            manner=sketch.manner,
            slow_allowed=sketch.slow_allowed,
            rng=generator(sketch.seed, "transition", shot_id),
        )
        for (before, after), shot_id in zip(pairwise(beats), ids[1:], strict=True)
    ]


def _energy(span: Span, shot_id: str, sketch: Sketch) -> float:
    """The section's energy, moving through it."""
    if span.is_moment:
        return sketch.manner.moment_energy
    piece = span.piece
    middle = ((span.start + span.end) / 2 - piece.start) / piece.length
    if piece.type in RISES:
        begin, finish = RISES[piece.type]
        change = begin + (finish - begin) * middle
    else:
        change = SWAY * (2.0 * float(generator(sketch.seed, "energy", shot_id).random()) - 1.0)
    return round(min(max(piece.energy + change, 0.0), 1.0), 2)


def _new_id(span: Span, taken: set[str]) -> str:
    """The next id that is not taken; key moments are named by what they are."""
    if span.is_moment:
        found = moment_id(span.piece, taken)
    else:
        numbers = (f"shot_{k:03d}" for k in range(1, len(taken) + 2))
        found = next(name for name in numbers if name not in taken)
    taken.add(found)
    return found
