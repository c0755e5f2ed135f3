"""Writing objects to an S3 server so that a lost answer, a cut or a restart leaves them whole.

A small object goes in one request. A large one goes in parts, several at a time, each read from
its file while it is sent: a part needs memory for a few chunks, whatever its size. Every write has
a name of its own in the object's metadata. When an answer was lost, or a repeated request is
refused because our own earlier one had landed, the object is asked for that name before anything
fails.
"""

import logging
import math
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from xml.etree import ElementTree

from urllib3.response import BaseHTTPResponse

from tasks import cancellation
from tasks.errors import SongfilmError
from tasks.storage.minio.bodies import Body, bytes_body, file_body
from tasks.storage.minio.errors import FAILURES, response_time, status_of, was_refused
from tasks.storage.minio.requests import Bucket, Tries
from tasks.storage.minio.versions import Version, is_ours, look, look_if_there
from tasks.storage.store import AlreadyExistsError, ObjectInfo, UnreachableError

log = logging.getLogger(__name__)

MIB = 1024 * 1024
# A part, and the largest file that goes in one request; parts grow when there would be too many.
PART_BYTES = 16 * MIB
# The most that S3 takes in one request.
LARGEST_PUT_BYTES = 5 * 1024 * MIB
_MOST_PARTS = 10_000
_PARALLEL = 4
# Answers after which an object may be there all the same: refused, upload gone, and what Ceph says
# when an upload is completed twice.
_TELLING = {404, 412, 500}

# Sends one part by its number (from 1) and returns its ETag.
SendPart = Callable[[str, int], str]


def put_body(
    bucket: Bucket, name: str, key: str, body: Body, headers: dict[str, str]
) -> ObjectInfo:
    """Write a small object in one request.

    Args:
        bucket: Where.
        name: Full name in the bucket.
        key: The store's key, for messages.
        body: The bytes.
        headers: Of `new_headers`.

    Raises:
        AlreadyExistsError: It was to be new and somebody else's is there.
    """

    def put() -> ObjectInfo:
        answer = bucket.send("PUT", name, headers=headers, body=body)
        said = response_time(answer)
        return ObjectInfo(key, body.size, said.timestamp() if said else time.time())

    return _landing(bucket, name, key, headers, put)


def put_parts(
    bucket: Bucket, name: str, key: str, path: Path, size: int, headers: dict[str, str]
) -> ObjectInfo:
    """Write a large file in parts.

    Args:
        bucket: Where.
        name: Full name in the bucket.
        key: The store's key, for messages.
        path: The file; it must not change meanwhile.
        size: Its bytes.
        headers: Of `new_headers`.

    Raises:
        AlreadyExistsError: It was to be new and somebody else's is there.
        RunCancelledError: Somebody asked to stop; nothing of the upload is left.
    """
    part_bytes = part_size(size)
    _known(bucket, name, key, headers)

    def send_part(upload: str, number: int) -> str:
        start = (number - 1) * part_bytes
        body = file_body(path, start, min(part_bytes, size - start))
        query = {"partNumber": str(number), "uploadId": upload}
        answer = bucket.ask(lambda: bucket.send("PUT", name, query=query, body=body), key=key)
        return str(answer.headers["ETag"])

    found = in_parts(bucket, name, key, math.ceil(size / part_bytes), send_part, headers)
    if found.size != size:
        raise UnreachableError(
            f"the S3 server {bucket.endpoint} keeps {found.size} bytes of {key}, not the {size} "
            "that were sent; run again"
        )
    return found


def part_size(size: int) -> int:
    """Bytes of each part of a large file: whole MiB, and few enough parts."""
    return max(PART_BYTES, math.ceil(size / _MOST_PARTS / MIB) * MIB)


