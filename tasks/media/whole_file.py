"""Files that appear whole or not at all, and a full disk told in plain words."""

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from tasks.errors import NoSpaceError
from tasks.media.ffmpeg import is_no_space


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file under a temporary name beside it; it gets its own name at the end.

    Args:
        path: Final name; an older file there is replaced.

    Yields:
        Where to write.

    Raises:
        NoSpaceError: The disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with no_space_told(path.parent):
            yield part
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Give a file that stands in the way another name: .bak, .bak2 and so on; none is replaced.

    Returns:
        Where it is now.
    """
    names = (f"{path.name}.bak{number if number > 1 else ''}" for number in itertools.count(1))
    free = next(file for name in names if not (file := path.with_name(name)).exists())
    path.rename(free)
    return free


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; where the file system does not let us, copy it.

    Args:
        source: The file.
        target: Its second name; nothing may be there.
    """
    try:
        target.hardlink_to(source.resolve())
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if is_no_space(error):
            raise
        shutil.copyfile(source, target)


@contextlib.contextmanager
def no_space_told(folder: Path) -> Iterator[None]:
    """Turn a full disk under a folder into an error of ours.

    Raises:
        NoSpaceError: The disk is full.
    """
    try:
        yield
    except OSError as error:
        if is_no_space(error):
            raise NoSpaceError(
                f"the disk of {folder} is full; free some space there and run again"
            ) from error
        raise
