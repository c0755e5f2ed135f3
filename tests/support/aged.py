"""A store some of whose objects are older than they are: no S3 server lets a test set times."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tasks.storage.store import ArtifactStore, ObjectInfo


class AgedStore:
    """A store and a calendar; what is written or touched is new again."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._days: dict[str, float] = {}
        self.before_delete: Callable[[str], None] = lambda _key: None

    def age(self, key: str, days: float) -> None:
        """Let an object have been there for so long."""
        self._days[key] = days

    def age_all(self, days: float) -> None:
        """Let everything that is there have been there for so long."""
        for folder in ("films", "blobs", "clips", "segments", "near", "analyses", "shares"):
            for info in self._store.list(folder):
                self.age(info.key, days)

    def keys(self) -> set[str]:
        """Everything that is there."""
        folders = ("films", "blobs", "clips", "segments", "near", "analyses", "shares", "leases")
        return {info.key for folder in (*folders, "traits") for info in self._store.list(folder)}

    def put_bytes(self, key: str, data: bytes, **options: Any) -> ObjectInfo:
        self._days.pop(key, None)
        return self._store.put_bytes(key, data, **options)

    def put_file(self, key: str, path: Any, **options: Any) -> ObjectInfo:
        self._days.pop(key, None)
        return self._store.put_file(key, path, **options)

    def stat(self, key: str) -> ObjectInfo:
        return self._aged(self._store.stat(key))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return map(self._aged, self._store.list(prefix))

    def touch(self, key: str) -> None:
        self._store.touch(key)
        self._days.pop(key, None)

    def delete(self, key: str) -> None:
        self.before_delete(key)
        self._store.delete(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _aged(self, info: ObjectInfo) -> ObjectInfo:
        days = self._days.get(info.key, 0.0)
        return replace(info, modified=info.modified - days * 86_400)
