"""Notifications on their way: small files, so that no crash and no dead mail server loses one.

``waiting`` holds what is still to be told, ``sent`` what was (so that it is told once), ``gave-up``
what could not be told after the last try; a file moved back to ``waiting`` is tried again.
A crash between a delivery and its record repeats that delivery: receivers see the same id twice.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import anyio
from anyio import to_thread
from pydantic import Field, ValidationError

from deployments.studio.delivery import DeliveryError
from deployments.studio.notice import Notice
from recipe_schema.base import SchemaModel
from tasks.errors import BadInputError, NoSpaceError
from tasks.storage.store import to_json, write_whole

log = logging.getLogger(__name__)

# Pauses between tries, seconds: a restarted server is met at once, a broken one for nine hours.
DELAYS_S = (10.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0)
# Longer than any event is looked for again.
_KEPT_SENT_S = 30 * 86400.0
_IDLE_S = 3600.0
_AFTER_FAULT_S = 60.0

Channel = Callable[[Notice], None]


class Progress(SchemaModel):
    """How far one way out is with a notice."""

    tries: int = 0
    next_at: float = Field(default=0.0, description="Unix time of the next try.")


class Entry(SchemaModel):
    """A notice and the ways out that it still has to go."""

    notice: Notice
    left: dict[str, Progress]


class Outbox:
    """The queue; one process works on it at a time."""

    def __init__(
        self,
        folder: Path,
        channels: Mapping[str, Channel],
        *,
        delays_s: tuple[float, ...] = DELAYS_S,
    ) -> None:
        """Open or make the queue.

        Args:
            folder: Where it lives.
            channels: Ways out by name; each raises DeliveryError when it did not work.
            delays_s: Pauses before the second, third, … try.

        Raises:
            BadInputError: Another studio works on it.
        """
        self.folder, self._channels, self._delays_s = folder, channels, delays_s
        self._waiting, self._sent, self._gave_up = (
            folder / name for name in ("waiting", "sent", "gave-up")
        )
        for made in (self._waiting, self._sent, self._gave_up):
            made.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise BadInputError(
                f"another studio is at work with {folder}; stop it, or set SONGFILM_HOME"
            ) from None
        self._writing = threading.Lock()
        self._woken = anyio.Event()
        self._stopping = False
        self._sweep()

    def stop(self) -> None:
        """Begin no further delivery; what waits is delivered after the next start."""
        self._stopping = True

    def close(self) -> None:
        """Let another process work on the queue."""
        self._lock.close()

    def accept(self, notice: Notice) -> bool:
        """Queue a notice.

        Returns:
            False when it was queued, told or given up before.

        Raises:
            NoSpaceError: The disk is full.
        """
        name = f"{notice.id}.json"
        with self._writing:
            if any((place / name).exists() for place in (self._waiting, self._sent, self._gave_up)):
                return False
            entry = Entry(notice=notice, left={channel: Progress() for channel in self._channels})
            place = self._waiting if entry.left else self._sent
            write_whole(place / name, to_json(entry))
        return True

    def wake(self) -> None:
        """Tell `deliver_forever` that there is something new."""
        self._woken.set()

    def counts(self) -> dict[str, int]:
        """How many notices wait, and how many were given up."""
        return {
            "waiting": len(list(self._waiting.glob("*.json"))),
            "gave_up": len(list(self._gave_up.glob("*.json"))),
        }

    async def deliver_forever(self) -> None:
        """Work on the queue until cancelled."""
        while True:
            self._woken = anyio.Event()
            try:
                pause = await to_thread.run_sync(self.deliver_due)
            except (OSError, NoSpaceError) as error:
                log.error("the outbox %s cannot be worked on: %s", self.folder, error)
                pause = _AFTER_FAULT_S
            with anyio.move_on_after(pause):
                await self._woken.wait()

    def deliver_due(self) -> float:
        """Try everything whose time has come.

        Returns:
            Seconds until the next try.
        """
        upcoming = [time.time() + _IDLE_S]
        for path in sorted(self._waiting.glob("*.json"), key=lambda path: path.stat().st_mtime):
            if self._stopping:
                break
            try:
                entry = Entry.model_validate_json(path.read_bytes())
            except ValidationError:
                log.error("%s is no notification; it was put into %s", path.name, self._gave_up)
                path.replace(self._gave_up / path.name)
                continue
            left = self._tried(entry)
            upcoming += [progress.next_at for progress in left.values()]
            self._record(path, entry.model_copy(update={"left": left}), changed=left != entry.left)
        return max(min(upcoming) - time.time(), 0.0)

    def _tried(self, entry: Entry) -> dict[str, Progress]:
        """Try each way out that is due.

        Returns:
            Those that are left; none is left when the last try of one failed and no other waits.
        """
        left = {}
        for name, progress in entry.left.items():
            due = progress.next_at <= time.time() and progress.tries <= len(self._delays_s)
            if name not in self._channels:
                log.warning("%s: %s is no longer set up; not told", entry.notice.id, name)
            elif not due or not self._told(name, entry.notice):
                left[name] = self._later(progress) if due else progress
        return left

    def _told(self, name: str, notice: Notice) -> bool:
        """Try one way out."""
        try:
            self._channels[name](notice)
        except DeliveryError as error:
            log.warning("%s not told by %s: %s", notice.id, name, error)
            return False
        # A fault of one notice must not keep the others from being told. Its text may hold a
        # password, so that only its kind is logged.
        except Exception as error:  # noqa: BLE001
            log.error("%s not told by %s: %s", notice.id, name, type(error).__name__)
            return False
        log.info("%s told by %s", notice.id, name)
        return True

    def _later(self, progress: Progress) -> Progress:
        """When to try again; never when the last try was made."""
        if progress.tries >= len(self._delays_s):
            return Progress(tries=progress.tries + 1, next_at=float(2**40))
        pause = self._delays_s[progress.tries]
        return Progress(tries=progress.tries + 1, next_at=time.time() + pause)

    def _record(self, path: Path, entry: Entry, *, changed: bool) -> None:
        """Write down how far a notice is, and put it where it belongs."""
        if changed:
            write_whole(path, to_json(entry))
        if not entry.left:
            path.replace(self._sent / path.name)
        elif all(progress.tries > len(self._delays_s) for progress in entry.left.values()):
            log.error(
                "%s was not told by %s after %d tries; move %s back to %s to try again",
                entry.notice.id,
                " and ".join(entry.left),
                len(self._delays_s) + 1,
                path.name,
                self._waiting,
            )
            fresh = {name: Progress() for name in entry.left}
            write_whole(path, to_json(entry.model_copy(update={"left": fresh})))
            path.replace(self._gave_up / path.name)

    def _sweep(self) -> None:
        """Forget what was told long ago."""
        for path in self._sent.glob("*.json"):
            if path.stat().st_mtime < time.time() - _KEPT_SENT_S:
                path.unlink(missing_ok=True)
