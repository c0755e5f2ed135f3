"""Rows of films into the catalogue, and what follows from all of them together."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from tasks.storage.catalogue.dialect import put_rows
from tasks.storage.catalogue.reading import FilmReading, Row
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Film,
    Generation,
    Project,
    RecipeVersion,
    Song,
)

# Names in one question: databases take thousands of parameters, not any number.
_ASKED = 500


def put_films(session: Session, films: Sequence[FilmReading]) -> None:
    """Write films and what they name; a film that is there is replaced.

    `tidy` must follow in the same transaction: names and numbers that depend on other films are
    only placeholders here.
    """
    rows = [reading.film for reading in films]
    put_rows(session, Project, [{"store": row["store"], "name": row["project"]} for row in rows])
    put_rows(session, Song, [_song(row) for row in rows])
    put_rows(session, RecipeVersion, [_recipe(row) for row in rows])
    put_rows(session, Film, rows)
    for row in rows:
        session.execute(
            delete(Generation).where(
                Generation.store == row["store"], Generation.run_id == row["run_id"]
            )
        )
    _put_clips(session, [clip for reading in films for clip in reading.clips])
    put_rows(session, Generation, [shot for reading in films for shot in reading.generations])


def tidy(session: Session, address: str) -> None:
    """Number recipe versions, name songs, drop what no film of a store names, price clips."""
    _number_recipes(session, address)
    _name_songs(session, address)
    films = select(Film.run_id).where(Film.store == address)
    _prune(
        session,
        RecipeVersion,
        films.where(
            Film.project == RecipeVersion.project,
            Film.song == RecipeVersion.song,
            Film.recipe == RecipeVersion.digest,
        ),
        address,
    )
    _prune(session, Song, films.where(Film.song == Song.sha256), address)
    _prune(session, Project, films.where(Film.project == Project.name), address)
    shots = select(Generation.run_id).where(Generation.store == address)
    _prune(
        session, ClipRecord, shots.where(Generation.fingerprint == ClipRecord.fingerprint), address
    )
    _price_clips(session, address)


def _song(row: Row) -> Row:
    return {"store": row["store"], "sha256": row["song"], "name": row["title"]}


def _recipe(row: Row) -> Row:
    return {
        "store": row["store"],
        "project": row["project"],
        "song": row["song"],
        "digest": row["recipe"],
        "number": 0,
        "first_at": row["made_at"],
    }


def _put_clips(session: Session, clips: Sequence[Row]) -> None:
    """Write clips; what an index entry said is not replaced by a guess."""
    wanted = {row["fingerprint"]: row for row in clips if row["frames"] is not None}
    guesses = {row["fingerprint"]: row for row in clips if row["fingerprint"] not in wanted}
    names = sorted(guesses)
    for start in range(0, len(names), _ASKED):
        known = session.scalars(
            select(ClipRecord.fingerprint).where(
                ClipRecord.store == clips[0]["store"],
                ClipRecord.fingerprint.in_(names[start : start + _ASKED]),
            )
        )
        for name in known:
            del guesses[name]
    put_rows(session, ClipRecord, [*wanted.values(), *guesses.values()])


def _price_clips(session: Session, address: str) -> None:
    """Guess what clips without an index entry cost: the most that a film says."""
    same = (Generation.store == ClipRecord.store, Generation.fingerprint == ClipRecord.fingerprint)
    most = {
        name: select(func.max(column)).where(*same).scalar_subquery()
        for name, column in (("cost_micro", Generation.cost_micro), ("seconds", Generation.seconds))
    }
    session.execute(
        update(ClipRecord)
        .where(ClipRecord.store == address, ClipRecord.frames.is_(None))
        .values(most)
        .execution_options(synchronize_session=False)
    )


def _number_recipes(session: Session, address: str) -> None:
    """Number the recipes of each project and song by their first films."""
    place = (Film.project, Film.song)
    firsts = session.execute(
        select(*place, Film.recipe, func.min(Film.made_at).label("first_at"))
        .where(Film.store == address)
        .group_by(*place, Film.recipe)
    ).all()
    kept = {
        (row.project, row.song, row.digest): (row.number, row.first_at)
        for row in session.scalars(select(RecipeVersion).where(RecipeVersion.store == address))
    }
    ordered = sorted(firsts, key=lambda row: (row.project, row.song, row.first_at, row.recipe))
    changed: list[Row] = []
    for (project, song), versions in groupby(ordered, key=lambda row: (row.project, row.song)):
        for number, row in enumerate(versions, start=1):
            if kept.get((project, song, row.recipe)) != (number, row.first_at):
                found = {"project": project, "song": song, "recipe": row.recipe}
                changed.append(
                    _recipe({"store": address, "made_at": row.first_at, **found})
                    | {"number": number}
                )
    put_rows(session, RecipeVersion, changed)


def _name_songs(session: Session, address: str) -> None:
    """Call each song what its latest film calls it, of those that are there if any are."""
    latest = (
        select(Film.title)
        .where(Film.store == address, Film.song == Song.sha256)
        .order_by(Film.gone, Film.made_at.desc(), Film.run_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Song)
        .where(Song.store == address, func.coalesce(latest, Song.name) != Song.name)
        .values(name=latest)
        .execution_options(synchronize_session=False)
    )


def _prune(
    session: Session,
    table: type[RecipeVersion] | type[Song] | type[Project] | type[ClipRecord],
    users: Select[tuple[str]],
    address: str,
) -> None:
    """Drop the rows of a store that nothing uses."""
    session.execute(
        delete(table)
        .where(table.store == address, ~exists(users.correlate(table)))
        .execution_options(synchronize_session=False)
    )
