"""Effects placed in time: timeline events, and when the picture may flash.

Photosensitive safety (WCAG 2.3.1; ITU-R BT.1702): never more than three flashes over the whole
picture within a second. All that flashes is collected for the whole film first, and what comes
too soon after another is left out; so are the glimpses of quick cuts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from recipe_schema.vocabulary import Effect, Transition
from tasks.assembly.effects import EFFECTS, Envelope
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FloatArray
from tasks.assembly.transitions import TRANSITIONS
from tasks.assembly.transitions.quick_cuts import GLIMPSES
from tasks.media.timebase import seconds_to_frame

# Three flashes a second at most, with a little air.
FLASH_SPACING_S = 0.36
# A flash is two changes of picture; whatever is shown, so many make no more than three.
_CHANGES_A_SECOND = 6
_ON_CUT, _ON_DOWNBEAT = 0.6, 0.35


@dataclass(frozen=True)
class Cue:
    """One effect of a timeline event."""

    effect: Effect
    start_frame: int
    end_frame: int
    strength: float
    envelope: Envelope


@dataclass(frozen=True)
class Flashes:
    """When the film flashes."""

    strength: FloatArray
    """Per frame, 0..about 1, shape (frames,)."""
    bright_cuts: frozenset[int]
    """Cut frames whose transition may flash."""
    peaks: tuple[int, ...]
    """Frames at which the film flashes, bright cuts among them, rising."""
    stutters: frozenset[int]
    """Cut frames of quick cuts that may glimpse the next picture."""


def place_cues(job: FilmJob, beat_s: FloatArray) -> tuple[Cue, ...]:
    """List the effects of all timeline events, flashes aside, in order of their start."""
    cues = []
    for event in job.recipe.assembly_instructions.effects_timeline:
        start = seconds_to_frame(event.time, job.timeline.fps)
        for effect in event.effects:
            if effect is Effect.FLASH or start >= job.timeline.frames:
                continue
            envelope = EFFECTS[effect].envelope(
                beat_s=float(beat_s[start]),
                duration_s=event.duration,
                attack_beats=event.attack_beats,
                decay_beats=event.decay_beats,
            )
            length = seconds_to_frame(envelope.length_s, job.timeline.fps)
            cues.append(Cue(effect, start, start + length, event.strength, envelope))
    return tuple(sorted(cues, key=lambda cue: cue.start_frame))


def schedule_flashes(job: FilmJob, beat_s: FloatArray) -> Flashes:
    """Decide which flashes happen: transitions first, then events, then shots; none if calm."""
    if job.recipe.visual_style.calm:
        nothing = np.zeros(job.timeline.frames, np.float32)
        return Flashes(nothing, bright_cuts=frozenset(), peaks=(), stutters=frozenset())
    spacing = seconds_to_frame(FLASH_SPACING_S, job.timeline.fps)
    taken: list[int] = []
    strength = np.zeros(job.timeline.frames, np.float32)
    bright = set()
    for frame in _bright_cuts(job):
        if _is_free(frame, taken, spacing):
            taken.append(frame)
            bright.add(frame)
    for start, amount, envelope in chain(_event_flashes(job, beat_s), _shot_flashes(job, beat_s)):
        # What counts is when the light is full: a slow attack flashes late.
        peak = start + seconds_to_frame(envelope.attack_s, job.timeline.fps)
        if peak < job.timeline.frames and _is_free(peak, taken, spacing):
            taken.append(peak)
            _lay_flash(strength, start, amount, envelope, rate=float(job.timeline.fps))
    return Flashes(
        strength=strength,
        bright_cuts=frozenset(bright),
        peaks=tuple(sorted(taken)),
        stutters=frozenset(_stutters(job, beat_s, taken)),
    )


def _is_free(frame: int, taken: list[int], spacing: int) -> bool:
    return all(abs(frame - other) >= spacing for other in taken)


def _bright_cuts(job: FilmJob) -> Iterator[int]:
    for placed in job.timeline.shots:
        if TRANSITIONS[placed.transition_in].bright:
            yield placed.cut_frame


def _stutters(job: FilmJob, beat_s: FloatArray, flashes: list[int]) -> Iterator[int]:
    """Quick cuts that have room for their glimpses beside cuts, flashes and one another."""
    rate = float(job.timeline.fps)
    changes = [*(placed.cut_frame for placed in job.timeline.shots[1:]), *flashes, *flashes]
    for placed in job.timeline.shots:
        if placed.transition_in is not Transition.QUICK_CUTS:
            continue
        cut, sixteenth = placed.cut_frame, float(beat_s[placed.cut_frame]) * rate / 4.0
        ends = (cut + math.ceil(at * sixteenth) for k in GLIMPSES for at in (k, k + 1))
        glimpses = [max(frame, placed.transition_start) for frame in ends]
        near = sorted(n for n in [*changes, *glimpses] if abs(n - cut) < 2.0 * rate)
        more = _CHANGES_A_SECOND
        if all(last - first >= rate for first, last in zip(near, near[more:], strict=False)):
            changes += glimpses
            yield cut


def _event_flashes(job: FilmJob, beat_s: FloatArray) -> Iterator[tuple[int, float, Envelope]]:
    """Start, strength and shape; an event's duration does not make its flash a white-out."""
    for event in job.recipe.assembly_instructions.effects_timeline:
        start = seconds_to_frame(event.time, job.timeline.fps)
        if Effect.FLASH in event.effects and start < job.timeline.frames:
            envelope = EFFECTS[Effect.FLASH].envelope(
                beat_s=float(beat_s[start]),
                attack_beats=event.attack_beats,
                decay_beats=event.decay_beats,
            )
            yield start, event.strength, envelope


def _shot_flashes(job: FilmJob, beat_s: FloatArray) -> Iterator[tuple[int, float, Envelope]]:
    flash = EFFECTS[Effect.FLASH]
    for placed in job.timeline.shots:
        if Effect.FLASH in placed.shot.effects:
            start = placed.cut_frame
            yield start, _ON_CUT, flash.envelope(beat_s=float(beat_s[start]))
            for time_s in job.downbeats:
                frame = seconds_to_frame(time_s, job.timeline.fps)
                if placed.cut_frame < frame < placed.end_frame:
                    yield frame, _ON_DOWNBEAT, flash.envelope(beat_s=float(beat_s[frame]))


def _lay_flash(
    strength: FloatArray, start: int, amount: float, envelope: Envelope, *, rate: float
) -> None:
    """Raise the frames of one flash to it."""
    end = min(start + math.ceil(envelope.length_s * rate) + 1, len(strength))
    for frame in range(start, end):
        level = round(amount * envelope.at((frame - start) / rate), 4)
        strength[frame] = max(float(strength[frame]), level)
