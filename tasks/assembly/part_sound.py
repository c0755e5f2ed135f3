"""The song under a part of its film: cut to the sample, and without a click at either end."""

from pathlib import Path

import ffmpeg

from recipe_schema.analysis import Excerpt
from tasks.assembly.audio_track import excerpt_samples
from tasks.media.ffmpeg import run_job, timeout_for, user_input
from tasks.media.probe import probe_song

FADE_IN_S, FADE_OUT_S = 0.05, 0.3


def cut_sound(song: Path, out: Path, part: Excerpt) -> None:
    """Write a part of a song that comes up and goes down quickly.

    Args:
        song: The song's file.
        out: New file, wav, float32; as long as the part to the sample.
        part: Seconds of the song.

    Raises:
        BadMediaError: The song cannot be read.
        NoSpaceError: The disk is full.
    """
    rate_hz = probe_song(song).sample_rate_hz
    sound = _taken(song, part, rate_hz)
    sound = sound.filter("afade", type="in", duration=FADE_IN_S)
    begin_s = max(part.length - FADE_OUT_S, 0.0)
    sound = sound.filter("afade", type="out", start_time=begin_s, duration=FADE_OUT_S)
    _write(sound, song, out, part)


def loop_sound(song: Path, out: Path, part: Excerpt, *, seam_s: float) -> None:
    """Write a part of a song whose end flows into what comes before its beginning.

    Args:
        song: The song's file.
        out: New file, wav, float32; as long as the part to the sample.
        part: Seconds of the song; `seam_s` lie before it.
        seam_s: How long the end takes to flow.

    Raises:
        BadMediaError: The song cannot be read.
        NoSpaceError: The disk is full.
    """
    rate_hz = probe_song(song).sample_rate_hz
    before = _taken(song, Excerpt(start=part.start - seam_s, length=seam_s), rate_hz)
    sound = ffmpeg.filter(
        [_taken(song, part, rate_hz), before],
        "acrossfade",
        nb_samples=round(seam_s * rate_hz),
        curve1="qsin",
        curve2="qsin",
    )
    _write(sound, song, out, part)


def _taken(song: Path, part: Excerpt, rate_hz: int) -> ffmpeg.nodes.FilterableStream:
    """Samples of a song, silence where it has none, counted from 0."""
    start, end = excerpt_samples(part, rate_hz=rate_hz)
    sound = user_input(song)["a:0"].filter("atrim", start_sample=start, end_sample=end)
    return sound.filter("asetpts", "PTS-STARTPTS").filter("apad", whole_len=end - start)


def _write(sound: ffmpeg.nodes.FilterableStream, song: Path, out: Path, part: Excerpt) -> None:
    job = sound.output(f"file:{out}", format="wav", acodec="pcm_f32le", map_metadata=0)
    limit_s = timeout_for(part.start + part.length)
    run_job(job, what=f"cutting {song.name}", timeout_s=limit_s)
