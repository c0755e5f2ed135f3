"""How long the stages of a film take by the clock on the wall, for its manifest and its report."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping

_lock = threading.Lock()
_walls: dict[str, dict[str, float]] = {}


@contextlib.contextmanager
def stage(name: str, *, run: str | None) -> Iterator[None]:
    """Count the time of what follows to one stage of a run; a second round is added.

    Args:
        name: analysis, plan, render, compose or join.
        run: Flow run that makes the film; nothing is counted without one.
    """
    begun = time.monotonic()
    try:
        yield
    finally:
        if run is not None:
            with _lock:
                walls = _walls.setdefault(run, {})
                walls[name] = walls.get(name, 0.0) + time.monotonic() - begun


def take_walls(run: str) -> Mapping[str, float]:
    """Seconds of each stage of a run that this process has seen, and forget them."""
    with _lock:
        return _walls.pop(run, {})
