"""Where words stand and how they look: title card, credits, lyrics.

All of it stands in the film's safe box. Title and credits keep to its upper two thirds where lyrics
are burnt in, lyrics to its lower third, so that they never meet.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tasks.assembly.kernels import UInt8Array
from tasks.assembly.lettering.fonts import Typeface
from tasks.assembly.lettering.layout import Block, Setting, fit_text
from tasks.assembly.lettering.masks import (
    Cover,
    Mask,
    Run,
    Shade,
    cover_of,
    draw_runs,
    embolden,
    shade_of,
    soften,
    with_bed,
    with_pool,
)
from tasks.assembly.safe_zone import safe_box

LYRIC_SLOTS = 2
"""So many lines of lyrics may be sung at once; each has a place of its own."""
FOCUS_STEPS = 12
"""Pictures of a title on its way into focus."""
MOST_CREDITS_ON_A_PAGE = 8

# Shares of the safe box: what titles take where lyrics stand below, and what lyrics take.
_TITLE_SHARE, _LYRIC_SHARE = 0.66, 0.30
# Sizes as shares of the film's shorter side.
_TITLE_SIZE, _ARTIST_SIZE, _CREDIT_SIZE, _LYRIC_SIZE = 0.108, 0.037, 0.058, 0.054
# An upright film is watched on a small screen: its type is larger for its width.
_UPRIGHT = 1.16
_UPRIGHT_TITLE = 1.25
# Share of the box that a title may be wide: it wants air around it.
_TITLE_WIDTH = 0.88
# The eye takes this height for the middle of the picture.
_MIDDLE = 0.46
# Credits stand low, where the picture is quieter than in its middle.
_LOW = 0.77
# How light the artist is below a title, and roles beside names.
_QUIET, _ROLE = 240, 238
# Ems from a role to its name, halved, and the depth of the dark that titles lie in.
_GUTTER, _POOL = 0.5, 0.45
# Depth of the dark that credits lie on, and ems of its rim and of what makes their stems wider.
_BED, _BED_RIM, _BOLD = 0.7, 3.0, 0.014
# Ems of a title that is out of focus.
_OUT_OF_FOCUS = 0.16


class Sheet(NamedTuple):
    """A caption's place on the film and its masks on the way into focus, the sharp one last."""

    x: int
    y: int
    mask: Callable[[int], Mask]
    box: tuple[int, int, int, int]
    """Left, top, right, bottom that its letters keep to."""


@dataclass(frozen=True)
class Room:
    """The film's size and the boxes of its words: left, top, right, bottom in pixels."""

    width: int
    height: int
    titles: tuple[int, int, int, int]
    lyrics: tuple[int, int, int, int]

    @property
    def short(self) -> int:
        """The film's shorter side."""
        return min(self.width, self.height)


def room_of(width: int, height: int, *, lyrics: bool) -> Room:
    """Share a film's safe box out.

    Args:
        width: Pixels.
        height: Pixels.
        lyrics: Whether lyrics are burnt in.
    """
    left, top, right, bottom = safe_box(width, height)
    span = bottom - top
    low = top + int(span * _TITLE_SHARE) if lyrics else bottom
    high = bottom - int(span * _LYRIC_SHARE)
    return Room(width, height, (left, top, right, low), (left, high, right, bottom))


def title_card(title: str, artist: str, *, room: Room, face: Typeface) -> Sheet:
    """A large, open title with the artist small below it, in a soft pool of dark."""
    left, top, right, bottom = room.titles
    wide, high = _TITLE_WIDTH * (right - left), bottom - top
    upright = _UPRIGHT_TITLE if room.height > room.width else 1.0
    big = fit_text(
        title or artist,
        Setting(round(room.short * _TITLE_SIZE * upright), 2, tracking=0.09, leading=1.16),
        face=face,
        width_px=wide,
        height_px=0.7 * high,
    )
    blocks, gap = [(big, 255)], 0.0
    if title and artist:
        small = fit_text(
            artist.upper(),
            Setting(
                _size(room.short * _ARTIST_SIZE * upright, big.size_px * 0.6), 2, tracking=0.34
            ),
            face=face,
            width_px=wide,
            height_px=0.22 * high,
        )
        blocks.append((small, _QUIET))
        gap = max(0.42 * big.size_px, 0.9 * small.size_px)
    runs = _stacked(blocks, room.titles, gap=gap, middle=_MIDDLE * room.height)
    shade = Shade(near=0.55, near_px=0.035 * big.size_px, wide=0.5, wide_px=0.3 * big.size_px)
    return _sheet(runs, room, room.titles, face=face, shade=shade, pool=_POOL, blur=_OUT_OF_FOCUS)


