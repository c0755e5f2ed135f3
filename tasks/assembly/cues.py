"""Effects placed in time: timeline events, and when the picture may flash.

Photosensitive safety (WCAG 2.3.1; ITU-R BT.1702): never more than three flashes over the whole
picture within a second. All that flashes is collected for the whole film first, and what comes
too soon after another is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from recipe_schema.vocabulary import Effect
from tasks.assembly.effects import EFFECTS
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import FloatArray
from tasks.assembly.transitions import TRANSITIONS
from tasks.media.timebase import seconds_to_frame

# Three flashes a second at most, with a little air.
FLASH_SPACING_S = 0.36
_ON_CUT, _ON_DOWNBEAT = 0.6, 0.35


@dataclass(frozen=True)
class Cue:
    """One effect of a timeline event."""

    effect: Effect
    start_frame: int
    end_frame: int
    strength: float
    duration_s: float | None


@dataclass(frozen=True)
class Flashes:
    """When the film flashes."""

    strength: FloatArray
    """Per frame, 0..about 1, shape (frames,)."""
    bright_cuts: frozenset[int]
    """Cut frames whose transition may flash."""


def place_cues(job: FilmJob, beat_s: FloatArray) -> tuple[Cue, ...]:
    """List the effects of all timeline events, flashes aside, in order of their start."""
    cues = []
    for event in job.recipe.assembly_instructions.effects_timeline:
        start = seconds_to_frame(event.time, job.timeline.fps)
        for effect in event.effects:
            if effect is Effect.FLASH or start >= job.timeline.frames:
                continue
            beats_s = EFFECTS[effect].beats * float(beat_s[start])
            length_s = event.duration if event.duration is not None else beats_s
            length = seconds_to_frame(length_s, job.timeline.fps)
            cues.append(Cue(effect, start, start + length, event.strength, event.duration))
    return tuple(sorted(cues, key=lambda cue: cue.start_frame))


def schedule_flashes(job: FilmJob, beat_s: FloatArray) -> Flashes:
    """Decide which flashes happen: transitions first, then events, then shots."""
    spacing = seconds_to_frame(FLASH_SPACING_S, job.timeline.fps)
    taken: list[int] = []
    strength = np.zeros(job.timeline.frames, np.float32)
    bright = set()
    for frame in _bright_cuts(job):
        if _is_free(frame, taken, spacing):
            taken.append(frame)
            bright.add(frame)
    for frame, amount in chain(_event_flashes(job), _shot_flashes(job)):
        if frame < job.timeline.frames and _is_free(frame, taken, spacing):
            taken.append(frame)
            _lay_flash(strength, frame, amount, rate=float(job.timeline.fps), beat_s=beat_s)
    return Flashes(strength=strength, bright_cuts=frozenset(bright))


def _is_free(frame: int, taken: list[int], spacing: int) -> bool:
    return all(abs(frame - other) >= spacing for other in taken)


def _bright_cuts(job: FilmJob) -> Iterator[int]:
    for placed in job.timeline.shots:
        if TRANSITIONS[placed.transition_in].bright:
            yield placed.cut_frame


def _event_flashes(job: FilmJob) -> Iterator[tuple[int, float]]:
    for event in job.recipe.assembly_instructions.effects_timeline:
        if Effect.FLASH in event.effects:
            yield seconds_to_frame(event.time, job.timeline.fps), event.strength


def _shot_flashes(job: FilmJob) -> Iterator[tuple[int, float]]:
    for placed in job.timeline.shots:
        if Effect.FLASH in placed.shot.effects:
            yield placed.cut_frame, _ON_CUT
            for time_s in job.downbeats:
                frame = seconds_to_frame(time_s, job.timeline.fps)
                if placed.cut_frame < frame < placed.end_frame:
                    yield frame, _ON_DOWNBEAT


def _lay_flash(
    strength: FloatArray, start: int, amount: float, *, rate: float, beat_s: FloatArray
) -> None:
    spec = EFFECTS[Effect.FLASH]
    for frame in range(start, len(strength)):
        level = spec.envelope((frame - start) / rate, beat_s=float(beat_s[start]), duration_s=None)
        if level <= 0.0:
            break
        strength[frame] = max(float(strength[frame]), round(amount * level, 4))
