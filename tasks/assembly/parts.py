"""A film cut down to a part: what its pictures are composed from, and what it is proven against.

`cut_job` keeps the film's own frame numbers, so that pictures and most segments are those of the
whole film; `part_job` is the same part counted from 0, as the finished file is.
"""

from dataclasses import replace

from recipe_schema.assembly import AssemblyInstructions, LyricLine
from recipe_schema.recipe import Recipe, RecipeSection, Shot
from recipe_schema.vocabulary import Transition
from tasks.assembly.cuttings import Cutting
from tasks.assembly.job import CURVE_RATE_HZ, FilmJob
from tasks.assembly.timeline import PlacedShot, Timeline

# A fade to black shorter than this is a flicker, seconds.
_SHORTEST_CLOSING_S = 0.25


def cut_job(job: FilmJob, cutting: Cutting, *, closing_s: float = 0.0) -> FilmJob:
    """End a film where a part ends, and let the part begin and end on a picture of one shot.

    Args:
        job: The whole film.
        cutting: The part.
        closing_s: Length of the fade to black at its end; shorter where a transition leaves less
            room.

    Returns:
        A job whose frames from `cutting.start_frame` on are the part.
    """
    last = cutting.end_frame
    shots = [placed for placed in job.timeline.shots if placed.cut_frame < last]
    shots[-1] = replace(shots[-1], end_frame=last)
    if shots[-1].transition_end > last:
        shots[-1] = replace(shots[-1], trail_frames=last - shots[-1].cut_frame)
    shots = [_without_mix(placed, cutting.start_frame) for placed in shots]
    whole = last == job.timeline.frames
    timeline = Timeline(
        fps=job.timeline.fps,
        frames=last,
        shots=tuple(shots),
        closing_frames=_closing(job, shots[-1], last, closing_s),
    )
    return replace(job, timeline=timeline, recipe=job.recipe if whole else _uncredited(job.recipe))


def part_job(job: FilmJob, cutting: Cutting) -> FilmJob:
    """Count a part from its own beginning: time line, plan, beats and curves.

    Args:
        job: What `cut_job` returned, or a whole film.
        cutting: The part.
    """
    first, last, fps = cutting.start_frame, cutting.end_frame, job.timeline.fps
    start_s, end_s = float(first / fps), float(last / fps)
    shots = tuple(
        _shifted(placed, first, last, start_s, end_s)
        for placed in job.timeline.shots
        if placed.end_frame > first and placed.cut_frame < last
    )
    inside = (round(start_s * CURVE_RATE_HZ), round(end_s * CURVE_RATE_HZ))
    return replace(
        job,
        timeline=Timeline(
            fps=fps, frames=last - first, shots=shots, closing_frames=job.timeline.closing_frames
        ),
        recipe=_part_of(job.recipe, tuple(placed.shot for placed in shots), start_s, end_s),
        curves={name: curve[slice(*inside)] for name, curve in job.curves.items()},
        beats=_inside(job.beats, start_s, end_s),
        downbeats=_inside(job.downbeats, start_s, end_s),
    )


def _without_mix(placed: PlacedShot, first: int) -> PlacedShot:
    """The shot that a part begins in the middle of coming in, shown alone from its cut on."""
    if placed.cut_frame <= first < placed.transition_end:
        return replace(placed, transition_in=Transition.HARD_CUT, lead_frames=0, trail_frames=0)
    return placed


def _closing(job: FilmJob, placed: PlacedShot, last: int, closing_s: float) -> int:
    """Frames of the fade to black; none where there is too little room for one."""
    wanted = round(closing_s * job.timeline.fps)
    if last == job.timeline.frames:
        wanted = max(wanted, job.timeline.closing_frames)
    frames = min(wanted, last - placed.transition_end)
    return frames if frames >= _SHORTEST_CLOSING_S * job.timeline.fps else 0


def _uncredited(recipe: Recipe) -> Recipe:
    """The plan without the lines that run over the film's end: a part has another one."""
    told = recipe.assembly_instructions
    if told.lettering.titles is None or not told.lettering.titles.credits:
        return recipe
    titles = told.lettering.titles.model_copy(update={"credits": ()})
    lettering = told.lettering.model_copy(update={"titles": titles})
    changed = told.model_copy(update={"lettering": lettering})
    return recipe.model_copy(update={"assembly_instructions": changed})


def _shifted(placed: PlacedShot, first: int, last: int, start_s: float, end_s: float) -> PlacedShot:
    """A shot on the part's own time line; the first one has been there all along."""
    begins_before = placed.cut_frame < first
    begin_s, stop_s = max(placed.shot.timestamp, start_s), min(placed.shot.end, end_s)
    return replace(
        placed,
        shot=placed.shot.model_copy(
            update={
                "timestamp": max(begin_s - start_s, 0.0),
                "duration": max(stop_s - begin_s, 1.0 / CURVE_RATE_HZ),
            }
        ),
        cut_frame=max(placed.cut_frame - first, 0),
        end_frame=min(placed.end_frame, last) - first,
        lead_frames=0 if begins_before else min(placed.lead_frames, placed.cut_frame - first),
        trail_frames=max(placed.transition_end - first, 0)
        if begins_before
        else placed.trail_frames,
    )


def _part_of(recipe: Recipe, shots: tuple[Shot, ...], start_s: float, end_s: float) -> Recipe:
    """The plan of a part, every time counted from its start."""
    metadata = recipe.metadata.model_copy(
        update={
            "duration": end_s - start_s,
            "structure": tuple(
                _moved_section(section, start_s, end_s)
                for section in recipe.metadata.structure
                if section.start < end_s and section.end > start_s
            ),
        }
    )
    return recipe.model_copy(
        update={
            "metadata": metadata,
            "shot_list": shots,
            "assembly_instructions": _told(recipe.assembly_instructions, start_s, end_s),
        }
    )


def _moved_section(section: RecipeSection, start_s: float, end_s: float) -> RecipeSection:
    moved = {
        "start": max(section.start - start_s, 0.0),
        "end": min(section.end, end_s) - start_s,
    }
    return section.model_copy(update=moved)


def _told(told: AssemblyInstructions, start_s: float, end_s: float) -> AssemblyInstructions:
    """Events and words of a part."""
    events = tuple(
        event.model_copy(update={"time": event.time - start_s})
        for event in told.effects_timeline
        if start_s <= event.time < end_s
    )
    lyrics = told.lettering.lyrics
    if lyrics is not None:
        lines = tuple(
            _moved_line(line, start_s, end_s)
            for line in lyrics.lines
            if line.start < end_s and line.end > start_s
        )
        lyrics = lyrics.model_copy(update={"lines": lines})
    lettering = told.lettering.model_copy(update={"lyrics": lyrics})
    return told.model_copy(update={"effects_timeline": events, "lettering": lettering})


def _moved_line(line: LyricLine, start_s: float, end_s: float) -> LyricLine:
    moved = {"start": max(line.start - start_s, 0.0), "end": min(line.end, end_s) - start_s}
    return line.model_copy(update=moved)


def _inside(times: tuple[float, ...], start_s: float, end_s: float) -> tuple[float, ...]:
    return tuple(round(time - start_s, 6) for time in times if start_s <= time < end_s)
