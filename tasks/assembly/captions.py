"""Which words lie over which frames: title card, credits and burnt lyrics, in and out.

The title comes on a beat into focus and goes on one, at the latest with the first section; credits
come over the film's last seconds, page by page; each line of lyrics stands for as long as it is
sung. Masks are painted when their first frame is planned, and named by their bytes.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from recipe_schema.assembly import LyricLine, Titles
from tasks.assembly.conform import flat
from tasks.assembly.job import FilmJob
from tasks.assembly.kernels import UInt8Array
from tasks.assembly.kernels_captions import lay_cover
from tasks.assembly.lettering.cards import (
    FOCUS_STEPS,
    LYRIC_SLOTS,
    MOST_CREDITS_ON_A_PAGE,
    Room,
    Sheet,
    credit_page,
    lyric_block,
    room_of,
    title_card,
)
from tasks.assembly.lettering.fonts import Typeface
from tasks.assembly.lettering.masks import Mask
from tasks.media.timebase import seconds_to_frame

# Seconds of coming and going.
_TITLE_IN_S, _TITLE_OUT_S = 0.9, 0.6
_CREDIT_FADE_S = 0.5
_LYRIC_FADE_S = 0.15
# The first pictures are seen before the title; a beat is waited for this long.
_TITLE_FROM_S, _TITLE_WAITS_S = 0.3, 1.5
# A page of credits is not read in less.
_SHORTEST_PAGE_S = 1.8
# A title or credits take this share of a short film at most; each of them where both are there,
# so that the pictures have the rest.
_MOST_OF_FILM, _MOST_OF_EACH = 0.45, 0.3
# Opacity of a caption that is wholly there.
_OPAQUE = 256
# Masks kept: those of two lines of lyrics and of a title coming into focus.
_KEPT_MASKS = 12
# Luma of the darkest colour under letters, code values: dark, yet not a hole in the picture.
_DARKEST = 22

Ink = tuple[int, int, int]
_WHITE: Ink = (234, 128, 128)


class CaptionPlan(NamedTuple):
    """Words over one frame."""

    mask: str
    """Digest of the mask's bytes."""
    x: int
    y: int
    opacity: int
    ink: Ink
    """Y, U, V of the letters."""
    shade: Ink
    """Y, U, V of what is below them."""


@dataclass(frozen=True)
class _Caption:
    """Words and when they stand, in frames."""

    start: int
    end: int
    coming: int
    going: int
    lay_out: Callable[[], Sheet]
    focuses: bool = False


