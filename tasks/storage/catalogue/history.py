"""What people ask the catalogue: projects, and the history of films."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from tasks.storage.catalogue.accounts import MICRO, credit_of
from tasks.storage.catalogue.database import Catalogue
from tasks.storage.catalogue.lines import FilmLine, ProjectLine, ShotLine
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Film,
    Generation,
    RecipeVersion,
)


def list_projects(catalogue: Catalogue, *, address: str) -> tuple[ProjectLine, ...]:
    """Projects of a store, the one with the latest film first; last, those with credit alone."""
    with catalogue.session() as session:
        rows = session.execute(
            select(
                Film.project,
                func.count(),
                func.count(Film.song.distinct()),
                func.max(Film.made_at, type_=Film.made_at.type),
                func.sum(Film.cost_micro),
                func.sum(Film.saved_micro),
            )
            .where(Film.store == address, Film.gone.is_(False), Film.export.is_(None))
            .group_by(Film.project)
        ).all()
        versions = dict(
            session.execute(
                select(RecipeVersion.project, func.count())
                .where(RecipeVersion.store == address)
                .group_by(RecipeVersion.project)
            )
            .tuples()
            .all()
        )
        credit = credit_of(session)
    lines = [
        ProjectLine(
            project=name,
            films=films,
            songs=songs,
            versions=versions[name],
            latest=latest,
            cost_usd=int(cost) / MICRO,
            saved_usd=int(saved) / MICRO,
            credit_usd=credit.get(name),
        )
        for name, films, songs, latest, cost, saved in sorted(
            rows, key=lambda row: (-row[3].timestamp(), row[0])
        )
    ]
    new = sorted(credit.keys() - {line.project for line in lines})
    return (*lines, *(_without_films(name, credit[name]) for name in new))


def _without_films(name: str, credit_usd: float) -> ProjectLine:
    return ProjectLine(
        project=name,
        films=0,
        songs=0,
        versions=0,
        latest=None,
        cost_usd=0.0,
        saved_usd=0.0,
        credit_usd=credit_usd,
    )


def list_films(
    catalogue: Catalogue,
    *,
    address: str,
    project: str | None = None,
    song: str | None = None,
    limit: int = 20,
) -> tuple[FilmLine, ...]:
    """Films of a store with their shots, newest first; those that are gone among them.

    Args:
        catalogue: Asked.
        address: The store's name in the catalogue.
        project: Only of this project.
        song: Only with this in the name that the film has for its song, or of a song whose digest
            begins with it.
        limit: At most so many.
    """
    with catalogue.session() as session:
        found = session.execute(_films(address, project, song).limit(limit)).all()
        shots = _shots(session, address, [film.run_id for film, _ in found])
    return tuple(
        FilmLine(
            run_id=film.run_id,
            made_at=film.made_at,
            project=film.project,
            song=film.title,
            song_sha256=film.song,
            version=version,
            recipe=film.recipe,
            status=film.status,
            renderer=film.renderer,
            tenant=film.tenant,
            duration_s=film.duration_s,
            cost_usd=film.cost_micro / MICRO,
            saved_usd=film.saved_micro / MICRO,
            seconds=film.seconds,
            gone=film.gone,
            export=film.export,
            shots=tuple(shots[film.run_id]),
        )
        for film, version in found
    )


def _films(address: str, project: str | None, song: str | None) -> Select[tuple[Film, int]]:
    """Films with the number of their recipe, newest first."""
    recipe = and_(
        RecipeVersion.store == Film.store,
        RecipeVersion.project == Film.project,
        RecipeVersion.song == Film.song,
        RecipeVersion.digest == Film.recipe,
    )
    wanted = (
        select(Film, RecipeVersion.number)
        .join(RecipeVersion, recipe)
        .where(Film.store == address)
        .order_by(Film.made_at.desc(), Film.run_id)
    )
    if project is not None:
        wanted = wanted.where(Film.project == project)
    if song is not None:
        named = Film.title.icontains(song, autoescape=True)
        wanted = wanted.where(or_(named, Film.song.startswith(song.lower(), autoescape=True)))
    return wanted


def _shots(session: Session, address: str, runs: Sequence[str]) -> dict[str, list[ShotLine]]:
    """Shots of films, in the order of each."""
    made = and_(Film.store == Generation.store, Film.run_id == Generation.run_id)
    used = (
        select(Generation.fingerprint, func.count().label("times"))
        .join(Film, made)
        .where(Generation.store == address, Film.export.is_(None))
        .group_by(Generation.fingerprint)
        .subquery()
    )
    clip = and_(
        ClipRecord.store == Generation.store, ClipRecord.fingerprint == Generation.fingerprint
    )
    rows = session.execute(
        select(Generation, ClipRecord.prompt, func.coalesce(used.c.times, 0))
        .join(ClipRecord, clip)
        .outerjoin(used, used.c.fingerprint == Generation.fingerprint)
        .where(Generation.store == address, Generation.run_id.in_(runs))
        .order_by(Generation.run_id, Generation.place)
    )
    found: dict[str, list[ShotLine]] = {run: [] for run in runs}
    for shot, prompt, times in rows:
        found[shot.run_id].append(_shot_line(shot, prompt, times))
    return found


def _shot_line(shot: Generation, prompt: str, times_used: int) -> ShotLine:
    return ShotLine(
        shot=shot.shot,
        fingerprint=shot.fingerprint,
        renderer=shot.renderer,
        cache=shot.cache,
        near_of=shot.near_of,
        fallback=shot.fallback,
        cost_usd=shot.cost_micro / MICRO,
        saved_usd=shot.saved_micro / MICRO,
        seconds=shot.seconds,
        prompt=prompt,
        times_used=times_used,
    )
