"""What only a store in a bucket does: parts, resumed reading, the cache, links, clean-up."""

import io
import os
import time
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import urllib3
from minio import Minio
from support.any_store import BucketPlace
from support.s3 import S3Server

from tasks import cancellation
from tasks.errors import BadInputError, RunCancelledError
from tasks.storage.keys import BadKeyError
from tasks.storage.minio import download as downloads
from tasks.storage.minio import renewal
from tasks.storage.minio import store as stores
from tasks.storage.minio import upload as uploads
from tasks.storage.minio.download import download
from tasks.storage.minio.requests import Bucket
from tasks.storage.minio.upload import MIB, part_size
from tasks.storage.minio.versions import look
from tasks.storage.store import (
    AlreadyExistsError,
    IntegrityError,
    NotFoundError,
    file_sha256,
    keep_file,
)

KEY = "films/run/film.mp4"


@pytest.fixture
def place(moto, tmp_path):
    return BucketPlace(moto, tmp_path)


@pytest.fixture
def live(ceph, tmp_path):
    """The same on a real server."""
    return BucketPlace(S3Server(ceph.endpoint, ceph.access_key, ceph.secret_key), tmp_path)


@pytest.fixture
def film(tmp_path, monkeypatch):
    """A file of three parts, as small as servers take them."""
    for module in (stores, uploads):
        monkeypatch.setattr(module, "PART_BYTES", 5 * MIB)
    path = tmp_path / "film.mp4"
    path.write_bytes(np.random.default_rng(3).bytes(11 * MIB))
    return path


def headers_of(place, key):
    found = place.server.client().stat_object(place.bucket, f"{place.PREFIX}/{key}")
    return {name.lower(): value for name, value in found.metadata.items()}


@pytest.mark.parametrize(
    ("size", "part"),
    [(0, 16), (16 * MIB * 10_000, 16), (16 * MIB * 10_000 + 1, 17), (5 * 1024**2 * MIB, 525)],
)
def test_parts_grow_so_that_ten_thousand_suffice(size, part):
    assert part_size(size) == part * MIB
    assert size <= part_size(size) * 10_000


def test_largest_files_are_created_once_too(place, film, monkeypatch):
    monkeypatch.setattr(stores, "LARGEST_PUT_BYTES", 0)
    place.store.put_file(KEY, film, if_absent=True)
    assert headers_of(place, KEY)["etag"].strip('"').endswith("-3")
    monkeypatch.setattr(uploads, "in_parts", lambda *_: pytest.fail("sent for nothing"))
    with pytest.raises(AlreadyExistsError):
        place.store.put_file(KEY, film, if_absent=True)


@pytest.mark.parametrize("heeded", [True, False])
def test_largest_file_that_lost_the_race_is_refused_at_its_end(place, film, monkeypatch, heeded):
    send_all, send = uploads._send_all, Bucket.send

    def unconditional(*args, headers=None, **options):
        plain = {name: value for name, value in (headers or {}).items() if name != "If-None-Match"}
        return send(*args, headers=plain, **options)

    def meanwhile(*args):
        place.elsewhere().put_bytes(KEY, b"theirs")
        return send_all(*args)

    monkeypatch.setattr(stores, "LARGEST_PUT_BYTES", 0)
    monkeypatch.setattr(uploads, "_send_all", meanwhile)
    if not heeded:
        monkeypatch.setattr(Bucket, "send", unconditional)
    with pytest.raises(AlreadyExistsError):
        place.store.put_file(KEY, film, if_absent=True)
    assert place.store.get_bytes(KEY) == b"theirs"
    assert not unfinished(place)


def test_digest_and_type_lie_beside_the_object(place, film):
    place.store.put_file(KEY, film)
    place.store.put_bytes("films/run.json", b"{}")
    for key, media_type in ((KEY, "video/mp4"), ("films/run.json", "application/json")):
        assert headers_of(place, key)["content-type"] == media_type
    assert headers_of(place, KEY)["x-amz-meta-sha256"] == file_sha256(film)
    assert headers_of(place, KEY)["etag"].strip('"').endswith("-3")


@pytest.mark.services
def test_touch_of_the_largest_objects_copies_in_parts(place, film, monkeypatch):
    monkeypatch.setattr(renewal, "_LARGEST_COPY_BYTES", 10 * MIB)
    monkeypatch.setattr(renewal, "_COPY_PART_BYTES", 6 * MIB)
    before = place.store.put_file(KEY, film).modified
    time.sleep(1.1)
    place.store.touch(KEY)
    assert place.store.stat(KEY).modified > before
    headers = headers_of(place, KEY)
    assert headers["etag"].strip('"').endswith("-2")
    assert headers["x-amz-meta-sha256"] == file_sha256(film)
    assert headers["content-type"] == "video/mp4"


