"""One Prefect server for all flow tests, a small song, and films small enough to make often."""

import pytest
from prefect.testing.utilities import prefect_test_harness
from support.songs import write_click_song

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality


@pytest.fixture(scope="session", autouse=True)
def server():
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_STORE", str(tmp_path / "store"))


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 16.0)


@pytest.fixture(scope="session")
def tiny():
    return FilmFormat(width_px=160, height_px=90, fps="24", quality=Quality.DRAFT)
