"""The S3 store on a real server when writers die, race, or have no room."""

import os
import resource
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.shaky import open_shaky_bucket

from deployments.farm.services import wait_until
from tasks.errors import NoSpaceError
from tasks.storage.store import AlreadyExistsError

pytestmark = pytest.mark.services

MIB = 1 << 20
# As old as any upload: the server tells its time in whole seconds.
NOW = -1.0
KEY = "films/run-1/film.mp4"
UPLOAD = """
import sys
from pathlib import Path
from tasks.storage import open_store
open_store().put_file(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.fixture
def bucket(ceph):
    with open_shaky_bucket(ceph) as shaky:
        yield shaky


@pytest.fixture
def film():
    return np.random.default_rng(4).bytes(40 * MIB)


@pytest.mark.parametrize("older", [None, b"the older film"])
def test_killed_upload_shows_nothing_and_gc_finds_its_parts(bucket, film, tmp_path, older):
    path = tmp_path / "film.mp4"
    path.write_bytes(film)
    if older:
        bucket.put(KEY, older)
    bucket.proxy.rate = 20 * MIB
    variables = bucket.ceph.settings(bucket.name) | {
        "SONGFILM_S3_ENDPOINT": bucket.proxy.endpoint,
        "SONGFILM_HOME": str(tmp_path / "home"),
    }
    writer = subprocess.Popen(
        [sys.executable, "-c", UPLOAD, KEY, str(path)], env={**os.environ, **variables}
    )
    sent = wait_until(lambda: bucket.proxy.carried["up"] > 20 * MIB, timeout_s=60, poll_s=0.01)
    writer.kill()
    writer.wait()
    assert sent
    assert bucket.kept(KEY) == older
    assert bucket.uploads() == [f"films/{KEY}"]
    bucket.proxy.mend()
    store = bucket.store()
    assert store.abort_unfinished(3600.0) == 0
    assert store.abort_unfinished(NOW) == 1
    assert bucket.uploads() == []
    assert bucket.kept(KEY) == older
    store.put_file(KEY, path)
    assert bucket.kept(KEY) == film


@pytest.mark.parametrize("if_absent", [False, True])
def test_of_writers_that_race_one_wins_whole(bucket, tmp_path, if_absent):
    count = 8 if if_absent else 3
    films = [np.random.default_rng(seed).bytes(20 * MIB) for seed in range(count)]
    paths = [tmp_path / f"{number}.mp4" for number in range(count)]
    for path, film in zip(paths, films, strict=True):
        path.write_bytes(film)
    begin = threading.Barrier(count)

    def write(number):
        store = bucket.store()
        begin.wait()
        try:
            store.put_file(KEY, paths[number], if_absent=if_absent)
        except AlreadyExistsError:
            return None
        return number

    with ThreadPoolExecutor(count) as threads:
        said = [number for number in threads.map(write, range(count)) if number is not None]
    kept = bucket.kept(KEY)
    assert kept in [films[number] for number in said]
    assert len(said) == (1 if if_absent else count)
    assert bucket.keys() == [KEY]
    assert bucket.uploads() == []


@pytest.fixture(params=["disk", "limit"])
def full_folder(request, tmp_path):
    """A folder with room for 8 MiB: a small disk where the tests may mount one, and a limit."""
    folder = tmp_path / "small"
    folder.mkdir()
    if request.param == "limit":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MIB, hard))
        yield folder
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk without the right to mount one: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_download_onto_a_full_disk_is_told_and_leaves_nothing(bucket, film, full_folder):
    bucket.put(KEY, film)
    with pytest.raises(NoSpaceError, match=f"the disk of {full_folder} is full; free some space"):
        bucket.store().get_file(KEY, full_folder / "film.mp4")
    assert list(full_folder.iterdir()) == []
    assert bucket.kept(KEY) == film
