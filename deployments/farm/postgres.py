"""A PostgreSQL cluster of our own, in the farm's folder: made, started on loopback, stopped."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from deployments.farm.services import Folder, Service, is_corpse, wait_until
from tasks.errors import MissingDependencyError

NAME = "postgres"
PACKAGE = "postgresql"
"""The Debian package that brings the programs below."""

_USER = "songfilm"
# Unprivileged account that Debian's package makes: PostgreSQL refuses to run as root.
_SYSTEM_USER = "postgres"
_START_S, _STOP_S = 60.0, 30.0
# Beyond PATH: Debian keeps the server programs out of it, Homebrew too.
_PLACES = ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/pgsql-*/bin")
# Losing the last moment of run states in a power cut is harmless (the store is the truth); it
# saves a disk flush for every state change. The cluster itself stays consistent.
_OPTIONS = "-c listen_addresses=127.0.0.1 -c synchronous_commit=off -c max_connections=200"
# Not the person's own: sorting must not change with who starts the farm. macOS has no C.UTF-8.
_LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"


def start(folder: Folder) -> str:
    """Start our own PostgreSQL, made when it is not there yet; one that runs is left alone.

    Args:
        folder: The farm's folder; the cluster lies in it.

    Returns:
        Its address for SQLAlchemy, password included.

    Raises:
        MissingDependencyError: It does not start.
    """
    folder.make()
    place = _place(folder.path)
    port_file, password_file = folder.path / "postgres.port", folder.path / "postgres.password"
    if not (place / "data" / "PG_VERSION").exists():
        _make(place, password_file)
    if folder.running(NAME) is None:
        port = _port(port_file)
        _launch(folder, place, port)
    return _address(int(port_file.read_text()), password_file.read_text())


def stop(folder: Folder) -> bool:
    """Stop our own PostgreSQL; its clients are sent away (SIGINT: fast shutdown).

    Returns:
        Whether it ran.
    """
    return bool(folder.stop(NAME, number=signal.SIGINT, grace_s=_STOP_S))


def obstacle() -> str | None:
    """Why this machine cannot run a PostgreSQL of our own; None when it can."""
    if find_programs() is None:
        return f"PostgreSQL is not installed (Debian: apt-get install {PACKAGE})"
    if os.geteuid() == 0 and _account() is None:
        return f"PostgreSQL does not run as root and there is no user {_SYSTEM_USER!r}"
    return None


def find_programs(data: Path | None = None) -> Path | None:
    """Folder with initdb and pg_ctl; the version that made `data`, if it exists.

    Args:
        data: Data folder of a cluster.
    """
    version = data / "PG_VERSION" if data else None
    wanted = version.read_text().strip() if version and version.exists() else None
    on_path = shutil.which("pg_ctl")
    folders = [Path(on_path).parent] if on_path else []
    for place in _PLACES:
        folders += sorted(Path("/").glob(place), reverse=True)
    usable = [f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()]
    if wanted:
        usable.sort(key=lambda folder: wanted not in folder.parts)
    return usable[0] if usable else None


def _make(place: Path, password_file: Path) -> None:
    """Make a cluster with one user and a random password."""
    programs = find_programs()
    assert programs, "asked before"
    password = secrets.token_urlsafe(24)
    account = _account() if os.geteuid() == 0 else None
    copy = place / "password"
    for file in (password_file, copy):
        file.touch(mode=0o600)
        file.write_text(password)
    if account is not None:
        shutil.chown(copy, account, account)
    command = [str(programs / "initdb"), "-D", str(place / "data"), "-U", _USER, "-E", "UTF8"]
    command += [f"--locale={_LOCALE}", "--auth=scram-sha-256", f"--pwfile={copy}"]
    try:
        _run(command, place)
    finally:
        copy.unlink()


def _launch(folder: Folder, place: Path, port: int) -> None:
    """Start the server on a port and write its pid down."""
    data = place / "data"
    _forget_corpse(data)
    programs = find_programs(data)
    assert programs, "asked before"
    log = place / "postgres.log"
    options = f"-p {port} {_OPTIONS} -c unix_socket_directories="
    command = [str(programs / "pg_ctl"), "start", "-w", "-t", f"{_START_S:.0f}", "-D", str(data)]
    _run([*command, "-l", str(log), "-o", options], place, log=log)
    pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    service = Service(NAME, tuple(command), {}, address=f"127.0.0.1:{port}")
    folder.adopt(service, pid)


def _forget_corpse(data: Path) -> None:
    """Remove the lock of a killed server that PostgreSQL would take for a living one.

    A dead process whose parent does not look still counts as there. The lock is needed as long as
    children of the dead server live; they work in the data folder.
    """
    lock = data / "postmaster.pid"
    if not lock.exists() or not is_corpse(int(lock.read_text().split("\n", 1)[0])):
        return
    if wait_until(lambda: not _anybody_in(data), timeout_s=_STOP_S):
        lock.unlink()


def _anybody_in(folder: Path) -> bool:
    """Whether some process works in a folder (Linux)."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if (place / "cwd").readlink() == folder:
                return True
        except OSError:
            # Gone meanwhile, or somebody else's.
            continue
    return False


def _run(command: list[str], place: Path, *, log: Path | None = None) -> None:
    """Run one of PostgreSQL's programs under an account that it accepts."""
    account = _account() if os.geteuid() == 0 else None
    # pg_ctl's server keeps standard output open: pipes would never end.
    with (place / "programs.log").open("w+") as said:
        done = subprocess.run(
            command,
            cwd=place,
            env={"PATH": os.defpath, "HOME": str(place), "LC_ALL": _LOCALE},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
            check=False,
        )
        said.seek(0)
        text = said.read()
    if done.returncode:
        if log is not None and log.exists():
            text += "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise MissingDependencyError(
            f"PostgreSQL: {Path(command[0]).name} failed:\n{text.strip()}\n"
            f"(its files: {place}; or give a database with --database)"
        )


def _place(folder: Path) -> Path:
    """Where the cluster lies: in the farm's folder, or where root's PostgreSQL can reach it."""
    place = folder / "postgres"
    account = _account() if os.geteuid() == 0 else None
    if account is not None and not _reaches(account, folder):
        place = Path("/var/lib/songfilm") / str(folder.absolute()).strip("/").replace("/", "-")
    if not place.exists():
        place.mkdir(parents=True, mode=0o700)
        if account is not None:
            shutil.chown(place, account, account)
    return place


def _reaches(account: str, folder: Path) -> bool:
    """Whether an account may enter a folder, parents included."""
    return not subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(folder)],
        user=account,
        group=account,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
    ).returncode


def _account() -> str | None:
    import pwd

    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_name
    except KeyError:
        return None


def _port(file: Path) -> int:
    """The port of last time if it is still free, else a new one."""
    with socket.socket() as probe:
        # PostgreSQL sets the same option, so connections that linger do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(file.read_text()) if file.exists() else 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    file.write_text(str(port))
    return port


def _address(port: int, password: str) -> str:
    secret = quote(password, safe="")
    return f"postgresql+asyncpg://{_USER}:{secret}@127.0.0.1:{port}/postgres"