def in_parts(
    bucket: Bucket,
    name: str,
    key: str,
    count: int,
    send_part: SendPart,
    headers: dict[str, str],
) -> ObjectInfo:
    """Begin a multipart upload, send its parts and complete it; or leave nothing."""
    plain = {name: value for name, value in headers.items() if name != "If-None-Match"}
    begun = bucket.ask(
        lambda: bucket.send("POST", name, query={"uploads": ""}, headers=plain), key=key
    )
    upload = text_of(begun, "UploadId")
    try:
        tags = _send_all(upload, count, send_part)
        return _complete(bucket, name, key, upload, tags, headers)
    except BaseException:
        abort(bucket, name, upload)
        raise


def _send_all(upload: str, count: int, send_part: SendPart) -> list[str]:
    """Send the parts, a few at a time; the first failure stops those that were not begun."""
    with ThreadPoolExecutor(min(_PARALLEL, count), thread_name_prefix="part") as threads:
        parts = [threads.submit(send_part, upload, number + 1) for number in range(count)]
        try:
            wait(parts, return_when=FIRST_EXCEPTION)
            cancellation.check()
            for part in parts:
                if part.done():
                    part.result()
            return [part.result() for part in parts]
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _complete(
    bucket: Bucket, name: str, key: str, upload: str, tags: list[str], headers: dict[str, str]
) -> ObjectInfo:
    """Make the parts an object."""
    root = ElementTree.Element("CompleteMultipartUpload")
    for number, tag in enumerate(tags, start=1):
        part = ElementTree.SubElement(root, "Part")
        ElementTree.SubElement(part, "PartNumber").text = str(number)
        ElementTree.SubElement(part, "ETag").text = tag
    body = bytes_body(ElementTree.tostring(root))
    said = {"Content-Type": "application/xml"}
    said.update({k: v for k, v in headers.items() if k == "If-None-Match"})

    def complete() -> ObjectInfo:
        if known := _known(bucket, name, key, headers):
            return known
        bucket.send("POST", name, query={"uploadId": upload}, headers=said, body=body)
        return bucket.ask(lambda: look(bucket, name), key=key).info(key)

    return _landing(bucket, name, key, headers, complete)


def abort(bucket: Bucket, name: str, upload: str) -> None:
    """Throw away the parts of an upload; tried once, because garbage collection does it too."""
    try:
        bucket.send("DELETE", name, query={"uploadId": upload})
    except FAILURES as error:
        if status_of(error) != 404:
            log.warning("parts of %s stay on %s until gc removes them", name, bucket.endpoint)


def _landing(
    bucket: Bucket, name: str, key: str, headers: dict[str, str], write: Callable[[], ObjectInfo]
) -> ObjectInfo:
    """Do what makes an object appear until it has, asking the object when answers do not tell."""
    tries = Tries(bucket, key, bucket.patience_s)
    while True:
        try:
            return write()
        except FAILURES as error:
            if status_of(error) in _TELLING or tries.over():
                found = _found(bucket, name, key, sure=was_refused(error))
                if found is not None and is_ours(found, headers):
                    return found.info(key)
            tries.failed(error)


def _known(bucket: Bucket, name: str, key: str, headers: dict[str, str]) -> ObjectInfo | None:
    """Refuse to replace an object that was to be new; returns our own, if it is that.

    Some servers (Ceph before version 20) heed `If-None-Match` only where an object is written in
    one request. There, of two that complete an upload of one key in the same instant, both may be
    told that they were first.
    """
    if "If-None-Match" not in headers:
        return None
    found = bucket.ask(lambda: look_if_there(bucket, name), key=key)
    if found is None:
        return None
    if is_ours(found, headers):
        return found.info(key)
    raise AlreadyExistsError(f"{key} is taken")


def _found(bucket: Bucket, name: str, key: str, *, sure: bool) -> Version | None:
    """The object as it is now; unless it has to be sure, one try must do."""
    try:
        return bucket.ask(
            lambda: look_if_there(bucket, name), key=key, patience_s=None if sure else 0
        )
    except SongfilmError as error:
        if sure:
            raise
        log.debug("whether %s landed is not known: %s", key, error)
        return None


def text_of(answer: BaseHTTPResponse, name: str) -> str:
    """The text of an element of an answer."""
    return ElementTree.fromstring(answer.data).findtext(f"{{*}}{name}") or ""
