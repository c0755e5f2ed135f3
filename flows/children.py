"""Flow runs that a film asks for: submitted once, watched by one poller, re-queued when lost."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkPoolStatus
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run as this_run
from prefect.states import AwaitingRetry, Cancelled, Cancelling

from flows.requeue import requeue, was_asked_again
from flows.server import patiently
from recipe_schema.farm import Child, Standing
from tasks import cancellation
from tasks.errors import MissingDependencyError, RunCancelledError

log = logging.getLogger(__name__)

Runs = dict[str, FlowRun]
Listener = Callable[[Standing], None]

# Seconds between two looks at the children: short at first, longer for big films.
_POLL_S, _POLL_PER_CHILD_S, _LONGEST_POLL_S = 1.0, 0.02, 5.0
# The server's own limit on runs a request.
_PAGE = 200
# Children that wait or run at once: enough for many workers, few enough for the server's loops.
_AT_ONCE = 100
# Nothing has moved for so long that the work pool is looked at, seconds.
_STILL_S = 15.0


def run_children(
    children: Sequence[Child],
    *,
    queue: str | None = None,
    deadline_s: float | None = None,
    told: Listener = lambda standing: None,
) -> Runs:
    """Run children on their work pools and wait for all of them.

    A child whose key was submitted before is taken up again, so that a film that is run again
    pays for nothing twice. One that crashed is put back into its queue a few times. One that
    failed is put back only if a person asked for the film again.

    Args:
        children: What to run, because its product is not in the store; names must be unique.
        queue: Work queue; the deployment's own when empty.
        deadline_s: Children not finished by then are cancelled; no limit when empty.
        told: Called whenever something changed.

    Returns:
        The last known flow run of each child, by name; not all need be Completed.

    Raises:
        MissingDependencyError: The server does not know a deployment.
        RunCancelledError: Somebody cancelled the film; its children are cancelled too.
        TransientError: The server stayed away.
    """
    waiting, runs = deque(children), Runs()
    begun, standing = time.monotonic(), Standing(total=len(children))
    with get_client(sync_client=True) as client:
        again = patiently(was_asked_again, client, UUID(str(this_run.id)))
        try:
            while True:
                _submit(client, waiting, runs, queue=queue, again=again)
                standing = _look(client, runs, standing, begun=begun, told=told)
                if not waiting and all(_is_over(run) for run in runs.values()):
                    return runs
                if deadline_s is not None and time.monotonic() - begun > deadline_s:
                    log.warning("the deadline passed; what is not finished is cancelled")
                    _cancel(client, runs)
                    return runs
                cancellation.wait(min(_POLL_S + _POLL_PER_CHILD_S * len(runs), _LONGEST_POLL_S))
                cancellation.check()
                _refresh(client, runs)
        except RunCancelledError:
            _cancel(client, runs)
            raise


def _submit(
    client: SyncPrefectClient, waiting: deque[Child], runs: Runs, *, queue: str | None, again: bool
) -> None:
    """Hand children to the server while there is room."""
    room = _AT_ONCE - sum(not _is_over(run) for run in runs.values())
    while waiting and room > 0:
        cancellation.check()
        child = waiting.popleft()
        run = _taken_up(client, patiently(_start, child, queue))
        if _is_completed(run) or (again and _is_over(run)):
            # What it made is gone from the store, or a person wants another try.
            state: State[None] = AwaitingRetry(message="the film asks for it again")
            patiently(client.set_flow_run_state, run.id, state, force=True)
            run = patiently(client.read_flow_run, run.id)
        runs[child.name] = run
        room -= not _is_over(run)


def _start(child: Child, queue: str | None) -> FlowRun:
    """Submit one child, or find the run that its key started before."""
    try:
        run = run_deployment(
            child.deployment,
            parameters=child.parameters,
            flow_run_name=child.name,
            timeout=0,
            idempotency_key=child.key,
            tags=list(child.tags),
            work_queue_name=queue,
        )
        return cast(FlowRun, run)  # a coroutine only where there is an event loop
    except ObjectNotFound as error:
        raise MissingDependencyError(
            f"the Prefect server does not know the deployment {child.deployment}; run "
            "`songfilm up`, or `python -m deployments.bootstrap` for a server of yours"
        ) from error


def _refresh(client: SyncPrefectClient, runs: Runs) -> None:
    """Read what changed, and put lost children back into their queues."""
    names = {run.id: name for name, run in runs.items() if not _is_completed(run)}
    for run in _read(client, list(names)):
        runs[names[run.id]] = _taken_up(client, run)


def _taken_up(client: SyncPrefectClient, run: FlowRun) -> FlowRun:
    """The run, put back into its queue if it was lost and not too often."""
    if run.state is None or run.state.type != StateType.CRASHED:
        return run
    reason = run.state.message or "lost"
    if not patiently(requeue, client, run, reason):
        return run
    log.warning("%s is put back into its queue: %s", run.name, reason)
    return patiently(client.read_flow_run, run.id)


def _read(client: SyncPrefectClient, ids: list[UUID]) -> list[FlowRun]:
    """Flow runs by id, as many requests as pages."""
    found: list[FlowRun] = []
    for first in range(0, len(ids), _PAGE):
        those = FlowRunFilter(id=FlowRunFilterId(any_=ids[first : first + _PAGE]))
        found += patiently(client.read_flow_runs, flow_run_filter=those, limit=_PAGE)
    return found


def _cancel(client: SyncPrefectClient, runs: Runs) -> None:
    """Stop children that are not over: running ones at their next check, waiting ones at once."""
    message = "the film was cancelled or its deadline passed"
    for name, known in runs.items():
        if _is_over(known):
            continue
        run = client.read_flow_run(known.id)
        if not _is_over(run):
            waits = run.state is None or run.state.type == StateType.SCHEDULED
            state: State[None] = (
                Cancelled(message=message) if waits else Cancelling(message=message)
            )
            client.set_flow_run_state(run.id, state)
        runs[name] = client.read_flow_run(run.id)


def _look(
    client: SyncPrefectClient,
    runs: Runs,
    before: Standing,
    *,
    begun: float,
    told: Listener,
) -> Standing:
    """Count the children, and tell when the count changed."""
    done = {name for name, run in runs.items() if _is_completed(run)}
    fresh_names = done - {*before.done}
    running = sum(run.state is not None and run.state.is_running() for run in runs.values())
    elapsed = time.monotonic() - begun
    now = before.model_copy(
        update={
            "done": (*before.done, *(name for name in runs if name in fresh_names)),
            "failed": tuple(n for n, run in runs.items() if _is_over(run) and n not in done),
            "running": running,
            "taken_up": len(done) if before.taken_up is None else before.taken_up,
        }
    )
    fresh = len(now.done) - (now.taken_up or 0)
    left = now.total - len(now.done) - len(now.failed)
    stuck = elapsed > _STILL_S and not running and left
    now = now.model_copy(
        update={
            "seconds_left": round(elapsed / fresh * left) if fresh else None,
            "waiting_for": _obstacle(client, runs) if stuck else None,
        }
    )
    if now.waiting_for and now.waiting_for != before.waiting_for:
        log.warning("nothing moves: %s", now.waiting_for)
    if now.model_copy(update={"seconds_left": before.seconds_left}) != before:
        told(now)
    return now


def _obstacle(client: SyncPrefectClient, runs: Runs) -> str | None:
    """Why children that are scheduled do not start, if their pool tells."""
    run = next((r for r in runs.values() if r.state and r.state.is_scheduled()), None)
    if run is None or run.work_pool_name is None:
        return None
    pool = patiently(client.read_work_pool, run.work_pool_name)
    if pool.is_paused:
        return f"the work pool {pool.name} is paused; resume it in the dashboard"
    if pool.status == WorkPoolStatus.NOT_READY:
        return f"no worker is online in the work pool {pool.name}; `songfilm status` shows them"
    queue = patiently(client.read_work_queue_by_name, run.work_queue_name or "default", pool.name)
    if queue.is_paused:
        return f"the queue {queue.name} of the work pool {pool.name} is paused"
    return None


def _is_over(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_final()


def _is_completed(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_completed()
