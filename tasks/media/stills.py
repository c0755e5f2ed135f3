"""Small JPEG pictures out of videos, for reports and storyboards."""

from fractions import Fraction
from pathlib import Path

import av

from tasks.media.video_file import open_video

STILL_WIDTH_PX = 384
# JPEG quantiser: small files that still look clean.
_QUANTISER = "4"


def take_still(path: Path, *, at: float = 0.0, width_px: int = STILL_WIDTH_PX) -> bytes:
    """A picture of a video as a small JPEG.

    Args:
        path: Video file.
        at: Where in the video, 0 for its first picture, towards 1 for its last; the key frame
            before it is taken, so that one picture is decoded.
        width_px: Width of the still; its height keeps the shape.

    Raises:
        BadMediaError: Not a readable video.
    """
    with open_video(path) as container:
        if at and container.duration:
            container.seek(round(at * container.duration))
        picture = next(container.decode(video=0))
    height = round(width_px * picture.height / picture.width / 2) * 2
    small = picture.reformat(width=width_px, height=height, format="yuvj420p")
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width_px, height, "yuvj420p"
    encoder.time_base = Fraction(1, 1)
    encoder.options = {"qmin": _QUANTISER, "qmax": _QUANTISER}
    packets = [*encoder.encode(small), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
