"""Clips keep their pictures, tags and names."""

from fractions import Fraction

import av
import ffmpeg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.media.ffmpeg import BadMediaError, run_job
from tasks.media.frames import ClipReader, ClipWriter, decoding_time
from tasks.media.probe import probe_video
from tasks.media.timebase import frame_to_seconds, parse_fps, seconds_to_frame


def picture(level, size=(96, 64)):
    width, height = size
    y = np.full((height, width), level, np.uint8)
    return (
        y,
        np.full((height // 2, width // 2), 100, np.uint8),
        np.full((height // 2, width // 2), 150, np.uint8),
    )


def write_clip(path, levels):
    with ClipWriter(path, width_px=96, height_px=64, fps=Fraction(30)) as writer:
        for level in levels:
            writer.write(*picture(level))


def test_frames_come_back_in_any_order(tmp_path):
    levels = list(range(30, 230, 10))
    write_clip(tmp_path / "c.mp4", levels)
    reader = ClipReader(tmp_path / "c.mp4")
    assert reader.frames == len(levels)
    for k in (0, 1, 5, 4, 19, 2, 99, -3):
        y, u, v = reader.frame(k)
        want = levels[min(max(k, 0), 19)]
        assert abs(int(y.mean()) - want) <= 1
        assert abs(int(u.mean()) - 100) <= 1
        assert abs(int(v.mean()) - 150) <= 1
        assert y.shape == (64, 96)
        assert u.shape == (32, 48)
    reader.close()


class CountingReader(ClipReader):
    """Counts the pictures that it decodes."""

    decoded = 0

    def _decode_next(self):
        self.decoded += 1
        return super()._decode_next()


def test_picture_deep_in_a_clip_is_decoded_from_the_key_frame_before_it(tmp_path):
    levels = [40 + 2 * k for k in range(70)]
    write_clip(tmp_path / "c.mp4", levels)
    reader = CountingReader(tmp_path / "c.mp4")
    for k, decoded in ((63, 4), (64, 1), (20, 6), (48, 4), (49, 1), (14, 15)):
        reader.decoded = 0
        assert abs(int(reader.frame(k)[0].mean()) - levels[k]) <= 1
        assert reader.decoded == decoded
    reader.close()


def test_clip_without_key_frames_is_decoded_from_its_start(tmp_path):
    levels = [40 + 2 * k for k in range(70)]
    with ClipWriter(
        tmp_path / "c.mp4", width_px=96, height_px=64, fps=Fraction(30), options={"g": "250"}
    ) as writer:
        for level in levels:
            writer.write(*picture(level))
    reader = ClipReader(tmp_path / "c.mp4")
    assert [round(reader.frame(k)[0].mean()) for k in (66, 3)] == [172, 46]
    reader.close()


@pytest.fixture(scope="module")
def open_gops(tmp_path_factory):
    """A clip whose pictures after a key frame lean on ones before it, as cameras write them."""
    path = tmp_path_factory.mktemp("open") / "open.mp4"
    job = ffmpeg.input("testsrc2=s=96x64:r=30:d=4", f="lavfi").output(
        str(path), vcodec="libx264", pix_fmt="yuv420p", **{"x264-params": "open-gop=1:keyint=30"}
    )
    run_job(job, what="writing")
    return path


def in_order(reader):
    return [[plane.copy() for plane in reader.frame(index)] for index in range(reader.frames)]


@pytest.mark.parametrize("index", [100, 90, 29, 61])
def test_open_gops_are_read_from_anywhere(index, open_gops):
    meant = in_order(ClipReader(open_gops))
    reader = ClipReader(open_gops)
    assert (reader.frames, len(probe_video(open_gops).keys)) == (120, 4)
    for k in (index, 40, 119):
        for plane, own in zip(reader.frame(k), meant[k], strict=True):
            np.testing.assert_array_equal(plane, own)
    reader.close()


def test_damage_is_told_after_a_leap_too(open_gops, tmp_path):
    data = bytearray(open_gops.read_bytes())
    with av.open(str(open_gops)) as container:
        hit = [p.pos for p in container.demux(video=0) if p.pts is not None][100]
    data[hit + 8 : hit + 60] = bytes(52)
    path = tmp_path / "torn.mp4"
    path.write_bytes(data)
    reader = ClipReader(path)
    with pytest.raises(BadMediaError, match=r"torn\.mp4 is damaged at frame (9|10)\d of 120"):
        [reader.frame(k) for k in (95, 119)]


def test_clip_that_cannot_be_shown_is_closed_at_once(tmp_path, monkeypatch):
    write_clip(tmp_path / "c.mp4", [50, 60])
    closed = []
    monkeypatch.setattr(ClipReader, "_decode_next", lambda self: 1 / 0)
    monkeypatch.setattr(ClipReader, "close", lambda self: closed.append(self))
    with pytest.raises(ZeroDivisionError):
        ClipReader(tmp_path / "c.mp4")
    assert len(closed) == 2  # before it is opened, and after


def test_clip_is_tagged_for_any_player(tmp_path):
    write_clip(tmp_path / "c.mp4", [50, 60])
    info = probe_video(tmp_path / "c.mp4")
    assert (info.color_space, info.color_range, info.pixel_format) == (1, 1, "yuv420p")
    assert info.fps == 30


def write_half(path):
    with ClipWriter(path, width_px=96, height_px=64, fps=Fraction(30)) as writer:
        writer.write(*picture(50))
        raise RuntimeError("stop")


def test_broken_off_writing_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError, match="stop"):
        write_half(tmp_path / "c.mp4")
    assert not list(tmp_path.iterdir())


def test_same_pictures_give_same_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_clip(tmp_path / name, [40, 80, 120])
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@given(st.integers(0, 10**6), st.sampled_from(["24", "30", "60", "30000/1001", "25/1"]))
def test_frame_survives_the_way_through_seconds(frame, fps):
    rate = parse_fps(fps)
    assert seconds_to_frame(frame_to_seconds(frame, rate), rate) == frame


@pytest.mark.parametrize(
    ("pts", "dts", "wanted"),
    [
        (0, 0, 0),
        (0, -2, -2),
        (4, -1, -1),
        (0, -2334664937548292128, 0),
        (1, -94645380768440, 1),
        (0, 2**62, 0),
        (0, 1, 0),
    ],
)
def test_times_from_memory_that_an_encoder_has_not_written_are_put_right(pts, dts, wanted):
    assert decoding_time(pts, dts) == wanted
