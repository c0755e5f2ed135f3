"""Reads lists of songs: paths and store keys, folders, M3U and CSV files.

No song is opened here: one that cannot be read fails in its own film. Lyrics that lie beside a song
are read, since nobody asked for them: they may not cost it its film.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError

from recipe_schema.base import SchemaModel
from recipe_schema.faults import sentence
from recipe_schema.forms import PROJECT_NAME
from recipe_schema.vocabulary import Aesthetic, Priority
from tasks.errors import BadInputError
from tasks.media.lyrics import BadLyricsError, lyrics_beside, read_lyrics_file

# Endings of files that are taken out of a folder; films are not, they may be our own.
SONG_SUFFIXES = frozenset({
    ".wav", ".w64", ".aif", ".aiff", ".caf", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a",
    ".mka", ".aac", ".wma", ".wv",
})  # fmt: skip
M3U_SUFFIXES = frozenset({".m3u", ".m3u8"})
CSV_SUFFIXES = frozenset({".csv", ".tsv"})

_AUDIO_COLUMNS = ("audio", "path", "file")
_EXTINF = re.compile(r"#EXTINF:\s*[-0-9.]*[^,]*,(.*)")
_NUMBER = re.compile(r"(\d+)")


class BadPlaylistError(BadInputError):
    """A list of songs that cannot be read."""


class PlaylistItem(SchemaModel):
    """One song of a list, and what the list says of its film; None leaves it to the playlist."""

    audio: str
    title: str | None = None
    style: Aesthetic | None = None
    seed: int | None = None
    pace: float | None = Field(default=None, ge=0.25, le=4.0)
    renderer: str | None = None
    priority: Priority | None = None
    project: str | None = Field(default=None, pattern=PROJECT_NAME)
    lyrics: str | None = Field(default=None, description="An .srt or .lrc file.")


# Columns of a table beside the song's.
_WISHES = tuple(name for name in PlaylistItem.model_fields if name != "audio")


@dataclass(frozen=True)
class Playlist:
    """Songs in order, and what a person should know of how they were read."""

    items: tuple[PlaylistItem, ...]
    notes: tuple[str, ...] = ()


def read_playlist(sources: Sequence[str]) -> Playlist:
    """Read songs and lists of songs, in order; the same song with the same wishes counts once.

    Args:
        sources: Paths, https addresses or store keys of songs; a folder, .m3u, .m3u8, .csv or .tsv
            file stands for the songs in it.

    Raises:
        BadPlaylistError: No song at all, or a list that cannot be read.
    """
    notes: list[str] = []
    items: dict[PlaylistItem, None] = {}
    for source in sources:
        for listed in _expanded(source.strip(), notes):
            item = _with_lyrics(listed, notes)
            if item in items:
                notes.append(f"{item.audio} is listed twice; one film is made")
            items[item] = None
    if not items:
        raise BadPlaylistError("there is no song in the list; name at least one")
    return Playlist(items=tuple(items), notes=tuple(notes))


def _with_lyrics(item: PlaylistItem, notes: list[str]) -> PlaylistItem:
    """The entry with the lyrics that lie beside its song, if it names no others and they serve."""
    if item.lyrics is not None or "://" in item.audio:
        return item
    try:
        found = lyrics_beside(Path(item.audio).expanduser())
    except (OSError, RuntimeError, ValueError):
        return item
    if found is None:
        return item
    try:
        read_lyrics_file(found)
    except BadLyricsError as error:
        notes.append(f"{found.name} lies beside its song and is left out: {error}")
        return item
    notes.append(f"{found.name} lies beside its song and is taken for its lyrics")
    return item.model_copy(update={"lyrics": str(found)})


def _expanded(source: str, notes: list[str]) -> Iterator[PlaylistItem]:
    """One entry, or what its folder or list holds."""
    if not source:
        raise BadPlaylistError("the list holds an empty name; write a path or take it out")
    if "://" in source and not source.startswith("file:"):
        yield PlaylistItem(audio=source)
        return
    try:
        path = Path(_local(source)).expanduser()
        folder = path.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise BadPlaylistError(f"{source[:200]!r} cannot be a name of a file ({error})") from error
    suffix = path.suffix.lower()
    if folder:
        yield from _folder(path)
    elif suffix in M3U_SUFFIXES:
        yield from _m3u(path, _text(path, notes))
    elif suffix in CSV_SUFFIXES:
        yield from _csv(path, _text(path, notes))
    else:
        yield PlaylistItem(audio=_local(source))


def _folder(path: Path) -> Iterator[PlaylistItem]:
    """Songs of a folder (not of folders in it), numbers in order of size."""
    try:
        files = [file for file in path.iterdir() if file.suffix.lower() in SONG_SUFFIXES]
    except PermissionError as error:
        raise BadPlaylistError(f"the folder {path} may not be read by this user") from error
    songs = [file for file in files if file.is_file() and not file.name.startswith(".")]
    if not songs:
        raise BadPlaylistError(f"the folder {path} holds no songs (wav, flac, mp3, m4a, ogg, …)")
    return (PlaylistItem(audio=str(file)) for file in sorted(songs, key=_natural))


def _natural(file: Path) -> tuple[tuple[int, int, str], ...]:
    """`2 song` before `10 song`; capitals do not count."""
    parts = _NUMBER.split(file.name.casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _m3u(path: Path, text: str) -> Iterator[PlaylistItem]:
    """Entries of an M3U file, relative ones beside it; titles from #EXTINF."""
    title: str | None = None
    found = False
    for line in map(str.strip, text.splitlines()):
        told = _EXTINF.match(line)
        if told:
            title = told.group(1).strip() or None
        elif line and not line.startswith("#"):
            yield PlaylistItem(audio=_beside(path, line), title=title)
            title, found = None, True
    if not found:
        raise BadPlaylistError(f"{path} names no song")


