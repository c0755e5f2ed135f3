"""Transitions, effects, the effects timeline and what the song moves in the picture.

Hard cuts carry the rhythm; a transition marks something: a new section, a jump of energy, a quiet
place. One effect runs through the film for unity, a second one comes and goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recipe_schema.assembly import AssemblyInstructions, BeatSync, TimelineEvent
from recipe_schema.vocabulary import SectionType, Transition
from tasks.planning.bank import Aesthetic, energy_band
from tasks.planning.continuity import needs_softening
from tasks.planning.grid import Grid, Piece
from tasks.planning.manner import Effects, Hit, Manner
from tasks.planning.randomness import pick

BEAT_THRESHOLD_S = 0.05  # the user's
JUMP = 0.2  # difference of energy between sections that is heard as a jump

# The user's pairs, and others in their manner; what is missing goes by the jump of energy.
PAIRS = {
    "intro_to_verse": Transition.SLOW_DISSOLVE,
    "verse_to_buildup": Transition.QUICK_CUTS,
    "buildup_to_drop": Transition.GLITCH_EXPLOSION,
    "drop_to_chorus": Transition.ZOOM_BLUR,
    "verse_to_chorus": Transition.ZOOM_BLUR,
    "bridge_to_chorus": Transition.ZOOM_BLUR,
    "break_to_chorus": Transition.ZOOM_BLUR,
    "buildup_to_chorus": Transition.ZOOM_BLUR,
    "chorus_to_bridge": Transition.SLOW_DISSOLVE,
    "chorus_to_outro": Transition.SLOW_DISSOLVE,
    "drop_to_outro": Transition.SLOW_DISSOLVE,
    "verse_to_outro": Transition.SLOW_DISSOLVE,
}
LONG_SHOT_S = 4.5  # only between shots this long is there time for a slow dissolve
# Out of ten cuts inside a section.
HARD_CUT, QUICK, MELT = Transition.HARD_CUT, Transition.QUICK_CUT, Transition.DISSOLVE
WITHIN = {
    "high": (HARD_CUT,) * 8 + (Transition.GLITCH, Transition.ZOOM_BLUR),
    "mid": (HARD_CUT,) * 6 + (QUICK,) * 2 + (MELT,) * 2,
    "low": (HARD_CUT,) * 4 + (MELT,) * 6,
}
ACCENT_SHARE = {"low": 0.35, "mid": 0.5, "high": 0.65}  # of shots that get a second effect


@dataclass(frozen=True)
class Beat:
    """One shot as far as its transitions and effects depend on it."""

    piece: Piece
    theme: str
    energy: float
    length: float
    is_moment: bool = False


def transition_between(
    before: Beat, after: Beat, *, manner: Manner, slow_allowed: bool, rng: np.random.Generator
) -> Transition | None:
    """How one shot becomes the next; None leaves it to the pair of sections."""
    if after.is_moment:
        return manner.moment_in
    if before.is_moment:
        return manner.moment_out
    if needs_softening((before.theme, after.theme), (before.energy, after.energy)):
        return manner.softener
    if before.piece.type is not after.piece.type:
        return None
    band = energy_band(max(before.energy, after.energy))
    found = pick(WITHIN["low" if manner.melts and band == "mid" else band], rng)
    if before.piece is not after.piece:
        found = Transition.DISSOLVE if energy_band(after.energy) == "low" else Transition.QUICK_CUT
    long = min(before.length, after.length) >= LONG_SHOT_S
    if found is Transition.DISSOLVE and manner.melts and long and slow_allowed:
        found = Transition.SLOW_DISSOLVE
    return manner.instead.get(found, found)


def shot_effects(
    shot: Beat, aesthetic: Aesthetic, manner: Manner, *, rng: np.random.Generator
) -> Effects:
    """The film's own effect, and sometimes one of the band's accents."""
    if shot.is_moment:
        return manner.moment_effects
    band = energy_band(shot.energy)
    chosen = pick(aesthetic.accents[band] or (aesthetic.look,), rng)
    if rng.random() < ACCENT_SHARE[band] and chosen is not aesthetic.look:
        return (aesthetic.look, chosen)
    return (aesthetic.look,)


def instructions(pieces: Sequence[Piece], grid: Grid, manner: Manner) -> AssemblyInstructions:
    """What the assembly room is told beside the shots."""
    return AssemblyInstructions(
        beat_sync=BeatSync(mode="strict", beat_threshold=BEAT_THRESHOLD_S),
        transitions=pair_transitions(pieces, manner),
        effects_timeline=timeline_events(pieces, grid, manner),
        audio_reactive=manner.audio_reactive,
    )


def pair_transitions(pieces: Sequence[Piece], manner: Manner) -> dict[str, Transition]:
    """The transition of every pair of section types that follow each other."""
    found: dict[str, Transition] = {}
    for before, after in pairwise(pieces):
        pair = f"{before.type}_to_{after.type}"
        if before.type is after.type or pair in found:
            continue
        chosen = PAIRS.get(pair) or _by_jump(after.energy - before.energy)
        found[pair] = manner.instead.get(chosen, chosen)
    return found


def timeline_events(
    pieces: Sequence[Piece], grid: Grid, manner: Manner
) -> tuple[TimelineEvent, ...]:
    """Effects at drops and choruses, and through the last bar of build-ups."""
    found = []
    for piece in pieces:
        if piece.type is SectionType.DROP and piece.fresh:
            found.append(_event(piece.start, "drop", manner.drop))
        elif piece.type is SectionType.CHORUS and piece.fresh:
            found.append(_event(piece.start, "chorus", manner.chorus))
        elif piece.type is SectionType.BUILDUP:
            start = max(grid.nearest(piece.end - grid.bar_s), piece.start)
            length = round(piece.end - start, 6)
            if length > 0:
                found.append(_event(start, "buildup", manner.buildup, length))
    return tuple(found)


def _event(time: float, event: str, hit: Hit, length: float | None = None) -> TimelineEvent:
    return TimelineEvent(
        time=time,
        event=event,
        effects=hit.effects,
        strength=hit.strength,
        duration=length,
        attack_beats=hit.attack_beats,
        decay_beats=hit.decay_beats,
    )


def _by_jump(jump: float) -> Transition:
    """The transition of sections that no table names, by the jump of energy between them."""
    if jump > JUMP:
        return Transition.GLITCH
    return Transition.SLOW_DISSOLVE if jump < -JUMP else Transition.QUICK_CUT
