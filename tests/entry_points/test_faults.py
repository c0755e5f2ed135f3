"""Real runs of the command, killed and starved: nothing is lost, nothing half-written appears."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.counted import Desk
from support.proxy import open_proxy
from support.songs import write_click_song

from deployments.local_server import LocalServer
from tasks.media.probe import probe_video

pytestmark = pytest.mark.services

SONGFILM = str(Path(sys.executable).with_name("songfilm"))
LIMIT_S = 240


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all runs here, as a person with PREFECT_API_URL has."""
    folder = tmp_path_factory.mktemp("server")
    os.environ["PREFECT_HOME"] = str(folder)
    running = LocalServer(folder)
    running.wait(180)
    yield running.api_url
    running.stop()
    del os.environ["PREFECT_HOME"]


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 20.0, rate_hz=8_000)


@pytest.fixture
def environment(tmp_path, server):
    return {**os.environ, "SONGFILM_HOME": str(tmp_path / "home"), "PREFECT_API_URL": server}


def command(song, out, *more):
    words = [SONGFILM, "make", song, "--out", out, "--size", "320x180", "--fps", "30", "--json"]
    return [str(word) for word in (*words, "--quality", "draft", *more)]


def begin(song, out, environment, **options):
    return subprocess.Popen(
        command(song, out), env=environment, stdout=subprocess.PIPE, text=True, **options
    )


def finish(song, out, environment, *more, **options):
    done = subprocess.run(
        command(song, out, *more),
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        **options,
    )
    last = json.loads(done.stdout.strip().splitlines()[-1])
    return done.returncode, last, done.stderr


def wait_for(process, stage, share):
    """Read progress until a stage has done this share of its steps."""
    for line in process.stdout:
        event = json.loads(line)
        if event.get("stage") == stage and event["done"] >= share * event["total"] > 0:
            return event
    pytest.fail(f"the run ended before {stage} reached {share}")


def stored(environment, kind):
    return list((Path(environment["SONGFILM_HOME"]) / "store" / "data" / kind).rglob("*.json"))


def children(pid):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def gone(pids, within_s=10.0):
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("stage", ["shots", "segments"])
def test_killed_run_renders_only_what_is_missing(song, environment, tmp_path, stage):
    out = tmp_path / "film.mp4"
    process = begin(song, out, environment)
    wait_for(process, stage, 0.6)
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert workers
    assert gone(workers), "worker processes outlived their killed parent"
    assert not out.exists()
    clips, segments = len(stored(environment, "clips")), len(stored(environment, "segments"))
    code, last, _ = finish(song, out, environment)
    assert code == 0
    manifest = last["manifest"]
    misses = [shot for shot in manifest["shots"] if shot["cache"] == "miss"]
    assert len(misses) == len(manifest["shots"]) - clips
    made = [segment for segment in manifest["segments"] if segment["cache"] == "miss"]
    assert len(made) == len(manifest["segments"]) - segments
    if stage == "segments":
        assert not misses
        assert len(made) < len(manifest["segments"]) / 2 + 1
    assert probe_video(out).frames == 600
    assert not list(Path(environment["SONGFILM_HOME"]).glob("scratch/*"))


def test_ctrl_c_leaves_quickly_with_130_and_keeps_clips(song, environment, tmp_path):
    out = tmp_path / "film.mp4"
    process = begin(song, out, environment, stderr=subprocess.PIPE)
    wait_for(process, "shots", 0.4)
    workers = children(process.pid)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - begun < 20
    assert json.loads(rest.strip().splitlines()[-1])["event"] == "error"
    assert "Traceback" not in errors
    assert gone(workers)
    assert stored(environment, "clips")
    assert not out.exists()
    assert not list(tmp_path.rglob("*.part"))


def test_disk_that_fills_gives_3_and_resumes(song, environment, tmp_path):
    """The limit on a file's size stands in for the full disk: the same errors, from the kernel."""
    out = tmp_path / "film.mp4"

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, resource.RLIM_INFINITY))

    code, last, errors = finish(song, out, environment, preexec_fn=small_files)
    assert code == 3, (last, errors)
    assert "free" in last["message"]
    assert not out.exists()
    assert not list(tmp_path.rglob("*.part"))
    clips = len(stored(environment, "clips"))
    code, last, _ = finish(song, out, environment)
    assert code == 0
    hits = [shot for shot in last["manifest"]["shots"] if shot["cache"] == "hit"]
    assert len(hits) == clips
    assert probe_video(out).frames == 600


def test_embedded_server_is_quiet_and_gone_after_the_run(song, tmp_path):
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"},
        "SONGFILM_HOME": str(tmp_path / "home"),
        "PREFECT_HOME": str(tmp_path / "prefect"),
    }
    words = [SONGFILM, "analyze", str(song), "--out", str(tmp_path / "a.json")]
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "--- " not in done.stderr
    assert (tmp_path / "a.json").exists()


def test_embedded_server_dies_with_a_killed_parent(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from deployments.local_server import LocalServer\n"
        "server = LocalServer(Path(sys.argv[1])); server.wait(180); print('up', flush=True)\n"
        "time.sleep(600)"
    )
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout.readline().strip() == "up"
    served = children(parent.pid)
    assert served
    parent.kill()
    parent.wait()
    assert gone(served)


def test_server_that_cannot_start_is_exit_code_4(song, tmp_path):
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"},
        "SONGFILM_HOME": str(tmp_path / "home"),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{tmp_path}/none/x.db",
    }
    words = [SONGFILM, "analyze", str(song), "--out", str(tmp_path / "a.json"), "--json"]
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 4
    assert "server.log" in json.loads(done.stdout.strip().splitlines()[-1])["message"]


def test_film_finishes_though_its_bucket_breaks_refuses_forgets_and_is_away(
    song, tmp_path, environment, ceph
):
    desk = Desk(tmp_path / "counted")
    with open_proxy(ceph.address) as proxy:
        bucket = {**ceph.settings(ceph.make_bucket()), "SONGFILM_S3_ENDPOINT": proxy.endpoint}
        told = {**environment, **bucket, **desk.environment}
        part = ("--renderer", "counted", "--length", "8")
        faults = {
            "burst of 503": proxy.refuse(rb"PUT ", times=5),
            "lost answer of a new file": proxy.lose_reply(rb"PUT /\S+/blobs/", times=2),
            "lost answer of a listing": proxy.lose_reply(rb"PUT /\S+/clips/", times=2),
            "broken upload": proxy.break_up(300_000, times=2),
            "cut download": proxy.break_down(5_000, times=2, orderly=True),
        }
        outage = proxy.go_down(8.0, after=400_000)
        code, last, errors = finish(song, tmp_path / "film.mp4", told, *part)
        outage.join(1.0)
        assert code == 0, errors
        assert not outage.is_alive()
        assert [name for name, fault in faults.items() if not fault.struck] == []
        shots = len(last["manifest"]["shots"])
        assert sum(desk.calls.values()) == len(desk.calls) == shots
        proxy.mend()
        code, _, errors = finish(song, tmp_path / "again.mp4", told, *part)
    assert code == 0, errors
    assert sum(desk.calls.values()) == shots
    assert probe_video(tmp_path / "film.mp4").frames == probe_video(tmp_path / "again.mp4").frames
