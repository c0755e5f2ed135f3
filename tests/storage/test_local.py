"""The folder store keeps what it was given, whole or not at all."""

import errno
import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_schema.artifacts import ArtifactRef
from tasks.errors import BadInputError, NoSpaceError, PermanentError, TransientError
from tasks.storage import open_store
from tasks.storage.keys import BadKeyError, blob_key, check_key
from tasks.storage.scratch import own_prefix, scratch_folder
from tasks.storage.store import (
    AlreadyExistsError,
    IntegrityError,
    NotFoundError,
    holds,
    keep_file,
    keep_model,
    read_index,
    write_whole,
)

DEAD = 999_999_999


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


def test_file_comes_back_under_its_digest(store, tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"song")
    ref = keep_file(store, path, "audio/wav")
    assert ref.key == blob_key(ref.sha256)
    assert store.local_file(ref, tmp_path).read_bytes() == b"song"
    assert path.exists()


def test_moved_file_becomes_the_object(store, tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"clip")
    ref = keep_file(store, path, "video/mp4", move=True)
    assert not path.exists()
    assert holds(store, ref)


def test_changing_the_source_leaves_the_object_alone(store, tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"song")
    ref = keep_file(store, path, "audio/wav")
    path.write_bytes(b"SONG")
    assert store.local_file(ref, tmp_path).read_bytes() == b"song"


