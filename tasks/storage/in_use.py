"""Index entries that are used stay; those that nobody used for long are not believed any more."""

import time

from tasks.storage.store import ArtifactStore, NotFoundError

DAY_S = 86_400.0
# Pieces of films are composed again in seconds; a re-roll within weeks finds them.
SEGMENT_DAYS = 30.0
# An entry in daily use is renewed once a day: each renewal is a request to an S3 server.
_RENEWED_AFTER_S = DAY_S


def in_use(store: ArtifactStore, key: str, *, days: float) -> bool:
    """Whether an entry may be believed; it is then renewed.

    Garbage collection takes entries a grace time after they are too old here, so that what is
    believed is never taken meanwhile.

    Args:
        store: Where it is.
        key: The entry.
        days: How long it stays without use.
    """
    try:
        age_s = time.time() - store.stat(key).modified
        if age_s > days * DAY_S:
            return False
        if age_s > _RENEWED_AFTER_S:
            store.touch(key)
    except NotFoundError:  # swept between two requests
        return False
    return True
