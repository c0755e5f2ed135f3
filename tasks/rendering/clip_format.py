"""Size and rate of a film's clips, within what their renderer can make."""

import math
from collections.abc import Iterator
from fractions import Fraction

from recipe_schema.artifacts import RendererLimits
from recipe_schema.assembly import FilmFormat
from tasks.errors import BadInputError
from tasks.rendering.renderer import RenderRequest

# Clips above this rate cost twice the work for little: the film repeats their frames.
_HIGHEST_CLIP_FPS = 30
# A film this near to the clip's own shape (share) is cropped rather than re-framed.
_SHAPE_TOLERANCE = 0.02


def clip_rate(limits: RendererLimits, film: FilmFormat) -> Fraction:
    """Frames a second of a film's clips.

    Returns:
        The highest rate up to 30 that divides the film's evenly, else the renderer's default.
        For a native film its own rate, else the next one that it divides or that divides it. A
        renderer with a longest clip keeps to the usual rate: shots are planned for that one.
    """
    own = _own_rate(limits, film.rate) if film.native and limits.max_frames is None else None
    return own or _usual_rate(limits, film.rate)


def clip_size(limits: RendererLimits, film: FilmFormat) -> tuple[int, int]:
    """Width and height of a film's clips, pixels.

    Returns:
        The renderer's usual area in the film's shape, never above the film. For a native film its
        own size, or as much of it as the renderer can make.
    """
    if film.native and limits.max_width_px is not None and limits.max_height_px is not None:
        return _own_size(limits, film, (limits.max_width_px, limits.max_height_px))
    return _usual_size(limits, film)


def native_notes(limits: RendererLimits, film: FilmFormat) -> tuple[str, ...]:
    """Say where a native film's clips are not as the film is.

    Returns:
        Sentences for a person; none where they are, and for films that are not native.
    """
    if not film.native:
        return ()
    size, rate = clip_size(limits, film), clip_rate(limits, film)
    small = size[0] < film.width_px or size[1] < film.height_px
    if not small and rate == film.rate:
        return ()
    usual = (_usual_size(limits, film), _usual_rate(limits, film.rate))
    made = f"{size[0]}x{size[1]} at {_plain(rate)} frames a second"
    if (size, rate) == usual:
        return (f"renderer {limits.renderer} makes clips of {made}; --native has no effect",)
    wanted = f"{film.width_px}x{film.height_px} at {_plain(film.rate)}"
    return (f"renderer {limits.renderer} makes native clips of {made}, not of {wanted}",)


def check_request(request: RenderRequest, limits: RendererLimits, *, least_px: int) -> None:
    """Refuse what a renderer cannot make, before work is spent.

    Args:
        request: Size, rate and length of a clip.
        limits: What the renderer can make.
        least_px: Shortest side of its pictures.

    Raises:
        BadInputError: Outside the limits; says which and what is allowed.
    """
    width, height, step = request.width_px, request.height_px, limits.size_multiple
    most = (limits.max_width_px or width, limits.max_height_px or height)
    made = f"{limits.renderer} cannot make clips of"
    if width % step or height % step or min(width, height) < least_px:
        raise BadInputError(
            f"{made} {width}x{height}: both numbers must be multiples of {step} and at least "
            f"{least_px}"
        )
    if width > most[0] or height > most[1]:
        raise BadInputError(f"{made} {width}x{height}: {most[0]}x{most[1]} is the largest")
    if not _takes_rate(limits, request.fps):
        raise BadInputError(
            f"{made} {_plain(request.fps)} frames a second: choose {_rates_told(limits)}"
        )
    frames, longest = request.frames, limits.max_frames or request.frames
    if not limits.min_frames <= frames <= longest or (frames - 1) % limits.frames_step:
        least = limits.min_frames
        steps = f", one more than a multiple of {limits.frames_step}"
        raise BadInputError(
            f"{made} {frames} frames: ask for {least} "
            f"{'or more' if limits.max_frames is None else f'to {longest}'}"
            f"{steps if limits.frames_step > 1 else ''}"
        )


def _own_rate(limits: RendererLimits, rate: Fraction) -> Fraction | None:
    """The legal rate next to a film's own whose frames fall into step with the film's."""
    lowest, highest = _bounds(limits)
    divided = (rate / k for k in range(1, int(rate / lowest) + 1))
    multiplied = (rate * k for k in range(2, int(highest / rate) + 1))
    return next((r for r in (*divided, *multiplied) if _takes_rate(limits, r)), None)


def _usual_rate(limits: RendererLimits, rate: Fraction) -> Fraction:
    """The highest rate up to 30 that divides the film's evenly, else the default."""
    choices = [Fraction(choice) for choice in limits.fps_choices]
    even = [
        r
        for r in (*choices, *_parts(limits, rate))
        if r <= _HIGHEST_CLIP_FPS and (rate / r).denominator == 1
    ]
    return max(even, default=choices[0])


def _parts(limits: RendererLimits, rate: Fraction) -> Iterator[Fraction]:
    """Legal rates that a film's rate is a multiple of."""
    lowest, _ = _bounds(limits)
    return (r for k in range(1, int(rate / lowest) + 1) if _takes_rate(limits, r := rate / k))


def _takes_rate(limits: RendererLimits, rate: Fraction) -> bool:
    if rate in [Fraction(choice) for choice in limits.fps_choices]:
        return True
    if limits.fps_range is None:
        return False
    low, high = (Fraction(end) for end in limits.fps_range)
    return low <= rate <= high


def _bounds(limits: RendererLimits) -> tuple[Fraction, Fraction]:
    rates = [Fraction(text) for text in (*limits.fps_choices, *(limits.fps_range or ()))]
    return min(rates), max(rates)


def _rates_told(limits: RendererLimits) -> str:
    if limits.fps_range is not None:
        return " to ".join(_plain(Fraction(end)) for end in limits.fps_range)
    return ", ".join(_plain(Fraction(choice)) for choice in limits.fps_choices)


def _own_size(limits: RendererLimits, film: FilmFormat, most: tuple[int, int]) -> tuple[int, int]:
    """The film's size, rounded up to a legal one that it crops, or the largest of its shape."""
    step = limits.size_multiple
    own = (-(-film.width_px // step) * step, -(-film.height_px // step) * step)
    if own[0] <= most[0] and own[1] <= most[1]:
        return own
    scale = min(most[0] / film.width_px, most[1] / film.height_px)
    width, height = (int(side * scale / step) * step for side in (film.width_px, film.height_px))
    return max(step, width), max(step, height)


def _usual_size(limits: RendererLimits, film: FilmFormat) -> tuple[int, int]:
    """The renderer's area in the film's shape, never above the film."""
    default = limits.width_px / limits.height_px
    shape = film.width_px / film.height_px
    scale = min(1.0, film.width_px / limits.width_px, film.height_px / limits.height_px)
    width, height = limits.width_px * scale, limits.height_px * scale
    if abs(shape / default - 1) > _SHAPE_TOLERANCE:
        area = min(limits.width_px * limits.height_px, film.width_px * film.height_px)
        width, height = math.sqrt(area * shape), math.sqrt(area / shape)
    step = limits.size_multiple
    return max(step, round(width / step) * step), max(step, round(height / step) * step)


def _plain(rate: Fraction) -> str:
    """A rate in words, such as 29.97."""
    return f"{float(rate):.5g}"
