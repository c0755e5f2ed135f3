"""Songs of every kind decode to their exact length; what is no song says so."""

import numpy as np
import pytest

from tasks.media.audio import Audio, decode_audio, pcm_sha256, write_wav
from tasks.media.ffmpeg import run_job, user_input
from tasks.media.probe import BadSongError, probe_song

RATE_HZ = 44_100


def tone(duration_s=1.0, rate_hz=RATE_HZ, channels=2):
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    wave = 0.5 * np.sin(2 * np.pi * 440 * t)
    return Audio(np.tile(wave.astype(np.float32), (channels, 1)), rate_hz)


@pytest.fixture
def wav(tmp_path):
    path = tmp_path / "tone.wav"
    write_wav(path, tone())
    return path


def converted(source, target, **options):
    run_job(user_input(source).output(str(target), **options), what=f"making {target.name}")
    return target


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", {"acodec": "libmp3lame"}),
        ("a.flac", {}),
        ("a.m4a", {"acodec": "aac"}),
        ("a.ogg", {"acodec": "libvorbis"}),
        ("a.opus", {"acodec": "libopus"}),
        ("a.aiff", {}),
        ("alac.m4a", {"acodec": "alac"}),
    ],
)
def test_common_formats_decode_to_their_exact_length(wav, tmp_path, name, options):
    song = decode_audio(converted(wav, tmp_path / name, **options))
    rate = song.sample_rate_hz
    assert abs(song.samples.shape[1] - rate) <= 0.03 * rate
    assert song.samples.dtype == np.float32
    assert 0.4 < np.abs(song.samples).max() < 0.6


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (96_000, 2), (44_100, 1)])
def test_rates_and_channels_are_kept(tmp_path, rate_hz, channels):
    path = tmp_path / "a.wav"
    write_wav(path, tone(0.5, rate_hz, channels))
    song = decode_audio(path)
    assert song.sample_rate_hz == rate_hz
    assert song.samples.shape == (channels, rate_hz // 2)
    assert song.duration == 0.5


def test_wav_keeps_24_bits(tmp_path):
    song = tone(0.1)
    write_wav(tmp_path / "a.wav", song)
    back = decode_audio(tmp_path / "a.wav")
    assert np.abs(back.samples - song.samples).max() < 2**-22


def test_surround_comes_down_to_stereo(tmp_path):
    path = tmp_path / "a.wav"
    write_wav(path, tone(0.2, channels=6))
    assert decode_audio(path).samples.shape[0] == 2


def test_equal_sound_has_equal_digest(wav, tmp_path):
    flac = converted(wav, tmp_path / "a.flac", sample_fmt="s32")
    assert pcm_sha256(flac) == pcm_sha256(wav)
    write_wav(tmp_path / "b.wav", tone(1.0, channels=1))
    assert pcm_sha256(tmp_path / "b.wav") != pcm_sha256(wav)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(BadSongError, match="does not exist"):
        decode_audio(tmp_path / "none.mp3")


def test_folder_is_no_song(tmp_path):
    with pytest.raises(BadSongError, match="not a file"):
        probe_song(tmp_path)


def test_empty_file_is_no_song(tmp_path):
    (tmp_path / "a.mp3").touch()
    with pytest.raises(BadSongError, match="0 bytes"):
        probe_song(tmp_path / "a.mp3")


@pytest.mark.parametrize("text", ["hello world, no music here\n" * 50, "lyrics"])
def test_text_named_mp3_is_no_song(tmp_path, text):
    (tmp_path / "a.mp3").write_text(text)
    with pytest.raises(BadSongError, match="not audio"):
        probe_song(tmp_path / "a.mp3")


@pytest.mark.parametrize(
    "head", ["#EXTM3U\nsong.wav\n", "[playlist]\nFile1=a\n", "ffconcat version 1.0\n"]
)
def test_playlist_named_mp3_is_refused_and_not_followed(tmp_path, wav, head):
    (tmp_path / "a.mp3").write_text(head.replace("song.wav", wav.name))
    with pytest.raises(BadSongError, match="playlist"):
        probe_song(tmp_path / "a.mp3")


@pytest.mark.parametrize("name", ["t.wav", "t.flac", "t.ogg", "t.m4a", "t.mp3"])
def test_cut_off_song_is_refused(tmp_path, name):
    write_wav(tmp_path / "long.wav", tone(20.0, channels=1))
    noisy = decode_audio(tmp_path / "long.wav")
    rng = np.random.default_rng(1)
    noise = rng.uniform(-0.3, 0.3, noisy.samples.shape).astype(np.float32)
    write_wav(tmp_path / "long.wav", Audio(noise, RATE_HZ))
    whole = tmp_path / name
    if name != "t.wav":
        converted(tmp_path / "long.wav", whole)
    else:
        (tmp_path / "long.wav").rename(whole)
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 3])
    with pytest.raises(BadSongError, match=r"cut off|not audio"):
        decode_audio(whole)


def test_cover_art_without_sound_is_refused(tmp_path):
    import av

    path = tmp_path / "cover.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for packet in (*stream.encode(av.VideoFrame(64, 64, "yuv420p")), *stream.encode(None)):
            container.mux(packet)
    with pytest.raises(BadSongError, match="no audio"):
        probe_song(path)
