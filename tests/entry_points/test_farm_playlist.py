"""A list of songs on a real farm: a film each, one clear failure for the song that is none."""

from datetime import UTC, datetime, timedelta

import pytest
from support.counted import Desk
from support.farm import open_farm
from support.songs import write_click_song

from tasks.assembly.task import open_manifest

pytestmark = pytest.mark.services

CHEAP = {
    "film": {"width_px": 128, "height_px": 72, "fps": "12/1", "quality": "draft"},
    "renderer": "counted",
}
NAMES = ("1 first", "2 second", "3 broken", "10 last")


@pytest.fixture(scope="module")
def farm():
    with open_farm() as live:
        yield live


@pytest.fixture(scope="module")
def songs(farm):
    """A folder of four songs, one of which is no song."""
    folder = farm.home / "songs"
    folder.mkdir()
    for k, name in enumerate(NAMES):
        write_click_song(folder / f"{name}.wav", 6.0 + k)
    (folder / "3 broken.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE" + bytes(range(200)))
    return folder


@pytest.fixture(scope="module")
def desk(farm):
    """A renderer that costs next to nothing."""
    return Desk(farm.home / "counted")


@pytest.fixture(scope="module")
def worker(farm, desk):
    name = farm.start_worker("films", **desk.environment)
    yield name
    farm.stop_worker(name)


def scheduled(farm, parameters):
    """A run of the playlist as the server's scheduler starts it each night."""
    known = farm.get("deployments/name/playlist/playlist")
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    nightly = {"interval": 86_400, "anchor_date": soon, "timezone": "UTC"}
    schedules = f"deployments/{known['id']}/schedules"
    told = {"schedule": nightly, "active": True, "parameters": parameters, "slug": "test"}
    farm.http.post(schedules, json=[told]).raise_for_status()
    # What the server's scheduler does at its next round, within a minute.
    farm.post(f"deployments/{known['id']}/schedule", {"max_runs": 1})
    tonight, *_ = farm.runs(
        sort="EXPECTED_START_TIME_ASC",
        deployments={"id": {"any_": [known["id"]]}},
        flow_runs={"tags": {"all_": ["auto-scheduled"]}},
    )
    return tonight["id"]


def films(farm, run):
    """The film runs that a playlist started, by name."""
    tagged = farm.runs(flow_runs={"tags": {"all_": [f"playlist:{run}"]}})
    return {film["name"]: film for film in tagged}


def page(farm, run):
    found = farm.post("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return next(each["data"] for each in found if each["key"] == "playlist")


def quick(farm, songs, **parameters):
    """A playlist run to its end, as started from the dashboard."""
    told = {"songs": [str(song) for song in songs], **CHEAP, "farm": {"pool": "here"}}
    run = farm.run("playlist/playlist", {**told, **parameters})
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    return run


def test_scheduled_playlist_gives_three_films_and_one_clear_failure(farm, songs, worker):
    told = {"songs": [str(songs)], **CHEAP, "farm": {"pool": "here", "priority": "batch"}}
    run = scheduled(farm, told)
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    started = films(farm, run)
    assert list(started) == list(NAMES)
    assert {film["work_queue_name"] for film in started.values()} == {"batch"}
    assert {child["id"] for child in farm.children(run)} == {f["id"] for f in started.values()}
    ended = {name: farm.wait(film["id"], timeout_s=240) for name, film in started.items()}
    broken = ended.pop("3 broken")
    assert broken["state_type"] == "FAILED"
    assert "3 broken.wav" in broken["state"]["message"]
    assert {film["state_type"] for film in ended.values()} == {"COMPLETED"}
    for film in ended.values():
        assert open_manifest(film["id"], store=farm.store).output.frames > 0
    assert all(film["id"] in page(farm, run) for film in started.values())

    # Run again, it starts nothing twice.
    farm.retry(run)
    farm.wait(run, "RUNNING", timeout_s=60)
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    assert {film["id"] for film in films(farm, run).values()} == {
        film["id"] for film in started.values()
    }

    # The next night, only what has no film is made.
    night = quick(farm, [songs], only_new=True)
    assert list(films(farm, night)) == ["3 broken"]
    assert page(farm, night).count("is in the store") == 3


def test_list_gives_each_song_its_wishes_and_its_file(farm, songs, worker):
    listed = songs / "list.csv"
    listed.write_text("audio,title,seed,style\n1 first.wav,One,7,aurora-nocturne\n")
    run = quick(farm, [listed], folder=str(farm.home / "films"))
    film = farm.wait(films(farm, run)["One"]["id"], timeout_s=180)
    assert film["state_type"] == "COMPLETED", film["state"]["message"]
    assert film["parameters"]["style"] == {"aesthetic": "aurora-nocturne", "seed": 7, "pace": 1.0}
    assert (farm.home / "films" / "One.mp4").is_file()
    listed.unlink()


def test_reviewed_films_wait_beside_the_playlist_and_count_as_under_way(farm, songs, worker):
    new = write_click_song(farm.home / "new.wav", 7.5)
    run = quick(farm, [new], review=True)
    film = films(farm, run)["new"]
    farm.wait(film["id"], "PAUSED", timeout_s=120)
    assert farm.children(run) == []
    again = quick(farm, [new], only_new=True)
    assert films(farm, again) == {}
    assert "film new is under way" in page(farm, again)
    farm.cancel(film["id"])


def test_list_that_cannot_be_read_fails_the_playlist_with_the_reason(farm, songs, worker):
    run = farm.run("playlist/playlist", {"songs": [str(songs / "gone.m3u")]})
    ended = farm.wait(run, timeout_s=60)
    assert ended["state_type"] == "FAILED"
    assert "does not exist" in ended["state"]["message"]
