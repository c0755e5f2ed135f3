"""How the film is encoded: codecs, effort by quality, containers, and the exact time scale.

Segments are encoded apart and joined by their packets, so every setting here is chosen for
streams that fit together: closed groups of pictures, equal headers, one thread or as good as one
(threads change the bytes). The compositor paints 8 bit; ProRes alone is written in 10 bit.
"""

import functools
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Quality, VideoCodec
from tasks.errors import BadInputError
from tasks.media.frames import VideoEncoder
from tasks.media.ten_bit import TEN_BIT

# What each codec is written to, the most widely played container first.
CONTAINERS = {
    VideoCodec.H264: (".mp4", ".mov", ".mkv"),
    VideoCodec.H265: (".mp4", ".mov", ".mkv"),
    VideoCodec.AV1: (".mp4", ".mkv"),
    VideoCodec.PRORES: (".mov", ".mkv"),
}
LOSSLESS_CONTAINERS = (".mov", ".mkv")

ENCODERS = {
    VideoCodec.H264: VideoEncoder("libx264"),
    # Apple's players know H.265 by this name only.
    VideoCodec.H265: VideoEncoder("libx265", tag="hvc1"),
    VideoCodec.AV1: VideoEncoder("libsvtav1"),
    VideoCodec.PRORES: VideoEncoder("prores_ks", pixel_format=TEN_BIT, container="mov"),
}
# Preset and constant rate factor of each quality (CONTRACTS "Quality"); those of H.265 and AV1
# come at least as near to the picture as H.264 does there (SSIM and PSNR of the bench's film), in
# fewer bytes. ProRes has a profile instead.
EFFORT: dict[VideoCodec, dict[Quality, tuple[str | None, int | None]]] = {
    VideoCodec.H264: {
        Quality.DRAFT: ("ultrafast", 23),
        Quality.STANDARD: ("superfast", 18),
        Quality.MASTER: ("medium", 18),
    },
    VideoCodec.H265: {
        Quality.DRAFT: ("ultrafast", 21),
        Quality.STANDARD: ("superfast", 16),
        Quality.MASTER: ("medium", 20),
    },
    VideoCodec.AV1: {
        Quality.DRAFT: ("9", 35),
        Quality.STANDARD: ("8", 20),
        Quality.MASTER: ("6", 26),
    },
    VideoCodec.PRORES: dict.fromkeys(Quality, (None, None)),
}
PRORES_PROFILES = {Quality.DRAFT: "proxy", Quality.STANDARD: "standard", Quality.MASTER: "hq"}
# File systems end names here (bytes).
_LONGEST_NAME = 255
# What the longest name of a file beside the film adds to the film's own, while it is written.
_SIDE_FILE_ROOM = len("..sync_report.json.part")
# A key frame at least every 2 s: seeking in a player stays quick, and costs about 1 % of size.
KEY_FRAME_S = 2
# Ticks a second of the film's video track: the smallest rate * 2**n above this is exact for
# constant frame rates, and what ffmpeg itself would choose (15360 at 60 frames a second).
_TIMESCALE_FLOOR = 10_000
# Size and frames of the picture that tells encoders apart: AV1 takes none below 64.
_TRIAL_PX, _TRIAL_FRAMES = 64, 3
_TRIAL_OPTIONS = {
    "libx265": {"x265-params": "pools=none:frame-threads=1:log-level=error"},
    "libsvtav1": {"svtav1-params": "lp=1"},
}


class BadExportError(BadInputError):
    """A film file that cannot be written as asked."""


@dataclass(frozen=True)
class EncoderSettings:
    """Everything that shapes a segment's bytes beside its pictures."""

    width_px: int
    height_px: int
    fps: Fraction
    preset: str | None
    """Of the encoder; None for one without."""
    crf: int | None
    """Constant rate factor on the encoder's own scale; None for one without."""
    options: tuple[tuple[str, str], ...]
    """Further options of ffmpeg's encoder, in order."""
    encoder: VideoEncoder = ENCODERS[VideoCodec.H264]

    @property
    def suffix(self) -> str:
        """How a segment's file name ends."""
        return f".{self.encoder.container}"

    @property
    def media_type(self) -> str:
        """What a segment's file is."""
        return "video/quicktime" if self.suffix == ".mov" else "video/mp4"


def encoder_settings(film: FilmFormat) -> EncoderSettings:
    """Choose the encoder's settings for a film; the level follows from size and rate."""
    preset, crf = EFFORT[film.codec][film.quality]
    return EncoderSettings(
        width_px=film.width_px,
        height_px=film.height_px,
        fps=film.rate,
        preset=preset,
        crf=crf,
        options=_options(film),
        encoder=ENCODERS[film.codec],
    )


