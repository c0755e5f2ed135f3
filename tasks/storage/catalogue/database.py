"""Opening the catalogue, SQLite in the home folder or PostgreSQL, and bringing it up to date."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tasks.errors import BadInputError, MissingDependencyError, NoSpaceError, TransientError
from tasks.storage.catalogue.upgrade import bring_up_to_date

# Writers of SQLite wait for each other so long; each writes for milliseconds.
_BUSY_S = 60.0
_CONNECT_S = 10
# What databases say when they mean "not you" or "not so", as against "not now".
_REFUSALS = re.compile(
    r"authentication failed|pg_hba\.conf|permission denied|(database|role) .* does not exist"
    r"|unable to open|readonly database|not a database|malformed"
)

_ADVICE = (
    "check user, password and name in SONGFILM_CATALOGUE_URL (a PostgreSQL database must exist; "
    "SQLite's file wants a local folder that you may write to)"
)


class CatalogueUnreachableError(TransientError):
    """The catalogue's database did not answer; what was not written can be tried again."""


class Catalogue:
    """An open catalogue; may be shared by threads."""

    def __init__(self, engine: Engine, title: str) -> None:
        """Take an engine whose tables are of this version.

        Args:
            engine: The database.
            title: What it is, for people; never a password.
        """
        self._engine = engine
        self.title = title

    @property
    def one_machine(self) -> bool:
        """Whether other machines cannot share it."""
        return self._engine.dialect.name == "sqlite"

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: kept when the block ends, undone when it raises.

        Raises:
            CatalogueUnreachableError: The database does not answer.
            BadInputError: It refuses us.
        """
        made = Session(self._engine, expire_on_commit=False)
        with _told(self.title), made as session, session.begin():
            yield session

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """The same without models."""
        with _told(self.title), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()


def open_catalogue(home: Path, url: SecretStr | None) -> Catalogue:
    """Open the catalogue, made or brought up to date when it is not of this version.

    Args:
        home: The settings' home folder.
        url: ``postgresql://user:password@host/name`` or ``sqlite:///file``; ``home/catalogue.db``
            when empty.

    Raises:
        BadInputError: The address is not understood, the database refuses us, its file cannot be
            used, or it was written by a newer songfilm.
        MissingDependencyError: PostgreSQL is asked for but its driver is not installed.
        CatalogueUnreachableError: The database does not answer.
    """
    given = url.get_secret_value().strip() if url is not None else ""
    address = _address(given) if given else URL.create("sqlite", database=str(_file(home)))
    title = _title(address)
    engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgresql(address)
    try:
        with _told(title):
            if engine.dialect.name == "sqlite":
                _patiently(lambda: _use_wal(engine), title)
            with engine.begin() as connection:
                bring_up_to_date(connection, title=title)
    except BaseException:
        engine.dispose()
        raise
    return Catalogue(engine, title)


def _file(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(
            f"the catalogue cannot be kept in {home} ({error.strerror}); set SONGFILM_HOME to a "
            "folder that you may write to, or SONGFILM_CATALOGUE_URL"
        ) from error
    return home / "catalogue.db"


def _address(url: str) -> URL:
    """Read an address; what cannot be read is not repeated, it may hold a password."""
    advice = (
        "SONGFILM_CATALOGUE_URL is not understood; write postgresql://user:password@host:5432/name "
        "(letters such as @ and / in a password as %40 and %2F), or sqlite:////folder/file.db"
    )
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInputError(advice) from None
    if backend in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and address.database not in (None, "", ":memory:"):
        return address.set(drivername="sqlite")
    raise BadInputError(advice)


def _title(address: URL) -> str:
    """What the database is, without user and password."""
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    port = f":{address.port}" if address.port else ""
    return f"postgresql://{address.host or ''}{port}/{address.database or ''}"


def _sqlite(address: URL) -> Engine:
    """Transactions that lock when they begin: of two writers one waits, neither fails."""
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes too late to protect a read that a write rests on.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _lock(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _use_wal(engine: Engine) -> None:
    """Let readers read while somebody writes; the file remembers it."""
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            cursor.execute("PRAGMA journal_mode = WAL")


def _patiently(action: Callable[[], None], title: str) -> None:
    """Try again while others hold SQLite's file: this change does not wait for them by itself."""
    import sqlite3

    end = time.monotonic() + _BUSY_S
    while True:
        try:
            return action()
        except sqlite3.DatabaseError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise BadInputError(
                    f"the catalogue {title} cannot be used: {error}; {_ADVICE}"
                ) from error
            time.sleep(0.05)


def _postgresql(address: URL) -> Engine:
    try:
        import psycopg  # noqa: F401  only to tell whether it is there
    except ImportError as error:
        raise MissingDependencyError(
            "a catalogue in PostgreSQL needs psycopg: "
            'pip install "songfilm[server]", or leave SONGFILM_CATALOGUE_URL empty'
        ) from error
    return create_engine(
        address,
        pool_size=2,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_S, "application_name": "songfilm"},
    )


@contextlib.contextmanager
def _told(title: str) -> Iterator[None]:
    """Say a database's failure in our words: its own may repeat what was written."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().splitlines()
        reason = said[0] if said else type(error.orig).__name__
        if "disk is full" in reason or "No space left" in reason:
            raise NoSpaceError(f"the catalogue {title} has no room left: {reason}") from None
        if _REFUSALS.search(str(error.orig)):
            raise BadInputError(
                f"the catalogue {title} cannot be used: {reason}; {_ADVICE}"
            ) from None
        if _is_ours(error):
            raise
        raise CatalogueUnreachableError(
            f"the catalogue {title} did not answer: {reason}; run the command again when it does"
        ) from None


def _is_ours(error: DBAPIError) -> bool:
    """Whether the database works and we asked for nonsense."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    return not isinstance(error, OperationalError | InterfaceError)
