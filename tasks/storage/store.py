"""What every artifact store can do, and the content-addressed use that doors make of it."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from recipe_schema.artifacts import ArtifactRef
from tasks.errors import BadInputError, PermanentError, SongfilmError, TransientError
from tasks.media.whole_file import whole_file
from tasks.storage.keys import BadKeyError, blob_key

Model = TypeVar("Model", bound=BaseModel)

# Half of the shortest grace time of a garbage collection: after it, a file is still safe for as
# long until something names it.
RENEWED_AFTER_S = 1800.0


class StoreError(SongfilmError):
    """Something that the store cannot do; each kind tells whether trying again may help."""


class NotFoundError(StoreError, PermanentError):
    """No object under that key."""


class IntegrityError(StoreError, TransientError):
    """An object whose bytes were not those that were stored; it is gone, a new run makes it."""


class AlreadyExistsError(StoreError, PermanentError):
    """The key was to be created but is taken."""


class DeniedError(StoreError, BadInputError):
    """The store does not know who asks, or does not let them."""


class UnreachableError(StoreError, TransientError):
    """The store did not answer, or not as it should, however often it was asked."""


@dataclass(frozen=True)
class ObjectInfo:
    """One stored object."""

    key: str
    size: int
    modified: float


class ArtifactStore(Protocol):
    """Objects by key; every write appears whole or not at all."""

    def put_file(
        self, key: str, path: Path, *, move: bool = False, if_absent: bool = False
    ) -> ObjectInfo:
        """Store a file; with `move` it may be consumed, with `if_absent` the key must be new."""

    def put_bytes(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """Store bytes; with `if_absent`, refuse to replace (AlreadyExistsError)."""

    def get_bytes(self, key: str) -> bytes:
        """Read an object, or raise NotFoundError; a blob's bytes are checked against its key."""

    def get_file(self, key: str, path: Path, *, sha256: str | None = None) -> ObjectInfo:
        """Write an object to a path that appears whole or not at all.

        Args:
            key: The object.
            path: Where it goes; replaced if it is there.
            sha256: What its digest must be; that of the key when it is a blob's.

        Raises:
            NotFoundError: No such object.
            IntegrityError: Other bytes than those that were stored.
        """

    def local_file(self, ref: ArtifactRef, folder: Path) -> Path:
        """A readable path of a stored file, verified by digest; `folder` may hold a download.

        Raises:
            NotFoundError: No such object.
            IntegrityError: The object was damaged; it was removed from the store.
        """

    def stat(self, key: str) -> ObjectInfo:
        """Tell size and time, or raise NotFoundError."""

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with the folder `prefix`."""

    def touch(self, key: str) -> None:
        """Renew an object's time."""

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""

    def free_bytes(self) -> int | None:
        """Room left, if the store can tell."""


def keep_file(
    store: ArtifactStore, path: Path, media_type: str, *, move: bool = False
) -> ArtifactRef:
    """Store a file under its digest; the same bytes are stored once."""
    digest = file_sha256(path)
    size = path.stat().st_size
    ref = ArtifactRef(key=blob_key(digest), sha256=digest, size=size, media_type=media_type)
    if not renewed(store, ref):
        store.put_file(ref.key, path, move=move)
    return ref


def keep_model(store: ArtifactStore, model: BaseModel) -> ArtifactRef:
    """Store a schema model as JSON under its digest."""
    data = to_json(model).encode()
    digest = hashlib.sha256(data).hexdigest()
    store.put_bytes(blob_key(digest), data)
    return ArtifactRef(
        key=blob_key(digest), sha256=digest, size=len(data), media_type="application/json"
    )


def read_index(store: ArtifactStore, key: str, kind: type[Model]) -> Model | None:
    """Read a small JSON index; None when it is missing, damaged or of an older shape."""
    try:
        return kind.model_validate_json(store.get_bytes(key))
    except (NotFoundError, IntegrityError, ValidationError):
        return None


def read_source(source: str, *, what: str, store: ArtifactStore) -> str:
    """Read a JSON text wherever a person keeps it.

    Args:
        source: The text itself, the path of a file, or a key of the store.
        what: What it should be, for messages.
        store: Where keys are looked up.

    Raises:
        BadInputError: Nothing there, or not text.
    """
    if source.lstrip().startswith(("{", "/*", "//")):
        return source
    path = Path(source).expanduser()
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8")
        return store.get_bytes(source).decode()
    except (BadKeyError, NotFoundError) as error:
        raise BadInputError(
            f"{what} {source!r} is neither a file that this machine can read nor a key of the "
            "store, nor JSON"
        ) from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{what} {source!r} is not text in UTF-8") from error


def holds(store: ArtifactStore, ref: ArtifactRef) -> bool:
    """Whether the file behind a reference is there, by key and size."""
    try:
        return store.stat(ref.key).size == ref.size
    except NotFoundError:
        return False


def renewed(store: ArtifactStore, ref: ArtifactRef) -> bool:
    """Whether a file is there; if so it is safe from garbage collection until it is named.

    The time of a young file is left as it is: to renew it is a request to an S3 server.
    """
    try:
        info = store.stat(ref.key)
        if info.size == ref.size and time.time() - info.modified > RENEWED_AFTER_S:
            store.touch(ref.key)
    except NotFoundError:
        return False
    return info.size == ref.size


def to_json(model: BaseModel) -> str:
    """Pretty JSON that is equal for equal models."""
    return json.dumps(model.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all.

    Raises:
        NoSpaceError: The disk is full.
    """
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def file_sha256(path: Path) -> str:
    """Digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