@pytest.mark.services  # moto copies whatever is there
@pytest.mark.parametrize("largest", [10 * MIB, 5 * MIB])
def test_touch_does_not_undo_a_write_that_came_between(live, film, monkeypatch, largest):
    place = live

    looks = []

    def late(*args):
        found = look(*args)
        if not looks:
            place.elsewhere().put_file(KEY, later)
        looks.append(found)
        return found

    later = film.with_name("later.mp4")
    later.write_bytes(b"2" * 9 * MIB)
    os.truncate(film, 8 * MIB)
    place.store.put_file(KEY, film)
    monkeypatch.setattr(renewal, "_LARGEST_COPY_BYTES", largest)
    monkeypatch.setattr(renewal, "look", late)
    place.store.touch(KEY)
    assert place.store.get_bytes(KEY) == later.read_bytes()
    assert not unfinished(place)


def test_machine_that_made_a_blob_does_not_download_it(place, tmp_path):
    (tmp_path / "clip").write_bytes(b"clip")
    ref = keep_file(place.store, tmp_path / "clip", "video/mp4", move=True)
    place.store.delete(ref.key)
    assert place.store.local_file(ref, tmp_path).read_bytes() == b"clip"
    with pytest.raises(NotFoundError):
        place.elsewhere().local_file(ref, tmp_path)


def test_blob_is_downloaded_once(place, tmp_path):
    (tmp_path / "clip").write_bytes(b"clip")
    ref = keep_file(place.store, tmp_path / "clip", "video/mp4")
    machine = place.elsewhere()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        assert machine.local_file(ref, tmp_path / folder).read_bytes() == b"clip"
        place.store.delete(ref.key)


def test_damage_on_the_way_costs_a_second_read_and_not_the_object(place, tmp_path, monkeypatch):
    (tmp_path / "clip").write_bytes(b"clip")
    ref = keep_file(place.store, tmp_path / "clip", "video/mp4")
    stream, read = urllib3.HTTPResponse.stream, []

    def damaged(answer, *args, **options):
        for chunk in stream(answer, *args, **options):
            read.append(chunk)
            yield b"clap" if len(read) == 1 else chunk

    monkeypatch.setattr(urllib3.HTTPResponse, "stream", damaged)
    assert place.store.get_bytes(ref.key) == b"clip"
    assert read == [b"clip"] * 2


def test_object_that_is_not_the_wanted_one_is_not_removed(place, tmp_path):
    place.store.put_bytes(KEY, b"later film")
    with pytest.raises(IntegrityError, match="not the file that was asked for"):
        place.store.get_file(KEY, tmp_path / "film", sha256="0" * 64)
    assert place.store.get_bytes(KEY) == b"later film"


def test_object_of_another_program_is_read_as_it_is(place):
    place.server.client().put_object(
        place.bucket, f"{place.PREFIX}/songs/mine.wav", io.BytesIO(b"song"), 4
    )
    assert place.store.get_bytes("songs/mine.wav") == b"song"
    place.store.touch("songs/mine.wav")
    assert place.store.get_bytes("songs/mine.wav") == b"song"


class Replacing(io.BytesIO):
    """What an object is read into; once it is begun, a film is put there and the line breaks."""

    def __init__(self, place, data):
        super().__init__()
        self._place, self._data = place, data

    def write(self, data):
        if self.tell() and self._data:
            self._place.elsewhere().put_bytes(KEY, self._data)
            self._data = None
            raise urllib3.exceptions.ProtocolError("the connection broke")
        return super().write(data)


@pytest.mark.parametrize("kind", ["place", pytest.param("live", marks=pytest.mark.services)])
def test_object_that_is_replaced_while_it_is_read_comes_from_one_write(kind, request):
    place = request.getfixturevalue(kind)
    place.store.put_bytes(KEY, b"1" * 500_000)
    sink = Replacing(place, b"2" * 400_000)
    found = download(place.store._bucket, f"{place.PREFIX}/{KEY}", KEY, sink)
    assert sink.getvalue() == b"2" * 400_000
    assert found.version.sha256 == found.sha256


def test_objects_of_other_programs_are_left_out_of_lists(place):
    place.store.put_bytes("films/a.json", b"{}")
    for name in ("films/.hidden", "films/b copy.json", "films/folder/"):
        place.server.client().put_object(place.bucket, f"{place.PREFIX}/{name}", io.BytesIO(b""), 0)
    assert [item.key for item in place.store.list("films")] == ["films/a.json"]


