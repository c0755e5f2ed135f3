"""Look into media files without trusting their names."""

import itertools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from tasks.media.ffmpeg import MAX_PIXELS, PROTOCOLS, SONG_FORMATS, BadMediaError
from tasks.media.limits import SongLimits
from tasks.media.truncation import declares_length
from tasks.media.video_file import PATIENCE_S, open_video, reason_of

_PLAYLIST_MARKS = (b"#EXTM3U", b"[playlist]", b"ffconcat")
_HEAD_BYTES = 64
# Frames that begin no further than this from an even rate are evenly spaced.
_EVEN_S = Fraction(1, 500)
# Ten hours at 60 a second, with room.
MOST_FRAMES = 3_000_000
# Packets of any track before the first sound; films that begin in silence have sound, too.
_MOST_PACKETS = 20_000


class BadSongError(BadMediaError):
    """A file that cannot serve as a song."""


@dataclass(frozen=True)
class SongInfo:
    """What a song's file says of itself; its length only when that is written in the file."""

    container: str
    codec: str
    sample_rate_hz: int
    channels: int
    declared_duration_s: float | None
    tags: tuple[tuple[str, str], ...] = ()
    """Names in small letters, and what the file's maker wrote there."""


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says of itself."""

    width_px: int
    height_px: int
    fps: Fraction
    frames: int
    codec: str
    pixel_format: str
    color_space: int
    color_range: int
    duration_s: float
    audio_codec: str | None
    keys: tuple[tuple[int, int], ...]
    """Number and time stamp of frames that decoding may begin at, in order; those of an MP4 file
    that is shown whole, since others mark frames that lean on earlier ones too."""
    times_s: tuple[Fraction, ...] | None
    """When each frame begins, from the first on, where they are not evenly spaced at `fps`."""


def probe_song(path: Path, *, limits: SongLimits | None = None) -> SongInfo:
    """Check that a file is a song that can be decoded, and tell its format.

    Args:
        path: Any file.
        limits: Largest song, and longest by what its header promises; none when empty.

    Returns:
        Format, codec, rate (Hz), channels and the declared length (s); the length is None when
        the file does not hold one and ffmpeg could only guess it from the bit rate.

    Raises:
        BadSongError: Missing, unreadable, empty, a playlist, no audio in it, or not decodable.
        SongLimitError: Too large or too long.
    """
    _refuse_by_bytes(path)
    if limits is not None:
        limits.refuse_large(path.name, path.stat().st_size)
    info = _opened(path)
    if limits is not None and info.declared_duration_s is not None:
        limits.refuse_long(path.name, info.declared_duration_s)
    return info


def probe_video(path: Path) -> VideoInfo:
    """Tell size, rate, exact frame count (by counting packets) and colour tags of a video.

    Raises:
        BadMediaError: Not a readable video file.
    """
    try:
        with open_video(path) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            audio = container.streams.audio
            shown, whole = [], "mp4" in container.format.name
            for packet in container.demux(stream):
                if packet.pts is not None and not packet.is_discard:
                    shown.append((packet.pts, packet.is_keyframe))
                whole = whole and not packet.is_discard
                if len(shown) > MOST_FRAMES:
                    raise BadMediaError(
                        f"{path.name} has more than {MOST_FRAMES} pictures; give a shorter video"
                    )
            frames = len(shown)
            rate = stream.average_rate or stream.guessed_rate
            if rate is None or frames == 0:
                raise BadMediaError(f"{path.name} holds a video track without pictures")
            return VideoInfo(
                width_px=context.width,
                height_px=context.height,
                fps=Fraction(rate),
                frames=frames,
                codec=context.name,
                pixel_format=context.pix_fmt or "",
                color_space=int(context.colorspace),
                color_range=int(context.color_range),
                duration_s=float(frames / Fraction(rate)),
                audio_codec=audio[0].codec_context.name if audio else None,
                keys=tuple((n, pts) for n, (pts, key) in enumerate(sorted(shown)) if whole and key),
                times_s=_uneven_times(sorted(pts for pts, _ in shown), stream.time_base, rate),
            )
    except av.FFmpegError as error:
        raise BadMediaError(f"{path.name} is not a readable video ({reason_of(error)})") from error


def _uneven_times(
    stamps: list[int], unit: Fraction | None, rate: Fraction
) -> tuple[Fraction, ...] | None:
    """When frames begin, in seconds from the first; None where that is at an even rate.

    Containers that count in thousandths of a second round even rates too.
    """
    if unit is None:
        return None
    first, spacing = stamps[0], 1 / (rate * unit)
    most = _EVEN_S / unit * spacing.denominator
    ticks, scale = spacing.numerator, spacing.denominator
    if all(abs((stamp - first) * scale - n * ticks) <= most for n, stamp in enumerate(stamps)):
        return None
    return tuple((stamp - first) * unit for stamp in stamps)


def _opened(path: Path) -> SongInfo:
    """Format and first sound of a file, read behind the whitelists."""
    try:
        options = {
            "protocol_whitelist": PROTOCOLS,
            "format_whitelist": SONG_FORMATS,
            # A song's cover is decoded while the file is opened.
            "max_pixels": str(MAX_PIXELS),
        }
        with av.open(
            f"file:{path}", options=options, metadata_errors="replace", timeout=PATIENCE_S
        ) as container:
            if not container.streams.audio:
                kinds = ", ".join(sorted({s.type for s in container.streams})) or "nothing"
                raise BadSongError(
                    f"{path.name} holds no audio (only {kinds}); give the file with the sound"
                )
            stream = container.streams.audio[0]
            first = _first_sound(container, stream)
            if first is None or first.samples == 0:
                raise BadSongError(f"{path.name} has an audio track without any sound in it")
            return SongInfo(
                container=container.format.name,
                codec=stream.codec_context.name,
                sample_rate_hz=first.sample_rate,
                channels=first.layout.nb_channels,
                declared_duration_s=(
                    _declared(container, stream)
                    if declares_length(path, container.format.name)
                    else None
                ),
                tags=_tags(container, stream),
            )
    except av.FFmpegError as error:
        raise BadSongError(
            f"{path.name} is not audio that songfilm can read ({reason_of(error)}); "
            "convert it to wav, flac, mp3, m4a or ogg"
        ) from error


def _first_sound(container: Any, stream: Any) -> Any:
    """The first decoded piece of a track; None where the file's beginning has none."""
    for packet in itertools.islice(container.demux(), _MOST_PACKETS):
        if packet.stream.index == stream.index:
            for frame in packet.decode():
                return frame
    return None


