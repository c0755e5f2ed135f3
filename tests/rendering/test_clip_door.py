"""The rendering door: which clips it makes, which it finds, and what each is said to cost."""

import os
import time

import pytest
from support.prompted_films import (
    ALIKE,
    CLIP_S,
    CLIP_USD,
    FOX,
    LAKE,
    TOWER,
    count_calls,
    make_recipe,
)

from flows.library import estimate
from recipe_schema.assembly import FilmFormat
from recipe_schema.farm import Production
from recipe_schema.forms import FarmOptions, LibraryOptions
from tasks.assembly.task import plan_clips
from tasks.errors import RunCancelledError
from tasks.rendering.task import find_clips, lend_clips, render_shot, settled
from tasks.storage import open_store
from tasks.storage.keys import clip_key

FILM = FilmFormat(width_px=160, height_px=90, fps="24")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path))
    monkeypatch.delenv("SONGFILM_STORE", raising=False)


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    return count_calls(monkeypatch)


def clip_of(recipe, *, number=0, renderer="prompted", film_run=None, **library):
    """Let the door make or find the clip of one shot."""
    if isinstance(recipe, str):
        recipe = make_recipe(recipe)
    shot = recipe.shot_list[number]
    return render_shot.fn(
        shot,
        recipe=recipe,
        span=plan_clips(recipe, FILM, analysis=None)[number],
        film=FILM,
        analysis=None,
        renderer=renderer,
        store=None,
        library=LibraryOptions(**library),
        film_run=film_run,
    )


def found(recipe, **options):
    spans = {span.shot_id: span for span in plan_clips(recipe, FILM, analysis=None)}
    library = LibraryOptions(**options)
    clips = find_clips(
        recipe.shot_list,
        recipe=recipe,
        spans=spans,
        film=FILM,
        analysis=None,
        renderer="prompted",
        store=None,
        library=library,
    )
    return [clip for _, clip in clips.values()]


def test_clip_says_what_it_took_cost_and_showed(monkeypatch):
    monkeypatch.setenv("SONGFILM_USD_PER_HOUR", "2.4")
    clip = clip_of(f" {FOX}")
    assert clip.cost == pytest.approx(CLIP_USD + CLIP_S / 3600 * 2.4)
    assert (clip.seconds, clip.prompt, clip.cache) == (CLIP_S, FOX, "miss")


def test_film_that_reuses_nothing_pays_again_but_only_once(calls):
    clip_of(FOX)
    fresh = clip_of(FOX, reuse_clips=False, film_run="film-b")
    assert (fresh.cache, fresh.cost) == ("miss", pytest.approx(CLIP_USD))
    assert clip_of(FOX, reuse_clips=False, film_run="film-b") == fresh
    assert calls[FOX] == 2
    assert clip_of(FOX, film_run="film-c").cache == "hit"
    assert calls[FOX] == 2


def test_other_tenant_pays_for_itself(calls, monkeypatch):
    clip_of(FOX)
    assert clip_of(FOX, tenant="other").cache == "miss"
    monkeypatch.setenv("SONGFILM_TENANT", "third")
    assert clip_of(FOX).cache == "miss"
    assert clip_of(FOX, tenant="shared").cache == "hit"
    assert calls[FOX] == 3


def test_tenant_is_settled_once_for_all_workers_of_a_film(monkeypatch):
    monkeypatch.setenv("SONGFILM_TENANT", "here")
    assert settled(LibraryOptions(project="tour")) == LibraryOptions(project="tour", tenant="here")
    assert settled(LibraryOptions(tenant="there")).tenant == "there"


def test_clip_that_nobody_used_for_too_long_is_made_anew(calls, monkeypatch):
    listed = open_store().path(clip_key(clip_of(FOX).fingerprint, tenant="shared"))
    then = time.time() - 31 * 86_400
    os.utime(listed, (then, then))
    assert clip_of(FOX).cache == "hit"
    os.utime(listed, (then, then))
    monkeypatch.setenv("SONGFILM_CLIP_DAYS", "30")
    assert clip_of(FOX).cache == "miss"
    assert clip_of(FOX).cache == "hit"
    assert calls[FOX] == 2


def test_other_recipe_seed_is_another_take(calls):
    clip_of(FOX)
    assert clip_of(make_recipe(FOX, seed=4)).cache == "miss"
    assert calls[FOX] == 2


