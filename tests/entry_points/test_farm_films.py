"""Films on a real farm: PostgreSQL, server, workers; every renderer call is counted."""

from pathlib import Path

import pytest
from support.songs import write_click_song

from deployments.farm.services import wait_until
from tasks.assembly.task import open_manifest

pytestmark = pytest.mark.services


@pytest.fixture(scope="module", autouse=True)
def _workers(farm, counted):
    with farm.staffed("films", "cpu", **counted.environment):
        yield


@pytest.fixture(scope="module")
def song(farm):
    return write_click_song(farm.home / "clicks.wav", 24.0)


def manifest(farm, run):
    return open_manifest(run, store=farm.store)


def test_film_from_the_dashboard_is_made_on_the_farm(farm, song, desk):
    run = farm.film(song, seed=1)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    made = manifest(farm, run)
    shots = [shot.id for shot in made.shots]
    assert desk.calls == dict.fromkeys(shots, 1)
    assert {shot.cache for shot in made.shots} == {"miss"}
    assert sorted(child["name"] for child in farm.children(run)) == sorted(shots)
    assert made.output.path.startswith(f"films/{run}/")
    assert made.output.frames == 24 * 12
    shown = farm.artifacts(run)
    assert set(shown) == {"storyboard", "progress", "contact-sheet", "film", "film-link"}
    assert all(shot in shown["storyboard"]["data"] for shot in shots)
    assert shown["contact-sheet"]["data"].count("data:image/jpeg;base64,") == len(shots)
    assert shown["progress"]["data"] == 100.0
    assert f"/films/{run}?" in shown["film"]["data"]


def test_retry_of_the_film_renders_only_what_failed(farm, song, desk):
    desk.fail("shot_002", "shot_004")
    run = farm.film(song, seed=2)
    failed = farm.wait(run, timeout_s=180)
    assert failed["state_type"] == "FAILED"
    assert "shot_002" in failed["state"]["message"]
    assert "shot_004" in failed["state"]["message"]
    told = farm.artifacts(run)["failed-shots"]["data"]
    assert "shot_002 is meant to fail" in told
    assert "Task run failed" in told or "BrokenShotError" in told
    before = desk.calls
    desk.mend()
    farm.retry(run)
    assert farm.wait(run, "COMPLETED", timeout_s=180)
    assert desk.calls - before == {"shot_002": 1, "shot_004": 1}


def test_retry_of_the_shots_alone_finishes_the_film(farm, song, desk):
    desk.fail("shot_002", "shot_004")
    run = farm.film(song, seed=3)
    assert farm.wait(run, timeout_s=180)["state_type"] == "FAILED"
    before = desk.calls
    desk.mend()
    for child in farm.children(run):
        if child["state_type"] == "FAILED":
            farm.retry(child["id"])
    assert farm.wait(run, "COMPLETED", timeout_s=180)
    assert desk.calls - before == {"shot_002": 1, "shot_004": 1}


def test_held_film_goes_on_when_its_shot_is_mended(farm, song, desk):
    desk.fail("shot_003")
    run = farm.film(song, seed=4, farm={"on_failure": "hold"})
    assert farm.wait(run, "PAUSED", timeout_s=180)
    desk.mend()
    (broken,) = [child for child in farm.children(run) if child["state_type"] == "FAILED"]
    farm.retry(broken["id"])
    assert farm.wait(run, "COMPLETED", timeout_s=180)


def test_procedural_stand_in_makes_a_degraded_film(farm, song, desk):
    desk.fail("shot_001")
    run = farm.film(song, seed=5, farm={"on_failure": "procedural"})
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    made = manifest(farm, run)
    assert made.status == "degraded"
    assert "meant to fail" in made.shots[0].fallback
    assert [shot.renderer for shot in made.shots[:2]] == ["procedural", "counted"]
    assert any("shot_001" in warning for warning in made.warnings)


def test_cancelled_shot_stops_at_once_and_its_engine_stays(farm, song, desk):
    desk.slow(60, "shot_001")
    run = farm.film(song, seed=6)
    shot = child_of(farm, run, "shot_001", "RUNNING")
    farm.cancel(shot["id"])
    ended = farm.wait(shot["id"], timeout_s=5, poll_s=0.1)
    assert ended["state_type"] == "CANCELLED"
    failed = farm.wait(run, timeout_s=120)
    assert failed["state_type"] == "FAILED"
    pids = {child["infrastructure_pid"] for child in farm.children(run)}
    assert len(pids) == 1


