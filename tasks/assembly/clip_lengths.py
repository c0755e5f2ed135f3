"""Whether every clip of a film lasts for its place, before anything is made of them."""

import math
from collections.abc import Sequence
from fractions import Fraction

from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Retime
from tasks.assembly.conform import chosen_retime
from tasks.assembly.pace import SLOWEST, SLOWEST_MOVED, BadClipError, clip_step
from tasks.assembly.timeline import Timeline, clip_spans


def check_lengths(clips: Sequence[Clip], timeline: Timeline, film: FilmFormat) -> tuple[str, ...]:
    """Refuse clips that are too short for their shots; tell which ones are slowed.

    Args:
        clips: Some or all of the film's, with the frames and rates that they were stored with.
        timeline: Where their shots lie.
        film: Its retiming says how far a clip may be slowed.

    Returns:
        A sentence for each clip that runs slower than its own speed.

    Raises:
        BadClipError: Clips that are too short even so; all of them are named.
    """
    spans = {span.shot_id: span.end_frame - span.start_frame for span in clip_spans(timeline)}
    slowest = SLOWEST_MOVED if chosen_retime(film) is Retime.MOTION else SLOWEST
    told, refused = [], []
    for clip in clips:
        rate = Fraction(clip.fps)
        try:
            step = clip_step(
                frames=clip.frames,
                clip_fps=rate,
                span=spans[clip.shot_id],
                film_fps=timeline.fps,
                slowest=slowest,
                name=f"{clip.shot_id}: its clip",
            )
        except BadClipError as error:
            refused.append(str(error))
            continue
        lack = math.ceil(100 * (1 - step * timeline.fps / rate))
        if lack > 0:
            told.append(f"{clip.shot_id}: its clip is {lack} % too short and is slowed")
    if refused:
        raise BadClipError("; ".join(refused))
    return tuple(told)
