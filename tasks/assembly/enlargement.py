"""How much larger a film shows its clips than they are: what is enlarged much looks soft."""

from collections.abc import Sequence

from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Fit

# Clips of 848x480 fill 1920x1080 at 2.26 times their size, as films usually do.
USUAL = 2.6


def enlargement_note(clips: Sequence[Clip], film: FilmFormat) -> tuple[str, ...]:
    """Tell clips that the film enlarges more than is usual.

    Args:
        clips: Some or all of the film's, with the sizes that they were stored with.
        film: Its size, and whether clips fill it or are shown whole.

    Returns:
        A sentence, or nothing where no clip is enlarged more than 2.6 times.
    """
    times = {(clip.width_px, clip.height_px): _times(clip, film) for clip in clips}
    size = max(times, key=lambda size: times[size], default=(0, 0))
    if times.get(size, 0.0) <= USUAL:
        return ()
    whose = "clips are" if len(times) == 1 else "the smallest clips are"
    return (
        f"{whose} {size[0]}x{size[1]}, enlarged {times[size]:.1f} times for "
        f"{film.width_px}x{film.height_px}: fine detail is soft",
    )


def _times(clip: Clip, film: FilmFormat) -> float:
    across, down = film.width_px / clip.width_px, film.height_px / clip.height_px
    return min(across, down) if film.fit is Fit.CONTAIN else max(across, down)
