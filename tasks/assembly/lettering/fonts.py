# ruff: noqa: RUF001  letters that look alike are what this file is about
"""Type: songfilm's own face, or a font file; what it lacks is spelt otherwise, and told.

Letters are placed by advances and kerning measured once at a large size, so that a line breaks
alike at every film size. The layout is Pillow's own: it runs left to right and joins no letters.
The default face is the one that Pillow carries (Aileron: ASCII and some signs) with marks of ours.
"""

import functools
import unicodedata
from pathlib import Path

from PIL import ImageFont

from tasks.assembly.lettering.accents import can_mark, plain_letter
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

    def missing(self, text: str) -> tuple[str, ...]:
        """Letters of a text that the face lacks, each once, in order.

        Dashes and quotes that are written as plainer ones do not count.
        """
        found = (
            cluster
            for cluster in clusters(unicodedata.normalize("NFC", text))
            if not cluster.isspace()
            and self._lacks(cluster)
            and (cluster not in _SPELT or _SPELT[cluster].isalpha())
        )
        return tuple(dict.fromkeys(found))

    def _spelt(self, text: str) -> str:
        """A text in letters that the face has: marks taken off, else the letter left out."""
        written = []
        for cluster in clusters(unicodedata.normalize("NFC", text)):
            if cluster.isspace() or not self._lacks(cluster):
                written.append(cluster)
                continue
            plain = _SPELT.get(cluster) or unicodedata.normalize("NFKD", cluster)
            written += [c for c in plain if not self._lacks(c) and not unicodedata.combining(c)]
        return "".join(written)

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
        return (
            self._path is None and can_mark(cluster) and not self._lacks(plain_letter(cluster)[0])
        )

    def _measured(self, text: str) -> float:
        plain = (plain_letter(c)[0] if self.is_marked(c) else c for c in clusters(text))
        return float(self.at(_EM).getlength("".join(plain))) / _EM

    def _is_missing(self, letter: str) -> bool:
        if self.is_marked(letter):
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
