"""What an S3 server keeps beside an object's bytes: whose write it is, its digest and type."""

import mimetypes
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from minio.error import S3Error

from tasks.storage.minio.requests import Bucket
from tasks.storage.store import ObjectInfo

# Names of our metadata: digest of the bytes, and a name of its own for every write, by which a
# writer whose answer was lost knows its own object again.
_META = "x-amz-meta-"
_SHA256, _WRITE = f"{_META}sha256", f"{_META}write"


@dataclass(frozen=True)
class Version:
    """An object as it was at one moment.

    Attributes:
        etag: Changes with every write.
        size: Bytes.
        modified: Unix time.
        sha256: Digest that its writer stated; None when it was written by other programs.
        write: Name of the write; None likewise.
        headers: Metadata and media type, as a write needs them again.
    """

    etag: str
    size: int
    modified: float
    sha256: str | None
    write: str | None
    headers: dict[str, str]

    def info(self, key: str) -> ObjectInfo:
        """The same in the store's words."""
        return ObjectInfo(key, self.size, self.modified)


def read_version(headers: Mapping[str, str]) -> Version:
    """The version that an answer to HEAD or GET describes; of a part, the whole object's."""
    plain = {name.lower(): value for name, value in headers.items()}
    whole = plain.get("content-range", "").rpartition("/")[2] or plain.get("content-length", "0")
    kept = {name: value for name, value in plain.items() if name.startswith(_META)}
    return Version(
        etag=plain.get("etag", "").strip('"'),
        size=int(whole),
        modified=parsedate_to_datetime(plain["last-modified"]).timestamp(),
        sha256=plain.get(_SHA256),
        write=plain.get(_WRITE),
        headers={**kept, "Content-Type": plain.get("content-type", "application/octet-stream")},
    )


def new_headers(key: str, sha256: str, *, if_absent: bool) -> dict[str, str]:
    """Headers of a new write."""
    media_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
    headers = {_SHA256: sha256, _WRITE: uuid.uuid4().hex, "Content-Type": media_type}
    return {**headers, "If-None-Match": "*"} if if_absent else headers


def is_ours(found: Version, headers: Mapping[str, str]) -> bool:
    """Whether an object is what a write with these headers makes.

    Of two writers that both wanted to be the first, only the one whose write it is may say so;
    otherwise the same bytes are as good.
    """
    if found.write == headers[_WRITE]:
        return True
    return "If-None-Match" not in headers and found.sha256 == headers[_SHA256]


def look(bucket: Bucket, name: str) -> Version:
    """Ask once for an object's version; raises what minio-py raises."""
    return read_version(bucket.client.stat_object(bucket.name, name).metadata or {})


def look_if_there(bucket: Bucket, name: str) -> Version | None:
    """The same; None when there is no object."""
    try:
        return look(bucket, name)
    except S3Error as error:
        if error.response.status == HTTPStatus.NOT_FOUND:
            return None
        raise