def test_same_bytes_are_stored_once(store, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
        keep_file(store, tmp_path / name, "x")
    assert len(list(store.list("blobs"))) == 1


def test_damaged_object_is_removed_and_made_anew(store, tmp_path, caplog):
    path = tmp_path / "a.bin"
    path.write_bytes(b"clip")
    ref = keep_file(store, path, "video/mp4")
    store.local_file(ref, tmp_path).write_bytes(b"clap")
    with pytest.raises(IntegrityError, match=r"damaged on disk and removed.*run again"):
        store.local_file(ref, tmp_path)
    assert ref.key in caplog.text
    assert not holds(store, ref)
    assert keep_file(store, path, "video/mp4") == ref
    assert store.local_file(ref, tmp_path).read_bytes() == b"clip"


def test_damaged_object_that_stays_says_what_to_do(store, tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    path.write_bytes(b"clip")
    ref = keep_file(store, path, "video/mp4")
    store.local_file(ref, tmp_path).write_bytes(b"clap")

    def locked(*_args, **_options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", locked)
    with pytest.raises(PermanentError, match=r"delete .* by hand"):
        store.local_file(ref, tmp_path)


@pytest.mark.parametrize(
    ("error", "again"),
    [(IntegrityError, True), (NotFoundError, False), (AlreadyExistsError, False)],
)
def test_each_store_error_tells_one_thing(error, again):
    assert issubclass(error, TransientError) is again
    assert issubclass(error, PermanentError) is not again


def test_missing_object_is_named(store, tmp_path):
    ref = ArtifactRef(key="blobs/aa/none", sha256="0" * 64, size=1)
    assert not holds(store, ref)
    with pytest.raises(NotFoundError, match="blobs/aa/none"):
        store.local_file(ref, tmp_path)


def test_create_if_absent_refuses_the_second_writer(store):
    store.put_bytes("leases/1", b"first", if_absent=True)
    with pytest.raises(AlreadyExistsError):
        store.put_bytes("leases/1", b"second", if_absent=True)
    assert store.get_bytes("leases/1") == b"first"


def test_failed_write_leaves_nothing_behind(store, tmp_path, monkeypatch):
    def broken(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(Exception, match="disk of the store"):
        store.put_bytes("a/b", b"x")
    assert not list((tmp_path / "store").rglob("*.*"))
    assert not any(path.is_file() for path in (tmp_path / "store").rglob("*"))


def test_touch_renews_the_time(store, tmp_path):
    store.put_bytes("a/b", b"x")
    os.utime(tmp_path / "store" / "data" / "a" / "b", (1, 1))
    store.touch("a/b")
    assert store.stat("a/b").modified > 1e9


def test_index_of_an_older_shape_counts_as_missing(store):
    store.put_bytes("clips/x.json", b'{"old": 1}')
    assert read_index(store, "clips/x.json", ArtifactRef) is None
    ref = keep_model(store, ArtifactRef(key="k", sha256="0" * 64, size=1))
    assert read_index(store, ref.key, ArtifactRef) is not None


@pytest.mark.parametrize(
    "key", ["", "../x", "/etc/passwd", "a//b", "a/./b", ".hidden", "a\x00b", "ä", "a/..", "x" * 600]
)
def test_hostile_key_is_refused(key):
    with pytest.raises(BadKeyError):
        check_key(key)


@given(st.text(max_size=40))
def test_accepted_key_never_leaves_the_store(key):
    try:
        check_key(key)
    except BadKeyError:
        return
    assert not key.startswith(("/", "."))
    assert ".." not in key.split("/")


def test_link_out_of_the_store_is_refused(store, tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "store" / "data" / "evil").symlink_to(tmp_path / "secret")
    with pytest.raises(BadKeyError, match="leads out"):
        store.get_bytes("evil")


def test_unknown_address_says_what_is_known():
    with pytest.raises(BadInputError, match="folder"):
        open_store("gopher://x/y")


def test_file_address_is_a_folder(tmp_path):
    open_store(f"file://{tmp_path}/s%20t").put_bytes("a", b"x")
    assert (tmp_path / "s t" / "data" / "a").read_bytes() == b"x"


@pytest.mark.parametrize("url", ["file://store", "file://store/films", "file://", "file:store"])
def test_file_address_of_a_host_is_refused(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError, match="file:///folder"):
        open_store(url)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["studio", "render-7", "render-7-1.example.org"])
def test_scratch_of_a_dead_process_is_swept(tmp_path, monkeypatch, host):
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    dead = tmp_path / f"{DEAD}@{host}-abc"
    dead.mkdir()
    (dead / "half.mp4").touch()
    mine = tmp_path / f"{own_prefix()}other"
    mine.mkdir()
    with scratch_folder(tmp_path) as folder:
        assert folder.is_dir()
        assert not dead.exists()
        assert mine.exists()
    assert not folder.exists()


@pytest.mark.parametrize("host", ["other", "render-7", "render-7-1"])
def test_scratch_of_another_host_is_left_alone(tmp_path, monkeypatch, host):
    monkeypatch.setattr(socket, "gethostname", lambda: "render")
    theirs = tmp_path / f"{DEAD}@{host}-abc"
    theirs.mkdir()
    with scratch_folder(tmp_path) as folder:
        assert folder.name.startswith(f"{os.getpid()}@render-")
    assert theirs.exists()


def test_half_written_objects_of_a_dead_process_are_swept(tmp_path):
    temporary = tmp_path / "store" / "tmp"
    temporary.mkdir(parents=True)
    dead = temporary / f"{DEAD}@{socket.gethostname()}-{'0' * 32}"
    mine = temporary / f"{own_prefix()}{'1' * 32}"
    for path in (dead, mine):
        path.write_bytes(b"half")
    open_store(str(tmp_path / "store"))
    assert not dead.exists()
    assert mine.exists()


def test_object_in_the_making_is_named_by_its_process(store, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        os, "fsync", lambda _: seen.extend(p.name for p in (tmp_path / "store" / "tmp").iterdir())
    )
    store.put_bytes("a/b", b"x")
    assert [name.startswith(own_prefix()) for name in seen] == [True]


def full(*_args, **_options):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_scratch_on_a_full_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    message = f"the disk of {tmp_path} is full"
    with pytest.raises(NoSpaceError, match=message), scratch_folder(tmp_path):
        pass


def test_failure_inside_a_scratch_folder_is_not_blamed_on_it(tmp_path):
    with pytest.raises(OSError, match="No space left"), scratch_folder(tmp_path):
        full()


@pytest.mark.parametrize("make", [open_store, lambda url: scratch_folder(Path(url)).__enter__()])
def test_new_folder_on_a_full_disk_is_told(tmp_path, monkeypatch, make):
    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(NoSpaceError, match="full; free"):
        make(str(tmp_path / "store"))


def test_text_on_a_full_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(NoSpaceError, match="run again"):
        write_whole(tmp_path / "a.json", "{}")
    assert not list(tmp_path.iterdir())
