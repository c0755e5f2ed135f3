"""Fan shots out over the worker processes of this machine and gather their clips."""

from collections.abc import Iterable

from prefect.futures import PrefectFuture, as_completed

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Recipe
from tasks.assembly.task import plan_clips
from tasks.errors import BadInputError, IncompleteFilmError, TransientError
from tasks.media.progress import report
from tasks.rendering.task import render_shot


def render_shots(
    recipe: Recipe,
    *,
    analysis: SongAnalysis | None,
    film: FilmFormat,
    renderer: str,
    store: str,
    only: tuple[str, ...] = (),
) -> tuple[Clip, ...]:
    """Render every shot, or find its clip in the store; one bad shot does not stop the others.

    Args:
        recipe: The plan.
        analysis: The song that the pictures follow.
        film: Size and rate of the film.
        renderer: Who makes the clips, unless a shot names another.
        store: Address of the artifact store.
        only: Ids of the shots to render; all when empty.

    Returns:
        A clip a shot, in the recipe's order.

    Raises:
        BadInputError: `only` names a shot that the recipe has not.
        IncompleteFilmError: Some shots failed; the clips of the others are kept.
    """
    spans = {span.shot_id: span for span in plan_clips(recipe, film, analysis=analysis)}
    unknown = sorted(set(only) - set(spans))
    if unknown:
        raise BadInputError(f"the recipe has no shot {', '.join(unknown)}; it has {_names(spans)}")
    wanted = [shot for shot in recipe.shot_list if not only or shot.id in only]
    report("shots", 0, len(wanted))
    futures: dict[PrefectFuture[Clip], str] = {
        render_shot.submit(
            shot,
            recipe=recipe,
            span=spans[shot.id],
            film=film,
            analysis=analysis,
            renderer=renderer,
            store=store,
        ): shot.id
        for shot in wanted
    }
    clips, failures = _gather(futures)
    if failures:
        raise _told(failures, total=len(wanted))
    return tuple(clips[shot.id] for shot in wanted)


def _gather(
    futures: dict[PrefectFuture[Clip], str],
) -> tuple[dict[str, Clip], dict[str, BaseException]]:
    """Wait for all, and keep the errors beside the clips."""
    clips: dict[str, Clip] = {}
    failures: dict[str, BaseException] = {}
    for future in as_completed(list(futures)):
        outcome = future.result(raise_on_failure=False)
        name = futures[future]
        if isinstance(outcome, BaseException):
            failures[name] = outcome
        else:
            clips[name] = outcome
            note = "from the store" if outcome.cache == "hit" else ""
            report("shots", len(clips), len(futures), note)
    return clips, failures


def _told(failures: dict[str, BaseException], *, total: int) -> BaseException:
    """One error for all: what trying again cannot mend goes first, as itself."""
    for error in failures.values():
        if not isinstance(error, TransientError):
            return error
    reasons = "; ".join(f"{name}: {error}" for name, error in sorted(failures.items()))
    return IncompleteFilmError(
        f"{len(failures)} of {total} shots failed ({reasons}); "
        "the other clips are kept, run again to render only these"
    )


def _names(ids: Iterable[str]) -> str:
    """A few ids, for a message."""
    names = list(ids)
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
