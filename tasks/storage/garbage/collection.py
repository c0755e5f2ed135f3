"""Garbage collection: mark what films, indexes and people's songs lead to, sweep the rest.

Nobody is asked to stop meanwhile. A worker renews a file that it finds stored already
(`store.keep_file`) and an index entry that it uses; whatever is young is left alone, and all is
looked at once more right before it goes: what was renewed since it was listed stays, with the
files that it names. Index entries go a grace time after workers stopped believing them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol, runtime_checkable

from tasks.errors import BadInputError
from tasks.storage.garbage import reach
from tasks.storage.garbage.plan import ORDER, Doomed, Plan, Rules, Swept
from tasks.storage.garbage.waiting import held_by_runs
from tasks.storage.keys import (
    SONG_LETTERS,
    BadKeyError,
    blob_digest,
    check_key,
    manifest_key,
    near_clip,
    song_letters,
    traits_digest,
)
from tasks.storage.shares import Share
from tasks.storage.store import (
    ArtifactStore,
    NotFoundError,
    ObjectInfo,
    read_index,
)

_WORKERS = 8
# S3 lists times in milliseconds and tells those of one object in seconds. What is renewed was
# older than the grace time.
_TICK_S = 2.0
_NAMES = "`songfilm history` lists films with their names"


@runtime_checkable
class Unfinished(Protocol):
    """A store that keeps parts of uploads until somebody ends them."""

    def abort_unfinished(self, older_than_s: float) -> int:
        """Drop those begun so long ago; how many there were."""


def plan_sweep(store: ArtifactStore, rules: Rules) -> Plan:
    """Mark, and say what a sweep would delete; nothing is changed.

    Args:
        store: Any store.
        rules: What is old.

    Raises:
        UnclearError: A film or an index entry cannot be read, so nobody knows what it needs.
    """
    films = list(store.list("films"))
    manifests = [info for info in films if manifest_key(_stem(info.key)) == info.key]
    old_clips, clips = _split(store.list("clips"), partial(rules.is_old, days=rules.clip_days))
    old_pieces, pieces = _split(
        store.list("segments"), partial(rules.is_old, days=rules.segment_days)
    )
    reviews = [info for info in films if _is_review(info.key)]
    made_of = reach.read_all(reach.of_manifest, store, _keys(manifests))
    entries = [*clips, *pieces, *store.list("analyses")]
    live = frozenset().union(
        *(held for held, _ in made_of),
        *reach.read_all(reach.of_recipe, store, _keys(reviews)),
        *reach.read_all(reach.of_entry, store, _keys(entries)),
    )
    songs = list(store.list("songs"))
    letters = {song_letters(info.key) for info in songs}
    missing = sorted(frozenset().union(*(missing for _, missing in made_of)))
    doomed = [
        *(Doomed("clip", info) for info in old_clips),
        *(Doomed("similar", info) for info in _similar(store, rules, clips)),
        *(Doomed("segment", info) for info in old_pieces),
        *(Doomed("lease", info) for info in store.list("leases") if rules.is_old(info, 1.0)),
        *(Doomed("share", info) for info in _shares(store, rules)),
        *(Doomed("leftover", info) for info in _leftovers(films, manifests) if rules.is_old(info)),
    ]
    # Listed last: what was filed since the marking began is young.
    blobs = list(store.list("blobs"))
    unused = [info for info in blobs if _is_unused(info, live, letters) and rules.is_old(info)]
    held = held_by_runs(store, unused, rules)
    files = {info.key: info for info in unused if info.key not in held}
    kept = [*songs, *(info for info in blobs if info.key not in files)]
    traits = _traits(store, rules, {blob_digest(info.key) for info in kept})
    return Plan(
        doomed=(
            *doomed,
            *(Doomed("traits", info) for info in traits),
            *(Doomed("file", info) for info in files.values()),
        ),
        kept=len(kept),
        kept_bytes=sum(info.size for info in kept),
        notes=tuple(f"a film names {key}, which the store has not" for key in missing),
    )


def plan_forgetting(store: ArtifactStore, run_id: str) -> Plan:
    """Say what goes when a film is forgotten: its manifest and the files under its name.

    The files that it was made of go with a later sweep, when nothing else needs them.

    Raises:
        BadInputError: There is no such film.
    """
    key = manifest_key(run_id)
    try:
        check_key(key)
    except BadKeyError as error:
        raise BadInputError(f"no film can be called {run_id!r}; {_NAMES}") from error
    films = [Doomed("film", info) for info in store.list("films") if info.key == key]
    files = [Doomed("leftover", info) for info in store.list(key.removesuffix(".json"))]
    if not films and not files:
        raise BadInputError(f"the store has no film {run_id!r}; {_NAMES}")
    return Plan(doomed=(*films, *files))


def sweep(store: ArtifactStore, plan: Plan, rules: Rules) -> Swept:
    """Delete what a plan names, unless it was renewed since.

    Args:
        store: The store of the plan.
        plan: What goes.
        rules: Those of the plan.
    """
    spared: set[str] = set()
    gone: list[ObjectInfo] = []
    for kind in ORDER:
        chosen = [
            doomed
            for doomed in plan.doomed
            if doomed.kind == kind and blob_digest(doomed.info.key) not in spared
        ]
        with ThreadPoolExecutor(_WORKERS) as workers:
            for doomed, renewed in zip(
                chosen, workers.map(partial(_delete, store), chosen), strict=True
            ):
                spared |= renewed or set()
                gone += [doomed.info] if renewed is None else []
    uploads = store.abort_unfinished(rules.grace_s) if isinstance(store, Unfinished) else 0
    return Swept(
        gone=len(gone),
        freed=sum(info.size for info in gone),
        spared=len(plan.doomed) - len(gone),
        uploads=uploads,
    )


def _delete(store: ArtifactStore, doomed: Doomed) -> frozenset[str] | None:
    """Delete an object that is still as it was listed.

    Returns:
        None when it is gone; else, what the renewed object names.
    """
    try:
        if store.stat(doomed.info.key).modified - doomed.info.modified < _TICK_S:
            store.delete(doomed.info.key)
            return None
    except NotFoundError:
        return None
    if doomed.kind in ("clip", "segment"):
        return reach.of_entry(store, doomed.info.key)
    return frozenset()


def _similar(
    store: ArtifactStore, rules: Rules, clips: Sequence[ObjectInfo]
) -> Iterable[ObjectInfo]:
    """Cards of clips that are not there to stand in for others."""
    there = {info.key for info in clips}
    for info in store.list("near"):
        if near_clip(info.key) not in there and rules.is_old(info):
            yield info


def _traits(
    store: ArtifactStore, rules: Rules, kept: Collection[str | None]
) -> Iterable[ObjectInfo]:
    """What clips look like whose files are gone, or go."""
    for info in store.list("traits"):
        if traits_digest(info.key) not in kept and rules.is_old(info):
            yield info


def _shares(store: ArtifactStore, rules: Rules) -> Iterable[ObjectInfo]:
    """Links that ended, or were taken back, a grace time ago; they open nothing any more."""
    then = datetime.fromtimestamp(rules.now - rules.grace_s, UTC)
    for info in store.list("shares"):
        if rules.is_old(info):
            share = read_index(store, info.key, Share)
            if share is not None and share.state(then) != "open":
                yield info


def _leftovers(
    films: Iterable[ObjectInfo], manifests: Iterable[ObjectInfo]
) -> Iterable[ObjectInfo]:
    """Files under the name of a film that has no manifest; recipes that people are asked about."""
    names = {_stem(info.key) for info in manifests}
    for info in films:
        parts = info.key.split("/")
        if len(parts) > 2 and parts[1] not in names and not _is_review(info.key):
            yield info


def _is_review(key: str) -> bool:
    """Whether a film's file is a recipe that a person is asked about, or approved."""
    return key.split("/")[2:3] == ["review"]


def _is_unused(info: ObjectInfo, live: Collection[str], letters: Collection[str | None]) -> bool:
    """Whether nothing names a file, and it is no song that somebody added."""
    digest = blob_digest(info.key)
    return digest is not None and digest not in live and digest[:SONG_LETTERS] not in letters


def _split(
    infos: Iterable[ObjectInfo], is_old: Callable[[ObjectInfo], bool]
) -> tuple[list[ObjectInfo], list[ObjectInfo]]:
    """Old ones, and the others."""
    old: list[ObjectInfo] = []
    young: list[ObjectInfo] = []
    for info in infos:
        (old if is_old(info) else young).append(info)
    return old, young


def _keys(infos: Iterable[ObjectInfo]) -> list[str]:
    return [info.key for info in infos]


def _stem(key: str) -> str:
    return PurePosixPath(key).stem
