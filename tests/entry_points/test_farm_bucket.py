"""A playlist whose workers share nothing but a bucket and the server."""

import pytest
from support.farm import SMALL
from support.s3 import running_moto
from support.songs import write_click_song

from tasks.assembly.task import open_manifest
from tasks.storage import open_store

pytestmark = pytest.mark.services


@pytest.fixture
def bucket(farm, counted, monkeypatch):
    """Address of an empty bucket, and a films worker that knows its server."""
    with running_moto() as moto:
        store = f"s3://{moto.make_bucket()}/team"
        access = {
            "SONGFILM_S3_ENDPOINT": moto.endpoint,
            "SONGFILM_S3_ACCESS_KEY": moto.access_key,
            "SONGFILM_S3_SECRET_KEY": moto.secret_key,
        }
        for name, value in access.items():
            monkeypatch.setenv(name, value)
        with farm.staffed("films", **counted.environment, **access, SONGFILM_STORE=store):
            yield store


def test_files_of_the_playlists_machine_reach_films_through_the_bucket(farm, bucket):
    folder = farm.home / "own songs"
    folder.mkdir()
    song = write_click_song(folder / "Jóga (live).wav", 6.0)
    wishes = {"store": bucket, "renderer": "counted", "film": SMALL, "farm": {"pool": "here"}}
    run = farm.run("playlist/playlist", {"songs": [str(folder)], **wishes})
    assert farm.wait(run, timeout_s=120)["state_type"] == "COMPLETED"
    (film,) = farm.runs(flow_runs={"tags": {"all_": [f"playlist:{run}"]}})
    assert film["name"] == "Jóga (live)"
    assert film["parameters"]["audio"].startswith("songs/")
    page = farm.artifacts(run)["playlist"]["data"]
    assert "1 song was put into the store for the workers (0.8 MB): Jóga (live).wav" in page
    # The film may begin at once: from here on only the bucket has the song.
    song.unlink()
    ended = farm.wait(film["id"], timeout_s=240)
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    assert open_manifest(film["id"], store=bucket).output.path.startswith(f"films/{film['id']}/")
    beside = [found.key for found in open_store(bucket).list(f"films/{film['id']}")]
    assert f"films/{film['id']}/J-ga-live.mp4" in beside

    again = farm.run("playlist/playlist", {"songs": ["songs/"], "only_new": True, **wishes})
    assert farm.wait(again, timeout_s=120)["state_type"] == "COMPLETED"
    page = farm.artifacts(again)["playlist"]["data"]
    assert f"Jóga (live) | film {film['id']} is in the store" in page

    lost = farm.run("playlist/playlist", {"songs": ["song/"], **wishes})
    failed = farm.wait(lost, timeout_s=120)
    assert failed["state_type"] == "FAILED"
    assert "'song/' is no folder, list or song" in failed["state"]["message"]
