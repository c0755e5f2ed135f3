"""Run ffmpeg jobs built with ffmpeg-python, shut off from network, playlists and run-aways.

User media is opened behind a protocol and a format whitelist: a file that is really a playlist
or a concat script cannot make ffmpeg read anything else. Every job has bounds: time, memory, and
bytes of a file.
"""

import collections
import errno
import functools
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import ffmpeg

from tasks.errors import BadInputError, MissingDependencyError, NoSpaceError
from tasks.media.confine import FILE_BYTES, Bounds, confine

# Containers that songs come in; demuxer names of ffmpeg.
SONG_FORMATS = "wav,w64,aiff,caf,mp3,flac,ogg,mov,matroska,aac,asf,wv"
PROTOCOLS = "file,pipe"
# 8K with a little room: a larger picture, be it a song's cover, is refused before it is decoded.
MAX_PIXELS = 8192 * 4352
# A job may take this long for each second of media, and never less than the floor.
TIMEOUT_PER_SECOND_S = 2.0
TIMEOUT_FLOOR_S = 120.0
_ERROR_LINES = 3
# A damaged song makes ffmpeg complain without end: this many last lines are kept.
_KEPT_LINES = 50
# Signals of the limits that `confine` sets, and what was asked too much of.
_LIMITS: dict[int, str] = {
    signal.SIGXCPU: "too much CPU time",
    signal.SIGXFSZ: "too much room on the disk",
    signal.SIGKILL: "too much memory or CPU time",
}
# ffmpeg catches the signal of the CPU limit, as it does Ctrl-C: it ends with these, and says no
# more than the second's words.
_TOLD_TO_END = (255, 123)
_HARD_EXIT = "system signals, hard exiting"
# Bytes that a stream hands out at a time, whole frames of mono and stereo floats.
STREAM_CHUNK_BYTES = 1 << 20


class BadMediaError(BadInputError):
    """A media file that ffmpeg cannot read."""


@functools.cache
def ffmpeg_binary() -> str:
    """Find the ffmpeg program that came with the package.

    Raises:
        MissingDependencyError: The wheel holds no program for this platform.
    """
    import imageio_ffmpeg

    try:
        return cast(str, imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MissingDependencyError(
            "ffmpeg is missing: reinstall imageio-ffmpeg, or set IMAGEIO_FFMPEG_EXE to a program"
        ) from error


def user_input(path: Path, **options: Any) -> Any:
    """Open a file from outside behind the whitelists, as an ffmpeg-python input node.

    Args:
        path: Existing file.
        options: Further input options, such as ``ss`` and ``t`` in seconds.
    """
    return ffmpeg.input(
        f"file:{path}",
        protocol_whitelist=PROTOCOLS,
        format_whitelist=SONG_FORMATS,
        max_pixels=MAX_PIXELS,
        **options,
    )


def timeout_for(duration_s: float) -> float:
    """Seconds that a job on this much media may take."""
    return max(TIMEOUT_FLOOR_S, duration_s * TIMEOUT_PER_SECOND_S)


def run_job(
    job: Any,
    *,
    what: str,
    timeout_s: float = TIMEOUT_FLOOR_S,
    file_bytes: int = FILE_BYTES,
) -> bytes:
    """Run one ffmpeg-python graph to its end.

    Args:
        job: Output node of ffmpeg-python.
        what: Words for the error message, such as ``decoding song.mp3``.
        timeout_s: The job is killed after this many seconds.
        file_bytes: The job is killed when a file of its grows beyond.

    Returns:
        What the job wrote to its standard output; empty when it wrote to a file.

    Raises:
        BadMediaError: ffmpeg refused the input, ran out of time, or wrote too much.
        NoSpaceError: The disk is full.
    """
    with subprocess.Popen(_command(job), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        confine(process, Bounds(timeout_s, file_bytes))
        try:
            written, said = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise _too_slow(what, timeout_s) from error
        finally:
            process.kill()
    if process.returncode != 0:
        raise _explain(what, said.decode("utf-8", "replace"), process.returncode)
    return written


def stream_job(job: Any, *, what: str, timeout_s: float = TIMEOUT_FLOOR_S) -> Iterator[bytes]:
    """Run one ffmpeg-python graph and hand out its standard output while it works.

    Args:
        job: Output node of ffmpeg-python that writes to ``pipe:``.
        what: Words for the error message, such as ``decoding song.mp3``.
        timeout_s: The job is killed after this many seconds, reading included.

    Yields:
        `STREAM_CHUNK_BYTES` at a time; the last piece is shorter. The job ends when the reader
        stops early.

    Raises:
        BadMediaError: ffmpeg refused the input or ran out of time.
        NoSpaceError: The disk is full.
    """
    process = subprocess.Popen(_command(job), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    confine(process, Bounds(timeout_s))
    said: collections.deque[bytes] = collections.deque(maxlen=_KEPT_LINES)
    listener = threading.Thread(target=said.extend, args=(process.stderr,), daemon=True)
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(timeout_s, stop)
    timer.daemon = True
    try:
        listener.start()
        timer.start()
        while chunk := process.stdout.read(STREAM_CHUNK_BYTES):
            yield chunk
        process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        listener.join()
        process.stdout.close()
        process.stderr.close()
    if late.is_set():
        raise _too_slow(what, timeout_s)
    if process.returncode != 0:
        raise _explain(what, b"".join(said).decode("utf-8", "replace"), process.returncode)


def _command(job: Any) -> list[str]:
    return cast(
        list[str],
        ffmpeg.compile(job.global_args("-nostdin", "-v", "error", "-y"), cmd=ffmpeg_binary()),
    )


def _too_slow(what: str, timeout_s: float) -> BadMediaError:
    return BadMediaError(f"{what} took longer than {timeout_s:.0f} s and was stopped")


def _explain(what: str, stderr: str, returncode: int) -> Exception:
    """Turn ffmpeg's last lines, or the limit that ended it, into an error of ours."""
    if "No space left" in stderr:
        return NoSpaceError(f"{what}: the disk is full; free some space and run again")
    reached = _LIMITS.get(-returncode)
    if reached is not None:
        return BadMediaError(f"{what} took {reached}, and was stopped; the file may be damaged")
    if returncode in _TOLD_TO_END and (not stderr.strip() or _HARD_EXIT in stderr):
        return BadMediaError(
            f"{what} was stopped: it took too much CPU time, or somebody ended it; if nobody did, "
            "the file may be damaged"
        )
    last = "; ".join(stderr.strip().splitlines()[-_ERROR_LINES:]) or "no message"
    return BadMediaError(f"{what} failed: {last}")


def is_no_space(error: OSError) -> bool:
    """Whether an error means that a disk or quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
