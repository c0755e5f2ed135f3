"""Songs of every kind decode to their exact length; what is no song says so."""

import hashlib
import resource
import subprocess
import sys
import threading
from pathlib import Path

import ffmpeg
import numpy as np
import pytest

from tasks.errors import NoSpaceError
from tasks.media.audio import Audio, decode_audio, hear, measure_duration, pcm_sha256, write_wav
from tasks.media.curves import read_curves, write_curves
from tasks.media.ffmpeg import BadMediaError, run_job, stream_job, user_input
from tasks.media.limits import SongLimitError, SongLimits
from tasks.media.loudness_meter import LoudnessMeter
from tasks.media.probe import BadSongError, probe_song

RATE_HZ = 44_100
# Options that leave the length out of a file.
UNTOLD = {"a.mp3": {"write_xing": 0}}


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


@pytest.fixture
def quiet_then_loud(tmp_path):
    """A song whose bit rate says nothing about its length."""
    rng = np.random.default_rng(1)
    samples = np.zeros((2, 12 * RATE_HZ), np.float32)
    samples[:, 4 * RATE_HZ :] = rng.uniform(-0.3, 0.3, (2, 8 * RATE_HZ))
    write_wav(tmp_path / "quiet.wav", Audio(samples, RATE_HZ))
    return tmp_path / "quiet.wav"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vbr.mp3", {"write_xing": 0, "q:a": 2}),
        ("tagged.mp3", {"write_xing": 0, "q:a": 2, "metadata": "title=" + "x" * 3000}),
        ("raw.aac", {"acodec": "aac"}),
    ],
)
def test_song_of_untold_length_is_not_called_cut_off(quiet_then_loud, tmp_path, name, options):
    song = converted(quiet_then_loud, tmp_path / name, **options)
    assert probe_song(song).declared_duration_s is None
    assert decode_audio(song).duration == pytest.approx(12.0, abs=0.1)


@pytest.mark.parametrize("options", [{"q:a": 2}, {}, {"metadata": "title=" + "x" * 3000}])
def test_counted_mp3_tells_its_length(quiet_then_loud, tmp_path, options):
    song = converted(quiet_then_loud, tmp_path / "a.mp3", **options)
    assert probe_song(song).declared_duration_s == pytest.approx(12.0, abs=0.1)


@pytest.mark.parametrize(
    ("name", "told"), [("a.wav", "is 0.1 minutes long"), ("a.mp3", "more than 0.0 minutes long")]
)
def test_too_long_song_is_refused(tmp_path, name, told):
    write_wav(tmp_path / "source.wav", tone(4.0))
    song = converted(tmp_path / "source.wav", tmp_path / name, **UNTOLD.get(name, {}))
    for listen in (decode_audio, measure_duration):
        with pytest.raises(SongLimitError, match=f"{told}.*at most 0.03 .*SONG_MAX_MINUTES"):
            listen(song, limits=SongLimits(max_minutes=0.03))
        listen(song, limits=SongLimits(max_minutes=0.07))


def test_too_large_song_is_refused_before_it_is_opened(tmp_path):
    big = tmp_path / "big.wav"
    big.write_bytes(b"no sound at all" * 100)
    with pytest.raises(SongLimitError, match=r"0\.0 MB; at most 0\.001 MB .*SONG_MAX_MB"):
        probe_song(big, limits=SongLimits(max_mb=0.001))


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a.ogg", "a.flac"])
def test_measured_length_is_the_decoded_length(wav, tmp_path, name):
    song = wav if name == "a.wav" else converted(wav, tmp_path / name)
    assert measure_duration(song) == decode_audio(song).duration


PEAK = """
import re, sys
from pathlib import Path
from tasks.media import audio
def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
hear = getattr(audio, sys.argv[1])
hear(Path(sys.argv[2]))
before = peak()
hear(Path(sys.argv[3]))
print(peak() - before)
"""


