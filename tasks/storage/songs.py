"""Songs on their way in: from a file, an https address or the store itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tasks.errors import BadInputError
from tasks.media.addresses import is_address
from tasks.media.download import Net, download_song
from tasks.media.file_names import plain_file_name
from tasks.media.limits import SongLimits
from tasks.media.playlist import SONG_SUFFIXES
from tasks.media.probe import BadSongError, probe_song
from tasks.settings import Settings
from tasks.storage.keys import BadKeyError, check_key, song_key, song_letters, song_name_key
from tasks.storage.store import ArtifactStore, IntegrityError, NotFoundError, file_sha256

# Longest time that fetching a song may take, seconds.
DOWNLOAD_S = 900.0
_ADDED = "songs"
_NAME_ENDING = PurePosixPath(song_name_key("song")).suffix


class NoSongError(BadInputError):
    """Neither a file here nor a key of the store."""


@dataclass(frozen=True)
class AddedSong:
    """A song in the store.

    Attributes:
        name: File name as its owner wrote it, made plain.
        new: Whether the store lacked it.
        also: Other keys under which the store had its bytes already.
    """

    key: str
    name: str
    size: int
    new: bool
    also: tuple[str, ...] = ()


def song_limits(settings: Settings) -> SongLimits:
    """How large and long songs may be on this machine."""
    return SongLimits(settings.song_max_mb, settings.song_max_minutes)


def open_song(
    source: str, *, store: ArtifactStore, folder: Path, limits: SongLimits, net: Net | None = None
) -> Path:
    """The file of a song, checked by its size, its content and the length it declares.

    Args:
        source: Path, https address, or key of the store.
        store: Where keys are looked up.
        folder: Where a fetched file goes.
        limits: Largest and longest song.
        net: Other ways on the net, for tests.

    Raises:
        BadInputError: Nothing there, or not a song that is taken.
        TransientError: It could not be fetched this time.
    """
    path = _fetched(source, store=store, folder=folder, limits=limits, net=net)
    try:
        probe_song(path, limits=limits)
    except BadSongError as error:
        if not is_address(source):
            raise
        raise BadSongError(f"what the address gives is no song: {error}") from error
    return path


def local_path(source: str) -> Path | None:
    """The path that a text means, if something lies there; strange and empty names mean nothing."""
    try:
        path = Path(source).expanduser()
        return path if source and path.exists() else None
    except (OSError, RuntimeError, ValueError):
        return None


def song_name(key: str, store: ArtifactStore) -> str:
    """The file name of a song in the store, as its owner wrote it.

    Raises:
        BadKeyError: No key can be called so.
    """
    check_key(key)
    try:
        return plain_file_name(store.get_bytes(song_name_key(key)).decode("utf-8", "replace"))
    except (BadKeyError, NotFoundError):
        return PurePosixPath(key).name


def keep_song(path: Path, *, store: ArtifactStore, name: str | None = None) -> AddedSong:
    """Put a song's file into the store; the same file under the same name is stored once.

    Args:
        path: The file.
        store: Where it goes.
        name: What it is called; its own name when empty.
    """
    told = plain_file_name(name or path.name)
    key, size = song_key(file_sha256(path), told), path.stat().st_size
    try:
        new = store.stat(key).size != size
    except NotFoundError:
        new = True
    also: tuple[str, ...] = ()
    if new:
        also = tuple(sorted(_twins(key, size, store)))
        # The name first: a song that is there has its name.
        if PurePosixPath(key).name != told:
            store.put_bytes(song_name_key(key), told.encode())
        store.put_file(key, path)
    return AddedSong(key=key, name=told, size=size, new=new, also=also)


def _twins(key: str, size: int, store: ArtifactStore) -> Iterator[str]:
    """Keys of the same bytes under other names."""
    for found in store.list(str(PurePosixPath(key).parent)):
        if found.size == size and found.key != key and not found.key.endswith(_NAME_ENDING):
            yield found.key


def songs_below(folder: str, store: ArtifactStore) -> Iterator[str]:
    """Keys of the songs below a folder of the store, in order; none when there is no such folder.

    Args:
        folder: Such as ``songs/``; of other folders only files with a song's ending count.
        store: Where to look.
    """
    try:
        base = check_key(folder.rstrip("/"))
    except BadKeyError:
        return
    for found in store.list(base):
        suffix = PurePosixPath(found.key).suffix.lower()
        added = base.split("/")[0] == _ADDED and suffix != _NAME_ENDING
        if added or suffix in SONG_SUFFIXES:
            yield found.key


def _fetched(
    source: str, *, store: ArtifactStore, folder: Path, limits: SongLimits, net: Net | None
) -> Path:
    """The file behind a path, an https address or a key, not yet looked into.

    Raises:
        BadInputError: Nothing there, or too large.
        TransientError: It could not be fetched this time.
    """
    if is_address(source):
        return download_song(
            source, folder, max_bytes=limits.max_bytes, deadline_s=DOWNLOAD_S, net=net
        )
    found = local_path(source)
    if found is not None:
        return found
    try:
        name, size = song_name(source, store), store.stat(source).size
        limits.refuse_large(name, size)
        store.get_file(source, folder / name)
    except (BadKeyError, NotFoundError) as error:
        raise NoSongError(
            f"song {source[:200]!r} does not exist: it is neither a file that this machine can "
            "read nor a key of the store; check the name, or add the song with `songfilm add`"
        ) from error
    promised = song_letters(source)
    if promised is not None and not file_sha256(folder / name).startswith(promised):
        raise IntegrityError(f"{source} is damaged in the store; add the song again")
    return folder / name
