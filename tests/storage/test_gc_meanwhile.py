"""Whatever happens while garbage is collected, what is needed stays; and so in any store."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stock import EXPIRED, GRACE, OLD, YOUNG, Stock

from recipe_schema.artifacts import VideoManifest
from tasks.storage import open_store
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.garbage import collection
from tasks.storage.garbage.collection import plan_sweep, sweep
from tasks.storage.garbage.plan import Rules
from tasks.storage.in_use import SEGMENT_DAYS
from tasks.storage.keys import (
    clip_key,
)
from tasks.storage.store import (
    NotFoundError,
    keep_file,
)


@pytest.fixture
def stock(store, tmp_path):
    return Stock(store, tmp_path / "making")


@pytest.fixture
def local(tmp_path):
    return Stock(open_store(str(tmp_path / "folder")), tmp_path / "making")


def interleaved(stock: Stock, meanwhile: Callable[[], object]) -> None:
    """Collect, while somebody works between the marking and the first deletion."""
    told = Rules(now=time.time())
    plan = plan_sweep(stock.store, told)
    assert plan.doomed
    meanwhile()
    sweep(stock.store, plan, told)


def test_file_that_is_stored_again_meanwhile_survives_in_every_kind_of_store(stock):
    ref = stock.file("clip again")
    (stock.folder / "again.bin").write_bytes(b"clip again")
    interleaved(stock, lambda: keep_file(stock.store, stock.folder / "again.bin", "video/mp4"))
    assert stock.has(ref)


def test_clip_entry_that_is_renewed_meanwhile_survives_with_its_file(local):
    """Its worker has a clock of its own, or other settings."""
    clip = local.clip(1, EXPIRED)
    interleaved(local, lambda: local.store.touch(clip_key(clip.fingerprint, tenant="band")))
    assert ClipShelf(local.store, tenant="band", days=90).find(clip.fingerprint) == clip


def test_file_that_is_renewed_right_before_its_turn_survives(local, monkeypatch):
    monkeypatch.setattr(collection, "_WORKERS", 1)
    first, second = sorted((local.file("one"), local.file("two")), key=lambda ref: ref.key)
    waiting = {second.key}

    def renew_the_other(key: str) -> None:
        if key == first.key and waiting:
            local.store.touch(waiting.pop())

    local.store.before_delete = renew_the_other
    local.collect()
    assert not local.has(first)
    assert local.has(second)


def test_known_file_is_renewed_only_when_it_is_not_young(local, monkeypatch):
    ref = local.file("clip", days=0.0)
    touched = []
    monkeypatch.setattr(type(local.store), "touch", lambda _self, key: touched.append(key))
    local.store.age(ref.key, 29 / 1440)
    local.file("clip")
    assert touched == []
    local.store.age(ref.key, 31 / 1440)
    local.file("clip")
    assert touched == [ref.key]


def test_file_that_is_swept_while_it_is_renewed_is_stored_again(local, monkeypatch):
    ref = local.file("clip")

    def swept(self, key):
        self.delete(key)
        raise NotFoundError(key)

    monkeypatch.setattr(type(local.store), "touch", swept)
    local.store.age(ref.key, OLD)
    assert local.has(local.file("clip"))


class KilledError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("survived", [0, 3, 6])
def test_next_collection_finishes_what_a_killed_one_began(survived, local):
    def fill() -> VideoManifest:
        local.clip(1, EXPIRED)
        local.clip(2, EXPIRED)
        local.segment(3, EXPIRED)
        local.file("junk")
        return local.film("run-1", clips=[local.clip(4, EXPIRED)])

    film, left = fill(), survived

    def die(_key: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KilledError

    local.store.before_delete = die
    with pytest.raises(KilledError):
        local.collect()
    assert local.opens(film)
    local.store.before_delete = lambda _key: None
    local.collect()
    assert local.opens(film)
    rest = local.store.keys()
    assert not any(key.startswith(("clips/", "near/", "segments/")) for key in rest)
    assert local.collect() == set()


ages = st.sampled_from([0.0, YOUNG, OLD, 40.0, EXPIRED])
worlds = st.fixed_dictionaries(
    {
        "clips": st.lists(ages, min_size=1, max_size=4),
        "segments": st.lists(ages, max_size=3),
        "junk": st.lists(ages, max_size=3),
        "films": st.lists(st.tuples(st.sets(st.integers(0, 3)), ages), max_size=3),
    }
)


@settings(max_examples=8, deadline=None)
@given(world=worlds)
def test_after_a_collection_films_open_live_clips_hit_and_nothing_else_is_left(
    world, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("world")
    stock = Stock(open_store(str(folder / "store")), folder / "making")
    clips = [stock.clip(number, age) for number, age in enumerate(world["clips"])]
    pieces = [stock.segment(number, age) for number, age in enumerate(world["segments"])]
    junk = [stock.file(f"junk {number}", age) for number, age in enumerate(world["junk"])]
    films = [
        stock.film(
            f"run-{place}",
            clips=[clips[number] for number in sorted(shown) if number < len(clips)],
            segments=pieces,
            days=age,
        )
        for place, (shown, age) in enumerate(world["films"])
    ]
    stock.collect()
    assert all(stock.opens(film) for film in films)
    shown = {shot.clip.sha256 for film in films for shot in film.shots}
    for clip, age in zip(clips, world["clips"], strict=True):
        live = age < 90
        found = ClipShelf(stock.store, tenant="band", days=90).find(clip.fingerprint)
        assert (found == clip) == live
        assert stock.has(clip.file) == (live or clip.file.sha256 in shown)
    for piece, age in zip(pieces, world["segments"], strict=True):
        assert stock.has(piece.file) == (age < SEGMENT_DAYS)
    for ref, age in zip(junk, world["junk"], strict=True):
        assert stock.has(ref) == (age < GRACE)
    assert stock.collect() == set()
