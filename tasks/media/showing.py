"""How a video's pictures are meant to be seen: colours, range, turn, shape of a pixel, fields.

Whatever a file holds (4:2:2, 10 bit, RGB, full range, BT.601, lying on its side) becomes planes
of yuv420p in BT.709 and limited range, upright and with square pixels. The scaler works in its
bit-exact mode, so that every machine makes the same picture.

Files that do not name their colours are taken as players take them: BT.601 below 720 lines.

Source: ITU-T H.273 (code points); mpv and VLC agree on the guess: BT.709 from 1280 pixels of width
    or more than 576 lines on. The median of three lines: the simplest of the well-known ways to
    join two fields without combs.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from tasks.media.ffmpeg import MAX_PIXELS, BadMediaError

UInt8Array = npt.NDArray[np.uint8]
Planes = tuple[UInt8Array, UInt8Array, UInt8Array]

# ITU-T H.273, matrix coefficients: what the scaler calls them.
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
_UNNAMED = 2
_FULL = 2
# Transfer characteristics that are brighter than a film can be.
_HDR = {16: "PQ", 18: "HLG"}
# Up to this size an untold picture is one of standard definition.
_SD_WIDTH, _SD_HEIGHT = 1279, 576
# Anamorphic films reach 2:1; beyond this, the shape of a pixel is a mistake or an attack.
_LONGEST_PIXEL = Fraction(4)
_EXACT = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.BITEXACT
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)


@dataclass(frozen=True)
class Showing:
    """What is done to every picture of a video before it is shown."""

    matrix: Colorspace
    full: bool
    plain: bool
    """Whether the decoder's planes are what is shown."""
    stored: tuple[int, int]
    """Width and height of the file's pictures."""
    coded: tuple[int, int]
    """Width and height with square pixels, before any turn."""
    quarters: int
    """Turns by 90 degrees, counterclockwise."""
    told: tuple[str, ...]
    """What had to be guessed, or is not shown as it was meant."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as shown."""
        width, height = self.coded
        return (height, width) if self.quarters % 2 else (width, height)

    def planes(self, frame: Any) -> Planes:
        """Make one picture.

        Args:
            frame: As decoded.

        Returns:
            y, u, v of yuv420p, BT.709, limited range; rows may be padded.
        """
        if not self.plain or frame.format.name != "yuv420p":
            frame = frame.reformat(
                width=self.coded[0],
                height=self.coded[1],
                format="yuv420p",
                src_colorspace=self.matrix,
                dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG if self.full else ColorRange.MPEG,
                dst_color_range=ColorRange.MPEG,
                interpolation=_EXACT,
                threads=1,
            )
        planes = frame_planes(frame)
        if frame.interlaced_frame:
            planes = _map(join_fields, planes)
        if self.quarters:
            planes = _map(
                lambda plane: np.ascontiguousarray(np.rot90(plane, self.quarters)), planes
            )
        return planes


def showing_of(frame: Any, pixel: Fraction | None) -> Showing:
    """Tell how a video's pictures are meant to be seen.

    Args:
        frame: Its first picture.
        pixel: Width of a pixel for its height; None where the file does not say.

    Raises:
        BadMediaError: With square pixels they would be absurdly wide or high, or larger than 8K.
    """
    told = []
    rgb = bool(frame.format.is_rgb)
    matrix, named = int(frame.colorspace), frame.format.name
    if rgb:
        known: Colorspace = Colorspace.ITU709
    elif matrix in _MATRICES:
        known = _MATRICES[matrix]
    else:
        small = frame.width <= _SD_WIDTH and frame.height <= _SD_HEIGHT
        known = Colorspace.ITU601 if small else Colorspace.ITU709
        if small or matrix != _UNNAMED:
            told.append(
                "does not name its colours in a way that is known; they are taken as "
                f"{'BT.601' if small else 'BT.709'}, as players do for {frame.height} lines"
            )
    if int(frame.color_trc) in _HDR:
        told.append(
            f"is HDR ({_HDR[int(frame.color_trc)]}) and shown without tone mapping; convert it to "
            "SDR if it looks flat"
        )
    if frame.interlaced_frame:
        told.append("is interlaced; its fields are joined, which costs fine detail")
    full = rgb or named.startswith("yuvj") or int(frame.color_range) == _FULL
    coded = _square((frame.width, frame.height), pixel or Fraction(1))
    return Showing(
        matrix=known,
        full=full,
        plain=known == Colorspace.ITU709 and not full and coded == (frame.width, frame.height),
        stored=(frame.width, frame.height),
        coded=coded,
        quarters=round(frame.rotation / 90) % 4,
        told=tuple(told),
    )


def join_fields(plane: UInt8Array) -> UInt8Array:
    """Replace each line of the second field by the median of itself and its two neighbours."""
    joined = plane.copy()
    above = plane[0 : plane.shape[0] - 1 : 2]
    own = plane[1::2]
    below = np.concatenate([plane[2::2], above[-1:]])[: own.shape[0]]
    above = above[: own.shape[0]]
    joined[1::2] = np.maximum(np.minimum(above, below), np.minimum(np.maximum(above, below), own))
    return joined


def frame_planes(frame: Any) -> Planes:
    """Views of the three planes of a yuv420p frame, padding cut off."""
    shapes = (
        (frame.height, frame.width),
        *(((frame.height + 1) // 2, (frame.width + 1) // 2),) * 2,
    )
    views = []
    for plane, (height, width) in zip(frame.planes, shapes, strict=True):
        padded = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        views.append(padded[:height, :width])
    return views[0], views[1], views[2]


def _square(size: tuple[int, int], pixel: Fraction) -> tuple[int, int]:
    """The size with square pixels: the side that lacks some is made longer, to an even number."""
    width, height = size
    if pixel <= 0:
        return size
    if not 1 / _LONGEST_PIXEL <= pixel <= _LONGEST_PIXEL:
        raise BadMediaError(
            f"has pixels of {pixel.numerator}:{pixel.denominator}; up to {_LONGEST_PIXEL}:1 either "
            "way is read: write it with square pixels"
        )
    if pixel > 1:
        width = round(width * pixel / 2) * 2
    elif pixel < 1:
        height = round(height / pixel / 2) * 2
    if width * height > MAX_PIXELS:
        raise BadMediaError(
            f"has pictures of {width}x{height} with square pixels; at most 8K is read: scale it "
            "down"
        )
    return width, height


def _map(function: Any, planes: Planes) -> Planes:
    y, u, v = (function(plane) for plane in planes)
    return y, u, v
