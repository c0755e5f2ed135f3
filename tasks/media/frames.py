"""Write and read clips as raw yuv420p planes (BT.709, limited range), frame by frame."""

import contextlib
import os
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av

from tasks import cancellation
from tasks.errors import NoSpaceError
from tasks.media.confine import cpu_bound
from tasks.media.ffmpeg import BadMediaError, is_no_space
from tasks.media.probe import probe_video
from tasks.media.showing import Planes, Showing, UInt8Array, frame_planes, showing_of
from tasks.media.ten_bit import TEN_BIT, to_ten_bit
from tasks.media.video_file import open_video

__all__ = [
    "BT709",
    "CLIP_CRF",
    "CLIP_OPTIONS",
    "CLIP_PRESET",
    "LIMITED_RANGE",
    "ClipReader",
    "ClipWriter",
    "Planes",
    "UInt8Array",
    "VideoEncoder",
    "decoding_time",
    "frame_planes",
]

BT709 = 1
LIMITED_RANGE = 1
# Pictures that an encoder holds back at most before it writes one.
_DEEPEST_REORDERING = 32
# Clips are an intermediate: nearly lossless, cheap to write and to read.
CLIP_CRF = 12
CLIP_PRESET = "ultrafast"
# Pictures from one key frame of a clip to the next, at most: segments begin anywhere in a clip and
# decode from the key frame before; it costs about 3 % of a clip's size.
CLIP_OPTIONS = {"g": "15"}
# SVT-AV1 tells its settings on standard error, for every file, unless it may only tell errors.
os.environ.setdefault("SVT_LOG", "1")
# CPU seconds that a worker gives one picture; the largest take a thousandth.
_PICTURE_CPU_S = 120.0
# Frames kept behind the newest one, for blends that look back.
_WINDOW = 4


@dataclass(frozen=True)
class VideoEncoder:
    """Which encoder of ffmpeg writes a file, and what it writes."""

    name: str = "libx264"
    pixel_format: str = "yuv420p"
    """Or `TEN_BIT`: planes are still given as yuv420p, and brought there."""
    container: str = "mp4"
    tag: str | None = None
    """The four letters that name the codec in the file, where ffmpeg's own are not played."""


CLIP_ENCODER = VideoEncoder()


class ClipWriter:
    """Encode planes; the file appears under its name only when it is whole."""

    def __init__(
        self,
        path: Path,
        *,
        width_px: int,
        height_px: int,
        fps: Fraction,
        crf: int | None = CLIP_CRF,
        preset: str | None = CLIP_PRESET,
        options: dict[str, str] | None = None,
        encoder: VideoEncoder = CLIP_ENCODER,
    ) -> None:
        """Open the encoder.

        Args:
            path: Final name.
            width_px: Even.
            height_px: Even.
            fps: Constant frame rate.
            crf: Constant rate factor, on the encoder's own scale; None for one without.
            preset: The encoder's preset; None for one without.
            options: Further options of the encoder, as ffmpeg names them; those of clips if not
                given.
            encoder: What encodes; H.264 in mp4 if not given.
        """
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._size = (width_px, height_px)
        self._fps = fps
        self._count = 0
        self._ten_bit = encoder.pixel_format == TEN_BIT
        self._container: Any = av.open(str(self._part), "w", format=encoder.container)
        self._stream = _video_stream(self._container, encoder, rate=fps)
        self._stream.width, self._stream.height = width_px, height_px
        self._stream.pix_fmt = encoder.pixel_format
        effort = {"crf": crf, "preset": preset}
        given = {name: str(value) for name, value in effort.items() if value is not None}
        self._stream.options = {**given, **(CLIP_OPTIONS if options is None else options)}
        context = self._stream.codec_context
        if encoder.tag is not None:
            context.codec_tag = encoder.tag
        context.time_base = 1 / fps
        context.thread_count = 1
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED_RANGE

    def __enter__(self) -> Self:
        """Start writing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Finish and rename, or remove what was begun."""
        try:
            if error is None:
                self._mux(self._stream.encode(None))
            with contextlib.suppress(*([av.FFmpegError] if error else [])):
                self._container.close()
            if error is None:
                self._part.replace(self._path)
        except OSError as failure:
            raise self._translated(failure) from failure
        finally:
            self._part.unlink(missing_ok=True)

    def new_planes(self) -> tuple[Any, Planes]:
        """Make an encoder frame and writable views of its three planes."""
        frame = av.VideoFrame(*self._size, "yuv420p")
        return frame, frame_planes(frame)

    def write_frame(self, frame: Any) -> None:
        """Encode a frame made by `new_planes`."""
        if self._ten_bit:
            frame = to_ten_bit(frame)
            # ProRes takes these from its pictures, the others from the encoder.
            frame.color_primaries = frame.color_trc = BT709
        frame.pts = self._count
        frame.time_base = 1 / self._fps
        frame.colorspace, frame.color_range = BT709, LIMITED_RANGE
        self._count += 1
        try:
            self._mux(self._stream.encode(frame))
        except OSError as failure:
            raise self._translated(failure) from failure

    def write(self, y: UInt8Array, u: UInt8Array, v: UInt8Array) -> None:
        """Encode one picture given as planes; chroma has half width and height."""
        frame, planes = self.new_planes()
        for target, source in zip(planes, (y, u, v), strict=True):
            target[:] = source
        self.write_frame(frame)

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            packet.duration = 1
            packet.dts = decoding_time(packet.pts, packet.dts)
            self._container.mux(packet)

    def _translated(self, failure: OSError) -> Exception:
        """An error of ours for an error of the file system."""
        if is_no_space(failure):
            return NoSpaceError(
                f"the disk filled up while writing {self._path.name}; free space and run again"
            )
        return failure


