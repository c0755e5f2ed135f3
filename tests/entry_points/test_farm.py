"""The farm comes up, stays up, mends itself and goes away, with a real server and PostgreSQL."""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest
from support.farm import alive, free_port, kill
from support.songs import write_click_song

from deployments.bootstrap import bootstrap, deploy
from deployments.farm import postgres
from deployments.farm.client import open_client
from deployments.farm.listing import read_listing
from deployments.farm.pools import make_pools
from deployments.farm.services import Folder
from recipe_schema.vocabulary import RenderPool
from tasks.errors import MissingDependencyError

pytestmark = pytest.mark.services

TINY = {"width_px": 160, "height_px": 90, "fps": "24", "quality": "draft"}


# The server and what is on it ----------------------------------------------------------------


@pytest.fixture(scope="module")
def client(farm):
    with open_client(farm.api_url, farm.auth) as opened:
        yield opened


def test_farm_has_pools_queues_and_deployments(farm):
    pools = {pool["name"]: pool["type"] for pool in farm.post("work_pools/filter")}
    assert pools == dict.fromkeys(("films", "cpu", "gpu"), "songfilm-gpu")
    for pool in pools:
        queues = farm.post(f"work_pools/{pool}/queues/filter")
        priorities = {queue["name"]: queue["priority"] for queue in queues}
        assert priorities["urgent"] < priorities["normal"] < priorities["batch"]
    listed = {(entry.load().name, entry.name) for entry in read_listing()}
    for flow, name in listed:
        told = farm.get(f"deployments/name/{flow}/{name}")
        assert told["pull_steps"] == []
    form = farm.get("deployments/name/music-video/music-video")
    assert form["parameters"]["farm"]["pool"] == "cpu"
    assert form["parameter_openapi_schema"]["properties"]["audio"]["description"]


def test_second_bootstrap_changes_nothing(farm, client):
    before = farm.post("deployments/filter")
    assert bootstrap(client, farm.farm.settings, shots=RenderPool.CPU) == []
    assert farm.post("deployments/filter") == before


@pytest.fixture
def as_it_was(farm):
    """Takes back what a test changed on the playlist's page and on the pool's."""
    told = farm.get("deployments/name/playlist/playlist")
    path = f"deployments/{told['id']}"
    yield told, path
    for schedule in farm.get(path)["schedules"]:
        if schedule["slug"] is None:
            farm.http.delete(f"{path}/schedules/{schedule['id']}").raise_for_status()
        else:
            inactive = {"active": False}
            farm.http.patch(f"{path}/schedules/{schedule['id']}", json=inactive).raise_for_status()
    before = ("parameters", "tags", "job_variables", "description", "version")
    farm.http.patch(path, json={name: told[name] for name in before}).raise_for_status()
    farm.http.patch("work_pools/cpu", json={"concurrency_limit": None}).raise_for_status()


def test_bootstrap_updates_what_is_new_and_keeps_what_people_changed(farm, client, as_it_was):
    told, path = as_it_was
    (schedule,) = told["schedules"]
    farm.http.patch(f"{path}/schedules/{schedule['id']}", json={"active": True}).raise_for_status()
    mine = {"schedule": {"cron": "5 4 * * *", "timezone": "UTC"}, "active": True}
    farm.http.post(f"{path}/schedules", json=[mine]).raise_for_status()
    farm.http.patch("work_pools/cpu", json={"concurrency_limit": 7}).raise_for_status()
    options = {**told["parameters"]["farm"], "on_failure": "hold", "priority": "urgent"}
    changed = {
        "parameters": {"only_new": True, "farm": options},
        "job_variables": {"recover": False},
        "tags": [*told["tags"], "mine"],
        "concurrency_limit": 3,
    }
    farm.http.patch(path, json=changed).raise_for_status()

    entry = next(entry for entry in read_listing() if entry.name == "playlist")
    newer = entry.model_copy(update={"description": "newer words", "concurrency_limit": None})
    assert deploy(client, [newer]) == ["deployment playlist/playlist"]
    assert make_pools(client) == []
    again = farm.get("deployments/name/playlist/playlist")
    assert again["description"] == "newer words"
    assert sorted(s["schedule"]["cron"] for s in again["schedules"] if s["active"]) == [
        "0 2 * * *",
        "5 4 * * *",
    ]
    assert farm.get("work_pools/cpu")["concurrency_limit"] == 7
    # The listing sets the priority, and nothing else of these.
    assert again["parameters"] == {"only_new": True, "farm": {**options, "priority": "batch"}}
    assert again["job_variables"] == {"recover": False}
    assert "mine" in again["tags"]
    assert again["global_concurrency_limit"]["limit"] == 3

    # What the listing does set holds: here, that two playlists never start the same songs.
    assert deploy(client, [entry]) == ["deployment playlist/playlist"]
    again = farm.get("deployments/name/playlist/playlist")
    assert again["global_concurrency_limit"]["limit"] == entry.concurrency_limit.limit


