"""Pictures at the clips' own size: one open clip each, and the scratch that holds a packed one."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from tasks.assembly.conform import ClipSource
from tasks.assembly.frame_plan import LayerPlan
from tasks.assembly.grade import Grade
from tasks.assembly.kernels import FloatArray, Int8Array, UInt16Array, UInt32Array
from tasks.assembly.kernels_planes import pack_luma, pack_luma_doubled, rgb_to_ycc
from tasks.assembly.kernels_resize import enlarge
from tasks.assembly.looks import LookPainter
from tasks.assembly.output import Packed
from tasks.assembly.transitions.canvas import Canvas, make_canvas


class _Planes(NamedTuple):
    luma: FloatArray
    y: UInt16Array
    chroma: UInt32Array


class Layer:
    """One open clip and the last picture that was made of it."""

    def __init__(self, source: ClipSource, grade: Grade) -> None:
        self.source = source
        self._grade = grade
        self._rgb = np.empty((3, source.height, source.width), np.float32)
        self._looks = LookPainter(source.height, source.width)
        self._key: object = None

    def picture(self, part: LayerPlan) -> FloatArray:
        """The clip's picture with grade and look; not to be written to."""
        index, share = self.source.at(part.offset)
        if self._key != (index, share, part.look):
            self._key = None
            self._grade.paint(self._rgb, *self.source.frame(index, share))
            self._looks.paint(self._rgb, part.look)
            self._key = (index, share, part.look)
        return self._rgb


class Raster:
    """Scratch for pictures of one size."""

    def __init__(self, shape: tuple[int, int], *, doubled: bool) -> None:
        self._shape = shape
        self._doubled = doubled

    @cached_property
    def canvas(self) -> Canvas:
        """What transitions paint on."""
        return make_canvas(*self._shape)

    @cached_property
    def _fit(self) -> FloatArray:
        return np.empty((3, *self._shape), np.float32)

    @cached_property
    def _black(self) -> FloatArray:
        return np.zeros((3, *self._shape), np.float32)

    @cached_property
    def _planes(self) -> _Planes:
        height, width = self._shape
        times = 2 if self._doubled else 1
        return _Planes(
            luma=np.empty((height, width), np.float32),
            y=np.empty((times * height, times * width + 1), np.uint16),
            chroma=np.empty((height, width + 1), np.uint32),
        )

    def fitted(self, picture: FloatArray | None) -> FloatArray:
        """A picture at this size, as sharp as it was; black where there is none.

        One picture at a time: of two in a transition, one has this size already.
        """
        if picture is not None and picture.shape[1:] == self._shape:
            return picture
        if picture is None:
            return self._black
        enlarge(self._fit, picture)
        return self._fit

    def pack(self, rgb: FloatArray, dither: Int8Array) -> Packed:
        """Pack a picture; it stays until the next one is packed."""
        planes = self._planes
        rgb_to_ycc(planes.luma, planes.chroma, rgb, dither)
        (pack_luma_doubled if self._doubled else pack_luma)(planes.y, planes.luma, dither)
        return Packed(y=planes.y, chroma=planes.chroma, doubled=self._doubled)
