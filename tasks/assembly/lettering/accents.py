# ruff: noqa: RUF001  letters that look alike are what this file is about
"""Marks on letters for songfilm's own type, which has the plain ones only: é is e with a stroke.

Each mark is a few round strokes of the type's own weight, drawn four times as large and shrunk.
With them the Latin letters of most European languages can be written.
"""

import math
import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Stroke = tuple[tuple[float, float], ...]

# Ems: weight of a stroke as of the type's stems, and the gap above a letter.
_WEIGHT, _GAP = 0.074, 0.055
# Above this the dot of an i ends; what carries a mark loses it.
_DOT_FROM = 0.565
_X_HEIGHT = 0.53
# Marks of letters as narrow as an i are so much narrower.
_NARROW = 0.74
_LARGER = 4
TURNED = "\u21bb"
"""Stands for a letter upside down, as Spanish questions begin."""


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> Stroke:
    """Points of an ellipse, degrees counter-clockwise from the right."""
    steps = [math.radians(start + (end - start) * k / 24) for k in range(25)]
    return tuple((round(x + rx * math.cos(a), 4), round(y + ry * math.sin(a), 4)) for a in steps)


_TILDE = tuple(
    (round(-0.15 + 0.3 * k / 16, 4), round(0.085 + 0.04 * math.sin(math.tau * k / 16), 4))
    for k in range(17)
)
# Strokes in ems from the middle of the letter, up from its top and the gap.
_ABOVE: dict[str, tuple[Stroke, ...]] = {
    "\u0300": (((-0.085, 0.155), (0.055, 0.03)),),
    "\u0301": (((0.085, 0.155), (-0.055, 0.03)),),
    "\u0302": (((-0.13, 0.03), (0.0, 0.15), (0.13, 0.03)),),
    "\u0303": (_TILDE,),
    "\u0304": (((-0.13, 0.08), (0.13, 0.08)),),
    "\u0306": (_arc(0.0, 0.15, 0.12, 0.11, 190.0, 350.0),),
    "\u0307": (((0.0, 0.075), (0.0, 0.075)),),
    "\u0308": (((-0.115, 0.075), (-0.115, 0.075)), ((0.115, 0.075), (0.115, 0.075))),
    "\u030a": (_arc(0.0, 0.10, 0.085, 0.085, 0.0, 360.0),),
    "\u030b": (((0.03, 0.16), (-0.09, 0.03)), ((0.2, 0.16), (0.08, 0.03))),
    "\u030c": (((-0.13, 0.15), (0.0, 0.03), (0.13, 0.15)),),
}
# The same from the base line.
_BELOW: dict[str, tuple[Stroke, ...]] = {
    "\u0323": (((0.0, -0.13), (0.0, -0.13)),),
    "\u0326": (((0.02, -0.09), (-0.03, -0.19)),),
    "\u0327": (((0.0, 0.0), (0.0, -0.07)), _arc(-0.01, -0.13, 0.08, 0.06, 80.0, -140.0)),
    "\u0328": (_arc(0.17, -0.09, 0.1, 0.09, 120.0, 290.0),),
}
# Letters that Unicode does not take apart: a plain one, and strokes from its middle.
_ACROSS: dict[str, tuple[str, tuple[Stroke, ...]]] = {
    "ø": ("o", (((-0.25, 0.01), (0.25, 0.52)),)),
    "Ø": ("O", (((-0.33, -0.02), (0.33, 0.71)),)),
    "ł": ("l", (((-0.13, 0.3), (0.13, 0.44)),)),
    "Ł": ("L", (((-0.32, 0.26), (0.0, 0.44)),)),
    "đ": ("d", (((-0.02, 0.6), (0.3, 0.6)),)),
    "Đ": ("D", (((-0.4, 0.35), (-0.04, 0.35)),)),
    "Ð": ("D", (((-0.4, 0.35), (-0.04, 0.35)),)),
}
_TURNED = {"¿": "?", "¡": "!"}


def plain_letter(cluster: str) -> tuple[str, str]:
    """A letter without its marks, and the marks that can be drawn; no marks where one cannot."""
    if cluster in _ACROSS:
        return _ACROSS[cluster][0], cluster
    if cluster in _TURNED:
        return _TURNED[cluster], TURNED
    if cluster == "ı":
        return "i", "ı"
    apart = unicodedata.normalize("NFD", cluster)
    base, marks = apart[:1], apart[1:]
    if marks and all(mark in _ABOVE or mark in _BELOW for mark in marks):
        return base, marks
    return cluster, ""


def draw_marked(font: ImageFont.FreeTypeFont, cluster: str) -> tuple[Image.Image, float, float]:
    """Draw a letter with its marks.

    Args:
        font: The type; it has the plain letter.
        cluster: A letter that `plain_letter` takes apart.

    Returns:
        Its picture, and where the left end of its base line lies there, pixels.
    """
    base, marks = plain_letter(cluster)
    size = round(font.size)
    left, down = size // 2, size + size // 4
    picture = Image.new("L", (2 * size + size // 2, 2 * size), 0)
    pen = ImageDraw.Draw(picture)
    pen.text((left, down), base, fill=255, font=font, anchor="ls")
    if marks == TURNED:
        return _turned(picture, down - round(_X_HEIGHT * size)), float(left), float(down)
    if base in "ij" and any(mark in _ABOVE or mark == "ı" for mark in marks):
        pen.rectangle((0, 0, picture.width, down - round(_DOT_FROM * size)), fill=0)
    box = picture.getbbox() or (left, 0, left, down)
    middle, top = 0.5 * (box[0] + box[2]), float(box[1])
    wide = _NARROW if base in "ij" else 1.0
    for mark in marks:
        if mark in _ABOVE:
            _stroke(picture, _ABOVE[mark], (middle, top - _GAP * size), size, wide)
            top -= 0.2 * size
        elif mark in _BELOW:
            _stroke(picture, _BELOW[mark], (middle, down), size, wide)
        elif mark in _ACROSS:
            _stroke(picture, _ACROSS[mark][1], (middle, down), size, wide)
    return picture, float(left), float(down)


def _turned(picture: Image.Image, x_height: int) -> Image.Image:
    """A letter upside down at its own place, hanging from the height of an x."""
    box = picture.getbbox()
    if box is None:
        return picture
    turned = Image.new("L", picture.size, 0)
    turned.paste(picture.crop(box).rotate(180), (box[0], x_height))
    return turned


def _stroke(
    picture: Image.Image,
    strokes: tuple[Stroke, ...],
    at: tuple[float, float],
    size: int,
    wide: float,
) -> None:
    """Lay round strokes on a picture; the lighter one of letter and stroke stays."""
    large = Image.new("L", (picture.width * _LARGER, picture.height * _LARGER), 0)
    pen = ImageDraw.Draw(large)
    width = max(1, round(_WEIGHT * size * _LARGER))
    for stroke in strokes:
        points = [
            ((at[0] + x * wide * size) * _LARGER, (at[1] - y * size) * _LARGER) for x, y in stroke
        ]
        pen.line(points, fill=255, width=width)
        # Dots are a little wider than strokes.
        radius = width * (0.72 if len(set(points)) == 1 else 0.5)
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    small = large.reduce(_LARGER)
    picture.paste(255, mask=small)


@cache
def can_mark(cluster: str) -> bool:
    """Whether a letter is a plain one with marks that can be drawn."""
    return plain_letter(cluster)[1] != ""
