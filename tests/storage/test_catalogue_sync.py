"""The catalogue says what the store's manifests say, however and whenever it read them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from support.catalogued import TABLES, digest, everything, put_clip, put_film, put_manifest, shot
from support.stored_films import store_film

from tasks.storage import open_store
from tasks.storage.catalogue import address_of, open_catalogue, rebuild, sync
from tasks.storage.catalogue.costs import list_costs
from tasks.storage.catalogue.history import list_films, list_projects
from tasks.storage.catalogue.ledger import Ledger
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Entry,
)
from tasks.storage.keys import manifest_key


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def address(tmp_path):
    return address_of(str(tmp_path / "store"))


def test_film_is_listed_with_its_song_project_and_shots(store, catalogue, address, tmp_path):
    store_film(store, "run-1", tmp_path, stand_in="cloud was away")
    assert sync(catalogue, store, address=address).read == 1
    (film,) = list_films(catalogue, address=address)
    assert (film.run_id, film.project, film.song, film.version) == (
        "run-1",
        "default",
        "demo song",
        1,
    )
    assert (film.status, film.renderer, film.tenant) == ("degraded", "procedural", "shared")
    assert len(film.shots) == 14
    assert film.shots[0].fallback == "cloud was away"
    assert {line.times_used for line in film.shots} == {14}
    made = store.stat(manifest_key("run-1")).modified
    assert film.made_at == datetime.fromtimestamp(made, UTC)


def test_what_is_known_is_not_read_again(store, catalogue, address, monkeypatch):
    for run in range(3):
        put_film(store, f"run-{run}", shots=[shot(run)], at=run)
    sync(catalogue, store, address=address)
    put_film(store, "run-1", shots=[shot(1)], project="other", at=50)
    read = []
    real = type(store).get_bytes

    def counted(self, key):
        read.append(key)
        return real(self, key)

    monkeypatch.setattr(type(store), "get_bytes", counted)
    assert sync(catalogue, store, address=address).read == 1
    assert [key for key in read if key.startswith("films/")] == [manifest_key("run-1")]
    assert {film.project for film in list_films(catalogue, address=address)} == {"album", "other"}


def test_clip_has_the_words_and_price_of_its_index_entry(store, catalogue, address):
    put_clip(store, 1, frames=90, cost=2.5, prompt="a\x00 tunnel")
    hits = [shot(1, cache="hit", saved=2.5), shot(2, cost=0.5, seconds=4.0, place=1)]
    put_film(store, "run-1", shots=hits)
    sync(catalogue, store, address=address)
    with catalogue.session() as session:
        known = session.get(ClipRecord, (address, digest("c", 1)))
        guessed = session.get(ClipRecord, (address, digest("c", 2)))
    assert (known.frames, known.cost_micro, known.prompt) == (90, 2_500_000, "a tunnel")
    assert (guessed.frames, guessed.cost_micro, guessed.prompt) == (None, 500_000, "")


def test_film_that_is_gone_says_so_until_it_is_back(store, catalogue, address):
    put_film(store, "run-1", shots=[shot()])
    sync(catalogue, store, address=address)
    data = store.get_bytes(manifest_key("run-1"))
    store.delete(manifest_key("run-1"))
    assert sync(catalogue, store, address=address).gone == 1
    assert sync(catalogue, store, address=address).gone == 0
    assert [film.gone for film in list_films(catalogue, address=address)] == [True]
    assert list_projects(catalogue, address=address) == ()
    put_manifest(store, "run-1", data)
    assert sync(catalogue, store, address=address).read == 1
    assert [film.gone for film in list_films(catalogue, address=address)] == [False]


def test_damaged_and_foreign_manifests_are_told_and_the_others_are_read(store, catalogue, address):
    put_film(store, "good")
    put_manifest(store, "torn", b'{"run_id": "torn", ')
    put_manifest(store, "old", b'{"schema_version": 0, "run": "old"}')
    report = sync(catalogue, store, address=address)
    assert report.read == 1
    assert len(report.faults) == 2
    assert any(fault.startswith("films/torn.json: not a manifest") for fault in report.faults)
    assert [film.run_id for film in list_films(catalogue, address=address)] == ["good"]
    # Told each time, until somebody does something about it.
    assert len(sync(catalogue, store, address=address).faults) == 2


def test_film_whose_manifest_was_damaged_counts_as_gone(store, catalogue, address):
    put_film(store, "run-1")
    sync(catalogue, store, address=address)
    put_manifest(store, "run-1", b"{}", at=9)
    assert sync(catalogue, store, address=address).gone == 1


def test_two_stores_in_one_catalogue_do_not_mix(store, catalogue, address, tmp_path):
    other = open_store(str(tmp_path / "other"))
    put_film(store, "run-1", project="one")
    put_film(other, "run-1", project="two")
    sync(catalogue, store, address=address)
    elsewhere = address_of(f"file://{tmp_path}/other/")
    assert sync(catalogue, other, address=elsewhere).gone == 0
    assert [line.project for line in list_projects(catalogue, address=address)] == ["one"]
    assert [line.project for line in list_projects(catalogue, address=elsewhere)] == ["two"]


def test_one_folder_has_one_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = address_of(str(tmp_path / "my store"))
    assert address_of("my store") == address_of(name) == name
    assert address_of("s3://bucket/prefix/") == "s3://bucket/prefix"


def test_sync_gives_back_what_dead_runs_reserved_and_says_so(store, catalogue, address):
    ledger = Ledger(catalogue)
    ledger.top_up("album", 10)
    ledger.reserve("album", "dead", 10)
    with catalogue.session() as session:
        long_ago = datetime.now(UTC) - timedelta(days=2)
        session.execute(update(Entry).where(Entry.event_id == "dead").values(begun_at=long_ago))
    assert sync(catalogue, store, address=address).released == ("dead",)
    assert ledger.balance("album") == 10


def test_many_that_sync_at_once_read_each_film_right(store, catalogue, address):
    for run in range(12):
        put_film(store, f"run-{run}", recipe=run % 3, shots=[shot(run % 4)], at=run)
    together = threading.Barrier(4)

    def follow(_number):
        together.wait()
        return sync(catalogue, store, address=address)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(follow, range(4)))
    followed = everything(catalogue)
    rebuild(catalogue, store, address=address)
    assert followed == everything(catalogue)
    assert len(followed["films"]) == 12


def test_rebuilding_keeps_the_ledger_and_forgets_what_is_gone(store, catalogue, address):
    Ledger(catalogue).top_up("album", 7)
    put_film(store, "run-1")
    put_film(store, "run-2")
    sync(catalogue, store, address=address)
    store.delete(manifest_key("run-2"))
    assert rebuild(catalogue, store, address=address).read == 1
    assert [film.run_id for film in list_films(catalogue, address=address)] == ["run-1"]
    assert Ledger(catalogue).balance("album") == 7


shots_drawn = st.lists(
    st.builds(
        shot,
        st.integers(0, 4),
        cache=st.sampled_from(["hit", "miss"]),
        cost=st.sampled_from([0.0, 0.000001, 0.1, 2.5]),
        saved=st.sampled_from([0.0, 0.3]),
    ),
    max_size=4,
)
films_drawn = st.fixed_dictionaries(
    {
        "project": st.sampled_from(["a", "b"]),
        "song": st.integers(0, 2),
        "recipe": st.integers(0, 2),
        "shots": shots_drawn,
        "at": st.integers(0, 500),
    }
)
writes = st.tuples(st.just("put"), st.integers(0, 5), films_drawn)
syncs = st.tuples(st.just("sync"), st.none(), st.none())
losses = st.tuples(st.sampled_from(["delete", "damage"]), st.integers(0, 5), st.none())


def live(catalogue, steps, store, address):
    """Do the steps, each at a time of its own; the catalogue follows whenever they say so."""
    with catalogue.session() as session:
        for table in reversed(TABLES):
            session.execute(delete(table))
    for info in list(store.list("films")):
        store.delete(info.key)
    for place, (step, number, film) in enumerate(steps):
        run = f"run-{number}"
        if step == "put":
            put_film(store, run, **{**film, "at": film["at"] * len(steps) + place})
        elif step == "delete":
            store.delete(manifest_key(run))
        elif step == "damage":
            put_manifest(store, run, b"{}", at=900)
        else:
            sync(catalogue, store, address=address)
    sync(catalogue, store, address=address)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A store with the entries of some clips, and two catalogues, used for many examples."""
    base = tmp_path_factory.mktemp("law")
    store = open_store(str(base / "store"))
    put_clip(store, 1)
    put_clip(store, 2, cost=0.25)
    first, second = (open_catalogue(base / name, None) for name in ("first", "second"))
    yield store, first, second, address_of(str(base / "store"))
    first.close()
    second.close()


@pytest.mark.services
@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.one_of(writes, writes, syncs), max_size=8))
def test_rebuilt_catalogue_equals_the_one_that_followed(workshop, steps):
    store, followed, rebuilt, address = workshop
    live(followed, steps, store, address)
    rebuild(rebuilt, store, address=address)
    assert everything(followed) == everything(rebuilt)


@pytest.mark.services
@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.one_of(writes, writes, losses, syncs), max_size=10))
def test_films_that_are_left_read_the_same_after_losses_and_a_rebuild(workshop, steps):
    store, followed, rebuilt, address = workshop
    live(followed, steps, store, address)
    rebuild(rebuilt, store, address=address)

    def left(catalogue):
        # Versions go on counting where films went; clips, how often those used them.
        films = list_films(catalogue, address=address)
        uncounted = {"shots": {"__all__": {"times_used"}}, "version": True}
        return [film.model_dump(exclude=uncounted) for film in films if not film.gone]

    assert left(followed) == left(rebuilt)
    assert list_costs(followed, address=address) == list_costs(rebuilt, address=address)
