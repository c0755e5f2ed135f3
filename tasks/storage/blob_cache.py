"""Downloads of an S3 store, kept on this machine by digest, for several processes at once."""

import contextlib
import logging
import os
import shutil
import uuid
from pathlib import Path

from tasks.media.ffmpeg import is_no_space
from tasks.media.whole_file import link_or_copy, no_space_told
from tasks.storage.scratch import own_prefix, sweep
from tasks.storage.store import file_sha256

log = logging.getLogger(__name__)


class BlobCache:
    """Files by sha256; a reader gets a link of its own, which eviction never takes away."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        """Open or make the cache.

        Args:
            folder: Where it lies; several processes may share it.
            max_bytes: What its files may take together; 0 keeps nothing.

        Raises:
            NoSpaceError: The disk is full.
        """
        self._files, self._tmp, self._max_bytes = folder / "files", folder / "tmp", max_bytes
        if max_bytes > 0:
            with no_space_told(folder):
                self._files.mkdir(parents=True, exist_ok=True)
                self._tmp.mkdir(exist_ok=True)
            sweep(self._tmp)

    def lend(self, sha256: str, path: Path) -> bool:
        """Put a kept file at a path.

        Args:
            sha256: Its digest; a file with another one is thrown away.
            path: Where a link, or a copy, goes; replaced if it is there.

        Returns:
            Whether it was there.

        Raises:
            NoSpaceError: It had to be copied and the disk is full.
        """
        kept = self._path(sha256)
        if self._max_bytes <= 0 or not kept.exists():
            return False
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            with no_space_told(path.parent):
                link_or_copy(kept, part)
            if file_sha256(part) != sha256:
                log.warning("a kept download of %s was damaged and is thrown away", sha256)
                kept.unlink(missing_ok=True)
                return False
            part.replace(path)
        except FileNotFoundError:  # evicted meanwhile
            return False
        finally:
            part.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            os.utime(kept)
        return True

    def keep(self, sha256: str, path: Path, *, own: bool) -> None:
        """Keep a file for later; a disk without room only costs a later download.

        Args:
            sha256: Its digest.
            path: The file; it stays where it is.
            own: Nobody writes into it any more, so a link will do.
        """
        size = path.stat().st_size
        kept = self._path(sha256)
        if size > self._max_bytes or self._max_bytes <= 0 or kept.exists():
            return
        part = self._tmp / f"{own_prefix()}{uuid.uuid4().hex}"
        try:
            if own:
                link_or_copy(path, part)
            else:
                shutil.copyfile(path, part)
            os.utime(part)
            kept.parent.mkdir(exist_ok=True)
            part.replace(kept)
        except OSError as error:
            if not is_no_space(error):
                raise
            log.warning("no room to keep %s in %s; set SONGFILM_CACHE_GB", sha256, self._files)
        finally:
            part.unlink(missing_ok=True)
        self._evict()

    def _evict(self) -> None:
        """Throw away what was not used for longest, until the rest fits."""
        found = []
        for path in self._files.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):
                at = path.stat()
                found.append((at.st_mtime_ns, at.st_size, path))
        taken = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if taken <= self._max_bytes:
                return
            path.unlink(missing_ok=True)
            taken -= size

    def _path(self, sha256: str) -> Path:
        return self._files / sha256[:2] / sha256
