"""The Prefect worker of type ``songfilm-gpu``: one resident engine a slot, warm from run to run.

``prefect worker start --pool gpu --type songfilm-gpu --name gpu-1 --limit 2``

Pools, queues, limits, states, logs, Retry and Cancel work as with Prefect's own workers. What is
different: `--limit N` starts N engines (one without it), each with a graphics card of its own where
there are any; a cancelled run stops at its next frame and its engine stays; and a worker that fails
one run after another pauses itself.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Failed
from prefect.workers.base import BaseWorker

from deployments.gpu_worker.breaker import Breaker
from deployments.gpu_worker.devices import find_devices
from deployments.gpu_worker.engine_process import EngineDiedError, EngineProcess
from deployments.gpu_worker.job import SongfilmConfiguration, SongfilmResult, SongfilmVariables
from deployments.gpu_worker.outcome import Outcome, state_after
from deployments.gpu_worker.permission import (
    allowed_prefixes,
    entrypoint_refusal,
    preload_refusal,
)
from deployments.gpu_worker.recovery import end_orphans, engine_mark, recover_lost
from deployments.gpu_worker.slot import Slot
from tasks.settings import Settings

# How often crashed runs are looked for, where the pool asks for that, seconds.
_RECOVER_S = 15.0
# How often cancelled runs are looked for while nothing is under way, seconds.
_WATCH_S = 2.0
# Deployments seldom change; a run that starts sooner after a change sees the one before, seconds.
_REMEMBER_S = 10.0
# How long a server may be away before the end of a run is left untold, and between two tries.
_AWAY_S, _AGAIN_S = 900.0, 2.0
# Longest that a stopping worker takes to tell the end of its runs, seconds.
_STOP_S = 10.0


@dataclass
class Flight:
    """A run under way."""

    run: FlowRun
    configuration: SongfilmConfiguration
    engine: EngineProcess | None = None
    """Set once the engine works on it; before that there is nothing to interrupt."""
    asked_to_stop: float | None = None


class SongfilmWorker(BaseWorker[SongfilmConfiguration, SongfilmVariables, SongfilmResult]):
    """Keeps engines warm and hands them one flow run after another."""

    type = "songfilm-gpu"
    job_configuration = SongfilmConfiguration
    job_configuration_variables = SongfilmVariables
    _display_name = "songfilm (warm engines)"
    _description = (
        "Runs songfilm's flows in resident processes, so that models and kernels stay loaded from "
        "one run to the next. For machines with graphics cards and without."
    )

    _slots: list[Slot]
    _flights: dict[UUID, Flight]
    _breaker: Breaker
    _loops: list[anyio.CancelScope]
    _deployments: dict[UUID, tuple[float, DeploymentResponse]]
    _swept: bool

    async def setup(self) -> None:
        """Find the graphics cards, meet the server, end what an earlier worker left."""
        self._limit = self._limit or 1
        devices = await anyio.to_thread.run_sync(find_devices)
        cards = [devices[k % len(devices)] if devices else None for k in range(self._limit)]
        self._slots = [Slot(k, card) for k, card in enumerate(cards)]
        for slot in self._slots:
            if slot.device is not None:
                told = (slot.number, slot.device.name, slot.device.visible_as, slot.device.tag)
                self._logger.info("engine %d has %s (device %s); its runs get the tag %s", *told)
        self._flights, self._deployments, self._loops = {}, {}, []
        self._breaker, self._swept = Breaker(), False
        await super().setup()
        assert self._runs_task_group is not None
        self._runs_task_group.start_soon(self._repeat, self._look_for_cancelled, self._watch_s)
        self._runs_task_group.start_soon(self._repeat, self._recover, lambda: _RECOVER_S)

    async def teardown(self, *exc_info: Any) -> None:
        """End the runs under way, then the engines."""
        for loop in self._loops:
            loop.cancel()
        try:
            await super().teardown(*exc_info)
        finally:
            with anyio.CancelScope(shield=True):
                for slot in self._slots:
                    await slot.clear()

    async def sync_with_backend(self) -> None:
        """Tell the server that this worker is there; a paused one stays silent, and so offline."""
        if self._breaker.is_open(time.monotonic()):
            return
        await super().sync_with_backend()
        if not self._swept and self._work_pool is not None:
            self._swept = True
            await end_orphans(
                self.client, pool=self._work_pool_name, worker=self.name, log=self._logger
            )

    async def run(
        self,
        flow_run: FlowRun,
        configuration: SongfilmConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> SongfilmResult:
        """Have an engine do one flow run, and see to it that the run ends in a final state.

        Args:
            flow_run: The run; Pending.
            configuration: Its job variables.
            task_status: Told what the run carries as its infrastructure.
        """
        started = (task_status or anyio.TASK_STATUS_IGNORED).started
        refusal = self._refusal(configuration)
        if refusal is not None:
            self._logger.error("%s is refused: %s", flow_run.name, refusal)
            await self.client.set_flow_run_state(flow_run.id, Failed(message=refusal), force=True)
            started("refused")
            return SongfilmResult(status_code=0, identifier="refused")
        for name in configuration.refused_variables:
            told = "the job sets the environment variable %s, which is the worker's own; left out"
            self.get_flow_run_logger(flow_run).warning(told, name)
        flight = Flight(flow_run, configuration)
        slot = next(
            (slot for slot in self._slots if slot.is_warm_for(configuration)), self._slots[0]
        )
        self._slots.remove(slot)
        self._flights[flow_run.id] = flight
        try:
            return await self._fly(flight, slot, started)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True), anyio.move_on_after(_STOP_S):
                await slot.clear(at_once=True)
                told = f"the worker {self.name!r} was stopped while it worked on this run"
                await self._settle(flow_run, Outcome.CRASHED, told)
            raise
        finally:
            del self._flights[flow_run.id]
            self._slots.append(slot)

    async def _fly(
        self, flight: Flight, slot: Slot, started: Callable[[Any], None]
    ) -> SongfilmResult:
        """Hand a run to the slot's engine and wait for its end."""
        run, configuration = flight.run, flight.configuration
        fresh = not slot.is_warm_for(configuration)
        engine = await slot.engine_for(configuration)
        mark = engine_mark(self.name, engine.pid)
        # Written before the run begins, so that a worker that comes after us finds it.
        tags = [*run.tags, slot.device.tag] if slot.device else None
        await self.client.update_flow_run(run.id, infrastructure_pid=mark, tags=tags)
        started(mark)
        try:
            if fresh:
                await engine.ready()
            if flight.asked_to_stop is not None:
                return SongfilmResult(status_code=0, identifier=mark)
            flight.engine = engine
            assert configuration.entrypoint is not None
            environment = configuration.run_environment()
            reply = await engine.run(str(run.id), configuration.entrypoint, environment)
            outcome, told = Outcome(reply["outcome"]), reply.get("error", "")
        except EngineDiedError as error:
            await slot.clear(at_once=True)
            outcome, told = Outcome.CRASHED, str(error)
            if flight.asked_to_stop is not None:
                grace = configuration.cancel_grace_s
                outcome = Outcome.CANCELLED
                told = f"it did not stop within {grace:g} s, so its engine was killed"
        if outcome is not Outcome.DONE:
            await self._settle(run, outcome, told)
        self._count(outcome, told, configuration)
        return SongfilmResult(status_code=0, identifier=mark)

    def _refusal(self, configuration: SongfilmConfiguration) -> str | None:
        """Why this worker does not take a run."""
        prefixes = allowed_prefixes(Settings().entrypoints)
        return entrypoint_refusal(
            configuration.entrypoint, pull_steps=configuration.has_pull_steps, prefixes=prefixes
        ) or preload_refusal(configuration.preload, prefixes=prefixes)

    async def _settle(self, run: FlowRun, outcome: Outcome, told: str) -> None:
        """Give a run its final state if its engine could not; waits for a server that is away."""
        begun = time.monotonic()
        while True:
            try:
                state = (await self.client.read_flow_run(run.id)).state
                final = state_after(outcome, state.type if state else None, told)
                if final is not None:
                    await self.client.set_flow_run_state(run.id, final, force=True)
                    self._logger.warning("%s is %s: %s", run.name, final.name, told)
                return
            except ObjectNotFound:
                return
            except httpx.HTTPError as error:
                if time.monotonic() - begun > _AWAY_S:
                    raise
                self._logger.warning("the end of %s cannot be told yet: %r", run.name, error)
                await anyio.sleep(_AGAIN_S)

    def _count(self, outcome: Outcome, told: str, configuration: SongfilmConfiguration) -> None:
        """Keep count of failures in a row, and pause after too many."""
        limit, pause_s = configuration.failures_before_pause, configuration.pause_s
        if not self._breaker.record(outcome, limit=limit, pause_s=pause_s, now=time.monotonic()):
            return
        reason = f"{limit} runs in a row failed here, the last one because: {told}"
        self._logger.error(
            "this worker takes no runs for %g s: %s; look at the machine, then restart the worker "
            "or wait",
            pause_s,
            reason,
        )
        emit_event(
            "songfilm.worker.paused",
            resource=self._event_resource(),  # type: ignore[no-untyped-call]
            related=self._event_related_resources(),
            payload={"reason": reason, "pause_s": pause_s, "failures": limit},
        )
        if self._worker_channel is not None:
            self._worker_channel.stop()
            self._worker_channel = None

    async def _look_for_cancelled(self) -> None:
        """Ask about all runs under way at once; stop those that are to be cancelled."""
        now = time.monotonic()
        for flight in self._flights.values():
            grace = flight.configuration.cancel_grace_s
            if flight.engine and flight.asked_to_stop and now > flight.asked_to_stop + grace:
                self._logger.warning("%s did not stop; its engine is killed", flight.run.name)
                flight.engine.kill()
        asked = [k for k, flight in self._flights.items() if flight.asked_to_stop is None]
        if not asked:
            return
        cancelling = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING]))
        runs = await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=asked), state=cancelling)
        )
        for run in runs:
            await self._cancel(run)

    async def _cancel(self, run: FlowRun) -> None:
        """Stop one run: at its next frame, or before it begins."""
        flight = self._flights.get(run.id)
        if flight is None:
            return
        flight.asked_to_stop = time.monotonic()
        self._logger.info("%s is asked to stop", run.name)
        if flight.engine is not None:
            flight.engine.cancel(str(run.id))
            return
        before: State = Cancelled(message="cancelled before it began")
        await self.client.set_flow_run_state(run.id, before, force=True)

    def _watch_s(self) -> float:
        """Seconds until cancelled runs are looked for again."""
        polls = [flight.configuration.cancel_poll_s for flight in self._flights.values()]
        return min(polls, default=_WATCH_S)

    async def _recover(self) -> None:
        """Put crashed films back into their queues, where the pool asks for that."""
        properties = self.work_pool.base_job_template.get("variables", {}).get("properties", {})
        if properties.get("recover", {}).get("default") is True:
            await recover_lost(self.client, pool=self._work_pool_name, log=self._logger)

    async def _repeat(self, work: Callable[[], Awaitable[None]], wait: Callable[[], float]) -> None:
        """Do something over and over until the worker stops."""
        with anyio.CancelScope() as scope:
            self._loops.append(scope)
            while True:
                await anyio.sleep(wait())
                try:
                    await work()
                # A watch that ends because of one bad answer would leave the worker deaf.
                except Exception as error:  # noqa: BLE001
                    self._logger.warning("will try again: %r", error)
