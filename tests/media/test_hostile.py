"""Files made to do harm: read nothing else, cost little, say what is wrong."""

import os
import resource
import signal
import subprocess
import sys
import time
import zlib
from fractions import Fraction
from pathlib import Path

import av
import ffmpeg
import numpy as np
import pytest

from tasks.media import confine as confining
from tasks.media import probe, video_file
from tasks.media.audio import Audio, decode_audio, write_wav
from tasks.media.confine import Bounds, confine
from tasks.media.ffmpeg import (
    BadMediaError,
    _explain,
    ffmpeg_binary,
    run_job,
    stream_job,
    user_input,
)
from tasks.media.frames import ClipReader, ClipWriter
from tasks.media.limits import SongLimitError, SongLimits
from tasks.media.probe import BadSongError, probe_song, probe_video
from tasks.media.showing import showing_of
from tasks.media.stills import take_still

GIANT_PX = 16_000
# A decoded giant has 730 MB.
LITTLE_MB = 200
# Frames of an MP3 of 8 kb/s and 8 kHz: 576 samples in 72 bytes.
QUIET_FRAME_S, QUIET_FRAME_BYTES = 0.072, 72


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "secret.mp4"
    noise = np.random.default_rng(1).integers(16, 235, (90, 160), dtype=np.uint8)
    chroma = np.full((45, 80), 128, np.uint8)
    with ClipWriter(path, width_px=160, height_px=90, fps=Fraction(30)) as writer:
        for shift in range(40):
            writer.write(np.roll(noise, shift, axis=1), chroma, chroma)
    return path


@pytest.fixture
def wav(tmp_path):
    path = tmp_path / "secret.wav"
    write_wav(path, Audio(np.zeros((1, 8000), np.float32), 8000))
    return path


def disguises(secret: Path) -> dict[str, str]:
    """Scripts that lead to another file or to a host, by their kind."""
    return {
        "hls-file": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST",
        "hls-host": "#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{secret.name}'\n",
        "dash": f"<?xml version='1.0'?><MPD><BaseURL>file://{secret}</BaseURL></MPD>",
        "subtitle": "1\n00:00:00,000 --> 00:00:09,000\nno pictures here\n",
    }


@pytest.mark.parametrize("kind", disguises(Path()))
@pytest.mark.parametrize("look", [probe_video, ClipReader, take_still], ids=lambda f: f.__name__)
def test_script_disguised_as_a_clip_is_not_followed(kind, look, clip, tmp_path):
    disguised = tmp_path / "clip.mp4"
    disguised.write_text(disguises(clip)[kind])
    with pytest.raises(BadMediaError, match=r"clip\.mp4 is not a readable video"):
        look(disguised)


@pytest.mark.parametrize("kind", disguises(Path()))
def test_script_disguised_as_a_song_is_not_followed(kind, wav, tmp_path):
    disguised = tmp_path / "song.mp3"
    disguised.write_text(disguises(wav)[kind])
    with pytest.raises(BadSongError, match=r"song\.mp3"):
        probe_song(disguised)
    # Nor by a job that nobody probed for.
    with pytest.raises(BadMediaError):
        run_job(user_input(disguised)["a:0"].output("pipe:", format="f32le"), what="reading")


def giant(path: Path, *, declared: bool) -> Path:
    """A PNG in a film of one frame: the size is in its header, and in the film's, or not."""
    with av.open(str(path), "w", format="mov") as container:
        stream = container.add_stream("png", rate=30)
        stream.width = stream.height = 64
        stream.pix_fmt = "rgb24"
        picture = av.VideoFrame(64, 64, "rgb24")
        picture.pts = 0
        for packet in (*stream.encode(picture), *stream.encode(None)):
            container.mux(packet)
    data = bytearray(path.read_bytes())
    if declared:
        entry = data.index(b"png ", data.index(b"stsd"))
        data[entry + 28 : entry + 32] = GIANT_PX.to_bytes(2, "big") * 2
    header = data.index(b"IHDR")
    data[header + 4 : header + 12] = GIANT_PX.to_bytes(4, "big") * 2
    data[header + 17 : header + 21] = zlib.crc32(data[header : header + 17]).to_bytes(4, "big")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("look", [probe_video, ClipReader, take_still], ids=lambda f: f.__name__)