def check_output(out: Path, *, audio: AudioMode, codec: VideoCodec) -> None:
    """Refuse, before any work, a file name that the film cannot be written to.

    Raises:
        BadExportError: Unknown container, one that cannot hold these pictures or lossless sound,
            or a name so long that the files beside the film cannot have theirs.
    """
    suffix, fitting = out.suffix.lower(), CONTAINERS[codec]
    if suffix not in CONTAINERS[VideoCodec.H264]:
        raise BadExportError(
            f"{out.name} does not end in {', '.join(fitting)}; give the film one of these names"
        )
    if suffix not in fitting:
        raise BadExportError(
            f"{codec} is not played from {suffix}; write to {out.with_suffix(fitting[0]).name} "
            "instead, or choose another codec"
        )
    spare = _LONGEST_NAME - _SIDE_FILE_ROOM - len(os.fsencode(out.stem))
    if spare < 0:
        raise BadExportError(
            f"the film's name is {-spare} bytes too long for the files beside it (its report, its "
            "recipe); shorten it"
        )
    if audio is AudioMode.LOSSLESS and suffix not in LOSSLESS_CONTAINERS:
        better = out.with_suffix(container_for(codec, audio=audio))
        raise BadExportError(f"lossless audio needs .mov or .mkv; write to {better.name} instead")


def container_for(codec: VideoCodec, *, audio: AudioMode) -> str:
    """Suffix of a film that nobody gave a name: the most widely played one that holds it."""
    held = LOSSLESS_CONTAINERS if audio is AudioMode.LOSSLESS else CONTAINERS[codec]
    return next(suffix for suffix in CONTAINERS[codec] if suffix in held)


def video_timescale(fps: Fraction) -> int:
    """Ticks a second in which every frame of a constant rate starts on a whole tick."""
    ticks = fps.numerator
    while ticks < _TIMESCALE_FLOOR:
        ticks *= 2
    return ticks


@functools.cache
def encoder_version(codec: VideoCodec) -> str:
    """Name what changes a segment's bytes beside its settings: the encoder's build.

    x264 and x265 write theirs into the first picture; SVT-AV1 tells it nowhere, so the digest of
    a small encoded picture stands for each build.
    """
    told = b"".join(_encode_trial(ENCODERS[codec]))
    library = ".".join(str(part) for part in av.library_versions["libavcodec"])
    name, digest = ENCODERS[codec].name, hashlib.sha256(told).hexdigest()[:16]
    build = re.search(rb"x26[45] (?:- core |\(build )(\d+(?: r\w+)?)", told)
    core = f" {build.group(1).decode()}" if build else ""
    return f"{name}{core} {digest}, libavcodec {library}, av {av.__version__}"


def _options(film: FilmFormat) -> tuple[tuple[str, str], ...]:
    """Options of a codec's encoder that make segments fit together, whatever their content."""
    key_frames = ("g", str(round(KEY_FRAME_S * film.rate)))
    match film.codec:
        case VideoCodec.H264:
            return (
                ("profile", "high"),
                key_frames,
                # Without the last one machines with AVX2 and those without write other bytes.
                ("x264-params", "open-gop=0:stitchable=1:cpu-independent=1"),
            )
        case VideoCodec.H265:
            return (
                ("profile", "main"),
                key_frames,
                (
                    "x265-params",
                    "open-gop=0:repeat-headers=0:info=0:pools=none:frame-threads=1:"
                    "lookahead-slices=0:log-level=error",
                ),
            )
        case VideoCodec.AV1:
            # Level of parallelism 1; key frames close their groups, where the interval says only.
            return (key_frames, ("svtav1-params", "lp=1:irefresh-type=2:scd=0"))
        case VideoCodec.PRORES:
            # Apple's own letters: some editors read the fast way only what bears them.
            return (("profile", PRORES_PROFILES[film.quality]), ("vendor", "apl0"))


def _encode_trial(encoder: VideoEncoder) -> Iterator[bytes]:
    """Packets of a small moving ramp."""
    context: Any = av.CodecContext.create(encoder.name, "w")
    context.width = context.height = _TRIAL_PX
    context.pix_fmt = encoder.pixel_format
    context.time_base, context.framerate = Fraction(1, 30), Fraction(30)
    context.thread_count = 1
    context.options = _TRIAL_OPTIONS.get(encoder.name, {})
    ramp = np.arange(_TRIAL_PX * _TRIAL_PX * 4, dtype=np.uint32)
    for number in range(_TRIAL_FRAMES):
        picture: Any = av.VideoFrame(_TRIAL_PX, _TRIAL_PX, encoder.pixel_format)
        for plane in picture.planes:
            content = ((ramp * (7 + number)) % 200 + 16).astype(np.uint8)
            plane.update(content[: plane.buffer_size].tobytes())
        picture.pts = number
        yield from (bytes(packet) for packet in context.encode(picture))
    yield from (bytes(packet) for packet in context.encode(None))
