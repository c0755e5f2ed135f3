"""What holds for every artifact store, whether in a folder or in a bucket."""

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_schema.artifacts import ArtifactRef
from tasks.storage.keys import BadKeyError, blob_key, check_key
from tasks.storage.store import (
    AlreadyExistsError,
    IntegrityError,
    NotFoundError,
    file_sha256,
    holds,
    keep_file,
    keep_model,
    read_index,
    to_json,
)

MB = 1_000_000
HOSTILE = [
    *["", "../x", "a/../b", "a/..", "..", "/etc/passwd", "a//b", "a/", "a/./b", ".hidden", "a/.b"],
    *["a\x00b", "ä", "a\u202eb", "a\\b", "a\nb", "a b", "a%2fb", "a:b", "-a", "a.", "~", "x" * 600],
    *["a/" + "x" * 129, "x/" * 300 + "x"],
]


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"clip")
    return path


def test_file_comes_back_under_its_digest(place, clip, tmp_path):
    ref = keep_file(place.store, clip, "video/mp4")
    assert ref.key == blob_key(hashlib.sha256(b"clip").hexdigest())
    for machine in (place.store, place.elsewhere()):
        assert machine.local_file(ref, tmp_path).read_bytes() == b"clip"
        assert machine.get_bytes(ref.key) == b"clip"
    assert clip.exists()


def test_file_is_written_to_a_path_whole_or_not_at_all(store, clip, tmp_path):
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "film.mp4"
    target.write_bytes(b"older")
    stored = store.put_file("films/run/film.mp4", clip)
    assert store.get_file("films/run/film.mp4", target).size == stored.size == 4
    assert target.read_bytes() == b"clip"
    with pytest.raises(IntegrityError, match="not the file that was asked for"):
        store.get_file("films/run/film.mp4", target, sha256="0" * 64)
    assert target.read_bytes() == b"clip"
    assert store.get_bytes("films/run/film.mp4") == b"clip"
    assert list(target.parent.iterdir()) == [target]


def test_moved_file_becomes_the_object(store, clip, tmp_path):
    ref = keep_file(store, clip, "video/mp4", move=True)
    assert not clip.exists()
    assert holds(store, ref)
    assert store.local_file(ref, tmp_path).read_bytes() == b"clip"


@pytest.mark.parametrize("large", [False, True])
def test_file_that_is_refused_stays_where_it_is(store, clip, large):
    if large:
        os.truncate(clip, 17 * MB)
    store.put_bytes("a/b", b"theirs")
    with pytest.raises(AlreadyExistsError):
        store.put_file("a/b", clip, move=True, if_absent=True)
    assert clip.exists()
    assert store.get_bytes("a/b") == b"theirs"


def test_changing_the_source_leaves_the_object_alone(store, clip, tmp_path):
    ref = keep_file(store, clip, "audio/wav")
    with clip.open("r+b") as file:
        file.write(b"CLIP")
    assert store.local_file(ref, tmp_path).read_bytes() == b"clip"


def test_same_bytes_are_stored_once(store, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"same")
        keep_file(store, tmp_path / name, "x")
    assert len(list(store.list("blobs"))) == 1


def test_later_write_replaces_an_earlier_one(store, clip):
    store.put_bytes("films/a.json", b"one")
    assert store.put_bytes("films/a.json", b"three").size == 5
    assert store.get_bytes("films/a.json") == b"three"
    store.put_file("films/a.json", clip)
    assert store.get_bytes("films/a.json") == b"clip"
    assert store.stat("films/a.json").size == 4


def test_empty_object_is_an_object(store, tmp_path):
    (tmp_path / "empty").touch()
    ref = keep_file(store, tmp_path / "empty", "x")
    store.put_bytes("a/b", b"")
    assert store.get_bytes("a/b") == store.local_file(ref, tmp_path).read_bytes() == b""
    assert store.get_file("a/b", tmp_path / "back").size == 0


