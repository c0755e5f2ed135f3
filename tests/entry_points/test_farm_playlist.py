"""A list of songs on a real farm: a film each, one clear failure for the song that is none."""

from datetime import UTC, datetime, timedelta

import pytest
from support.farm import SMALL
from support.songs import write_click_song

from deployments.farm.services import wait_until
from tasks.assembly.task import open_manifest

pytestmark = pytest.mark.services

CHEAP = {"film": SMALL, "renderer": "counted"}
NAMES = ("1 first", "2 second", "3 broken", "10 last")


@pytest.fixture(scope="module")
def songs(farm):
    """A folder of four songs, one of which is no song."""
    folder = farm.home / "songs"
    folder.mkdir()
    for k, name in enumerate(NAMES):
        write_click_song(folder / f"{name}.wav", 6.0 + k)
    (folder / "3 broken.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE" + bytes(range(200)))
    return folder


@pytest.fixture(scope="module", autouse=True)
def _worker(farm, counted):
    with farm.staffed("films", **counted.environment):
        yield


@pytest.fixture
def schedule(farm):
    """Puts a schedule on the playlist, as its page does; it is gone after the test."""
    playlist = farm.get("deployments/name/playlist/playlist")["id"]
    path = f"deployments/{playlist}/schedules"
    made = []

    def put(timing, parameters):
        told = {"schedule": timing, "active": True, "parameters": parameters}
        answer = farm.http.post(path, json=[told]).raise_for_status()
        made.extend(answer.json())
        return playlist

    yield put
    for each in made:
        farm.http.delete(f"{path}/{each['id']}").raise_for_status()


def first_scheduled(farm, deployment):
    """The first run that the server's own scheduler makes of a deployment."""
    found = []

    def there():
        found[:] = farm.runs(
            sort="EXPECTED_START_TIME_ASC",
            deployments={"id": {"any_": [deployment]}},
            flow_runs={"tags": {"all_": ["auto-scheduled"]}},
        )
        return bool(found)

    assert wait_until(there, timeout_s=30, poll_s=0.3), farm.folder.tail("server")
    return found[0]["id"]


def films(farm, run):
    """The film runs that a playlist started, by name."""
    tagged = farm.runs(flow_runs={"tags": {"all_": [f"playlist:{run}"]}})
    return {film["name"]: film for film in tagged}


def page(farm, run):
    return farm.artifacts(run)["playlist"]["data"]


def quick(farm, songs, **parameters):
    """A playlist run to its end, as started from the dashboard."""
    told = {"songs": [str(song) for song in songs], **CHEAP, "farm": {"pool": "here"}}
    run = farm.run("playlist/playlist", {**told, **parameters})
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    return run


def test_scheduled_playlist_gives_three_films_and_one_clear_failure(farm, songs, schedule):
    told = {"songs": [str(songs)], **CHEAP, "farm": {"pool": "here", "priority": "batch"}}
    soon = (datetime.now(UTC) + timedelta(seconds=10)).isoformat()
    nightly = {"interval": 86_400, "anchor_date": soon, "timezone": "UTC"}
    run = first_scheduled(farm, schedule(nightly, told))
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


def test_list_gives_each_song_its_wishes_and_its_file(farm, songs):
    listed = songs / "list.csv"
    listed.write_text("audio,title,seed,style\n1 first.wav,One,7,aurora-nocturne\n")
    run = quick(farm, [listed], folder=str(farm.home / "films"))
    film = farm.wait(films(farm, run)["One"]["id"], timeout_s=180)
    assert film["state_type"] == "COMPLETED", film["state"]["message"]
    assert film["parameters"]["style"] == {
        "aesthetic": "aurora-nocturne",
        "seed": 7,
        "pace": 1.0,
        "calm": False,
    }
    assert (farm.home / "films" / "One.mp4").is_file()
    listed.unlink()


def test_reviewed_films_wait_beside_the_playlist_and_count_as_under_way(farm, songs):
    new = write_click_song(farm.home / "new.wav", 7.5)
    run = quick(farm, [new], review=True)
    film = films(farm, run)["new"]
    farm.wait(film["id"], "PAUSED", timeout_s=120)
    assert farm.children(run) == []
    again = quick(farm, [new], only_new=True)
    assert films(farm, again) == {}
    assert "film new is under way" in page(farm, again)
    farm.cancel(film["id"])


def test_list_that_cannot_be_read_fails_the_playlist_with_the_reason(farm, songs):
    run = farm.run("playlist/playlist", {"songs": [str(songs / "gone.m3u")]})
    ended = farm.wait(run, timeout_s=60)
    assert ended["state_type"] == "FAILED"
    assert "does not exist" in ended["state"]["message"]
