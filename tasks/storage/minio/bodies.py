"""What requests to an S3 server carry; each can be sent again, and none is copied in memory."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks import cancellation

# Bytes that go out or come in at once; a time-out holds for each.
CHUNK_BYTES = 128 * 1024


@dataclass(frozen=True)
class Body:
    """What a request carries; it can be sent again.

    Attributes:
        size: Bytes.
        sha256: Their digest; the server refuses others.
        chunks: Gives the bytes from their beginning.
    """

    size: int
    sha256: str
    chunks: Callable[[], Iterator[bytes]]


def bytes_body(data: bytes) -> Body:
    """Bytes in memory as a body."""

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(data), CHUNK_BYTES):
            yield data[start : start + CHUNK_BYTES]

    return Body(len(data), hashlib.sha256(data).hexdigest(), chunks)


def file_body(path: Path, start: int, size: int) -> Body:
    """A span of a file as a body; it is read anew each time and never held in memory."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            left = size
            while left and (chunk := file.read(min(CHUNK_BYTES, left))):
                cancellation.check()
                yield chunk
                left -= len(chunk)

    digest = hashlib.sha256()
    for chunk in chunks():
        digest.update(chunk)
    return Body(size, digest.hexdigest(), chunks)
