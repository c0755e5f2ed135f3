"""Files that are laid over a film's pictures, and how each is read to see that it serves."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from recipe_schema.assembly import Lettering, LyricLine
from recipe_schema.forms import DressOptions
from recipe_schema.recipe import Recipe
from tasks.assembly.lettering.fonts import BadFontError, Typeface
from tasks.assembly.lut import read_cube
from tasks.errors import BadInputError
from tasks.media.lyrics import read_lyrics_file

# Fonts for all of East Asia have about 20 MB.
_LARGEST_FONT_BYTES = 50_000_000

AUTO = "auto"
"""Asked for as a title or an artist: what the song's file says, else its name."""
# So many letters are named in a message.
_SHOWN_LETTERS = 12

LUT, FONT, LYRICS = "colour table", "font", "lyrics"


class BadWordsError(BadInputError):
    """Words for the picture that the type cannot write."""


def check_files(
    dress: DressOptions, fetch: Callable[[str, str], Path], *, recipe: Recipe | None = None
) -> None:
    """Read every file that was asked for, and see that the type can write what is painted.

    Args:
        dress: What is laid over a film.
        fetch: Finds a file by its path or key; told what it should be, for messages.
        recipe: The plan, if there is one; what it says holds where nothing was asked for.

    Raises:
        BadInputError: One that is not there or cannot be used.
        BadWordsError: Words that the type cannot write.
    """
    told = recipe.assembly_instructions if recipe else None
    own = told.lettering if told else Lettering()
    if lut := dress.lut or (told.grade.lut if told else None):
        read_cube(fetch(lut, LUT))
    font = None
    if named := dress.font or own.font:
        font = fetch(named, FONT)
        check_font(font)
    lines = own.lyrics.lines if own.lyrics else ()
    if dress.lyrics:
        lines = read_lyrics_file(fetch(dress.lyrics, LYRICS)).lines
    burnt = dress.burn_lyrics or bool(own.lyrics and own.lyrics.burnt)
    check_words((*_card(dress, own), *(_texts(lines) if burnt else ())), font)


def check_words(texts: Sequence[str], font: Path | None) -> None:
    """Refuse words of which the type cannot write every letter.

    Args:
        texts: What is to be painted.
        font: A font file; None for songfilm's own type.

    Raises:
        BadWordsError: Letters would be left out; marks that are taken off are no fault.
    """
    if not any(texts):
        return
    face = Typeface(font)
    for text in texts:
        if face.left_out(text):
            lost = shown_letters(face.left_out("".join(texts)))
            name = "the font" if font else "songfilm's own type"
            other = "another font" if font else "a font"
            raise BadWordsError(
                f"{name} cannot write {' '.join(text.split())[:40]!r}: it has no {lost}; give "
                f"{other} that has these letters with --font FILE (.ttf or .otf)"
            )


def shown_letters(letters: Sequence[str]) -> str:
    """Letters as a message names them: the first of many."""
    more = " …" if len(letters) > _SHOWN_LETTERS else ""
    return " ".join(letters[:_SHOWN_LETTERS]) + more


def _card(dress: DressOptions, own: Lettering) -> tuple[str, ...]:
    """Title, artist and credits that somebody wrote; what a song's file says is not known yet."""
    titles = own.titles
    title = dress.title if dress.title is not None else titles.title if titles else ""
    artist = dress.artist if dress.artist is not None else titles.artist if titles else ""
    credits = dress.credits or (titles.credits if titles else ())
    return tuple(text for text in (title, artist, *credits) if text != AUTO)


def _texts(lines: Iterable[LyricLine]) -> tuple[str, ...]:
    return tuple(line.text for line in lines)


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
