"""What a film's finished pictures do to photosensitive eyes, told with shots, causes and advice.

`flicker` holds back what assembly itself does before a picture is made; what is measured here is
the composed film, with what its clips do by themselves.
"""

from collections.abc import Iterator

from recipe_schema.vocabulary import Effect
from tasks.assembly.calm import left_of, shown_transition
from tasks.assembly.job import FilmJob
from tasks.assembly.timeline import PlacedShot
from tasks.assembly.transitions import TRANSITIONS
from tasks.media.flash_meter import FLASHES_A_SECOND, Flashing, find_flashing
from tasks.media.light_grid import LightCurve

# What a person can do about more places than these is the same.
_MOST_TOLD = 6
_CAUSES = (Effect.FLASH, Effect.BLOOM_PULSE, Effect.PIXELATION)


def flash_notes(job: FilmJob, curve: LightCurve, *, first_frame: int = 0) -> tuple[str, ...]:
    """Say where a film flashes more than three times within a second.

    Args:
        job: What the pictures were composed from.
        curve: Light of all frames of the film or of a part of it, joined.
        first_frame: The job's frame that the curve begins with.

    Returns:
        A sentence for each stretch, for the first ones at least; times count from the curve's
        start. Nothing for a film that keeps to the limit.
    """
    fps = job.timeline.fps
    found = find_flashing(curve, fps=float(fps))
    notes = [_note(job, span, first_frame) for span in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        more = found[_MOST_TOLD:]
        times = ", ".join(_clock(float(span.start_frame / fps)) for span in more)
        notes.append(f"flashes too often in {len(more)} more places: {times}")
    return tuple(notes)


def _note(job: FilmJob, span: Flashing, first_frame: int) -> str:
    at = _clock(float(span.start_frame / job.timeline.fps))
    shots = "; ".join(_shots(job, first_frame + span.start_frame, first_frame + span.end_frame))
    red = "in red " if span.red else ""
    return (
        f"flashes {red}{span.flashes} times within a second at {at} ({shots}), more than "
        f"{FLASHES_A_SECOND} are a danger to photosensitive eyes: {_advice(job)}"
    )


def _advice(job: FilmJob) -> str:
    if job.recipe.visual_style.calm:
        return "the film is calm already, so give these shots other clips, or more time each"
    return "make the film with --calm (visual_style.calm), or give these shots other clips"


def _shots(job: FilmJob, start: int, end: int) -> Iterator[str]:
    """The shots of a stretch, each with what may make it flash."""
    for placed in job.timeline.shots:
        if placed.transition_start < end and start < placed.end_frame:
            causes = ", ".join(_causes(job, placed, start, end))
            yield f"{placed.shot.id}: {causes or 'its clip'}"


def _causes(job: FilmJob, placed: PlacedShot, start: int, end: int) -> Iterator[str]:
    fps = job.timeline.fps
    for effect in _CAUSES:
        if effect in placed.shot.effects and left_of(job.recipe, effect):
            yield f"effect {effect.value}"
    crossing = shown_transition(job.recipe, placed.transition_in)
    if TRANSITIONS[crossing].painter is None:
        if start < placed.cut_frame < end:
            yield "a hard cut"
    elif placed.transition_start < end and start < placed.transition_end:
        yield f"transition {crossing.value}"
    for event in job.recipe.assembly_instructions.effects_timeline:
        inside = (
            max(start, placed.cut_frame) / fps - 1 < event.time < min(end, placed.end_frame) / fps
        )
        lit = any(left_of(job.recipe, effect) for effect in event.effects if effect in _CAUSES)
        if inside and lit:
            yield f"event {event.event} at {_clock(event.time)}"


def _clock(time_s: float) -> str:
    """Minutes and seconds, such as ``1:07``."""
    return f"{int(time_s) // 60}:{int(time_s) % 60:02d}"
