"""Every kind of store, for the tests that hold for all of them."""

import numpy as np
import pytest
from support.any_store import BucketPlace, FolderPlace
from support.s3 import S3Server, running_moto
from support.shaky import open_shaky_bucket

MIB = 1 << 20


@pytest.fixture(scope="session")
def moto():
    """An S3 server in this process."""
    with running_moto() as server:
        yield server


@pytest.fixture(params=["folder", "moto", pytest.param("ceph", marks=pytest.mark.services)])
def place(request, tmp_path):
    """An empty store of each kind, and a hand behind its back."""
    if request.param == "folder":
        return FolderPlace(tmp_path / "store")
    if request.param == "moto":
        return BucketPlace(request.getfixturevalue("moto"), tmp_path)
    live = request.getfixturevalue("ceph")
    return BucketPlace(S3Server(live.endpoint, live.access_key, live.secret_key), tmp_path)


@pytest.fixture
def atomic(place):
    """The same, where of several creators one is first."""
    if not place.is_atomic:
        pytest.skip("moto looks whether an object is there and writes it in two steps")
    return place.store


@pytest.fixture
def store(place):
    """An empty store of each kind."""
    return place.store


@pytest.fixture
def bucket(ceph):
    """A bucket on a real server, behind a network that fails on demand."""
    with open_shaky_bucket(ceph) as shaky:
        yield shaky


@pytest.fixture
def proxy(bucket):
    return bucket.proxy


@pytest.fixture(scope="module")
def film():
    """What is sent: three parts."""
    return np.random.default_rng(4).bytes(40 * MIB)


@pytest.fixture
def path(tmp_path, film):
    made = tmp_path / "film.mp4"
    made.write_bytes(film)
    return made
