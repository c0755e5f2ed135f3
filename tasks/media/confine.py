"""Bound what a process may take, so that a hostile file cannot take the machine.

Limits hold for the child alone and outlive whoever started it: a run-away whose parent was killed
ends too. Systems without prlimit (all but Linux), and sandboxes that forbid it, bound the time
alone.
"""

import contextlib
import functools
import logging
import resource
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

# Decoding a song, or muxing a film of three hours, takes a tenth of it.
MEMORY_BYTES = 4 << 30
# More than any file that a job writes without saying otherwise.
FILE_BYTES = 16 << 30
# CPU seconds a second of the time-out: the jobs are single chains of filters, with some threads.
_CPU_SHARE = 4
# At its CPU limit a child is told to end, and says so; this many seconds later it is killed.
_GRACE_S = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """What one child may take."""

    seconds: float
    """By the clock; CPU time is bound by a multiple."""
    file_bytes: int = FILE_BYTES
    memory_bytes: int = MEMORY_BYTES


def confine(process: subprocess.Popen[bytes], bounds: Bounds) -> None:
    """Put a running child under its bounds.

    Args:
        process: Just started; it may have ended.
        bounds: What it may take; a stricter limit of this process is kept.
    """
    prlimit = getattr(resource, "prlimit", None)
    if prlimit is None:
        return
    cpu_s = round(bounds.seconds * _CPU_SHARE) + 1
    limits = {
        resource.RLIMIT_DATA: (bounds.memory_bytes,) * 2,
        resource.RLIMIT_FSIZE: (bounds.file_bytes,) * 2,
        resource.RLIMIT_CPU: (cpu_s, cpu_s + _GRACE_S),
        resource.RLIMIT_CORE: (0, 0),
    }
    try:
        with contextlib.suppress(ProcessLookupError):
            for kind, asked in limits.items():
                held = prlimit(process.pid, kind)
                prlimit(process.pid, kind, tuple(map(_stricter, asked, held)))
    except PermissionError:
        _tell_unbound()


_expendable = False


def expend() -> None:
    """Say that this process may end in the middle of its work: its parent goes on without it."""
    global _expendable
    _expendable = True


@contextlib.contextmanager
def cpu_bound(seconds: float) -> Iterator[None]:
    """End this process, if it is expendable, when a step takes more than some CPU seconds.

    The step may be anywhere inside a library that never comes back. Other processes go on for as
    long as it takes.
    """
    timer = getattr(signal, "setitimer", None) if _expendable else None
    if timer is None:
        yield
        return
    timer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        timer(signal.ITIMER_PROF, 0.0)


def _stricter(asked: int, held: int) -> int:
    return asked if held == resource.RLIM_INFINITY else min(asked, held)


@functools.cache
def _tell_unbound() -> None:
    """Said once, not with every job."""
    log.warning(
        "this system does not let songfilm bound what ffmpeg takes (prlimit is forbidden); "
        "jobs are bound in time alone"
    )
