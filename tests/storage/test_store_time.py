"""What time does on a real S3 server: outages are outlived, silence is not, unused clips expire.

The clips age while the other tests of this file wait, on a server whose days last a second.
"""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.ceph import running_ceph

from deployments.bucket import changes
from deployments.farm.services import wait_until
from tasks.settings import Settings
from tasks.storage.keys import clip_key
from tasks.storage.minio.address import bucket_of
from tasks.storage.minio.store import MinioStore
from tasks.storage.store import UnreachableError

pytestmark = pytest.mark.services

MIB = 1 << 20
KEY = "films/run-1/film.mp4"
HASTY = {"connect_timeout_s": 1.0, "read_timeout_s": 1.0, "patience_s": 3.0}
# The longest that a hasty store may take: patience, one try begun at its end, and a last question.
HASTY_S = 3.0 + 2.0 + 2.0 + 2.0
# The server looks once a day for what has expired; on a loaded machine it is late.
DAY_S, LATE_S = 1, 30.0


@pytest.fixture(scope="module", autouse=True)
def aging():
    """A bucket as songfilm makes it, with clips put there now; its days are seconds."""
    with running_ceph(day_s=DAY_S) as ceph:
        url = "s3://aging/team/films"
        settings = Settings(
            store=url,
            s3_endpoint=ceph.endpoint,
            s3_access_key=ceph.access_key,
            s3_secret_key=ceph.secret_key,
        )
        bucket, prefix = bucket_of(url, settings)
        assert settings.clip_days == Aging.days
        for change in changes(bucket, prefix, clip_days=settings.clip_days, principals={}):
            change.make()
        store = MinioStore(
            ceph.endpoint,
            access_key=ceph.access_key,
            secret_key=ceph.secret_key,
            bucket="aging",
            prefix="team/films",
        )
        left = threading.Event()
        with ThreadPoolExecutor(1) as threads:
            yield Aging(store, ceph.client(), threads, left)
            left.set()


class Aging:
    """Objects that were put at one moment; one of them is used two thirds of its time later."""

    used = clip_key("a" * 64)
    unused = clip_key("b" * 64)
    kept = ("blobs/aa/clip", "films/run-1.json", "clipsy/other", "near/shared/c/b.json")
    days = 90

    def __init__(self, store, client, threads, left):
        self.store, self.client, self._left = store, client, left
        self.put_s = time.monotonic()
        for key in (self.used, self.unused, *self.kept, "leases/shot/1"):
            store.put_bytes(key, b"{}")
        client.put_object("aging", "clips/of-others", io.BytesIO(b"{}"), 2)
        client._create_multipart_upload("aging", "team/films/films/x.mp4", {})
        self.in_time = threads.submit(self._use)

    def _use(self):
        """Touch a clip on day 60; the clips that were there on day 80."""
        self._left.wait(self.day(60))
        self.store.touch(self.used)
        self._left.wait(self.day(80))
        return self.listings()

    def day(self, number):
        """Seconds until a day; negative when it is over."""
        return self.put_s + number * DAY_S - time.monotonic()

    def listings(self):
        """Keys of clips."""
        return {item.key for item in self.store.list("clips")}

    def uploads(self):
        """Multipart uploads that were begun and not ended."""
        return self.client._list_multipart_uploads("aging").uploads


def test_upload_outlives_a_server_that_is_down_for_30_s(bucket, proxy, film, path):
    outage = proxy.go_down(30.0, after=20 * MIB)
    begun = time.monotonic()
    info = bucket.store().put_file(KEY, path)
    assert time.monotonic() - begun >= 30.0
    outage.join(1.0)
    assert info.size == len(film)
    assert bucket.kept(KEY) == film
    assert bucket.uploads() == []


@pytest.mark.parametrize("work", ["put_bytes", "put_file", "get_bytes", "stat", "list", "check"])
def test_silent_server_is_given_up_in_bounded_time(bucket, proxy, path, work):
    bucket.put("clips/a.json", b"{}")
    proxy.be_silent()
    store = bucket.store(**HASTY)
    calls = {
        "put_bytes": lambda: store.put_bytes("clips/b.json", b"{}"),
        "put_file": lambda: store.put_file(KEY, path),
        "get_bytes": lambda: store.get_bytes("clips/a.json"),
        "stat": lambda: store.stat("clips/a.json"),
        "list": lambda: list(store.list("clips")),
        "check": store.check,
    }
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match=r"does not answer.*run again"):
        calls[work]()
    assert HASTY["patience_s"] <= time.monotonic() - begun <= HASTY_S


@pytest.mark.parametrize("way", ["up", "down"])
def test_server_that_falls_silent_midway_is_given_up_in_bounded_time(
    bucket, proxy, film, path, tmp_path, way
):
    bucket.put(KEY, film)
    store = bucket.store(**HASTY)
    met = proxy.break_up(20 * MIB) if way == "up" else proxy.break_down(20 * MIB)
    plain = proxy.pass_on

    def pass_on(size, *, up):
        if plain(size, up=up) is met:
            proxy.be_silent()
        return None

    proxy.pass_on = pass_on
    calls = {
        "up": lambda: store.put_file("films/run-2/film.mp4", path),
        "down": lambda: store.get_file(KEY, tmp_path / "out.mp4"),
    }
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match="does not answer"):
        calls[way]()
    assert time.monotonic() - begun <= HASTY_S + 5.0
    assert met.struck == 1
    proxy.speak()
    assert bucket.keys() == [KEY]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_clip_that_no_film_used_for_90_days_expires_and_one_that_was_used_stays(aging):
    everything = {aging.used, aging.unused}
    assert aging.in_time.result() == everything
    gone_s = aging.day(90) + LATE_S
    assert wait_until(lambda: aging.listings() != everything, timeout_s=gone_s, poll_s=0.5)
    assert aging.day(89) < 0
    assert wait_until(lambda: aging.listings() == {aging.used}, timeout_s=gone_s, poll_s=0.5)
    assert aging.day(150) > 0, "too late to tell"
    assert all(aging.store.get_bytes(key) == b"{}" for key in aging.kept)
    assert aging.client.stat_object("aging", "clips/of-others").size == 2


def test_old_leases_and_parts_of_unfinished_uploads_are_removed(aging):
    assert wait_until(lambda: not list(aging.store.list("leases")), timeout_s=LATE_S)
    assert wait_until(lambda: not aging.uploads(), timeout_s=LATE_S)