def decoding_time(pts: int, dts: int) -> int:
    """When a packet is decoded, in frames, whatever its encoder says.

    x265 gives streams shorter than its delay, which it never reorders, times from memory that it
    has not written.

    Args:
        pts: When its picture is shown, frames.
        dts: What the encoder says.
    """
    return dts if 0 <= pts - dts <= _DEEPEST_REORDERING else pts


def _video_stream(container: Any, encoder: VideoEncoder, *, rate: Fraction) -> Any:
    """Add a track; its type hangs on the encoder's name."""
    return container.add_stream(encoder.name, rate=rate)


class ClipReader:
    """Decode a clip in order, with a short memory; made for indices that mostly rise.

    Whatever the file holds, its pictures come as planes of yuv420p in BT.709 and limited range,
    upright, with square pixels. `frames` and `fps` tell how long it is; `times_s` when each picture
    begins, where they are not evenly spaced; `told` what had to be guessed of its colours.
    """

    def __init__(self, path: Path) -> None:
        """Open a clip.

        Args:
            path: Video file.

        Raises:
            BadMediaError: Not a readable video.
        """
        info = probe_video(path)
        self.frames, self.fps, self.times_s = info.frames, info.fps, info.times_s
        self._keys = info.keys
        self._path = path
        self._container: Any = None
        self._showing: Showing | None = None
        try:
            self._restart()
            self._decode_next()
        except BaseException:
            self.close()
            raise
        assert self._showing is not None
        self.width_px: int = self._showing.size[0]
        self.height_px: int = self._showing.size[1]
        self.told: tuple[str, ...] = self._showing.told

    def frame(self, index: int) -> Planes:
        """Decode one picture.

        Args:
            index: Frame number; clamped to the clip.

        Returns:
            Planes y, u, v: uint8, shapes (height, width) and half of it, rounded up, for u and v.

        Raises:
            BadMediaError: The clip ends early or is corrupt.
        """
        index = min(max(index, 0), self.frames - 1)
        if self._window and index < next(iter(self._window)):
            self._restart()
        try:
            self._leap(index)
            self._decode_to(index)
        except BadMediaError:
            if not self._leapt:
                raise
            # Pictures after a key frame may lean on ones before it (open GOPs), whatever the file
            # says: only what fails from the start on is damaged.
            self._keys = ()
            self._restart()
            self._decode_to(index)
        return self._window[index]

    def close(self) -> None:
        """Free the decoder."""
        if self._container is not None:
            self._container.close()
            self._container = None
        self._window: OrderedDict[int, Planes] = OrderedDict()

    def _restart(self) -> None:
        self.close()
        self._container = open_video(self._path)
        stream = self._container.streams.video[0]
        self._decoded = iter(self._container.decode(stream))
        self._next = 0
        self._leapt = False

    def _decode_to(self, index: int) -> None:
        while index not in self._window:
            cancellation.check()
            self._decode_next()

    def _leap(self, index: int) -> None:
        """Go to the last key frame before a picture, if it lies ahead of what comes next."""
        place = bisect_right(self._keys, index, key=lambda at: at[0]) - 1
        if place < 0 or self._keys[place][0] <= self._next:
            return
        key, pts = self._keys[place]
        stream = self._container.streams.video[0]
        self._container.seek(pts, stream=stream)
        self._decoded = iter(self._container.decode(stream))
        self._window.clear()
        self._next, self._leapt = key, True
        if self._decode_next() != pts:
            # Decoding did not begin there, whatever the file says.
            self._keys = ()
            self._restart()

    def _decode_next(self) -> int | None:
        """Add the next picture to the window; return its time stamp."""
        try:
            with cpu_bound(_PICTURE_CPU_S):
                frame = next(self._decoded)
        except StopIteration as error:
            raise self._broken("breaks off") from error
        except av.ExitError as error:
            raise self._broken("cannot be read in time") from error
        except av.FFmpegError as error:
            raise self._broken("is damaged") from error
        if frame.is_corrupt:
            raise self._broken("is damaged")
        if self._showing is None:
            pixel = self._container.streams.video[0].sample_aspect_ratio
            try:
                self._showing = showing_of(frame, pixel)
            except BadMediaError as error:
                raise BadMediaError(f"{self._path.name} {error}") from error
        if (frame.width, frame.height) != self._showing.stored:
            raise self._broken(f"changes its size to {frame.width}x{frame.height}")
        self._window[self._next] = self._showing.planes(frame)
        self._window.pop(self._next - _WINDOW, None)
        self._next += 1
        return None if frame.pts is None else int(frame.pts)

    def _broken(self, how: str) -> BadMediaError:
        return BadMediaError(f"clip {self._path.name} {how} at frame {self._next} of {self.frames}")
