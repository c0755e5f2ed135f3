"""The flag that asks this process to stop at the next safe place."""

import threading

from tasks.errors import RunCancelledError

_requested = threading.Event()


def request() -> None:
    """Ask every loop of this process that checks to stop."""
    _requested.set()


def clear() -> None:
    """Forget an earlier request; for a process that goes on to other work."""
    _requested.clear()


def check() -> None:
    """Stop here if somebody asked for it; long loops call this once a frame or bar.

    Raises:
        RunCancelledError: `request` was called.
    """
    if _requested.is_set():
        raise RunCancelledError("cancelled on request; finished clips and segments are kept")


def wait(seconds: float) -> None:
    """Sleep, but not past a request to stop."""
    _requested.wait(seconds)
