"""Songs of a playlist for workers that share nothing but the store and the server."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tasks import cancellation
from tasks.errors import NoSpaceError, RunCancelledError, SongfilmError
from tasks.media.addresses import is_address, read_address, title_of
from tasks.media.download import Net
from tasks.media.limits import SongLimits
from tasks.media.lyrics import BadLyricsError, read_lyrics_file
from tasks.media.playlist import SONG_SUFFIXES, BadPlaylistError, Playlist, PlaylistItem
from tasks.storage.keys import BadKeyError
from tasks.storage.songs import keep_song, local_path, open_song, song_name, songs_below
from tasks.storage.store import ArtifactStore, NotFoundError, StoreError, keep_file

# What is taken for a song that other machines may have, though this one has it not.
_SONG_LIKE = SONG_SUFFIXES | {".mp4", ".mov", ".mkv", ".webm"}


@dataclass
class _Gathering:
    """What a list is resolved with, and what was put into the store for it."""

    store: ArtifactStore
    folder: Path
    limits: SongLimits
    shared_paths: bool
    net: Net | None
    notes: list[str] = field(default_factory=list)
    put: list[str] = field(default_factory=list)
    put_bytes: int = 0


def gather_songs(
    items: Sequence[PlaylistItem],
    *,
    store: ArtifactStore,
    folder: Path,
    limits: SongLimits,
    shared_paths: bool,
    net: Net | None = None,
) -> Playlist:
    """Name each song so that any worker finds it.

    Folders of the store become the songs in them, and what is fetched from the net is kept in the
    store. A song that cannot be fetched or kept stays as it is: its own film fails, and says why.
    The same holds for lyrics. Lists may name songs and lyrics in any folder, but nothing is put
    into the store that was not read as what it should be: a list cannot publish other files.

    Args:
        items: Songs as they were listed.
        store: What all workers share.
        folder: For files on their way.
        limits: Largest song.
        shared_paths: Whether workers see this machine's files; if not, they are put into the store.
        net: Other ways on the net, for tests.

    Raises:
        BadPlaylistError: A name that is nothing at all, such as a mistyped folder.
        BadInputError: An address that is not https.
    """
    work = _Gathering(store, folder, limits, shared_paths, net)
    found: dict[PlaylistItem, None] = {}
    for item in items:
        cancellation.check()
        found.update(dict.fromkeys(_with_lyrics(song, work) for song in _found(item, work)))
    if work.put:
        count = "1 song was" if len(work.put) == 1 else f"{len(work.put)} songs were"
        work.notes.append(
            f"{count} put into the store for the workers ({work.put_bytes / 1e6:.1f} MB): "
            f"{', '.join(work.put)}"
        )
    return Playlist(items=tuple(found), notes=tuple(work.notes))


def _found(item: PlaylistItem, work: _Gathering) -> Iterator[PlaylistItem]:
    """One entry, or the songs of the store's folder that it names."""
    source = item.audio
    if is_address(source):
        read_address(source)
        yield _kept(item, work)
    elif local_path(source) is not None:
        yield item if work.shared_paths else _kept(item, work)
    elif _is_key(source, work.store):
        yield _titled(item, source, work.store)
    elif below := list(songs_below(source, work.store)):
        for key in below:
            yield _titled(item.model_copy(update={"audio": key}), key, work.store)
    elif PurePosixPath(source).suffix.lower() in _SONG_LIKE:
        # Workers may see a folder that this machine does not.
        yield item
    else:
        raise BadPlaylistError(
            f"{source[:200]!r} is no folder, list or song that this machine can read, and no key "
            "or folder of songs in the store; check the name (`songfilm add` puts songs there)"
        )


def _kept(item: PlaylistItem, work: _Gathering) -> PlaylistItem:
    """The entry with its song in the store; what is no song stays out, and fails in its film."""
    try:
        with TemporaryDirectory(dir=work.folder) as place:
            path = open_song(
                item.audio, store=work.store, folder=Path(place), limits=work.limits, net=work.net
            )
            added = keep_song(path, store=work.store)
    except (RunCancelledError, StoreError, NoSpaceError):
        raise
    except (SongfilmError, OSError) as error:
        work.notes.append(f"{title_of(item.audio)} stays where it is: {error}")
        return item
    if added.new:
        work.put.append(added.name)
        work.put_bytes += added.size
    title = item.title or PurePosixPath(added.name).stem
    return item.model_copy(update={"audio": added.key, "title": title})


def _with_lyrics(item: PlaylistItem, work: _Gathering) -> PlaylistItem:
    """The entry with its lyrics in the store, where workers do not see this machine's files."""
    path = local_path(item.lyrics) if item.lyrics and not work.shared_paths else None
    if path is None:
        return item
    try:
        read_lyrics_file(path)
    except BadLyricsError as error:
        work.notes.append(
            f"the lyrics of {item.title or title_of(item.audio)} stay where they are: {error}"
        )
        return item
    return item.model_copy(update={"lyrics": keep_file(work.store, path, "text/plain").key})


def _is_key(source: str, store: ArtifactStore) -> bool:
    try:
        store.stat(source)
    except (BadKeyError, NotFoundError):
        return False
    return True


def _titled(item: PlaylistItem, key: str, store: ArtifactStore) -> PlaylistItem:
    """The entry under the name that its song was added with."""
    return item.model_copy(
        update={"title": item.title or PurePosixPath(song_name(key, store)).stem}
    )
