"""A studio that cannot start is told, and what to do; it does not count as started."""

import socket
import sys

from support.farm import free_port

from deployments.farm import staff, workers
from deployments.farm.ledger import Ledger
from deployments.farm.services import Folder, Service
from tasks.settings import Settings


def open_studio(tmp_path, port, command, monkeypatch):
    """Start a studio that is another program; what was noted."""

    def studio(environment, address):
        return Service(workers.STUDIO, command, environment, address=address)

    monkeypatch.setattr(workers, "studio", studio)
    settings = Settings(home=tmp_path, studio_port=port, studio_url=None, _env_file=None)
    ledger = Ledger()
    staff.open_studio(settings, Folder(tmp_path / "farm"), {}, ledger)
    assert ledger.started == []
    (note,) = ledger.notes
    assert f"SONGFILM_STUDIO_PORT={port + 1} songfilm up" in note
    return note


def test_studio_whose_port_is_taken_is_not_started(tmp_path, monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        note = open_studio(tmp_path, port, (sys.executable, "-c", "1"), monkeypatch)
    assert f"127.0.0.1:{port} (Address already in use)" in note
    assert not (tmp_path / "farm" / "studio.log").exists()


def test_studio_that_dies_at_its_start_shows_its_last_words(tmp_path, monkeypatch):
    dies = (sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit('no store')")
    assert "no store" in open_studio(tmp_path, free_port(), dies, monkeypatch)
