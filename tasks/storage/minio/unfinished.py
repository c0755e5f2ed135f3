"""Multipart uploads that nobody completed or aborted: their parts take room, unseen by lists."""

from datetime import UTC, datetime, timedelta
from functools import partial
from xml.etree import ElementTree

from tasks.storage.minio.errors import response_time
from tasks.storage.minio.requests import Bucket
from tasks.storage.minio.upload import abort


def abort_older(bucket: Bucket, prefix: str, older_than_s: float) -> int:
    """Abort the uploads below a prefix that were begun long ago, by the server's clock.

    Args:
        bucket: Where.
        prefix: Beginning of the full names.
        older_than_s: How long ago.

    Returns:
        How many there were.
    """
    query = {"uploads": "", "prefix": prefix}
    aborted = 0
    while True:
        page = partial(bucket.send, "GET", "", query=dict(query))
        answer = bucket.ask(page, key="unfinished uploads")
        limit = (response_time(answer) or datetime.now(UTC)) - timedelta(seconds=older_than_s)
        root = ElementTree.fromstring(answer.data)
        for upload in root.findall("{*}Upload"):
            begun = datetime.fromisoformat(upload.findtext("{*}Initiated") or "")
            if begun <= limit:
                abort(bucket, upload.findtext("{*}Key") or "", upload.findtext("{*}UploadId") or "")
                aborted += 1
        if root.findtext("{*}IsTruncated") != "true":
            return aborted
        query |= {
            "key-marker": root.findtext("{*}NextKeyMarker") or "",
            "upload-id-marker": root.findtext("{*}NextUploadIdMarker") or "",
        }
