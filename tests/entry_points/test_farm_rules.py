"""What `songfilm up` refuses, remembers and knows, without starting a server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli import app
from deployments.farm import database, postgres, server, workers
from deployments.farm.database import Database
from deployments.farm.ledger import Ledger
from deployments.farm.listing import DEPLOYMENT_TAG, read_listing
from deployments.farm.pools import POOLS, fresh_template, template_file
from deployments.farm.services import Folder, Service, wait_until
from deployments.farm.wishes import Wishes
from recipe_schema.vocabulary import RenderPool
from tasks.errors import BadInputError, MissingDependencyError
from tasks.settings import Settings

PATIENT = ("/bin/sh", "-c", "echo ready; trap 'exit 0' TERM; while :; do sleep 0.05; done")
STUBBORN = ("/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    for name in ("PREFECT_API_URL", "PREFECT_SERVER_API_AUTH_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path / "farm")
    yield made
    made.stop(*made.names(), number=signal.SIGKILL)


def service(name="one", command=PATIENT, **environment):
    return Service(name, command, {"PATH": os.defpath, **environment})


def start(folder, one):
    record = folder.start(one)
    assert wait_until(lambda: "ready" in folder.tail(one.name), timeout_s=10)
    return record


def up(*words):
    result = CliRunner().invoke(app, ["up", *map(str, words)])
    assert "Traceback" not in result.output
    return result.exit_code, " ".join(result.output.split())


# Processes ---------------------------------------------------------------------------------


def test_process_is_known_by_another_look_and_stops(folder):
    record = start(folder, service())
    assert Folder(folder.path).running("one") == record
    assert os.getpgid(record.pid) == record.pid
    assert folder.stop("one") == ["one"]
    assert folder.running("one") is None
    assert folder.stop("one") == []


def test_stubborn_process_is_killed(folder):
    start(folder, service(command=STUBBORN))
    assert folder.stop("one", grace_s=0.5) == ["one"]
    assert folder.running("one") is None


def test_processes_stop_at_the_same_time(folder):
    for name in ("one", "two", "three"):
        start(folder, service(name, STUBBORN))
    begun = time.monotonic()
    assert folder.stop("one", "two", "three", grace_s=1.0) == ["one", "two", "three"]
    assert time.monotonic() - begun < 2.5


def test_stranger_with_the_same_pid_is_left_alone(folder):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            folder.make()
            record = folder.adopt(service(), stranger.pid)
            told = record.model_copy(update={"began": "another boot:1"})
            (folder.path / "one.pid").write_text(told.model_dump_json())
            assert folder.running("one") is None
            assert folder.stop("one") == []
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_killed_process_counts_as_gone(folder):
    record = start(folder, service())
    os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: folder.running("one") is None, timeout_s=5)
    assert folder.names() == ["one"]


def test_second_start_leaves_a_running_process_and_tells_of_new_settings(folder):
    ledger = Ledger()
    assert ledger.start(folder, service(SONGFILM_STORE="a"))
    assert not ledger.start(folder, service(SONGFILM_STORE="a"))
    assert ledger.notes == []
    assert not ledger.start(folder, service(SONGFILM_STORE="b"))
    assert "songfilm down" in ledger.notes[0]
    assert ledger.started == ["one"]


# What is refused ----------------------------------------------------------------------------


def test_open_server_without_password_is_refused_before_anything_starts(tmp_path):
    code, said = up("--host", "0.0.0.0")
    assert code == 2
    assert "PREFECT_SERVER_API_AUTH_STRING" in said
    assert not (tmp_path / "home" / "farm" / "postgres").exists()


def test_open_server_with_password_is_described(monkeypatch):
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "a:b")
    server.refuse_open_door("0.0.0.0")


def test_taken_port_is_told_with_the_next_one():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = up("--port", port)
    assert code == 2
    assert f"songfilm up --port {port + 1}" in said


@pytest.mark.parametrize(
    ("url", "exit_code", "said"),
    [
        ("mysql://u:hidden@h/db", 2, "postgresql://user:password@host"),
        ("nonsense", 2, "postgresql://user:password@host"),
        ("mysql://h/db?user=u&password=hidden", 2, "mysql://h/db"),
        ("postgresql://u:hidden@127.0.0.1:1/db", 4, "127.0.0.1:1"),
        ("postgresql://u:hidden@127.0.0.1:port/db", 2, "127.0.0.1:port/db"),
    ],
)
def test_wrong_database_is_told_without_its_password(url, exit_code, said, free_port, tmp_path):
    code, told = up("--port", free_port, "--database", url)
    assert code == exit_code
    assert said in told
    assert "hidden" not in told
    assert not list(tmp_path.rglob("wishes.json"))


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_server_of_somebody_else_that_is_away_is_told(monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    code, said = up()
    assert code == 4
    assert "PREFECT_API_URL" in said


def test_status_without_server_says_what_to_do():
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 4
    assert "songfilm up" in result.output
    told = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)
    assert told["status"]["answers"] is False


def test_down_without_anything_is_fine():
    result = CliRunner().invoke(app, ["down"])
    assert (result.exit_code, result.output.strip()) == (0, "nothing was running")


# What is remembered -------------------------------------------------------------------------


def test_wishes_hold_until_others_are_told(tmp_path):
    file = tmp_path / "wishes.json"
    told = Wishes(port=4300, gpu=False, database="postgresql://u:p@h/d", shots=RenderPool.GPU)
    told.keep(file)
    again = Wishes(workers=3).over(file)
    assert (again.address, again.workers, again.gpu) == ("127.0.0.1:4300", 3, False)
    assert again.shots == RenderPool.GPU
    assert Wishes(port=4400).over(file).port == 4400
    assert file.stat().st_mode & 0o077 == 0


def test_sqlite_has_one_worker_and_others_all():
    assert [crew.record for crew in workers.plan(films=2, cpu=3, gpus=2, one_writer=True)] == [
        "worker-films-0"
    ]
    crews = workers.plan(films=2, cpu=3, gpus=2, one_writer=False)
    assert [(crew.pool, crew.number, crew.engines) for crew in crews] == [
        ("films", 0, 2),
        ("cpu", 0, 3),
        ("gpu", 0, 1),
        ("gpu", 1, 1),
    ]
    assert workers.plan(films=0, cpu=0, gpus=0, one_writer=False) == ()


def test_each_gpu_worker_sees_its_own_card():
    for seen, number, card in (("", 1, ""), ("2,3", 1, "3"), (None, 1, "1"), ("5", 1, "")):
        environment = {} if seen is None else {"CUDA_VISIBLE_DEVICES": seen}
        crew = workers.Crew(pool="gpu", number=number)
        told = workers.describe(crew, environment).environment
        assert told["CUDA_VISIBLE_DEVICES"] == card


def test_processes_get_settings_of_the_env_file_and_absolute_paths(tmp_path):
    (tmp_path / ".env").write_text("SONGFILM_STORE=here/store\nSONGFILM_SMTP_URL=smtp://u:p@h\n")
    told = workers.environment(Settings(), Folder(tmp_path), "http://127.0.0.1:1/api")
    assert told["SONGFILM_STORE"] == str(tmp_path / "here" / "store")
    assert told["SONGFILM_SMTP_URL"] == "smtp://u:p@h"
    assert told["PREFECT_API_URL"] == "http://127.0.0.1:1/api"


def test_workers_do_not_learn_the_databases_password(tmp_path, monkeypatch):
    url = "postgresql+asyncpg://u:hidden@h/d"
    for name in ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL"):
        monkeypatch.setenv(name, url)
    folder, api_url = Folder(tmp_path), "http://127.0.0.1:1/api"
    told = workers.environment(Settings(), folder, api_url)
    assert "hidden" not in str(told)
    serving = server.describe(
        folder, Database(url, "given"), host="127.0.0.1", port=1, environment=told
    )
    assert serving.environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == url
    assert "PREFECT_API_URL" not in serving.environment


def test_database_is_named_without_its_password():
    given = Database("postgresql+asyncpg://user:secret@db:5432/prefect", "given")
    assert given.title == "postgresql://db:5432/prefect"
    assert database.given("sqlite:////tmp/x.db").one_writer
    with pytest.raises(BadInputError):
        database.given("oracle://x")


def test_missing_postgres_names_its_package(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "find_programs", lambda data=None: None)
    assert postgres.PACKAGE in (postgres.obstacle() or "")
    assert database.choose(Folder(tmp_path), None).one_writer
    with pytest.raises(MissingDependencyError, match=postgres.PACKAGE):
        database.choose(Folder(tmp_path), "own")


# What is shipped ----------------------------------------------------------------------------


@pytest.mark.parametrize("plan", POOLS, ids=lambda plan: plan.name)
def test_work_pool_files_are_the_workers_own_template(plan):
    assert json.loads(template_file(plan.name).read_text()) == fresh_template(plan), (
        "run: python -m deployments.bootstrap --write-templates"
    )


def test_listing_names_each_deployment_once_and_only_our_pools():
    entries = read_listing()
    names = [(entry.entrypoint, entry.name) for entry in entries]
    assert len(set(names)) == len(names)
    assert {entry.work_pool.name for entry in entries} <= {plan.name for plan in POOLS}
    assert all(DEPLOYMENT_TAG in entry.tags for entry in entries)
    assert not any(schedule.active for entry in entries for schedule in entry.schedules)


def test_unknown_field_in_the_listing_is_named(tmp_path):
    text = read_text().replace("work_queue_name: batch", "work_queue: batch")
    (tmp_path / "prefect.yaml").write_text(text)
    with pytest.raises(BadInputError, match=r"deployments.*work_pool.*work_queue"):
        read_listing(tmp_path / "prefect.yaml")


@pytest.mark.services
def test_automations_have_the_same_fingerprint_in_every_process():
    code = (
        "from deployments.automations import silences; "
        "from deployments.farm.listing import fingerprint; "
        "print([fingerprint(told.model_dump()) for told in silences()])"
    )
    seen = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        seen.add(subprocess.check_output([sys.executable, "-c", code], env=environment))
    assert len(seen) == 1


def test_entrypoint_that_does_not_load_is_named(tmp_path):
    (tmp_path / "prefect.yaml").write_text(
        read_text().replace("flows.music_video.music_video", "flows.music_video.nothing")
    )
    entry = read_listing(tmp_path / "prefect.yaml")[0]
    with pytest.raises(BadInputError, match=r"flows\.music_video\.nothing"):
        entry.load()


def test_bootstrap_without_server_says_what_to_set(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "deployments.bootstrap"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "PREFECT_API_URL" in done.stderr


def read_text():
    return (Path(__file__).parents[2] / "prefect.yaml").read_text()
