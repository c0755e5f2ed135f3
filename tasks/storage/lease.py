"""Advisory leases over any artifact store, so that two workers do not make one thing twice.

A lease is an object ``leases/<name>/<epoch>``. Whoever creates the next epoch holds the lease;
creation is refused to all but one. The holder rewrites its object now and then. Nobody's clock is
compared with another's: a waiter measures on its own how long an object stays the same.

Source:
    C. Gray, D. Cheriton, Leases, SOSP 1989.
"""

import contextlib
import logging
import os
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from recipe_schema.base import SchemaModel
from tasks import cancellation
from tasks.errors import SongfilmError
from tasks.storage.scratch import is_alive
from tasks.storage.store import AlreadyExistsError, ArtifactStore, NotFoundError

log = logging.getLogger(__name__)

T = TypeVar("T")

# How far clocks of a store and a waiter may be apart, seconds; S3 servers refuse more.
_SKEW_S = 15 * 60
# A holder renews so many times in the time after which it counts as dead.
_RENEWALS = 3
# How long the end of the work waits for a renewal under way, seconds.
_JOIN_S = 5.0


class LeaseRecord(SchemaModel):
    """Who holds a lease.

    Attributes:
        owner: A name of this one holding.
        host: For people.
        machine: Kernel, host and process space that `pid` is of; empty when it cannot be told.
        pid: The holder's process.
        beat: Grows with every renewal.
    """

    owner: str
    host: str
    machine: str
    pid: int
    beat: int = 0


@contextlib.contextmanager
def leased(
    store: ArtifactStore,
    name: str,
    *,
    ready: Callable[[], T | None],
    ttl_s: float = 45.0,
    look_s: float = 1.0,
) -> Iterator[T | None]:
    """Wait until a thing is there, or until it is ours to make.

    Args:
        store: Where everybody who may make it looks.
        name: What is made; segments of a store key.
        ready: Returns the thing when it is there; asked at each look, and once more when the lease
            is ours.
        ttl_s: A holder that showed no sign of life for so long is dead.
        look_s: Time between two looks.

    Yields:
        What `ready` returned, or None: nobody has it and the lease is ours until the block ends.

    Raises:
        StoreError: The store cannot be used.
        RunCancelledError: Somebody asked to stop while we waited.
    """
    line = _Line(store, name, ttl_s=ttl_s)
    while (held := line.take()) is None:
        if (value := ready()) is not None:
            yield value
            return
        cancellation.wait(look_s * random.uniform(0.8, 1.2))
        cancellation.check()
    with _kept(line, held, ttl_s / _RENEWALS) as release:
        value = ready()
        if value is not None:
            release()
        yield value


class _Line:
    """One waiter's view of a lease."""

    def __init__(self, store: ArtifactStore, name: str, *, ttl_s: float) -> None:
        self.store, self.name, self._ttl_s = store, name, ttl_s
        self._folder = f"leases/{name}"
        self.me = LeaseRecord(
            owner=uuid.uuid4().hex, host=socket.gethostname(), machine=_machine(), pid=os.getpid()
        )
        # What each epoch last held, and since when on our clock.
        self._seen: dict[int, tuple[bytes, float]] = {}
        self._told = False

    def take(self) -> int | None:
        """One look: the epoch that is now ours, or None while somebody holds the lease."""
        epochs = self._epochs()
        if any(self._lives(epoch, modified) for epoch, modified in epochs.items()):
            return None
        mine = max(epochs, default=0) + 1
        try:
            self.store.put_bytes(self.key(mine), _bytes(self.me), if_absent=True)
        except AlreadyExistsError:
            return None
        # Epochs begin anew when all were removed: somebody may have begun at another number.
        if self._epochs().keys() - {mine} - epochs.keys():
            self.store.delete(self.key(mine))
            return None
        if epochs:
            log.info("the lease of %s is taken over from a holder that is gone", self.name)
        return mine

    def key(self, epoch: int) -> str:
        """Where an epoch's record lies."""
        return f"{self._folder}/{epoch:08d}"

    def clear(self, epoch: int) -> None:
        """Remove our epoch and those before it."""
        for old in self._epochs():
            if old < epoch:
                self.store.delete(self.key(old))
        self.store.delete(self.key(epoch))

    def _epochs(self) -> dict[int, float]:
        """The records that are there, and when they were last written."""
        found = {item.key.rpartition("/")[2]: item for item in self.store.list(self._folder)}
        return {int(number): item.modified for number, item in found.items() if number.isdigit()}

    def _lives(self, epoch: int, modified: float) -> bool:
        """Whether an epoch's holder may still be at work."""
        try:
            data = self.store.get_bytes(self.key(epoch))
        except NotFoundError:
            return False
        seen, since = self._seen.get(epoch, (b"", 0.0))
        if data != seen:
            since = time.monotonic()
            self._seen[epoch] = (data, since)
        old = time.time() - modified > self._ttl_s + _SKEW_S
        record = _record(data)
        if old or time.monotonic() - since > self._ttl_s or self._is_gone(record):
            return False
        if not self._told:
            self._told = True
            held_by = f"process {record.pid} of {record.host}" if record else "somebody"
            log.info("waiting for %s, which %s is making", self.name, held_by)
        return True

    def _is_gone(self, record: LeaseRecord | None) -> bool:
        """Whether a holder is a process of this machine that ended."""
        if record is None or record.machine != self.me.machine or not record.machine:
            return False
        return not is_alive(record.pid)


@contextlib.contextmanager
def _kept(line: _Line, epoch: int, every_s: float) -> Iterator[Callable[[], None]]:
    """Renew a lease until the block ends, or until the function that it gives is called."""
    done = threading.Event()
    renewing = threading.Thread(
        target=_renew, args=(line, epoch, every_s, done), name="lease", daemon=True
    )
    renewing.start()

    def release() -> None:
        if done.is_set():
            return
        done.set()
        renewing.join(_JOIN_S)
        try:
            line.clear(epoch)
        except (SongfilmError, OSError) as error:
            log.warning("the lease of %s ends by itself, not now: %s", line.name, error)

    try:
        yield release
    finally:
        release()


def _renew(line: _Line, epoch: int, every_s: float, done: threading.Event) -> None:
    """Rewrite the record now and then; others see that it changes."""
    beat = 0
    while not done.wait(every_s):
        beat += 1
        try:
            line.store.stat(line.key(epoch))
            line.store.put_bytes(line.key(epoch), _bytes(line.me.model_copy(update={"beat": beat})))
        except NotFoundError:
            log.warning("the lease of %s was taken over; it may be made twice", line.name)
            return
        except (SongfilmError, OSError) as error:
            log.warning("the lease of %s was not renewed: %s", line.name, error)


def _bytes(record: LeaseRecord) -> bytes:
    return record.model_dump_json().encode()


def _record(data: bytes) -> LeaseRecord | None:
    """A record, unless another version wrote it."""
    try:
        return LeaseRecord.model_validate_json(data)
    except ValidationError:
        return None


def _machine() -> str:
    """Tells apart machines, their boots, and containers that cannot see each other's processes."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""
