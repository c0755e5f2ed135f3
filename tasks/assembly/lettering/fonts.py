# ruff: noqa: RUF001  letters that look alike are what this file is about
"""Type: songfilm's own face, or a font file; what it lacks is spelt otherwise, and told.

Letters are placed by advances and kerning measured once at a large size, so that a line breaks
alike at every film size. The layout is Pillow's own: it runs left to right and joins no letters.
The default face is the one that Pillow carries (Aileron: ASCII and some signs) with marks and
ligatures of ours.
"""

import functools
import re
import unicodedata
from pathlib import Path

from PIL import ImageFont

from tasks.assembly.lettering.accents import can_mark, plain_letter
from tasks.assembly.lettering.joined import JOINED
from tasks.errors import BadInputError

# Pixels an em at which letters are measured.
_EM = 1000
# No font has this one: what is drawn for it is drawn for every missing letter.
_NO_LETTER = "\U0010fffd"
# Written for letters that a font lacks, where taking the marks off is not enough.
_SPELT = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "„": "“", "‚": "‘", "′": "'", "″": '"',
    "×": "x", "•": "·", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
# Left over where the words beside them could not be written.
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
_HANGING = re.compile(r"^[\s\-–—·,:;/|&]+|[\s\-–—·,:;/|&]+$")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})


class BadFontError(BadInputError):
    """A file that holds no type that can be used."""


class Typeface:
    """One face at any size."""

    def __init__(self, path: Path | None) -> None:
        """Open a face.

        Args:
            path: A .ttf or .otf file; None for songfilm's own.

        Raises:
            BadFontError: The file is not a font.
        """
        self._path = path
        self.at = functools.lru_cache(maxsize=64)(self._at)
        self.spelt = functools.lru_cache(maxsize=4096)(self._spelt)
        self._lacks = functools.cache(self._is_missing)
        self._length = functools.cache(self._measured)
        self.at(_EM)

    def _at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """The face at a size."""
        try:
            if self._path is None:
                font = ImageFont.load_default(size_px)
            else:
                layout = ImageFont.Layout.BASIC
                font = ImageFont.truetype(self._path, size_px, layout_engine=layout)
        except OSError as error:
            name = self._path.name if self._path else "the built-in face"
            raise BadFontError(
                f"{name} is not a font that can be read ({error}); give a .ttf or .otf file"
            ) from error
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise BadFontError("Pillow was built without FreeType; install Pillow's own wheel")
        return font

    def otherwise(self, text: str) -> dict[str, str]:
        """Letters of a text that the face lacks, each once, in order, and what is written for them.

        Nothing stands for those that are left out. Dashes and quotes that are written as plainer
        ones do not count.
        """
        found = dict.fromkeys(
            cluster
            for cluster in clusters(unicodedata.normalize("NFC", text))
            if not cluster.isspace() and self._lacks(cluster)
        )
        return {
            cluster: self._plainer(cluster)
            for cluster in found
            if cluster not in _SPELT or _SPELT[cluster].isalpha()
        }

    def left_out(self, text: str) -> tuple[str, ...]:
        """Letters and digits that cannot be written at all: words with them are lost or wrong."""
        return tuple(
            cluster
            for cluster, written in self.otherwise(text).items()
            if not written and unicodedata.category(cluster[0])[0] in "LN"
        )

    def _spelt(self, text: str) -> str:
        """A text in letters that the face has: marks taken off, else the letter left out."""
        return "\n".join(self._spelt_row(row) for row in text.split("\n"))

    def _spelt_row(self, row: str) -> str:
        """One row; what only held words together goes with them."""
        letters = clusters(unicodedata.normalize("NFC", row))
        written = [
            letter if letter.isspace() or not self._lacks(letter) else self._plainer(letter)
            for letter in letters
        ]
        spelt = "".join(written)
        return _HANGING.sub("", _EMPTY_BRACKETS.sub("", spelt)) if "" in written else spelt

    def _plainer(self, cluster: str) -> str:
        """What is written for a letter that the face lacks; may be nothing."""
        plain = _SPELT.get(cluster) or unicodedata.normalize("NFKD", cluster)
        return "".join(c for c in plain if not self._lacks(c) and not unicodedata.combining(c))

    def advances(self, text: str, *, tracking: float = 0.0) -> tuple[float, ...]:
        """Where each cluster of a text begins, and where the last ends, in ems.

        Args:
            text: One line.
            tracking: Space put between letters, ems.
        """
        letters = clusters(text)
        at, places = 0.0, [0.0]
        for k, letter in enumerate(letters):
            after = letters[k + 1] if k + 1 < len(letters) else ""
            # Kerning is part of what the two measure together.
            at += self._length(letter + after) - (self._length(after) if after else 0.0)
            at += tracking if after else 0.0
            places.append(at)
        return tuple(places)

    def width(self, text: str, *, tracking: float = 0.0) -> float:
        """Length of a line in ems."""
        return self.advances(text, tracking=tracking)[-1]

    def is_marked(self, cluster: str) -> bool:
        """Whether a letter is written as a plain one and strokes; only songfilm's own type does."""
        if self._path is not None or not can_mark(cluster):
            return False
        plain = plain_letter(cluster)[0]
        return not (plain in JOINED or can_mark(plain) or self._lacks(plain))

    def is_joined(self, cluster: str) -> bool:
        """Whether a letter is put together from others; only songfilm's own type does."""
        return self._path is None and cluster in JOINED

    def _measured(self, text: str) -> float:
        letters = clusters(text)
        if any(self.is_joined(c) for c in letters):
            return sum(JOINED[c].width if self.is_joined(c) else self._measured(c) for c in letters)
        plain = (plain_letter(c)[0] if self.is_marked(c) else c for c in letters)
        return float(self.at(_EM).getlength("".join(plain))) / _EM

    def _is_missing(self, letter: str) -> bool:
        if self.is_marked(letter) or self.is_joined(letter):
            return False
        if all(unicodedata.category(c) in ("Cf", "Mn", "Me") for c in letter):
            return False
        return any(_drawn(self.at(32), c) == _drawn(self.at(32), _NO_LETTER) for c in letter)


def clusters(text: str) -> tuple[str, ...]:
    """Letters of a text, each with the marks that stand on it."""
    found: list[str] = []
    for letter in text:
        if found and unicodedata.category(letter) in ("Mn", "Me", "Cf"):
            found[-1] += letter
        else:
            found.append(letter)
    return tuple(found)


def runs_right_to_left(text: str) -> bool:
    """Whether a text has letters of a script that runs from right to left."""
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
