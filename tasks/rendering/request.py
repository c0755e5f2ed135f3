"""From a shot's span on the film's time line to a request that its renderer can fulfil."""

import hashlib
import math
from fractions import Fraction

from recipe_schema.artifacts import ClipSpan, RendererLimits
from recipe_schema.assembly import FilmFormat
from recipe_schema.recipe import Shot, VisualStyle
from tasks.errors import BadInputError
from tasks.rendering.clip_format import clip_rate, clip_size
from tasks.rendering.reading import normalised
from tasks.rendering.renderer import Drive, RenderRequest

_SEED_BYTES = 6


class TooLongShotError(BadInputError):
    """A shot that no clip of this renderer can cover."""


def make_request(
    shot: Shot,
    *,
    style: VisualStyle,
    span: ClipSpan,
    film: FilmFormat,
    limits: RendererLimits,
    recipe_seed: int,
    drive: Drive | None = None,
) -> RenderRequest:
    """Say what clip covers a span of the film.

    Args:
        shot: The shot, prompt and theme included.
        style: The film's look.
        span: Film frames to cover, handles included.
        film: Size and rate of the film.
        limits: What the renderer can make.
        recipe_seed: Seed of the recipe; a shot's own seed goes before it.
        drive: The song, resampled to the clip's frames.

    Returns:
        A request within the limits.

    Raises:
        TooLongShotError: The span is longer than the renderer's longest clip.
    """
    rate = clip_rate(limits, film)
    width, height = clip_size(limits, film)
    return RenderRequest(
        shot=shot,
        style=style,
        width_px=width,
        height_px=height,
        fps=rate,
        frames=clip_frames(shot.id, span, rate, limits),
        start_s=float(span.start_frame / Fraction(span.fps)),
        seed=derive_seed(shot, recipe_seed),
        drive=drive,
    )


def clip_frames(shot_id: str, span: ClipSpan, rate: Fraction, limits: RendererLimits) -> int:
    """Smallest legal number of clip frames that covers a span of the film.

    Raises:
        TooLongShotError: More than the renderer can make at once.
    """
    film_frames = span.end_frame - span.start_frame
    needed = max(math.ceil(film_frames * rate / Fraction(span.fps)), limits.min_frames)
    if limits.frames_step > 1:
        needed = math.ceil((needed - 1) / limits.frames_step) * limits.frames_step + 1
    if limits.max_frames is not None and needed > limits.max_frames:
        raise TooLongShotError(
            f"{shot_id} needs {needed} frames but {limits.renderer} makes {limits.max_frames} at "
            "most; shorten the shot or plan again for this renderer"
        )
    return needed


def derive_seed(shot: Shot, recipe_seed: int) -> int:
    """The shot's own seed, else one that follows from its prompt and the recipe's seed.

    Nothing else counts: shots of other songs with this prompt get this seed, and so this clip.
    """
    if shot.seed is not None:
        return shot.seed
    text = f"{recipe_seed}\n{normalised(shot.mochi_prompt)}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:_SEED_BYTES], "big")
