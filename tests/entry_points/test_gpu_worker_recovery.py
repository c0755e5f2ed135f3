"""Runs that nobody works on: which are cancelled, put back, or given up, and who is told."""

import asyncio
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from prefect.exceptions import ObjectNotFound
from prefect.states import (
    AwaitingRetry,
    Cancelling,
    Crashed,
    Pending,
    Running,
)

from deployments.gpu_worker import news, recovery
from deployments.gpu_worker.recovery import engine_mark
from flows.requeue import STOPPED, recovering

log = logging.getLogger(__name__)
NOW = datetime.now(UTC)


class Run:
    """A flow run with a history of states, a second apart; the last one is `age` old."""

    def __init__(self, *states, mark=None, tags=("film",), age=timedelta()):
        begun = NOW - age - timedelta(seconds=len(states))
        self.states = [
            state.model_copy(update={"timestamp": begun + timedelta(seconds=k)})
            for k, state in enumerate(states)
        ]
        self.id, self.name, self.tags, self.run_count = uuid4(), "Song of Songs", tags, 3
        self.infrastructure_pid = mark

    @property
    def state(self):
        return self.states[-1]


class Server:
    """Knows some runs and which workers are online."""

    def __init__(self, *runs, online=()):
        self.runs, self.online = runs, online

    async def read_flow_runs(self, *, flow_run_filter, **_):
        return [run for run in self.runs if run.state.type in flow_run_filter.state.type.any_]

    async def read_flow_run_states(self, run_id):
        return self._run(run_id).states[::-1]

    async def set_flow_run_state(self, run_id, state, *, force):
        self._run(run_id).states.append(state)

    async def read_workers_for_work_pool(self, pool, *, worker_filter):
        assert worker_filter.status.any_ == ["ONLINE"]
        if pool == "unknown":
            raise ObjectNotFound(Exception())
        return [SimpleNamespace(name=name) for name in self.online]

    def _run(self, run_id):
        return next(run for run in self.runs if run.id == run_id)


@pytest.fixture
def told(monkeypatch):
    """Events that were emitted."""
    events = []
    monkeypatch.setattr(news, "emit_event", lambda event, **more: events.append((event, more)))
    return events


def end_cancelled(*runs, flown=()):
    server = Server(*runs, online={"gpu-1", "gpu-2"})
    sweep = recovery.end_cancelled(server, pool="gpu", worker="gpu-2", flown=flown, log=log)
    return asyncio.run(sweep)


def recover(*runs):
    return asyncio.run(recovery.recover_lost(Server(*runs), pool="films", log=log))


MARK = engine_mark("gpu-1", 4711)


@pytest.mark.parametrize("waiting", [AwaitingRetry(), recovering("lost")])
def test_queued_run_that_ran_before_is_cancelled_at_once(waiting):
    run = Run(Running(), Crashed(), waiting, Cancelling(), Cancelling(), mark=MARK)
    assert end_cancelled(run) == 1
    assert run.state.is_cancelled()


def test_cancelled_run_of_a_worker_that_is_gone_is_ended():
    run = Run(Pending(), Running(), Cancelling(), mark=engine_mark("gpu-3", 4711))
    assert end_cancelled(run) == 1
    assert run.state.is_cancelled()
    assert "gpu-3" in run.state.message


def test_run_that_was_done_before_it_could_stop_is_ended_by_its_own_worker():
    run = Run(Pending(), Running(), Cancelling(), mark=engine_mark("gpu-2", 4711))
    assert end_cancelled(run, flown={run.id}) == 0
    assert end_cancelled(run) == 1
    assert run.state.is_cancelled()


def test_cancelled_run_that_a_worker_has_is_left_to_it():
    run = Run(AwaitingRetry(), Pending(), Running(), Cancelling(), mark=MARK)
    mine = Run(AwaitingRetry(), Cancelling(), mark=MARK)
    no_mark_yet = Run(AwaitingRetry(), Pending(), Cancelling())
    assert end_cancelled(run, mine, no_mark_yet, flown={mine.id}) == 0
    assert all(run.state.is_cancelling() for run in (run, mine, no_mark_yet))


CRASHES = [Running(), Crashed(message="no power"), recovering("no power")] * 2


def test_film_that_is_given_up_is_told_once(told):
    film = Run(*CRASHES, Running(), Crashed(message="no power"))
    assert recover(film) == 0
    assert film.state.is_failed()
    [(event, more)] = told
    assert event == "songfilm.film.failed"
    assert more["resource"]["prefect.resource.id"] == f"songfilm.film.{film.id}"
    assert more["payload"] == {
        "title": "Song of Songs",
        "status": "failed",
        "message": film.state.message,
        "failed_shots": [],
        "attempt": 3,
    }
    assert recover(film) == 0
    assert len(told) == 1


def test_run_that_is_no_film_is_given_up_in_silence(told):
    assert recover(Run(*CRASHES, Running(), Crashed(), tags=("playlist",))) == 0
    assert not told


def test_film_of_a_farm_that_is_taken_down_daily_goes_on():
    stopped = [Running(), Crashed(name=STOPPED), recovering("stopped")] * 4
    film = Run(*stopped, Running(), Crashed(name=STOPPED), age=timedelta(days=9))
    assert recover(film) == 1
    assert film.state.is_scheduled()


def test_film_that_crashed_long_ago_is_left_to_people():
    film = Run(Running(), Crashed(), age=timedelta(days=2))
    assert recover(film) == 0
    assert film.state.is_crashed()


def test_only_runs_that_nobody_took_are_orphans():
    mine = engine_mark("gpu-1", os.getpid())
    left, taken = Run(Pending(), mark=mine), Run(Pending(), mark=mine)
    server = Server(left, taken)
    ended = recovery.end_orphans(
        server, pool="gpu", worker="gpu-1", alone=True, flown={taken.id}, log=log
    )
    assert asyncio.run(ended) == 1
    assert left.state.is_crashed(), "in a container an earlier worker had the same number"
    assert taken.state.is_pending()


def test_name_is_free_unless_a_worker_of_that_name_is_online():
    def free(pool, *online):
        server = Server(online=online)
        return asyncio.run(recovery.is_name_free(server, pool=pool, worker="gpu-1"))

    assert free("gpu", "gpu-2")
    assert free("unknown")
    assert not free("gpu", "gpu-1")


@pytest.mark.parametrize(
    ("word", "works"),
    [("deployments.gpu_worker.engine", True), ("worker", True), ("something", False)],
)
def test_process_at_work_is_an_engine_or_a_worker(word, works, monkeypatch):
    code = "print('begun', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-S", "-c", code, word], **pipes) as process:
        process.stdout.readline()
        assert recovery._is_at_work(process.pid) == works
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: process.pid)
            assert not recovery._is_at_work(process.pid), "in a container all have one number"
        process.kill()
    assert not recovery._is_at_work(process.pid)
