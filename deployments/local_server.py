"""A Prefect server of this run's own: quiet, trimmed, and gone when its parent is gone.

Prefect can start a server by itself, but that one may outlive a killed parent, prints tracebacks
of its services, and cannot be started before the first flow. This one starts first, while the
song is checked and the workers load, and is asked for readiness only when a flow is about to run.
"""

import fcntl
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from tasks.errors import MissingDependencyError

_POLL_S = 0.1
_STOP_S = 10.0
_WATCH_S = 0.5
# Services that a run of one process does not need, and messages that nobody reads.
_TRIMMED = {
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}


class LocalServer:
    """A server process on a free loopback port."""

    def __init__(self, home: Path) -> None:
        """Start it at once; `wait` tells when it answers.

        Args:
            home: Folder for the server's log and its history of runs.
        """
        self._log = home / "logs" / "server.log"
        self._port = _free_port()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._lock, database = _history(home)
        environment = {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"}
        environment.setdefault(
            "PREFECT_API_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{database}"
        )
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "deployments.local_server",
                    str(self._port),
                    str(os.getpid()),
                ],
                env={**environment, **_TRIMMED},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def api_url(self) -> str:
        """Where clients find the API."""
        return f"http://127.0.0.1:{self._port}/api"

    def wait(self, timeout_s: float) -> None:
        """Block until the server answers.

        Raises:
            MissingDependencyError: It died or did not answer in time.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise MissingDependencyError(
                    f"the embedded Prefect server stopped while starting; {self._log} says why"
                )
            if self._answers():
                return
            time.sleep(_POLL_S)
        raise MissingDependencyError(
            f"the embedded Prefect server did not answer within {timeout_s:.0f} s; set "
            f"SONGFILM_SERVER_TIMEOUT_S higher, or PREFECT_API_URL to a server; see {self._log}"
        )

    def _answers(self) -> bool:
        """Whether the API says that it is healthy."""
        return answers(self.api_url, timeout_s=2)

    def stop(self) -> None:
        """End the process and wait for it."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._lock.close()


def answers(api_url: str, *, timeout_s: float) -> bool:
    """Whether a Prefect API answers; a refusal to strangers counts as an answer.

    Args:
        api_url: Address that ends in /api.
        timeout_s: Longest wait, seconds.
    """
    local = any(name in api_url for name in ("//127.", "//localhost", "//[::1]"))
    proxies = urllib.request.ProxyHandler({} if local else None)
    try:
        with urllib.request.build_opener(proxies).open(
            f"{api_url.rstrip('/')}/health", timeout=timeout_s
        ) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except (OSError, ValueError):
        return False


def keep_loopback_direct() -> None:
    """Keep requests to this machine away from a proxy that the environment names."""
    for name in ("NO_PROXY", "no_proxy"):
        known = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys((*known, "127.0.0.1", "localhost")))


def _history(home: Path) -> tuple[IO[bytes], Path]:
    """The database of runs, and the lock that keeps a second server from it.

    SQLite does not carry two servers: a run beside another one gets a database of its own.
    """
    for k in itertools.count():
        database = home / (f"prefect-{k}.db" if k else "prefect.db")
        lock = database.with_suffix(".lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return lock, database
    raise AssertionError("counting does not end")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with(parent_pid: int) -> None:
    """Leave when the parent is gone, even if it was killed."""
    while os.getppid() == parent_pid:
        time.sleep(_WATCH_S)
    os._exit(0)


def _serve(port: int, parent: int) -> None:
    """Run the server in this process."""
    import uvicorn

    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
