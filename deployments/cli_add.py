"""``songfilm add``: songs into the store."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deployments.cli_options import JsonOption, Run, StoreOption
from deployments.console import Screen
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from tasks.storage.songs import AddedSong


_DONE = 0


def register(app: typer.Typer, run: Run) -> None:
    """Add the verb to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def add(
        songs: Annotated[
            list[str],
            typer.Argument(
                metavar="SONG…", help="Files, folders, lists (.m3u, .csv) or https addresses."
            ),
        ],
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """Put songs into the store, where every worker finds them; prints their keys."""
        run(lambda screen: _add(screen, songs, store), json=json)


def _add(screen: Screen, songs: list[str], store: str | None) -> int:
    """Check songs and put them into the store, one after another; a bad one stops no other."""
    from deployments.preflight import check_song
    from deployments.song_source import song_here
    from tasks.settings import Settings
    from tasks.storage import open_store
    from tasks.storage.songs import NoSongError, keep_song

    address = store or Settings().store_url
    shelf = open_store(address)
    listed = list(_listed(songs))
    refused = []
    for song in listed:
        try:
            with song_here(screen, song, store=address) as path:
                check_song(path)
                added = keep_song(path, store=shelf)
        except NoSongError:
            refused.append(f"song {song[:200]!r} does not exist; check the name")
            continue
        except BadInputError as error:
            refused.append(str(error))
            continue
        _tell_added(screen, added)
    if refused:
        raise BadInputError(_refusal(refused, len(listed)))
    screen.emit({"event": "done", "songs": len(listed)})
    return _DONE


def _refusal(refused: list[str], songs: int) -> str:
    """Why songs were not added."""
    if songs == 1:
        return refused[0]
    were = "was" if len(refused) == 1 else "were"
    return f"{len(refused)} of {songs} songs {were} not added: {'; '.join(refused)}"


def _listed(songs: list[str]) -> Iterator[str]:
    """Songs as they are named; a folder or a list stands for the songs in it."""
    from tasks.media.playlist import CSV_SUFFIXES, M3U_SUFFIXES, read_playlist
    from tasks.storage.songs import local_path

    for song in songs:
        path = local_path(song)
        if path and (path.is_dir() or path.suffix.lower() in M3U_SUFFIXES | CSV_SUFFIXES):
            yield from (item.audio for item in read_playlist([str(path)]).items)
        else:
            yield song


def _tell_added(screen: Screen, added: "AddedSong") -> None:
    """Key and name of a song that the store has now."""
    screen.emit(
        {
            "event": "added",
            "key": added.key,
            "name": added.name,
            "bytes": added.size,
            "new": added.new,
            "also": added.also,
        }
    )
    told = f"{added.size / 1e6:.1f} MB" if added.new else "there already"
    screen.say(f"[bold green]{escape(added.key)}[/]  {escape(added.name)}, {told}")
    if added.also:
        screen.say(f"  the store had these bytes already, as {escape(', '.join(added.also))}")