@pytest.mark.parametrize(("if_absent", "size"), [(False, 40 * MB + 1), (True, 17 * MB)])
def test_large_file_comes_back_whole(place, tmp_path, if_absent, size):
    path = tmp_path / "large"
    path.write_bytes(np.random.default_rng(1).bytes(size))
    digest = file_sha256(path)
    place.store.put_file("films/run/large", path, if_absent=if_absent)
    with pytest.raises(AlreadyExistsError, match="films/run/large"):
        place.store.put_file("films/run/large", path, if_absent=True)
    back = tmp_path / "back"
    place.elsewhere().get_file("films/run/large", back, sha256=digest)
    assert file_sha256(back) == digest
    assert place.store.stat("films/run/large").size == size


@pytest.mark.parametrize("again", [b"second", b"first"])
def test_create_if_absent_refuses_the_second_writer(store, clip, again):
    store.put_bytes("leases/1", b"first", if_absent=True)
    with pytest.raises(AlreadyExistsError, match="leases/1"):
        store.put_bytes("leases/1", again, if_absent=True)
    with pytest.raises(AlreadyExistsError, match="leases/1"):
        store.put_file("leases/1", clip, if_absent=True)
    assert store.get_bytes("leases/1") == b"first"


def test_one_of_eight_writers_is_first(atomic):
    store = atomic
    for race in range(5):
        start = threading.Barrier(8)

        def write(number, race=race, start=start):
            start.wait()
            try:
                store.put_bytes(f"race/{race}", b"%d" % number * 5000, if_absent=True)
            except AlreadyExistsError:
                return None
            return number

        with ThreadPoolExecutor(8) as threads:
            first = [each for each in threads.map(write, range(8)) if each is not None]
        assert len(first) == 1
        assert store.get_bytes(f"race/{race}") == b"%d" % first[0] * 5000


def test_reader_never_sees_a_mixture_of_two_writes(store):
    store.put_bytes("a/b", b"0" * MB)
    done = threading.Event()

    def overwrite(letter):
        while not done.is_set():
            store.put_bytes("a/b", letter * MB)

    with ThreadPoolExecutor(2) as threads:
        for letter in (b"1", b"2"):
            threads.submit(overwrite, letter)
        try:
            seen = [store.get_bytes("a/b") for _ in range(15)]
        finally:
            done.set()
    assert all(len(data) == MB and len(set(data)) == 1 for data in seen)


def test_damaged_object_is_noticed_by_every_reader_and_made_anew(place, clip, tmp_path, caplog):
    for read in (
        lambda store, ref: store.local_file(ref, tmp_path),
        lambda store, ref: store.get_bytes(ref.key),
        lambda store, ref: store.get_file(ref.key, tmp_path / "out"),
    ):
        ref = keep_file(place.store, clip, "video/mp4")
        place.damage(ref.key, b"clap")
        with pytest.raises(IntegrityError, match=r"damaged .*and removed.*run again"):
            read(place.elsewhere(), ref)
        assert ref.key in caplog.text
        assert not holds(place.store, ref)
        assert not (tmp_path / "out").exists()
    assert keep_file(place.store, clip, "video/mp4") == ref
    assert place.elsewhere().local_file(ref, tmp_path).read_bytes() == b"clip"


def test_damaged_index_counts_as_missing_and_can_be_written_anew(place):
    ref = ArtifactRef(key="blobs/aa/x", sha256="0" * 64, size=1)
    place.store.put_bytes("near/a", to_json(ref).encode())
    assert read_index(place.store, "near/a", ArtifactRef) == ref
    place.damage("near/a", b'{"key": ')
    assert read_index(place.elsewhere(), "near/a", ArtifactRef) is None
    place.store.put_bytes("near/a", to_json(ref).encode())
    assert read_index(place.store, "near/a", ArtifactRef) == ref


def test_good_file_that_a_wrong_reference_names_stays(place, clip, tmp_path):
    ref = keep_file(place.store, clip, "video/mp4")
    wrong = ref.model_copy(update={"sha256": "0" * 64})
    for read in (
        lambda store: store.local_file(wrong, tmp_path),
        lambda store: store.get_file(wrong.key, tmp_path / "out", sha256=wrong.sha256),
    ):
        with pytest.raises(IntegrityError, match="not the file that was asked for"):
            read(place.elsewhere())
        assert holds(place.store, ref)


