"""Garbage collection takes what nobody needs, and nothing else."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from support.analyses import make_analysis
from support.stock import EXPIRED, GRACE, OLD, YOUNG, Stock

from tasks.assembly.segments import Segment
from tasks.assembly.task.segments import recall
from tasks.errors import BadInputError
from tasks.storage import open_store
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.garbage.collection import plan_forgetting, plan_sweep, sweep
from tasks.storage.garbage.plan import Rules
from tasks.storage.garbage.reach import UnclearError
from tasks.storage.in_use import SEGMENT_DAYS, in_use
from tasks.storage.keys import (
    analysis_key,
    clip_key,
    film_key,
    manifest_key,
    review_key,
    segment_key,
    song_key,
    traits_key,
)
from tasks.storage.lease import leased
from tasks.storage.shares import make_share, revoke_share
from tasks.storage.store import (
    keep_file,
    keep_model,
    to_json,
)


@pytest.fixture
def stock(store, tmp_path):
    return Stock(store, tmp_path / "making")


@pytest.fixture
def local(tmp_path):
    return Stock(open_store(str(tmp_path / "folder")), tmp_path / "making")


def test_films_and_live_clips_stay_and_the_rest_goes_in_every_kind_of_store(stock):
    shown, live, dead = stock.clip(1, EXPIRED), stock.clip(2), stock.clip(3, EXPIRED)
    piece, old_piece = stock.segment(1), stock.segment(2, SEGMENT_DAYS + OLD)
    film = stock.film("run-1", clips=[shown], segments=[old_piece])
    junk, young_junk = stock.file("junk"), stock.file("young junk", YOUNG)
    gone = stock.collect()
    assert stock.opens(film)
    assert stock.has(live.file)
    assert stock.has(piece.file)
    assert stock.has(young_junk)
    shelf = ClipShelf(stock.store, tenant="band", days=90)
    assert shelf.find(live.fingerprint) == live
    assert shelf.find(dead.fingerprint) is None
    assert {junk.key, dead.file.key, old_piece.file.key} <= gone
    assert segment_key(old_piece.key) in gone
    assert [card.fingerprint for card in shelf.relatives("kin", newest=9)] == [live.fingerprint]
    assert stock.collect() == set()


def test_nothing_is_changed_by_a_plan(local):
    local.file("junk")
    local.clip(1, EXPIRED)
    before = local.store.keys()
    plan = plan_sweep(local.store, Rules(now=time.time()))
    assert local.store.keys() == before
    counts = {kind: count for kind, (count, _) in plan.by_kind().items()}
    assert counts == {"clip": 1, "similar": 1, "file": 2}
    assert plan.by_kind()["file"][1] == len("junk") + len("clip 1")


def test_traits_go_with_their_clips(local):
    shown, dead = local.clip(1), local.clip(2, EXPIRED)
    keys = [traits_key(digest, "v1") for digest in (shown.file.sha256, dead.file.sha256, "0" * 64)]
    young = traits_key("1" * 64, "v1")
    for key, days in ((keys[0], OLD), (keys[1], OLD), (keys[2], OLD), (young, YOUNG)):
        local.store.put_bytes(key, b"{}")
        local.store.age(key, days)
    gone = local.collect()
    assert {key for key in gone if key.startswith("traits/")} == set(keys[1:])
    assert dead.file.key in gone


def test_grace_below_an_hour_is_refused():
    with pytest.raises(BadInputError, match=r"0\.5 hours.*1 hour"):
        Rules(now=0.0, grace_s=1800)
    with pytest.raises(BadInputError):
        Rules(now=0.0, grace_s=float("nan"))


def test_clip_goes_a_grace_time_after_films_stop_believing_in_it(local):
    """Workers refuse clips of 90 days: between that and the sweep nobody can be about to use it."""
    clip = local.clip(1, 90 + GRACE - 0.01)
    assert ClipShelf(local.store, tenant="band", days=90).find(clip.fingerprint) is None
    assert local.collect() == set()
    local.store.age(clip_key(clip.fingerprint, tenant="band"), 90 + GRACE + 0.01)
    assert clip.file.key in local.collect()


def test_segment_in_use_is_renewed_and_an_old_one_not_believed(local):
    key = segment_key(local.segment(1, SEGMENT_DAYS - 1).key)
    assert in_use(local.store, key, days=SEGMENT_DAYS)
    assert time.time() - local.store.stat(key).modified < 60
    local.store.age(key, SEGMENT_DAYS + 0.01)
    assert not in_use(local.store, key, days=SEGMENT_DAYS)
    assert not in_use(local.store, segment_key("0" * 64), days=SEGMENT_DAYS)


def test_film_composes_a_segment_again_that_no_film_used_for_a_month(local):
    record = local.segment(1, SEGMENT_DAYS - 1)
    wanted = Segment(start_frame=60, end_frame=120, key=record.key)
    found = recall(local.store, wanted)
    assert (found.file, found.start_frame, found.cache) == (record.file, 60, "hit")
    local.store.age(segment_key(record.key), SEGMENT_DAYS + 0.01)
    assert recall(local.store, wanted) is None


def test_songs_and_what_was_heard_in_them_stay(local):
    song, curves = local.file("song", EXPIRED), local.file("curves", EXPIRED)
    heard = make_analysis().model_copy(update={"curves": curves})
    heard = heard.model_copy(update={"song": heard.song.model_copy(update={"sha256": song.sha256})})
    local.store.put_bytes(analysis_key(song.sha256, "v1", listeners={}), to_json(heard).encode())
    added = local.file("added song", EXPIRED)
    local.store.put_bytes(song_key(added.sha256, "my song.mp3"), b"added song")
    local.store.age_all(EXPIRED)
    assert local.collect() == set()


def test_recipe_that_waits_for_somebody_keeps_its_analysis_and_curves(local):
    curves = local.file("curves", EXPIRED)
    analysis = keep_model(local.store, make_analysis().model_copy(update={"curves": curves}))
    local.store.age(analysis.key, EXPIRED)
    recipe = {"metadata": {"beats_source": f"analysis:{analysis.sha256}"}, "shot_list": []}
    local.store.put_bytes(review_key("waiting", "proposed"), json.dumps(recipe).encode())
    local.store.age(review_key("waiting", "proposed"), EXPIRED)
    assert local.collect() == set()
    local.store.delete(review_key("waiting", "proposed"))
    assert local.collect() == {analysis.key, curves.key}


def test_documents_that_a_waiting_run_names_stay_for_a_month(local):
    kept = keep_model(local.store, make_analysis())
    local.store.age(kept.key, 29)
    assert local.collect() == set()
    local.store.age(kept.key, 32)
    assert local.collect() == {kept.key}


@pytest.mark.parametrize(
    "data",
    [b"# warm\nLUT_3D_SIZE 2\n0 0 0\n", b"\x00\x01\x00\x00 a font", b"[00:01.00]la\n"],
    ids=["colour table", "font", "lyrics"],
)
def test_what_is_laid_over_a_film_that_waits_stays_with_its_plan(local, data):
    path = local.folder / "dress"
    path.write_bytes(data)
    ref = keep_file(local.store, path, "application/octet-stream")
    local.store.age(ref.key, 2)
    # A run may name it in its parameters, as those of a playlist do.
    assert local.collect() == set()
    local.store.age(ref.key, 60)
    plan = {"assembly_instructions": {"grade": {"lut": ref.key}}}
    (local.folder / "plan").write_text(json.dumps(plan))
    kept = keep_file(local.store, local.folder / "plan", "application/json")
    local.store.age(kept.key, 2)
    assert local.collect() == set()
    local.store.age(kept.key, 32)
    assert local.collect() == {kept.key, ref.key}


def test_analysis_that_a_waiting_run_names_keeps_its_curves(local):
    curves = local.file("curves", EXPIRED)
    analysis = keep_model(local.store, make_analysis().model_copy(update={"curves": curves}))
    plan = {"metadata": {"beats_source": f"analysis:{analysis.sha256}"}, "shot_list": []}
    (local.folder / "plan").write_text(json.dumps(plan))
    kept = keep_file(local.store, local.folder / "plan", "application/json")
    local.store.age(analysis.key, EXPIRED)
    local.store.age(kept.key, 2)
    assert local.collect() == set()


def test_files_of_a_film_that_was_never_finished_go(local):
    local.store.put_bytes(film_key("dead", "song.mp4"), b"film")
    local.store.put_bytes(review_key("dead", "approved"), b"{}")
    local.store.age_all(OLD)
    assert local.collect() == {film_key("dead", "song.mp4")}


def test_leases_of_the_dead_and_links_that_ended_go(local):
    now = datetime.now(UTC)

    def share(days, *, revoked=False):
        made = make_share(local.store, film="run", now=now, expires=now + timedelta(days=days))
        if revoked:
            revoke_share(local.store, made.id, now=now - timedelta(days=2))
        local.store.age(f"shares/{made.id}.json", OLD)
        return f"shares/{made.id}.json"

    open_one, ended, just_ended, revoked = share(5), share(-2), share(-0.5), share(9, revoked=True)
    local.store.put_bytes("leases/clip-x/00000001", b"{}")
    local.store.put_bytes("leases/clip-y/00000001", b"{}")
    local.store.age("leases/clip-x/00000001", OLD)
    local.store.put_bytes("shares/strange.json", b'{"expires": "long ago"}')
    local.store.age("shares/strange.json", OLD)
    gone = local.collect()
    assert gone == {ended, revoked, "leases/clip-x/00000001"}
    assert {open_one, just_ended, "shares/strange.json"} <= local.store.keys()


def test_lease_can_be_taken_after_its_old_record_was_swept(local):
    with leased(local.store, "clip-x", ready=lambda: None):
        pass
    local.store.put_bytes("leases/clip-x/00000009", b"{}")
    local.store.age("leases/clip-x/00000009", OLD)
    local.collect()
    with leased(local.store, "clip-x", ready=lambda: None) as found:
        assert found is None


@pytest.mark.parametrize(
    ("key", "data", "told"),
    [
        (manifest_key("torn"), b'{"run_id": ', "not readable.*gc --film torn --delete"),
        (manifest_key("list"), b"[]", "not readable.*gc --film list --delete"),
        (manifest_key("odd"), b'{"run_id": "odd"}', "not a film's manifest.*gc --film odd"),
        (manifest_key("new"), b'{"schema_version": 99}', "newer songfilm.*version is 99"),
        (clip_key("a" * 64), b"\x00torn", "clips/.*not readable"),
        (segment_key("a" * 64), b"torn", "segments/.*not readable"),
        (analysis_key("a" * 64, "v1", listeners={}), b"torn", "analyses/.*not readable"),
        (review_key("run", "proposed"), b"torn", "review.*not readable"),
    ],
)
def test_what_cannot_be_read_stops_the_sweep(key, data, told, local):
    local.file("junk")
    local.store.put_bytes(key, data)
    with pytest.raises(UnclearError, match=told) as caught:
        local.collect()
    assert "nothing was deleted" in str(caught.value)


def test_entry_of_an_unknown_shape_holds_the_files_that_it_names(local):
    ref = local.file("clip of tomorrow")
    entry = {"schema_version": 7, "takes": [{"file": {"digest": ref.sha256}}]}
    local.store.put_bytes(clip_key("a" * 64), json.dumps(entry).encode())
    assert local.collect() == set()


def test_film_whose_analysis_is_lost_is_told_and_keeps_the_rest(local):
    film = local.film("run-1", clips=[local.clip(1, EXPIRED)])
    local.store.delete(film.analysis.key)
    told = Rules(now=time.time())
    plan = plan_sweep(local.store, told)
    assert plan.notes == (f"a film names {film.analysis.key}, which the store has not",)
    sweep(local.store, plan, told)
    assert local.has(film.song)
    assert local.has(film.shots[0].clip)


def test_uploads_that_nobody_ended_are_dropped_with_the_rest(local):
    asked = []

    def abort(older_than_s: float) -> int:
        asked.append(older_than_s)
        return 2

    local.store.abort_unfinished = abort
    told = Rules(now=time.time(), grace_s=7200)
    assert sweep(local.store, plan_sweep(local.store, told), told).uploads == 2
    assert asked == [7200]


def test_forgotten_film_goes_with_its_files_and_then_its_clips(local):
    shared, own = local.clip(1, EXPIRED), local.clip(2, EXPIRED)
    kept = local.film("kept", clips=[shared])
    lost = local.film("lost", clips=[shared, own])
    told = Rules(now=time.time())
    plan = plan_forgetting(local.store, "lost")
    assert plan.doomed[0].info.key == manifest_key("lost")
    assert sweep(local.store, plan, told).gone == 6
    gone = local.collect()
    assert own.file.key in gone
    assert lost.analysis.key in gone
    assert local.opens(kept)


@pytest.mark.parametrize("run", ["nobody", "../escape", ""])
def test_forgetting_a_film_that_is_not_there_is_refused(run, local):
    with pytest.raises(BadInputError, match="songfilm history"):
        plan_forgetting(local.store, run)
