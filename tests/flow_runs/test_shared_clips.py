"""Films of different songs share the clips of a prompted model, and say what that saved."""

import pytest
from support.prompted_films import ALIKE, CLIP_USD, FOX, LAKE, TOWER, count_calls, make_recipe
from support.songs import write_click_song

from flows import dispatch
from flows.re_roll import re_roll
from flows.render_video import render_video
from recipe_schema.farm import Production
from recipe_schema.forms import FarmOptions, LibraryOptions
from recipe_schema.versions import dump
from recipe_schema.vocabulary import RenderPool


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    return count_calls(monkeypatch)


@pytest.fixture
def film(tmp_path, tiny):
    def make(name, bpm, recipe, **library):
        song = write_click_song(tmp_path / f"{name}.wav", recipe.metadata.duration, bpm=bpm)
        return render_video(
            recipe=dump(recipe),
            audio=str(song),
            renderer="prompted",
            film=tiny,
            library=LibraryOptions(project="tour", **library),
            out=str(tmp_path / f"{name}.mp4"),
        )

    return make


@pytest.mark.services
def test_films_of_two_songs_share_clips_and_tell_what_that_saved(film, tmp_path, calls):
    first = film("one", 120.0, make_recipe(FOX, LAKE))
    assert sum(shot.cost for shot in first.shots) == pytest.approx(2 * CLIP_USD)
    spaced = f" {LAKE.replace(' ', '  ')}"
    other = make_recipe(spaced, TOWER, ALIKE, look="storm", theme="tunnel", energy=0.9)
    second = film("two", 97.0, other, near=0.9)
    assert calls == {FOX: 1, LAKE: 1, TOWER: 1}
    assert [shot.cache for shot in second.shots] == ["hit", "miss", "hit"]
    assert [shot.cost for shot in second.shots] == [0.0, pytest.approx(CLIP_USD), 0.0]
    assert sum(shot.saved_usd for shot in second.shots) == pytest.approx(2 * CLIP_USD)
    assert sum(shot.saved_s for shot in second.shots) == pytest.approx(6.0)
    assert (second.settings["project"], second.settings["tenant"]) == ("tour", "shared")
    _says_what_stood_in(second, first, (tmp_path / "two.report.html").read_text())


def _says_what_stood_in(second, first, report):
    """The similar clip is named in the manifest and on the report; the film is not degraded."""
    assert [shot.near_of is not None for shot in second.shots] == [False, False, True]
    assert second.shots[2].fingerprint == first.shots[0].fingerprint
    assert second.status == "complete"
    (told,) = [line for line in second.warnings if line.startswith("shot_003")]
    assert FOX in told
    assert ALIKE in told
    assert "similarity 0.9" in told
    for line in (
        "2 of 3, 1 of them of similar words",
        "$1.04 and 6 s of rendering",
        "a clip of similar words from the store",
    ):
        assert line in report


@pytest.mark.services
def test_new_take_of_a_shot_leaves_the_others_though_nothing_else_is_reused(film, tmp_path, calls):
    made = film("film", 120.0, make_recipe(FOX, LAKE), reuse_clips=False)
    again = re_roll(film=made.run_id, shot="shot_002", out=str(tmp_path / "b.mp4"))
    assert calls == {FOX: 1, LAKE: 2}
    assert [shot.cache for shot in again.shots] == ["hit", "miss"]
    assert (again.settings["project"], again.settings["reuse_clips"]) == ("tour", False)


@pytest.mark.parametrize("size", [1, 3])
def test_runs_that_a_film_asks_for_carry_its_library(tiny, size):
    library = LibraryOptions(project="tour", reuse_clips=False, near=0.9, tenant="band")
    job = Production(
        recipe=make_recipe(FOX, LAKE),
        analysis=None,
        film=tiny,
        renderer="prompted",
        store=None,
        farm=FarmOptions(pool=RenderPool.GPU, shots_per_run=size),
        library=library,
        film_run="film-x",
    )
    children = dispatch._children(job, {"shot_001": "a", "shot_002": "b"}, {"shot_001"})
    told = children["shot_001"].parameters["library"]
    assert LibraryOptions.model_validate(told) == library
