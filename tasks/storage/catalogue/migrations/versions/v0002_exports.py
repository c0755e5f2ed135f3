"""What is made of a film is told from films: its kind."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the kind; what is there already is a film."""
    op.add_column("films", sa.Column("export", sa.Text(), nullable=True))
