"""File names that strangers chose, made plain without losing the song's name."""

import re
import unicodedata
from pathlib import PurePosixPath

# Separators, what shells and other systems refuse, and letters that turn or hide text.
_TROUBLE = re.compile(r'[/\\:*?"<>|\s]+')
# Room for what songfilm puts before and after a name; file systems take 255 bytes.
_MOST_BYTES = 160
_LONGEST_ENDING = 10


def plain_file_name(name: str, *, fallback: str = "song") -> str:
    """A name for one file in one folder: no separator, no control letter, no dot in front.

    Args:
        name: Anything.
        fallback: The name when nothing is left of it.

    Returns:
        At most 170 bytes; letters of every script stay, the ending is kept when it is short.
    """
    told = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    seen = "".join(
        letter for letter in told if unicodedata.category(letter)[0] != "C" or letter in "\t\n\r"
    )
    clean = _TROUBLE.sub(" ", seen).strip(" .")
    path = PurePosixPath(clean or fallback)
    ending = path.suffix if 1 < len(path.suffix) <= _LONGEST_ENDING else ""
    stem = clean.removesuffix(ending) if ending else clean
    short = stem.encode()[:_MOST_BYTES].decode("utf-8", "ignore").strip(" .")
    return (short or fallback) + ending
