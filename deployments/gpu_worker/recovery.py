"""Runs that nobody works on any more: found, and ended or put back into their queues."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Failed

from deployments.gpu_worker.news import tell_film_failed
from flows.requeue import MOST_RECOVERIES, STOPPED, may_recover, recovering

_UNDER_WAY = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
# The server's own limit on runs a request.
_PAGE = 200
# A run that crashed longer ago is left to people.
_OLD = timedelta(days=1)

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


def engine_mark(worker: str, pid: int) -> str:
    """What a run carries as its infrastructure: who works on it, and where.

    Args:
        worker: Name of the worker.
        pid: Of its engine; of the worker itself while there is none yet.
    """
    return f"{worker}:{pid}@{socket.gethostname()}"


def is_orphan(mark: str | None, *, worker: str, alone: bool, lives: Callable[[int], bool]) -> bool:
    """Whether a run was left behind by an earlier worker of this name.

    Args:
        mark: As from `engine_mark`; empty when the run never got that far.
        worker: Name of the worker that starts now.
        alone: Whether no other machine can have a worker of this name.
        lives: Whether a process of this machine is an engine or a worker at work.
    """
    name, pid, host = _parts(mark)
    if name != worker:
        return False
    return alone if host != socket.gethostname() else not lives(pid)


def why_nobody_stops(
    mark: str | None, states: Sequence[State], *, online: Collection[str]
) -> str | None:
    """Why nobody will stop a run that is to be cancelled; empty when somebody may.

    Args:
        mark: As from `engine_mark`; a run that is tried again carries its last one.
        states: The run's history, in any order.
        online: Names of the pool's workers that are there.
    """
    history = sorted(states, key=lambda state: state.timestamp)
    before = [state.type for state in history if state.type != StateType.CANCELLING]
    if not history or history[-1].type != StateType.CANCELLING:
        return None
    if before and before[-1] == StateType.SCHEDULED:
        return "it was waiting to be tried again"
    name, _, _ = _parts(mark)
    return f"its worker {name!r} is gone" if name and name not in online else None


async def is_name_free(client: PrefectClient, *, pool: str, worker: str) -> bool:
    """Whether no worker of a name is online; to be asked before one makes itself known."""
    try:
        return worker not in await _online(client, pool)
    except ObjectNotFound:
        return True


async def end_orphans(
    client: PrefectClient,
    *,
    pool: str,
    worker: str,
    alone: bool,
    flown: Collection[UUID],
    log: Log,
) -> int:
    """End the runs that an earlier worker of this name left under way.

    Args:
        client: Of the server.
        pool: Whose runs are looked at.
        worker: Name of the worker that starts now.
        alone: As from `is_name_free`.
        flown: Runs that this worker has taken already.
        log: The worker's.

    Returns:
        How many there were.
    """
    orphans = [
        run
        for run in await _runs(client, pool, _UNDER_WAY)
        if run.id not in flown
        and is_orphan(run.infrastructure_pid, worker=worker, alone=alone, lives=_is_at_work)
    ]
    for run in orphans:
        cancelling = run.state is not None and run.state.type == StateType.CANCELLING
        told = f"the worker {worker!r} ended while it worked on this run"
        state: State = (
            Cancelled(message=f"cancelled; {told}") if cancelling else Crashed(message=told)
        )
        await client.set_flow_run_state(run.id, state, force=True)
        log.warning("%s of an earlier worker %r is now %s", run.name, worker, state.name)
    return len(orphans)


async def end_cancelled(
    client: PrefectClient, *, pool: str, worker: str, flown: Collection[UUID], log: Log
) -> int:
    """End the runs of a pool that are to be cancelled and that no worker has.

    Args:
        client: Of the server.
        pool: Whose runs are looked at.
        worker: Name of this worker. What it had and has no more was done before it could stop.
        flown: Runs that this worker has; it stops them itself.
        log: The worker's.

    Returns:
        How many there were.
    """
    asked = [r for r in await _runs(client, pool, [StateType.CANCELLING]) if r.id not in flown]
    online = [name for name in await _online(client, pool) if name != worker] if asked else ()
    ended = 0
    for run in asked:
        states = await client.read_flow_run_states(run.id)
        why = why_nobody_stops(run.infrastructure_pid, states, online=online)
        if why is not None:
            state: State = Cancelled(message=f"cancelled; {why}")
            await client.set_flow_run_state(run.id, state, force=True)
            log.info("%s is cancelled; %s", run.name, why)
            ended += 1
    return ended


async def recover_lost(client: PrefectClient, *, pool: str, log: Log) -> int:
    """Put the crashed runs of a pool back into their queues; end those that crashed too often.

    Returns:
        How many were put back.
    """
    lost = [run for run in await _runs(client, pool, [StateType.CRASHED]) if _is_recent(run)]
    return sum([await _recover(client, run, log=log) for run in lost])


async def _recover(client: PrefectClient, run: FlowRun, *, log: Log) -> bool:
    """One lost run; returns whether it was put back."""
    states = await client.read_flow_run_states(run.id)
    # Another worker may have been faster.
    latest = max(states, key=lambda state: state.timestamp)
    if latest.type != StateType.CRASHED:
        return False
    reason = latest.message or "lost"
    if may_recover(states):
        await client.set_flow_run_state(run.id, recovering(reason), force=True)
        log.warning("%s is put back into its queue: %s", run.name, reason)
        return True
    told = (
        f"lost {MOST_RECOVERIES + 1} times, the last time because: {reason}; finished clips are "
        "kept. Look at the workers' logs, then press Retry"
    )
    await client.set_flow_run_state(run.id, Failed(message=told), force=True)
    tell_film_failed(run, told)
    log.error("%s was %s", run.name, told)
    return False


async def _runs(client: PrefectClient, pool: str, types: Sequence[StateType]) -> list[FlowRun]:
    """All runs of a pool in these states."""
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
            ),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
            sort=FlowRunSort.ID_DESC,
            limit=_PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < _PAGE:
            return found
        await asyncio.sleep(0)


async def _online(client: PrefectClient, pool: str) -> set[str]:
    """Names of a pool's workers whose heartbeats arrive."""
    there = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
    return {w.name for w in await client.read_workers_for_work_pool(pool, worker_filter=there)}


def _parts(mark: str | None) -> tuple[str, int, str]:
    """Worker, process id and host of a mark; an empty worker when it is not one of ours."""
    name, _, place = (mark or "").rpartition(":")
    pid, _, host = place.partition("@")
    return (name, int(pid), host) if host and pid.isdecimal() else ("", 0, "")


def _is_recent(run: FlowRun) -> bool:
    """Whether a lost run is to be taken up without being asked for."""
    if run.state is None:
        return False
    return run.state.name == STOPPED or datetime.now(UTC) - run.state.timestamp < _OLD


def _is_at_work(pid: int) -> bool:
    """Whether a process lives and, where that can be told, is an engine or another worker."""
    # In a container every worker has the same number.
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return b"deployments.gpu_worker.engine" in words or b"worker" in words
    return True