def credit_page(lines: Sequence[str], *, room: Room, face: Typeface) -> Sheet:
    """Credits below each other, low in the picture on a soft bed of dark.

    Roles and names ("Music: Anna Lee") meet at a line between them.
    """
    left, top, right, bottom = room.titles
    wide, high = 0.94 * (right - left), bottom - top
    upright = _UPRIGHT if room.height > room.width else 1.0
    size = max(4, round(min(room.short * _CREDIT_SIZE * upright, 0.9 * high / (1.6 * len(lines)))))
    row = high / len(lines) - 1

    def fit(text: str, px: int) -> Block:
        setting = Setting(px, 1, tracking=0.035, leading=1.2)
        return fit_text(text, setting, face=face, width_px=wide, height_px=row)

    def sheet(runs: Sequence[Run]) -> Sheet:
        shade = Shade(near=0.8, near_px=0.06 * size, wide=0.3, wide_px=0.4 * size)
        return _sheet(runs, room, room.titles, face=face, shade=shade, bed=_BED, bold=_BOLD)

    halves = [line.partition(":") for line in lines]
    if all(role.strip() and name.strip() for role, _, name in halves):
        for px in range(size, max(4, round(0.5 * size)) - 1, -1):
            pairs = [(fit(role.strip(), px), fit(name.strip(), px)) for role, _, name in halves]
            columns = [
                max(block.width_px for block in column) for column in zip(*pairs, strict=True)
            ]
            small = any(block.size_px < px for pair in pairs for block in pair)
            if not small and sum(columns) + 2 * _GUTTER * px <= wide:
                return sheet(_columns(pairs, room, px))
    blocks = [(fit(line, size), 255) for line in lines]
    gap = 0.3 * size if sum(block.height_px for block, _ in blocks) < 0.8 * high else 0.0
    return sheet(_stacked(blocks, room.titles, gap=gap, middle=_LOW * room.height))


def lyric_block(text: str, *, slot: int, room: Room, face: Typeface) -> Sheet:
    """A line of lyrics at the foot of the picture; a second one that is sung with it, above."""
    left, top, right, bottom = room.lyrics
    size = room.short * _LYRIC_SIZE * (_UPRIGHT if room.height > room.width else 1.0)
    place = (bottom - top) // LYRIC_SLOTS
    block = fit_text(
        text,
        Setting(round(size), 2, tracking=0.01, leading=1.22),
        face=face,
        width_px=min(0.86 * (right - left), 21.0 * size),
        height_px=place,
    )
    foot = bottom - slot * place
    box = (left, foot - place, right, foot)
    runs = _stacked([(block, 255)], box, gap=0.0, middle=foot - 0.5 * block.height_px)
    shade = Shade(near=0.85, near_px=0.06 * size, wide=0.62, wide_px=0.36 * size)
    return _sheet(runs, room, box, face=face, shade=shade)


def _size(wanted: float, most: float) -> int:
    return max(4, round(min(wanted, most)))


def _stacked(
    blocks: Sequence[tuple[Block, int]],
    box: tuple[int, int, int, int],
    *,
    gap: float,
    middle: float,
) -> list[Run]:
    """Blocks below each other, centred across, about a height but inside the box."""
    left, top, right, bottom = box
    total = sum(block.height_px for block, _ in blocks) + gap * (len(blocks) - 1)
    y = max(float(top), min(middle - 0.5 * total, bottom - total))
    runs = []
    for block, level in blocks:
        for line, base in zip(block.lines, block.baselines(), strict=True):
            runs.append((line, y + base, block, level))
        y += block.height_px + gap
    return [
        Run(line, 0.5 * (left + right), base, block.size_px, block.tracking, level)
        for line, base, block, level in runs
    ]


