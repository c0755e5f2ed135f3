"""Decode songs to float samples, exactly as long as they sound, and write audio files."""

import hashlib
import wave
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.media.ffmpeg import STREAM_CHUNK_BYTES, stream_job, timeout_for, user_input
from tasks.media.limits import SongLimits
from tasks.media.loudness_meter import Level, LoudnessMeter
from tasks.media.probe import BadSongError, SongInfo, probe_song
from tasks.media.truncation import is_torn
from tasks.media.whole_file import whole_file

FloatArray = npt.NDArray[np.float32]

MAX_CHANNELS = 2
# A file this much shorter than its header promises (seconds, share) was cut off.
_SHORT_S = 0.5
_SHORT_SHARE = 0.02
# Decoded beyond the longest song, so that a longer one shows, seconds.
_BEYOND_S = 1.0
# A song that does not tell its length gets the decoding time of one this long, seconds.
_UNTOLD_S = 1800.0
_SAMPLE_BYTES = 4
_PIECE = 1 << 17  # samples that are handed out at a time
# Stream chunks in a block of 64 MiB: malloc gives blocks above 32 MiB back when they are freed.
_BLOCK_CHUNKS = 64
# Codecs give frames of some hundred samples: handing each on costs ffmpeg more than decoding it.
_LARGE_FRAMES = "asetnsamples=n=65536:p=0"
_PCM24_SCALE = 8388607.0


@dataclass(frozen=True)
class Audio:
    """Samples of a song: float32, shape (channels, samples), full scale 1.0."""

    samples: FloatArray
    sample_rate_hz: int

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.samples.shape[1] / self.sample_rate_hz)

    @property
    def channels(self) -> int:
        """Mono or stereo."""
        return len(self.samples)

    def mono(self) -> FloatArray:
        """Mean of the channels, shape (samples,)."""
        mixed: FloatArray = self.samples.mean(axis=0, dtype=np.float32)
        return mixed

    def blocks(self) -> Iterator[FloatArray]:
        """The samples piece by piece, as `AudioStream.blocks`."""
        for first in range(0, self.samples.shape[1], _PIECE):
            yield self.samples[:, first : first + _PIECE]


@dataclass(frozen=True)
class AudioStream:
    """A song that is decoded while it is heard, in constant memory; `open_audio` makes them."""

    path: Path
    info: SongInfo
    limits: SongLimits | None

    @property
    def sample_rate_hz(self) -> int:
        """The file's own."""
        return self.info.sample_rate_hz

    @property
    def channels(self) -> int:
        """Mono or stereo; surround is mixed down."""
        return min(self.info.channels, MAX_CHANNELS)

    def blocks(self) -> Iterator[FloatArray]:
        """Decode the song: the samples of `decode_audio`, piece by piece.

        Yields:
            Shape (channels, samples), about a megabyte.

        Raises:
            BadSongError: Not a song, or cut off.
            SongLimitError: Too long.
        """
        channels, count = self.channels, 0
        chunks = _decode_raw(
            self.path, self.info, channels=channels, rate=self.sample_rate_hz, limits=self.limits
        )
        for chunk in _whole_frames(chunks, channels):
            frames = np.frombuffer(chunk, "<f4").reshape(-1, channels)
            count += len(frames)
            yield frames.T
        _refuse_short(self.path, self.info, count / self.sample_rate_hz)


@dataclass(frozen=True)
class Heard:
    """What is kept of a sound that was decoded once."""

    pcm_sha256: str
    """Digest of all samples (float32, own rate and channels)."""
    rate_hz: int
    windows: FloatArray
    """Shape (windows, samples, channels)."""
    level: Level | None = None
    """Loudness and peak, where they were asked for."""