def test_pool_of_the_shots_stays_until_another_is_told(farm, client):
    def pools():
        names = ("music-video/music-video", "playlist/playlist")
        return [farm.get(f"deployments/name/{n}")["parameters"]["farm"]["pool"] for n in names]

    films = sorted(
        f"deployment {entry.load().name}/{entry.name}"
        for entry in read_listing()
        if "farm" in entry.parameters
    )
    try:
        assert sorted(deploy(client, read_listing(), shots=RenderPool.GPU)) == films
        assert deploy(client, read_listing()) == []
        newer = [e.model_copy(update={"description": "newer words"}) for e in read_listing()]
        assert len(deploy(client, newer)) == len(newer)
        assert pools() == ["gpu", "gpu"]
    finally:
        deploy(client, read_listing(), shots=RenderPool.CPU)
    assert pools() == ["cpu", "cpu"]


def test_refused_deployment_is_named_and_pools_keep_their_type(farm, client):
    entry = read_listing()[0]
    nowhere = entry.work_pool.model_copy(update={"name": "no-such-pool"})
    bad = entry.model_copy(update={"work_pool": nowhere, "description": "other"})
    with pytest.raises(MissingDependencyError, match=r"music-video.*flows\.music_video"):
        deploy(client, [bad])
    with pytest.raises(MissingDependencyError, match="--type songfilm-gpu"):
        make_pools(client, worker_type="process")


def test_run_waits_is_cancelled_and_retried_by_the_dashboards_requests(farm):
    run = farm.run("plan-video/plan-video", {"audio": "nowhere.wav"})
    assert farm.read(run)["state_type"] == "SCHEDULED"
    farm.set_state(run, {"type": "FAILED"})
    farm.retry(run)
    assert farm.read(run)["state_name"] == "AwaitingRetry"
    farm.cancel(run)
    assert farm.wait(run, "CANCELLED", timeout_s=30)["state_name"] == "Cancelled"


def test_server_and_database_restart_and_keep_what_they_knew(farm):
    before = farm.count()
    # In this order: a database that goes while the server loads its automations leaves it without.
    farm.restart_database()
    assert farm.count() == before
    farm.restart_server(rude=True)
    assert farm.count() == before


@pytest.fixture(scope="module")
def silent_run(farm):
    """A run that was alive once and then silent; when it fell silent."""
    run = farm.run("plan-video/plan-video", {"audio": "nowhere.wav"})
    farm.set_state(run, {"type": "RUNNING"})
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    related = [{"prefect.resource.id": "prefect.tag.songfilm", "prefect.resource.role": "tag"}]
    now = datetime.datetime.now(datetime.UTC).isoformat()
    event = {"id": run, "event": "prefect.flow-run.heartbeat", "occurred": now}
    answer = farm.http.post("events", json=[{**event, "resource": resource, "related": related}])
    answer.raise_for_status()
    yield run, time.monotonic()
    # Workers of other tests would take it up again.
    farm.set_state(run, {"type": "CANCELLED"})


# up, status, down ----------------------------------------------------------------------------


