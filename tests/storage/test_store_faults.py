"""The S3 store on a real server behind a broken network: what was said to be kept is kept, whole.

Every test looks at the server itself, not through the store, and sees that its fault happened.
"""

import datetime
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import minio.time
import pytest

from deployments.farm.services import wait_until
from tasks.storage.keys import blob_key
from tasks.storage.minio import errors, requests
from tasks.storage.store import (
    AlreadyExistsError,
    DeniedError,
    NotFoundError,
    UnreachableError,
)

pytestmark = pytest.mark.services

MIB = 1 << 20
# As old as any upload: the server tells its time in whole seconds.
NOW = -1.0
KEY = "films/run-1/film.mp4"
HASTY = {"connect_timeout_s": 1.0, "read_timeout_s": 1.0, "patience_s": 3.0}
# The longest that a hasty store may take: patience, one try begun at its end, and a last question.
HASTY_S = 3.0 + 2.0 + 2.0 + 2.0


def left_in(folder, *names):
    """Files that nobody asked for."""
    return sorted(each.name for each in folder.iterdir() if each.name not in names)


# Uploads -----------------------------------------------------------------------------------------


def test_upload_goes_on_when_the_server_itself_is_killed_and_starts_again(
    ceph, bucket, proxy, film, path
):
    cut = proxy.break_up(20 * MIB)
    with ThreadPoolExecutor(1) as thread:
        upload = thread.submit(bucket.store().put_file, KEY, path)
        assert wait_until(lambda: cut.struck, timeout_s=30)
        ceph.stop_gateway()
        ceph.start_gateway()
        upload.result()
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == []


def test_upload_survives_resets(bucket, proxy, film, path):
    cut = proxy.break_up(8 * MIB, times=4)
    bucket.store().put_file(KEY, path)
    assert cut.struck == 4
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == []


@pytest.mark.parametrize(
    ("if_absent", "last"),
    # What is to be new goes in one request, however large.
    [(False, rb"POST \S+uploadId="), (True, rb"PUT ")],
)
def test_upload_whose_completion_was_not_answered_is_there_and_ours(
    bucket, proxy, film, path, if_absent, last
):
    lost = proxy.lose_reply(last)
    bucket.store().put_file(KEY, path, if_absent=if_absent)
    assert lost.struck == 1
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == []


def test_upload_whose_beginning_was_not_answered_leaves_one_for_gc(bucket, proxy, film, path):
    lost = proxy.lose_reply(rb"POST \S+uploads")
    store = bucket.store()
    store.put_file(KEY, path)
    assert lost.struck == 1
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == [f"films/{KEY}"]
    assert store.abort_unfinished(3600.0) == 0
    assert store.abort_unfinished(NOW) == 1
    assert bucket.uploads() == []
    assert bucket.kept(KEY) == film


@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown")])
def test_upload_waits_out_a_burst_of_errors(bucket, proxy, film, path, status, code):
    burst = proxy.refuse(times=4, status=status, code=code)
    bucket.store().put_file(KEY, path)
    assert burst.struck == 4
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == []


def test_upload_that_is_given_up_leaves_nothing(bucket, proxy, path):
    refused = proxy.refuse(rb"PUT \S+partNumber=2", times=1000)
    with pytest.raises(UnreachableError, match="503 SlowDown"):
        bucket.store(**HASTY).put_file(KEY, path)
    assert refused.struck > 1
    assert bucket.keys() == []
    assert bucket.uploads() == []


# Small objects -----------------------------------------------------------------------------------


def test_conditional_write_that_was_not_answered_is_ours(bucket, proxy):
    lost = proxy.lose_reply(b"PUT ")
    bucket.store().put_bytes("leases/shot/1", b"mine", if_absent=True)
    assert lost.struck == 1
    assert bucket.kept("leases/shot/1") == b"mine"


def test_conditional_write_that_was_not_answered_and_lost_says_so(bucket, proxy):
    bucket.put("leases/shot/1", b"theirs")
    lost = proxy.lose_reply(b"PUT ")
    with pytest.raises(AlreadyExistsError, match="leases/shot/1 is taken"):
        bucket.store().put_bytes("leases/shot/1", b"mine", if_absent=True)
    assert lost.struck == 1
    assert bucket.kept("leases/shot/1") == b"theirs"