def _csv(path: Path, text: str) -> Iterator[PlaylistItem]:
    """Rows of a table whose first line names its columns."""
    head = text.partition("\n")[0]
    delimiter = max("\t;,", key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    known = {*_AUDIO_COLUMNS, *_WISHES}
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise BadPlaylistError(
            f"{path}: columns {', '.join(map(repr, unknown))} are not known; known: "
            f"{' or '.join(_AUDIO_COLUMNS)}, {', '.join(_WISHES)}"
        )
    if sum(name in columns for name in _AUDIO_COLUMNS) != 1:
        raise BadPlaylistError(f"{path}: one column must be called {' or '.join(_AUDIO_COLUMNS)}")
    rows.fieldnames = columns
    found = False
    try:
        for row in rows:
            yield _row(path, rows.line_num, row)
            found = True
    except csv.Error as error:
        raise BadPlaylistError(f"{path}, line {rows.line_num}: {error}") from error
    if not found:
        raise BadPlaylistError(f"{path} names no song")


def _row(path: Path, line: int, row: dict[str | None, str | None]) -> PlaylistItem:
    """One row; empty cells leave a wish to the playlist."""
    if None in row:
        raise BadPlaylistError(f"{path}, line {line}: more cells than columns; quote commas")
    cells = {str(name): (cell or "").strip() for name, cell in row.items()}
    audio = next(cells[name] for name in _AUDIO_COLUMNS if name in cells)
    if not audio:
        raise BadPlaylistError(f"{path}, line {line}: no song is named; fill in or drop the line")
    wishes = {name: cell for name, cell in cells.items() if name in _WISHES and cell}
    try:
        if "lyrics" in wishes:
            wishes["lyrics"] = _beside(path, wishes["lyrics"])
        return PlaylistItem.model_validate({"audio": _beside(path, audio), **wishes})
    except ValidationError as error:
        told = sentence(error, {**wishes}, model=PlaylistItem)
        raise BadPlaylistError(f"{path}, line {line}: {told}") from error


def _text(path: Path, notes: list[str]) -> str:
    """A list's text: UTF-8, else Latin-1, which is told."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BadPlaylistError(f"{path} does not exist; check the path") from error
    except PermissionError as error:
        raise BadPlaylistError(f"{path} may not be read by this user") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append(f"{path.name} is not UTF-8 and was read as Latin-1; check the names in it")
        return data.decode("latin-1")


def _beside(listed: Path, entry: str) -> str:
    """An entry of a list: an absolute path or address as it is, else beside the list if there."""
    entry = _local(entry)
    if "://" in entry or Path(entry).expanduser().is_absolute():
        return str(Path(entry).expanduser()) if "://" not in entry else entry
    path = listed.parent / entry
    # What is not a file beside the list may be a key of the store.
    return str(path) if path.exists() or Path(entry).suffix else entry


def _local(entry: str) -> str:
    """The path behind a ``file://`` address; anything else as it is."""
    parts = urlsplit(entry)
    if parts.scheme != "file":
        return entry
    return unquote(parts.path)