def open_audio(path: Path, *, limits: SongLimits | None = None) -> AudioStream:
    """Probe a song that is to be heard without ever being held whole.

    Args:
        path: Song in any of the common formats.
        limits: Largest and longest song; none when empty.

    Raises:
        BadSongError: Not a song, or cut off.
        SongLimitError: Too large or too long.
    """
    return AudioStream(path, _probe_whole(path, limits), limits)


def decode_audio(
    path: Path, *, sample_rate_hz: int | None = None, limits: SongLimits | None = None
) -> Audio:
    """Decode a whole song; encoder priming is removed and surround is mixed down to stereo.

    Args:
        path: Song in any of the common formats.
        sample_rate_hz: Resample to this rate; None keeps the file's own.
        limits: Largest and longest song; none when empty.

    Returns:
        Mono or stereo samples.

    Raises:
        BadSongError: Not a song, or cut off.
        SongLimitError: Too large or too long.
    """
    info = _probe_whole(path, limits)
    channels = min(info.channels, MAX_CHANNELS)
    rate = sample_rate_hz or info.sample_rate_hz
    chunks = _decode_raw(path, info, channels=channels, rate=rate, limits=limits)
    audio = Audio(_gathered(chunks, channels), rate)
    _refuse_short(path, info, audio.duration)
    return audio


