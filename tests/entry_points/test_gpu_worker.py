"""The warm worker on a real server: it stays warm, stops when asked, and survives kills."""

import asyncio
import json
import socket
import time
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from support.farm import alive, kill, open_farm

from deployments.farm.services import wait_until
from deployments.gpu_worker.recovery import recover_lost
from flows.requeue import STOPPED

pytestmark = pytest.mark.services

TESTS = str(Path(__file__).parents[1])
LET_IN = {"SONGFILM_ENTRYPOINTS": "flows.,support.worker_flows", "PYTHONPATH": TESTS}
PRELOAD = {"processes": 0, "preload": ["support.worker_flows:load_model"]}


@pytest.fixture(scope="module")
def farm():
    with open_farm() as farm:
        yield farm


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    return tmp_path_factory.mktemp("gate") / "open"


@pytest.fixture
def worker(farm, gate):
    """A worker of pool cpu; one that a test killed is started anew for the next."""
    name = farm.worker("worker-cpu-0") and "worker-cpu-0"
    return name or farm.start_worker("cpu", SONGFILM_TEST_GATE=str(gate), **LET_IN)


@pytest.fixture
def note(tmp_path):
    return tmp_path / "note.json"


def deploy(farm, flow, pool="cpu", entrypoint=None, pull_steps=None, **variables):
    """A deployment of a test's flow; returns its full name."""
    name = f"t{abs(hash((pool, entrypoint, json.dumps(variables))))}"
    flow_id = farm.post("flows/", {"name": flow})["id"]
    told = {
        "name": name,
        "flow_id": flow_id,
        "entrypoint": entrypoint or f"support.worker_flows.{flow}",
        "work_pool_name": pool,
        "job_variables": variables,
        "pull_steps": pull_steps,
        "enforce_parameter_schema": False,
    }
    farm.post("deployments/", told)
    return f"{flow}/{name}"


def run(farm, deployment, tags=(), **parameters):
    told = {k: str(v) if isinstance(v, Path) else v for k, v in parameters.items()}
    return farm.run(deployment, told, tags=list(tags))


def read(note, timeout_s=30):
    """What a flow wrote about itself; it is removed, so that the next can be waited for."""
    assert wait_until(note.exists, timeout_s=timeout_s), f"no flow wrote {note}"
    told = json.loads(note.read_text())
    note.unlink()
    return told


def tell(farm, note, **variables):
    """Run `tell` to its end; returns what it wrote."""
    run_id = run(farm, deploy(farm, "tell", **{**PRELOAD, **variables}), note=note)
    assert farm.wait(run_id)["state_name"] == "Completed"
    return read(note)


def test_engine_and_model_stay_from_run_to_run(farm, worker, note):
    first, second = tell(farm, note), tell(farm, note)
    assert first["pid"] == second["pid"]
    assert first["loads"] == second["loads"] == 1
    assert first["worker"] == first["pid"], "pictures are to be made in the engine itself"


def test_job_with_another_environment_gets_another_engine(farm, worker, note):
    plain, other = tell(farm, note), tell(farm, note, env={"SONGFILM_LINK_DAYS": "1"})
    assert plain["pid"] != other["pid"]
    assert not alive(plain["pid"])


def test_engine_is_renewed_after_its_share_of_runs(farm, worker, note):
    pids = [tell(farm, note, max_runs_per_engine=2)["pid"] for _ in range(3)]
    assert pids[0] == pids[1] != pids[2]


