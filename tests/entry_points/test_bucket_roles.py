"""On a real S3 server each role does its work through the store, and is refused what it may not."""

import hashlib
import io
import os
import subprocess
import sys

import numpy as np
import pytest
import urllib3
from minio.error import S3Error

from deployments.bucket_policies import Role
from tasks.storage.keys import blob_key, share_key
from tasks.storage.minio.store import MinioStore
from tasks.storage.store import (
    AlreadyExistsError,
    DeniedError,
    IntegrityError,
    NotFoundError,
    keep_file,
)

pytestmark = pytest.mark.services

MIB = 1 << 20
FILM = "films/run-1/film.mp4"
SHARE = share_key("abc")
CLIP = "clips/shared/ab/abc.json"


class Place:
    """A bucket that was made ready, and the store in it as each user sees it."""

    def __init__(self, ceph):
        self.ceph, self.name = ceph, "shared-bucket"
        self.users = {role: ceph.make_user(role.value) for role in Role}
        self.stranger = ceph.make_user("stranger")
        self.told = self.prepare()
        self.again = self.prepare()

    def prepare(self):
        given = [f"--principal={role}={user.arn}" for role, user in self.users.items()]
        done = subprocess.run(
            [sys.executable, "-m", "deployments.bucket", *given],
            env={**os.environ, **self.ceph.settings(self.name)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def store(self, user):
        return MinioStore(
            self.ceph.endpoint,
            access_key=user.access_key,
            secret_key=user.secret_key,
            bucket=self.name,
            prefix="films",
            patience_s=5.0,
        )

    def client(self, role):
        return self.ceph.client(self.users[role])

    def put(self, key, data=b"{}"):
        """As the bucket's owner, by the full name."""
        self.ceph.client().put_object(self.name, key, io.BytesIO(data), len(data))


@pytest.fixture(scope="module")
def place(ceph):
    return Place(ceph)


@pytest.fixture
def stores(place):
    """The store of each role, with one object of each kind in it."""
    for key in (FILM, SHARE, CLIP, "songs/aa/a.wav", "blobs/aa/x", "leases/shot/1"):
        place.put(f"films/{key}")
    place.put("other/films/x")
    return {role: place.store(user) for role, user in place.users.items()}


@pytest.fixture
def refused(place):
    """Says that a piece of work is refused, at once and in words."""

    def check(work, *words):
        with pytest.raises(DeniedError, match="does not let these keys") as told:
            work(*words)
        assert place.name in str(told.value)

    return check


def test_bucket_is_made_ready_once(place):
    first = [line.partition(" ")[0] for line in place.told.splitlines()]
    assert first == ["new:", "new:", "new:"]
    assert place.again == "everything was there\n"


def run_command(ceph, *words, **variables):
    done = subprocess.run(
        [sys.executable, "-m", "deployments.bucket", *words],
        env={**os.environ, **ceph.settings("whole-bucket"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_store_that_fills_its_bucket_is_made_ready_once(ceph):
    whole = {"SONGFILM_STORE": "s3://whole-bucket"}
    assert run_command(ceph, **whole)[0] == 0
    assert run_command(ceph, **whole) == (0, "everything was there\n", "")
    code, told, _ = run_command(ceph, **whole, SONGFILM_CLIP_DAYS="30")
    assert (code, told) == (0, "new: lifecycle of whole-bucket: clips/ for 30 days\n")


def test_wrong_secret_and_no_minio_are_told_in_words(ceph):
    code, _, told = run_command(ceph, SONGFILM_S3_SECRET_KEY="wrong")
    assert (code, "does not know these keys (SignatureDoesNotMatch)" in told) == (2, True)
    code, _, told = run_command(ceph, "--admin")
    assert (code, "no administration of MinIO's" in told, "<" in told) == (4, True, False)


def test_worker_stores_finds_touches_and_gives_back(place, stores, tmp_path):
    worker = stores[Role.WORKER]
    worker.check()
    path = tmp_path / "clip.mp4"
    path.write_bytes(np.random.default_rng(1).bytes(20 * MIB))
    ref = keep_file(worker, path, "video/mp4")
    worker.get_file(ref.key, tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == path.read_bytes()
    worker.put_bytes(CLIP, b'{"of": "this worker"}')
    worker.touch(CLIP)
    assert [item.key for item in worker.list("clips")] == [CLIP]
    worker.put_bytes("leases/shot/2", b"{}", if_absent=True)
    with pytest.raises(AlreadyExistsError):
        worker.put_bytes("leases/shot/2", b"{}", if_absent=True)
    worker.delete("leases/shot/2")
    for missing in ("clips/none.json", "shares/none.json"):
        with pytest.raises(NotFoundError):
            worker.stat(missing)


def test_worker_removes_a_damaged_blob_and_tells_of_other_damage(place, stores, monkeypatch):
    worker = stores[Role.WORKER]
    key = blob_key(hashlib.sha256(b"right").hexdigest())
    place.put(f"films/{key}", b"wrong")
    with pytest.raises(IntegrityError, match="was damaged in the store and removed"):
        worker.get_bytes(key)
    with pytest.raises(NotFoundError):
        worker.stat(key)
    told = {"x-amz-meta-sha256": hashlib.sha256(b"right").hexdigest()}
    place.ceph.client().put_object(
        place.name, f"films/{FILM}", io.BytesIO(b"wrong"), 5, metadata=told
    )
    with pytest.raises(IntegrityError, match="these keys may not remove it; delete it and run"):
        worker.get_bytes(FILM)


def test_worker_removes_no_artifact_and_makes_no_links(stores, refused):
    worker = stores[Role.WORKER]
    for key in (FILM, CLIP, SHARE, "songs/aa/a.wav"):
        refused(worker.delete, key)
    refused(worker.put_bytes, SHARE, b"{}")
    refused(worker.abort_unfinished, 0.0)
    assert stores[Role.ROOT].get_bytes(SHARE) == b"{}"


def test_person_stores_films_and_makes_links(stores, refused):
    person = stores[Role.PERSON]
    person.put_bytes(FILM, b"of a person")
    person.put_bytes(SHARE, b'{"of": "a person"}')
    assert stores[Role.WEB].get_bytes(SHARE) == b'{"of": "a person"}'
    refused(person.delete, SHARE)


def test_gc_sweeps_all_but_songs(place, stores, refused):
    gc = stores[Role.GC]
    gc.check()
    begun = place.client(Role.WORKER)._create_multipart_upload(place.name, f"films/{FILM}", {})
    assert begun
    # The server tells its time in whole seconds.
    assert gc.abort_unfinished(-1.0) == 1
    for key in (CLIP, FILM, SHARE, "blobs/aa/x", "leases/shot/1"):
        assert gc.get_bytes(key) == b"{}"
        gc.delete(key)
        with pytest.raises(NotFoundError):
            gc.stat(key)
    refused(gc.delete, "songs/aa/a.wav")
    refused(gc.put_bytes, CLIP, b"{}")
    refused(gc.touch, "songs/aa/a.wav")


def test_what_a_worker_stored_is_everybodys_by_role(place, stores):
    key = "films/run-2/film.mp4"
    stores[Role.WORKER].put_bytes(key, b"of the worker")
    for role in Role:
        assert stores[role].get_bytes(key) == b"of the worker"
    stores[Role.GC].delete(key)


def test_studio_serves_films_and_writes_nothing(stores, refused):
    web = stores[Role.WEB]
    web.check()
    assert FILM in [item.key for item in web.list("films")]
    address = web.url(FILM, expires_s=60.0)
    assert urllib3.request("GET", address).data == b"{}"
    assert web.get_bytes("blobs/aa/x") == b"{}"
    assert web.get_bytes(SHARE)
    with pytest.raises(NotFoundError):
        web.get_bytes("shares/none.json")
    refused(web.get_bytes, CLIP)
    refused(lambda: list(web.list("clips")))
    for key in (FILM, SHARE, "blobs/aa/x"):
        refused(web.put_bytes, key, b"{}")
        refused(web.delete, key)
    # An address can be signed for anything; the server looks at the policy when it is opened.
    assert urllib3.request("GET", web.url(CLIP, expires_s=60.0)).status == 403


def test_root_may_do_everything_and_the_others_administer_nothing(place, stores):
    for role in Role:
        client = place.client(role)
        acts = [
            lambda client=client: client.set_bucket_policy(
                place.name, place.ceph.client().get_bucket_policy(place.name)
            ),
            lambda client=client: client.set_bucket_lifecycle(
                place.name, place.ceph.client().get_bucket_lifecycle(place.name)
            ),
        ]
        for act in acts:
            if role is Role.ROOT:
                act()
                continue
            with pytest.raises(S3Error) as told:
                act()
            assert told.value.code == "AccessDenied"
    root = stores[Role.ROOT]
    root.delete("songs/aa/a.wav")
    root.put_bytes("songs/aa/b.wav", b"{}")


def test_neither_roles_nor_strangers_reach_other_stores(place, stores, refused):
    elsewhere = [place.client(role) for role in Role if role is not Role.ROOT]
    for client in elsewhere:
        with pytest.raises(S3Error, match="AccessDenied"):
            client.get_object(place.name, "other/films/x")
        with pytest.raises(S3Error, match="AccessDenied"):
            list(client.list_objects(place.name, prefix="other/"))
    stranger = place.store(place.stranger)
    refused(stranger.get_bytes, FILM)
    refused(lambda: list(stranger.list("films")))
    refused(stranger.put_bytes, "blobs/aa/y", b"{}")
