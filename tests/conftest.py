"""What tests of several rooms share."""

import os
import pickle
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tasks.media.demo_song import compose_demo_song

# Doors log outside of flows here; Prefect would warn of each line.
os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")

# Files that take longest, the longest first: begun last, one would be waited for by all others.
LONGEST = (
    "test_gpu_worker.py",
    "test_other_cpus.py",
    "test_farm_review.py",
    "test_farm_kills.py",
    "test_farm_store.py",
    "test_dev_scores.py",
    "test_demucs.py",
    "test_farm_rules.py",
    "test_real_songs.py",
    "test_songs_of_all_kinds.py",
    "test_faults.py",
    "test_farm_films.py",
    "test_farm.py",
    "test_other_cpu.py",
    "test_secrets.py",
    "test_studio_farm.py",
    "test_farm_playlist.py",
    "test_farm_dashboard.py",
)


def pytest_configure(config):
    """Keep the order of `pytest_collection_modifyitems` when several processes run tests."""
    config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, then with those of most tests."""
    tests = Counter(item.path for item in items)
    first = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda i: (first.get(i.path.name, len(first)), -tests[i.path], str(i.path)))


def pytest_terminal_summary(terminalreporter):
    """Tell on which processors pictures were compared: a machine may lack the widest vectors."""
    passed = terminalreporter.stats.get("passed", ())
    notes = {note for report in passed for note in report.user_properties}
    for name, value in sorted(note for note in notes if note[0] == "processors"):
        terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def demo_song(tmp_path_factory, worker_id):
    """(audio, score) of the demo song, composed once however many processes run tests."""
    base = tmp_path_factory.getbasetemp()
    kept = (base if worker_id == "master" else base.parent) / "demo_song.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    composed = compose_demo_song()
    part = Path(f"{kept}.{worker_id}")
    part.write_bytes(pickle.dumps(composed))
    part.replace(kept)
    return composed


@pytest.fixture(scope="session")
def farm():
    """Server, PostgreSQL, pools and deployments for all tests of a session; no worker runs yet."""
    from support.farm import open_farm

    with open_farm() as live:
        yield live


@pytest.fixture(scope="session")
def ceph():
    """A real S3 server; cheap enough for each test process to have its own."""
    from support.ceph import running_ceph

    with running_ceph() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server():
    """Address of a PostgreSQL on loopback, without a farm."""
    from support.databases import open_postgres

    with open_postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def catalogue_place(request, tmp_path):
    """Home and address of a catalogue that is not there yet, in either database."""
    if request.param == "sqlite":
        yield tmp_path / "home", None
        return
    from support.databases import new_database

    with new_database(request.getfixturevalue("postgres_server")) as url:
        yield tmp_path / "home", url


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory):
    """A file to copy: the migrations of an empty one take longer than most tests."""
    from tasks.storage.catalogue import open_catalogue

    home = tmp_path_factory.mktemp("empty")
    open_catalogue(home, None).close()
    return home / "catalogue.db"


@pytest.fixture
def catalogue(catalogue_place, request):
    """An empty catalogue in either database."""
    from tasks.storage.catalogue import open_catalogue

    home, url = catalogue_place
    if url is None:
        home.mkdir()
        shutil.copy(request.getfixturevalue("empty_catalogue"), home)
    opened = open_catalogue(home, url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def counted(farm):
    """A renderer that costs next to nothing and counts its calls; workers get its environment."""
    from support.counted import Desk

    return Desk(farm.home / "counted")


@pytest.fixture
def desk(counted):
    """The counting renderer with a clean record; no shot fails or dawdles after the test."""
    counted.forget()
    yield counted
    counted.mend()