def test_job_cannot_change_what_code_an_engine_runs(farm, worker, note, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('taken over')")
    assert tell(farm, note, env={"PYTHONPATH": str(tmp_path)})["pid"]


def test_run_carries_worker_engine_and_host_and_beats(farm, worker, note):
    run_id = run(farm, deploy(farm, "tell", **PRELOAD), note=note)
    done = farm.wait(run_id)
    pid = read(note)["pid"]
    host = socket.gethostname()
    assert done["infrastructure_pid"] == f"{host}-cpu-0:{pid}@{host}"
    assert wait_until(lambda: events(farm, "prefect.flow-run.heartbeat", run_id), timeout_s=10)


def test_cancelled_run_stops_within_5_s_and_its_engine_stays(farm, worker, note):
    patient = deploy(farm, "patient", **PRELOAD)
    run_id = run(farm, patient, note=note, seconds=60)
    before = read(note)
    farm.wait(run_id, "RUNNING")
    begun = time.monotonic()
    farm.cancel(run_id)
    farm.wait(run_id, "CANCELLED", poll_s=0.1, timeout_s=20)
    assert time.monotonic() - begun < 5
    after = tell(farm, note)
    assert after["pid"] == before["pid"]
    assert after["loads"] == 1
    assert farm.wait(run(farm, patient, note=note, seconds=0.2))["state_name"] == "Completed"


def test_run_set_to_cancelled_by_others_stops_and_stays_cancelled(farm, worker, note):
    run_id = run(farm, deploy(farm, "patient", **PRELOAD), note=note, seconds=120)
    before = read(note)
    farm.wait(run_id, "RUNNING")
    farm.set_state(run_id, {"type": "CANCELLED", "name": "Cancelled"})
    assert tell(farm, note)["pid"] == before["pid"], "its engine is free again, and still warm"
    assert farm.read(run_id)["state_type"] == "CANCELLED"


def test_run_cancelled_while_it_waits_for_another_try_ends_soon(farm, worker, note):
    run_id = run(farm, deploy(farm, "tell", **PRELOAD), note=note)
    farm.wait(run_id)
    read(note)
    later = {"type": "SCHEDULED", "name": "AwaitingRetry"}
    details = {"scheduled_time": "2100-01-01T00:00:00Z"}
    farm.set_state(run_id, {**later, "state_details": details})
    farm.cancel(run_id)
    assert farm.read(run_id)["state_type"] == "CANCELLING", "it carries a worker's mark"
    assert farm.wait(run_id, "CANCELLED", timeout_s=30)
    assert not note.exists()


def test_run_that_does_not_listen_is_killed_with_its_children(farm, worker, note):
    stubborn = deploy(farm, "stubborn", cancel_grace_s=1, cancel_poll_s=0.5, **PRELOAD)
    run_id = run(farm, stubborn, note=note, seconds=60)
    told = read(note)
    farm.cancel(run_id)
    done = farm.wait(run_id, timeout_s=20)
    assert done["state_name"] == "Cancelled"
    assert "did not stop in 1 s" in done["state"]["message"]
    assert not alive(told["pid"])
    assert not alive(told["child"])
    assert tell(farm, note)["pid"] != told["pid"]


def test_run_cancelled_while_its_engine_loads_never_begins(farm, worker, note, gate):
    slow = deploy(farm, "tell", preload=["support.worker_flows:wait_for_gate"], cancel_poll_s=0.5)
    run_id = run(farm, slow, note=note)
    farm.wait(run_id, "PENDING")
    assert wait_until(lambda: farm.read(run_id)["infrastructure_pid"], timeout_s=20)
    farm.cancel(run_id)
    assert farm.wait(run_id, timeout_s=10)["state_name"] == "Cancelled"
    gate.touch()
    tell(farm, note)
    assert farm.states(run_id)[-1] == "Cancelled"
    assert "Running" not in farm.states(run_id)


def test_engine_that_dies_crashes_its_run_alone(farm, worker, note):
    run_id = run(farm, deploy(farm, "deadly", **PRELOAD), note=note)
    done = farm.wait(run_id)
    dead = read(note)["pid"]
    assert done["state_type"] == "CRASHED"
    assert "SIGKILL" in done["state"]["message"]
    assert "the last words of this engine" in done["state"]["message"]
    assert tell(farm, note)["pid"] != dead


def test_preload_that_fails_crashes_the_run_and_says_why(farm, worker, note):
    broken = deploy(farm, "tell", preload=["support.worker_flows:no_such_function"])
    done = farm.wait(run(farm, broken, note=note))
    assert done["state_type"] == "CRASHED"
    assert "no_such_function" in done["state"]["message"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"entrypoint": "shutil.rmtree"}, "SONGFILM_ENTRYPOINTS"),
        ({"entrypoint": "support/worker_flows.py:tell"}, "SONGFILM_ENTRYPOINTS"),
        (
            {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "id"}}]},
            "pull",
        ),
        ({"preload": ["os:abort"]}, "preload"),
    ],
)
def test_foreign_code_is_refused_with_the_reason(farm, worker, note, more, word):
    film = run(farm, deploy(farm, "tell", **more), note=note, tags=["film"])
    done = farm.wait(film)
    assert done["state_type"] == "FAILED"
    assert wait_until(lambda: failures(farm, film), timeout_s=10), "nobody heard of it"
    assert word in done["state"]["message"]
    assert not note.exists()


def test_worker_killed_takes_its_engine_along_and_its_successor_ends_orphans(farm, worker, note):
    stubborn = deploy(farm, "stubborn", **PRELOAD)
    run_id = run(farm, stubborn, note=note, seconds=120)
    told = read(note)
    farm.wait(run_id, "RUNNING")
    farm.kill_worker(worker)
    gone = wait_until(lambda: not (alive(told["pid"]) or alive(told["child"])), timeout_s=5)
    assert gone, "the engine or its child outlived the worker"
    assert farm.read(run_id)["state_type"] == "RUNNING"
    farm.start_worker("cpu", **LET_IN)
    done = farm.wait(run_id, timeout_s=15)
    assert done["state_type"] == "CRASHED"
    assert "ended while it worked on this run" in done["state"]["message"]
    farm.stop_worker(worker)


