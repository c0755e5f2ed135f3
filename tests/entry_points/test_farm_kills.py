"""Whatever dies under a film, the film finishes, and each death costs at most one renderer call."""

import zlib

import pytest
from support.farm import kill
from support.songs import write_click_song

from deployments.farm.services import wait_until
from tasks.assembly.task import open_manifest

pytestmark = pytest.mark.services

SHOTS = [f"shot_{number:03d}" for number in range(1, 13)]


@pytest.fixture(scope="module")
def song(farm):
    return write_click_song(farm.home / "clicks.wav", 24.0)


@pytest.fixture(autouse=True)
def _workers(farm, counted):
    with farm.staffed("films", "cpu", **counted.environment):
        yield
    counted.mend()


@pytest.fixture
def film(request, farm, song, counted):
    """A film whose third shot is being rendered, and takes a while."""
    counted.forget()
    counted.slow(1.5, *SHOTS)
    seed = zlib.crc32(request.node.name.encode())
    run = farm.film(song, seed=seed, farm={"shots_per_run": getattr(request, "param", 1)})
    assert wait_until(lambda: counted.calls["shot_003"] > 0, timeout_s=120, poll_s=0.1), (
        farm.tails()
    )
    return run


def finishes(farm, counted, run, *, timeout_s=150):
    """The film is made, nothing is left running, and one call at most was wasted."""
    ended = farm.wait(run, "COMPLETED", "FAILED", "CANCELLED", timeout_s=timeout_s)
    assert ended["state_type"] == "COMPLETED", f"{ended['state']['message']}\n{farm.tails()}"
    children = farm.children(run)
    assert {child["state_type"] for child in children} == {"COMPLETED"}
    calls = counted.calls
    assert len(calls) == len(open_manifest(run, store=farm.store).shots)
    wasted = sum(calls.values()) - len(calls)
    assert wasted <= 1, calls
    stored = {"shot_001", "shot_002"}
    assert all(calls[shot] == 1 for shot in stored), calls


def running(farm, run):
    """The child that is being rendered."""
    found = [child for child in farm.children(run) if child["state_type"] == "RUNNING"]
    assert found, farm.tails()
    return found[0]


def engine_pid(flow_run):
    """The process that a flow run is in."""
    return int(flow_run["infrastructure_pid"].rpartition(":")[2].partition("@")[0])


def test_engine_of_a_shot_is_killed(farm, counted, film):
    kill(engine_pid(running(farm, film)))
    finishes(farm, counted, film)


def test_worker_is_killed_and_restarted(farm, counted, film):
    farm.kill_worker("worker-cpu-0")
    farm.start_worker("cpu", **counted.environment)
    finishes(farm, counted, film)


def test_worker_is_killed_and_another_one_takes_over(farm, counted, film):
    farm.kill_worker("worker-cpu-0")
    farm.start_worker("cpu", 1, **counted.environment)
    finishes(farm, counted, film, timeout_s=200)


def test_process_of_the_film_is_killed(farm, counted, film):
    kill(engine_pid(farm.read(film)))
    finishes(farm, counted, film)
    # Put back by its worker, or by the last of its shots if that was quicker.
    assert {"Recovering", "AwaitingRetry"} & set(farm.states(film))


@pytest.mark.parametrize("film", [2], indirect=True)
def test_process_of_a_film_is_killed_whose_shots_share_runs(farm, counted, film):
    kill(engine_pid(farm.read(film)))
    finishes(farm, counted, film)
    names = [child["name"] for child in farm.children(film)]
    assert len(names) == len(set(names))


def test_worker_of_the_film_is_killed_and_restarted(farm, counted, film):
    farm.kill_worker("worker-films-0")
    farm.start_worker("films", **counted.environment)
    finishes(farm, counted, film)


def test_all_workers_are_killed_and_restarted(farm, counted, film):
    farm.kill_worker("worker-cpu-0")
    farm.kill_worker("worker-films-0")
    for pool in ("cpu", "films"):
        farm.start_worker(pool, **counted.environment)
    finishes(farm, counted, film)


def test_server_is_killed_and_restarted(farm, counted, film):
    farm.restart_server(rude=True)
    finishes(farm, counted, film)


def test_database_is_restarted(farm, counted, film):
    farm.restart_database(pause_s=3.0)
    finishes(farm, counted, film)