def test_similar_clip_stands_in_only_where_it_is_allowed(calls):
    made = clip_of(FOX)
    clip = clip_of(ALIKE, near=0.9)
    assert (clip.cache, clip.file) == ("hit", made.file)
    assert clip.near_of == clip_of(ALIKE).fingerprint
    assert calls == {FOX: 1, ALIKE: 1}


def test_similar_clip_is_found_before_a_machine_is_asked(calls):
    clip_of(FOX)
    near, missing = found(make_recipe(ALIKE, LAKE), near=0.9)
    assert near.near_of is not None
    assert missing is None


def test_pinned_seed_takes_no_similar_clip(calls):
    clip_of(FOX)
    recipe = make_recipe(ALIKE)
    pinned = recipe.shot_list[0].model_copy(update={"seed": 11})
    clip_of(recipe.model_copy(update={"shot_list": (pinned,)}), near=0.5)
    assert calls[ALIKE] == 1


def test_painters_clips_never_stand_in_for_each_other():
    for words in (FOX, ALIKE):
        clip = clip_of(words, renderer="procedural", near=0.5)
        assert (clip.cache, clip.near_of) == ("miss", None)


def test_clips_of_the_old_film_can_be_lent_to_one_that_reuses_nothing(calls):
    made = clip_of(FOX)
    options = LibraryOptions(reuse_clips=False)
    gone = lend_clips([made.fingerprint, "0" * 64], film_run="film-b", store=None, library=options)
    assert gone == ("0" * 64,)
    assert clip_of(FOX, reuse_clips=False, film_run="film-b").cache == "hit"
    assert calls[FOX] == 1


def test_fault_of_the_agent_cache_is_a_warning_of_the_clip_and_degrades_nothing(monkeypatch):
    monkeypatch.setattr("tasks.storage.agent_cache._resting", {})
    monkeypatch.setenv("SONGFILM_AGENT_CACHE_URL", "http://127.0.0.1:9/api")
    clip = clip_of(FOX)
    assert clip.cache == "miss"
    assert clip.fallback is None
    assert "AgentCache at 127.0.0.1:9 did not answer" in clip.warnings[0]


def test_estimate_tells_what_the_store_has_and_what_that_saves():
    job = Production(
        recipe=make_recipe(FOX, LAKE, TOWER),
        analysis=None,
        film=FILM,
        renderer="prompted",
        store=None,
        farm=FarmOptions(),
        film_run="film-x",
    )
    assert estimate(job) == "Estimate: none yet; no clip of prompted was measured in this store."
    clip_of(FOX)
    clip_of(LAKE)
    # 24 frames are missing, at what a frame of 25 took and cost.
    assert estimate(job) == (
        "Estimate: 3 s of rendering, $0.50, shared by all workers (from 2 measured clips of "
        "prompted). The store has 2 of 3 clips already, which saves $1.04 and 6 s of rendering."
    )
    everything = job.model_copy(update={"recipe": make_recipe(FOX)})
    assert estimate(everything).startswith("Estimate: nothing is left to render. The store has 1")


def job_of(recipe, **library):
    return Production(
        recipe=recipe,
        analysis=None,
        film=FILM,
        renderer="prompted",
        store=None,
        farm=FarmOptions(),
        library=LibraryOptions(**library),
        film_run="film-x",
    )


def test_estimate_that_cannot_be_made_says_why():
    recipe = make_recipe(FOX)
    odd = recipe.shot_list[0].model_copy(update={"renderer": "nobody"})
    assert estimate(job_of(recipe.model_copy(update={"shot_list": (odd,)}))).startswith(
        "Estimate: none; renderer 'nobody'"
    )


def test_estimate_does_not_hide_a_cancellation(monkeypatch):
    def cancelled(*_args):
        raise RunCancelledError("stop")

    monkeypatch.setattr("flows.library.find_shots", cancelled)
    with pytest.raises(RunCancelledError):
        estimate(job_of(make_recipe(FOX)))


@pytest.mark.parametrize("library", [{"tenant": "other"}, {"reuse_clips": False}])
def test_estimate_counts_no_clip_that_the_film_may_not_use(library):
    clip_of(FOX)
    assert "already" not in estimate(job_of(make_recipe(FOX), **library))
