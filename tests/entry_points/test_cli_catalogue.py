"""projects, history, costs, gc and catalogue: what they show, what they refuse, what they do."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from support.stored_films import store_film
from typer.testing import CliRunner

from deployments.cli import app
from tasks.storage import open_store
from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.ledger import Ledger, paid_for
from tasks.storage.keys import blob_key, film_key, manifest_key
from tasks.storage.purchase import Detail
from tasks.storage.songs import keep_song
from tasks.storage.store import keep_file, to_json

VERBS = (("projects",), ("history",), ("costs",), ("gc",), ("catalogue", "rebuild"))


@pytest.fixture(autouse=True)
def home(tmp_path, empty_catalogue, monkeypatch):
    (tmp_path / "home").mkdir()
    shutil.copy(empty_catalogue, tmp_path / "home")
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("SONGFILM_STORE", "SONGFILM_CATALOGUE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def store(home):
    return open_store(str(home / "store"))


@pytest.fixture
def films(store, tmp_path):
    """Two films of one song, in two projects; the second cost and saved something."""
    first = store_film(store, "run-1", tmp_path)
    second = store_film(store, "run-2", tmp_path, stand_in="the cloud was away")
    shots = tuple(
        shot.model_copy(
            update={"cost": 0.5, "seconds": 60.0} if shot.cache == "miss" else {"saved_usd": 0.25}
        )
        for shot in second.shots
    )
    second = second.model_copy(update={"shots": shots, "settings": {"project": "[tour] 2027"}})
    store.put_bytes(manifest_key("run-2"), to_json(second).encode())
    return first, second


def call(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def answer(*words):
    (line,) = call(*words, "--json").splitlines()
    told = json.loads(line)
    assert told["event"] == "done"
    return told


def one_line(text):
    return " ".join(text.split())


def make_old(store, key):
    os.utime(store.path(key), (1, 1))


@pytest.mark.parametrize("width", ["80", "120"])
def test_tables_fit_the_terminal(width, films, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    for verb in (*VERBS, ("history", "--shots"), ("costs", "--by", "month")):
        tables = [line for line in call(*verb).splitlines() if "  " in line]
        assert all(len(line.rstrip()) <= int(width) for line in tables), verb


def test_projects_are_listed_with_their_money(films):
    call("costs", "--project", "[tour] 2027", "--top-up", "12.5")
    shown = call("projects")
    assert "[tour] 2027" in shown
    assert "$5.00" in shown
    assert "$12.50" in shown
    listed = {line["project"]: line for line in answer("projects")["projects"]}
    assert listed["[tour] 2027"]["credit_usd"] == 12.5
    assert listed["default"]["credit_usd"] is None
    assert listed["default"]["films"] == 1


def test_history_names_film_song_recipe_and_what_was_reused(films):
    shown = call("history", "--project", "[tour] 2027")
    for word in ("demo song", "recipe 1", "run-2", "[tour] 2027", "degraded", "$5.00", "4 reused"):
        assert word in shown
    assert "run-1" not in shown
    assert "the cloud was away" in one_line(call("history", "--shots"))
    told = answer("history")["films"]
    assert {film["run_id"] for film in told} == {"run-1", "run-2"}
    assert len(told[0]["shots"]) == 14
    assert "more with --limit" in call("history", "--limit", 1)


def test_costs_are_summed_and_credit_is_kept_apart(films, home):
    catalogue = open_catalogue(home, None)
    ledger = Ledger(catalogue)
    ledger.reserve("dropped", "e", 750_000, Detail(renderer="cloud"))
    ledger.settle("e", 750_000)
    catalogue.close()
    shown = call("costs")
    for word in ("[tour] 2027", "$5.00", "$1.00", "dropped", "$0.75", "10 min"):
        assert word in shown
    (month,) = answer("costs", "--by", "month")["costs"]
    assert (month["cost_usd"], month["saved_usd"], month["spent_usd"]) == (5.0, 1.0, 0.75)
    names = [line["name"] for line in answer("costs", "--by", "renderer")["costs"]]
    assert names == ["procedural", "cloud"]


def test_top_up_is_added_to_the_credit(films):
    assert answer("costs", "--project", "p", "--top-up", "2")["credit_usd"] == 2
    shown = one_line(call("costs", "--project", "p", "--top-up", "3"))
    assert shown.startswith("p may spend $5.00 (no film of p yet) a service with a price")
    assert "machine time is counted after each shot" in shown
    assert "$5.00" in call("costs")
    shown = one_line(call("costs", "--project", "[tour] 2027", "--top-up", "1"))
    assert "[tour] 2027 may spend $1.00 a service" in shown


def test_top_up_says_what_it_covered(home):
    call("costs", "--project", "p", "--top-up", "1")
    catalogue = open_catalogue(home, None)
    with paid_for(Ledger(catalogue), "e", "p", 0.0, Detail(renderer="cloud")) as bill:
        bill.usd = 1.75
    catalogue.close()
    assert "$0.75 not covered" in one_line(call("costs"))
    shown = one_line(call("costs", "--project", "p", "--top-up", "2"))
    assert "p may spend $1.25" in shown
    assert "$0.75 paid for shots that went over the credit before" in shown
    assert "not covered" not in call("costs")


def test_credit_is_taken_back_up_to_what_is_left():
    call("costs", "--project", "p", "--top-up", "5")
    assert answer("costs", "--project", "p", "--take-back", "2")["credit_usd"] == 3
    shown = one_line(call("costs", "--project", "p", "--take-back", "3.01", code=2))
    assert "project 'p' has $3.00 of credit left" in shown
    assert "may spend $0.00" in call("costs", "--project", "p", "--take-back", "3")
    assert "p" in {line["project"] for line in answer("projects")["projects"]}


def test_costs_of_a_project_that_is_not_there_say_so(films):
    shown = one_line(call("costs", "--project", "nonesuch"))
    assert shown == "no project 'nonesuch': songfilm projects lists all of them"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("costs", "--top-up", "3"), "--project NAME --top-up USD"),
        (("costs", "--project", "p", "--top-up", "-1"), "--take-back takes credit back"),
        (("costs", "--project", "p", "--top-up", "0"), "give more than 0"),
        (("costs", "--project", "p", "--top-up", "nan"), "--top-up nan: give more than 0"),
        (("costs", "--project", "p", "--top-up", "1e12"), "at most 1,000,000,000 US dollars"),
        (("costs", "--project", "p", "--take-back", "1"), "project 'p' has no credit"),
        (("costs", "--project", "p", "--take-back", "1", "--top-up", "1"), "not both"),
        (("costs", "--project", "", "--top-up", "1"), "has 1 to 80 characters"),
        (("costs", "--project", "a/b", "--top-up", "1"), "--project 'a/b': a project's name"),
        (("gc", "--grace-hours", "0.5"), "give 1 hour or more"),
        (("gc", "--grace-hours", "1e9"), "give 87600 hours (ten years) or less"),
        (("gc", "--grace-hours", "inf"), "give 87600 hours (ten years) or less"),
        (("gc", "--grace-hours", "nan"), "give 1 hour or more"),
        (("gc", "--film", "nobody"), "songfilm history"),
        (("history", "--limit", "0"), "--limit"),
        (("projects", "--store", "ftp://host/x"), "ftp://host/x"),
    ],
)
def test_what_makes_no_sense_is_refused(words, said):
    assert said in one_line(call(*words, code=2))


def test_empty_places_say_what_to_do(films, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    assert "songfilm make SONG" in one_line(call("projects", "--store", elsewhere))
    assert "songfilm make SONG" in one_line(call("history", "--store", elsewhere))
    assert "nothing was rendered" in call("costs", "--store", elsewhere)
    assert "songfilm history" in one_line(call("history", "--song", "no such song"))


def test_damaged_film_is_told_and_the_others_are_listed(films, store):
    store.put_bytes(manifest_key("torn"), b"{")
    shown = one_line(call("history"))
    assert "note: films/torn.json: not a manifest" in shown
    assert "run-1" in shown


def test_gc_tells_first_and_deletes_when_asked(films, store, tmp_path):
    (tmp_path / "junk").write_bytes(b"x" * 2_000_000)
    junk = keep_file(store, tmp_path / "junk", "video/mp4").key
    make_old(store, junk)
    shown = one_line(call("gc"))
    assert "files that nothing needs 1 2.0 MB" in shown
    assert "nothing was deleted: run it again with --delete" in shown
    assert store.stat(junk)
    told = answer("gc", "--delete")
    assert told["kinds"] == {"file": {"objects": 1, "bytes": 2_000_000}}
    assert told["swept"]["freed"] == 2_000_000
    assert junk not in {info.key for info in store.list("blobs")}
    assert "nothing to collect" in call("gc", "--delete")


def test_forgotten_film_is_gone_from_the_history(films, store):
    call("history")
    assert "the film's manifest" in call("gc", "--film", "run-1")
    assert store.stat(manifest_key("run-1"))
    shown = one_line(call("gc", "--film", "run-1", "--delete"))
    assert "deleted: 6 objects" in shown
    assert "later songfilm gc" in shown
    assert not list(store.list(film_key("run-1", "x")[:-2]))
    gone = {film["run_id"]: film["gone"] for film in answer("history")["films"]}
    assert gone == {"run-1": True, "run-2": False}
    assert "gone" in call("history")


def test_forgetting_a_film_tells_when_its_space_comes_free(films, monkeypatch):
    monkeypatch.setenv("SONGFILM_CLIP_DAYS", "45")
    shown = one_line(call("gc", "--film", "run-1", "--delete", "--grace-hours", "12"))
    assert "a later songfilm gc --delete, if nothing else needs it" in shown
    assert "its clips 45 days after a film last used them, its segments after 30" in shown
    assert "and 12 hours of grace" in shown


def test_longest_grace_time_is_taken(films):
    assert "nothing to collect" in call("gc", "--grace-hours", "87600")


def test_songs_count_as_kept(store, tmp_path):
    assert call("gc").strip() == "nothing to collect"
    (tmp_path / "song.wav").write_bytes(b"x" * 1000)
    keep_song(tmp_path / "song.wav", store=store)
    assert "nothing to collect: 1 object, 1.0 kB in use or young" in call("gc")


def test_gc_stops_at_what_it_cannot_read(films, store):
    store.put_bytes(manifest_key("torn"), b"{")
    make_old(store, blob_key(films[0].segments[0].file.sha256))
    shown = one_line(call("gc", "--delete", code=2))
    assert "films/torn.json is not readable" in shown
    assert "songfilm gc --film torn --delete" in shown
    call("gc", "--film", "torn", "--delete")
    call("gc", "--delete")


def test_rebuilt_catalogue_has_all_films_and_the_credit(films, home, store):
    call("history")
    call("costs", "--project", "p", "--top-up", "4")
    store.delete(manifest_key("run-1"))
    assert "1 read anew from" in one_line(call("catalogue", "rebuild"))
    assert [film["run_id"] for film in answer("history")["films"]] == ["run-2"]
    assert answer("costs")["credit_usd"] == {"p": 4.0}


def test_catalogue_of_a_database_that_is_away_can_be_asked_again(monkeypatch):
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", "postgresql://me:hunter2@127.0.0.1:1/db")
    for verb in VERBS[:3]:
        shown = call(*verb, code=3)
        assert "did not answer" in shown
        assert "hunter2" not in shown


def test_verbs_cost_the_command_line_no_database():
    """Every `songfilm` start would pay for it."""
    code = (
        "import sys, deployments.cli_catalogue, deployments.cli_gc;"
        "sys.exit(bool({'sqlalchemy', 'alembic', 'prefect'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
