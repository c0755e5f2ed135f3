"""Whatever plays becomes a film of exactly its length, or is refused in one sentence."""

import numpy as np
import pytest
from support.songs import click_song

from flows.music_video import music_video
from recipe_schema.artifacts import SyncReport
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality
from tasks.media.audio import Audio, decode_audio, write_wav
from tasks.media.ffmpeg import run_job, user_input
from tasks.media.probe import probe_video

pytestmark = pytest.mark.services


def film_of(song, tmp_path, film):
    out = tmp_path / "film.mp4"
    manifest = music_video(audio=str(song), out=str(out), store=str(tmp_path / "store"), film=film)
    frames = round(decode_audio(song).duration * film.rate)
    assert probe_video(out).frames == frames == manifest.output.frames
    sync = SyncReport.model_validate_json((tmp_path / "film.sync_report.json").read_text())
    assert sync.audio.lag_samples == 0
    assert max(abs(offset) for offset in sync.av_offset_ms) < 1.0
    return manifest, sync


def as_song(tmp_path, audio, name, **options):
    write_wav(tmp_path / "source.wav", audio)
    path = tmp_path / name
    if path.suffix == ".wav" and not options:
        return (tmp_path / "source.wav").rename(path)
    run_job(user_input(tmp_path / "source.wav").output(str(path), **options), what=name)
    return path


@pytest.mark.parametrize(
    ("name", "options", "mode"),
    [
        ("a.mp3", {"acodec": "libmp3lame", "audio_bitrate": "192k"}, "encoded"),
        ("a.flac", {}, "copied"),
        ("a.wav", {}, "encoded"),
        ("a.m4a", {"acodec": "aac"}, "copied"),
        ("a.ogg", {"acodec": "libvorbis"}, "encoded"),
    ],
)
def test_every_common_format_becomes_a_film(tmp_path, tiny, name, options, mode):
    song = as_song(tmp_path, click_song(6.0, rate_hz=44_100), name, **options)
    _, sync = film_of(song, tmp_path, tiny)
    assert sync.audio.mode == mode
    if mode == "copied":
        assert sync.audio.output_pcm_sha256 == sync.audio.source_pcm_sha256


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (44_100, 1), (96_000, 2)])
def test_any_rate_and_channels_become_a_film(tmp_path, tiny, rate_hz, channels):
    audio = click_song(5.0, rate_hz=rate_hz)
    song = as_song(tmp_path, Audio(audio.samples[:channels], rate_hz), "a.wav")
    film_of(song, tmp_path, tiny)


def test_one_second_becomes_a_film_and_says_that_it_is_short(tmp_path, tiny):
    song = as_song(tmp_path, click_song(1.0), "a.wav")
    manifest, _ = film_of(song, tmp_path, tiny)
    assert any("1.0 s" in warning for warning in manifest.warnings)


def test_silence_becomes_a_film_cut_on_free_times(tmp_path, tiny):
    song = as_song(tmp_path, Audio(np.zeros((2, 12 * 22_050), np.float32), 22_050), "a.wav")
    manifest, sync = film_of(song, tmp_path, tiny)
    assert any("silent" in warning for warning in manifest.warnings)
    assert all(cut.cut_on == "free" for cut in sync.cuts)


def test_clipping_song_becomes_a_film_and_is_told(tmp_path, tiny):
    loud = click_song(8.0, rate_hz=44_100)
    clipped = np.clip(loud.samples * 8, -1, 1).astype(np.float32)
    song = as_song(tmp_path, Audio(clipped, 44_100), "a.wav")
    manifest, _ = film_of(song, tmp_path, tiny)
    assert any("clips" in warning for warning in manifest.warnings)


def test_ten_minutes_become_a_film(tmp_path):
    song = as_song(tmp_path, click_song(600.0, bpm=124.0, rate_hz=16_000), "a.wav")
    film = FilmFormat(width_px=96, height_px=64, fps="12", quality=Quality.DRAFT)
    manifest, sync = film_of(song, tmp_path, film)
    assert len(manifest.shots) >= 60
    assert sync.max_error_ms <= 1000 / 12 / 2 + 0.01
