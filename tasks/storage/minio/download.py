"""Reading objects from an S3 server: resumed where a connection broke, pinned to one version."""

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from urllib3.exceptions import ProtocolError
from urllib3.response import BaseHTTPResponse

from tasks import cancellation
from tasks.storage.keys import blob_digest
from tasks.storage.minio.bodies import CHUNK_BYTES
from tasks.storage.minio.errors import FAILURES, was_refused
from tasks.storage.minio.requests import Bucket, Tries
from tasks.storage.minio.versions import Version, look, read_version
from tasks.storage.store import DeniedError, IntegrityError, NotFoundError, UnreachableError

log = logging.getLogger(__name__)

# How often an object may be replaced by another while it is read.
_MOST_RESTARTS = 10


@dataclass(frozen=True)
class Download:
    """A complete body.

    Attributes:
        version: What the server said of it.
        sha256: Digest of the bytes that came.
    """

    version: Version
    sha256: str


def download(bucket: Bucket, name: str, key: str, sink: BinaryIO) -> Download:
    """Read a whole object.

    Args:
        bucket: Where it lies.
        name: Full name in the bucket.
        key: The store's key, for messages.
        sink: Empty; holds the object's bytes at the end.

    Raises:
        NotFoundError: No such object.
        UnreachableError: Nothing came for the bucket's patience, or the object never held still.
        RunCancelledError: Somebody asked to stop.
    """
    reading = _Reading(bucket, name, sink)
    tries = Tries(bucket, key, bucket.patience_s)
    for _ in range(_MOST_RESTARTS):
        while True:
            before = reading.position
            try:
                return reading.to_the_end()
            except FAILURES as error:
                if reading.position > before:
                    tries.progressed()
                if reading.version is not None and was_refused(error):
                    break
                tries.failed(error)
        reading.forget()
    raise UnreachableError(f"{key} was replaced again and again while it was read; run again")


def download_verified(
    bucket: Bucket, name: str, key: str, sink: BinaryIO, sha256: str | None
) -> Download:
    """Read a whole object and check its digest; a wrong one is read twice before it counts.

    Args:
        bucket: Where it lies.
        name: Full name in the bucket.
        key: The store's key.
        sink: Empty; holds the object's bytes at the end.
        sha256: What the digest must be; what the object's writer stated when empty.

    Raises:
        NotFoundError: No such object.
        IntegrityError: Other bytes; an object that is damaged was removed, if these keys may.
    """
    for _ in range(2):
        found = download(bucket, name, key, sink)
        promised = sha256 or found.version.sha256 or found.sha256
        if found.sha256 == promised:
            return found
    told = f"its digest was {found.sha256}, not {promised}"
    if (blob_digest(key) or found.version.sha256) in (None, found.sha256):
        raise IntegrityError(f"{key} is not the file that was asked for ({told}); run again")
    try:
        _remove(bucket, name, key, found.version)
    except DeniedError as error:
        raise IntegrityError(
            f"{key} was damaged in the store ({told}) and these keys may not remove it; delete it "
            "and run again"
        ) from error
    log.warning("removed damaged object %s: %s", key, told)
    raise IntegrityError(
        f"{key} was damaged in the store and removed ({told}); run again and it is made anew"
    )


def _remove(bucket: Bucket, name: str, key: str, damaged: Version) -> None:
    """Remove an object, unless another version is there by now."""
    with contextlib.suppress(NotFoundError):
        if bucket.ask(lambda: look(bucket, name), key=key).etag == damaged.etag:
            bucket.ask(lambda: bucket.client.remove_object(bucket.name, name), key=key)


class _Reading:
    """How far the reading of one version has come."""

    def __init__(self, bucket: Bucket, name: str, sink: BinaryIO) -> None:
        self._bucket, self._name, self._sink = bucket, name, sink
        self.forget()

    def forget(self) -> None:
        """Begin anew, whatever version is there now."""
        self._sink.seek(0)
        self._sink.truncate()
        self.version: Version | None = None
        self.position, self._digest = 0, hashlib.sha256()

    def to_the_end(self) -> Download:
        """Read what is missing; raises what minio-py and urllib3 raise."""
        if self.version is None or self.position < self.version.size:
            with self._answer() as answer:
                self.version = self._checked(answer)
                for chunk in answer.stream(CHUNK_BYTES, decode_content=False):
                    cancellation.check()
                    self._sink.write(chunk)
                    self._digest.update(chunk)
                    self.position += len(chunk)
        assert self.version is not None
        if self.position < self.version.size:
            raise ProtocolError(f"cut at byte {self.position} of {self.version.size}")
        return Download(self.version, self._digest.hexdigest())

    @contextlib.contextmanager
    def _answer(self) -> Iterator[BaseHTTPResponse]:
        """Ask for the rest; the connection is kept only when all of it was read."""
        pinned: dict[str, str | list[str] | tuple[str]] = {}
        if self.version:
            pinned["If-Match"] = f'"{self.version.etag}"'
        answer = self._bucket.client.get_object(
            self._bucket.name, self._name, offset=self.position, request_headers=pinned
        )
        try:
            yield answer
        except BaseException:
            answer.close()
            raise
        answer.release_conn()

    def _checked(self, answer: BaseHTTPResponse) -> Version:
        """The version that an answer belongs to; a server that knows no ranges begins anew."""
        found = read_version(answer.headers)
        if self.position and answer.status != 206:
            self.forget()
        return found
