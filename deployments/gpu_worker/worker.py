"""The Prefect worker of type ``songfilm-gpu``: one resident engine a slot, warm from run to run.

``prefect worker start --pool gpu --type songfilm-gpu --name gpu-1 --limit 2``

Pools, queues, limits, states, logs, Retry and Cancel work as with Prefect's own workers. What is
different: `--limit N` starts N engines (one without it), each with a graphics card of its own where
there are any; a cancelled run stops at its next frame and its engine stays; and a worker that fails
one run after another pauses itself.
"""

import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse, WorkerFlowRunResponse
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.states import Failed
from prefect.workers.base import BaseWorker

from deployments.gpu_worker.breaker import Breaker
from deployments.gpu_worker.devices import find_devices
from deployments.gpu_worker.flight import Flight, settle
from deployments.gpu_worker.job import SongfilmConfiguration, SongfilmResult, SongfilmVariables
from deployments.gpu_worker.news import tell_film_failed
from deployments.gpu_worker.outcome import Outcome
from deployments.gpu_worker.permission import allowed_prefixes
from deployments.gpu_worker.recovery import (
    end_cancelled,
    end_orphans,
    is_name_free,
    recover_lost,
)
from deployments.gpu_worker.slot import Slot, best_slot
from deployments.gpu_worker.watch import poll_s, repeat, stop_cancelled
from tasks.settings import Settings

