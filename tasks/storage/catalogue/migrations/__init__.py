"""Changes of the catalogue's tables, oldest first, run by Alembic."""
