"""What the store must keep: every file that a film, an index or a person's song leads to.

Whatever names a file does so by its SHA-256, so this reads JSON without knowing its shape: any 64
hexadecimal digits may be a file's. An entry of a kind or version that is not known here still
holds what it names.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from recipe_schema.artifacts import MANIFEST_VERSION
from tasks.errors import PermanentError
from tasks.storage.keys import blob_key
from tasks.storage.store import ArtifactStore, IntegrityError, NotFoundError

_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_READERS = 8

Out = TypeVar("Out")


class UnclearError(PermanentError):
    """Something that could not be understood; until it is, nothing may be deleted."""


def of_manifest(store: ArtifactStore, key: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a film is made of; its segments are left out: they can be composed again.

    Args:
        store: Where it is.
        key: Its manifest.

    Returns:
        Digests of its song, analysis, curves, recipe and clips; and keys of documents that it
        names but the store lacks.

    Raises:
        UnclearError: It is not a manifest, or one of a newer version.
    """
    run = key.removeprefix("films/").removesuffix(".json")
    advice = f"mend it, or forget that film: songfilm gc --film {run} --delete"
    try:
        told = _object(store, key)
    except UnclearError as error:
        raise UnclearError(f"{error}; {advice}") from error
    if told is None:
        return frozenset(), frozenset()
    version = told.get("schema_version")
    if isinstance(version, int) and version > MANIFEST_VERSION:
        raise UnclearError(
            f"{key} was written by a newer songfilm (its version is {version}, this one reads "
            f"{MANIFEST_VERSION}); nothing was deleted: collect garbage with that version"
        )
    song, analysis, recipe = (_named(told, part) for part in ("song", "analysis", "recipe"))
    if song is None or analysis is None or recipe is None or "shots" not in told:
        raise UnclearError(f"{key} is not a film's manifest; nothing was deleted; {advice}")
    held = digests({name: value for name, value in told.items() if name != "segments"})
    further, missing = through(store, {analysis, recipe})
    return held | further, missing


def of_entry(store: ArtifactStore, key: str) -> frozenset[str]:
    """What an index entry names; nothing when it went away meanwhile.

    Raises:
        UnclearError: It is not JSON.
    """
    told = _object(store, key)
    return frozenset() if told is None else digests(told)


def of_recipe(store: ArtifactStore, key: str) -> frozenset[str]:
    """What a recipe that waits for somebody names, its analysis and that one's curves.

    Raises:
        UnclearError: It is not JSON.
    """
    told = _object(store, key)
    return frozenset() if told is None else digests(told) | through(store, _filed(told))[0]


def digests(value: object) -> frozenset[str]:
    """Every digest that is written somewhere in a JSON value."""
    return frozenset(found for text in _texts(value) for found in _DIGEST.findall(text))


def through(
    store: ArtifactStore, documents: Iterable[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """What stored documents lead to: an analysis to its curves, a recipe to its analysis.

    Args:
        store: Where they are.
        documents: Their digests.

    Returns:
        Digests, and keys of documents that the store lacks.
    """
    found, missing, seen = set[str](), set[str](), set[str]()
    waiting = set(documents)
    while waiting:
        digest = waiting.pop()
        seen.add(digest)
        try:
            told = _object(store, blob_key(digest))
        except UnclearError:
            continue  # not a document: it leads nowhere
        if told is None:
            missing.add(blob_key(digest))
            continue
        found |= digests(told)
        waiting |= _filed(told) - seen
    return frozenset(found), frozenset(missing)


def read_all(
    read: Callable[[ArtifactStore, str], Out], store: ArtifactStore, keys: Iterable[str]
) -> list[Out]:
    """Read many small objects, several at a time."""
    with ThreadPoolExecutor(_READERS) as readers:
        return list(readers.map(partial(read, store), keys))


def _object(store: ArtifactStore, key: str) -> Mapping[str, Any] | None:
    """A JSON object; None when it is not there.

    Raises:
        UnclearError: It is something else.
    """
    try:
        told = json.loads(store.get_bytes(key))
    except (NotFoundError, IntegrityError):
        return None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UnclearError(
            f"{key} is not readable: what it holds is unknown; nothing was deleted; mend it from a "
            "back-up or delete it by hand"
        )
    return told


def _named(told: Mapping[str, Any], part: str) -> str | None:
    """The digest of a part of a manifest."""
    ref = told.get(part)
    found = ref.get("sha256") if isinstance(ref, dict) else None
    return found if isinstance(found, str) and _DIGEST.fullmatch(found) else None


def _filed(recipe: Mapping[str, Any]) -> frozenset[str]:
    """The analysis that a recipe was planned over, where it was filed."""
    metadata = recipe.get("metadata")
    return digests(metadata.get("beats_source")) if isinstance(metadata, dict) else frozenset()


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
