"""A shared film plays in a real browser, from a folder and a bucket, until it is taken back."""

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import ffmpeg
import httpx
import pytest
from support.browser import open_browser
from support.farm import free_port
from support.s3 import running_moto
from support.stored_films import store_film

from deployments.farm.services import wait_until
from tasks.media.ffmpeg import run_job
from tasks.storage import open_store
from tasks.storage.shares import make_share, revoke_share, share_link

pytestmark = pytest.mark.services

SECRET = "a secret that nobody guesses"
_VIDEO = "document.querySelector('video')"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    picture = ffmpeg.input("testsrc2=s=320x180:r=24:d=3", f="lavfi")
    run_job(picture.output(str(path), pix_fmt="yuv420p", vcodec="libx264"), what="a film")
    return path


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path, monkeypatch):
    """Variables under which the studio and this test open the same empty store."""
    with contextlib.ExitStack() as stack:
        told = {"SONGFILM_STORE": str(tmp_path / "store"), "SONGFILM_HOME": str(tmp_path / "home")}
        if request.param == "bucket":
            moto = stack.enter_context(running_moto())
            told |= {
                "SONGFILM_STORE": f"s3://{moto.make_bucket()}/team",
                "SONGFILM_S3_ENDPOINT": moto.endpoint,
                "SONGFILM_S3_ACCESS_KEY": moto.access_key,
                "SONGFILM_S3_SECRET_KEY": moto.secret_key,
            }
        port = free_port()
        told |= {"SONGFILM_SECRET": SECRET, "SONGFILM_STUDIO_PORT": str(port)}
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        studio = subprocess.Popen([sys.executable, "-m", "deployments.studio"], env=os.environ)
        stack.callback(studio.wait, 20)
        stack.callback(studio.terminate)
        address = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: _answers(f"{address}/health"), timeout_s=60, poll_s=0.2)
        yield address


def _answers(url):
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, trust_env=False).is_success
    return False


def test_shared_film_plays_until_it_is_taken_back(place, film, tmp_path):
    store, now = open_store(), datetime.now(UTC)
    store_film(store, "run-1", tmp_path, film=film)
    ends = now + timedelta(hours=1)
    share = make_share(store, film="run-1", now=now, expires=ends, note="Look!", with_report=True)
    link = share_link(share, base_url=place, secret=SECRET.encode())
    with open_browser() as page:
        page.open(link, "demo song", "Look!", "Download", "Report", "This link opens until")
        page.evaluate(f"{_VIDEO}.muted = true; {_VIDEO}.play(); 1")
        assert wait_until(
            lambda: page.evaluate(f"{_VIDEO}.currentTime") > 0.3, timeout_s=20, poll_s=0.1
        ), page.evaluate(f"String({_VIDEO}.error && {_VIDEO}.error.message)")
        assert page.evaluate(f"{_VIDEO}.videoWidth") == 320
        page.press("Report", "report")
        revoke_share(store, share.id, now=now)
        page.open(link, "This link was taken back")
        page.open(f"{link}/film", "This link was taken back")
