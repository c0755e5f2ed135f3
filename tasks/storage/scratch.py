"""Half-made files, named by host and process, swept when the process that made them is gone."""

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tasks.media.whole_file import no_space_told


@contextlib.contextmanager
def scratch_folder(base: Path) -> Iterator[Path]:
    """Make a folder of this process's own and remove it at the end.

    Args:
        base: Parent of all scratch folders; folders that a killed process left there are removed.

    Yields:
        An empty folder.

    Raises:
        NoSpaceError: The disk is full.
    """
    with no_space_told(base):
        base.mkdir(parents=True, exist_ok=True)
        sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=own_prefix(), dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def own_prefix() -> str:
    """Begin of a temporary name, ``pid@host-``; the rest of the name may hold no hyphen."""
    return f"{os.getpid()}@{socket.gethostname()}-"


def sweep(base: Path) -> None:
    """Remove what dead processes of this host left.

    Args:
        base: Folder of temporary files and folders. Those of other hosts stay: containers that
            share a folder cannot see each other's processes.
    """
    for left in base.iterdir():
        pid, _, host = left.name.rpartition("-")[0].partition("@")
        if host == socket.gethostname() and pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
            with contextlib.suppress(OSError):
                left.unlink()


def is_alive(pid: int) -> bool:
    """Whether a process of this host still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
