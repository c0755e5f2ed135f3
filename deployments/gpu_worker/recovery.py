"""Runs that nobody works on any more: found, and ended or put back into their queues."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed, Failed

from flows.requeue import MOST_RECOVERIES, may_recover, recovering

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
        pid: Of its engine.
    """
    return f"{worker}:{pid}@{socket.gethostname()}"


def is_orphan(mark: str | None, *, worker: str, lives: Callable[[int], bool]) -> bool:
    """Whether a run was left behind by an earlier worker of this name.

    Args:
        mark: As from `engine_mark`; empty when the run never got that far.
        worker: Name of the worker that starts now.
        lives: Whether a process of this machine is an engine at work.
    """
    name, _, place = (mark or "").rpartition(":")
    pid, _, host = place.partition("@")
    if name != worker or not pid.isdecimal():
        return False
    return host != socket.gethostname() or not lives(int(pid))


async def end_orphans(client: PrefectClient, *, pool: str, worker: str, log: Log) -> int:
    """End the runs that an earlier worker of this name left under way.

    Returns:
        How many there were.
    """
    orphans = [
        run
        for run in await _runs(client, pool, _UNDER_WAY)
        if is_orphan(run.infrastructure_pid, worker=worker, lives=_is_engine)
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


async def recover_lost(client: PrefectClient, *, pool: str, log: Log) -> int:
    """Put the crashed runs of a pool back into their queues; end those that crashed too often.

    Returns:
        How many were put back.
    """
    lost = [run for run in await _runs(client, pool, [StateType.CRASHED]) if _is_recent(run)]
    for run in lost:
        await _recover(client, run, log=log)
    return len(lost)


async def _recover(client: PrefectClient, run: FlowRun, *, log: Log) -> None:
    """One lost run."""
    states = await client.read_flow_run_states(run.id)
    # Another worker may have been faster.
    latest = max(states, key=lambda state: state.timestamp)
    if latest.type != StateType.CRASHED:
        return
    reason = latest.message or "lost"
    if may_recover(states):
        await client.set_flow_run_state(run.id, recovering(reason), force=True)
        log.warning("%s is put back into its queue: %s", run.name, reason)
        return
    told = (
        f"lost {MOST_RECOVERIES + 1} times, the last time because: {reason}; finished clips are "
        "kept. Look at the workers' logs, then press Retry"
    )
    await client.set_flow_run_state(run.id, Failed(message=told), force=True)
    log.error("%s was %s", run.name, told)


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


def _is_recent(run: FlowRun) -> bool:
    return run.state is not None and datetime.now(UTC) - run.state.timestamp < _OLD


def _is_engine(pid: int) -> bool:
    """Whether a process of this machine is alive and, where that can be told, an engine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return b"deployments.gpu_worker.engine" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True
