"""Files that are laid over a film's pictures, and how each is read to see that it serves."""

from collections.abc import Callable
from pathlib import Path

from recipe_schema.forms import DressOptions
from tasks.assembly.lettering.fonts import BadFontError, Typeface
from tasks.assembly.lut import read_cube
from tasks.media.lyrics import read_lyrics_file

# Fonts for all of East Asia have about 20 MB.
_LARGEST_FONT_BYTES = 50_000_000

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
        raise BadFontError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; fonts have at most 50"
        )
    Typeface(path)
