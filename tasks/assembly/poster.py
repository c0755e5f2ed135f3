"""The one picture that stands for a film: sharp, colourful, well lit, of one shot.

Where the film mixes shots, flashes, or breaks its picture up is known from its frame plans and
left out before anything is painted; what remains is painted small and judged. Titles and lyrics
are left away: half a word is no picture.
Source of the measure of colour: D. Hasler, S. Süsstrunk, Measuring colourfulness in natural
images, SPIE 5007, 2003 (here over the colour differences of BT.709).
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from recipe_schema.assembly import FilmFormat, Lettering
from tasks import cancellation
from tasks.assembly.clip_errors import shots_named
from tasks.assembly.compositor import Compositor
from tasks.assembly.frame_plan import FilmPlan, FramePlan
from tasks.assembly.job import FilmJob
from tasks.errors import BadInputError
from tasks.media.frames import BT709, LIMITED_RANGE, Planes, frame_planes
from tasks.media.video_file import open_video
from tasks.media.whole_file import whole_file

SUFFIXES = (".png", ".jpg", ".jpeg")
# Pictures that are judged, and where in a shot's own frames they lie.
_JUDGED = 48
_PLACES = (0.5, 0.25, 0.75)
_SMALL_WIDTH_PX = 320
# Moments of a finished film that are looked at.
_MOMENTS = 16
# What a picture with everything would score is about 1.
_SHARP_SHARE, _COLOUR_SHARE, _EXPOSURE_SHARE = 0.35, 0.35, 0.3
# Mean step between neighbouring lumas, and colourfulness, that are as much as one could wish.
_SHARP, _COLOURFUL = 9.0, 55.0
# Middle of the exposure that draws the eye, and how far from it nothing is left (luma, 0..1).
_EXPOSED, _EXPOSURE_REACH = 0.42, 0.38
# Pixels that are black or white count against a picture from this share on.
_DARK, _BRIGHT, _EMPTY_FROM = 26, 225, 0.35
_JPEG_QUALITY = 93


class BadPosterError(BadInputError):
    """A poster that cannot be written as asked."""


def check_poster(out: Path) -> None:
    """Refuse a name that no poster can have.

    Raises:
        BadPosterError: Not a PNG or JPEG.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise BadPosterError(f"{out.name} does not end in {', '.join(SUFFIXES)}")


