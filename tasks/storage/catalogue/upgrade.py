"""Migrations on opening: quick when there are none to run, once however many open at a time."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from tasks.errors import BadInputError
from tasks.storage.catalogue.dialect import UPGRADE_LOCK, hold

# The newest migration, so that a database of this version opens without loading Alembic.
NEWEST = "v0002"
MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(connection: Connection, *, title: str) -> None:
    """Run the migrations that a database lacks, in the transaction of the connection.

    Args:
        connection: In a transaction; SQLite's holds the file's lock already.
        title: What the database is, for messages.

    Raises:
        BadInputError: A newer songfilm wrote it.
    """
    if version(connection) == NEWEST:
        return
    hold(connection, UPGRADE_LOCK)
    found = version(connection)
    if found == NEWEST:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise BadInputError(
            f"the catalogue {title} was written by a newer songfilm (its version is {found}, this "
            f"one knows {NEWEST}); install that version here too, or set SONGFILM_CATALOGUE_URL "
            "to another database"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def version(connection: Connection) -> str | None:
    """Which migration a database was brought to; None when it is new."""
    if not inspect(connection).has_table("songfilm_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM songfilm_version")).scalar()
    return None if found is None else str(found)
