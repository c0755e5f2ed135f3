"""Of several workers one makes a thing; none waits for a dead one, none for ever."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks import cancellation
from tasks.errors import RunCancelledError
from tasks.storage import open_store
from tasks.storage.lease import leased
from tasks.storage.store import UnreachableError

NAME = "clips/ab/abcdef"
FIRST = f"leases/{NAME}/00000001"


@pytest.fixture
def folder(tmp_path):
    """A store in a folder, for what does not depend on the store."""
    return open_store(str(tmp_path / "store"))


def never():
    return None


def record_of_a_holder(store, **changes):
    """What a holder's object says, with changes."""
    with leased(store, "other", ready=never):
        return json.dumps(json.loads(store.get_bytes("leases/other/00000001")) | changes).encode()


@contextlib.contextmanager
def waiting(store, *, ready=never, **options):
    """Somebody who wants the lease; yields what they got, with the time at which they did."""
    got, end = [], threading.Event()

    def asked():
        return "over" if end.is_set() else ready()

    def wait():
        with leased(store, NAME, ready=asked, look_s=0.02, **options) as value:
            got.append((value, time.monotonic()))
            end.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield got
    finally:
        end.set()
        thread.join()


def until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_of_six_makes_it_and_the_others_get_it(atomic):
    store = atomic
    made, together = [], threading.Barrier(6)

    def work(number):
        together.wait()
        with leased(store, NAME, ready=lambda: made[0] if made else None, look_s=0.05) as value:
            if value is not None:
                return value
            time.sleep(0.1)
            made.append(number)
            return number

    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(work, range(6)))
    assert len(made) == 1
    assert got == made * 6
    assert not list(store.list("leases"))


def test_lease_is_free_again_after_work_that_failed(store):
    with pytest.raises(ZeroDivisionError), leased(store, NAME, ready=never):
        raise ZeroDivisionError
    with leased(store, NAME, ready=never, look_s=60) as value:
        assert value is None


def test_thing_that_is_there_is_not_made(folder):
    with leased(folder, NAME, ready=lambda: "clip") as value:
        assert value == "clip"
        assert not list(folder.list("leases"))


def test_thing_that_appears_ends_the_wait(folder, caplog):
    caplog.set_level(logging.INFO)
    made = []
    with leased(folder, NAME, ready=never):
        with waiting(folder, ready=lambda: made[0] if made else None) as got:
            time.sleep(0.2)
            assert not got
            made.append("clip")
            until(lambda: got)
        assert got[0][0] == "clip"
        assert [item.key for item in folder.list("leases")] == [FIRST]
    told = [line for line in caplog.messages if "waiting" in line]
    assert len(told) == 1
    assert NAME in told[0]
    assert f"process {os.getpid()} of" in told[0]


def test_lease_of_a_process_of_this_machine_that_died_is_taken_at_once(folder, tmp_path):
    holder = (
        "import os, sys\n"
        "from tasks.storage import open_store\n"
        "from tasks.storage.lease import leased\n"
        f"with leased(open_store(sys.argv[1]), {NAME!r}, ready=lambda: None):\n"
        "    os._exit(0)\n"
    )
    place = tmp_path / "store"
    subprocess.run([sys.executable, "-c", holder, str(place)], check=True, timeout=60)
    assert [item.key for item in folder.list("leases")] == [FIRST]
    begun = time.monotonic()
    with leased(folder, NAME, ready=never, ttl_s=60) as value:
        assert value is None
    assert time.monotonic() - begun < 5
    assert not list(folder.list("leases"))


@pytest.mark.parametrize("elsewhere", [{"machine": "another"}, {"machine": ""}])
def test_dead_process_number_of_another_machine_means_nothing(folder, elsewhere):
    folder.put_bytes(FIRST, record_of_a_holder(folder, pid=999_999_999, **elsewhere))
    with waiting(folder, ttl_s=0.5) as got:
        time.sleep(0.25)
        assert not got
        until(lambda: got)


@pytest.mark.parametrize("record", [None, b"of another version"])
def test_holder_that_shows_no_life_is_waited_for_no_longer_than_told(folder, record):
    folder.put_bytes(FIRST, record or record_of_a_holder(folder))
    begun = time.monotonic()
    with waiting(folder, ttl_s=0.5) as got:
        until(lambda: got)
        assert [item.key for item in folder.list("leases")] == [FIRST, FIRST[:-1] + "2"]
    assert got[0][1] - begun >= 0.5
    assert not list(folder.list("leases"))


def test_lease_of_the_day_before_is_not_waited_for(folder):
    folder.put_bytes(FIRST, record_of_a_holder(folder))
    day_before = time.time() - 24 * 3600
    os.utime(folder.path(FIRST), (day_before, day_before))
    with waiting(folder, ttl_s=60) as got:
        until(lambda: got)


def test_renewal_keeps_the_lease_as_long_as_the_work_takes(folder):
    with leased(folder, NAME, ready=never, ttl_s=0.15), waiting(folder, ttl_s=1.0) as got:
        time.sleep(1.6)
        assert not got
        before = folder.get_bytes(FIRST)
        until(lambda: folder.get_bytes(FIRST) != before)


def test_silent_holder_does_not_renew_what_another_took_over(folder, caplog):
    with leased(folder, NAME, ready=never, ttl_s=0.3):
        folder.delete(FIRST)
        until(lambda: "may be made twice" in caplog.text)
        time.sleep(0.2)
        assert not list(folder.list("leases"))


def test_store_that_fails_for_a_while_does_not_end_the_work(folder, caplog, monkeypatch):
    with leased(folder, NAME, ready=never, ttl_s=0.15):
        put = type(folder).put_bytes

        def failing(*_args, **_options):
            monkeypatch.setattr(type(folder), "put_bytes", put)
            raise UnreachableError("no answer")

        monkeypatch.setattr(type(folder), "put_bytes", failing)
        until(lambda: "was not renewed: no answer" in caplog.text)
        before = folder.get_bytes(FIRST)
        until(lambda: folder.get_bytes(FIRST) != before)


def test_wait_ends_when_somebody_asks_to_stop(folder):
    with leased(folder, NAME, ready=never):
        threading.Timer(0.1, cancellation.request).start()
        try:
            with (
                pytest.raises(RunCancelledError),
                leased(folder, NAME, ready=never, look_s=60),
            ):
                pytest.fail("two hold it")
        finally:
            cancellation.clear()


def test_two_that_begin_to_count_anew_at_once_do_not_both_hold(folder, monkeypatch):
    """One saw a dead holder, the other nobody: both create an epoch, only one may keep it."""
    dead = record_of_a_holder(folder, pid=999_999_999)
    folder.put_bytes("leases/clips/ab/abcdef/00000007", dead)
    put = type(folder).put_bytes
    others = []

    def late(store, key, data, *, if_absent=False):
        if not others and key.endswith("00000008"):
            # Meanwhile somebody else was through with it, and a third one began at 1.
            store.delete("leases/clips/ab/abcdef/00000007")
            others.append(put(store, FIRST, record_of_a_holder(store)))
        return put(store, key, data, if_absent=if_absent)

    monkeypatch.setattr(type(folder), "put_bytes", late)
    with waiting(folder, ttl_s=60) as got:
        until(lambda: others)
        time.sleep(0.2)
        assert not got
        assert [item.key for item in folder.list("leases/clips")] == [FIRST]
        folder.delete(FIRST)
        until(lambda: got)
