"""The first tables: films and what they are made of, accounts and their entries."""

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _make_parts()
    _make_films()
    _make_generations()
    _make_ledger()


def _make_parts() -> None:
    """Projects, songs, recipe versions and clips."""
    op.create_table(
        "clips",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("renderer", sa.Text(), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("store", "fingerprint", name=op.f("pk_clips")),
    )
    op.create_table(
        "projects",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("store", "name", name=op.f("pk_projects")),
    )
    op.create_table(
        "songs",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("store", "sha256", name=op.f("pk_songs")),
    )
    op.create_table(
        "recipes",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("song", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store", "project"],
            ["projects.store", "projects.name"],
            name=op.f("fk_recipes_projects"),
        ),
        sa.ForeignKeyConstraint(
            ["store", "song"], ["songs.store", "songs.sha256"], name=op.f("fk_recipes_songs")
        ),
        sa.PrimaryKeyConstraint("store", "project", "song", "digest", name=op.f("pk_recipes")),
    )


def _make_films() -> None:
    """Finished films."""
    op.create_table(
        "films",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("song", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("renderer", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.Column("saved_micro", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("saved_s", sa.Double(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("manifest_modified", sa.Double(), nullable=False),
        sa.Column("manifest_size", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store", "project", "song", "recipe"],
            ["recipes.store", "recipes.project", "recipes.song", "recipes.digest"],
            name=op.f("fk_films_recipes"),
        ),
        sa.PrimaryKeyConstraint("store", "run_id", name=op.f("pk_films")),
    )
    op.create_index(
        op.f("ix_films_store_project_made_at"),
        "films",
        ["store", "project", "made_at"],
        unique=False,
    )
    op.create_index(op.f("ix_films_store_song"), "films", ["store", "song"], unique=False)


def _make_generations() -> None:
    """Their shots."""
    op.create_table(
        "generations",
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shot", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("renderer", sa.Text(), nullable=False),
        sa.Column("cache", sa.Text(), nullable=False),
        sa.Column("near_of", sa.String(length=64), nullable=True),
        sa.Column("fallback", sa.Text(), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.Column("saved_micro", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store", "fingerprint"],
            ["clips.store", "clips.fingerprint"],
            name=op.f("fk_generations_clips"),
        ),
        sa.ForeignKeyConstraint(
            ["store", "run_id"],
            ["films.store", "films.run_id"],
            name=op.f("fk_generations_films"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("store", "run_id", "place", name=op.f("pk_generations")),
    )
    op.create_index(
        op.f("ix_generations_store_fingerprint"),
        "generations",
        ["store", "fingerprint"],
        unique=False,
    )


def _make_ledger() -> None:
    """Accounts and what they paid."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prepaid", sa.Boolean(), nullable=False),
        sa.Column("balance_micro", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("balance_micro >= 0", name=op.f("ck_accounts_never_below_zero")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "entries",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("prepaid", sa.Boolean(), nullable=False),
        sa.Column("reserved_micro", sa.BigInteger(), nullable=False),
        sa.Column("spent_micro", sa.BigInteger(), nullable=False),
        sa.Column("delta_micro", sa.BigInteger(), nullable=False),
        sa.Column("uncovered_micro", sa.BigInteger(), nullable=False),
        sa.Column("renderer", sa.Text(), nullable=False),
        sa.Column("picture_s", sa.Double(), nullable=False),
        sa.Column("machine_s", sa.Double(), nullable=False),
        sa.Column("film_run", sa.Text(), nullable=True),
        sa.Column("shot", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('top-up', 'reserved', 'settled', 'released')",
            name=op.f("ck_entries_known_state"),
        ),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name=op.f("fk_entries_accounts")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_entries")),
    )
    op.create_index(
        op.f("ix_entries_account_begun_at"), "entries", ["account", "begun_at"], unique=False
    )
    op.create_index(op.f("ix_entries_state"), "entries", ["state"], unique=False)
