"""History, projects and costs as the catalogue lists them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from support.catalogued import T0, digest, put_film, shot

from tasks.storage import open_store
from tasks.storage.catalogue import address_of, sync
from tasks.storage.catalogue.costs import list_costs
from tasks.storage.catalogue.history import list_films, list_projects
from tasks.storage.catalogue.ledger import Ledger
from tasks.storage.catalogue.tables import (
    Entry,
)
from tasks.storage.keys import manifest_key
from tasks.storage.purchase import Detail


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def address(tmp_path):
    return address_of(str(tmp_path / "store"))


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
