"""Where the server keeps its runs: a database that is given, PostgreSQL of our own, or SQLite.

SQLite answers 503 as soon as two clients write at the same time, so a farm on it has one worker.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from deployments.farm import postgres
from deployments.farm.services import Folder
from tasks.errors import BadInputError, MissingDependencyError

OWN, SQLITE = "own", "sqlite"
"""What may be asked for besides an address."""

_CONNECT_S = 10.0

Kind = Literal["given", "postgres", "sqlite"]


@dataclass(frozen=True)
class Database:
    """A database for the Prefect server."""

    url: str
    """SQLAlchemy address; holds the password."""
    kind: Kind

    @property
    def one_writer(self) -> bool:
        """Whether it carries one worker only."""
        return self.url.startswith("sqlite")

    @property
    def title(self) -> str:
        """What it is, for people; never a password."""
        if self.kind == "postgres":
            return f"PostgreSQL of its own, port {urlsplit(self.url).port}"
        if self.one_writer:
            return f"SQLite, {self.url.partition(':///')[2]}"
        parts = urlsplit(self.url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
        return urlunsplit((parts.scheme.partition("+")[0], host, parts.path, "", ""))


def choose(folder: Folder, asked: str | None) -> Database:
    """The database that somebody asked for, or the best that this machine has.

    Args:
        folder: The farm's folder.
        asked: An address, or `own` for a PostgreSQL of our own, or `sqlite` for a file; empty:
            a PostgreSQL of our own if it can be had, else a file.

    Raises:
        BadInputError: Not understood.
        MissingDependencyError: It does not start or does not let us in.
    """
    if asked not in (None, OWN, SQLITE):
        return given(asked)
    fault = postgres.obstacle()
    if asked == OWN and fault:
        raise MissingDependencyError(f"no PostgreSQL of its own: {fault}")
    if asked == SQLITE or fault:
        return Database(f"sqlite+aiosqlite:///{folder.path / 'prefect.db'}", "sqlite")
    return Database(postgres.start(folder), "postgres")


def given(url: str) -> Database:
    """Check an address that somebody gave.

    Args:
        url: SQLAlchemy or libpq address: postgresql://user:password@host/name or sqlite:///path.

    Raises:
        BadInputError: Not such an address.
        MissingDependencyError: The database does not answer, or refuses us.
    """
    scheme, separator, rest = url.partition("://")
    kind = scheme.partition("+")[0]
    if separator and kind in ("postgresql", "postgres"):
        database = Database(f"postgresql+asyncpg://{rest}", "given")
        if _is_address(database.url):
            _connect(database)
            return database
    if separator and kind == "sqlite":
        return Database(f"sqlite+aiosqlite://{rest}", "given")
    raise BadInputError(
        f"database {_hide(url)!r} is not understood; "
        "give postgresql://user:password@host:5432/name, own, or sqlite"
    )


def _connect(database: Database) -> None:
    """Log in once.

    Raises:
        MissingDependencyError: Not possible; says why.
    """
    import asyncio

    import asyncpg

    async def look() -> None:
        connection = await asyncpg.connect(
            database.url.replace("+asyncpg", "", 1), timeout=_CONNECT_S
        )
        await connection.close()

    try:
        asyncio.run(look())
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise MissingDependencyError(
            f"the database {database.title} does not let us in: {error or type(error).__name__}; "
            "check host, port, user, password and name (the database must exist)"
        ) from error


def _is_address(url: str) -> bool:
    """Whether host and port can be read."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname or "host=" in parts.query) and parts.port != 0
    except ValueError:
        return False


def _hide(url: str) -> str:
    """An address without user, password and query: any of these may hold a secret."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2].partition('?')[0]}"
