"""One run under way: its engine answers for it alone, and its mark is there from the start."""

import asyncio
import logging
import os
import sys
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.objects import StateType
from prefect.exceptions import CancelledRun
from prefect.states import Cancelled, Cancelling, Running, Scheduled

from deployments.gpu_worker import engine, engine_process, flight
from deployments.gpu_worker.engine_process import EngineDiedError, EngineKey, EngineProcess
from deployments.gpu_worker.flight import Flight
from deployments.gpu_worker.job import SongfilmConfiguration
from deployments.gpu_worker.outcome import Outcome
from deployments.gpu_worker.recovery import engine_mark
from deployments.gpu_worker.slot import Slot, best_slot
from deployments.gpu_worker.watch import stop_cancelled

# Speaks as an engine does; a run called "other" is answered for somebody else.
ENGINE = """
import json, os, sys
replies = os.fdopen(int(sys.argv[1]), "w")
def say(**told):
    print(json.dumps(told), file=replies, flush=True)
say(ready=True)
for line in sys.stdin:
    run = json.loads(line).get("run")
    if run is not None:
        say(run="not-" + run if run == "other" else run, outcome="done", error=str(os.getpid()))
"""


@pytest.fixture(autouse=True)
def small_engine(monkeypatch):
    def command(key, replies, lifeline):
        return [sys.executable, "-S", "-c", ENGINE, str(replies)]

    monkeypatch.setattr(engine_process, "_command", command)
    monkeypatch.setattr(flight, "emit_event", lambda *told, **more: None)


class Server:
    """Writes marks down; the updates that it counts in `refused` fail."""

    def __init__(self, refused=(), slot=None):
        self.refused, self.slot = refused, slot
        self.marks, self.empty, self.states = [], [], []

    async def update_flow_run(self, run_id, *, infrastructure_pid, tags):
        self.marks.append(infrastructure_pid)
        self.empty.append(self.slot.is_empty if self.slot else None)
        if len(self.marks) in self.refused:
            raise httpx.ConnectError("refused")

    async def set_flow_run_state(self, run_id, state, *, force):
        self.states.append(state)


def job(**variables):
    made = SongfilmConfiguration(env={}, **variables)
    made._entrypoint = "flows.a.b"
    return made


def new_flight(server, **variables):
    run = SimpleNamespace(id=uuid4(), name="shot_001", tags=["shot"])
    log = logging.getLogger(__name__)
    return Flight(run, job(**variables), client=server, worker="gpu-1", log=log)


def fly(flight, slot):
    return flight.fly(slot, lambda mark: None)


def test_run_that_could_not_be_marked_leaves_no_engine_that_answers_for_the_next():
    async def play():
        slot, server = Slot(0, None), Server(refused={2})
        with pytest.raises(httpx.ConnectError):
            await fly(new_flight(server), slot)
        assert slot.is_empty
        outcome, _ = await fly(new_flight(server), slot)
        await slot.clear()
        return outcome

    assert asyncio.run(play()) is Outcome.DONE


def test_run_waits_for_its_engine_to_be_ready():
    async def play():
        engine = await EngineProcess.start(EngineKey.of(os.environ, (), 0))
        answers = [await engine.run(name, "flows.a.b", {}) for name in ("a", "b")]
        await engine.stop()
        return [answer["run"] for answer in answers]

    assert asyncio.run(play()) == ["a", "b"]


def test_engine_that_answers_for_another_run_is_killed():
    async def play():
        engine = await EngineProcess.start(EngineKey.of(os.environ, (), 0))
        with pytest.raises(EngineDiedError, match="not-other"):
            await engine.run("other", "flows.a.b", {})
        await asyncio.wait_for(engine._process.wait(), 5)
        await engine.close()

    asyncio.run(play())


def test_run_carries_its_worker_before_an_engine_is_there():
    async def play():
        slot = Slot(0, None)
        server = Server(slot=slot)
        _, pid = await fly(new_flight(server), slot)
        await fly(new_flight(server), slot)
        await slot.clear()
        return server, int(pid)

    server, pid = asyncio.run(play())
    assert server.empty == [True, False, False]
    assert server.marks == [engine_mark("gpu-1", n) for n in (os.getpid(), pid, pid)]


def test_run_that_is_over_is_not_stopped_and_its_engine_lives():
    async def play():
        slot, server = Slot(0, None), Server()
        done = new_flight(server, cancel_grace_s=0)
        _, pid = await fly(done, slot)
        await done.stop()
        # Had it been asked a moment before its end.
        done.asked_to_stop = 0.0
        done.kill_if_deaf()
        _, again = await fly(new_flight(server), slot)
        await slot.clear()
        return server.states, pid == again

    states, stayed = asyncio.run(play())
    assert not states
    assert stayed


def test_empty_slot_is_taken_before_a_warm_engine_is_evicted():
    async def play():
        slots = [Slot(0, None), Slot(1, None)]
        small, large = job(processes=0), job(processes=4)
        await slots[0].engine_for(small)
        chosen = [best_slot(slots, wish) for wish in (small, large)]
        await slots[1].engine_for(large)
        chosen += [best_slot(slots, wish) for wish in (large, job(processes=8))]
        for slot in slots:
            await slot.clear()
        return [slot.number for slot in chosen]

    assert asyncio.run(play()) == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("state", "stopped"), [(Cancelling(), True), (Cancelled(), True), (Running(), False)]
)
def test_run_that_was_cancelled_any_way_is_asked_to_stop(state, stopped):
    class Many:
        async def read_flow_runs(self, *, flow_run_filter):
            kinds, ids = flow_run_filter.state.type.any_, flow_run_filter.id.any_
            return [SimpleNamespace(id=k) for k in ids if state.type in kinds]

    under_way = new_flight(server := Server())
    asyncio.run(stop_cancelled(Many(), {under_way.run.id: under_way}))
    assert (under_way.asked_to_stop is not None) == stopped
    assert [state.type for state in server.states] == [StateType.CANCELLED] * stopped


@pytest.mark.parametrize(("state", "begins"), [(Cancelled(), False), (Scheduled(), True)])
def test_engine_does_not_begin_what_was_cancelled_meanwhile(monkeypatch, state, begins):
    begun = []
    run = SimpleNamespace(state=state, deployment_id=uuid4())
    client = SimpleNamespace(read_flow_run=lambda run_id: run)
    monkeypatch.setattr("prefect.client.orchestration.get_client", lambda sync_client: client)
    monkeypatch.setattr(
        "prefect.flow_engine.run_flow", lambda flow, flow_run: begun.append(flow_run)
    )
    try:
        engine._run_flow(str(uuid4()), "support.worker_flows.tell", brief=True)
    except CancelledRun:
        assert not begins
    assert begun == [run] * begins
