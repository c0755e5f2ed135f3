"""What Alembic runs around the migrations, on a connection, and in a transaction, of ours."""

from alembic import context

from tasks.storage.catalogue.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table="songfilm_version",
    # SQLite cannot alter a table: Alembic copies it.
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
