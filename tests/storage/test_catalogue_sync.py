"""The catalogue says what the store's manifests say, however and whenever it read them."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from support.stored_films import store_film

from recipe_schema.artifacts import ArtifactRef, Clip, FilmOutput, ShotRecord, VideoManifest
from tasks.storage import open_store
from tasks.storage.catalogue import address_of, open_catalogue, rebuild, sync
from tasks.storage.catalogue.costs import list_costs
from tasks.storage.catalogue.history import list_films, list_projects
from tasks.storage.catalogue.ledger import Ledger
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Entry,
    Film,
    Generation,
    Project,
    RecipeVersion,
    Song,
)
from tasks.storage.keys import blob_key, clip_key, manifest_key
from tasks.storage.purchase import Detail
from tasks.storage.store import to_json

TABLES = (Project, Song, RecipeVersion, Film, ClipRecord, Generation)
T0 = 1_700_000_000


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def address(tmp_path):
    return address_of(str(tmp_path / "store"))


def digest(kind, number):
    return f"{kind}{number}".encode().hex().ljust(64, "0")


def blob(kind, number=0):
    name = digest(kind, number)
    return ArtifactRef(key=blob_key(name), sha256=name, size=9)


def shot(number=0, *, cache="miss", cost=0.0, saved=0.0, seconds=0.0, place=0):
    return ShotRecord(
        id=f"shot_{place:03d}",
        fingerprint=digest("c", number),
        clip=blob("b", number),
        renderer="cloud",
        quality_class="exact",
        cache=cache,
        cost=cost,
        saved_usd=saved,
        seconds=seconds,
    )


def put_film(store, run, *, project="album", song=0, recipe=0, shots=(), at=0, **told):
    manifest = VideoManifest(
        run_id=run,
        status="complete",
        song=blob("song", song),
        analysis=blob("heard", song),
        recipe=blob("recipe", recipe),
        settings={"project": project, "tenant": "band", "renderer": "cloud", **told},
        shots=tuple(shots),
        segments=(),
        output=FilmOutput(
            path=f"films/{run}/{run}.mp4",
            sha256="3" * 64,
            size=5,
            width_px=64,
            height_px=64,
            fps="60/1",
            frames=60,
            duration=1.0,
            video_codec="h264",
            pixel_format="yuv420p",
            audio_codec="aac",
        ),
        versions={},
    )
    put_manifest(store, run, to_json(manifest).encode(), at=at)


def put_manifest(store, run, data, *, at=0):
    store.put_bytes(manifest_key(run), data)
    os.utime(store.path(manifest_key(run)), (T0 + at, T0 + at))


def put_clip(store, number, *, frames=60, cost=1.0, seconds=8.0, tenant="band", prompt="a tunnel"):
    clip = Clip(
        shot_id="shot_000",
        fingerprint=digest("c", number),
        file=blob("b", number),
        renderer="cloud",
        quality_class="exact",
        width_px=64,
        height_px=64,
        fps="30/1",
        frames=frames,
        seed=1,
        seconds=seconds,
        cost=cost,
        prompt=prompt,
    )
    store.put_bytes(clip_key(clip.fingerprint, tenant=tenant), to_json(clip).encode())


def rows(catalogue, table):
    with catalogue.session() as session:
        found = session.execute(select(*table.__table__.columns)).all()
    return sorted((row._asdict() for row in found), key=repr)


def everything(catalogue):
    return {table.__tablename__: rows(catalogue, table) for table in TABLES}


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


def test_what_was_made_of_a_film_is_listed_as_such_and_counted_nowhere(store, catalogue, address):
    put_film(store, "run-1", shots=[shot(1, cost=1.0)])
    reused = shot(1, cache="hit", saved=1.0)
    put_film(store, "run-2", shots=[reused], at=1, export_of="run-1")
    put_film(store, "run-3", shots=[reused], at=2, export_of="run-1", part="teaser")
    sync(catalogue, store, address=address)

    films = list_films(catalogue, address=address)
    assert [film.export for film in films] == ["teaser", "film", None]
    assert {line.times_used for film in films for line in film.shots} == {1}
    (album,) = list_projects(catalogue, address=address)
    assert (album.films, album.songs, album.saved_usd) == (1, 1, 0.0)
    (costs,) = list_costs(catalogue, address=address, by="project")
    assert (costs.films, costs.made, costs.reused, costs.saved_usd) == (1, 1, 0, 0.0)

    store.delete(manifest_key("run-1"))
    sync(catalogue, store, address=address)
    assert not list_projects(catalogue, address=address)
    assert {film.gone for film in list_films(catalogue, address=address) if film.export} == {False}


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


def test_versions_count_recipes_of_a_song_in_the_order_of_their_first_films(
    store, catalogue, address
):
    for run, recipe, song, at in (
        ("c", 3, 0, 30),
        ("b", 2, 0, 20),
        ("d", 3, 0, 40),
        ("x", 3, 1, 5),
    ):
        put_film(store, run, recipe=recipe, song=song, at=at)
        sync(catalogue, store, address=address)
    numbers = {film.run_id: film.version for film in list_films(catalogue, address=address)}
    assert numbers == {"b": 1, "c": 2, "d": 2, "x": 1}
    # An older film turns up: versions move on.
    put_film(store, "a", recipe=1, at=10)
    sync(catalogue, store, address=address)
    numbers = {film.run_id: film.version for film in list_films(catalogue, address=address)}
    assert numbers == {"a": 1, "b": 2, "c": 3, "d": 3, "x": 1}


def test_film_keeps_its_own_name_of_a_song_that_has_several(store, catalogue, address):
    for at, run in enumerate(("demo", "final")):
        put_film(store, run, at=at)
        sync(catalogue, store, address=address)
    films = list_films(catalogue, address=address)
    assert [film.song for film in films] == ["final", "demo"]
    assert len({film.song_sha256 for film in films}) == 1
    (found,) = list_films(catalogue, address=address, song="demo")
    assert found.run_id == "demo"


def test_project_that_only_has_credit_is_listed_after_those_with_films(store, catalogue, address):
    put_film(store, "run-1", project="album")
    sync(catalogue, store, address=address)
    ledger = Ledger(catalogue)
    for name in ("album", "Piad"):
        ledger.top_up(name, 2_000_000)
    album, new = list_projects(catalogue, address=address)
    assert (album.project, album.films, album.credit_usd) == ("album", 1, 2.0)
    assert (new.project, new.films, new.latest, new.credit_usd) == ("Piad", 0, None, 2.0)


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


def test_history_is_newest_first_and_can_be_narrowed(store, catalogue, address):
    for place, (project, song) in enumerate([("a", 0), ("b", 1), ("a", 1)]):
        put_film(store, f"run-{place}", project=project, song=song, at=place)
    sync(catalogue, store, address=address)

    def runs(**asked):
        return [film.run_id for film in list_films(catalogue, address=address, **asked)]

    assert runs() == ["run-2", "run-1", "run-0"]
    assert runs(project="a") == ["run-2", "run-0"]
    assert runs(song=digest("song", 1)[:10]) == ["run-2", "run-1"]
    assert runs(song="RUN-0") == ["run-0"]
    assert runs(song="%") == []
    assert runs(limit=1) == ["run-2"]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("project", ["album", "single", "dropped"]),
        ("month", ["2023-12", "2023-11"]),
        ("renderer", ["cloud"]),
    ],
)
def test_costs_come_by_project_month_and_renderer(by, names, store, catalogue, address):
    shots = [shot(1, cost=1.25, seconds=9), shot(2, cache="hit", saved=0.75, place=1)]
    put_film(store, "run-1", shots=shots)
    put_film(store, "run-2", project="single", shots=[shot(3, cost=0.5)], at=30 * 86_400)
    ledger = Ledger(catalogue)
    for event, project, usd in (("a", "album", 1_250_000), ("b", "dropped", 40_000)):
        ledger.reserve(project, event, usd, Detail(renderer="cloud"))
        ledger.settle(event, usd)
    with catalogue.session() as session:
        session.execute(update(Entry).values(begun_at=datetime.fromtimestamp(T0, UTC)))
    sync(catalogue, store, address=address)
    lines = list_costs(catalogue, address=address, by=by)
    assert [line.name for line in lines] == names
    assert sum(line.cost_usd for line in lines) == 1.75
    assert sum(line.saved_usd for line in lines) == 0.75
    assert sum(line.spent_usd for line in lines) == pytest.approx(1.29)
    assert sum(line.films for line in lines) == 2
    assert sum(line.made for line in lines) == 2
    assert sum(line.reused for line in lines) == 1
    (album,) = list_costs(catalogue, address=address, by=by, project="album")
    assert (album.cost_usd, album.spent_usd, album.seconds) == (1.25, 1.25, 9)


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
