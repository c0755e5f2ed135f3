"""An artifact store in a folder: atomic writes, digests checked on every read."""

import contextlib
import hashlib
import logging
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

from recipe_schema.artifacts import ArtifactRef
from tasks.errors import BadInputError, NoSpaceError, PermanentError
from tasks.media.ffmpeg import is_no_space
from tasks.media.whole_file import link_or_copy, whole_file
from tasks.storage.keys import BadKeyError, blob_digest, check_key
from tasks.storage.scratch import own_prefix, sweep
from tasks.storage.store import (
    AlreadyExistsError,
    IntegrityError,
    NotFoundError,
    ObjectInfo,
    file_sha256,
)

log = logging.getLogger(__name__)


class LocalStore:
    """Objects as files below a root; half-written ones live in ``tmp`` beside them."""

    def __init__(self, root: Path) -> None:
        """Open or make the store.

        Args:
            root: Folder; made when missing.

        Raises:
            BadInputError: The folder cannot be made or written.
            NoSpaceError: The disk is full.
        """
        self._root = root.absolute()
        self._data, self._tmp = self._root / "data", self._root / "tmp"
        try:
            self._data.mkdir(parents=True, exist_ok=True)
            self._tmp.mkdir(exist_ok=True)
            sweep(self._tmp)
        except OSError as error:
            if is_no_space(error):
                raise self._translated(error) from error
            raise BadInputError(
                f"store folder {root} cannot be used ({error.strerror}); "
                "set --store or SONGFILM_STORE to a folder that you may write to"
            ) from error

    def put_file(
        self, key: str, path: Path, *, move: bool = False, if_absent: bool = False
    ) -> ObjectInfo:
        """Store a file; with `move` the file itself may become the object, once it is stored."""
        temporary = self._temporary()
        try:
            if move:
                link_or_copy(path, temporary)
            else:
                shutil.copyfile(path, temporary)
            info = self._commit(temporary, key, if_absent=if_absent)
            if move:
                path.unlink()
            return info
        except OSError as error:
            raise self._translated(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def put_bytes(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """Store bytes; with `if_absent` the key must be new."""
        temporary = self._temporary()
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            return self._commit(temporary, key, if_absent=if_absent)
        except OSError as error:
            raise self._translated(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def get_bytes(self, key: str) -> bytes:
        """Read an object; a blob's bytes are checked against its key."""
        try:
            data = self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NotFoundError(f"{key} is not in the store {self._root}") from None
        wanted = blob_digest(key)
        if wanted is not None and (digest := hashlib.sha256(data).hexdigest()) != wanted:
            raise self._damaged(key, digest)
        return data

    def get_file(self, key: str, path: Path, *, sha256: str | None = None) -> ObjectInfo:
        """Copy an object to a path, verified."""
        wanted = sha256 or blob_digest(key)
        info = self.stat(key)
        with whole_file(path) as part:
            shutil.copyfile(self._path(key), part)
            if wanted is not None and (digest := file_sha256(part)) != wanted:
                raise self._unlike(key, digest, wanted)
        return info

    def local_file(self, ref: ArtifactRef, folder: Path) -> Path:
        """The object's own path, after its digest was checked; `folder` is not used.

        A damaged object is removed, so that the next run makes it again.
        """
        path = self._path(ref.key)
        try:
            digest = file_sha256(path)
        except FileNotFoundError:
            raise NotFoundError(f"{ref.key} is not in the store {self._root}") from None
        if digest != ref.sha256:
            raise self._unlike(ref.key, digest, ref.sha256)
        return path

    def path(self, key: str) -> Path:
        """The file of a key, for readers that stream it; its digest is not checked.

        Raises:
            BadKeyError: The key is not allowed, or leads out of the store through a link.
            NotFoundError: No such object.
        """
        path = self._path(key)
        if not path.is_file():
            raise NotFoundError(f"{key} is not in the store {self._root}")
        return path

    def stat(self, key: str) -> ObjectInfo:
        """Tell size and time."""
        try:
            found = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"{key} is not in the store {self._root}") from None
        if stat.S_ISDIR(found.st_mode):
            raise NotFoundError(f"{key} is a folder of the store {self._root}, and no object")
        return ObjectInfo(key, found.st_size, found.st_mtime)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object below a folder, in order of key; files that no key can name are none."""
        found = (path for path in self._path(prefix).rglob("*") if path.is_file())
        for key in sorted(path.relative_to(self._data).as_posix() for path in found):
            # Deleted meanwhile; or left by another program, such as .DS_Store.
            with contextlib.suppress(NotFoundError, BadKeyError):
                yield self.stat(key)

    def touch(self, key: str) -> None:
        """Renew an object's time."""
        try:
            os.utime(self._path(key))
        except FileNotFoundError:
            raise NotFoundError(f"{key} is not in the store {self._root}") from None

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""
        self._path(key).unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        """Room on the store's file system."""
        return shutil.disk_usage(self._root).free

    def _unlike(self, key: str, digest: str, wanted: str) -> IntegrityError:
        """What to say of other bytes than were asked for; only those unlike their own key go."""
        if blob_digest(key) not in (None, digest):
            return self._damaged(key, digest)
        return IntegrityError(
            f"{key} is not the file that was asked for (its digest was {digest}, not "
            f"{wanted}); run again"
        )

    def _damaged(self, key: str, digest: str) -> IntegrityError:
        """Make room for a good object under the key of a bad one, and say so."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise PermanentError(
                f"{key} was damaged on disk and cannot be removed ({error.strerror}); "
                f"delete {path} by hand and run again"
            ) from error
        log.warning("removed damaged object %s: its digest was %s", key, digest)
        return IntegrityError(
            f"{key} was damaged on disk and removed (its digest was {digest}); "
            "run again and it is made anew"
        )

    def _path(self, key: str) -> Path:
        """The file of a key; a link that leads out of the store is refused."""
        path = self._data / check_key(key)
        if not path.resolve().is_relative_to(self._data.resolve()):
            raise BadKeyError(f"store key {key!r} leads out of the store through a link")
        return path

    def _temporary(self) -> Path:
        return self._tmp / f"{own_prefix()}{uuid.uuid4().hex}"

    def _commit(self, temporary: Path, key: str, *, if_absent: bool = False) -> ObjectInfo:
        """Give a finished file its name in one step."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if if_absent:
            try:
                _create(path, temporary)
            except FileExistsError:
                raise AlreadyExistsError(f"{key} is taken") from None
        else:
            temporary.replace(path)
        return self.stat(key)

    def _translated(self, error: OSError) -> Exception:
        if is_no_space(error):
            return NoSpaceError(
                f"the disk of the store {self._root} is full; free space and run again"
            )
        return error


def _create(path: Path, temporary: Path) -> None:
    """Give a file a name that must be new.

    Raises:
        FileExistsError: It is taken.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if is_no_space(error):
            raise
        # No second names here (exFAT, some network folders): the name is taken empty at first.
        path.open("xb").close()
        temporary.replace(path)
