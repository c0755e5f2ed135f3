"""How the film is encoded: x264 effort by quality, containers, and the exact time scale.

Segments are encoded apart and joined by their packets, so every setting here is chosen for
streams that fit together: closed groups of pictures, equal headers, one thread (threads change
the bytes).
"""

import functools
import io
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Quality
from tasks.errors import BadInputError

CONTAINERS = (".mp4", ".mov", ".mkv")
LOSSLESS_CONTAINERS = (".mov", ".mkv")

# Preset and constant rate factor of each quality (CONTRACTS "Quality").
EFFORT = {
    Quality.DRAFT: ("ultrafast", 23),
    Quality.STANDARD: ("superfast", 18),
    Quality.MASTER: ("medium", 18),
}
# File systems end names here (bytes).
_LONGEST_NAME = 255
# What the longest name of a file beside the film adds to the film's own, while it is written.
_SIDE_FILE_ROOM = len("..sync_report.json.part")
# A key frame at least every 2 s: seeking in a player stays quick, and costs about 1 % of size.
KEY_FRAME_S = 2
# Ticks a second of the film's video track: the smallest rate * 2**n above this is exact for
# constant frame rates, and what ffmpeg itself would choose (15360 at 60 frames a second).
_TIMESCALE_FLOOR = 10_000


class BadExportError(BadInputError):
    """A film file that cannot be written as asked."""


@dataclass(frozen=True)
class EncoderSettings:
    """Everything that shapes a segment's bytes beside its pictures."""

    width_px: int
    height_px: int
    fps: Fraction
    preset: str
    crf: int
    options: tuple[tuple[str, str], ...]
    """Further options of ffmpeg's libx264, in order."""


def encoder_settings(film: FilmFormat) -> EncoderSettings:
    """Choose the encoder's settings for a film; the level follows from size and rate (x264)."""
    preset, crf = EFFORT[film.quality]
    return EncoderSettings(
        width_px=film.width_px,
        height_px=film.height_px,
        fps=film.rate,
        preset=preset,
        crf=crf,
        options=(
            ("profile", "high"),
            ("g", str(round(KEY_FRAME_S * film.rate))),
            ("x264-params", "open-gop=0:stitchable=1"),
        ),
    )


def check_output(out: Path, *, audio: AudioMode) -> None:
    """Refuse, before any work, a file name that the film cannot be written to.

    Raises:
        BadExportError: Unknown container, one that cannot hold lossless sound, or a name so long
            that the files beside the film cannot have theirs.
    """
    if out.suffix.lower() not in CONTAINERS:
        raise BadExportError(
            f"{out.name} does not end in {', '.join(CONTAINERS)}; give the film one of these names"
        )
    spare = _LONGEST_NAME - _SIDE_FILE_ROOM - len(os.fsencode(out.stem))
    if spare < 0:
        raise BadExportError(
            f"the film's name is {-spare} bytes too long for the files beside it (its report, its "
            "recipe); shorten it"
        )
    if audio is AudioMode.LOSSLESS and out.suffix.lower() not in LOSSLESS_CONTAINERS:
        raise BadExportError(
            f"lossless audio needs .mov or .mkv; write to {out.with_suffix('.mov').name} instead"
        )


def video_timescale(fps: Fraction) -> int:
    """Ticks a second in which every frame of a constant rate starts on a whole tick."""
    ticks = fps.numerator
    while ticks < _TIMESCALE_FLOOR:
        ticks *= 2
    return ticks


@functools.cache
def encoder_version() -> str:
    """Name the libraries whose versions change a segment's bytes, x264's own build included.

    x264 writes its version into the first frame that it encodes; nothing else tells it.
    """
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast"}
        stream.codec_context.thread_count = 1
        frame = av.VideoFrame(16, 16, "yuv420p")
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    build = re.search(rb"x264 - core (\d+(?: r\w+)?)", buffer.getvalue())
    codec = ".".join(str(part) for part in av.library_versions["libavcodec"])
    core = build.group(1).decode() if build else "unknown"
    return f"x264 {core}, libavcodec {codec}, av {av.__version__}"