def test_cancelled_film_stops_all_its_shots(farm, song, desk):
    scratch = farm.home / "scratch"
    before = set(scratch.rglob("*.mp4*"))
    desk.slow(60, "shot_001")
    run = farm.film(song, seed=7)
    child_of(farm, run, "shot_001", "RUNNING")
    farm.cancel(run)
    assert farm.wait(run, timeout_s=20)["state_type"] == "CANCELLED"
    for child in farm.children(run):
        assert farm.wait(child["id"], timeout_s=20)["state_type"] == "CANCELLED"
    assert desk.calls == {"shot_001": 1}
    assert set(scratch.rglob("*.mp4*")) <= before


def test_re_roll_renders_one_shot_anew(farm, song, desk):
    run = farm.film(song, seed=8)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    again = farm.run("re-roll/re-roll", {"film": run, "shot": "shot_002", "farm": {"pool": "cpu"}})
    assert farm.wait(again, timeout_s=180)["state_type"] == "COMPLETED"
    assert desk.calls - before == {"shot_002": 1}
    first, second = manifest(farm, run), manifest(farm, again)
    changed = [a.id for a, b in zip(first.shots, second.shots, strict=True) if a.clip != b.clip]
    assert changed == ["shot_002"]


def test_clip_that_is_gone_is_made_again_on_retry(farm, song, desk):
    run = farm.film(song, seed=12)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    lost = manifest(farm, run).shots[2]
    (Path(farm.store) / "data" / lost.clip.key).unlink()
    farm.retry(run)
    assert wait_until(lambda: farm.read(run)["state_type"] != "COMPLETED", timeout_s=10)
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    assert desk.calls - before == {lost.id: 1}


def test_segments_and_batches_on_the_pool_make_the_same_film(farm, song, desk):
    plain = farm.film(song, seed=9)
    assert farm.wait(plain, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    (farm.home / "second").mkdir(exist_ok=True)
    options = {"shots_per_run": 3, "segments_on_cpu": True, "priority": "urgent"}
    fanned = farm.film(song, seed=9, farm=options, store=str(farm.home / "second"))
    assert farm.wait(fanned, timeout_s=180)["state_type"] == "COMPLETED"
    assert desk.calls - before == before
    other = open_manifest(fanned, store=str(farm.home / "second"))
    assert other.output.sha256 == manifest(farm, plain).output.sha256
    children = farm.children(fanned)
    assert "segments" in {child["name"].split()[0] for child in children}
    batches = [child for child in children if " to " in child["name"]]
    assert {child["work_queue_name"] for child in batches} == {"urgent"}


def test_paused_pool_is_told_and_the_film_goes_on_when_it_is_resumed(farm, song, desk):
    farm.http.patch("work_pools/cpu", json={"is_paused": True}).raise_for_status()
    try:
        run = farm.film(song, seed=10)

        def told():
            return "cpu is paused" in str(farm.artifacts(run).get("progress"))

        assert wait_until(told, timeout_s=60), farm.artifacts(run)
    finally:
        farm.http.patch("work_pools/cpu", json={"is_paused": False}).raise_for_status()
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"


def test_deadline_ends_what_is_not_finished(farm, song, desk):
    desk.slow(60, "shot_002")
    run = farm.film(song, seed=11, farm={"deadline_hours": 8 / 3600})
    ended = farm.wait(run, timeout_s=60)
    assert ended["state_type"] == "FAILED"
    assert "deadline" in ended["state"]["message"]
    for child in farm.children(run):
        assert farm.wait(child["id"], timeout_s=20)["state_type"] in ("COMPLETED", "CANCELLED")


def test_stand_ins_fill_what_the_deadline_cut_off(farm, song, desk):
    desk.slow(60, "shot_002")
    options = {"deadline_hours": 8 / 3600, "on_failure": "procedural"}
    run = farm.film(song, seed=13, farm=options)
    assert farm.wait(run, timeout_s=90)["state_type"] == "COMPLETED"
    made = manifest(farm, run)
    assert made.status == "degraded"
    (stand_in,) = [shot for shot in made.shots if shot.id == "shot_002"]
    assert stand_in.renderer == "procedural"
    assert "deadline" in stand_in.fallback


def child_of(farm, run, name, state):
    """The child of that name, once it is in a state."""
    found = {}

    def there():
        found.update({child["name"]: child for child in farm.children(run)})
        return name in found and found[name]["state_type"] == state

    assert wait_until(there, timeout_s=60, poll_s=0.3), farm.tails()
    return found[name]
