"""The rendering door pays for what it renders: once, and only from what a project has."""

import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select
from support import prompted
from support.prompted_films import CLIP_S, CLIP_USD, FOX, LAKE, TOWER, count_calls, make_recipe

from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import LibraryOptions
from tasks.assembly.task import plan_clips
from tasks.errors import BadInputError, NoSpaceError
from tasks.rendering import task as door
from tasks.rendering.task import find_clips, render_shot
from tasks.storage import purchase
from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.accounts import InsufficientCreditError, micro
from tasks.storage.catalogue.ledger import Ledger
from tasks.storage.catalogue.tables import Entry

FILM = FilmFormat(width_px=160, height_px=90, fps="24")
LIBRARY = LibraryOptions(project="tour")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.delenv("SONGFILM_STORE", raising=False)
    yield tmp_path
    purchase._ledger.cache_clear()
    purchase._warn_once.cache_clear()


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    return count_calls(monkeypatch)


@pytest.fixture
def ledger(tmp_path, empty_catalogue):
    shutil.copy(empty_catalogue, tmp_path)
    catalogue = open_catalogue(tmp_path, None)
    ledger = Ledger(catalogue)
    yield ledger
    catalogue.close()


@pytest.fixture
def free(monkeypatch):
    """The renderer asks for nothing."""
    monkeypatch.setattr(prompted, "USD_PER_S", 0.0)


def asked(prompt):
    recipe = make_recipe(prompt)
    (span,) = plan_clips(recipe, FILM, analysis=None)
    told = {"recipe": recipe, "film": FILM, "analysis": None, "renderer": "prompted", "store": None}
    return recipe.shot_list[0], span, told


def clip_of(prompt, *, film_run="film-1"):
    shot, span, told = asked(prompt)
    return render_shot.fn(shot, span=span, library=LIBRARY, film_run=film_run, **told)


def find(prompt, *, film_run="film-1"):
    shot, span, told = asked(prompt)
    spans = {shot.id: span}
    return find_clips([shot], spans=spans, library=LIBRARY, film_run=film_run, **told)[shot.id][1]


def entries(home):
    catalogue = open_catalogue(home, None)
    with catalogue.session() as session:
        found = session.scalars(select(Entry).where(Entry.state != "top-up")).all()
    catalogue.close()
    return found


def test_clip_of_a_priced_renderer_is_in_the_ledger(home):
    clip = clip_of(FOX)
    (entry,) = entries(home)
    assert (entry.state, entry.account, entry.spent_micro) == ("settled", "tour", micro(clip.cost))
    assert (entry.renderer, entry.film_run, entry.shot) == ("prompted", "film-1", "shot_001")
    assert entry.picture_s == pytest.approx(25 / 12)
    assert entry.machine_s == CLIP_S
    assert entry.event_id == f"film-1:shot_001:{clip.fingerprint}"


def test_clip_from_the_store_is_free(home):
    clip_of(FOX)
    assert clip_of(FOX, film_run="film-2").cache == "hit"
    assert find(FOX, film_run="film-3").cache == "hit"
    assert len(entries(home)) == 1


def test_free_renderer_opens_no_database(home, free):
    clip_of(FOX)
    assert not (home / "catalogue.db").exists()


def test_time_of_the_own_machine_is_paid_for(home, free, monkeypatch):
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "3.6")
    clip = clip_of(FOX)
    (entry,) = entries(home)
    assert entry.spent_micro == micro(clip.cost) > 0
    assert entry.reserved_micro == 0


def test_project_without_credit_renders_nothing(home, ledger, calls):
    ledger.top_up("tour", micro(CLIP_USD * 1.5))
    clip_of(FOX)
    with pytest.raises(InsufficientCreditError, match=r"tour.*\$0\.26.*\$0\.52"):
        clip_of(LAKE)
    assert calls == {FOX: 1}
    ledger.top_up("tour", micro(1.0))
    clip_of(LAKE)
    assert ledger.balance("tour") == micro(CLIP_USD * 1.5) + micro(1.0) - 2 * micro(CLIP_USD)


