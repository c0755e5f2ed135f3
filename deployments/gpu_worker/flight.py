"""One flow run under way: handed to an engine, watched, and brought to a final state."""

import logging
import os
import time
from collections.abc import Callable

import anyio
import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.events import emit_event
from prefect.events.related import tags_as_related_resources
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled

from deployments.gpu_worker.engine_process import EngineDiedError, EngineProcess
from deployments.gpu_worker.job import SongfilmConfiguration
from deployments.gpu_worker.outcome import Outcome, state_after
from deployments.gpu_worker.recovery import engine_mark
from deployments.gpu_worker.slot import Slot

# How long a server may be away before the end of a run is left untold, and between two tries.
_AWAY_S, _AGAIN_S = 900.0, 2.0

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


class Flight:
    """A run from the moment that a worker takes it to its end."""

    def __init__(
        self,
        run: FlowRun,
        configuration: SongfilmConfiguration,
        *,
        client: PrefectClient,
        worker: str,
        log: Log,
    ) -> None:
        """Nothing happens yet.

        Args:
            run: The flow run; Pending.
            configuration: Its job variables.
            client: Of the server.
            worker: Name of the worker that took it.
            log: The worker's.
        """
        self.run = run
        self.configuration = configuration
        self.asked_to_stop: float | None = None
        self.is_over = False
        self._client = client
        self._worker = worker
        self._log = log
        # Set while the engine works on it; before and after there is nothing to interrupt.
        self._engine: EngineProcess | None = None

    async def fly(self, slot: Slot, started: Callable[[str], None]) -> tuple[Outcome, str]:
        """Hand the run to the slot's engine and wait for its end.

        Args:
            slot: A free one.
            started: Called with what the run carries as its infrastructure.

        Returns:
            How it ended, and what there is to tell about that.
        """
        try:
            engine = await self._board(slot, started)
            if self.asked_to_stop is not None:
                return Outcome.CANCELLED, "it had not begun"
            return await self._work(engine)
        except EngineDiedError as error:
            await slot.clear(at_once=True)
            if self.asked_to_stop is None:
                return Outcome.CRASHED, str(error)
            grace = self.configuration.cancel_grace_s
            return Outcome.CANCELLED, f"it did not stop in {grace:g} s, so its engine was killed"
        # What its engine is at is not known, so that the next run gets a fresh one.
        except Exception:
            await slot.clear(at_once=True)
            raise
        finally:
            self.is_over = True

    async def _board(self, slot: Slot, started: Callable[[str], None]) -> EngineProcess:
        """An engine that is ready; from the first second on the run says who has it."""
        if not slot.is_warm_for(self.configuration):
            # An engine takes a while; should this worker die meanwhile, the next one knows.
            await self._mark(os.getpid(), slot)
        engine = await slot.engine_for(self.configuration)
        started(await self._mark(engine.pid, slot))
        self.beat()
        await engine.ready()
        return engine

    async def _mark(self, pid: int, slot: Slot) -> str:
        """Write down who has the run, so that a worker that comes after this one finds it."""
        mark = engine_mark(self._worker, pid)
        tags = sorted({*self.run.tags, slot.device.tag}) if slot.device else None
        await self._client.update_flow_run(self.run.id, infrastructure_pid=mark, tags=tags)
        return mark

    async def _work(self, engine: EngineProcess) -> tuple[Outcome, str]:
        """The engine's part."""
        assert self.configuration.entrypoint is not None
        self._engine = engine
        try:
            reply = await engine.run(
                str(self.run.id),
                self.configuration.entrypoint,
                self.configuration.run_environment(),
            )
        finally:
            self._engine = None
        return Outcome(reply["outcome"]), reply.get("error", "")

    def beat(self) -> None:
        """Tell the server that the run is alive."""
        emit_event(
            "prefect.flow-run.heartbeat",
            resource={
                "prefect.resource.id": f"prefect.flow-run.{self.run.id}",
                "prefect.resource.name": self.run.name,
            },
            # Automations know our runs by their tag.
            related=tags_as_related_resources(self.run.tags),
        )

    async def stop(self) -> None:
        """Cancel it: at its next frame, at once if it has not begun, not at all if it is over."""
        if self.is_over:
            return
        self.asked_to_stop = time.monotonic()
        self._log.info("%s is asked to stop", self.run.name)
        if self._engine is not None:
            self._engine.cancel(str(self.run.id))
            return
        # Its engine may go on loading for minutes; nobody has to wait for that.
        before: State = Cancelled(message="cancelled before it began")
        await self._client.set_flow_run_state(self.run.id, before, force=True)

    def kill_if_deaf(self) -> None:
        """Kill the engine of a run that was asked to stop and did not."""
        if self._engine is None or self.asked_to_stop is None:
            return
        if time.monotonic() > self.asked_to_stop + self.configuration.cancel_grace_s:
            self._log.warning("%s did not stop; its engine is killed", self.run.name)
            self._engine.kill()


async def settle(
    client: PrefectClient, run: FlowRun, outcome: Outcome, told: str, *, log: Log
) -> None:
    """Give a run its final state if its engine could not; waits for a server that is away.

    After a quarter of an hour it gives up, told in the log; silent runs are then the server's.

    Args:
        client: Of the server.
        run: The flow run.
        outcome: How it ended.
        told: What happened, for people.
        log: The worker's.
    """
    begun = time.monotonic()
    while True:
        try:
            state = (await client.read_flow_run(run.id)).state
            final = state_after(outcome, state.type if state else None, told)
            if final is not None:
                await client.set_flow_run_state(run.id, final, force=True)
                log.warning("%s is %s: %s", run.name, final.name, told)
            return
        except ObjectNotFound:
            return
        except httpx.HTTPError as error:
            refused = isinstance(error, httpx.HTTPStatusError) and error.response.is_client_error
            if refused or time.monotonic() - begun > _AWAY_S:
                log.error("the end of %s (%s) could not be told: %r", run.name, told, error)
                return
            log.warning("the end of %s cannot be told yet: %r", run.name, error)
            await anyio.sleep(_AGAIN_S)