# How often runs are looked for that crashed, or that nobody is there to cancel, seconds.
_RECOVER_S = 15.0
# How often a run under way is said to be alive, seconds: the farm's automation waits for 75.
_BEAT_S = 30.0
# Deployments seldom change; a run that starts sooner after a change sees the one before, seconds.
_REMEMBER_S = 10.0
# Longest that a stopping worker takes to tell the end of its runs, seconds.
_STOP_S = 10.0


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
    _watches: anyio.CancelScope
    _deployments: dict[UUID, tuple[float, DeploymentResponse]]
    _alone: bool | None
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
        self._flights, self._deployments = {}, {}
        self._breaker, self._watches = Breaker(), anyio.CancelScope()
        self._alone, self._swept = None, False
        await super().setup()
        self._go(self._watch)

    async def teardown(self, *exc_info: Any) -> None:
        """End the runs under way, then the engines."""
        self._watches.cancel()
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
        if self._alone is None:
            self._alone = await is_name_free(
                self.client, pool=self._work_pool_name, worker=self.name
            )
        await super().sync_with_backend()
        if not self._swept and self._work_pool is not None:
            await end_orphans(
                self.client,
                pool=self._work_pool_name,
                worker=self.name,
                alone=self._alone,
                flown=self._taken(),
                log=self._logger,
            )
            self._swept = True

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
        refusal = configuration.refusal(allowed_prefixes(Settings().entrypoints))
        if refusal is not None:
            self._logger.error("%s is refused: %s", flow_run.name, refusal)
            await self.client.set_flow_run_state(flow_run.id, Failed(message=refusal), force=True)
            tell_film_failed(flow_run, refusal)
            started("refused")
            return SongfilmResult(status_code=0, identifier="refused")
        for name in configuration.refused_variables:
            told = "the job sets the environment variable %s, which is the worker's own; left out"
            self.get_flow_run_logger(flow_run).warning(told, name)
        flight = Flight(
            flow_run, configuration, client=self.client, worker=self.name, log=self._logger
        )
        slot = best_slot(self._slots, configuration)
        self._slots.remove(slot)
        self._flights[flow_run.id] = flight
        try:
            outcome, told = await flight.fly(slot, started)
            # A run that was done before it heard of its cancellation is left Cancelling.
            if outcome is not Outcome.DONE or flight.asked_to_stop is not None:
                await self._settle(flow_run, outcome, told)
            self._count(outcome, told, configuration)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True), anyio.move_on_after(_STOP_S):
                await slot.clear(at_once=True)
                told = f"the worker {self.name!r} was stopped while it worked on this run"
                await self._settle(flow_run, Outcome.STOPPED, told)
            raise
        finally:
            del self._flights[flow_run.id]
            self._slots.append(slot)
        return SongfilmResult(status_code=0, identifier=self.name)

    async def _settle(self, run: FlowRun, outcome: Outcome, told: str) -> None:
        await settle(self.client, run, outcome, told, log=self._logger)

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

    # The way from a scheduled run to `run`: Prefect's own, with a third of its requests. Should
    # these hooks of Prefect go one day, its own way leads to `run` as well.

    async def _get_scheduled_flow_runs(self) -> list[WorkerFlowRunResponse]:
        """As many due runs as there is room for; asked for even when there is none, as a sign.

        Runs that are due later are left to others: an engine that is warm needs no lead.
        """
        now, busy = time.monotonic(), self.limiter.borrowed_tokens
        free = int(self.limiter.total_tokens) - busy
        try:
            response = await self.client.request(
                "POST",
                "/work_pools/{name}/get_scheduled_flow_runs",
                path_params={"name": self._work_pool_name},
                json={
                    "work_queue_names": sorted(self._work_queues),
                    "scheduled_before": str(datetime.now(UTC)),
                    "limit": self._breaker.room(free, busy=busy, now=now),
                },
            )
        except ObjectNotFound:
            return []
        return WorkerFlowRunResponse.model_validate_list(response.json())

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take a scheduled run, and see it to its end."""
        try:
            if await self._propose_pending_state(flow_run):
                configuration = await SongfilmConfiguration.for_run(
                    flow_run,
                    await self._deployment(flow_run.deployment_id),
                    self.work_pool,
                    worker=(self.name, self.backend_id),
                    client=self.client,
                )
                await self.run(flow_run, configuration)
        # One run must not end the worker; Prefect's own way does the same.
        except Exception as error:
            self._logger.exception("%s could not be run", flow_run.name)
            told = f"the worker {self.name!r} could not run it: {error!r}"
            await self._settle(flow_run, Outcome.CRASHED, told)
        finally:
            self._submitting_flow_run_ids.discard(flow_run.id)
            self._release_limit_slot(flow_run.id)
            if self.is_setup:
                self._go(self._ask_at_once)

    async def _deployment(self, deployment_id: UUID | None) -> DeploymentResponse | None:
        """A run's deployment, remembered for a while; none when it is gone."""
        if deployment_id is None:
            return None
        read, deployment = self._deployments.get(deployment_id, (0.0, None))
        if deployment is None or time.monotonic() - read > _REMEMBER_S:
            try:
                deployment = await self.client.read_deployment(deployment_id)
            except ObjectNotFound:
                return None
            self._deployments[deployment_id] = time.monotonic(), deployment
        return deployment

    async def _ask_at_once(self) -> None:
        """Look for more work now that an engine is free, instead of at the next poll."""
        try:
            await self.get_and_submit_flow_runs()
        except httpx.HTTPError as error:
            self._logger.debug("the next poll will ask again: %r", error)

    # What goes on beside the runs.

    async def _watch(self) -> None:
        """Look after the runs under way, and after lost ones."""
        with self._watches:
            async with anyio.create_task_group() as group:
                group.start_soon(
                    repeat, self._stop_cancelled, lambda: poll_s(self._flights), self._logger
                )
                group.start_soon(repeat, self._beat, lambda: _BEAT_S, self._logger)
                group.start_soon(repeat, self._recover, lambda: _RECOVER_S, self._logger)

    async def _stop_cancelled(self) -> None:
        await stop_cancelled(self.client, self._flights)

    async def _beat(self) -> None:
        for flight in self._flights.values():
            flight.beat()

    async def _recover(self) -> None:
        """End what nobody is there to cancel; put crashed films back, where the pool asks."""
        pool, log = self._work_pool_name, self._logger
        flown = self._taken()
        await end_cancelled(self.client, pool=pool, worker=self.name, flown=flown, log=log)
        properties = self.work_pool.base_job_template.get("variables", {}).get("properties", {})
        if properties.get("recover", {}).get("default") is True:
            await recover_lost(self.client, pool=pool, log=log)

    def _taken(self) -> set[UUID]:
        """Runs that this worker has, from the moment that the server gave them."""
        return {*self._flights, *self._submitting_flow_run_ids}

    def _go(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something beside everything else."""
        assert self._runs_task_group is not None
        self._runs_task_group.start_soon(work)
