"""What a worker looks after while its runs are under way: signs of life, cancellations, ends."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import anyio
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType

from deployments.gpu_worker.flight import Flight, Log

# How often to look for cancelled runs while none is under way, seconds.
_IDLE_S = 2.0
_CANCELLED = [StateType.CANCELLING, StateType.CANCELLED]


async def repeat(work: Callable[[], Awaitable[None]], wait: Callable[[], float], log: Log) -> None:
    """Do something over and over, whatever becomes of it, until cancelled.

    Args:
        work: What to do.
        wait: Seconds before each time.
        log: Told when it failed.
    """
    while True:
        await anyio.sleep(wait())
        try:
            await work()
        # A watch that ends because of one bad answer would leave the worker deaf.
        except Exception as error:  # noqa: BLE001
            log.warning("will try again: %r", error)


def poll_s(flights: Mapping[UUID, Flight]) -> float:
    """Seconds until cancelled runs are to be looked for again."""
    return min((f.configuration.cancel_poll_s for f in flights.values()), default=_IDLE_S)


async def stop_cancelled(client: PrefectClient, flights: Mapping[UUID, Flight]) -> None:
    """Ask once about all runs under way; stop those that somebody cancelled, or set so already.

    Args:
        client: Of the server.
        flights: Runs under way by id.
    """
    for flight in flights.values():
        flight.kill_if_deaf()
    asked = [k for k, flight in flights.items() if not (flight.asked_to_stop or flight.is_over)]
    if not asked:
        return
    cancelled = FlowRunFilterState(type=FlowRunFilterStateType(any_=_CANCELLED))
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=asked), state=cancelled)
    )
    for run in runs:
        if run.id in flights:
            await flights[run.id].stop()
