"""Films that wait for somebody to read their plan, asked and answered from a terminal."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deployments.farm.client import auth_of, open_client
from deployments.farm.up import Farm
from recipe_schema.base import SchemaModel
from recipe_schema.review import Decision
from tasks.errors import BadInputError, MissingDependencyError
from tasks.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

# Prefect's names of the inputs that belong to a question of ours.
_OURS, _SCHEMA = "suspended-review-", "-schema"
# The server's own limit on runs a request.
_PAGE = 200


class WaitingFilm(SchemaModel):
    """A film that is suspended with a question."""

    run: UUID
    name: str
    since: datetime
    until: datetime | None
    """Unanswered by then, the film fails."""
    question: str
    """Name of its inputs on the server."""


class Reviews:
    """Questions of one server, and their answers."""

    def __init__(self, client: "SyncPrefectClient") -> None:
        self._client = client

    def waiting(self) -> tuple[WaitingFilm, ...]:
        """Every film that waits for somebody, the longest first."""
        from prefect.client.schemas.filters import (
            FlowRunFilter,
            FlowRunFilterState,
            FlowRunFilterStateType,
        )
        from prefect.client.schemas.objects import StateType

        paused = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PAUSED]))
        found: list[FlowRun] = []
        while True:
            page = self._client.read_flow_runs(
                flow_run_filter=FlowRunFilter(state=paused), limit=_PAGE, offset=len(found)
            )
            found += page
            if len(page) < _PAGE:
                break
        films = [film for film in map(_waiting_film, found) if film is not None]
        return tuple(sorted(films, key=lambda film: film.since))

    def find(self, run: str) -> WaitingFilm:
        """The waiting film of that id, start of an id, or name.

        Raises:
            BadInputError: None or several.
        """
        films = self.waiting()
        found = [film for film in films if str(film.run).startswith(run) or film.name == run]
        if len(found) == 1:
            return found[0]
        if not found:
            raise BadInputError(
                f"no film called {run} waits for a review; `songfilm review` lists those that do"
            )
        raise BadInputError(
            f"{run} names {len(found)} waiting films; give more of the id: "
            f"{', '.join(str(film.run) for film in found)}"
        )

    def page(self, film: WaitingFilm) -> str:
        """What the film shows to whom it asks, as markdown."""
        return str(self._input(film, "-description"))

    def values(self, film: WaitingFilm) -> dict[str, Any]:
        """What the film's form holds: its proposal, or what somebody sent that did not do."""
        fields = self._input(film, _SCHEMA)["properties"]
        return {name: field["default"] for name, field in fields.items()}

    def answer(self, film: WaitingFilm, decision: Decision, **values: Any) -> None:
        """Send an answer; the film goes on, ends, or asks again.

        Args:
            film: As `waiting` found it.
            decision: What becomes of the proposal.
            values: Further fields of `RecipeReview`; the others stay as the form holds them.

        Raises:
            BadInputError: The server refuses the answer.
        """
        from prefect.client.schemas.responses import SetStateStatus

        told = {"decision": str(decision), **values}
        result = self._client.resume_flow_run(film.run, run_input=told)
        if result.status != SetStateStatus.ACCEPT:
            reason = getattr(result.details, "reason", None) or "it waits no longer"
            raise BadInputError(f"{film.name} did not take the answer: {reason}")

    def _input(self, film: WaitingFilm, which: str) -> Any:
        key = film.question.removesuffix(_SCHEMA) + which
        return json.loads(self._client.read_flow_run_input(film.run, key))


@contextmanager
def open_reviews() -> Iterator[Reviews]:
    """The questions of the farm of this machine, or of the server that PREFECT_API_URL names.

    Raises:
        MissingDependencyError: There is no server, or it does not answer.
    """
    settings = Settings()
    api_url = settings.prefect_api_url or Farm(settings).api_url
    if api_url is None:
        raise MissingDependencyError(
            "there is no farm on this machine; start one with `songfilm up`, or name its server "
            "with PREFECT_API_URL"
        )
    with open_client(api_url, auth_of(settings)) as client:
        yield Reviews(client)


def _waiting_film(run: "FlowRun") -> WaitingFilm | None:
    """A suspended run as a question, if it is one of ours."""
    state = run.state
    keys = state.state_details.run_input_keyset if state else None
    if state is None or not keys or not keys["schema"].startswith(_OURS):
        return None
    return WaitingFilm(
        run=run.id,
        name=run.name,
        since=state.timestamp,
        until=state.state_details.pause_timeout,
        question=keys["schema"],
    )
