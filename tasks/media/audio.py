"""Decode songs to float samples, exactly as long as they sound, and write audio files."""

import hashlib
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.media.ffmpeg import run_job, timeout_for, user_input
from tasks.media.probe import BadSongError, SongInfo, probe_song
from tasks.media.truncation import is_torn

FloatArray = npt.NDArray[np.float32]

MAX_CHANNELS = 2
# A file this much shorter than its header promises (seconds, share) was cut off.
_SHORT_S = 0.5
_SHORT_SHARE = 0.02
_LONGEST_S = 3 * 3600.0
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

    def mono(self) -> FloatArray:
        """Mean of the channels, shape (samples,)."""
        mixed: FloatArray = self.samples.mean(axis=0, dtype=np.float32)
        return mixed


def decode_audio(path: Path, *, sample_rate_hz: int | None = None) -> Audio:
    """Decode a whole song; encoder priming is removed and surround is mixed down to stereo.

    Args:
        path: Song in any of the common formats.
        sample_rate_hz: Resample to this rate; None keeps the file's own.

    Returns:
        Mono or stereo samples.

    Raises:
        BadSongError: Not a song, cut off, or longer than three hours.
    """
    info = probe_song(path)
    if is_torn(path, info.container):
        raise BadSongError(f"{path.name} is cut off; copy or download it again")
    channels = min(info.channels, MAX_CHANNELS)
    rate = sample_rate_hz or info.sample_rate_hz
    raw = _decode_raw(path, info, channels=channels, rate=rate)
    frames = np.frombuffer(raw, dtype="<f4").reshape(-1, channels)
    audio = Audio(np.ascontiguousarray(frames.T, dtype=np.float32), rate)
    _refuse_short(path, info, audio)
    return audio


def pcm_sha256(path: Path) -> str:
    """Digest of the decoded samples (float32, own rate and channels): equal sound, equal digest.

    Raises:
        BadSongError: Not decodable.
    """
    info = probe_song(path)
    return hashlib.sha256(
        _decode_raw(path, info, channels=info.channels, rate=info.sample_rate_hz)
    ).hexdigest()


def write_wav(path: Path, audio: Audio) -> None:
    """Write 24 bit PCM; samples beyond full scale are clipped."""
    scaled = np.clip(audio.samples.T, -1.0, 1.0).astype(np.float64) * _PCM24_SCALE
    whole = np.ascontiguousarray(np.rint(scaled).astype("<i4"))
    packed = whole.view(np.uint8).reshape(-1, 4)[:, :3]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(audio.samples.shape[0])
        file.setsampwidth(3)
        file.setframerate(audio.sample_rate_hz)
        file.writeframes(packed.tobytes())


def _decode_raw(path: Path, info: SongInfo, *, channels: int, rate: int) -> bytes:
    """Interleaved little-endian float32 samples of the first audio track."""
    declared = info.declared_duration_s or 0.0
    if declared > _LONGEST_S:
        raise BadSongError(
            f"{path.name} lasts {declared / 3600:.1f} hours; songs up to 3 hours are taken"
        )
    job = user_input(path, t=_LONGEST_S)["a:0"].output(
        "pipe:", format="f32le", acodec="pcm_f32le", ac=channels, ar=rate
    )
    raw = run_job(job, what=f"decoding {path.name}", timeout_s=timeout_for(declared))
    if not raw:
        raise BadSongError(f"{path.name} decodes to no sound at all")
    return raw


def _refuse_short(path: Path, info: SongInfo, audio: Audio) -> None:
    """Tell a cut-off file by what its header promised."""
    declared = info.declared_duration_s
    if declared is None:
        return
    missing = declared - audio.duration
    if missing > max(_SHORT_S, _SHORT_SHARE * declared):
        raise BadSongError(
            f"{path.name} is cut off: it promises {declared:.1f} s but only "
            f"{audio.duration:.1f} s can be decoded; copy or download it again"
        )
