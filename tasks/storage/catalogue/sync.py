"""Bringing the catalogue to what the store holds: films that are new, changed or gone."""

import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from sqlalchemy import delete, select, update

from tasks.storage.catalogue.database import Catalogue
from tasks.storage.catalogue.dialect import SYNC_LOCK, hold
from tasks.storage.catalogue.ledger import Ledger
from tasks.storage.catalogue.reading import FilmReading, Unreadable, read_film
from tasks.storage.catalogue.tables import (
    ClipRecord,
    Film,
    Generation,
    Project,
    RecipeVersion,
    Song,
)
from tasks.storage.catalogue.writing import put_films, tidy
from tasks.storage.keys import manifest_key
from tasks.storage.store import ArtifactStore, ObjectInfo

# Films a transaction: others who write wait for it.
_BATCH = 50
# Small objects read at the same time: each waits for a server, not for this machine.
_READERS = 8


@dataclass(frozen=True)
class SyncReport:
    """What bringing the catalogue up to date changed.

    Attributes:
        read: Films that were new or changed.
        gone: Films that are no longer in the store.
        faults: Manifests that could not be read, and why.
        released: Reservations of runs that died, given back.
    """

    read: int = 0
    gone: int = 0
    faults: tuple[str, ...] = ()
    released: tuple[str, ...] = ()


def address_of(store_url: str) -> str:
    """The name of a store in the catalogue: equal for all ways to write one folder."""
    parts = urlsplit(store_url)
    if parts.scheme and parts.scheme != "file" and len(parts.scheme) > 1:
        return store_url.rstrip("/")
    path = unquote(parts.path) if parts.scheme == "file" else store_url
    return Path(path).expanduser().resolve().as_uri()


def sync(catalogue: Catalogue, store: ArtifactStore, *, address: str) -> SyncReport:
    """Read what the catalogue does not know yet.

    Args:
        catalogue: Brought up to date.
        store: Its manifests are the truth.
        address: The store's name in the catalogue, see `address_of`.

    Returns:
        What changed, and what could not be read.
    """
    # Known before listed: a film that is filed meanwhile must not look gone.
    known, clips = _known(catalogue, address)
    listed = [info for info in store.list("films") if _is_manifest(info.key)]
    wanted = [info for info in listed if known.get(info.key) != (info.modified, info.size)]
    faults: list[Unreadable] = []
    read = 0
    read_one = partial(read_film, store, address=address, known_clips=clips)
    for batch in _batches(sorted(wanted, key=lambda info: (info.modified, info.key))):
        with ThreadPoolExecutor(_READERS) as readers:
            found = list(readers.map(read_one, batch))
        faults += [reading for reading in found if isinstance(reading, Unreadable)]
        films = [reading for reading in found if isinstance(reading, FilmReading)]
        read += len(films)
        _write(catalogue, address, films)
    there = {info.key for info in listed} - {fault.key for fault in faults}
    gone = _mark_gone(
        catalogue, address, sorted({key for key, state in known.items() if state} - there)
    )
    released = Ledger(catalogue).release_stale()
    told = tuple(f"{fault.key}: {fault.reason}" for fault in faults)
    return SyncReport(read=read, gone=gone, faults=told, released=released)


def rebuild(catalogue: Catalogue, store: ArtifactStore, *, address: str) -> SyncReport:
    """Forget all that was read from a store, and read it anew; the ledger stays as it is.

    Films that are gone are forgotten, and recipe versions counted anew.
    """
    with catalogue.session() as session:
        hold(session.connection(), SYNC_LOCK)
        for table in (Generation, Film, RecipeVersion, ClipRecord, Song, Project):
            session.execute(delete(table).where(table.store == address))
    return sync(catalogue, store, address=address)


def _known(
    catalogue: Catalogue, address: str
) -> tuple[dict[str, tuple[float, int] | None], frozenset[str]]:
    """Manifests by key with time and size (None: gone), and clips whose entries were read."""
    with catalogue.session() as session:
        films = session.execute(
            select(Film.manifest, Film.manifest_modified, Film.manifest_size, Film.gone).where(
                Film.store == address
            )
        ).all()
        clips = session.scalars(
            select(ClipRecord.fingerprint).where(
                ClipRecord.store == address, ClipRecord.frames.is_not(None)
            )
        ).all()
    known = {key: None if gone else (modified, size) for key, modified, size, gone in films}
    return known, frozenset(clips)


def _is_manifest(key: str) -> bool:
    return manifest_key(PurePosixPath(key).stem) == key


def _batches(infos: Sequence[ObjectInfo]) -> Iterator[list[ObjectInfo]]:
    left = iter(infos)
    while batch := list(itertools.islice(left, _BATCH)):
        yield batch


def _write(catalogue: Catalogue, address: str, films: Sequence[FilmReading]) -> None:
    with catalogue.session() as session:
        hold(session.connection(), SYNC_LOCK)
        put_films(session, films)
        tidy(session, address)


def _mark_gone(catalogue: Catalogue, address: str, keys: Sequence[str]) -> int:
    """Say of films that the store has them no longer; how many that is news of."""
    marked = 0
    for start in range(0, len(keys), _BATCH):
        missing = (
            update(Film)
            .where(
                Film.store == address,
                Film.manifest.in_(keys[start : start + _BATCH]),
                Film.gone.is_(False),
            )
            .values(gone=True)
            .returning(Film.run_id)
        )
        with catalogue.session() as session:
            hold(session.connection(), SYNC_LOCK)
            marked += len(session.scalars(missing).all())
            tidy(session, address)
    return marked