def test_missing_object_is_named(store, tmp_path):
    ref = ArtifactRef(key="blobs/aa/none", sha256="0" * 64, size=1)
    assert not holds(store, ref)
    for ask in (
        lambda: store.local_file(ref, tmp_path),
        lambda: store.get_bytes(ref.key),
        lambda: store.get_file(ref.key, tmp_path / "x"),
        lambda: store.stat(ref.key),
        lambda: store.touch(ref.key),
    ):
        with pytest.raises(NotFoundError, match=ref.key):
            ask()
    store.delete(ref.key)
    assert not (tmp_path / "x").exists()


def test_list_is_a_folder_in_order_of_key(store):
    keys = ["a/b-c", "a/b/c", "a/b/d/e", "a/b.json", "a/b0", "ab/c", "b/a"]
    for key in keys:
        store.put_bytes(key, key.encode())
    assert [item.key for item in store.list("a")] == sorted(keys[:5])
    assert [item.key for item in store.list("a/b")] == ["a/b/c", "a/b/d/e"]
    assert [item.size for item in store.list("a/b")] == [5, 7]
    assert not list(store.list("a/b/c"))
    assert not list(store.list("none"))
    listed = {item.key: item.modified for item in store.list("a")}
    assert listed["a/b/c"] == pytest.approx(store.stat("a/b/c").modified, abs=1.0)


def test_list_bears_objects_that_go_while_it_is_read(store):
    for name in "abc":
        store.put_bytes(f"a/{name}", b"x")
    found = store.list("a")
    assert next(found).key == "a/a"
    store.delete("a/b")
    assert [item.key for item in found][-1] == "a/c"


def test_deleted_object_is_gone(store):
    store.put_bytes("a/b", b"x")
    store.delete("a/b")
    assert not list(store.list("a"))
    store.put_bytes("a/b", b"y", if_absent=True)
    assert store.get_bytes("a/b") == b"y"


def test_touch_renews_the_time_and_nothing_else(place, clip, tmp_path):
    store = place.store
    ref = keep_file(store, clip, "video/mp4")
    before = store.stat(ref.key).modified
    assert abs(time.time() - before) < 60
    time.sleep(place.tick_s)
    store.touch(ref.key)
    assert 0 < store.stat(ref.key).modified - before < 60
    assert store.get_file(ref.key, tmp_path / "back").size == 4
    assert store.get_bytes(ref.key) == b"clip"


def test_index_of_an_older_shape_counts_as_missing(store):
    store.put_bytes("clips/x.json", b'{"old": 1}')
    assert read_index(store, "clips/x.json", ArtifactRef) is None
    ref = keep_model(store, ArtifactRef(key="k", sha256="0" * 64, size=1))
    assert read_index(store, ref.key, ArtifactRef) is not None


def test_hostile_key_is_refused_by_every_way_in(store, clip, tmp_path):
    for key in HOSTILE:
        for number, ask in enumerate(ways_in(store, key, clip, tmp_path)):
            with pytest.raises(BadKeyError):
                pytest.fail(f"way {number} took {key!r} and gave {ask()!r}")
    assert clip.exists()


def ways_in(store, key, clip, tmp_path):
    ref = ArtifactRef(key="k", sha256="0" * 64, size=1).model_copy(update={"key": key})
    return (
        lambda: store.put_bytes(key, b"x"),
        lambda: store.put_file(key, clip, move=True),
        lambda: store.get_bytes(key),
        lambda: store.get_file(key, tmp_path / "x"),
        lambda: store.local_file(ref, tmp_path),
        lambda: store.stat(key),
        lambda: list(store.list(key)),
        lambda: store.touch(key),
        lambda: store.delete(key),
    )


@given(st.text(max_size=40))
def test_accepted_key_never_leaves_the_store(key):
    try:
        check_key(key)
    except BadKeyError:
        return
    assert not key.startswith(("/", "."))
    assert ".." not in key.split("/")
