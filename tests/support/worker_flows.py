"""Flows that a worker's tests run: they tell where they ran, wait, fail, and die."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from prefect import flow

from tasks import cancellation
from tasks.errors import BadInputError
from tasks.media import workers

_loaded: list[float] = []


def load_model():
    """Stands in for thirty gigabytes: done once in every engine."""
    _loaded.append(time.monotonic())


def wait_for_gate():
    """A preload that ends when a file appears."""
    while not Path(os.environ["SONGFILM_TEST_GATE"]).exists():
        time.sleep(0.05)


def where(seconds: float = 0.0) -> dict[str, object]:
    time.sleep(seconds)
    return {"pid": os.getpid()}


def _tell(note: str, **more: object) -> None:
    told = {
        "pid": os.getpid(),
        "loads": len(_loaded),
        "gpu": os.environ.get("CUDA_VISIBLE_DEVICES"),
    }
    part = Path(f"{note}.part")
    part.write_text(json.dumps({**told, **more}))
    part.replace(note)


@flow(name="tell")
def tell(note: str) -> None:
    """Write down where this ran, and where calls of the rooms run."""
    _tell(note, worker=workers.run(where)[0]["pid"], size=workers.pool_size())


@flow(name="patient")
def patient(note: str, seconds: float) -> None:
    """Work that stops when it is asked to."""
    _tell(note)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.02)
        cancellation.check()


@flow(name="stubborn")
def stubborn(note: str, seconds: float) -> None:
    """Work that does not listen, with a child of its own."""
    child = subprocess.Popen(["sleep", str(seconds)])
    _tell(note, child=child.pid)
    time.sleep(seconds)


@flow(name="deadly")
def deadly(note: str) -> None:
    """Work that takes its process along."""
    _tell(note)
    os.write(2, b"the last words of this engine\n")
    os.kill(os.getpid(), signal.SIGKILL)


@flow(name="faulty")
def faulty(note: str, good_until: str = "", mine: bool = True) -> None:
    """Work that fails: by the machine's fault, or by the request's; well while a file exists."""
    _tell(note)
    if good_until and Path(good_until).exists():
        return
    raise RuntimeError("the card fell out") if mine else BadInputError("no such song")
