"""How the song reaches the film: its own packets where the container holds them, else one encode.

Loudness is never touched. Several plans may serve; each but the last must prove, by the digest
of its decoded samples, that the film sounds exactly like the song, or the next one is taken.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from recipe_schema.analysis import Excerpt
from recipe_schema.vocabulary import AudioMode
from tasks.media.ffmpeg import user_input
from tasks.media.probe import SongInfo

# Codecs whose packets each container carries and players read (CONTRACTS "Audio").
COPIED = {
    ".mp4": frozenset({"aac", "flac"}),
    ".mov": frozenset({"aac", "alac", "mp3"}),
    ".mkv": frozenset({"aac", "flac", "alac", "mp3"}),
}
# Decoders that are not named after their codec.
_CODEC_OF_DECODER = {"mp3float": "mp3"}
# Codecs that a player might expect to find copied into .mp4, and would not play there.
_REFUSED_BY_MP4_PLAYERS = frozenset({"mp3", "alac"})
# Whole numbers of at most 24 bits: these codecs keep them exactly.
_WHOLE_NUMBERS = frozenset(
    {"flac", "alac", "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be"}
)
_LOSSLESS_ENCODER = {".mov": "alac", ".mkv": "flac"}
_PCM_ENCODER = "pcm_f32le"

AAC_BIT_RATE = 320_000
# ffmpeg's AAC encoder knows no layout beyond 7.1.
_AAC_CHANNELS = 8
# Many players stop at 48 kHz AAC; higher rates come down by whole or simple ratios.
_AAC_RATES_HZ = (
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
)  # fmt: skip


@dataclass(frozen=True)
class AudioPlan:
    """One way to bring the song into the film."""

    mode: Literal["copied", "encoded", "lossless"]
    encoder: str
    """Encoder of ffmpeg, or ``copy``."""
    exact: bool
    """Whether the film's decoded samples must equal the song's."""
    options: dict[str, Any] = field(default_factory=dict)
    """Further output options of ffmpeg."""
    note: str | None = None
    """What to tell the user, if this plan is taken."""


def plan_audio(
    info: SongInfo, *, container: str, mode: AudioMode, excerpt: Excerpt | None
) -> tuple[AudioPlan, ...]:
    """List the ways to bring a song into a film, best first.

    Args:
        info: The song as probed.
        container: Suffix of the film: ``.mp4``, ``.mov`` or ``.mkv``.
        mode: What the user asked for.
        excerpt: Part of the song; a part is always encoded.

    Returns:
        At least one plan; only the last may change samples.
    """
    plans = []
    info = replace(info, codec=codec_name(info.codec))
    if excerpt is None and info.codec in COPIED[container]:
        plans.append(AudioPlan(mode="copied", encoder="copy", exact=True))
    if mode is AudioMode.LOSSLESS:
        if info.codec in _WHOLE_NUMBERS:
            plans.append(AudioPlan("lossless", _LOSSLESS_ENCODER[container], exact=True))
        plans.append(AudioPlan("lossless", _PCM_ENCODER, exact=True))
    else:
        plans.append(_aac(info, container=container, excerpt=excerpt, tried=bool(plans)))
    return tuple(plans)


def song_stream(song: Path, *, plan: AudioPlan, info: SongInfo, excerpt: Excerpt | None) -> Any:
    """Open the song for ffmpeg-python: its first audio track, cut to the excerpt's samples.

    What is encoded anew starts at its first sample that sounds, as the analysis heard it: some
    containers give that sample a time above 0, which would delay the sound.
    """
    stream = user_input(song)["a:0"]
    if plan.mode == "copied":
        return stream
    if excerpt is not None:
        start, end = excerpt_samples(excerpt, rate_hz=info.sample_rate_hz)
        stream = stream.filter("atrim", start_sample=start, end_sample=end)
    return stream.filter("asetpts", "PTS-STARTPTS")


def codec_name(decoder: str) -> str:
    """Name of a codec, given the name of the decoder that read it."""
    return _CODEC_OF_DECODER.get(decoder, decoder)


def excerpt_samples(excerpt: Excerpt, *, rate_hz: int) -> tuple[int, int]:
    """First sample of an excerpt and one past its last."""
    start = round(excerpt.start * rate_hz)
    return start, start + round(excerpt.length * rate_hz)


def _aac(info: SongInfo, *, container: str, excerpt: Excerpt | None, tried: bool) -> AudioPlan:
    """AAC at 320 kb/s, at the song's rate where AAC players know it."""
    # Noise in the place of high sounds is for low bit rates: here it would only add peaks.
    options: dict[str, Any] = {"audio_bitrate": AAC_BIT_RATE, "aac_pns": 0}
    rate = _aac_rate(info.sample_rate_hz)
    if rate != info.sample_rate_hz:
        options["ar"] = rate
    if info.channels > _AAC_CHANNELS:
        options["ac"] = 2
    note = None
    if tried:
        note = (
            f"the song's {info.codec} packets cannot be copied into {container} sample for sample; "
            "it was encoded to AAC 320k"
        )
    elif excerpt is None and container == ".mp4" and info.codec in _REFUSED_BY_MP4_PLAYERS:
        note = (
            f"players refuse {info.codec} in .mp4, so the song was encoded to AAC 320k; "
            "write to .mov or .mkv to copy it"
        )
    return AudioPlan(mode="encoded", encoder="aac", exact=False, options=options, note=note)


def _aac_rate(rate_hz: int) -> int:
    """The song's own rate, or the nearest that AAC players know: 44.1 kHz for its multiples."""
    if rate_hz in _AAC_RATES_HZ:
        return rate_hz
    if rate_hz > _AAC_RATES_HZ[-1]:
        return 44_100 if rate_hz % 44_100 == 0 else 48_000
    return next(known for known in _AAC_RATES_HZ if known >= rate_hz)
