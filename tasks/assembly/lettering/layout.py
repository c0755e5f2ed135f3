"""Line breaks: as few lines as fit, as even as they can be, at the largest size that fits."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.assembly.lettering.fonts import Typeface, clusters

# Each try at a text is this much smaller than the one before.
_STEP = 0.94
# Type is not set smaller than this; what is still too long is broken between letters.
_SMALLEST_PX = 4


@dataclass(frozen=True)
class Setting:
    """How a text is set."""

    size_px: int
    """Size that is wished for."""
    lines: int
    """Most lines at that size."""
    tracking: float = 0.0
    """Space between letters, ems."""
    leading: float = 1.24
    """From base line to base line, ems."""


@dataclass(frozen=True)
class Block:
    """A text in lines."""

    lines: tuple[str, ...]
    size_px: int
    tracking: float
    leading: float
    width_px: float

    @property
    def height_px(self) -> float:
        """From the top of the first line's letters to the bottom of the last one's."""
        return (_ASCENT + _DESCENT + self.leading * (len(self.lines) - 1)) * self.size_px

    def baselines(self) -> tuple[float, ...]:
        """Base lines, pixels below the block's top."""
        return tuple((_ASCENT + self.leading * k) * self.size_px for k in range(len(self.lines)))


# Room above and below the base line, ems: accents and tails of common faces.
_ASCENT, _DESCENT = 1.0, 0.3


def fit_text(
    text: str, setting: Setting, *, face: Typeface, width_px: float, height_px: float
) -> Block:
    """Set a text into a box: smaller, and then in more lines, until it fits.

    Args:
        text: Words; its own line breaks are kept where they fit.
        setting: Size and lines that are wished for; below 0.6 of the size, more lines are taken.
        face: The type; the text is in its letters.
        width_px: Widest line.
        height_px: Highest block.
    """
    size, lines = float(setting.size_px), setting.lines
    while size > _SMALLEST_PX:
        if size < 0.6 * setting.size_px:
            lines = setting.lines + 2
        for wrapped in _wraps(text, lines, face, setting.tracking, width_px / round(size)):
            block = _block(wrapped, round(size), setting, face)
            if block.height_px <= height_px:
                return block
        size *= _STEP
    broken = _break(
        clusters(" ".join(text.split())), face, setting.tracking, width_px / _SMALLEST_PX
    )
    return _block(broken, _SMALLEST_PX, setting, face)


def _block(lines: Sequence[str], size_px: int, setting: Setting, face: Typeface) -> Block:
    width = max(face.width(line, tracking=setting.tracking) for line in lines) * size_px
    return Block(tuple(lines), size_px, setting.tracking, setting.leading, width)


def _wraps(
    text: str, most: int, face: Typeface, tracking: float, width: float
) -> Iterator[tuple[str, ...]]:
    """Ways to break a text into at most so many lines of a width in ems, the best first."""
    rows = [row for row in text.split("\n") if row.strip()]
    if 1 < len(rows) <= most and all(face.width(r, tracking=tracking) <= width for r in rows):
        yield tuple(rows)
    words = _words(" ".join(text.split()))
    for count in range(1, most + 1):
        broken = _even_lines(words, count, face, tracking, width)
        if broken is not None:
            yield broken


def _even_lines(
    words: Sequence[str], count: int, face: Typeface, tracking: float, width: float
) -> tuple[str, ...] | None:
    """Break words into `count` lines whose longest is as short as can be; None if too wide."""
    if count > len(words):
        return None
    lengths = [face.width(word, tracking=tracking) for word in words]
    # best[k]: (badness, breaks) of the first k words in the lines laid so far.
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for _ in range(count):
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for start, (badness, breaks) in best.items():
            length = 0.0
            for end in range(start + 1, len(words) + 1):
                length += lengths[end - 1] + (tracking if end > start + 1 else 0.0)
                if length > width:
                    break
                option = (badness + length * length, (*breaks, end))
                if end not in longer or option[0] < longer[end][0]:
                    longer[end] = option
        best = longer
    if len(words) not in best:
        return None
    ends = best[len(words)][1]
    lines = ("".join(words[a:b]).strip() for a, b in zip((0, *ends[:-1]), ends, strict=True))
    return tuple(lines)


def _words(text: str) -> tuple[str, ...]:
    """Pieces that stay whole: words with the space behind them, and each East Asian letter."""
    pieces: list[str] = []
    joined = False
    for letter in clusters(text):
        wide = unicodedata.east_asian_width(letter[0]) in ("W", "F")
        if pieces and joined and not wide:
            pieces[-1] += letter
        else:
            pieces.append(letter)
        joined = not (letter.isspace() or wide)
    return tuple(pieces)


def _break(
    letters: Sequence[str], face: Typeface, tracking: float, width: float
) -> tuple[str, ...]:
    """Fill lines letter by letter: for what has no words that fit."""
    lines = [""]
    for letter in letters:
        if lines[-1] and face.width(lines[-1] + letter, tracking=tracking) > width:
            lines.append("")
        lines[-1] += letter
    return tuple(line.strip() for line in lines if line.strip()) or ("",)
