"""Folders for half-made files, swept when the process that made them is gone."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def scratch_folder(base: Path) -> Iterator[Path]:
    """Make a folder of this process's own and remove it at the end.

    Args:
        base: Parent of all scratch folders; folders that a killed process left there are removed.

    Yields:
        An empty folder.
    """
    base.mkdir(parents=True, exist_ok=True)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(base: Path) -> None:
    """Remove what dead processes left."""
    for folder in base.iterdir():
        owner = folder.name.split("-", 1)[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