def test_giant_picture_is_refused_before_it_is_decoded(declared, look, tmp_path):
    path = giant(tmp_path / "giant.mov", declared=declared)
    before = peak_mb()
    with pytest.raises(BadMediaError, match=r"giant\.mov .*8K"):
        look(path)
    assert peak_mb() - before < LITTLE_MB


@pytest.mark.parametrize("pixel", ["60/1", "1/60", "5/1"])
def test_shape_of_pixels_makes_no_giant_of_a_clip(pixel, clip, tmp_path):
    """The file's pictures are small; squared, they would not be."""
    path = tmp_path / "wide.mov"
    job = ffmpeg.input(f"file:{clip}").output(str(path), vf=f"setsar={pixel}", vcodec="png")
    run_job(job, what="writing")
    before = peak_mb()
    with pytest.raises(BadMediaError, match=r"wide\.mov has pixels of \d+:\d+"):
        ClipReader(path)
    assert peak_mb() - before < LITTLE_MB


def test_squared_pictures_obey_the_limit_of_size():
    big = av.VideoFrame(8000, 4000, "yuv420p")
    with pytest.raises(BadMediaError, match=r"pictures of 16000x4000.*8K"):
        showing_of(big, Fraction(2))
    with pytest.raises(BadMediaError, match=r"pixels of 2000000:1"):
        showing_of(big, Fraction(2_000_000))
    assert showing_of(big, Fraction(1)).coded == (8000, 4000)


def test_clip_that_grows_on_the_way_is_refused(clip, tmp_path):
    """Two films in one file: the second one's pictures have another size."""
    raw = tmp_path / "both.h264"
    for width in (160, 320):
        part = tmp_path / f"{width}.h264"
        job = ffmpeg.input(f"file:{clip}").output(
            str(part), vcodec="libx264", vf=f"scale={width}:-2", preset="ultrafast"
        )
        run_job(job, what="writing")
        with raw.open("ab") as both:
            both.write(part.read_bytes())
    path = tmp_path / "grows.mkv"
    run_job(ffmpeg.input(str(raw)).output(str(path), vcodec="copy"), what="joining")
    reader = ClipReader(path)
    reader.frame(39)
    with pytest.raises(BadMediaError, match=r"grows\.mkv changes its size to 320x180 at frame 40"):
        reader.frame(41)


