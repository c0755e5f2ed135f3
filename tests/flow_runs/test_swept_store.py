"""A store from which garbage was collected still has all that its films need."""

import os
import time

import pytest
from support.prompted_films import FOX, LAKE, count_calls, make_recipe
from support.songs import write_click_song

from flows.re_roll import re_roll
from flows.render_video import render_video
from recipe_schema.versions import dump
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.garbage.collection import plan_sweep, sweep
from tasks.storage.garbage.plan import Rules


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    return count_calls(monkeypatch)


@pytest.mark.services
def test_film_of_two_months_ago_takes_a_new_shot_and_renders_nothing_else(tmp_path, tiny, calls):
    recipe = make_recipe(FOX, LAKE)
    song = write_click_song(tmp_path / "song.wav", recipe.metadata.duration)
    told = {"recipe": dump(recipe), "audio": str(song), "renderer": "prompted", "film": tiny}
    made = render_video(**told, out=str(tmp_path / "a.mp4"))
    store = open_store(Settings().store_url)
    then = time.time() - 60 * 86_400
    for folder in ("blobs", "clips", "near", "segments", "analyses", "films"):
        for info in store.list(folder):
            os.utime(store.path(info.key), (then, then))
    rules = Rules(now=time.time())
    plan = plan_sweep(store, rules)
    assert plan.by_kind()["segment"][0] == len(made.segments)
    assert "clip" not in plan.by_kind()
    sweep(store, plan, rules)
    song.unlink()
    again = re_roll(film=made.run_id, shot="shot_002", out=str(tmp_path / "b.mp4"))
    assert calls == {FOX: 1, LAKE: 2}
    assert [shot.cache for shot in again.shots] == ["hit", "miss"]
    assert {segment.cache for segment in again.segments} == {"miss"}
