"""An S3 server of our own in this process (moto): quick, but it checks no signatures.

It looks whether an object is there and writes it in two steps, so several may create one.
"""

import contextlib
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from minio import Minio
from moto.server import ThreadedMotoServer

from tasks.storage.blob_cache import BlobCache
from tasks.storage.minio.store import MinioStore

KEY, SECRET = "songfilm-tests", "songfilm-tests-secret"


@dataclass
class S3Server:
    """Where a server answers, and how to make stores in it."""

    endpoint: str
    access_key: str = KEY
    secret_key: str = SECRET
    is_atomic: bool = True

    def make_bucket(self) -> str:
        """A new, empty bucket."""
        name = f"films-{uuid.uuid4().hex}"
        self.client().make_bucket(name)
        return name

    def client(self) -> Minio:
        """Plain minio-py, to look behind a store's back."""
        return Minio(
            self.endpoint.removeprefix("http://"),
            self.access_key,
            self.secret_key,
            secure=False,
            region="us-east-1",
        )

    def store(self, bucket: str, *, cache: BlobCache | None = None, **options) -> MinioStore:
        """A store in a bucket, below a prefix."""
        told = {"prefix": "team/films", "patience_s": 5.0, "read_timeout_s": 20.0, **options}
        return MinioStore(
            self.endpoint,
            access_key=self.access_key,
            secret_key=self.secret_key,
            bucket=bucket,
            cache=cache,
            **told,
        )


@contextlib.contextmanager
def running_moto() -> Iterator[S3Server]:
    """Start moto on a free port of loopback and stop it at the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3Server(f"http://{host}:{port}", is_atomic=False)
    finally:
        server.stop()
