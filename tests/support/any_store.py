"""A store of any kind with what its tests need: a second way in, and a hand behind its back."""

import io
from abc import ABC, abstractmethod
from pathlib import Path

from support.s3 import S3Server
from tasks.storage import open_store
from tasks.storage.blob_cache import BlobCache
from tasks.storage.store import ArtifactStore

GB = 1_000_000_000


class Place(ABC):
    """Where a store's objects lie."""

    store: ArtifactStore
    # How far apart two times of objects have to be to differ.
    tick_s = 0.01
    # Whether the place itself sees to it that of several creators one is first.
    is_atomic = True

    @abstractmethod
    def elsewhere(self) -> ArtifactStore:
        """The same store on a machine that has seen nothing of it."""

    @abstractmethod
    def damage(self, key: str, data: bytes) -> None:
        """Change an object's bytes and nothing else, as a failing disk does."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Variables under which another process opens the same store."""


class FolderPlace(Place):
    """A store in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store = self.elsewhere()

    def elsewhere(self) -> ArtifactStore:
        return open_store(str(self._folder))

    def damage(self, key: str, data: bytes) -> None:
        (self._folder / "data" / key).write_bytes(data)

    def environment(self) -> dict[str, str]:
        return {"SONGFILM_STORE": str(self._folder)}


class BucketPlace(Place):
    """A store in a new bucket."""

    PREFIX = "team/films"
    tick_s = 1.1

    def __init__(self, server: S3Server, folder: Path) -> None:
        self.server, self._folder, self._machines = server, folder, 0
        self.is_atomic = server.is_atomic
        self.bucket = server.make_bucket()
        self.store = self.elsewhere()

    def elsewhere(self) -> ArtifactStore:
        self._machines += 1
        cache = BlobCache(self._folder / f"cache-{self._machines}", GB)
        return self.server.store(self.bucket, prefix=self.PREFIX, cache=cache)

    def damage(self, key: str, data: bytes) -> None:
        name = f"{self.PREFIX}/{key}"
        kept = self.server.client().stat_object(self.bucket, name).metadata or {}
        told = {k: v for k, v in kept.items() if k.lower().startswith("x-amz-meta-")}
        self.server.client().put_object(
            self.bucket, name, io.BytesIO(data), len(data), metadata=told
        )

    def environment(self) -> dict[str, str]:
        return {
            "SONGFILM_HOME": str(self._folder / "home"),
            "SONGFILM_STORE": f"s3://{self.bucket}/{self.PREFIX}",
            "SONGFILM_S3_ENDPOINT": self.server.endpoint,
            "SONGFILM_S3_ACCESS_KEY": self.server.access_key,
            "SONGFILM_S3_SECRET_KEY": self.server.secret_key,
        }
