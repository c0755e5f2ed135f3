"""Tell whoever listens how far the work is: the command line's bars, later a live page."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far one stage is."""

    stage: str
    done: int
    total: int
    note: str = ""


Listener = Callable[[Progress], None]

_lock = threading.Lock()
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` on every report from now on, from any thread, one at a time."""
    with _lock:
        _listeners.append(listener)


def unlisten(listener: Listener) -> None:
    """Stop calling a listener."""
    with _lock:
        _listeners.remove(listener)


def report(stage: str, done: int, total: int, note: str = "") -> None:
    """Say that `done` of `total` steps of a stage are finished."""
    with _lock:
        for listener in _listeners:
            listener(Progress(stage, done, total, note))
