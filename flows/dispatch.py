"""Fan a film's shots out, here or on a work pool, and gather their clips."""

import hashlib
from collections.abc import Collection, Iterable

from prefect.futures import PrefectFuture, as_completed

from flows.artifacts import Watcher, show_failures, show_plan
from flows.children import Runs, run_children
from flows.library import find_shots
from flows.whole import whole
from recipe_schema.artifacts import Clip, ClipSpan
from recipe_schema.farm import Child, Production, Standing
from recipe_schema.forms import FarmOptions
from recipe_schema.recipe import Shot
from recipe_schema.vocabulary import OnFailure, Priority, RenderPool
from tasks.analysis.task import keep_analysis
from tasks.assembly.task import plan_clips
from tasks.errors import (
    BadInputError,
    IncompleteFilmError,
    MissingDependencyError,
    RunCancelledError,
    SongfilmError,
    TransientError,
)
from tasks.media.progress import report
from tasks.planning.task import keep_recipe
from tasks.rendering.task import render_shot

Clips = dict[str, Clip]
Failures = dict[str, BaseException]

STAND_IN = "procedural"


def render_shots(
    job: Production, *, only: tuple[str, ...] = (), watch: Watcher | None = None
) -> tuple[Clip, ...]:
    """Render every shot, or find its clip in the store; one bad shot does not stop the others.

    Args:
        job: The plan, the song, and where shots are rendered.
        only: Ids of the shots to render; all when empty.
        watch: Told whenever a shot is finished; empty: nobody watches a dashboard.

    Returns:
        A clip a shot, in the recipe's order.

    Raises:
        BadInputError: `only` names a shot that the recipe has not.
        IncompleteFilmError: Some shots failed; the clips of the others are kept.
    """
    spans = {s.shot_id: s for s in plan_clips(job.recipe, job.film, analysis=job.analysis)}
    unknown = sorted(set(only) - set(spans))
    if unknown:
        raise BadInputError(f"the recipe has no shot {', '.join(unknown)}; it has {_names(spans)}")
    wanted = [shot for shot in job.recipe.shot_list if not only or shot.id in only]
    report("shots", 0, len(wanted))
    if watch is not None:
        show_plan(job)
    if job.farm.pool == RenderPool.HERE:
        clips, failures = _render_here(job, wanted, spans, watch)
    else:
        clips, failures = _render_on_pool(job, wanted, spans, watch)
    if failures and job.farm.on_failure == OnFailure.PROCEDURAL:
        stand_ins, failures = _stand_in(job, wanted, spans, failures)
        clips |= stand_ins
    if failures:
        raise _told(failures, total=len(wanted))
    return tuple(clips[shot.id] for shot in wanted)


def queue_of(farm: FarmOptions) -> str | None:
    """Work queue of a film's children; the deployment's own when nobody chose another."""
    return None if farm.priority == Priority.NORMAL else str(farm.priority)


def deadline_s(farm: FarmOptions) -> float | None:
    """Longest time that a film waits for its children, seconds."""
    return None if farm.deadline_hours is None else farm.deadline_hours * 3600


def _render_here(
    job: Production, wanted: list[Shot], spans: dict[str, ClipSpan], watch: Watcher | None = None
) -> tuple[Clips, Failures]:
    """Render as Prefect tasks of this run, in this machine's worker processes."""
    futures: dict[PrefectFuture[Clip], str] = {
        render_shot.submit(
            shot,
            recipe=whole(job.recipe),
            span=spans[shot.id],
            film=job.film,
            analysis=whole(job.analysis),
            renderer=job.renderer,
            store=job.store,
            library=job.library,
            film_run=job.film_run,
        ): shot.id
        for shot in wanted
    }
    clips, failures = Clips(), Failures()
    for future in as_completed(list(futures)):
        outcome = future.result(raise_on_failure=False)
        name = futures[future]
        if isinstance(outcome, BaseException):
            failures[name] = outcome
        else:
            clips[name] = outcome
            note = "from the store" if outcome.cache == "hit" else ""
            report("shots", len(clips), len(futures), note)
        if watch is not None:
            total, done, failed = len(wanted), tuple(clips), tuple(failures)
            watch(Standing(total=total, done=done, failed=failed), clips)
    if watch is not None and failures:
        show_failures({name: str(error) for name, error in failures.items()}, {})
    return clips, failures