def measure_duration(path: Path, *, limits: SongLimits | None = None) -> float:
    """Length of a song as `decode_audio` would give it, in constant memory.

    Args:
        path: Song in any of the common formats.
        limits: Largest and longest song; none when empty.

    Returns:
        Seconds.

    Raises:
        BadSongError: Not a song, or cut off.
        SongLimitError: Too large or too long.
    """
    info = _probe_whole(path, limits)
    channels, rate = min(info.channels, MAX_CHANNELS), info.sample_rate_hz
    chunks = _decode_raw(path, info, channels=channels, rate=rate, limits=limits)
    size = sum(len(chunk) for chunk in chunks)
    duration_s = float(size // (_SAMPLE_BYTES * channels) / rate)
    _refuse_short(path, info, duration_s)
    return duration_s


def pcm_sha256(path: Path) -> str:
    """Digest of the decoded samples (float32, own rate and channels): equal sound, equal digest.

    Raises:
        BadSongError: Not decodable.
    """
    return hear(path, starts=lambda rate_hz: (), window_s=0.0).pcm_sha256


def hear(
    path: Path,
    *,
    starts: Callable[[int], Sequence[int]],
    window_s: float,
    metered: Callable[[int], tuple[int, int]] | None = None,
) -> Heard:
    """Decode a sound once, in constant memory, for its digest, some windows of it and its level.

    Args:
        path: Song or film.
        starts: Says the first sample of each window, given the sample rate (Hz).
        window_s: Length of every window, seconds; silence follows the end.
        metered: Says the first sample of the part whose level is measured and how many there are,
            given the sample rate (Hz); no level when empty.

    Raises:
        BadSongError: Not decodable.
    """
    info = probe_song(path)
    rate_hz, channels = info.sample_rate_hz, info.channels
    firsts, length = starts(rate_hz), round(window_s * rate_hz)
    windows = np.zeros((len(firsts), length * channels), np.float32)
    since, count = metered(rate_hz) if metered else (0, 0)
    meter = LoudnessMeter(rate_hz, channels) if metered else None
    digest, place = hashlib.sha256(), 0
    for chunk in _whole_frames(_decode_raw(path, info, channels=channels, rate=rate_hz), channels):
        digest.update(chunk)
        samples = np.frombuffer(chunk, "<f4")
        for window, first in zip(windows, firsts, strict=True):
            ahead = first * channels - place
            taken = samples[max(0, ahead) : max(0, ahead + window.size)]
            window[max(0, -ahead) : max(0, -ahead) + taken.size] = taken
        if meter:
            passed = place // channels
            part = slice(max(0, since - passed), max(0, since + count - passed))
            meter.push(samples.reshape(-1, channels)[part])
        place += samples.size
    level = meter.level() if meter else None
    return Heard(digest.hexdigest(), rate_hz, windows.reshape(len(firsts), length, channels), level)


def write_wav(path: Path, audio: Audio) -> None:
    """Write 24 bit PCM; samples beyond full scale are clipped.

    Raises:
        NoSpaceError: The disk is full.
    """
    scaled = np.clip(audio.samples.T, -1.0, 1.0).astype(np.float64) * _PCM24_SCALE
    whole = np.ascontiguousarray(np.rint(scaled).astype("<i4"))
    packed = whole.view(np.uint8).reshape(-1, 4)[:, :3]
    with whole_file(path) as part, wave.open(str(part), "wb") as file:
        file.setnchannels(audio.samples.shape[0])
        file.setsampwidth(3)
        file.setframerate(audio.sample_rate_hz)
        file.writeframes(packed.tobytes())


def _probe_whole(path: Path, limits: SongLimits | None) -> SongInfo:
    """Probe a song whose file must not be torn."""
    info = probe_song(path, limits=limits)
    if is_torn(path, info.container):
        raise BadSongError(f"{path.name} is cut off; copy or download it again")
    return info


def _decode_raw(
    path: Path, info: SongInfo, *, channels: int, rate: int, limits: SongLimits | None = None
) -> Iterator[bytes]:
    """Interleaved little-endian float32 samples of the first audio track, piece by piece."""
    declared = info.declared_duration_s
    only = {"t": limits.max_s + _BEYOND_S} if limits else {}
    job = user_input(path, **only)["a:0"].output(
        "pipe:", format="f32le", acodec="pcm_f32le", ac=channels, ar=rate, af=_LARGE_FRAMES
    )
    limit_s = timeout_for(_UNTOLD_S if declared is None else declared)
    size = 0
    for chunk in stream_job(job, what=f"decoding {path.name}", timeout_s=limit_s):
        size += len(chunk)
        if limits is not None:
            decoded_s = size / (_SAMPLE_BYTES * channels * rate)
            limits.refuse_long(path.name, decoded_s, at_least=True)
        yield chunk
    if size == 0:
        raise BadSongError(f"{path.name} decodes to no sound at all")


def _whole_frames(chunks: Iterator[bytes], channels: int) -> Iterator[bytes]:
    """The same bytes, cut between samples: pieces of a stream know no channels."""
    rest = b""
    for chunk in chunks:
        chunk = rest + chunk if rest else chunk
        whole = len(chunk) - len(chunk) % (_SAMPLE_BYTES * channels)
        yield chunk[:whole]
        rest = chunk[whole:]


def _gathered(chunks: Iterator[bytes], channels: int) -> FloatArray:
    """Chunks as (channels, samples); blocks are freed as they are copied, so peak is 1 x PCM."""
    block = _BLOCK_CHUNKS * STREAM_CHUNK_BYTES // (_SAMPLE_BYTES * channels)
    blocks: deque[FloatArray] = deque()
    count = 0
    for chunk in chunks:
        frames = np.frombuffer(chunk, dtype="<f4").reshape(-1, channels)
        first = count % block
        if first == 0:
            blocks.append(np.empty((channels, block), np.float32))
        blocks[-1][:, first : first + len(frames)] = frames.T
        count += len(frames)
    samples = np.empty((channels, count), np.float32)
    for first in range(0, count, block):
        samples[:, first : first + block] = blocks.popleft()[:, : count - first]
    return samples


def _refuse_short(path: Path, info: SongInfo, duration_s: float) -> None:
    """Tell a cut-off file by what its header promised."""
    declared = info.declared_duration_s
    if declared is None:
        return
    missing = declared - duration_s
    if missing > max(_SHORT_S, _SHORT_SHARE * declared):
        raise BadSongError(
            f"{path.name} is cut off: it promises {declared:.1f} s but only "
            f"{duration_s:.1f} s can be decoded; copy or download it again"
        )