def _tags(container: Any, stream: Any) -> tuple[tuple[str, str], ...]:
    """Tags of a file; Ogg has them at its track."""
    told = {**stream.metadata, **container.metadata}
    return tuple((name.lower(), text) for name, text in told.items())


def _refuse_by_bytes(path: Path) -> None:
    """Catch what can be told from the file system and the first bytes."""
    try:
        if not path.exists():
            raise BadSongError(f"{path} does not exist; check the path")
        if not path.is_file():
            raise BadSongError(f"{path} is not a file; give one song")
        if path.stat().st_size == 0:
            raise BadSongError(f"{path.name} is empty (0 bytes); copy or export it again")
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except PermissionError as error:
        raise BadSongError(
            f"{path} may not be read by this user; allow reading (chmod +r) and run again"
        ) from error
    except OSError as error:
        # A name that no file system takes, among others.
        raise BadSongError(
            f"{path.name[:80]!r} cannot be opened ({error.strerror}); check the path"
        ) from error
    if head.lstrip(b"\xef\xbb\xbf \r\n").startswith(_PLAYLIST_MARKS):
        raise BadSongError(f"{path.name} is a playlist, not a song; give one of its entries")


def _declared(container: Any, stream: Any) -> float | None:
    """Length in seconds that the header promises, if it does."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return float(container.duration) / av.time_base
    return None
