"""Files that are laid over a film's pictures, and how each is read to see that it serves."""

from collections.abc import Callable
from pathlib import Path

from recipe_schema.assembly import LyricLine
from recipe_schema.forms import DressOptions
from tasks.assembly.lettering.fonts import BadFontError, Typeface
from tasks.assembly.lut import read_cube
from tasks.errors import BadInputError
from tasks.media.lyrics import read_lyrics

# Fonts for all of East Asia have about 20 MB.
_LARGEST_FONT_BYTES = 100_000_000

LUT, FONT, LYRICS = "colour table", "font", "lyrics"


def check_files(dress: DressOptions, fetch: Callable[[str, str], Path]) -> None:
    """Read every file that was asked for.

    Args:
        dress: What is laid over a film.
        fetch: Finds a file by its path or key; told what it should be, for messages.

    Raises:
        BadInputError: One that is not there or cannot be used.
    """
    if dress.lut:
        read_cube(fetch(dress.lut, LUT))
    if dress.font:
        check_font(fetch(dress.font, FONT))
    if dress.lyrics:
        read_lyrics_file(fetch(dress.lyrics, LYRICS))


def check_font(path: Path) -> None:
    """Refuse what is no font.

    Raises:
        BadFontError: It cannot be read, or is far too large.
    """
    if path.stat().st_size > _LARGEST_FONT_BYTES:
        raise BadFontError(f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; no font has")
    Typeface(path)


def read_lyrics_file(path: Path) -> tuple[LyricLine, ...]:
    """Read the words of a file, in song time.

    Raises:
        BadInputError: It may not be read, or holds no lyrics.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"the lyrics {path} cannot be read: {error.strerror}") from error
    return read_lyrics(data, name=path.name)
