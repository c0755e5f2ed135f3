"""Stored clips: who may use them, for how long, what stands in, and what that is told to cost."""

import logging
import os
import threading
import time
from functools import partial

import pytest
from support.clips import FOX, make_clip, make_wanted, name_of

from tasks.rendering.similarity import most_similar
from tasks.storage import clip_library
from tasks.storage.clip_library import ClipLibrary
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.keys import clip_key, near_key
from tasks.storage.local import LocalStore

DAY_S = 86_400
KIN = make_wanted().kinship
SNOW = "the red fox runs through the deep snow at dawn"


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def shelf(store):
    return ClipShelf(store, tenant="shared", days=90)


@pytest.fixture
def library(shelf):
    return ClipLibrary(shelf)


@pytest.fixture
def near(shelf):
    return ClipLibrary(shelf, similar=partial(most_similar, at_least=0.9))


@pytest.fixture
def fresh(shelf):
    return ClipLibrary(shelf, reuse=False)


def age(store, key, days):
    """Let an object look as if nobody had touched it for days."""
    then = time.time() - days * DAY_S
    os.utime(store.path(key), (then, then))


def keep(library, clip, **changes):
    """Store a clip as its own film does."""
    wanted = make_wanted(clip.prompt, shot_id=clip.shot_id, film_run=clip.made_for, **changes)
    return library.keep(wanted, clip)


def test_hit_is_free_and_says_what_it_saved(library, store):
    keep(library, make_clip(store))
    clip, told = library.look_up(make_wanted())
    assert (clip.shot_id, clip.cache) == ("shot_007", "hit")
    assert (clip.cost, clip.seconds) == (0.0, 0.0)
    assert (clip.saved_usd, clip.saved_s) == (0.5, 120.0)
    assert (clip.near_of, told) == (None, ())


def test_clip_that_the_film_made_for_this_shot_is_no_hit(library, store):
    keep(library, make_clip(store))
    clip, _ = library.look_up(make_wanted(film_run="film-a", shot_id="shot_001"))
    assert (clip.cache, clip.cost, clip.seconds, clip.saved_usd) == ("miss", 0.5, 120.0, 0.0)


def test_equal_shot_of_the_same_film_is_paid_for_once(library, store):
    keep(library, make_clip(store))
    clip, _ = library.look_up(make_wanted(film_run="film-a", shot_id="shot_002"))
    assert (clip.cache, clip.cost, clip.saved_usd) == ("hit", 0.0, 0.5)


def test_clip_without_its_file_is_a_miss(library, store):
    clip = keep(library, make_clip(store))
    store.delete(clip.file.key)
    assert library.look_up(make_wanted()) == (None, ())


def test_other_tenant_finds_nothing(library, store):
    keep(library, make_clip(store))
    other = ClipLibrary(ClipShelf(store, tenant="other", days=90))
    assert other.look_up(make_wanted())[0] is None


def test_clip_that_no_film_used_for_too_long_is_a_miss_and_that_is_told(library, store, caplog):
    keep(library, make_clip(store))
    key = clip_key(name_of(FOX), tenant="shared")
    age(store, key, 89.9)
    assert library.look_up(make_wanted())[0] is not None
    age(store, key, 90.1)
    with caplog.at_level(logging.INFO, logger="tasks.storage.clip_shelf"):
        assert library.look_up(make_wanted())[0] is None
    assert "no film used its stored clip for 90 days" in caplog.text


def test_use_renews_a_clip_once_a_day(library, store, monkeypatch):
    touched = []
    touch = LocalStore.touch
    monkeypatch.setattr(
        LocalStore, "touch", lambda self, key: (touched.append(key), touch(self, key))
    )
    keep(library, make_clip(store))
    key = clip_key(name_of(FOX), tenant="shared")
    library.look_up(make_wanted())
    assert not touched
    age(store, key, 89)
    library.look_up(make_wanted())
    library.look_up(make_wanted())
    assert touched == [key]
    assert time.time() - store.stat(key).modified < 60


def test_clip_swept_between_two_requests_is_a_miss(library, store, monkeypatch):
    keep(library, make_clip(store))
    stat = LocalStore.stat

    def sweeping(self, key):
        if key.startswith("clips/"):
            self.delete(key)
        return stat(self, key)

    monkeypatch.setattr(LocalStore, "stat", sweeping)
    assert library.look_up(make_wanted())[0] is None


def test_film_that_reuses_nothing_finds_what_it_made_itself(library, fresh, store):
    keep(library, make_clip(store))
    wanted = make_wanted()
    assert fresh.look_up(wanted)[0] is None
    made = fresh.keep(wanted, make_clip(store, made_for="film-b", shot_id="shot_007", cost=0.7))
    assert fresh.look_up(wanted) == (made, ())
    assert fresh.look_up(make_wanted(film_run="film-c"))[0] is None
    assert fresh.look_up(make_wanted(film_run=None))[0] is None


def test_film_that_reuses_nothing_keeps_its_own_when_another_makes_the_clip_too(fresh, store):
    mine = make_wanted()
    fresh.keep(mine, make_clip(store, made_for="film-b", shot_id="shot_007"))
    fresh.keep(make_wanted(film_run="film-c"), make_clip(store, made_for="film-c"))
    clip, _ = fresh.look_up(mine)
    assert (clip.made_for, clip.cache) == ("film-b", "miss")


