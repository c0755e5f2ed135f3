"""When the last missing shot of a film is done, the film goes on by itself."""

import logging
import time
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry

from flows.server import patiently

log = logging.getLogger(__name__)

_OPEN = [kind for kind in StateType if kind != StateType.COMPLETED]
_HALTED = (StateType.FAILED, StateType.CRASHED, StateType.PAUSED)
# A film that gives up just now reads as Running for a moment, seconds.
_GIVES_UP_S, _POLL_S = 8.0, 0.5


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
            parent = patiently(client.read_flow_run, UUID(film))
        except (ObjectNotFound, ValueError):
            log.info("the film %s is not on this server", film)
            return
        if not _is_last(client, film, flow_run.id):
            return
        if flow_run.run_count > 1:
            parent = _settled(client, parent)
        kind = parent.state.type if parent.state else None
        if kind not in _HALTED:
            return
        if kind == StateType.PAUSED:
            patiently(client.resume_flow_run, parent.id)
        else:
            again: State[None] = AwaitingRetry(message="all shots are there")
            patiently(client.set_flow_run_state, parent.id, again, force=True)
        log.info("the film %s goes on", parent.name)


def _is_last(client: SyncPrefectClient, film: str, this: UUID) -> bool:
    """Whether no other run of the film has still to make clips, or ended after this one.

    Of two that end at the same moment one alone is the last, so that a film goes on once.
    """
    tags = FlowRunFilterTags(all_=[f"film:{film}"])
    unfinished = FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN))
    still = patiently(
        client.read_flow_runs, flow_run_filter=FlowRunFilter(tags=tags, state=unfinished), limit=2
    )
    if any(other.id != this for other in still):
        return False
    own = patiently(client.read_flow_run, this)
    since = FlowRunFilterEndTime(after_=own.end_time)
    later = patiently(
        client.read_flow_runs, flow_run_filter=FlowRunFilter(tags=tags, end_time=since), limit=9
    )
    return all((other.end_time, other.id) <= (own.end_time, own.id) for other in later)


def _settled(client: SyncPrefectClient, parent: FlowRun) -> FlowRun:
    """The film, after a moment if it is running: it may be about to give up."""
    until = time.monotonic() + _GIVES_UP_S
    while parent.state and parent.state.is_running() and time.monotonic() < until:
        time.sleep(_POLL_S)
        parent = patiently(client.read_flow_run, parent.id)
    return parent
