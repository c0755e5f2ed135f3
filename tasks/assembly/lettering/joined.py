# ruff: noqa: RUF001  letters that look alike are what this file is about
"""Letters and signs that songfilm's own type lacks, put together from those that it has.

Ligatures are two letters that share a stem, þ is p with the upper half of b, dashes are strokes;
ß is an outline of ours in the weight of the type's stems. All is drawn four times as large and
shrunk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]

LARGER = 4
"""Letters are drawn so many times as large."""
# Ems.
_STEM, _DASH = 0.084, (0.255, 0.311)
_CURVE_STEPS = 16


@dataclass(frozen=True)
class Piece:
    """A letter of the type, moved; of it what lies between `left`, `right` and above `bottom`."""

    letter: str
    x: float = 0.0
    y: float = 0.0
    left: float = -1.0
    right: float = 2.0
    bottom: float = -1.0


@dataclass(frozen=True)
class Joined:
    """A letter: its width and parts, in ems from the left end of the base line, upwards."""

    width: float
    pieces: tuple[Piece, ...] = ()
    areas: tuple[tuple[Point, ...], ...] = ()
    strokes: tuple[tuple[Point, ...], ...] = ()


def _curve(*points: Point) -> tuple[Point, ...]:
    """Cubic curves one behind another: a start, then two handles and an end each."""
    path = [points[0]]
    for k in range(1, len(points), 3):
        a, (b, c, d) = path[-1], points[k : k + 3]
        for n in range(1, _CURVE_STEPS + 1):
            t = n / _CURVE_STEPS
            s = 1.0 - t
            parts = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
            x, y = (
                round(sum(part * p[axis] for part, p in zip(parts, (a, b, c, d), strict=True)), 5)
                for axis in (0, 1)
            )
            path.append((x, y))
    return tuple(path)


def _box(left: float, right: float, bottom: float, top: float) -> tuple[Point, ...]:
    return ((left, bottom), (right, bottom), (right, top), (left, top))


_ESZETT = _curve(
    (0.116, 0.5), (0.116, 0.64), (0.19, 0.7), (0.298, 0.7), (0.4, 0.7), (0.462, 0.645),
    (0.462, 0.565), (0.462, 0.455), (0.335, 0.46), (0.335, 0.375), (0.335, 0.285), (0.522, 0.3),
    (0.522, 0.165), (0.522, 0.075), (0.45, 0.028), (0.36, 0.028), (0.305, 0.028), (0.268, 0.038),
    (0.232, 0.06),
)  # fmt: skip
JOINED = {
    "æ": Joined(0.887, (Piece("a"), Piece("e", 0.338))),
    "œ": Joined(0.981, (Piece("o"), Piece("e", 0.432))),
    "Æ": Joined(
        0.907,
        (Piece("E", 0.32),),
        (
            ((0.02, 0.0), (0.118, 0.0), (0.45, 0.614), (0.45, 0.69), (0.393, 0.69)),
            _box(0.16, 0.45, 0.2, 0.274),
        ),
    ),
    "Œ": Joined(0.937, (Piece("O", right=0.48), Piece("E", 0.35))),
    "ß": Joined(0.585, (), (_box(0.074, 0.158, 0.0, 0.52),), (_ESZETT,)),
    "þ": Joined(0.611, (Piece("p"), Piece("b", bottom=0.4))),
    "Þ": Joined(0.598, (Piece("I"), Piece("P", 0.0, -0.14, left=0.17, bottom=0.02))),
    "ð": Joined(
        0.586,
        (Piece("o"),),
        (),
        (
            _curve((0.51, 0.27), (0.51, 0.5), (0.4, 0.64), (0.2, 0.705)),
            ((0.22, 0.555), (0.43, 0.672)),
        ),
    ),
    "–": Joined(0.54, areas=(_box(0.03, 0.51, *_DASH),)),
    "—": Joined(0.98, areas=(_box(0.03, 0.95, *_DASH),)),
    "−": Joined(0.56, areas=(_box(0.06, 0.5, 0.315, 0.385),)),
    "„": Joined(0.385, (Piece("”", 0.0, -0.605),)),
    "‚": Joined(0.215, (Piece("’", 0.0, -0.605),)),
}  # fmt: skip
"""What is put together."""


def draw_joined(large: ImageFont.FreeTypeFont, letter: str) -> tuple[Image.Image, int, int]:
    """Draw a letter of `JOINED`.

    Args:
        large: The type, `LARGER` times as large as wanted.
        letter: Which one.

    Returns:
        Its picture at the size that is wanted, and where the left end of its base line lies there.
    """
    em = round(large.size)
    size = em // LARGER
    left, down = size // 4, size + size // 4
    canvas = (2 * size * LARGER, 2 * size * LARGER)
    corner = (left * LARGER, down * LARGER)
    picture = Image.new("L", canvas, 0)
    told = JOINED[letter]
    for piece in told.pieces:
        _lay_piece(picture, piece, large, corner, em)
    pen = ImageDraw.Draw(picture)
    for area in told.areas:
        pen.polygon(_placed(area, corner, em), fill=255)
    radius = 0.5 * _STEM * em
    for stroke in told.strokes:
        points = _placed(stroke, corner, em)
        pen.line(points, fill=255, width=round(_STEM * em))
        # Round joints; the ends stay flat.
        for x, y in points[1:-1]:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return picture.reduce(LARGER), left, down


def _lay_piece(
    picture: Image.Image,
    piece: Piece,
    large: ImageFont.FreeTypeFont,
    corner: tuple[int, int],
    em: int,
) -> None:
    """Add the kept part of a letter; the lighter one of both stays."""
    drawn = Image.new("L", picture.size, 0)
    at = (corner[0] + round(piece.x * em), corner[1] - round(piece.y * em))
    ImageDraw.Draw(drawn).text(at, piece.letter, fill=255, font=large, anchor="ls")
    kept = (
        max(0, corner[0] + round(piece.left * em)),
        0,
        min(picture.width, corner[0] + round(piece.right * em)),
        min(picture.height, corner[1] - round(piece.bottom * em)),
    )
    picture.paste(255, kept[:2], drawn.crop(kept))


def _placed(points: Sequence[Point], corner: tuple[int, int], em: int) -> list[Point]:
    return [(corner[0] + x * em, corner[1] - y * em) for x, y in points]