@pytest.mark.services
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize(
    ("hear", "most"), [("decode_audio", 1.6), ("measure_duration", 0.2), ("pcm_sha256", 0.2)]
)
def test_memory_of_a_long_song_is_bounded(wav, tmp_path, hear, most):
    options = {"stream_loop": 239, "protocol_whitelist": "file"}
    song = tmp_path / "long.wav"
    run_job(ffmpeg.input(str(wav), **options).output(str(song), ar=96_000), what="looping")
    pcm_bytes = 240 * 96_000 * 2 * 4
    arguments = [sys.executable, "-c", PEAK, hear, wav, song]
    done = subprocess.run(arguments, capture_output=True, check=True, text=True)
    assert int(done.stdout) < most * pcm_bytes


def test_digest_is_that_of_the_whole_pcm(wav):
    samples = decode_audio(wav).samples
    assert pcm_sha256(wav) == hashlib.sha256(samples.T.astype("<f4").tobytes()).hexdigest()


def test_slow_stream_is_stopped():
    endless = ffmpeg.input("anullsrc", format="lavfi", re=None).output("pipe:", format="f32le")
    with pytest.raises(BadMediaError, match="longer than 1 s"):
        list(stream_job(endless, what="waiting", timeout_s=1.0))


def test_stream_ends_when_its_reader_leaves():
    running = threading.active_count()
    endless = ffmpeg.input("anullsrc", format="lavfi").output("pipe:", format="f32le")
    stream = stream_job(endless, what="waiting")
    assert len(next(stream)) == 1 << 20
    stream.close()
    assert threading.active_count() == running


def test_failed_stream_says_why(tmp_path):
    job = user_input(tmp_path / "none.wav").output("pipe:", format="f32le")
    with pytest.raises(BadMediaError, match=r"hearing failed.*No such file"):
        list(stream_job(job, what="hearing"))


@pytest.fixture
def full_disk():
    """No file of this process may grow beyond 20 kB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_wav_on_a_full_disk_is_told_and_never_half_there(tmp_path, full_disk):
    with pytest.raises(NoSpaceError, match=r"free some space.*run again"):
        write_wav(tmp_path / "a.wav", tone())
    assert not list(tmp_path.iterdir())


def test_curves_on_a_full_disk_are_told_and_never_half_there(tmp_path, full_disk):
    noise = np.random.default_rng(1).uniform(size=50_000).astype(np.float32)
    with pytest.raises(NoSpaceError, match=f"the disk of {tmp_path}"):
        write_curves(tmp_path / "curves.npz", {"energy": noise})
    assert not list(tmp_path.iterdir())


def test_curves_come_back(tmp_path):
    curve = np.linspace(0, 1, 100, dtype=np.float32)
    write_curves(tmp_path / "curves.npz", {"energy": curve})
    assert np.array_equal(read_curves(tmp_path / "curves.npz")["energy"], curve)


def test_unreadable_song_says_so(wav, monkeypatch):
    def locked(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(BadSongError, match="may not be read"):
        probe_song(wav)


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


def test_surround_is_metered_whole(tmp_path):
    """Pieces of a stream end inside a sample of six channels."""
    noise = np.random.default_rng(2).normal(0, 0.1, (4 * 44_100, 6)).astype("<f4")
    raw, song = tmp_path / "a.f32", tmp_path / "a.flac"
    raw.write_bytes(noise.tobytes())
    job = ffmpeg.input(str(raw), f="f32le", ac=6, ar=44_100).output(str(song), sample_fmt="s32")
    run_job(job, what="writing")
    heard = hear(song, starts=lambda rate_hz: (), window_s=0.0, metered=lambda hz: (hz, 2 * hz))
    meter = LoudnessMeter(44_100, 6)
    meter.push(noise[44_100 : 3 * 44_100])
    assert heard.level.lufs == pytest.approx(meter.level().lufs, abs=0.01)