def _columns(pairs: Sequence[tuple[Block, ...]], room: Room, size: int) -> list[Run]:
    """Quiet roles that end left of a line, names that begin right of it."""
    left, top, right, bottom = room.titles
    step = min(1.6 * size, (bottom - top) / len(pairs))
    y = max(
        float(top), min(_LOW * room.height - 0.5 * step * len(pairs), bottom - step * len(pairs))
    )
    widest = [max(pair[side].width_px for pair in pairs) for side in (0, 1)]
    # Both columns together stand in the middle of the film.
    middle, gutter = 0.5 * (left + right + widest[0] - widest[1]), _GUTTER * size
    runs = []
    for k, (role, name) in enumerate(pairs):
        base = y + step * k + size
        for block, level, side in ((role, _ROLE, -1), (name, 255, 1)):
            x = middle + side * (gutter + 0.5 * block.width_px)
            runs.append(Run(block.lines[0], x, base, block.size_px, block.tracking, level))
    return runs


def _sheet(
    runs: Sequence[Run],
    room: Room,
    box: tuple[int, int, int, int],
    *,
    face: Typeface,
    shade: Shade,
    pool: float = 0.0,
    blur: float = 0.0,
    bed: float = 0.0,
    bold: float = 0.0,
) -> Sheet:
    """Lines whose middles are given become masks on a canvas that their shade fits into."""
    placed = [
        run._replace(x=run.x - 0.5 * run.size_px * face.width(run.text, tracking=run.tracking))
        for run in runs
    ]
    size = max(run.size_px for run in placed)
    ends = [run.x + run.size_px * face.width(run.text, tracking=run.tracking) for run in placed]
    edges = (
        min(run.x for run in placed),
        min(run.y - run.size_px for run in placed),
        max(ends),
        max(run.y + 0.3 * run.size_px for run in placed),
    )
    middle = (0.5 * (edges[0] + edges[2]), 0.5 * (edges[1] + edges[3]))
    reach = 3.0 * shade.wide_px + 2.0
    radii = (middle[0] - edges[0] + 3.2 * size, middle[1] - edges[1] + 3.0 * size)
    out = (3.2 * size, 3.0 * size) if pool else (reach, reach)
    if bed:
        out = (max(reach, _BED_RIM * size),) * 2
    x0, x1 = (_even(x, room.width) for x in (edges[0] - out[0], edges[2] + out[0] + 2))
    y0, y1 = (_even(y, room.height) for y in (edges[1] - out[1], edges[3] + out[1] + 2))
    there = [run._replace(x=run.x - x0, y=run.y - y0) for run in placed]

    def paint() -> tuple[UInt8Array, Cover]:
        letters = draw_runs(there, face=face, width=x1 - x0, height=y1 - y0)
        if bold:
            letters = embolden(letters, bold * size)
        _crop(letters, box, (x0, y0))
        dark = shade_of(letters, shade)
        if pool:
            here = (middle[0] - x0, middle[1] - y0)
            dark = with_pool(dark, depth=pool, middle=here, radii=radii)
        if bed:
            even = (edges[0] - x0, edges[1] - y0, edges[2] - x0, edges[3] - y0)
            dark = with_bed(dark, depth=bed, edges=even, rim_px=_BED_RIM * size)
        return letters, cover_of(dark)

    # What comes into focus is painted for every step; lines of lyrics would only hold memory.
    painted = functools.cache(paint) if blur else paint

    def mask(step: int) -> Mask:
        letters, dark = painted()
        left = (FOCUS_STEPS - step) / FOCUS_STEPS
        softened = soften(letters, round(blur * size * left * left, 3))
        return Mask(dark, cover_of(softened))

    return Sheet(x0, y0, mask, box)


def _crop(letters: UInt8Array, box: tuple[int, int, int, int], corner: tuple[int, int]) -> None:
    """Take away what a letter's tail puts outside the box."""
    left, top, right, bottom = (edge - corner[k % 2] for k, edge in enumerate(box))
    letters[: max(top, 0)] = 0
    letters[max(bottom, 0) :] = 0
    letters[:, : max(left, 0)] = 0
    letters[:, max(right, 0) :] = 0


def _even(at: float, most: int) -> int:
    """An even pixel inside the film, not right of or below the place."""
    return min(max(int(at // 2) * 2, 0), most)
