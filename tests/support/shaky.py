"""A bucket on the real S3 server behind a proxy that breaks things, and a look behind its back."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

from minio.error import S3Error

from support.ceph import Ceph
from support.proxy import Proxy, open_proxy
from tasks.storage.minio.store import MinioStore

PREFIX = "films"


class ShakyBucket:
    """A store whose way to its server a test disturbs."""

    def __init__(self, ceph: Ceph, proxy: Proxy) -> None:
        self.ceph, self.proxy = ceph, proxy
        self.name, self._plain = ceph.make_bucket(), ceph.client()

    def store(self, **options: Any) -> MinioStore:
        """The store through the proxy; `options` as `MinioStore` takes them."""
        told = {"access_key": self.ceph.access_key, "secret_key": self.ceph.secret_key}
        return MinioStore(
            self.proxy.endpoint, **{**told, "bucket": self.name, "prefix": PREFIX, **options}
        )

    def kept(self, key: str) -> bytes | None:
        """What the server itself has under a key."""
        try:
            answer = self._plain.get_object(self.name, f"{PREFIX}/{key}")
        except S3Error as error:
            if error.code == "NoSuchKey":
                return None
            raise
        with contextlib.closing(answer):
            return answer.read()

    def put(self, key: str, data: bytes) -> None:
        """Give the server an object as another program would, whose writer states no digest."""
        self._plain.put_object(self.name, f"{PREFIX}/{key}", io.BytesIO(data), len(data))

    def keys(self) -> list[str]:
        """Everything in the bucket, ours or not."""
        found = self._plain.list_objects(self.name, recursive=True)
        return [each.object_name.removeprefix(f"{PREFIX}/") for each in found]

    def uploads(self) -> list[str]:
        """Names of multipart uploads that were begun and not ended."""
        return [upload.object_name for upload in self._uploads()]

    def empty(self) -> None:
        """Give the server its memory back."""
        for key in self.keys():
            self._plain.remove_object(self.name, f"{PREFIX}/{key}")
        for upload in self._uploads():
            self._plain._abort_multipart_upload(self.name, upload.object_name, upload.upload_id)

    def _uploads(self) -> list[Any]:
        return self._plain._list_multipart_uploads(self.name).uploads or []


@contextlib.contextmanager
def open_shaky_bucket(ceph: Ceph) -> Iterator[ShakyBucket]:
    """A new bucket behind a proxy of its own."""
    with open_proxy(ceph.address) as proxy:
        bucket = ShakyBucket(ceph, proxy)
        try:
            yield bucket
        finally:
            bucket.empty()