@dataclass
class Captions:
    """All words of a film."""

    job: FilmJob
    _sheets: dict[int, Sheet] = field(default_factory=dict)
    _digests: dict[tuple[int, int], str] = field(default_factory=dict)
    _masks: OrderedDict[tuple[int, int], Mask] = field(default_factory=OrderedDict)
    _places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lettering = self.job.recipe.assembly_instructions.lettering
        self._captions: tuple[_Caption, ...] = ()
        if lettering.titles is not None or lettering.lyrics is not None:
            self._captions = tuple(sorted(_captions(self.job), key=lambda c: c.start))
        self._starts = [caption.start for caption in self._captions]
        self._longest = max((c.end - c.start for c in self._captions), default=0)
        self._shade = _shade_ink(self.job.recipe.visual_style.color_palette)

    def cards(self) -> tuple[tuple[int, int], ...]:
        """Spans of frames over which words may stand, half-open; burnt lyrics as well."""
        return tuple((caption.start, caption.end) for caption in self._captions)

    def at(self, frame: int) -> tuple[CaptionPlan, ...]:
        """Words over a frame of the film, the lowest first."""
        first = bisect_left(self._starts, frame - self._longest)
        plans = []
        for k in range(first, bisect_left(self._starts, frame + 1)):
            caption = self._captions[k]
            opacity = _opacity(caption, frame)
            if frame < caption.end and opacity:
                sheet = self._sheet(k)
                digest = self._digest(k, _focus(caption, frame))
                plans.append(CaptionPlan(digest, sheet.x, sheet.y, opacity, _WHITE, self._shade))
        return tuple(plans)

    def lay(
        self,
        plans: Sequence[CaptionPlan],
        planes: tuple[UInt8Array, UInt8Array, UInt8Array],
    ) -> None:
        """Lay words on a frame's planes; yuv420p, rows may be padded."""
        for plan in plans:
            mask = self._mask(*self._places[plan.mask])
            for cover, inks in ((mask.shade, plan.shade), (mask.letters, plan.ink)):
                place = (plan.x + cover.x, plan.y + cover.y)
                at_half = (place[0] // 2, place[1] // 2)
                layers = ((cover.full, place), (cover.half, at_half), (cover.half, at_half))
                for plane, (share, at), ink in zip(planes, layers, inks, strict=True):
                    lay_cover(flat(plane), plane.strides[0], share, at, plan.opacity, ink)

    def _sheet(self, k: int) -> Sheet:
        if k not in self._sheets:
            self._sheets[k] = self._captions[k].lay_out()
        return self._sheets[k]

    def _digest(self, k: int, step: int) -> str:
        if (k, step) not in self._digests:
            digest = self._mask(k, step).digest
            self._digests[k, step] = digest
            self._places[digest] = (k, step)
        return self._digests[k, step]

    def _mask(self, k: int, step: int) -> Mask:
        if (k, step) not in self._masks:
            self._masks[k, step] = self._sheet(k).mask(step)
            while len(self._masks) > _KEPT_MASKS:
                self._masks.popitem(last=False)
        self._masks.move_to_end((k, step))
        return self._masks[k, step]


def title_seconds(told: Titles, film_s: float) -> float:
    """How long title and credits stand each; less than wished for in a short film."""
    both = bool((told.title or told.artist) and told.credits)
    return min(told.seconds, (_MOST_OF_EACH if both else _MOST_OF_FILM) * film_s)


def lyric_places(lines: Sequence[LyricLine]) -> tuple[int | None, ...]:
    """Give lines that are sung together places of their own; None where there is none left.

    Args:
        lines: In any order.
    """
    free = [0.0] * LYRIC_SLOTS
    places: list[int | None] = [None] * len(lines)
    for k in sorted(range(len(lines)), key=lambda k: lines[k].start):
        slot = next((n for n, until in enumerate(free) if until <= lines[k].start), None)
        if slot is not None:
            places[k] = slot
            free[slot] = lines[k].end
    return tuple(places)


def _captions(job: FilmJob) -> Iterator[_Caption]:
    """Every caption of a film that has letters in it."""
    lettering = job.recipe.assembly_instructions.lettering
    lyrics = lettering.lyrics.lines if lettering.lyrics and lettering.lyrics.burnt else ()
    room = room_of(job.film.width_px, job.film.height_px, lyrics=bool(lyrics))
    face = Typeface(job.font)
    if lettering.titles is not None:
        told = lettering.titles
        title, artist = (" ".join(face.spelt(text).split()) for text in (told.title, told.artist))
        start_s, end_s = _title_span(job, told)
        if title or artist:
            yield _caption(
                job,
                (start_s, end_s),
                (_TITLE_IN_S, _TITLE_OUT_S),
                lambda: title_card(title, artist, room=room, face=face),
                focuses=True,
            )
        lines = [" ".join(face.spelt(line).split()) for line in told.credits]
        for span, page in _credit_pages(job, told, [line for line in lines if line]):
            fades = (_CREDIT_FADE_S, _CREDIT_FADE_S)
            lay_out = _page_layout(page, room=room, face=face)
            yield _caption(job, span, fades, lay_out)
    for line, slot in zip(lyrics, lyric_places(lyrics), strict=True):
        text = face.spelt(line.text).strip()
        if text and slot is not None:
            fades = (_LYRIC_FADE_S, _LYRIC_FADE_S)
            lay_out = _lyric_layout(text, slot, room=room, face=face)
            yield _caption(job, (line.start, line.end), fades, lay_out)


def _page_layout(page: Sequence[str], *, room: Room, face: Typeface) -> Callable[[], Sheet]:
    return lambda: credit_page(page, room=room, face=face)


def _lyric_layout(text: str, slot: int, *, room: Room, face: Typeface) -> Callable[[], Sheet]:
    return lambda: lyric_block(text, slot=slot, room=room, face=face)


def _caption(
    job: FilmJob,
    span_s: tuple[float, float],
    fades_s: tuple[float, float],
    lay_out: Callable[[], Sheet],
    *,
    focuses: bool = False,
) -> _Caption:
    """A caption in frames; one that is short comes and goes faster."""
    fps = job.timeline.fps
    start, end = (min(seconds_to_frame(time, fps), job.timeline.frames) for time in span_s)
    coming, going = (min(seconds_to_frame(fade, fps), (end - start) // 3) for fade in fades_s)
    return _Caption(start, end, coming, going, lay_out, focuses)


def _title_span(job: FilmJob, told: Titles) -> tuple[float, float]:
    """When the title stands: from a beat to a beat, or to where the first section ends."""
    film_s = float(job.timeline.frames / job.timeline.fps)
    length = title_seconds(told, film_s)
    start = min(_TITLE_FROM_S, 0.05 * film_s)
    waits = min(_TITLE_WAITS_S, 0.1 * film_s)
    start = next((beat for beat in job.beats if start <= beat <= start + waits), start)
    wanted = start + length
    shots = job.recipe.shot_list
    turns = [b.timestamp for a, b in pairwise(shots) if a.section is not b.section]
    turn = next((time for time in turns if start + 0.6 * length <= time <= wanted + 0.5), None)
    if turn is not None:
        return start, turn
    near = [beat for beat in job.beats if abs(beat - wanted) <= 0.5]
    return start, min(near, key=lambda beat: abs(beat - wanted), default=wanted)


def _credit_pages(
    job: FilmJob, told: Titles, lines: Sequence[str]
) -> Iterator[tuple[tuple[float, float], Sequence[str]]]:
    """Credits in pages of equal length, and when each one stands."""
    if not lines:
        return
    film_s = float(job.timeline.frames / job.timeline.fps)
    length = title_seconds(told, film_s)
    start = film_s - length
    near = [beat for beat in job.beats if abs(beat - start) <= 0.5 and beat < film_s - 1.0]
    start = min(near, key=lambda beat: abs(beat - start), default=start)
    if told.title or told.artist:
        start = max(start, _title_span(job, told)[1])
    length = film_s - start
    wanted = -(-len(lines) // MOST_CREDITS_ON_A_PAGE)
    pages = max(1, min(wanted, int(length / _SHORTEST_PAGE_S)))
    for k in range(pages):
        span = (start + length * k / pages, start + length * (k + 1) / pages)
        yield span, lines[len(lines) * k // pages : len(lines) * (k + 1) // pages]


def _opacity(caption: _Caption, frame: int) -> int:
    """How far a caption is there, 0 to `_OPAQUE`."""
    come = (frame - caption.start + 1) / (caption.coming + 1)
    gone = (caption.end - frame) / (caption.going + 1)
    share = max(0.0, min(1.0, come, gone))
    return round(_OPAQUE * share * share * (3.0 - 2.0 * share))


def _focus(caption: _Caption, frame: int) -> int:
    """Step of a caption on its way into focus; the last one is sharp."""
    if not caption.focuses:
        return FOCUS_STEPS
    return min(FOCUS_STEPS, (frame - caption.start) * FOCUS_STEPS // max(caption.coming, 1))


def _shade_ink(palette: Sequence[str]) -> Ink:
    """The palette's darkest colour, made dark enough to write on; BT.709, limited range."""
    colours = [[int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)] for colour in palette]
    luma, (red, _, blue) = min(
        (0.2126 * r + 0.7152 * g + 0.0722 * b, (r, g, b)) for r, g, b in colours
    )
    darker = min(1.0, (_DARKEST - 16) / 219 / max(luma, 1e-6))
    return (
        round(16 + 219 * darker * luma),
        round(128 + 224 * darker * (blue - luma) / 1.8556),
        round(128 + 224 * darker * (red - luma) / 1.5748),
    )
