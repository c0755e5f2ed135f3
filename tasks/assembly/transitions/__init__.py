"""The closed list of transitions: how long each is and where its picture is made.

A transition lies around its cut: `lead` before it, `trail` after it. Progress runs from 0 at the
start of the lead over 0.5 on the cut to 1 at the end of the trail, so that the cut stays the
midpoint even where the two sides differ in length. This module is light on purpose (no kernels):
the timeline reads lengths here, the compositor loads the painters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from recipe_schema.vocabulary import Transition

_ROOM = "tasks.assembly.transitions"


@dataclass(frozen=True)
class TransitionSpec:
    """How far one transition reaches to either side of its cut.

    Attributes:
        lead_s: Length before the cut, seconds.
        trail_s: Length after the cut, seconds.
        painter: "module:function" of the picture, or None where the cut is bare.
        bright: Whether it flashes over the whole picture at its cut (photosensitive safety).
        every_frame: Whether it moves on with every frame of the film; the slow ones move on with
            the pictures of the clips, which saves half of their work.
        early: How far before the cut the next picture is first needed, as progress: 0 never
            before it, 0.5 from the start.
        late: How far after the cut the old picture is last needed, likewise.
    """

    lead_s: float
    trail_s: float
    painter: str | None = None
    bright: bool = False
    every_frame: bool = False
    early: float = 0.5
    late: float = 0.5

    def needs(self, progress: float) -> tuple[bool, bool]:
        """Return whether the old and the new picture are needed."""
        return (
            progress < 0.5 or progress < 0.5 + self.late,
            progress >= 0.5 or progress >= 0.5 - self.early,
        )


TRANSITIONS: Mapping[Transition, TransitionSpec] = {
    Transition.HARD_CUT: TransitionSpec(0.0, 0.0),
    Transition.FADE: TransitionSpec(0.6, 0.6, f"{_ROOM}.fade:paint", early=0.0, late=0.0),
    Transition.DISSOLVE: TransitionSpec(0.4, 0.4, f"{_ROOM}.dissolve:paint"),
    Transition.SLOW_DISSOLVE: TransitionSpec(0.8, 0.8, f"{_ROOM}.slow_dissolve:paint"),
    # Three frames a side at 60 fps: felt as speed, not seen as a transition.
    Transition.QUICK_CUT: TransitionSpec(
        0.05, 0.05, f"{_ROOM}.quick_cut:paint", every_frame=True, early=0.0, late=0.0
    ),
    # A stutter on sixteenths leads up to the beat; on the beat itself the new shot stands.
    Transition.QUICK_CUTS: TransitionSpec(0.5, 0.0, f"{_ROOM}.quick_cuts:paint", late=0.0),
    Transition.GLITCH: TransitionSpec(0.2, 0.2, f"{_ROOM}.glitch:paint"),
    Transition.GLITCH_DISSOLVE: TransitionSpec(0.4, 0.4, f"{_ROOM}.glitch_dissolve:paint"),
    Transition.GLITCH_EXPLOSION: TransitionSpec(
        0.4, 0.7, f"{_ROOM}.glitch_explosion:paint", bright=True, every_frame=True, late=0.0
    ),
    Transition.ZOOM_BLUR: TransitionSpec(
        0.2, 0.25, f"{_ROOM}.zoom_blur:paint", every_frame=True, early=0.07, late=0.07
    ),
    Transition.EXPLOSION: TransitionSpec(
        0.12,
        0.7,
        f"{_ROOM}.explosion:paint",
        bright=True,
        every_frame=True,
        early=0.0,
        late=0.0,
    ),
}


def progress_at(
    frame: int, *, cut_frame: int, lead_frames: int, trail_frames: int, step: int = 1
) -> float:
    """Return how far a transition is in the middle of `step` frames: 0 start, 0.5 cut, 1 end."""
    since_cut = frame - cut_frame + 0.5 * step
    if frame < cut_frame:
        return max(0.5 + 0.5 * min(since_cut, 0.0) / lead_frames, 0.0)
    return min(0.5 + 0.5 * since_cut / trail_frames, 1.0)


def load_painter(transition: Transition) -> Callable[..., Any] | None:
    """Import the function that paints a transition; None for a bare cut."""
    painter = TRANSITIONS[transition].painter
    if painter is None:
        return None
    module, _, name = painter.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
