"""A run's end reaches the server, also one that is away for a while."""

import asyncio
import logging
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.objects import StateType
from prefect.states import Running

from deployments.gpu_worker import flight
from deployments.gpu_worker.outcome import Outcome

log = logging.getLogger(__name__)
RUN = SimpleNamespace(id=uuid4(), name="shot_001")


class Server:
    """Answers after some failures; stands in for one that restarts."""

    def __init__(self, failures):
        self.failures = list(failures)
        self.states = []

    async def read_flow_run(self, run_id):
        assert run_id == RUN.id
        if self.failures:
            raise self.failures.pop(0)
        return SimpleNamespace(state=Running())

    async def set_flow_run_state(self, run_id, state, *, force):
        assert force
        self.states.append(state)


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(flight, "_AGAIN_S", 0.01)


def settle(server, caplog):
    with caplog.at_level(logging.WARNING):
        asyncio.run(flight.settle(server, RUN, Outcome.CRASHED, "the engine died", log=log))


def test_end_is_told_once_the_server_is_back(caplog):
    busy = httpx.Response(503, request=httpx.Request("GET", "http://here"))
    away = [
        httpx.ConnectError("refused"),
        httpx.HTTPStatusError("", request=busy.request, response=busy),
    ]
    server = Server(away)
    settle(server, caplog)
    assert [state.type for state in server.states] == [StateType.CRASHED]
    assert server.states[0].message == "the engine died"


def test_end_that_the_server_does_not_want_is_told_in_the_log(caplog):
    refusal = httpx.Response(403, request=httpx.Request("GET", "http://here"))
    server = Server([httpx.HTTPStatusError("", request=refusal.request, response=refusal)])
    settle(server, caplog)
    assert not server.states
    assert "shot_001 (the engine died) could not be told" in caplog.text


def test_server_that_stays_away_does_not_hold_the_worker_for_ever(caplog, monkeypatch):
    monkeypatch.setattr(flight, "_AWAY_S", 0.05)
    server = Server([httpx.ConnectError("refused")] * 1000)
    settle(server, caplog)
    assert not server.states
    assert "could not be told" in caplog.text