@pytest.mark.parametrize("size", [16, 400])
def test_clip_damaged_in_the_middle_is_told(size, clip):
    data = bytearray(clip.read_bytes())
    data[len(data) // 2 : len(data) // 2 + size] = bytes(size)
    clip.write_bytes(data)
    reader = ClipReader(clip)
    reader.frame(9)
    with pytest.raises(BadMediaError, match=r"secret\.mp4 is damaged at frame (1|2)\d of 40"):
        [reader.frame(index) for index in range(40)]


def test_song_with_a_giant_cover_is_heard_and_its_cover_is_not_decoded(wav, tmp_path):
    small, song = tmp_path / "cover.png", tmp_path / "song.mp3"
    black = ffmpeg.input("color=s=64x64:d=1", f="lavfi").output(str(small), vframes=1)
    run_job(black, what="painting")
    with_cover = ffmpeg.output(
        ffmpeg.input(str(wav)), ffmpeg.input(str(small)), str(song), vcodec="copy"
    )
    run_job(with_cover, what="writing")
    data = bytearray(song.read_bytes())
    header = data.index(b"IHDR")
    data[header + 4 : header + 12] = GIANT_PX.to_bytes(4, "big") * 2
    data[header + 17 : header + 21] = zlib.crc32(data[header : header + 17]).to_bytes(4, "big")
    song.write_bytes(data)
    before = peak_mb()
    assert decode_audio(song).duration == pytest.approx(1.0, abs=0.1)
    assert peak_mb() - before < LITTLE_MB


@pytest.fixture
def hours_of_silence(wav, tmp_path):
    """Ten hours in 36 MB, as long as its first frame says."""
    short, song = tmp_path / "short.mp3", tmp_path / "silence.mp3"
    job = user_input(wav).output(str(short), audio_bitrate="8k", id3v2_version=0, map_metadata=-1)
    run_job(job, what="writing")
    data = bytearray(short.read_bytes())
    head, frame = data[:-QUIET_FRAME_BYTES], data[-QUIET_FRAME_BYTES:]
    count = round(36_000 / QUIET_FRAME_S)
    tag = head.index(b"Info")
    head[tag + 8 : tag + 12] = count.to_bytes(4, "big")
    song.write_bytes(head + frame * count)
    return song


def test_hours_of_silence_are_refused_before_they_are_decoded(hours_of_silence):
    begun = time.process_time()
    with pytest.raises(SongLimitError, match=r"silence\.mp3 is 600\.\d minutes long"):
        decode_audio(hours_of_silence, limits=SongLimits())
    assert time.process_time() - begun < 0.5


def test_bytes_that_are_no_letters_in_a_tag_do_no_harm(wav, tmp_path):
    song = tmp_path / "a.flac"
    run_job(user_input(wav).output(str(song), metadata="title=TITLE"), what="writing")
    song.write_bytes(song.read_bytes().replace(b"TITLE", b"T\xff\xfe\x80E"))
    assert probe_song(song).codec == "flac"


def test_job_that_writes_too_much_is_stopped(tmp_path):
    noise = ffmpeg.input("anoisesrc=d=60:r=48000", f="lavfi").output(str(tmp_path / "a.wav"))
    with pytest.raises(BadMediaError, match="making noise took too much room"):
        run_job(noise, what="making noise", file_bytes=100_000)
    assert (tmp_path / "a.wav").stat().st_size <= 100_000


@pytest.mark.parametrize(
    ("bounds", "kind", "limits"),
    [
        (Bounds(10.0, memory_bytes=64 << 20), "Max data size", (64 << 20, 64 << 20)),
        (Bounds(10.0, file_bytes=4096), "Max file size", (4096, 4096)),
        (Bounds(10.0), "Max cpu time", (41, 46)),
        (Bounds(10.0), "Max core file size", (0, 0)),
    ],
)
def test_child_runs_under_its_bounds(bounds, kind, limits):
    with subprocess.Popen(["sleep", "60"], stdout=subprocess.PIPE) as child:
        confine(child, bounds)
        held = Path(f"/proc/{child.pid}/limits").read_text()
        child.kill()
    line = next(line for line in held.splitlines() if line.startswith(kind))
    assert line.removeprefix(kind).split()[:2] == [str(limit) for limit in limits]


@pytest.mark.services
def test_busy_child_is_told_to_end_before_it_is_killed():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        confine(child, Bounds(0.0))  # one second of CPU time
        assert child.wait(30.0) == -signal.SIGXCPU


@pytest.mark.services
@pytest.mark.parametrize("run", [run_job, stream_job], ids=["run", "stream"])
def test_job_that_takes_too_much_cpu_is_named(run, monkeypatch):
    monkeypatch.setattr(confining, "_CPU_SHARE", 0)
    endless = ffmpeg.input("mandelbrot=s=640x480", f="lavfi").output("pipe:", format="null")
    with pytest.raises(BadMediaError, match=r"^painting was stopped: it took too much CPU time"):
        list(run(endless, what="painting", timeout_s=60.0))


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (-signal.SIGXCPU, "", "x took too much CPU time, and was stopped"),
        (-signal.SIGKILL, "", "x took too much memory or CPU time, and was stopped"),
        (123, "Received > 3 system signals, hard exiting\n", "x was stopped: it took too much CPU"),
        (255, "a.mp4: Operation not permitted\n", "x failed: a.mp4: Operation not permitted"),
    ],
)
def test_ends_of_jobs_are_explained(code, said, told):
    assert str(_explain("x", said, code)).startswith(told)


