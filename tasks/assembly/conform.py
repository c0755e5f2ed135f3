"""Bring any clip to the film: its frames to the film's rate, its picture to the film's shape."""

from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Fit, Focus, Quality, Retime
from tasks.assembly.clip_errors import LEAST_PX
from tasks.assembly.framing import Framing
from tasks.assembly.job import ClipFile
from tasks.assembly.kernels import UInt8Array
from tasks.assembly.motion import Motion, Picture, can_move, find_motion, in_between
from tasks.assembly.pace import BadClipError, Pace
from tasks.media.frames import ClipReader, Planes

# Pictures kept for the ones in between: the two around the moment.
_KEPT = 2
# Digits of a focus: finer than a pixel matters to nobody.
_DIGITS = 3


class Frame(NamedTuple):
    """A decoded picture, cropped to the film's shape, as flat bytes with their strides."""

    y: UInt8Array
    y_stride: int
    u: UInt8Array
    v: UInt8Array
    c_stride: int


class ConformPlan(NamedTuple):
    """How a clip is brought to the film, as far as the film's format and the clip's look say."""

    retime: Retime = Retime.AUTO
    fit: Fit = Fit.COVER
    focus: tuple[float, float] = (0.5, 0.5)
    """What a crop keeps near its middle, as shares of width and height."""


def plan_conform(film: FilmFormat, clip: ClipFile) -> ConformPlan:
    """Say how a clip is brought to a film.

    Args:
        film: Its retiming, fit, focus and quality.
        clip: A clip; without traits it is cropped about its middle.
    """
    focus = (0.5, 0.5)
    if film.focus is Focus.AUTO and film.fit is Fit.COVER and clip.traits is not None:
        focus = (round(clip.traits.focus_x, _DIGITS), round(clip.traits.focus_y, _DIGITS))
    return ConformPlan(chosen_retime(film), film.fit, focus)


def chosen_retime(film: FilmFormat) -> Retime:
    """What a film asks for between pictures; a master asks for motion unless it says otherwise."""
    if film.retime is Retime.AUTO and film.quality is Quality.MASTER:
        return Retime.MOTION
    return film.retime


def fills_between(film: FilmFormat) -> bool:
    """Whether clips of any rate show another picture on every frame of a film."""
    return chosen_retime(film) in (Retime.BLEND, Retime.MOTION)


class ClipSource:
    """A clip opened for a place in the film."""

    def __init__(
        self,
        clip: ClipFile,
        *,
        span: int,
        film_fps: Fraction,
        film: tuple[int, int],
        plan: ConformPlan | None = None,
        open_reader: Callable[..., ClipReader] = ClipReader,
    ) -> None:
        """Open a clip and check that it is long enough.

        Args:
            clip: The file and where it lies on the time line.
            span: Film frames that it must cover from its first.
            film_fps: Frames a second of the film.
            film: Width and height of the film.
            plan: How it is brought to the film; cropped about its middle when empty.
            open_reader: Opens a video file.

        Raises:
            BadClipError: Too short, even when slowed as far as that goes; or too small.
            BadMediaError: Not a readable video.
        """
        plan = plan or ConformPlan()
        self._reader = open_reader(clip.path)
        self.pace = Pace(
            self._reader, span=span, film_fps=film_fps, retime=plan.retime, name=clip.path.name
        )
        size = (self._reader.width_px, self._reader.height_px)
        self._framing = Framing(size, film, fit=plan.fit, focus=plan.focus)
        self.width, self.height = self._framing.width, self._framing.height
        if min(self.width, self.height) < LEAST_PX:
            self._reader.close()
            raise BadClipError(
                f"{clip.path.name}: of its {size[0]}x{size[1]} pixels the film shows "
                f"{self.width}x{self.height}, at least {LEAST_PX} either way are needed; "
                "give a larger clip, or one of the film's shape"
            )
        self._pictures: OrderedDict[int, Picture] = OrderedDict()
        self._motion: tuple[int, Motion | None] = (-1, None)

    def at(self, offset: int) -> tuple[int, int]:
        """Picture of the clip that is on screen `offset` film frames after its first.

        Returns:
            Its index, and how far the film is on the way to the next one, in 256ths.
        """
        return self.pace.at(offset)

    def frame(self, index: int, share: int = 0) -> Frame:
        """Make one picture as `at` names it, brought to the film's shape."""
        planes = self._between(index, share) if share else self._cropped(index)
        if self._framing.surrounds:
            planes = self._framing.surround(planes)
        y, u, v = planes
        return Frame(flat(y), y.strides[0], flat(u), flat(v), u.strides[0])

    def close(self) -> None:
        """Free the decoder."""
        self._reader.close()

    def _cropped(self, index: int) -> Planes:
        return self._framing.crop(self._reader.frame(index))

    def _between(self, index: int, share: int) -> Planes:
        before, after = self._picture(index), self._picture(index + 1)
        motion = self._motion_from(index, before, after)
        return in_between(before, after, share=share, retime=self.pace.retime, motion=motion)

    def _picture(self, index: int) -> Picture:
        if index not in self._pictures:
            self._pictures[index] = Picture(self._cropped(index))
            while len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(index)
        return self._pictures[index]

    def _motion_from(self, index: int, before: Picture, after: Picture) -> Motion | None:
        """The motion after a picture, found once for all pictures between it and the next one."""
        luma = before.planes[0]
        if self.pace.retime is not Retime.MOTION or not can_move(*luma.shape):
            return None
        if self._motion[0] != index:
            self._motion = (index, find_motion(before, after))
        return self._motion[1]


def flat(plane: UInt8Array) -> UInt8Array:
    """View a plane, padded or not, as the flat bytes from its first pixel to its last."""
    height, width = plane.shape
    assert plane.strides[1] == 1
    if plane.strides[0] == width:
        return plane.reshape(-1)
    size = (height - 1) * plane.strides[0] + width
    return np.lib.stride_tricks.as_strided(plane, (size,), (1,))
