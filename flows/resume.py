"""When the last missing shot of a film is done, the film goes on by itself."""

import logging
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

log = logging.getLogger(__name__)

_OPEN = [kind for kind in StateType if kind != StateType.COMPLETED]
_BROKEN = (StateType.FAILED, StateType.CRASHED)


def resume_film(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Put a film that failed, or is held, back to work; a hook of every run that makes clips.

    Args:
        flow: The flow that just completed.
        flow_run: Its run; the parameter `film_run` names the film.
        state: Its state.
    """
    film = flow_run.parameters.get("film_run")
    if not film:
        return
    with get_client(sync_client=True) as client:
        try:
            parent = client.read_flow_run(UUID(film))
        except (ObjectNotFound, ValueError):
            log.info("the film %s is not on this server", film)
            return
        kind = parent.state.type if parent.state else None
        if kind not in (*_BROKEN, StateType.PAUSED) or _others_open(client, film, flow_run.id):
            return
        if kind == StateType.PAUSED:
            client.resume_flow_run(parent.id)
        else:
            again: State[None] = AwaitingRetry(message="all shots are there")
            client.set_flow_run_state(parent.id, again, force=True)
        log.info("the film %s goes on", parent.name)


def _others_open(client: SyncPrefectClient, film: str, this: UUID) -> bool:
    """Whether another run of the film has still to make clips."""
    others = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            tags=FlowRunFilterTags(all_=[f"film:{film}"]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)),
        ),
        limit=2,
    )
    return any(other.id != this for other in others)
