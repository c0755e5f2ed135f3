"""A loop as a GIF: small, silent, with one palette made of all its pictures.

GIF counts time in hundredths of a second, so only some frame rates are even in it.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import ffmpeg

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality, VideoCodec
from tasks.assembly.join import join_segments
from tasks.errors import BadInputError
from tasks.media.ffmpeg import run_job
from tasks.media.whole_file import whole_file

# Mail and chats often refuse more, bytes.
HEAVY = 5_000_000
# 20 frames a second: five hundredths each. Players slow down what is faster than 50.
GIF_FPS = Fraction(20)
WIDEST_PX = 480
# Pictures are composed this many times larger and made smaller by a filter that keeps lines.
_FINER = 2
# A GIF of three quarters of the sides has about half the bytes.
_LESSER = 0.75
_COLOURS = 256
# Every fourth picture is counted for the palette: the others add time and no colour.
_SAMPLED = 4
# Ordered dither stays where it is from picture to picture: it neither crawls nor costs much.
_DITHER, _DITHER_SCALE = "bayer", 3


class BadGifError(BadInputError):
    """A GIF that cannot be written as asked."""


def check_gif(out: Path) -> None:
    """Refuse a name that no GIF has.

    Raises:
        BadGifError: It does not end in .gif.
    """
    if out.suffix.lower() != ".gif":
        raise BadGifError(f"{out.name} does not end in .gif")


def gif_size(film: FilmFormat) -> tuple[int, int]:
    """Width and height of a film's GIF: its own shape, the longer side at most 480 pixels."""
    scale = min(1.0, WIDEST_PX / max(film.width_px, film.height_px))
    return (
        max(32, round(film.width_px * scale / 2) * 2),
        max(32, round(film.height_px * scale / 2) * 2),
    )


def gif_note(gif: Path, *, film: FilmFormat) -> tuple[str, ...]:
    """Tell a finished GIF that is larger than many places take, and how to get a smaller one."""
    size = gif.stat().st_size
    if size <= HEAVY:
        return ()
    lesser = "x".join(str(max(64, round(side * _LESSER / 2) * 2)) for side in gif_size(film))
    return (
        f"the GIF has {size / 1e6:.1f} MB, more than many places take; --size {lesser} or a "
        "shorter --length makes it smaller",
    )


def gif_source(film: FilmFormat) -> FilmFormat:
    """The format that a GIF's pictures are composed in."""
    width, height = gif_size(film)
    return film.model_copy(
        update={
            "width_px": width * _FINER,
            "height_px": height * _FINER,
            "fps": f"{GIF_FPS.numerator}/{GIF_FPS.denominator}",
            "quality": Quality.STANDARD,
            "codec": VideoCodec.H264,
        }
    )


def write_gif(segments: Sequence[Path], out: Path, *, film: FilmFormat, work: Path) -> None:
    """Make a GIF that plays for ever.

    Args:
        segments: The loop's pieces, in order, composed as `gif_source(film)` says.
        out: New file.
        film: Shape of the film.
        work: Existing folder for the joined video.

    Raises:
        BadMediaError: ffmpeg could not write it.
        NoSpaceError: The disk is full.
    """
    video = work / "gif.mp4"
    join_segments(segments, video, fps=GIF_FPS)
    width, height = gif_size(film)
    shown = ffmpeg.input(f"file:{video}", protocol_whitelist="file")["v:0"]
    shown = shown.filter("scale", width, height, flags="lanczos+accurate_rnd+full_chroma_int")
    parts = shown.filter_multi_output("split")
    sampled = parts[0].filter("framestep", _SAMPLED)
    colours = sampled.filter("palettegen", max_colors=_COLOURS, stats_mode="full")
    painted = ffmpeg.filter(
        [parts[1], colours],
        "paletteuse",
        dither=_DITHER,
        bayer_scale=_DITHER_SCALE,
        diff_mode="rectangle",
    )
    with whole_file(out) as part:
        job = painted.output(f"file:{part}", format="gif", loop=0)
        run_job(job, what=f"writing {out.name}")
