"""Open videos that others made: no playlists, no giant pictures, and damage is told.

Clips come from renderers anywhere. They are opened behind the whitelists, their declared size is
looked at before a picture is decoded, and their decoder gives up where data is damaged instead of
painting over it. Opening, and each reading, ends by the clock; a worker ends when one picture takes
it minutes of CPU time (`tasks.media.confine.cpu_bound`). Unlike jobs of ffmpeg, what runs in our
own processes has no bound on memory but the size of a picture, and a process that must not end
(one that stays for many runs) has none on a picture's time.
"""

from pathlib import Path
from typing import Any

import av

from tasks.media.ffmpeg import MAX_PIXELS, BadMediaError

# Containers that clips and films come in; demuxer names of ffmpeg. All of them name their tracks
# before the first packet, so that the limits hold for the first picture too.
VIDEO_FORMATS = "mov,matroska,avi"
# Seconds by the clock that opening a file, and one reading from it, may take.
PATIENCE_S = (60.0, 60.0)
_LIMITS = {"max_pixels": str(MAX_PIXELS)}
_ACCESS = {"protocol_whitelist": "file", "format_whitelist": VIDEO_FORMATS}


def open_video(path: Path) -> Any:
    """Open a video file; its first video track decodes in one thread and stops at damage.

    Args:
        path: Any file.

    Returns:
        PyAV's container, to be closed by the caller.

    Raises:
        BadMediaError: Not a video, not in a container of ours, larger than 8K, or not read in time.
    """
    if path.exists() and not path.is_file():
        raise BadMediaError(f"{path.name} is not a file; give one video")
    try:
        # Tags are not read, and may hold anything.
        container: Any = av.open(
            f"file:{path}",
            options={**_ACCESS, **_LIMITS},
            metadata_errors="replace",
            timeout=PATIENCE_S,
        )
    except (av.FFmpegError, OSError) as error:
        raise BadMediaError(
            f"{path.name} is not a readable video ({reason_of(error)}); mp4, mov, mkv, webm and "
            "avi files are read"
        ) from error
    try:
        _prepare(container, path)
    except BaseException:
        container.close()
        raise
    return container


def reason_of(error: OSError | av.FFmpegError) -> str:
    """Why a file could not be read, in a few words."""
    if isinstance(error, av.ExitError):
        return f"reading it took longer than {max(PATIENCE_S):.0f} s"
    return error.strerror or "no reason told"


def _prepare(container: Any, path: Path) -> None:
    """Refuse what is declared too large, and set up the decoder."""
    if not container.streams.video:
        raise BadMediaError(f"{path.name} holds no video")
    stream = container.streams.video[0]
    context = stream.codec_context
    # Beyond its limit ffmpeg does not even tell the size.
    if not 0 < context.width * context.height <= MAX_PIXELS:
        size = f"of {context.width}x{context.height}" if context.width else "of no readable size"
        raise BadMediaError(f"{path.name} has pictures {size}; at most 8K is read: scale it down")
    stream.thread_type = "NONE"
    context.thread_count = 1
    context.options = {**_LIMITS, "err_detect": "explode"}
