"""Films on a real farm: PostgreSQL, server, workers; every renderer call is counted."""

from pathlib import Path

import pytest
from support.counted import Desk
from support.farm import open_farm
from support.songs import write_click_song

from deployments.farm.services import wait_until
from tasks.assembly.task import open_manifest

pytestmark = pytest.mark.services

FILM = {"width_px": 128, "height_px": 72, "fps": "12/1", "quality": "draft"}


@pytest.fixture(scope="module")
def farm():
    with open_farm() as live:
        yield live


@pytest.fixture(scope="module")
def counted(farm):
    return Desk(farm.home / "counted")


@pytest.fixture(scope="module", autouse=True)
def _workers(farm, counted):
    started = [farm.start_worker(pool, **counted.environment) for pool in ("films", "cpu")]
    yield
    for name in started:
        farm.stop_worker(name)


@pytest.fixture(scope="module")
def song(farm):
    return write_click_song(farm.home / "clicks.wav", 24.0)


@pytest.fixture
def desk(counted):
    counted.forget()
    yield counted
    counted.mend()


def make(farm, song, *, seed, **farm_options):
    """Start a film as the dashboard does; a seed of its own keeps films from sharing clips."""
    return farm.run(
        "music-video/music-video",
        {
            "audio": str(song),
            "renderer": "counted",
            "film": FILM,
            "style": {"seed": seed},
            "farm": {"pool": "cpu", **farm_options},
        },
    )


def manifest(farm, run):
    return open_manifest(run, store=farm.store)


def test_film_from_the_dashboard_is_made_on_the_farm(farm, song, desk):
    run = make(farm, song, seed=1)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    made = manifest(farm, run)
    shots = [shot.id for shot in made.shots]
    assert desk.calls == dict.fromkeys(shots, 1)
    assert {shot.cache for shot in made.shots} == {"miss"}
    assert sorted(child["name"] for child in farm.children(run)) == sorted(shots)
    assert made.output.path.startswith(f"films/{run}/")
    assert made.output.frames == 24 * 12
    shown = artifacts(farm, run)
    assert set(shown) == {"storyboard", "progress", "contact-sheet", "film", "film-link"}
    assert all(shot in shown["storyboard"]["data"] for shot in shots)
    assert shown["contact-sheet"]["data"].count("data:image/jpeg;base64,") == len(shots)
    assert shown["progress"]["data"] == 100.0
    assert f"/films/{run}?" in shown["film"]["data"]


def test_retry_of_the_film_renders_only_what_failed(farm, song, desk):
    desk.fail("shot_002", "shot_004")
    run = make(farm, song, seed=2)
    failed = farm.wait(run, timeout_s=180)
    assert failed["state_type"] == "FAILED"
    assert "shot_002" in failed["state"]["message"]
    assert "shot_004" in failed["state"]["message"]
    told = artifacts(farm, run)["failed-shots"]["data"]
    assert "shot_002 is meant to fail" in told
    assert "Task run failed" in told or "BrokenShotError" in told
    before = desk.calls
    desk.mend()
    farm.retry(run)
    assert farm.wait(run, "COMPLETED", timeout_s=180)
    assert desk.calls - before == {"shot_002": 1, "shot_004": 1}


def test_retry_of_the_shots_alone_finishes_the_film(farm, song, desk):
    desk.fail("shot_002", "shot_004")
    run = make(farm, song, seed=3)
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
    run = make(farm, song, seed=4, on_failure="hold")
    assert farm.wait(run, "PAUSED", timeout_s=180)
    desk.mend()
    (broken,) = [child for child in farm.children(run) if child["state_type"] == "FAILED"]
    farm.retry(broken["id"])
    assert farm.wait(run, "COMPLETED", timeout_s=180)


def test_procedural_stand_in_makes_a_degraded_film(farm, song, desk):
    desk.fail("shot_001")
    run = make(farm, song, seed=5, on_failure="procedural")
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    made = manifest(farm, run)
    assert made.status == "degraded"
    assert "meant to fail" in made.shots[0].fallback
    assert [shot.renderer for shot in made.shots[:2]] == ["procedural", "counted"]
    assert any("shot_001" in warning for warning in made.warnings)