def test_damaged_object_that_was_replaced_meanwhile_is_not_removed(place, tmp_path, monkeypatch):
    (tmp_path / "clip").write_bytes(b"clip")
    ref = keep_file(place.store, tmp_path / "clip", "video/mp4")
    place.damage(ref.key, b"clap")

    def mended(*args):
        place.elsewhere().put_bytes(ref.key, b"clip")
        return look(*args)

    monkeypatch.setattr(downloads, "look", mended)
    with pytest.raises(IntegrityError):
        place.store.get_bytes(ref.key)
    assert place.store.get_bytes(ref.key) == b"clip"


def test_server_that_knows_no_ranges_is_read_from_the_beginning(place, monkeypatch):
    place.store.put_bytes(KEY, b"1234567890" * 50_000)
    get = Minio.get_object
    asked = []

    def whole(*args, offset, request_headers):
        asked.append(offset)
        return get(*args)

    monkeypatch.setattr(Minio, "get_object", whole)
    sink = Replacing(place, b"1234567890" * 50_000)
    download(place.store._bucket, f"{place.PREFIX}/{KEY}", KEY, sink)
    assert sink.getvalue() == b"1234567890" * 50_000
    assert len(asked) == 2
    assert asked[1] > 0


def test_list_goes_on_where_it_broke(place, monkeypatch):
    names = [f"a/{number}" for number in range(8)]
    for name in names:
        place.store.put_bytes(name, b"")
    listed, asked = Minio.list_objects, []

    def breaking(client, *args, **options):
        asked.append(options["start_after"])
        for count, found in enumerate(listed(client, *args, **options)):
            if count == 3 and len(asked) < 3:
                raise urllib3.exceptions.ProtocolError("the connection broke")
            yield found

    monkeypatch.setattr(Minio, "list_objects", breaking)
    assert [item.key for item in place.store.list("a")] == names
    assert asked == [None, f"{place.PREFIX}/a/2", f"{place.PREFIX}/a/5"]


@pytest.mark.parametrize(
    ("options", "disposition"),
    [
        ({}, None),
        ({"download": True}, "attachment"),
        ({"filename": "film.mp4"}, 'inline; filename="film.mp4"'),
        (
            {"filename": 'Fête "ça"/\n.mp4', "download": True},
            "attachment; filename=\"F_te '_a'-.mp4\"; "
            "filename*=UTF-8''F%C3%AAte%20%22%C3%A7a%22-.mp4",
        ),
    ],
)
def test_link_gives_the_object_under_its_name_and_type(place, options, disposition):
    place.store.put_bytes(KEY, b"film")
    link = place.store.url(KEY, expires_s=60, media_type="video/webm", **options)
    answer = urllib3.request("GET", link)
    assert answer.data == b"film"
    assert answer.headers["Content-Type"] == "video/webm"
    asked = parse_qs(urlsplit(link).query)
    assert asked.get("response-content-disposition", [None]) == [disposition]
    assert asked["X-Amz-Expires"] == ["60"]


def test_link_leads_to_the_address_that_readers_reach(place):
    store = place.server.store(place.bucket, public_endpoint="https://films.example.org:9443")
    link = store.url(KEY, expires_s=60)
    assert link.startswith(f"https://films.example.org:9443/{place.bucket}/team/films/{KEY}?")
    assert place.server.secret_key not in link
    with pytest.raises(BadKeyError):
        store.url("../x", expires_s=60)


@pytest.mark.parametrize("expires_s", [0, -1, 7 * 24 * 3600 + 1, float("nan")])
def test_link_that_s3_cannot_sign_is_refused(place, expires_s):
    with pytest.raises(BadInputError, match="1 s to 7 days"):
        place.store.url(KEY, expires_s=expires_s)


def unfinished(place):
    return place.server.client()._list_multipart_uploads(place.bucket).uploads or []


def test_upload_that_is_cancelled_leaves_nothing(place, film, monkeypatch):
    send_all = uploads._send_all

    def cancelled(*args):
        assert len(unfinished(place)) == 1
        cancellation.request()
        return send_all(*args)

    monkeypatch.setattr(uploads, "_send_all", cancelled)
    try:
        with pytest.raises(RunCancelledError):
            place.store.put_file(KEY, film, move=True)
    finally:
        cancellation.clear()
    assert film.exists()
    assert not unfinished(place)
    assert not list(place.store.list("films"))


@pytest.mark.services  # moto does not tell when an upload was begun
def test_unfinished_uploads_are_aborted_when_they_are_old(live):
    place = live
    for prefix in (place.PREFIX, "another/team"):
        place.server.client()._create_multipart_upload(place.bucket, f"{prefix}/{KEY}", {})
    assert place.store.abort_unfinished(older_than_s=60) == 0
    time.sleep(1.1)
    assert place.store.abort_unfinished(older_than_s=0) == 1
    assert [upload.object_name for upload in unfinished(place)] == [f"another/team/{KEY}"]