def test_clip_made_anew_is_there_for_others(library, fresh, store):
    fresh.keep(make_wanted(), make_clip(store, made_for="film-b", cost=0.9))
    assert library.look_up(make_wanted(film_run="film-c"))[0].saved_usd == 0.9


def test_lent_clip_is_a_hit_for_a_film_that_reuses_nothing_else(library, fresh, store):
    keep(library, make_clip(store))
    assert fresh.lend(name_of(FOX), "film-b")
    clip, _ = fresh.look_up(make_wanted())
    assert (clip.cache, clip.saved_usd) == ("hit", 0.5)
    assert not fresh.lend(name_of("gone"), "film-b")


def test_similar_prompt_stands_in_and_says_so(near, store, caplog):
    keep(near, make_clip(store))
    wanted = make_wanted(SNOW)
    clip, _ = near.look_up(wanted)
    assert (clip.fingerprint, clip.near_of) == (name_of(FOX), name_of(SNOW))
    assert (clip.cache, clip.cost, clip.saved_usd) == ("hit", 0.0, 0.5)
    assert clip.warnings == (clip.fallback,)
    for told in (clip.fallback, caplog.text):
        assert FOX in told
        assert SNOW in told
        assert "similarity 0.9" in told or "similarity 1.0" in told


def test_similar_prompt_does_not_stand_in_unless_asked(library, near, store):
    keep(near, make_clip(store))
    assert library.look_up(make_wanted(SNOW))[0] is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kinship": None}, id="a pinned seed, or a painter"),
        pytest.param({"kinship": "cd" * 32}, id="another size or model"),
        pytest.param({"film_run": "film-a"}, id="a shot of the same film"),
    ],
)
def test_similar_clip_stays_where_it_must_not_stand_in(near, store, changes):
    keep(near, make_clip(store))
    assert near.look_up(make_wanted(SNOW, **changes))[0] is None


def test_less_similar_prompt_does_not_stand_in(near, store):
    keep(near, make_clip(store, "a red car races through a deep canyon at dawn"))
    assert near.look_up(make_wanted())[0] is None


def test_exact_clip_goes_before_a_similar_one(near, store):
    keep(near, make_clip(store))
    keep(near, make_clip(store, SNOW))
    assert near.look_up(make_wanted(SNOW))[0].near_of is None


def test_next_similar_clip_stands_in_for_one_that_is_gone_or_was_a_stand_in(near, store):
    keep(near, make_clip(store, fallback="another theme"))
    gone = keep(near, make_clip(store, "a red fox runs through the deep snow, at dawn."))
    store.delete(gone.file.key)
    keep(near, make_clip(store, "through deep snow a red fox runs at dawn"))
    clip, _ = near.look_up(make_wanted(SNOW))
    assert clip.fingerprint == name_of("through deep snow a red fox runs at dawn")


def test_only_the_newest_of_a_kinship_are_read(shelf, store):
    for k in range(5):
        clip = make_clip(store, f"fox {k}")
        shelf.relate(KIN, clip)
        age(store, near_key(KIN, clip.fingerprint, tenant="shared"), 5 - k)
    assert [card.prompt for card in shelf.relatives(KIN, newest=2)] == ["fox 4", "fox 3"]


def test_sample_reads_a_few_clips_of_many(shelf, store, monkeypatch):
    for k in range(8):
        clip = make_clip(store, f"fox {k}")
        shelf.keep(clip.fingerprint, clip)
    read = []
    get_bytes = LocalStore.get_bytes
    monkeypatch.setattr(
        LocalStore, "get_bytes", lambda self, key: (read.append(key), get_bytes(self, key))[1]
    )
    monkeypatch.setattr("tasks.storage.clip_shelf._LISTED", 5)
    assert len(shelf.sample(3)) == 3
    assert len(read) == 3
    assert len(shelf.sample(9)) == 5


def test_equal_shots_of_two_workers_are_made_once(library, store, monkeypatch):
    monkeypatch.setattr(clip_library, "leased", partial(clip_library.leased, look_s=0.05))
    made, got = [], []

    def work(number):
        wanted = make_wanted(shot_id=f"shot_{number}", film_run=f"film-{number}")
        with library.turn(wanted) as there:
            if there is None:
                made.append(number)
                time.sleep(0.3)
                there = library.keep(
                    wanted, make_clip(store, shot_id=wanted.shot_id, made_for=wanted.film_run)
                )
            got.append((number, there.cache))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1
    assert sorted(got) == [
        (0, "miss" if made == [0] else "hit"),
        (1, "miss" if made == [1] else "hit"),
    ]


def test_film_that_reuses_nothing_waits_for_no_other_film(library, fresh):
    got = []

    def work():
        with fresh.turn(make_wanted()) as there:
            got.append(there)

    with library.turn(make_wanted(film_run="film-a")) as theirs:
        mine = threading.Thread(target=work)
        mine.start()
        mine.join(3)
        assert (theirs, got) == (None, [None])
