"""Lets a person look at a planned film before it is rendered: suspend, ask, and ask again.

A run that is resumed starts from its beginning, on any worker. What was proposed and what was
approved are kept in the store under the run's name, the answers in Prefect; every (re)start goes
through the answers again, so that nothing is asked twice and no edit is lost, whichever process
died meanwhile. Each question has a key of its own: Prefect forgets which keys have fired when a
run that had ended is run again, and an old key would then bring back an empty answer.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

from prefect.flow_runs import suspend_flow_run
from prefect.input.actions import create_flow_run_input, read_flow_run_input
from prefect.input.run_input import RunInput
from prefect.runtime import deployment, flow_run

from flows.server import patiently
from recipe_schema.analysis import SongAnalysis
from recipe_schema.checks import check_recipe
from recipe_schema.recipe import Recipe
from recipe_schema.review import BY_THE_SONG, Decision, RecipeReview, review_form, unchanged_review
from recipe_schema.vocabulary import Aesthetic
from tasks.assembly.task import dress_faults
from tasks.errors import BadInputError, RunCancelledError
from tasks.planning.task import keep_review, open_review, proposal_page, read_answer
from tasks.rendering.task import offered_words, unknown_words

log = logging.getLogger(__name__)

Replan = Callable[[int, Aesthetic | None], Recipe]
Answer = dict[str, Any]
Told = tuple[str, ...]

APPROVED = "approved"
# Prefect's own names: the inputs of the n-th question of a suspended run.
_SCHEMA, _RESPONSE = "suspended-review-{}-schema", "suspended-review-{}-response"
_STOPPED = "review-{}-stopped"


def review_recipe(
    recipe: Recipe,
    *,
    analysis: SongAnalysis,
    store: str | None,
    renderer: str,
    replan: Replan,
    estimate: str = "",
    timeout_days: float = 30.0,
) -> Recipe:
    """Suspend the film until a person has approved its plan; return the plan as edited.

    Args:
        recipe: What was planned.
        analysis: The song.
        store: Address of the artifact store.
        renderer: Who makes the clips of shots that name none.
        replan: Plans again, by seed and look (None: the song chooses).
        estimate: What rendering will take, in markdown.
        timeout_days: Unanswered for so long, the film fails.

    Raises:
        BadInputError: The run is one that Prefect cannot suspend.
        RunCancelledError: The person stopped the film.
    """
    run_id = str(flow_run.id)
    approved = open_review(APPROVED, run_id=run_id, store=store)
    if approved is not None:
        return approved
    _refuse_what_cannot_wait()
    answers, question = _answers()
    proposals = 1
    proposal = _proposed(proposals, lambda: recipe, run_id=run_id, store=store)
    told: Told = ()
    values: Answer = {}
    for number, given in enumerate(answers, start=1):
        answer = values | given  # what is left out stays as the form showed it
        verdict = read_answer(answer, proposal, analysis=analysis)
        wish = verdict.review
        if wish.decision == Decision.PLAN_AGAIN:
            told = _laid_aside(verdict.recipe, proposal, proposals, run_id=run_id, store=store)
            values = {}
            proposals += 1
            again = partial(replan, wish.seed, _look(wish))
            proposal = _proposed(proposals, again, run_id=run_id, store=store)
            continue
        if wish.decision == Decision.STOP:
            told = _stop(number, last=number == len(answers))
            values = answer | {"decision": str(Decision.APPROVE)}
            continue
        told, values = verdict.faults or _unknown(verdict.recipe, renderer, store), answer
        if verdict.recipe is not None and not told:
            log.info("the plan is approved. %s", wish.notes)
            keep_review(verdict.recipe, APPROVED, run_id=run_id, store=store)
            return verdict.recipe
    file = keep_review(proposal, f"proposal-{proposals}", run_id=run_id, store=store)
    odd = [finding.message for finding in check_recipe(proposal, beats=analysis.beats)]
    page = proposal_page(proposal, told=told, warnings=odd, estimate=estimate, file=file)
    _ask(proposal, values, told, page, question=question, timeout_days=timeout_days)


def _refuse_what_cannot_wait() -> None:
    """Tell before the song is planned over in vain that Prefect cannot suspend this run.

    Raises:
        BadInputError: No deployment's run, or a run inside another one.
    """
    if deployment.id is None:
        raise BadInputError(
            "a review needs a farm, which starts the film again after it; run the deployment "
            "music-video from the dashboard, or make the film without review"
        )
    if flow_run.parent_flow_run_id is not None:
        raise BadInputError(
            "Prefect cannot suspend a run inside another one; start the film by itself, or make "
            "it without review"
        )


def _answers() -> tuple[list[Answer], int]:
    """All answers so far, in order, and the number of the next question."""
    answers: list[Answer] = []
    question = 1
    while _input(_SCHEMA.format(question)) is not None:
        answer = _input(_RESPONSE.format(question))
        if answer:
            answers.append(answer)
        question += 1
    return answers, question


def _input(key: str) -> Any:
    """One of this run's inputs, or None."""
    return patiently(read_flow_run_input, key)


