"""Downloads are kept by digest, lent as links, and thrown away when there are too many."""

import errno
import hashlib
import os
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.errors import NoSpaceError
from tasks.storage.blob_cache import BlobCache
from tasks.storage.scratch import own_prefix

DEAD = 999_999_999


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def keep(tmp_path):
    """Keeps a file of a letter in a cache; returns its digest."""

    def keeping(cache, letter, size=100, *, own=True):
        path = tmp_path / f"source-{letter}"
        path.write_bytes(letter.encode() * size)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        cache.keep(digest, path, own=own)
        return digest

    return keeping


def kept(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def age(folder, digest, seconds):
    path = folder / "files" / digest[:2] / digest
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_kept_file_is_lent_to_every_process(folder, keep, tmp_path):
    digest = keep(BlobCache(folder, 1000), "a")
    assert BlobCache(folder, 1000).lend(digest, tmp_path / "lent")
    assert (tmp_path / "lent").read_bytes() == b"a" * 100
    assert not BlobCache(folder, 1000).lend("0" * 64, tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "lent", "source-a"]


@pytest.mark.parametrize(("own", "links"), [(True, 3), (False, 2)])
def test_files_are_linked_rather_than_copied_when_nobody_writes_them(
    folder, keep, tmp_path, own, links
):
    cache = BlobCache(folder, 1000)
    assert cache.lend(keep(cache, "a", own=own), tmp_path / "lent")
    assert (tmp_path / "lent").stat().st_nlink == links


def test_file_system_without_links_gets_copies(folder, keep, tmp_path, monkeypatch):
    def refused(*_args):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    cache = BlobCache(folder, 1000)
    assert cache.lend(keep(cache, "a"), tmp_path / "lent")
    assert (tmp_path / "lent").stat().st_nlink == 1
    assert (tmp_path / "lent").read_bytes() == b"a" * 100


def test_what_was_not_used_for_longest_goes_first(folder, keep, tmp_path):
    cache = BlobCache(folder, 350)
    a, b, c = (keep(cache, letter) for letter in "abc")
    for digest, seconds in ((a, 30), (b, 20), (c, 10)):
        age(folder, digest, seconds)
    assert cache.lend(a, tmp_path / "lent")
    d = keep(cache, "d")
    assert kept(folder) == {a, c, d}
    keep(cache, "e", 250)
    assert len(kept(folder)) == 2


def test_reader_keeps_a_file_that_is_thrown_away(folder, keep, tmp_path):
    cache = BlobCache(folder, 150)
    a = keep(cache, "a")
    assert cache.lend(a, tmp_path / "lent")
    age(folder, a, 10)
    keep(cache, "b")
    assert a not in kept(folder)
    assert (tmp_path / "lent").read_bytes() == b"a" * 100


def test_old_file_that_is_kept_counts_as_just_used(folder, keep, tmp_path):
    cache = BlobCache(folder, 250)
    a = keep(cache, "a")
    age(folder, a, 10)
    (tmp_path / "old").write_bytes(b"o" * 100)
    os.utime(tmp_path / "old", (1, 1))
    old = hashlib.sha256(b"o" * 100).hexdigest()
    cache.keep(old, tmp_path / "old", own=True)
    b = keep(cache, "b")
    assert kept(folder) == {old, b}


def test_file_larger_than_the_cache_throws_nothing_away(folder, keep):
    cache = BlobCache(folder, 150)
    a = keep(cache, "a")
    keep(cache, "b", 151)
    assert kept(folder) == {a}


def test_damaged_file_is_thrown_away_and_not_lent(folder, keep, tmp_path, caplog):
    cache = BlobCache(folder, 1000)
    digest = keep(cache, "a", own=False)
    (folder / "files" / digest[:2] / digest).write_bytes(b"b" * 100)
    (tmp_path / "lent").write_bytes(b"older")
    assert not cache.lend(digest, tmp_path / "lent")
    assert (tmp_path / "lent").read_bytes() == b"older"
    assert not kept(folder)
    assert digest in caplog.text


def test_cache_of_no_size_keeps_nothing(folder, keep, tmp_path):
    cache = BlobCache(folder, 0)
    assert not cache.lend(keep(cache, "a"), tmp_path / "lent")
    assert not folder.exists()


def test_half_made_files_of_dead_processes_are_swept(folder):
    BlobCache(folder, 1000)
    dead = folder / "tmp" / f"{DEAD}@{socket.gethostname()}-{'0' * 32}"
    mine = folder / "tmp" / f"{own_prefix()}{'1' * 32}"
    for path in (dead, mine):
        path.write_bytes(b"half")
    BlobCache(folder, 1000)
    assert kept(folder) == {mine.name}


def test_full_disk_costs_a_later_download_and_no_film(folder, keep, monkeypatch, caplog):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    keep(BlobCache(folder, 1000), "a", own=False)
    assert not kept(folder)
    assert "SONGFILM_CACHE_GB" in caplog.text


def test_full_disk_of_a_reader_is_told(folder, keep, tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = BlobCache(folder, 1000)
    digest = keep(cache, "a")
    monkeypatch.setattr(Path, "hardlink_to", full)
    with pytest.raises(NoSpaceError, match="full; free"):
        cache.lend(digest, tmp_path / "lent")


def test_many_at_once_get_whole_files_or_none(folder, tmp_path):
    letters = {hashlib.sha256(bytes([n]) * 100).hexdigest(): bytes([n]) * 100 for n in range(12)}

    def use(number):
        cache = BlobCache(folder, 450)
        for digest, data in letters.items():
            path = tmp_path / f"{number}-{digest}"
            if not cache.lend(digest, path):
                path.write_bytes(data)
                cache.keep(digest, path, own=True)
            assert path.read_bytes() == data
        return True

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(use, range(6)))
    assert len(kept(folder)) <= 5
