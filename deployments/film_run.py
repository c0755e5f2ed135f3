"""The id of the run that made a film, by its beginning."""

import re

from tasks.errors import BadInputError
from tasks.storage.store import ArtifactStore

# The start of a run's id: enough of it not to be met by chance.
_START = re.compile(r"[0-9a-f][0-9a-f-]{5,35}")


def may_be_run(text: str) -> bool:
    """Whether a text can be the id of a run, or its first six letters or more."""
    return _START.fullmatch(text) is not None


def run_of(store: ArtifactStore, start: str) -> str:
    """The id of the run that begins so, if the store has a film of one; the text itself if not.

    Args:
        store: Whose films are looked through.
        start: The id, or the first six of its letters or more.

    Raises:
        BadInputError: There are several.
    """
    if not may_be_run(start):
        return start
    films = (found.key.split("/") for found in store.list("films"))
    runs = {parts[1].removesuffix(".json") for parts in films if len(parts) == 2}
    found = sorted(run for run in runs if run.startswith(start))
    if len(found) > 1 and start not in found:
        raise BadInputError(
            f"{start} names {len(found)} films; give more of the id: {', '.join(found[:5])}"
        )
    return found[0] if len(found) == 1 else start
