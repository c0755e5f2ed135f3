"""Renewing an object's time by copying it onto itself; its bytes never leave the S3 server."""

import contextlib
import math
from collections.abc import Iterator
from urllib.parse import quote

from tasks.storage.minio.errors import FAILURES, was_refused
from tasks.storage.minio.requests import Bucket
from tasks.storage.minio.upload import MIB, in_parts, text_of
from tasks.storage.minio.versions import look
from tasks.storage.store import AlreadyExistsError

# The most that a server copies in one request, and the parts that larger objects are copied in.
_LARGEST_COPY_BYTES = 5 * 1024 * MIB
_COPY_PART_BYTES = 1024 * MIB


def renew(bucket: Bucket, name: str, key: str) -> None:
    """Give an object a new time by copying it onto itself; bytes never leave the server.

    Raises:
        NotFoundError: No such object.
    """
    found = bucket.ask(lambda: look(bucket, name), key=key)
    source = {
        "x-amz-copy-source": quote(f"/{bucket.name}/{name}", safe="/-_.~"),
        "x-amz-copy-source-if-match": found.etag,
        "x-amz-copy-if-match": found.etag,  # the name that Ceph heeds
    }
    replaced = {"x-amz-metadata-directive": "REPLACE"}
    parts = math.ceil(found.size / _COPY_PART_BYTES)

    def copy() -> None:
        with _ignore_replaced():
            bucket.send("PUT", name, headers={**found.headers, **source, **replaced})

    def copy_part(upload: str, number: int) -> str:
        if number == parts and bucket.ask(lambda: look(bucket, name), key=key) != found:
            # Ceph knows no condition here, and would make one object of two writes.
            raise AlreadyExistsError(f"{key} was replaced")
        start = (number - 1) * _COPY_PART_BYTES
        end = min(start + _COPY_PART_BYTES, found.size) - 1
        query = {"partNumber": str(number), "uploadId": upload}
        headers = {**source, "x-amz-copy-source-range": f"bytes={start}-{end}"}
        answer = bucket.ask(lambda: bucket.send("PUT", name, query=query, headers=headers), key=key)
        return text_of(answer, "ETag")

    if found.size <= _LARGEST_COPY_BYTES:
        bucket.ask(copy, key=key)
        return
    with contextlib.suppress(AlreadyExistsError):  # replaced meanwhile: its time is new
        in_parts(bucket, name, key, parts, copy_part, found.headers)


@contextlib.contextmanager
def _ignore_replaced() -> Iterator[None]:
    """A write that came between has renewed the object too."""
    try:
        yield
    except FAILURES as error:
        if not was_refused(error):
            raise