def _render_on_pool(
    job: Production, wanted: list[Shot], spans: dict[str, ClipSpan], watch: Watcher | None
) -> tuple[Clips, Failures]:
    """Render what the store lacks as flow runs of a work pool."""
    found = find_shots(job, wanted, spans)
    clips = {shot: clip for shot, (_, clip) in found.items() if clip is not None}
    missing = {shot for shot, (_, clip) in found.items() if clip is None}
    keys = {shot: key for shot, (key, _) in found.items()}
    children = _children(job, keys, missing) if missing else {}

    def gather(names: Collection[str]) -> None:
        finished = {shot for shot, child in children.items() if child.name in names}
        fresh = [shot for shot in wanted if shot.id in finished - clips.keys()]
        for shot, (_, clip) in find_shots(job, fresh, spans).items():
            if clip is not None:
                clips[shot] = clip
        report("shots", len(clips), len(wanted))

    def look(standing: Standing) -> None:
        gather(standing.done)
        if watch is not None:
            watch(standing, clips)

    runs = run_children(
        list({child.name: child for child in children.values()}.values()),
        queue=queue_of(job.farm),
        deadline_s=deadline_s(job.farm),
        told=look,
    )
    # A batch that failed may hold clips that are whole.
    gather(runs)
    reasons = {shot: _reason(children[shot].name, runs) for shot in missing - clips.keys()}
    if watch is not None and reasons:
        show_failures(reasons, {s: runs[c.name] for s, c in children.items() if c.name in runs})
    return clips, {shot: TransientError(reason) for shot, reason in reasons.items()}


def _children(job: Production, keys: dict[str, str], missing: set[str]) -> dict[str, Child]:
    """The flow run that renders each shot; several shots share one when the farm says so.

    Args:
        job: The film.
        keys: Fingerprints of all shots that are wanted. Batches are cut from these, so that a
            film that is taken up again asks for the same ones.
        missing: Shots without a clip; a batch without any is not asked for.
    """
    common = {
        "recipe": keep_recipe(job.recipe, store=job.store),
        "analysis": keep_analysis(job.analysis, store=job.store) if job.analysis else None,
        "film": job.film.model_dump(mode="json"),
        "renderer": job.renderer,
        "store": job.store,
        "library": job.library.model_dump(mode="json"),
        "film_run": job.film_run,
    }
    size, ids, children = job.farm.shots_per_run, list(keys), dict[str, Child]()
    for first in range(0, len(ids), size):
        shots = ids[first : first + size]
        if missing.isdisjoint(shots):
            continue
        name = shots[0] if size == 1 else f"{shots[0]} to {shots[-1]}"
        child = Child(
            name=name,
            deployment=f"{'render-shot' if size == 1 else 'render-batch'}/{job.farm.pool}",
            key=f"{job.film_run}:{name}:{_digest(*(keys[shot] for shot in shots))}",
            parameters={**common, **({"shot": shots[0]} if size == 1 else {"shots": shots})},
            tags=(f"film:{job.film_run}", *(f"shot:{shot}" for shot in shots)),
        )
        children |= dict.fromkeys(shots, child)
    return children


def _digest(*keys: str) -> str:
    """A short key for many."""
    return hashlib.sha256("".join(keys).encode()).hexdigest()[:32]


def _reason(name: str, runs: Runs) -> str:
    """Why a shot has no clip."""
    state = runs[name].state if name in runs else None
    if state is None:
        return "it was not started before the deadline"
    if state.is_completed():
        return (
            "its run finished, but its clip is not in this film's store; do all workers use the "
            "same SONGFILM_STORE?"
        )
    return state.message or f"its run is {state.name}"


def _stand_in(
    job: Production, wanted: list[Shot], spans: dict[str, ClipSpan], failures: Failures
) -> tuple[Clips, Failures]:
    """Put procedural pictures, made here, where a shot failed; each says what it stands in for."""
    broken = [shot for shot in wanted if shot.id in failures]
    asked = {shot.id for shot in broken if (shot.renderer or job.renderer) == STAND_IN}
    shots = [shot.model_copy(update={"renderer": STAND_IN}) for shot in broken]
    clips, failed = _render_here(job, shots, spans)
    for name in clips.keys() - asked:
        told = f"{failures[name]}; a procedural clip stands in"
        clips[name] = clips[name].model_copy(update={"fallback": told})
    return clips, {name: failed.get(name, failures[name]) for name in failures.keys() - clips}


def _told(failures: Failures, *, total: int) -> BaseException:
    """One error for all: what was asked wrongly, or is missing here, goes first, as itself."""
    itself = (BadInputError, MissingDependencyError, RunCancelledError)
    for error in failures.values():
        if isinstance(error, itself) or not isinstance(error, SongfilmError):
            return error
    reasons = "; ".join(f"{name}: {error}" for name, error in sorted(failures.items()))
    return IncompleteFilmError(
        f"{len(failures)} of {total} shots failed ({reasons}); "
        "the other clips are kept, run again to render only these",
        shots=tuple(sorted(failures)),
    )


def _names(ids: Iterable[str]) -> str:
    """A few ids, for a message."""
    names = list(ids)
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