def test_sandbox_that_forbids_limits_stops_no_job(monkeypatch, caplog):
    def forbidden(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(resource, "prlimit", forbidden)
    confining._tell_unbound.cache_clear()
    tone = ffmpeg.input("sine=d=0.1", f="lavfi").output("pipe:", format="f32le")
    assert len(run_job(tone, what="playing")) == 4410 * 4
    assert "bound in time alone" in caplog.text


def test_every_job_is_bound(monkeypatch, tmp_path):
    """Both ways of running ffmpeg put the child under its bounds."""
    bound = []
    monkeypatch.setattr(
        "tasks.media.ffmpeg.confine", lambda process, bounds: bound.append(bounds.seconds)
    )
    tone = ffmpeg.input("sine=d=0.1", f="lavfi").output("pipe:", format="f32le")
    run_job(tone, what="playing", timeout_s=7.0)
    list(stream_job(tone, what="playing", timeout_s=8.0))
    assert bound == [7.0, 8.0]
    assert ffmpeg_binary()


def test_file_that_is_not_read_in_time_is_given_up(clip, wav, monkeypatch):
    reader = ClipReader(clip)
    for module in (video_file, probe):
        monkeypatch.setattr(module, "PATIENCE_S", (1e-6, 1e-6))
    with pytest.raises(BadMediaError, match=r"secret\.mp4 .*took longer than"):
        probe_video(clip)
    with pytest.raises(BadSongError, match=r"secret\.wav .*took longer than"):
        probe_song(wav)
    with pytest.raises(BadMediaError, match=r"secret\.mp4 .*took longer than"):
        [reader.frame(index) for index in (39, 0)]  # opened anew


def test_reading_that_stalls_on_the_way_is_given_up(clip, monkeypatch):
    monkeypatch.setattr(video_file, "PATIENCE_S", (60.0, 1e-6))
    with pytest.raises(BadMediaError, match=r"secret\.mp4 .*took longer than 60 s"):
        probe_video(clip)


def test_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(BadMediaError, match=r"pipe\.mp4 is not a file"):
        ClipReader(tmp_path / "pipe.mp4")


def test_clip_of_too_many_pictures_is_not_counted_to_its_end(clip, monkeypatch):
    monkeypatch.setattr(probe, "MOST_FRAMES", 39)
    with pytest.raises(BadMediaError, match="more than 39 pictures"):
        probe_video(clip)


def test_track_without_sound_is_not_searched_to_its_end(clip, wav, tmp_path, monkeypatch):
    film = tmp_path / "film.mkv"
    late = ffmpeg.input(str(wav), itsoffset=1.2)
    job = ffmpeg.output(ffmpeg.input(str(clip)), late, str(film), vcodec="copy", acodec="flac")
    run_job(job, what="joining")
    assert probe_song(film).codec == "flac"
    monkeypatch.setattr(probe, "_MOST_PACKETS", 20)
    with pytest.raises(BadSongError, match="without any sound"):
        probe_song(film)


BUSY = """
import time
from tasks.media.confine import cpu_bound, expend

{first}
def work(seconds):
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        pass

with cpu_bound(0.2):
    work(0.01)
work(0.4)
print("between", flush=True)
with cpu_bound(0.2):
    work(0.6)
print("after")
"""


@pytest.mark.services
@pytest.mark.parametrize(
    ("first", "code", "said"),
    [("expend()", -signal.SIGPROF, ["between"]), ("", 0, ["between", "after"])],
)
def test_worker_ends_when_one_picture_takes_too_long(first, code, said):
    ran = subprocess.run(
        [sys.executable, "-c", BUSY.format(first=first)], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout.split()) == (code, said)