def _proposed(number: int, make: Callable[[], Recipe], *, run_id: str, store: str | None) -> Recipe:
    """The proposal that the person saw under this number, or a new one."""
    name = f"proposal-{number}"
    kept = open_review(name, run_id=run_id, store=store)
    if kept is None:
        kept = make()
        keep_review(kept, name, run_id=run_id, store=store)
    return kept


def _look(wish: RecipeReview) -> Aesthetic | None:
    return None if wish.look == BY_THE_SONG else Aesthetic(wish.look)


def _unknown(edited: Recipe | None, renderer: str, store: str | None) -> Told:
    """What the edited recipe asks for that nobody knows, or that is not there."""
    if edited is None:
        return ()
    return (*unknown_words(edited, renderer=renderer), *dress_faults(edited, store=store))


def _laid_aside(
    edited: Recipe | None, proposal: Recipe, number: int, *, run_id: str, store: str | None
) -> Told:
    """Keep what was edited in a proposal that is planned again, and say where."""
    if edited is None:
        return ("a new plan; the last one's edits contradicted each other and are not in it",)
    if edited == proposal:
        return ()
    name = f"proposal-{number}-edited"
    key = keep_review(edited, name, run_id=run_id, store=store)
    return (f"a new plan; what you had edited in the last one is kept in the store as {key}",)


def _stop(number: int, *, last: bool) -> Told:
    """End the film once; when it is asked for again after that, ask the person again.

    Raises:
        RunCancelledError: The answer is new.
    """
    mark = _STOPPED.format(number)
    if last and _input(mark) is None:
        patiently(create_flow_run_input, mark, value=True)
        raise RunCancelledError("stopped at its review; the plan is kept in the store")
    return ("this film was stopped at its review, and then asked for again",)


def _ask(
    proposal: Recipe,
    values: Answer,
    told: Told,
    page: str,
    *,
    question: int,
    timeout_days: float,
) -> NoReturn:
    """Suspend the run with a form that holds the proposal, or what the person wrote last."""
    themes, renderers = offered_words(proposal)
    # No cards at all, as the terminal answers, would leave none to edit.
    written = {name: value for name, value in values.items() if value != []}
    form = review_form(
        unchanged_review(proposal).model_dump(mode="json") | written,
        themes=themes,
        renderers=renderers,
        told=" ".join(f"{line}." for line in told),
    )
    asked = RunInput.subclass_from_base_model_type(form).with_initial_data(description=page)
    timeout_s = int(timedelta(days=timeout_days).total_seconds())
    while True:  # suspending ends the process, unless this key had fired in a lost attempt
        suspend_flow_run(wait_for_input=asked, timeout=timeout_s, key=f"review-{question}")
        question += 1
