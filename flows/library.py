"""What the store has of a film already, and what the rest will take."""

import logging
from collections.abc import Mapping, Sequence
from fractions import Fraction

from recipe_schema.artifacts import Clip, ClipSpan
from recipe_schema.farm import Production
from recipe_schema.recipe import Shot
from recipe_schema.savings import LEAST_USD, length_of_time, money, savings_of
from tasks.assembly.task import plan_clips
from tasks.errors import RunCancelledError, SongfilmError
from tasks.rendering.task import find_clips, measured_pace

log = logging.getLogger(__name__)


def find_shots(
    job: Production, shots: Sequence[Shot], spans: Mapping[str, ClipSpan]
) -> dict[str, tuple[str, Clip | None]]:
    """Fingerprints of a film's shots, and the clips that the store has of them."""
    return find_clips(
        shots,
        recipe=job.recipe,
        spans=spans,
        film=job.film,
        analysis=job.analysis,
        renderer=job.renderer,
        store=job.store,
        library=job.library,
        film_run=job.film_run,
    )


def estimate(job: Production) -> str:
    """How long the shots will take and what they will cost, from clips that were measured before.

    An estimate never stops a film: what the store cannot tell is left out.
    """
    spans = {s.shot_id: s for s in plan_clips(job.recipe, job.film, analysis=job.analysis)}
    try:
        found = find_shots(job, job.recipe.shot_list, spans)
        missing = [span for span in spans.values() if found[span.shot_id][1] is None]
        to_make = _to_make(job, missing)
    except RunCancelledError:
        raise
    except SongfilmError as error:
        log.warning("there is no estimate: %s", error)
        return f"Estimate: none; {error}."
    there = [clip for _, clip in found.values() if clip is not None]
    return f"{to_make}{_already(there, total=len(spans))}"


def _to_make(job: Production, missing: Sequence[ClipSpan]) -> str:
    """What the clips that the store lacks will take."""
    if not missing:
        return "Estimate: nothing is left to render."
    seconds, cost, clips = measured_pace(
        job.renderer, film=job.film, store=job.store, library=job.library
    )
    if not clips:
        return f"Estimate: none yet; no clip of {job.renderer} was measured in this store."
    length_s = float(sum((_length(span) for span in missing), Fraction(0)))
    price = f", {money(length_s * cost)}" if length_s * cost >= LEAST_USD else ""
    return (
        f"Estimate: {length_of_time(length_s * seconds)} of rendering{price}, shared by all "
        f"workers (from {clips} measured clips of {job.renderer})."
    )


def _already(there: Sequence[Clip], *, total: int) -> str:
    """What the store has, and what that saves."""
    if not there:
        return ""
    found = savings_of(there)
    saves = f", which saves {found.saved}" if found.saved else ""
    near = f" ({found.near} of similar words)" if found.near else ""
    return f" The store has {len(there)} of {total} clips already{near}{saves}."


def _length(span: ClipSpan) -> Fraction:
    """Seconds of film that a clip covers."""
    return (span.end_frame - span.start_frame) / Fraction(span.fps)