def poster_frames(job: FilmJob) -> tuple[int, ...]:
    """Frames that are worth judging, in order: whole pictures of one shot, unlit by flashes.

    Args:
        job: The film; of many shots the livelier half is looked at.

    Returns:
        At least one frame.
    """
    plan, found = FilmPlan(job), []
    shots = sorted(job.timeline.shots, key=lambda placed: (-placed.shot.energy_level,))
    for place in _PLACES:
        for placed in shots:
            length = placed.end_frame - placed.cut_frame
            frame = placed.cut_frame + int(length * place)
            if _is_plain(plan.at(frame)):
                found.append(frame)
    return tuple(sorted(found[:_JUDGED])) or (job.timeline.frames // 2,)


def judge_frames(job: FilmJob, frames: Sequence[int]) -> tuple[float, ...]:
    """Paint frames small, without words, and score each; higher is better.

    Raises:
        BadMediaError: A clip breaks off.
    """
    small = replace(job, film=_small(job.film))
    scores = []
    with _compositor(small) as compositor:
        for frame in frames:
            cancellation.check()
            scores.append(score_picture(frame_planes(_paint(small, compositor, frame))))
    return tuple(scores)


def score_picture(planes: Planes) -> float:
    """How well a picture stands for itself.

    Args:
        planes: y, u, v, uint8, u and v of half size, limited range. A picture of about 320 pixels
            across is meant: sharpness depends on the size.

    Returns:
        0 to about 1, rounded to a thousandth.
    """
    y, u, v = (plane.astype(np.int32) for plane in planes)
    steps = np.abs(np.diff(y, axis=0)).mean() + np.abs(np.diff(y, axis=1)).mean()
    spread = float(np.hypot(u.std(), v.std()))
    strength = float(np.hypot(u.mean() - 128, v.mean() - 128))
    colour = spread + 0.3 * strength
    level = (float(y.mean()) - 16) / 219
    empty = max(float((y < _DARK).mean()), float((y > _BRIGHT).mean()))
    exposure = max(0.0, 1.0 - abs(level - _EXPOSED) / _EXPOSURE_REACH)
    exposure *= 1.0 - max(0.0, empty - _EMPTY_FROM) / (1.0 - _EMPTY_FROM)
    score = (
        _SHARP_SHARE * min(float(steps) / _SHARP, 1.0)
        + _COLOUR_SHARE * min(colour / _COLOURFUL, 1.0)
        + _EXPOSURE_SHARE * exposure
    )
    return round(score, 3)


def best_moment(film: Path, *, words: Sequence[tuple[float, float]] = ()) -> float:
    """Where a finished film shows the best of its key pictures.

    Args:
        film: Video file; one picture is decoded for each of a few moments.
        words: Spans with words over the picture, shares of the film's length; a picture in one
            of them is taken only where there is no other.

    Returns:
        Share of its length, as `tasks.media.stills.take_still` takes it.

    Raises:
        BadMediaError: Not a readable video.
    """
    scores = {}
    with open_video(film) as container:
        start_s = (container.start_time or 0) / av.time_base
        length_s = (container.duration or 0) / av.time_base
        for k in range(_MOMENTS):
            # Neither the first nor the last moments: films come from black and go there.
            at = (k + 1) / (_MOMENTS + 1)
            if container.duration:
                container.seek(round(at * container.duration))
            picture = next(container.decode(video=0))
            width = min(_SMALL_WIDTH_PX, picture.width)
            height = max(2, round(width * picture.height / picture.width / 2) * 2)
            small = picture.reformat(width=width, height=height, format="yuv420p")
            # What is decoded is the key picture before the moment.
            shown = ((picture.time or 0.0) - start_s) / length_s if length_s else at
            free = not any(start <= shown < end for start, end in words)
            scores[at] = (free, score_picture(frame_planes(small)))
    return max(scores, key=lambda at: scores[at])


def write_poster(job: FilmJob, frame: int, out: Path) -> None:
    """Paint a frame of the film, without words, and write it; it appears when it is whole.

    Args:
        job: The film.
        frame: One of its frames.
        out: New file, PNG or JPEG by its suffix.

    Raises:
        BadMediaError: A clip breaks off.
        NoSpaceError: The disk is full.
    """
    check_poster(out)
    with _compositor(job) as compositor:
        picture = _paint(job, compositor, frame)
    picture.colorspace, picture.color_range = BT709, LIMITED_RANGE
    shown = Image.fromarray(picture.to_ndarray(format="rgb24", src_colorspace="ITU709"))
    kind = "PNG" if out.suffix.lower() == ".png" else "JPEG"
    options = {} if kind == "PNG" else {"quality": _JPEG_QUALITY, "subsampling": 0}
    with whole_file(out) as part:
        shown.save(part, format=kind, optimize=True, **options)


def _is_plain(plan: FramePlan) -> bool:
    """Whether a frame shows one shot as it is: not in a transition, a flash or mosaic."""
    return plan.transition is None and plan.output.exposure == 0.0 and plan.output.block == 0.0


@contextmanager
def _compositor(job: FilmJob) -> Iterator[Compositor]:
    """What paints the film without titles and lyrics, and names the shots of clips that fail."""
    instructions = job.recipe.assembly_instructions.model_copy(update={"lettering": Lettering()})
    recipe = job.recipe.model_copy(update={"assembly_instructions": instructions})
    with (
        shots_named({shot_id: clip.path for shot_id, clip in job.clips.items()}),
        closing(Compositor(replace(job, recipe=recipe))) as compositor,
    ):
        yield compositor


def _small(film: FilmFormat) -> FilmFormat:
    """The same shape, small."""
    width = min(_SMALL_WIDTH_PX, film.width_px)
    height = max(64, round(width * film.height_px / film.width_px / 2) * 2)
    return film.model_copy(update={"width_px": width, "height_px": height})


def _paint(job: FilmJob, compositor: Compositor, frame: int) -> av.VideoFrame:
    picture = av.VideoFrame(job.film.width_px, job.film.height_px, "yuv420p")
    compositor.frame(frame, frame_planes(picture))
    return picture
