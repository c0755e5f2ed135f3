"""Songs by path, store key or address: their files, their marks, and lists of them."""

from collections.abc import Sequence
from pathlib import Path

from tasks.errors import BadInputError
from tasks.media.addresses import is_address
from tasks.media.playlist import Playlist, PlaylistItem
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.keys import SONG_LETTERS, song_letters
from tasks.storage.named_files import paths_are_shared
from tasks.storage.scratch import scratch_folder
from tasks.storage.song_list import gather_songs
from tasks.storage.songs import open_song, song_limits
from tasks.storage.store import ArtifactStore, file_sha256


def song_file(song: str, artifacts: ArtifactStore, folder: Path) -> Path:
    """The file of a song that is named by path, store key or address, checked."""
    return open_song(song, store=artifacts, folder=folder, limits=song_limits(Settings()))


def song_mark(song: str, *, store: str | None) -> str | None:
    """The first letters of a song's digest, `SONG_LETTERS` of them; None when there is no file.

    Args:
        song: Path or store key; nothing is fetched from the net for it.
        store: Address of the artifact store.
    """
    if is_address(song):
        return None
    added = song_letters(song)
    if added is not None:
        return added
    with scratch_folder(Settings().scratch_path) as folder:
        try:
            return file_sha256(song_file(song, open_store(store), folder))[:SONG_LETTERS]
        except BadInputError:
            return None


def shared_songs(items: Sequence[PlaylistItem], *, store: str | None) -> Playlist:
    """Name a playlist's songs so that workers which share only the store find them.

    Args:
        items: Songs as they were listed.
        store: Address of the artifact store; files are put there when it is a bucket.

    Raises:
        BadPlaylistError: A name that is nothing at all, such as a mistyped folder.
    """
    settings = Settings()
    with scratch_folder(settings.scratch_path) as folder:
        return gather_songs(
            items,
            store=open_store(store),
            folder=folder,
            limits=song_limits(settings),
            shared_paths=paths_are_shared(store or settings.store_url),
        )
