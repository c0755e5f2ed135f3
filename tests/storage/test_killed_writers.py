"""A process that is killed while it writes leaves the older object, or none."""

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from tasks.storage.store import NotFoundError

pytestmark = pytest.mark.services

WRITER = """
import sys
from pathlib import Path
from tasks.storage import open_store
store = open_store()
print("ready", flush=True)
while True:
    for path in sys.argv[1:]:
        store.put_file("films/run/film.mp4", Path(path))
        print("written", flush=True)
"""


@pytest.fixture
def films(tmp_path):
    """Two films of three parts each; path by digest."""
    made = {}
    for seed in (1, 2):
        data = np.random.default_rng(seed).bytes(40_000_000)
        path = tmp_path / f"{seed}.mp4"
        path.write_bytes(data)
        made[hashlib.sha256(data).hexdigest()] = path
    return made


@pytest.mark.parametrize("place", ["folder", "ceph"], indirect=True)
def test_object_is_whole_however_often_its_writer_is_killed(place, films, tmp_path):
    seen = set()
    for writes, kill_s in ((0, 0.02), (1, 0.05), (2, 0.2)):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, *map(str, films.values())],
            env={**os.environ, **place.environment()},
            stdout=subprocess.PIPE,
            text=True,
        )
        with writer:
            said = [writer.stdout.readline() for _ in range(writes + 1)]
            assert said == ["ready\n"] + ["written\n"] * writes
            time.sleep(kill_s)
            writer.kill()
        try:
            place.elsewhere().get_file("films/run/film.mp4", tmp_path / "back")
        except NotFoundError:
            continue
        seen.add(hashlib.sha256((tmp_path / "back").read_bytes()).hexdigest())
    assert seen
    assert seen <= set(films)
    assert [item.key for item in place.store.list("films")] == ["films/run/film.mp4"]
