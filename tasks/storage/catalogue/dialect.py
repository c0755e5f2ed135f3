"""What SQLite and PostgreSQL say differently."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from tasks.storage.catalogue.tables import Base

# Any numbers that no other program locks in the same database.
UPGRADE_LOCK, SYNC_LOCK = 7_364_601, 7_364_602


def hold(connection: Connection, lock: int) -> None:
    """Let one at a time go on, until its transaction ends; SQLite's writers do so anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def insert_new(session: Session, table: type[Base], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is taken; whether it was new."""
    statement = _insert(session, table).values(row).on_conflict_do_nothing()
    key = table.__mapper__.primary_key[0]
    return session.execute(statement.returning(key)).first() is not None


def put_rows(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or bring those up to date whose keys are taken."""
    if not rows:
        return
    statement = _insert(session, table)
    keys = [column.name for column in table.__mapper__.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing()
    session.execute(statement, list(rows))


def _insert(session: Session, table: type[Base]) -> Any:
    lite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if lite else postgresql.insert(table)