def test_shot_that_uses_up_the_credit_says_so_and_the_next_is_refused(
    home, ledger, free, monkeypatch, caplog
):
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "3600000")
    ledger.top_up("tour", 1)
    clip = clip_of(FOX)
    (told,) = clip.warnings
    assert told.startswith(f"shot_001 cost ${clip.cost:.2f}, ")
    assert "more than the credit that project 'tour' had left" in told
    assert [line for line in caplog.messages if "more than" in line] == [told]
    with pytest.raises(InsufficientCreditError, match=r"tour.*\$0\.00 of credit left"):
        clip_of(LAKE)
    # A film that goes on after a stop tells it, too; other films do not.
    assert find(FOX).warnings == (told,)
    assert find(FOX, film_run="film-2").warnings == ()
    ledger.top_up("tour", micro(clip.cost) + 1_000_000)
    assert find(FOX).warnings == ()
    assert ledger.balance("tour") == 1_000_001


def test_ledger_is_asked_for_before_a_film_that_costs_money(home, monkeypatch):
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", "mysql://host/db")
    recipe = make_recipe(FOX)
    with pytest.raises(BadInputError, match="SONGFILM_CATALOGUE_URL is not understood"):
        door.check_ledger(recipe, renderer="prompted", store=None)
    door.check_ledger(recipe, renderer="procedural", store=None)
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "1")
    with pytest.raises(BadInputError, match="SONGFILM_CATALOGUE_URL is not understood"):
        door.check_ledger(recipe, renderer="procedural", store=None)
    monkeypatch.delenv("SONGFILM_CATALOGUE_URL")
    door.check_ledger(recipe, renderer="procedural", store=None)


def test_render_that_fails_costs_nothing_and_its_retry_once(home, ledger, monkeypatch):
    ledger.top_up("tour", micro(1.0))

    def full(*_args, **_options):
        raise NoSpaceError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(door, "keep_file", full)
        with pytest.raises(NoSpaceError):
            clip_of(FOX)
    assert ledger.balance("tour") == micro(1.0)
    clip_of(FOX)
    assert ledger.balance("tour") == micro(1.0) - micro(CLIP_USD)
    assert [entry.state for entry in entries(home)] == ["settled"]


class KilledError(BaseException):
    """The worker is gone."""


@pytest.mark.parametrize("again", [clip_of, find])
def test_worker_that_died_before_settling_is_settled_by_the_next_look(
    again, home, ledger, monkeypatch, calls
):
    ledger.top_up("tour", micro(1.0))

    def killed(*_args, **_options):
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "settle", killed)
        patched.setattr(Ledger, "release", killed)
        with pytest.raises(KilledError):
            clip_of(FOX)
    assert [entry.state for entry in entries(home)] == ["reserved"]
    for _ in range(2):
        assert again(FOX).cache == "miss"
    assert [entry.state for entry in entries(home)] == ["settled"]
    assert ledger.balance("tour") == micro(1.0) - micro(CLIP_USD)
    assert calls == {FOX: 1}


def test_clip_that_was_lost_is_made_again_and_billed_once(home, ledger, calls):
    ledger.top_up("tour", micro(1.0))
    clip = clip_of(FOX)
    (home / "store" / "data" / clip.file.key).unlink()
    clip_of(FOX)
    assert calls == {FOX: 2}
    assert ledger.balance("tour") == micro(1.0) - micro(CLIP_USD)


def test_shots_at_the_same_time_never_overdraw_a_credit(ledger):
    ledger.top_up("tour", 2 * micro(CLIP_USD))

    def attempt(prompt):
        try:
            return clip_of(prompt)
        except InsufficientCreditError:
            return None

    with ThreadPoolExecutor(4) as threads:
        clips = list(threads.map(attempt, (FOX, LAKE, TOWER, "a fourth")))
    assert sum(clip is not None for clip in clips) == 2
    assert ledger.balance("tour") == 0


def test_machines_that_share_a_store_are_told_once_to_share_a_ledger(caplog):
    detail = purchase.Detail(renderer="prompted")
    with caplog.at_level(logging.WARNING, logger="tasks.storage.purchase"):
        for event in ("a", "b"):
            with purchase.paying(event, "tour", 0.5, detail, store_url="s3://films/team"):
                pass
    (told,) = [record.getMessage() for record in caplog.records]
    assert "SONGFILM_CATALOGUE_URL" in told


def test_store_on_this_machine_needs_no_such_word(caplog):
    with purchase.paying("a", "tour", 0.5, purchase.Detail(), store_url=str(Path.cwd())):
        pass
    assert not caplog.records
