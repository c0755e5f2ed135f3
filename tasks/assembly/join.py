"""Put segments and song together into one file, without touching a picture.

Segments are joined by their packets, each frame on its exact tick; then one ffmpeg job adds the
song (copied or encoded once) and moves the index to the front for players that stream. The file
has a temporary name until it is proven.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import ffmpeg

from recipe_schema.analysis import Excerpt
from tasks import cancellation
from tasks.assembly.audio_track import AudioPlan, song_stream
from tasks.assembly.export import video_timescale
from tasks.assembly.tags import Chapter
from tasks.errors import NoSpaceError, PermanentError
from tasks.media.ffmpeg import is_no_space, run_job, timeout_for
from tasks.media.probe import SongInfo

# Ticks a second of a chapter's times.
_CHAPTER_HZ = 1_000_000
# Room for a film's index, however short the film is.
_INDEX_BYTES = 64 << 20
_HEADER_ONLY = {"probesize": "32", "fpsprobesize": "0", "analyzeduration": "0"}
_SUBTITLE_ENCODERS = {".mp4": "mov_text", ".mov": "mov_text", ".mkv": "subrip"}


class BadSegmentError(PermanentError):
    """Segments that do not belong to one film."""


def join_segments(
    segments: Sequence[Path], out: Path, *, fps: Fraction, chapters: Sequence[Chapter] = ()
) -> int:
    """Copy the packets of segments, one after another, into one video-only file.

    Args:
        segments: mp4 or mov files in order, each starting at 0 with a key frame.
        out: New file; ``.mov`` if the segments are such.
        fps: Frame rate of all of them.
        chapters: What `add_song` hands on to the film.

    Returns:
        Frames written.

    Raises:
        BadSegmentError: A segment was encoded with other settings than the first.
        NoSpaceError: The disk is full.
    """
    options = {"video_track_timescale": str(video_timescale(fps))}
    try:
        with av.open(str(out), "w", format=out.suffix[1:], options=options) as film:
            film.set_chapters([_as_chapter(n, chapter) for n, chapter in enumerate(chapters)])
            return _copy_packets(segments, film, fps=fps)
    except OSError as failure:
        if is_no_space(failure):
            raise NoSpaceError(
                f"the disk filled up while joining {out.name}; free some space and run again"
            ) from failure
        raise


def add_song(
    video: Path,
    song: Path,
    out: Path,
    *,
    plan: AudioPlan,
    info: SongInfo,
    fps: Fraction,
    excerpt: Excerpt | None = None,
    duration_s: float,
    tags: Mapping[str, str] | None = None,
    subtitles: Path | None = None,
) -> None:
    """Write the film: the joined video's packets and chapters beside the song.

    Args:
        video: What `join_segments` wrote.
        song: The song's file.
        out: New file; its suffix names the container.
        plan: How the song comes in.
        info: The song as probed.
        fps: Frame rate of the video.
        excerpt: Part of the song that the film shows; None for all of it.
        duration_s: Length of the film, for the job's time-out.
        tags: Title, artist and the like, by ffmpeg's names.
        subtitles: An SRT file of ours that becomes a track that players show when asked.

    Raises:
        BadMediaError: ffmpeg could not read the song or write the film.
        NoSpaceError: The disk is full.
    """
    picture = ffmpeg.input(f"file:{video}", protocol_whitelist="file")["v:0"]
    tracks = [picture, song_stream(song, plan=plan, info=info, excerpt=excerpt)]
    suffix = out.suffix.lower()
    options: dict[str, Any] = {
        # Nothing from the song's file but what `tags` holds; chapters keep their names.
        "map_metadata:g": -1,
        "map_metadata:s": -1,
        "map_chapters": 0,
    }
    # The numbers only keep the options apart.
    for number, (name, text) in enumerate((tags or {}).items()):
        options[f"metadata:g:{number}"] = f"{name}={text}"
    if subtitles is not None:
        tracks.append(ffmpeg.input(f"file:{subtitles}", f="srt", protocol_whitelist="file")["s:0"])
        options["scodec"] = _SUBTITLE_ENCODERS[suffix]
    if suffix in (".mp4", ".mov"):
        options |= {"movflags": "+faststart", "video_track_timescale": video_timescale(fps)}
    job = ffmpeg.output(
        *tracks, f"file:{out}", vcodec="copy", acodec=plan.encoder, **plan.options, **options
    )
    run_job(
        job,
        what=f"writing {out.name}",
        timeout_s=timeout_for(duration_s),
        file_bytes=_most_bytes(video, song, info=info, duration_s=duration_s),
    )


@contextlib.contextmanager
def unfinished(out: Path) -> Iterator[Path]:
    """Lend a temporary name beside `out`; the file moves to `out` on success, else vanishes.

    The name is short, however long the film's is, and the same for every try at this film.
    """
    digest = hashlib.sha256(os.fsencode(out.name)).hexdigest()[:8]
    part = out.with_name(f".songfilm-{digest}.part{out.suffix}")
    try:
        yield part
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _most_bytes(video: Path, song: Path, *, info: SongInfo, duration_s: float) -> int:
    """More than the film can have: its pictures, and its sound copied or as floats."""
    floats = round(duration_s * info.sample_rate_hz) * info.channels * 4
    return 2 * (video.stat().st_size + song.stat().st_size + floats) + _INDEX_BYTES


def _as_chapter(number: int, chapter: Chapter) -> Any:
    """A chapter as PyAV takes it."""
    return {
        "id": number,
        "start": round(chapter.start_s * _CHAPTER_HZ),
        "end": round(chapter.end_s * _CHAPTER_HZ),
        "time_base": Fraction(1, _CHAPTER_HZ),
        "metadata": {"title": chapter.title},
    }


def _copy_packets(segments: Sequence[Path], film: Any, *, fps: Fraction) -> int:
    """Mux every packet at its frame of the film; return how many."""
    target, headers, start, tick = None, b"", 0, 1 / fps
    delay = _decoding_delay(segments, fps=fps)
    for path in segments:
        cancellation.check()
        with _open(path) as source:
            stream: Any = source.streams.video[0]
            own_headers = bytes(stream.codec_context.extradata or b"")
            if target is None:
                # Opaque: nothing is encoded here, and AV1's decoder has no encoder of its name.
                target, headers = film.add_stream_from_template(stream, opaque=True), own_headers
                target.codec_context.codec_tag = stream.codec_context.codec_tag
                target.time_base = tick
            if own_headers != headers:
                raise BadSegmentError(
                    f"segment {path.name} was encoded with other settings than the first; "
                    "render the film's segments again"
                )
            frames_a_tick = stream.time_base * fps
            packets: list[Any] = [
                packet for packet in source.demux(stream) if packet.dts is not None
            ]
            for order, packet in enumerate(packets):
                shown = packet.pts * frames_a_tick.numerator / frames_a_tick.denominator
                packet.pts = start + round(shown)
                packet.dts = start + order - delay
                packet.duration = 1
                packet.time_base = tick
                packet.stream = target
                film.mux(packet)
            start += len(packets)
    return start


def _decoding_delay(segments: Sequence[Path], *, fps: Fraction) -> int:
    """Frames by which decoding runs ahead of showing.

    It belongs to the encoder's settings, but segments too short to reorder have less of it.
    """
    return max(_own_delay(path, fps=fps) for path in segments)


def _own_delay(path: Path, *, fps: Fraction) -> int:
    """Frames by which decoding of one segment runs ahead."""
    with _open(path) as source:
        first: Any = next(source.demux(source.streams.video[0]))
        return -round(first.dts * first.time_base * fps) if first.dts is not None else 0


def _open(path: Path) -> av.container.InputContainer:
    """Open a segment by its header alone: a look at its pictures would cost ten times as much."""
    options: Any = [{"skip_frame": "all"}]
    return av.open(str(path), container_options=_HEADER_ONLY, stream_options=options)
