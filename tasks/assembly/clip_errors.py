"""Say whose clip an error is about: files of a store are named by digests."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tasks.media.ffmpeg import BadMediaError

LEAST_PX = 4
"""Shortest side of what a film shows of a clip: pictures of half the size have two pixels."""


@contextlib.contextmanager
def shots_named(clips: Mapping[str, Path]) -> Iterator[None]:
    """Put the shot into errors about its clip, and what to do.

    Args:
        clips: Their files, by shot.

    Raises:
        BadMediaError: As raised inside, with the shot's name where it is one of these files.
    """
    try:
        yield
    except BadMediaError as error:
        told = str(error)
        shots = [shot_id for shot_id, path in clips.items() if path.name in told]
        if not shots:
            raise
        raise BadMediaError(f"{', '.join(shots)}: {told}; --fresh renders it anew") from error
