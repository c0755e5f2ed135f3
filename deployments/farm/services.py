"""One detached process of the farm: started, recognised by pid and start time, stopped.

A pid alone may belong to a stranger after a crash or a reboot, so the start time that the
operating system gives is kept beside it, and nothing is signalled unless both fit.
"""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from recipe_schema.base import SchemaModel
from tasks.errors import BadInputError, MissingDependencyError

# Waiting for a process: how often to look, seconds.
_POLL_S = 0.05
# Lines of a log that an error shows.
_TAIL_LINES = 12


class Record(SchemaModel):
    """What is known of a started process; kept as JSON beside its log."""

    name: str
    pid: int
    began: str
    """Start time as the operating system words it; with the pid it names one process."""
    fingerprint: str
    """Of command and environment: another one means that the process is out of date."""
    address: str | None = None
    """host:port that it listens on, when it does."""
    about: str | None = None
    """A word for people, such as the server's database."""


@dataclass(frozen=True)
class Service:
    """A process to keep running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    address: str | None = None
    about: str | None = None
    matters: tuple[str, ...] = field(default=("SONGFILM_", "PREFECT_"))
    """Prefixes of the variables whose change makes a running process out of date."""

    def fingerprint(self) -> str:
        """Hash of everything that a restart would change."""
        told = {k: v for k, v in self.environment.items() if k.startswith(self.matters)}
        return hashlib.sha256(json.dumps([self.command, sorted(told.items())]).encode()).hexdigest()


class Folder:
    """Records and logs of a farm's processes."""

    def __init__(self, path: Path) -> None:
        """Use a folder.

        Args:
            path: HOME/farm; made when something starts.
        """
        self.path = path

    def make(self) -> None:
        """Make the folder; PostgreSQL's own account must be able to pass through it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)

    def log(self, name: str) -> Path:
        """Where a process writes."""
        return self.path / f"{name}.log"

    def running(self, name: str) -> Record | None:
        """The record of a process that is alive, else None."""
        record = self._read(name)
        return record if record and _start_time(record.pid) == record.began else None

    def names(self) -> list[str]:
        """Everything that was started and not stopped since, dead or alive."""
        return sorted(path.stem for path in self.path.glob("*.pid"))

    def start(self, service: Service) -> Record:
        """Start a process that outlives this one.

        Args:
            service: What to run; its log is appended to.

        Returns:
            Its record.

        Raises:
            MissingDependencyError: The program is not there.
        """
        self.make()
        return self.adopt(service, _spawn(service, self.log(service.name), cwd=self.path))

    def adopt(self, service: Service, pid: int) -> Record:
        """Write down a process that runs.

        Raises:
            MissingDependencyError: It is gone already.
        """
        began = _start_time(pid)
        if began is None:
            raise MissingDependencyError(
                f"{service.name} stopped while starting:\n{self.tail(service.name)}"
            )
        record = Record(
            name=service.name,
            pid=pid,
            began=began,
            fingerprint=service.fingerprint(),
            address=service.address,
            about=service.about,
        )
        part = self._file(service.name).with_suffix(".part")
        part.write_text(record.model_dump_json())
        part.replace(self._file(service.name))
        return record

    def stop(
        self,
        *names: str,
        number: signal.Signals = signal.SIGTERM,
        grace_s: float = 20.0,
    ) -> list[str]:
        """Stop processes at the same time and wait until they are gone; who lingers is killed.

        Each gets one polite signal: Prefect's worker takes a second one for impatience.

        Args:
            names: Of the records.
            number: The polite signal.
            grace_s: Longest wait for all of them after each signal, seconds.

        Returns:
            Names of those that ran.
        """
        ran = [name for name in names if self._signal(name, number)]
        if not wait_until(lambda: not any(map(self.running, ran)), timeout_s=grace_s):
            lingering = [name for name in ran if self._signal(name, signal.SIGKILL)]
            wait_until(lambda: not any(map(self.running, lingering)), timeout_s=grace_s)
        for name in names:
            self._file(name).unlink(missing_ok=True)
        return ran

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Only one command at a time starts and stops things in a farm."""
        self.make()
        with (self.path / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def tail(self, name: str) -> str:
        """The last lines of a log, for an error message."""
        path = self.log(name)
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return "\n".join(f"  | {line}" for line in lines[-_TAIL_LINES:]) or "  | (the log is empty)"

    def _signal(self, name: str, number: signal.Signals) -> bool:
        """Signal a process; whether it is there."""
        record = self.running(name)
        if record is not None:
            os.kill(record.pid, number)
        return record is not None

    def _file(self, name: str) -> Path:
        return self.path / f"{name}.pid"

    def _read(self, name: str) -> Record | None:
        try:
            return Record.model_validate_json(self._file(name).read_text())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise BadInputError(
                f"{self._file(name)} is damaged; see with ps whether {name} runs, stop it, and "
                "delete the file"
            ) from error


def wait_until(done: Callable[[], bool], *, timeout_s: float, poll_s: float = _POLL_S) -> bool:
    """Look until something holds.

    Returns:
        Whether it did, in time.
    """
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_s)
    return True


def is_corpse(pid: int) -> bool:
    """Whether a process is dead and nobody took note: in containers, the first process may not."""
    _reap(pid)
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _spawn(service: Service, log: Path, *, cwd: Path) -> int:
    """Start a process in a session of its own; stays in `cwd`, so that no folder is held busy."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # A shell in between changes the folder; `exec` keeps the pid.
        return os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", 'cd "$0" && exec "$@"', str(cwd), *service.command],
            dict(service.environment),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
        )
    finally:
        os.close(output)


def _start_time(pid: int) -> str | None:
    """When a process began, in the system's words; None when there is none or only its corpse."""
    _reap(pid)
    if sys.platform == "linux":
        return _linux_start_time(pid)
    said = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split(maxsplit=1)
    return said[1].strip() if len(said) == 2 and not said[0].startswith("Z") else None


def _linux_start_time(pid: int) -> str | None:
    """Clock ticks since boot and the boot's name: a reboot begins pids and ticks anew."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything; state is the field after it, start time the 20th.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else f"{boot}:{fields[19]}"


def _reap(pid: int) -> None:
    """Take leave of a dead child of ours, so that it does not stay as a corpse."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
