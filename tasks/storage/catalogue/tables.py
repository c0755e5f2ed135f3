"""The catalogue's tables; money in whole micro-dollars, times in UTC.

Films, and all that is read from them, belong to a store, named by its address. Accounts and
entries do not: money spent stays spent when a store is emptied.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

# Constraints have names of their own, so that migrations can change them on every database.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A time with its zone, also from SQLite, which keeps none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Keep UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Give UTC."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own way to say it
        int: BigInteger(),
        float: Double(),
        datetime: Moment(),
    }


_Digest = String(64)


class Project(Base):
    """What films are listed and paid under."""

    __tablename__ = "projects"

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)


class Song(Base):
    """A song that has a film; its name is that of its latest film's."""

    __tablename__ = "songs"

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    sha256: Mapped[str] = mapped_column(_Digest, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class RecipeVersion(Base):
    """A recipe that a project filmed a song by, numbered from 1 by its first film."""

    __tablename__ = "recipes"
    __table_args__ = (
        ForeignKeyConstraint(["store", "project"], ["projects.store", "projects.name"]),
        ForeignKeyConstraint(["store", "song"], ["songs.store", "songs.sha256"]),
    )

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    project: Mapped[str] = mapped_column(Text, primary_key=True)
    song: Mapped[str] = mapped_column(_Digest, primary_key=True)
    digest: Mapped[str] = mapped_column(_Digest, primary_key=True)
    number: Mapped[int]
    first_at: Mapped[datetime]


class Film(Base):
    """A finished film; `gone` when its manifest is no longer in the store.

    What was made of a film, in another shape or as a teaser, has a manifest too: `export` says what
    it is, and it counts as no film of its song.
    """

    __tablename__ = "films"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store", "project", "song", "recipe"],
            ["recipes.store", "recipes.project", "recipes.song", "recipes.digest"],
        ),
        Index(None, "store", "project", "made_at"),
        Index(None, "store", "song"),
    )

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    project: Mapped[str] = mapped_column(Text)
    song: Mapped[str] = mapped_column(_Digest)
    recipe: Mapped[str] = mapped_column(_Digest)
    tenant: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    renderer: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    duration_s: Mapped[float]
    cost_micro: Mapped[int]
    saved_micro: Mapped[int]
    seconds: Mapped[float]
    saved_s: Mapped[float]
    manifest: Mapped[str] = mapped_column(Text)
    manifest_modified: Mapped[float]
    manifest_size: Mapped[int]
    gone: Mapped[bool] = mapped_column(default=False)
    export: Mapped[str | None] = mapped_column(Text)


class ClipRecord(Base):
    """A clip that films were made of; frames and words are those of its index entry."""

    __tablename__ = "clips"

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(_Digest, primary_key=True)
    renderer: Mapped[str] = mapped_column(Text)
    frames: Mapped[int | None]
    cost_micro: Mapped[int]
    seconds: Mapped[float]
    prompt: Mapped[str] = mapped_column(Text)


class Generation(Base):
    """One shot of a film: which clip it got, and whether that was there already."""

    __tablename__ = "generations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store", "run_id"], ["films.store", "films.run_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["store", "fingerprint"], ["clips.store", "clips.fingerprint"]),
        Index(None, "store", "fingerprint"),
    )

    store: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shot: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(_Digest)
    renderer: Mapped[str] = mapped_column(Text)
    cache: Mapped[str] = mapped_column(Text)
    near_of: Mapped[str | None] = mapped_column(_Digest)
    fallback: Mapped[str | None] = mapped_column(Text)
    cost_micro: Mapped[int]
    saved_micro: Mapped[int]
    seconds: Mapped[float]


class Account(Base):
    """A project's money: prepaid from its first top-up on, until then only written down."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("balance_micro >= 0", name="never_below_zero"),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    prepaid: Mapped[bool] = mapped_column(default=False)
    balance_micro: Mapped[int] = mapped_column(default=0)


class Entry(Base):
    """A top-up, or something that was or will be spent; one a event, however often it is tried.

    `delta_micro` is what the entry means for the balance: the entries of an account sum to it.
    """

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint(
            "state IN ('top-up', 'reserved', 'settled', 'released')", name="known_state"
        ),
        Index(None, "account", "begun_at"),
        Index(None, "state"),
    )

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text, ForeignKey("accounts.name"))
    state: Mapped[str] = mapped_column(Text)
    prepaid: Mapped[bool]
    reserved_micro: Mapped[int] = mapped_column(default=0)
    spent_micro: Mapped[int] = mapped_column(default=0)
    delta_micro: Mapped[int] = mapped_column(default=0)
    uncovered_micro: Mapped[int] = mapped_column(default=0)
    renderer: Mapped[str] = mapped_column(Text, default="")
    picture_s: Mapped[float] = mapped_column(default=0.0)
    machine_s: Mapped[float] = mapped_column(default=0.0)
    film_run: Mapped[str | None] = mapped_column(Text)
    shot: Mapped[str | None] = mapped_column(Text)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