def test_worker_stopped_ends_its_run_as_stopped(farm, worker, note):
    run_id = run(farm, deploy(farm, "stubborn", **PRELOAD), note=note, seconds=120)
    told = read(note)
    farm.wait(run_id, "RUNNING")
    farm.stop_worker(worker)
    stopped = farm.wait(run_id, STOPPED, timeout_s=120)
    assert (stopped["state_type"], stopped["state_name"]) == ("CRASHED", STOPPED)
    assert not alive(told["pid"])


def test_worker_stopped_ends_a_cancelled_run_as_cancelled(farm, worker, note):
    run_id = run(farm, deploy(farm, "stubborn", **PRELOAD), note=note, seconds=120)
    told = read(note)
    farm.wait(run_id, "RUNNING")
    farm.cancel(run_id)
    other = run(farm, deploy(farm, "tell", **PRELOAD), note=note)
    farm.stop_worker(worker)
    assert farm.read(run_id)["state_type"] == "CANCELLED", "it was asked to be cancelled before"
    assert not alive(told["pid"])
    farm.set_state(other, {"type": "CANCELLED"})


def test_failing_worker_pauses_tells_and_tries_again(farm, note, tmp_path):
    good, name = tmp_path / "good", farm.start_worker("cpu", 1, **LET_IN)
    limits = {"failures_before_pause": 2, "pause_s": 8, **PRELOAD}
    faulty = deploy(farm, "faulty", **limits)
    for mine in (False, False, False, True, True):  # faults of the request do not count
        assert farm.wait(run(farm, faulty, note=note, mine=mine))["state_type"] == "FAILED"
    paused = time.monotonic()
    assert wait_until(lambda: events(farm, "songfilm.worker.paused"), timeout_s=5)
    good.touch()
    again = run(farm, faulty, note=note, good_until=good)
    after = run(farm, faulty, note=note, good_until=good)
    assert farm.wait(again)["state_type"] == "COMPLETED"
    assert time.monotonic() - paused > 7
    assert farm.wait(after)["state_type"] == "COMPLETED"
    reason = events(farm, "songfilm.worker.paused")[0]["payload"]["reason"]
    assert "the card fell out" in reason
    farm.stop_worker(name)


def test_lost_film_is_queued_again_twice_and_then_fails(farm, note):
    deployment = deploy(farm, "tell", "films", **PRELOAD)
    run_id = run(farm, deployment, note=note)
    for _ in range(2):
        crash(farm, run_id)
        recover(farm, "gpu")
        assert farm.read(run_id)["state_name"] == "Crashed", "another pool's runs are not ours"
        recover(farm, "films")
        assert farm.read(run_id)["state_name"] == "Recovering"
    crash(farm, run_id)
    recover(farm, "films")
    done = farm.read(run_id)
    assert done["state_type"] == "FAILED"
    assert "lost 3 times, the last time because: the lights went out" in done["state"]["message"]
    farm.retry(run_id)
    crash(farm, run_id)
    recover(farm, "films")
    assert farm.read(run_id)["state_name"] == "Recovering", "Retry starts the count anew"
    name = farm.start_worker("films", **LET_IN)
    assert farm.wait(run_id)["state_name"] == "Completed"
    crash(farm, lost := run(farm, deployment, note=note))
    assert farm.wait(lost, "COMPLETED", timeout_s=30)["run_count"] >= 1
    farm.stop_worker(name)


def test_engine_killed_between_runs_is_replaced_unseen(farm, worker, note):
    first = tell(farm, note)
    kill(first["pid"])
    assert tell(farm, note)["pid"] != first["pid"]


def crash(farm, run_id):
    farm.set_state(run_id, {"type": "CRASHED", "name": "Crashed", "message": "the lights went out"})


def recover(farm, pool):
    """What a worker of a pool does every few seconds."""
    import logging

    from prefect.settings import PREFECT_API_URL, temporary_settings

    async def once():
        async with get_client() as client:
            await recover_lost(client, pool=pool, log=logging.getLogger(__name__))

    with temporary_settings({PREFECT_API_URL: farm.api_url}):
        asyncio.run(once())


def events(farm, name, run_id=None):
    """Events of a name, newest first."""
    wanted = {"event": {"name": [name]}}
    if run_id:
        wanted["resource"] = {"id": [f"prefect.flow-run.{run_id}"]}
    return farm.post("events/filter", {"filter": wanted})["events"]


def failures(farm, run_id):
    """Events of a film that failed."""
    wanted = {
        "event": {"name": ["songfilm.film.failed"]},
        "resource": {"id": [f"songfilm.film.{run_id}"]},
    }
    return farm.post("events/filter", {"filter": wanted})["events"]
