"""The folder store keeps what it was given, whole or not at all."""

import errno
import os
import socket
import tempfile
from pathlib import Path

import pytest

from tasks.errors import BadInputError, NoSpaceError, PermanentError, TransientError
from tasks.storage import open_store
from tasks.storage.keys import BadKeyError
from tasks.storage.scratch import own_prefix, scratch_folder
from tasks.storage.store import (
    AlreadyExistsError,
    IntegrityError,
    NotFoundError,
    keep_file,
    write_whole,
)

DEAD = 999_999_999


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


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


def test_files_of_other_programs_are_no_objects(store, tmp_path):
    store.put_bytes("films/a.json", b"{}")
    folder = tmp_path / "store" / "data" / "films"
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "b copy.json").write_bytes(b"x")
    (folder / "elsewhere.json").symlink_to("/etc/hostname")
    assert [item.key for item in store.list("films")] == ["films/a.json"]


def test_names_are_taken_once_where_files_have_no_second_name(store, monkeypatch):
    def refused(*_args, **_options):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    store.put_bytes("a/b", b"first", if_absent=True)
    with pytest.raises(AlreadyExistsError, match="a/b is taken"):
        store.put_bytes("a/b", b"second", if_absent=True)
    assert store.get_bytes("a/b") == b"first"


def test_failed_write_leaves_nothing_behind(store, tmp_path, monkeypatch):
    def broken(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(Exception, match="disk of the store"):
        store.put_bytes("a/b", b"x")
    assert not list((tmp_path / "store").rglob("*.*"))
    assert not any(path.is_file() for path in (tmp_path / "store").rglob("*"))


def test_link_out_of_the_store_is_refused(store, tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "store" / "data" / "evil").symlink_to(tmp_path / "secret")
    with pytest.raises(BadKeyError, match="leads out"):
        store.get_bytes("evil")
    (tmp_path / "store" / "data" / "hole").symlink_to(tmp_path)
    for ask in (store.get_bytes, store.stat, store.touch, store.delete):
        with pytest.raises(BadKeyError, match="leads out"):
            ask("hole/secret")
    with pytest.raises(BadKeyError, match="leads out"):
        store.put_bytes("hole/secret", b"y")
    assert (tmp_path / "secret").read_text() == "x"


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
