"""Bound what a child process may take, so that a hostile file cannot take the machine.

Limits hold for the child alone and outlive whoever started it: a run-away whose parent was killed
ends too. Systems without prlimit (all but Linux) bound the time alone.
"""

import contextlib
import resource
import subprocess
from dataclasses import dataclass

# Decoding a song, or muxing a film of three hours, takes a tenth of it.
MEMORY_BYTES = 4 << 30
# More than any file that a job writes without saying otherwise.
FILE_BYTES = 16 << 30
# CPU seconds a second of the time-out: the jobs are single chains of filters, with some threads.
_CPU_SHARE = 4


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
    limits = {
        resource.RLIMIT_DATA: bounds.memory_bytes,
        resource.RLIMIT_FSIZE: bounds.file_bytes,
        resource.RLIMIT_CPU: round(bounds.seconds * _CPU_SHARE) + 1,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        with contextlib.suppress(ProcessLookupError):
            held = [
                value for value in prlimit(process.pid, kind) if value != resource.RLIM_INFINITY
            ]
            most = min([limit, *held])
            prlimit(process.pid, kind, (most, most))