def test_cancelled_shot_stops_at_once_and_its_engine_stays(farm, song, desk):
    desk.slow(60, "shot_001")
    run = make(farm, song, seed=6)
    shot = child_of(farm, run, "shot_001", "RUNNING")
    farm.cancel(shot["id"])
    ended = farm.wait(shot["id"], timeout_s=5, poll_s=0.1)
    assert ended["state_type"] == "CANCELLED"
    failed = farm.wait(run, timeout_s=120)
    assert failed["state_type"] == "FAILED"
    pids = {child["infrastructure_pid"] for child in farm.children(run)}
    assert len(pids) == 1


def test_cancelled_film_stops_all_its_shots(farm, song, desk):
    desk.slow(60, "shot_001")
    run = make(farm, song, seed=7)
    child_of(farm, run, "shot_001", "RUNNING")
    farm.cancel(run)
    assert farm.wait(run, timeout_s=20)["state_type"] == "CANCELLED"
    for child in farm.children(run):
        assert farm.wait(child["id"], timeout_s=20)["state_type"] == "CANCELLED"
    assert desk.calls == {"shot_001": 1}
    assert not list((farm.home / "scratch").rglob("*.mp4*"))


def test_re_roll_renders_one_shot_anew(farm, song, desk):
    run = make(farm, song, seed=8)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    again = farm.run("re-roll/re-roll", {"film": run, "shot": "shot_002", "farm": {"pool": "cpu"}})
    assert farm.wait(again, timeout_s=180)["state_type"] == "COMPLETED"
    assert desk.calls - before == {"shot_002": 1}
    first, second = manifest(farm, run), manifest(farm, again)
    changed = [a.id for a, b in zip(first.shots, second.shots, strict=True) if a.clip != b.clip]
    assert changed == ["shot_002"]


def test_clip_that_is_gone_is_made_again_on_retry(farm, song, desk):
    run = make(farm, song, seed=12)
    assert farm.wait(run, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    lost = manifest(farm, run).shots[2]
    (Path(farm.store) / "data" / lost.clip.key).unlink()
    farm.retry(run)
    assert wait_until(lambda: farm.read(run)["state_type"] != "COMPLETED", timeout_s=10)
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    assert desk.calls - before == {lost.id: 1}


def test_segments_and_batches_on_the_pool_make_the_same_film(farm, song, desk):
    plain = make(farm, song, seed=9)
    assert farm.wait(plain, timeout_s=180)["state_type"] == "COMPLETED"
    before = desk.calls
    (farm.home / "second").mkdir(exist_ok=True)
    fanned = farm.run(
        "music-video/music-video",
        {
            "audio": str(song),
            "renderer": "counted",
            "film": FILM,
            "style": {"seed": 9},
            "store": str(farm.home / "second"),
            "farm": {
                "pool": "cpu",
                "shots_per_run": 3,
                "segments_on_cpu": True,
                "priority": "urgent",
            },
        },
    )
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
        run = make(farm, song, seed=10)

        def told():
            return "cpu is paused" in str(artifacts(farm, run).get("progress"))

        assert wait_until(told, timeout_s=60), artifacts(farm, run)
    finally:
        farm.http.patch("work_pools/cpu", json={"is_paused": False}).raise_for_status()
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"


def test_deadline_ends_what_is_not_finished(farm, song, desk):
    desk.slow(60, "shot_002")
    run = make(farm, song, seed=11, deadline_hours=8 / 3600)
    ended = farm.wait(run, timeout_s=60)
    assert ended["state_type"] == "FAILED"
    assert "deadline" in ended["state"]["message"]
    for child in farm.children(run):
        assert farm.wait(child["id"], timeout_s=20)["state_type"] in ("COMPLETED", "CANCELLED")


def artifacts(farm, run):
    """What the dashboard shows of a run, by key."""
    found = farm.post("artifacts/filter", {"flow_runs": {"id": {"any_": [run]}}})
    return {artifact["key"]: artifact for artifact in found}


def child_of(farm, run, name, state):
    """The child of that name, once it is in a state."""
    found = {}

    def there():
        found.update({child["name"]: child for child in farm.children(run)})
        return name in found and found[name]["state_type"] == state

    assert wait_until(there, timeout_s=60, poll_s=0.3), farm.tails()
    return found[name]
