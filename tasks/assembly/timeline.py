"""The film's time line in whole frames: where shots start, and how long each transition lasts.

Seconds of the recipe become frames here and nowhere else in the room. A cut lies at
`round(timestamp * fps)` of its absolute time, so errors never add up. The midpoint of a
transition is the cut. Spans are half-open.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from recipe_schema.artifacts import ClipSpan
from recipe_schema.assembly import AssemblyInstructions
from recipe_schema.recipe import Recipe, Shot
from recipe_schema.vocabulary import Transition
from tasks.assembly.transitions import TRANSITIONS
from tasks.errors import BadInputError
from tasks.media.timebase import seconds_to_frame

# A transition may take this share of a shot at most, on both ends together: the rest is body,
# so that even a short shot is seen as itself.
TRANSITION_SHARE = Fraction(3, 4)


class BadTimelineError(BadInputError):
    """Shots that cannot be laid out in whole frames of the film."""


@dataclass(frozen=True)
class PlacedShot:
    """A shot on the film's time line."""

    shot: Shot
    cut_frame: int
    """First frame of the shot: the midpoint of the transition into it."""
    end_frame: int
    """The next shot's cut, or the film's end."""
    transition_in: Transition
    """How the film comes into this shot; hard-cut when it lasts no frame."""
    lead_frames: int
    """Frames of that transition before the cut, over the shot before; 0 for the first shot."""
    trail_frames: int
    """Frames of that transition from the cut on."""

    @property
    def transition_start(self) -> int:
        """First frame of the transition into this shot."""
        return self.cut_frame - self.lead_frames

    @property
    def transition_end(self) -> int:
        """One past the last frame of the transition into this shot."""
        return self.cut_frame + self.trail_frames


@dataclass(frozen=True)
class Timeline:
    """All shots of a film in order; they tile [0, frames)."""

    fps: Fraction
    frames: int
    shots: tuple[PlacedShot, ...]
    closing_frames: int = 0
    """Frames of the fade to black that ends the film; 0 when it ends on a picture."""


def lay_timeline(recipe: Recipe, *, fps: Fraction, frames: int) -> Timeline:
    """Place every shot of a recipe in whole frames.

    A gap after a shot is covered by that shot, and the last shot ends at `frames`. Transitions
    keep their shape and shrink where a neighbouring shot is short: none overlaps another, and
    every shot keeps a quarter of itself, so at least one frame, to be seen alone.

    Args:
        recipe: Shots in order of time.
        fps: Frames a second of the film.
        frames: Length of the film, as `round(duration * fps)`.

    Raises:
        BadTimelineError: Two shots start on one frame, or a shot starts after the film's end.
    """
    shots = recipe.shot_list
    cuts = _cut_frames(shots, fps=fps, frames=frames)
    kinds = [_opening(shots[0])]
    kinds += [
        choose_transition(before, after, recipe.assembly_instructions)
        for before, after in pairwise(shots)
    ]
    wanted = _wanted_lengths(kinds, closing=_closing(shots[-1]), fps=fps)
    spans = _fit_transitions(cuts, wanted)
    placed = tuple(
        PlacedShot(
            shot=shot,
            cut_frame=cuts[k],
            end_frame=cuts[k + 1],
            transition_in=kinds[k] if sum(spans[k]) else Transition.HARD_CUT,
            lead_frames=spans[k][0],
            trail_frames=spans[k][1],
        )
        for k, shot in enumerate(shots)
    )
    return Timeline(fps=fps, frames=frames, shots=placed, closing_frames=spans[-1][0])


def choose_transition(before: Shot, after: Shot, told: AssemblyInstructions) -> Transition:
    """Say how one shot becomes the next: the first of these that is set.

    A key moment's own word (else it explodes in and cuts out hard), the later shot's
    `transition_in`, the earlier shot's `transition_out`, the pair of the two shots' sections
    (which may be alike: ``verse_to_verse``), a hard cut.
    """
    if after.is_key_moment:
        return after.transition_in or Transition.EXPLOSION
    if before.is_key_moment:
        return before.transition_out or Transition.HARD_CUT
    pair = told.transitions.get(f"{before.section}_to_{after.section}")
    return after.transition_in or before.transition_out or pair or Transition.HARD_CUT


def clip_spans(timeline: Timeline) -> tuple[ClipSpan, ...]:
    """Say which frames of the film each clip must cover, transition handles included."""
    rate = f"{timeline.fps.numerator}/{timeline.fps.denominator}"
    nexts = [*timeline.shots[1:], None]
    return tuple(
        ClipSpan(
            shot_id=placed.shot.id,
            start_frame=max(0, placed.transition_start),
            end_frame=min(timeline.frames, after.transition_end if after else placed.end_frame),
            fps=rate,
        )
        for placed, after in zip(timeline.shots, nexts, strict=True)
    )


def _opening(first: Shot) -> Transition:
    """Only a fade from black can come into the first shot: there is nothing before it."""
    return Transition.FADE if first.transition_in is Transition.FADE else Transition.HARD_CUT


def _closing(last: Shot) -> Transition:
    """Only a fade to black can end a film: there is nothing after it."""
    return Transition.FADE if last.transition_out is Transition.FADE else Transition.HARD_CUT


def _cut_frames(shots: tuple[Shot, ...], *, fps: Fraction, frames: int) -> list[int]:
    """First frame of each shot, and the film's end."""
    cuts = [0, *(seconds_to_frame(shot.timestamp, fps) for shot in shots[1:]), frames]
    for k, shot in enumerate(shots):
        if cuts[k] >= frames:
            raise BadTimelineError(
                f"{shot.id} starts at {shot.timestamp} s, at or after the film's end "
                f"({float(frames / fps):.3f} s); remove it or move it earlier"
            )
        if cuts[k + 1] <= cuts[k]:
            raise BadTimelineError(
                f"{shot.id} at {shot.timestamp} s and the shot after it start on one frame at "
                f"{float(fps):g} frames a second; remove one or move it"
            )
    return cuts


def _wanted_lengths(
    kinds: list[Transition], *, closing: Transition, fps: Fraction
) -> list[tuple[int, int]]:
    """(lead, trail) frames each transition would like; last the (closing, 0) of the film."""
    specs = [TRANSITIONS[kind] for kind in (*kinds, closing)]
    wanted = [
        (seconds_to_frame(spec.lead_s, fps), seconds_to_frame(spec.trail_s, fps)) for spec in specs
    ]
    return [(0, wanted[0][1]), *wanted[1:-1], (wanted[-1][0], 0)]


def _fit_transitions(cuts: list[int], wanted: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Shrink (lead, trail) pairs, both sides alike, until every shot keeps a body."""
    shrink = []
    for k in range(len(cuts) - 1):
        asked = wanted[k][1] + wanted[k + 1][0]
        length = cuts[k + 1] - cuts[k]
        room = int(length * TRANSITION_SHARE)
        shrink.append(Fraction(1) if asked <= room else Fraction(room, asked))
    tightest = [
        min(before, after)
        for before, after in zip([Fraction(1), *shrink], [*shrink, Fraction(1)], strict=True)
    ]
    return [
        (int(lead * factor), int(trail * factor))
        for (lead, trail), factor in zip(wanted, tightest, strict=True)
    ]
