"""The song that a command was given: a file here, or one that is fetched for the run."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from deployments.console import Screen
from tasks.media.addresses import is_address, read_address
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.scratch import scratch_folder
from tasks.storage.songs import local_path, open_song, song_limits


@contextlib.contextmanager
def song_here(screen: Screen, source: str, *, store: str) -> Iterator[Path]:
    """The file of a song, looked into; one that was fetched is gone at the end.

    Args:
        screen: Told when something is fetched.
        source: Path, https address, or key of the store.
        store: Address of the store where keys are looked up.

    Raises:
        BadInputError: Nothing there, or not a song that is taken.
        TransientError: It could not be fetched this time.
    """
    settings = Settings()
    with scratch_folder(settings.scratch_path) as folder:
        if is_address(source):
            screen.say(f"fetching the song from {read_address(source).host} …")
        yield open_song(
            source, store=open_store(store), folder=folder, limits=song_limits(settings)
        ).absolute()


@contextlib.contextmanager
def song_if_any(screen: Screen, source: str | None, *, store: str) -> Iterator[Path | None]:
    """The same for a song that may be left out."""
    if source is None:
        yield None
        return
    with song_here(screen, source, store=store) as path:
        yield path


def own_file(source: str | None) -> Path | None:
    """The file of a person's own that a song is read from, which must not be written over."""
    return local_path(source) if source else None
