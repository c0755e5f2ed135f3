"""An artifact store in a bucket of an S3 server: MinIO, Ceph, AWS and their like."""

import contextlib
import io
import logging
import uuid
from collections.abc import Iterator
from pathlib import Path

from recipe_schema.artifacts import ArtifactRef
from tasks.media.whole_file import no_space_told
from tasks.storage.blob_cache import BlobCache
from tasks.storage.keys import blob_digest, check_key, is_key
from tasks.storage.minio.bodies import bytes_body, file_body
from tasks.storage.minio.download import download_verified
from tasks.storage.minio.errors import FAILURES
from tasks.storage.minio.links import presigned
from tasks.storage.minio.renewal import renew
from tasks.storage.minio.requests import Bucket, Tries
from tasks.storage.minio.unfinished import abort_older
from tasks.storage.minio.upload import LARGEST_PUT_BYTES, PART_BYTES, put_body, put_parts
from tasks.storage.minio.versions import look, new_headers
from tasks.storage.store import (
    NotFoundError,
    ObjectInfo,
    file_sha256,
)

log = logging.getLogger(__name__)


class MinioStore:
    """Objects in a bucket, below a prefix; downloads of blobs are kept in a cache.

    How long a silent server is waited for is written at `Bucket`; a write whose answer is lost
    asks for its object once more, which may take another two time-outs. Transfers hold a few
    chunks of 128 KiB in memory (four parts at once), except `put_bytes` and `get_bytes`.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        access_key: str,
        secret_key: str,
        bucket: str,
        prefix: str = "",
        region: str = "us-east-1",
        public_endpoint: str | None = None,
        cache: BlobCache | None = None,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 60.0,
        patience_s: float = 90.0,
    ) -> None:
        """Nothing is asked yet; `check` does.

        Args:
            endpoint: ``http(s)://host:port``.
            access_key: Who asks.
            secret_key: What proves it.
            bucket: Where all objects lie.
            prefix: Folder in the bucket; its root when empty.
            region: What the server calls its place.
            public_endpoint: The server as readers of links reach it; `endpoint` if empty.
            cache: Where blobs are kept on this machine.
            connect_timeout_s: Longest wait for a connection, and for a chunk to leave.
            read_timeout_s: Longest wait for a byte of an answer.
            patience_s: How long a failed request is tried again.

        Raises:
            BadKeyError: The prefix could not begin a key.
        """
        self._bucket = Bucket(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            bucket=bucket,
            region=region,
            connect_timeout_s=connect_timeout_s,
            read_timeout_s=read_timeout_s,
            patience_s=patience_s,
        )
        self._prefix = f"{check_key(prefix)}/" if prefix else ""
        self._public = self._bucket.client_at(public_endpoint or endpoint)
        self._cache = cache

    def check(self) -> None:
        """Ask for the bucket, so that a wrong address is told before any work.

        Raises:
            BadInputError: No such bucket.
            DeniedError: The server does not know the keys, or refuses this machine's clock.
            UnreachableError: No answer within 20 s and a time-out.
        """
        self._bucket.check()

    def put_file(
        self, key: str, path: Path, *, move: bool = False, if_absent: bool = False
    ) -> ObjectInfo:
        """Store a file; with `move` it is removed once it is stored."""
        name, size = self._name(key), path.stat().st_size
        known = blob_digest(key)
        digest = known or file_sha256(path)
        headers = new_headers(key, digest, if_absent=if_absent)
        # Not every server (Ceph 16) heeds a condition at the end of an upload in parts.
        if size <= (LARGEST_PUT_BYTES if if_absent else PART_BYTES):
            info = put_body(self._bucket, name, key, file_body(path, 0, size), headers)
        else:
            info = put_parts(self._bucket, name, key, path, size, headers)
        if known is not None and self._cache is not None:
            self._cache.keep(known, path, own=move)
        if move:
            path.unlink()
        return info

    def put_bytes(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """Store bytes; with `if_absent` the key must be new."""
        body = bytes_body(data)
        headers = new_headers(key, body.sha256, if_absent=if_absent)
        return put_body(self._bucket, self._name(key), key, body, headers)

    def get_bytes(self, key: str) -> bytes:
        """Read an object, checked against its key if it is a blob, or what its writer stated."""
        sink = io.BytesIO()
        download_verified(self._bucket, self._name(key), key, sink, blob_digest(key))
        return sink.getvalue()

    def get_file(self, key: str, path: Path, *, sha256: str | None = None) -> ObjectInfo:
        """Download an object to a path, verified."""
        name, wanted = self._name(key), sha256 or blob_digest(key)
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            with no_space_told(path.parent):
                with part.open("w+b") as sink:
                    found = download_verified(self._bucket, name, key, sink, wanted)
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return found.version.info(key)

    def local_file(self, ref: ArtifactRef, folder: Path) -> Path:
        """A path in `folder`, from the cache or downloaded, named by its digest."""
        self._name(ref.key)
        path = folder / ref.sha256
        if self._cache is not None and self._cache.lend(ref.sha256, path):
            return path
        self.get_file(ref.key, path, sha256=ref.sha256)
        if self._cache is not None:
            self._cache.keep(ref.sha256, path, own=True)
        return path

    def stat(self, key: str) -> ObjectInfo:
        """Tell size and time."""
        name = self._name(key)
        return self._bucket.ask(lambda: look(self._bucket, name), key=key).info(key)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object below a folder, in order of key, a page at a time; others are left out."""
        below, last = f"{self._name(prefix)}/", ""
        tries = Tries(self._bucket, prefix, self._bucket.patience_s)
        while True:
            try:
                for found in self._bucket.client.list_objects(
                    self._bucket.name, prefix=below, recursive=True, start_after=last or None
                ):
                    last = found.object_name or ""
                    tries.progressed()
                    modified = found.last_modified.timestamp() if found.last_modified else 0.0
                    if is_key(key := last[len(self._prefix) :]):
                        yield ObjectInfo(key, found.size or 0, modified)
                return
            except FAILURES as error:
                tries.failed(error)

    def touch(self, key: str) -> None:
        """Renew an object's time."""
        renew(self._bucket, self._name(key), key)

    def delete(self, key: str) -> None:
        """Remove an object if it is there."""
        name = self._name(key)
        with contextlib.suppress(NotFoundError):
            self._bucket.ask(
                lambda: self._bucket.client.remove_object(self._bucket.name, name), key=key
            )

    def free_bytes(self) -> int | None:
        """S3 does not tell."""
        return None

    def url(
        self,
        key: str,
        *,
        expires_s: float,
        filename: str | None = None,
        media_type: str | None = None,
        download: bool = False,
    ) -> str:
        """An address that gives an object to anybody for a while; nothing is asked.

        Args:
            key: The object.
            expires_s: How long it opens, 1 s to 7 days.
            filename: Name that a browser saves it under.
            media_type: What a browser should take it for.
            download: Save rather than show.

        Raises:
            BadInputError: S3 signs no address for that long.
        """
        return presigned(
            self._public,
            self._bucket.name,
            self._name(key),
            expires_s=expires_s,
            filename=filename,
            media_type=media_type,
            download=download,
        )

    def abort_unfinished(self, older_than_s: float) -> int:
        """Throw away parts of uploads that never ended; for garbage collection.

        Args:
            older_than_s: Uploads begun later than so long ago may be somebody's work.

        Returns:
            How many there were.
        """
        return abort_older(self._bucket, self._prefix, older_than_s)

    def _name(self, key: str) -> str:
        """The object's name in the bucket."""
        return self._prefix + check_key(key)
