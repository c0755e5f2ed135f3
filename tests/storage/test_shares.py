"""Shares and added songs in stores of every kind, and what a bucket's own addresses give."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from support.songs import write_click_song
from support.stored_films import PICTURE, REPORT, store_film

from deployments.studio.app import create_app
from tasks.media.limits import SongLimits
from tasks.media.playlist import PlaylistItem
from tasks.settings import Settings
from tasks.storage.links import ExpiredLinkError, file_link
from tasks.storage.shares import (
    RevokedLinkError,
    check_share,
    list_shares,
    make_share,
    revoke_share,
    share_link,
    share_token,
)
from tasks.storage.song_list import gather_songs
from tasks.storage.songs import keep_song, open_song, songs_below

SECRET = b"a secret that nobody guesses"
NOW = datetime.now(UTC)
RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"


def test_share_opens_ends_and_is_revoked_in_every_store(store):
    share = make_share(store, film=RUN, now=NOW, expires=NOW + timedelta(hours=1))
    token = share_token(share.id, SECRET)
    assert check_share(store, token, secret=SECRET, now=NOW) == share
    with pytest.raises(ExpiredLinkError):
        check_share(store, token, secret=SECRET, now=NOW + timedelta(hours=1))
    revoke_share(store, share.id, now=NOW)
    with pytest.raises(RevokedLinkError):
        check_share(store, token, secret=SECRET, now=NOW)
    assert [(each.id, each.revoked_at) for each in list_shares(store)] == [(share.id, NOW)]


def test_song_of_a_playlist_comes_back_under_its_name_from_every_store(store, tmp_path):
    song = write_click_song(tmp_path / "Jóga, live.wav", 1.0)
    asked = {"store": store, "folder": tmp_path, "limits": SongLimits(), "shared_paths": False}
    (item,) = gather_songs([PlaylistItem(audio=str(song))], **asked).items
    assert item.audio == keep_song(song, store=store).key
    assert item.title == "Jóga, live"
    assert list(songs_below("songs", store)) == [item.audio]
    assert gather_songs([PlaylistItem(audio="songs/")], **asked).items == (item,)
    work = tmp_path / "work"
    work.mkdir()
    path = open_song(item.audio, store=store, folder=work, limits=SongLimits())
    assert path.name == "Jóga, live.wav"
    assert path.read_bytes() == song.read_bytes()


@pytest.fixture
def web(moto, tmp_path):
    """The studio over a bucket, and the bucket's store."""
    store = moto.store(moto.make_bucket())
    store_film(store, RUN, tmp_path)
    settings = Settings(
        home=tmp_path / "home",
        secret=SecretStr(SECRET.decode()),
        PREFECT_API_URL=None,
        _env_file=None,
    )
    with TestClient(create_app(settings, store), follow_redirects=False) as client:
        yield client, store


def led_to(client, path):
    """What the bucket answers where the studio leads to."""
    answer = client.get(path)
    assert answer.status_code == 302, answer.text
    return httpx.get(answer.headers["location"], trust_env=False)


def test_bucket_gives_a_shared_film_under_its_name_and_type(web):
    client, store = web
    share = make_share(store, film=RUN, now=NOW, expires=NOW + timedelta(hours=1), with_report=True)
    path = urlsplit(share_link(share, base_url="", secret=SECRET)).path
    played = led_to(client, f"{path}/film")
    assert played.content == PICTURE
    assert played.headers["content-type"] == "video/mp4"
    assert played.headers["content-disposition"].startswith("inline")
    saved = led_to(client, f"{path}/film?download=1")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert "demo-song.mp4" in saved.headers["content-disposition"]
    assert client.get(f"{path}/report").text == REPORT
    clip = make_share(store, film=RUN, now=NOW, expires=NOW + timedelta(hours=1), shot="shot_001")
    path = urlsplit(share_link(clip, base_url="", secret=SECRET)).path
    assert led_to(client, f"{path}/clip").content == b"clip"
    revoke_share(store, clip.id, now=NOW)
    assert client.get(f"{path}/clip").status_code == 410


def test_page_of_a_bucket_is_never_shown_without_a_policy(web):
    client, _ = web
    expires = int(NOW.timestamp()) + 3600
    link = file_link(
        f"films/{RUN}/demo-song.report.html", base_url="", secret=SECRET, expires=expires
    )
    shown = client.get(client.get(link).headers["location"])
    assert shown.text == REPORT
    assert "sandbox" in shown.headers["content-security-policy"]
    saved = led_to(client, f"{link}&download=1")
    assert saved.headers["content-disposition"].startswith("attachment")