class Home:
    """A home folder of its own and the `songfilm` command in it."""

    def __init__(self, path, **variables):
        self.path = path
        self.folder = Folder(path / "home" / "farm")
        self.port = free_port()
        unset = ("PREFECT_API_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in unset},
            "SONGFILM_HOME": str(path / "home"),
            "SONGFILM_STORE": str(path / "store"),
            "SONGFILM_STUDIO_PORT": str(free_port()),
            **variables,
        }

    def call(self, *words, module="deployments.command", **variables):
        """Exit code, and standard output and error."""
        starter = "from deployments.command import main; main()"
        program = ["-c", starter] if module == "deployments.command" else ["-m", module]
        done = subprocess.run(
            [sys.executable, *program, *map(str, words)],
            cwd=self.path,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.returncode, done.stdout + done.stderr

    def told(self, what, *words, code=0):
        """What a command says to machines."""
        left, said = self.call(*words, "--json")
        assert left == code, said
        return json.loads(said.splitlines()[-1])[what]

    def processes(self):
        """Pids of all processes that know this home."""
        mark = f"SONGFILM_HOME={self.path / 'home'}\0".encode()
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                knows = mark in (place / "environ").read_bytes()
            except OSError:
                continue
            if knows and alive(int(place.name)):
                found.append(int(place.name))
        return found


@pytest.fixture
def home():
    path = Path(tempfile.mkdtemp(prefix="songfilm-up-"))
    path.chmod(0o711)
    made = Home(path)
    yield made
    made.call("down")
    shutil.rmtree(path)


def test_up_starts_repairs_and_down_leaves_nothing(home, silent_run):
    if postgres.obstacle():
        pytest.skip(postgres.obstacle())
    words = ("--port", home.port, "--films", 1, "--workers", 1, "--no-gpu")
    first = home.told("farm", "up", *words)
    parts = {"postgres", "server", "worker-films-0", "worker-cpu-0", "studio"}
    assert set(first["started"]) == parts
    assert first["notes"] == []
    assert httpx.get(first["dashboard"], follow_redirects=True).status_code == 200

    status = home.told("status", "status")
    assert status["answers"]
    assert status["studio_answers"]
    assert "PostgreSQL" in status["database"]
    online = {pool["name"]: [w["online"] for w in pool["workers"]] for pool in status["pools"]}
    assert online == {"films": [True], "cpu": [True], "gpu": []}

    before = {name: home.folder.running(name) for name in home.folder.names()}
    second = home.told("farm", "up")
    assert (second["started"], second["changed"], second["notes"]) == ([], [], [])
    assert set(second["running"]) == parts
    assert {name: home.folder.running(name) for name in home.folder.names()} == before

    for name in ("worker-cpu-0", "server", "postgres"):
        kill(home.folder.running(name).pid)
    gone = [p["name"] for p in home.told("status", "status", code=4)["processes"] if not p["pid"]]
    assert gone == ["postgres", "server", "worker-cpu-0"]
    third = home.told("farm", "up")
    assert set(third["started"]) == {"worker-cpu-0", "server", "postgres"}
    assert third["changed"] == []

    assert set(home.told("stopped", "down")) == parts
    assert home.processes() == []
    assert home.told("stopped", "down") == []
    code, said = home.call("status")
    assert code == 4
    assert "songfilm up" in said


def test_sqlite_behind_a_password_carries_one_worker_and_films_finish(home):
    home.environment["PREFECT_SERVER_API_AUTH_STRING"] = "admin:pass"
    report = home.told("farm", "up", "--port", home.port, "--database", "sqlite")
    assert set(report["started"]) == {"server", "worker-films-0", "studio"}
    assert "one worker only" in report["notes"][0]

    api = report["api_url"]
    assert httpx.get(f"{api}/flow_runs/count").status_code in (401, 405)
    open_door = {"PREFECT_API_URL": api, "PREFECT_SERVER_API_AUTH_STRING": ""}
    code, said = home.call(module="deployments.bootstrap", **open_door)
    assert code == 1
    assert "PREFECT_API_AUTH_STRING" in said
    code, said = home.call(
        "--shots",
        "here",
        module="deployments.bootstrap",
        PREFECT_API_AUTH_STRING="admin:pass",
        **open_door,
    )
    assert (code, said.splitlines()[-1]) == (0, "everything was there")

    song = write_click_song(home.path / "song.wav", 6.0)
    with httpx.Client(base_url=f"{api}/", auth=("admin", "pass"), timeout=60) as http:
        deployment = http.get("deployments/name/music-video/music-video").json()
        assert deployment["parameters"]["farm"]["pool"] == "here"
        parameters = {**deployment["parameters"], "audio": str(song), "film": TINY}
        run = http.post(
            f"deployments/{deployment['id']}/create_flow_run", json={"parameters": parameters}
        ).json()["id"]
        deadline = time.monotonic() + 180
        while (told := http.get(f"flow_runs/{run}").json())["state_type"] not in (
            "COMPLETED",
            "FAILED",
            "CRASHED",
        ):
            assert time.monotonic() < deadline, home.folder.tail("worker-films-0")
            time.sleep(0.5)
        assert told["state_type"] == "COMPLETED", told["state"]["message"]
    home.told("stopped", "down")
    assert home.processes() == []


def test_silent_run_is_marked_crashed_within_90_s(farm, silent_run):
    run, fell_silent = silent_run
    told = farm.wait(run, timeout_s=max(1.0, fell_silent + 90 - time.monotonic()))
    assert told["state_name"] == "Crashed"
    assert "heartbeat" in told["state"]["message"]
