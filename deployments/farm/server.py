"""The farm's Prefect server: API, dashboard and services in one process."""

import os
import socket
import sys
from collections.abc import Mapping

from deployments.farm.database import Database
from deployments.farm.services import Folder, Service, wait_until
from deployments.local_server import answers
from tasks.errors import BadInputError, MissingDependencyError

NAME = "server"

SERVER_AUTH = "PREFECT_SERVER_API_AUTH_STRING"
"""user:password that the server asks for; Prefect's own setting."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What a farm needs of a server, and why it is not Prefect's default.
_SETTINGS = {
    # The last instance in its process: skips work that only tests need.
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    # The page asks the address that it came from: right behind a tunnel or a proxy, too.
    "PREFECT_UI_API_URL": "/api",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # A film cancels its shots itself; this loop is for films whose process is gone. It reads
    # every open shot each time: at 5 s, 200 waiting shots took two thirds of the server's CPU.
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    # Engines, workers and a browser open more connections than 5 + 10 at times.
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "10",
    "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "20",
}
# A heavy machine starts everything at once and may swap; Prefect's 10 s turn that into errors.
_DATABASE_TIMEOUT_S = "30"
# After its database was away, it may hang in its own shutdown; it keeps nothing in memory.
_STOP_S = 8.0


def describe(
    folder: Folder,
    database: Database,
    *,
    host: str,
    port: int,
    environment: Mapping[str, str],
) -> Service:
    """The server as a service.

    Args:
        folder: The farm's folder.
        database: Where it keeps its runs.
        host: Address to listen on.
        port: Port to listen on.
        environment: Of the farm's processes.
    """
    told = {k: v for k, v in environment.items() if k != "PREFECT_API_URL"}
    own = {k: v for k, v in os.environ.items() if k.startswith("PREFECT_SERVER_")}
    settings = {
        **_SETTINGS,
        **own,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database.url,
        "PREFECT_SERVER_DATABASE_TIMEOUT": _DATABASE_TIMEOUT_S,
        "PREFECT_UI_STATIC_DIRECTORY": str(folder.path / "ui"),
        # A page of another site that a browser shows may not talk to the server.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{host}:{port}",
    }
    command = (sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app")
    options = ("--host", host, "--port", str(port), "--log-level", "warning")
    # Longer than the 25 s that Prefect's clients keep an idle connection: none meets a closing one.
    patience = ("--timeout-keep-alive", "30")
    address = f"{host}:{port}"
    return Service(
        NAME,
        (*command, *options, *patience),
        {**told, **settings},
        address=address,
        about=database.title,
    )


def api_url(address: str) -> str:
    """Where clients on this machine find the API of a server that listens at `address`."""
    host, _, port = address.rpartition(":")
    inside = "127.0.0.1" if host in ("0.0.0.0", "localhost") else "[::1]" if ":" in host else host
    return f"http://{inside}:{port}/api"


def refuse_open_door(host: str) -> None:
    """Nobody but this machine may reach a server without a password.

    Raises:
        BadInputError: Others could.
    """
    if host not in LOOPBACK and not os.environ.get(SERVER_AUTH):
        raise BadInputError(
            f"--host {host} would let everybody on the network start runs, which is running code "
            f"on this machine; set {SERVER_AUTH}=user:password first (and "
            "PREFECT_API_AUTH_STRING for clients), or leave --host away"
        )


def refuse_taken_port(address: str) -> None:
    """See whether the server could listen at host:port.

    Raises:
        BadInputError: Something else listens there.
    """
    error = listening_fault(address)
    if error is not None:
        raise BadInputError(_who_is_there(address, error)) from error


def listening_fault(address: str) -> OSError | None:
    """Why nothing of ours could listen at host:port; None when it could."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does it: connections that linger after a restart are not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            return error
    return None


def wait(folder: Folder, address: str, *, timeout_s: float) -> None:
    """Wait until a started server answers.

    Raises:
        MissingDependencyError: It stopped, or did not answer in time.
    """
    url = api_url(address)

    def settled() -> bool:
        return folder.running(NAME) is None or answers(url, timeout_s=2)

    answered = wait_until(settled, timeout_s=timeout_s, poll_s=0.1)
    if folder.running(NAME) is None:
        raise MissingDependencyError(
            f"the Prefect server stopped while starting:\n{folder.tail(NAME)}\n"
            f"(all of it: {folder.log(NAME)})"
        )
    if not answered:
        raise MissingDependencyError(
            f"the Prefect server did not answer at {url} within {timeout_s:.0f} s; run the same "
            f"command again to go on waiting, or set SONGFILM_SERVER_TIMEOUT_S higher; its log "
            f"ends:\n{folder.tail(NAME)}"
        )


def stop(folder: Folder) -> bool:
    """Stop the server; whether it ran."""
    return bool(folder.stop(NAME, grace_s=_STOP_S))


def _who_is_there(address: str, error: OSError) -> str:
    port = address.rpartition(":")[2]
    url = api_url(address)
    if answers(url, timeout_s=2):
        return (
            f"another Prefect server answers at {url}; use it with PREFECT_API_URL={url}, "
            f"or choose another port: songfilm up --port {int(port) + 1}"
        )
    return (
        f"cannot listen at {address} ({os.strerror(error.errno or 0)}); another program has the "
        f"port: songfilm up --port {int(port) + 1}"
    )