def test_every_request_waits_out_lost_answers_and_errors(bucket, proxy):
    store = bucket.store()
    store.put_bytes("clips/a.json", b"{}")
    before = store.stat("clips/a.json").modified
    time.sleep(1.1)
    calls = {
        b"HEAD ": lambda: store.stat("clips/a.json"),
        b"GET ": lambda: store.get_bytes("clips/a.json"),
        rb"GET \S+list-type": lambda: list(store.list("clips")),
        b"PUT ": lambda: store.touch("clips/a.json"),
        b"DELETE ": lambda: store.delete("clips/a.json"),
    }
    for request, call in calls.items():
        faults = [proxy.lose_reply(request), proxy.refuse(request, times=2)]
        call()
        assert [fault.struck for fault in faults] == [1, 2], request
        proxy.mend()
        if request == b"PUT ":
            assert store.stat("clips/a.json").modified > before
    assert bucket.keys() == []


# Downloads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("orderly", [False, True])
def test_cut_download_goes_on_where_it_was_cut(bucket, proxy, film, tmp_path, orderly):
    key = blob_key(hashlib.sha256(film).hexdigest())
    bucket.put(key, film)
    cut = proxy.break_down(8 * MIB, times=4, orderly=orderly)
    out = tmp_path / "out.mp4"
    bucket.store().get_file(key, out)
    assert cut.struck == 4
    assert out.read_bytes() == film
    assert left_in(tmp_path, out.name) == []
    # A reset loses what was under way; beginning anew each time would take 72 MiB.
    assert proxy.carried["down"] < len(film) + 24 * MIB


def test_download_that_is_given_up_leaves_nothing(bucket, proxy, film, tmp_path):
    bucket.put(KEY, film)
    proxy.break_down(8 * MIB, times=1)
    proxy.go_down(HASTY_S, after=0).join(0)
    out = tmp_path / "out.mp4"
    out.write_bytes(b"older")
    with pytest.raises(UnreachableError, match="nobody listens there"):
        bucket.store(**HASTY).get_file(KEY, out)
    assert out.read_bytes() == b"older"
    assert left_in(tmp_path, out.name) == []


# Servers that are not there, or say no -----------------------------------------------------------


def test_nobody_there_is_told_in_bounded_time(bucket, proxy):
    proxy.stop()
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1.*nobody listens there; run again"):
        bucket.store(**HASTY).stat(KEY)
    assert time.monotonic() - begun <= HASTY_S


@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
def test_wrong_keys_are_told_at_once(bucket, proxy, path, wrong):
    keys = {wrong: "not-the-right-one"}
    for work in (
        lambda store: store.check(),
        lambda store: store.put_file(KEY, path),
        lambda store: store.put_bytes("a.json", b"{}", if_absent=True),
        lambda store: store.get_bytes("a.json"),
        lambda store: list(store.list("clips")),
    ):
        proxy.requests.clear()
        with pytest.raises(DeniedError, match="does not know these keys") as told:
            work(bucket.store(**keys))
        assert len(proxy.requests) == 1
        assert "SONGFILM_S3_SECRET_KEY" in str(told.value)
        assert "not-the-right-one" not in str(told.value)
        assert bucket.ceph.secret_key not in str(told.value)
    assert bucket.keys() == []


@pytest.mark.parametrize(("minutes", "words"), [(-20, "20 min behind"), (20, "20 min ahead")])
def test_wrong_clock_is_told_at_once(bucket, proxy, monkeypatch, minutes, words):
    bucket.put("a.json", b"{}")
    shift = datetime.timedelta(minutes=minutes)
    right = minio.time.utcnow

    class Wrong(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.now(tz) + shift

    monkeypatch.setattr(minio.time, "utcnow", lambda: right() + shift)
    for module in (requests, errors):
        monkeypatch.setattr(module, "datetime", Wrong)
    for work in (
        lambda store: store.put_bytes("b.json", b"{}"),
        lambda store: store.get_bytes("a.json"),
        lambda store: store.check(),
    ):
        proxy.requests.clear()
        with pytest.raises(DeniedError, match=f"{words}; set the clock"):
            work(bucket.store())
        assert len(proxy.requests) == 1
    monkeypatch.undo()
    assert bucket.keys() == ["a.json"]


def test_missing_object_is_no_fault(bucket, proxy):
    with pytest.raises(NotFoundError, match=r"clips/none\.json is not in the bucket"):
        bucket.store().get_bytes("clips/none.json")
    assert len(proxy.requests) <= 2
