"""Clips of any colours, range, turn, pixel shape and time come out as they are meant to be seen."""

import subprocess
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np
import pytest

from tasks.media.frames import ClipReader
from tasks.media.showing import join_fields

WEIGHTS = {601: (0.299, 0.114), 709: (0.2126, 0.0722), 2020: (0.2627, 0.0593)}
MATRICES = {601: 6, 709: 1, 2020: 9}
COLOURS = ((200, 40, 60), (30, 180, 90), (40, 60, 210), (230, 230, 20), (128, 128, 128))
SIZE = (80, 48)


def codes(rgb, standard=709, *, full=False):
    """Exact code values of a colour."""
    red, blue = WEIGHTS[standard]
    r, g, b = (value / 255 for value in rgb)
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)
    return (
        (255 * y, 255 * u + 128, 255 * v + 128)
        if full
        else (16 + 219 * y, 128 + 224 * u, 128 + 224 * v)
    )


def patches(form, standard, *, full=False, size=SIZE):
    """A frame of five plain stripes."""
    frame = av.VideoFrame(*size, form)
    deep = 4 if "10" in form else 1
    for c, plane in enumerate(frame.planes):
        kind = np.uint16 if deep > 1 else np.uint8
        rows = np.frombuffer(plane, kind).reshape(plane.height, -1)
        for k, colour in enumerate(COLOURS):
            stripe = slice(k * plane.width // 5, (k + 1) * plane.width // 5)
            if form == "rgb24":
                rows[:, 3 * stripe.start : 3 * stripe.stop] = np.tile(colour, size[0] // 5)
            else:
                rows[:, stripe] = round(deep * min(codes(colour, standard, full=full)[c], 255))
    return frame


def write(
    path,
    frames,
    *,
    codec="libx264",
    form="yuv420p",
    matrix=2,
    full=False,
    fps=30,
    pts=None,
    pixel=None,
    options=None,
):
    """Encode frames without loss and tag them."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, form
        stream.options = {"qp": "0", **(options or {})} if codec == "libx264" else {}
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, 2 if full else 1
        if pixel:
            context.sample_aspect_ratio = pixel
        unit = Fraction(1, 1000) if pts else Fraction(1, fps)
        context.time_base = unit
        for n, frame in enumerate(frames):
            frame.pts, frame.time_base = pts[n] if pts else n, unit
            frame.colorspace, frame.color_range = matrix, 2 if full else 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def assert_true_colours(reader, *, within=2):
    y, u, v = reader.frame(0)
    for k, colour in enumerate(COLOURS):
        got = (
            plane[plane.shape[0] // 2, (2 * k + 1) * plane.shape[1] // 10] for plane in (y, u, v)
        )
        for value, want in zip(got, codes(colour), strict=True):
            assert abs(int(value) - want) <= within, (colour, int(value), want)


@pytest.mark.parametrize(
    ("form", "standard", "full"),
    [
        ("yuv420p", 709, False),
        ("yuv420p", 601, False),
        ("yuv420p", 601, True),
        ("yuvj420p", 709, True),
        ("yuv422p", 709, False),
        ("yuv422p", 601, False),
        ("yuv444p", 709, False),
        ("yuv420p10le", 709, False),
        ("yuv422p10le", 601, False),
        ("yuv444p10le", 2020, False),
    ],
)
def test_tagged_colours_come_out_in_709_and_limited_range(tmp_path, form, standard, full):
    clip = write(
        tmp_path / "c.mp4",
        [patches(form, standard, full=full)] * 3,
        form=form,
        matrix=MATRICES[standard],
        full=full,
    )
    reader = ClipReader(clip)
    assert reader.told == ()
    assert_true_colours(reader)
    reader.close()


def test_rgb_comes_out_in_709(tmp_path):
    frames = [patches("rgb24", 709) for _ in range(2)]
    reader = ClipReader(write(tmp_path / "c.mov", frames, codec="png", form="rgb24", matrix=0))
    assert_true_colours(reader)
    reader.close()


def test_small_clips_that_name_no_colours_are_taken_as_601_and_told(tmp_path):
    reader = ClipReader(write(tmp_path / "c.mp4", [patches("yuv420p", 601)] * 2))
    assert_true_colours(reader)
    assert len(reader.told) == 1
    assert "taken as BT.601" in reader.told[0]
    reader.close()


def test_large_clips_that_name_no_colours_are_taken_as_709(tmp_path):
    size = (1280, 720)
    reader = ClipReader(write(tmp_path / "c.mp4", [patches("yuv420p", 709, size=size)] * 2))
    assert_true_colours(reader)
    assert reader.told == ()
    reader.close()


def test_odd_sizes_are_read_whole(tmp_path):
    frame = patches("yuv444p", 709, size=(85, 47))
    reader = ClipReader(write(tmp_path / "c.mp4", [frame] * 2, form="yuv444p", matrix=1))
    y, u, v = reader.frame(1)
    assert y.shape == (47, 85)
    assert u.shape == v.shape == (24, 43)
    assert_true_colours(reader)
    reader.close()


@pytest.mark.parametrize(("pixel", "size"), [("4/3", (106, 48)), ("8/9", (80, 54))])
def test_pixels_come_out_square(tmp_path, pixel, size):
    clip = write(tmp_path / "c.mp4", [patches("yuv420p", 709)] * 2, matrix=1, pixel=Fraction(pixel))
    reader = ClipReader(clip)
    assert (reader.width_px, reader.height_px) == size
    assert reader.frame(0)[0].shape == size[::-1]
    assert_true_colours(reader)
    reader.close()


def test_uneven_times_are_read_from_the_file(tmp_path):
    pts = [0, 40, 50, 200, 233, 300]
    frames = []
    for k in range(6):
        frame = av.VideoFrame(*SIZE, "yuv420p")
        for plane, level in zip(frame.planes, (40 + 30 * k, 128, 128), strict=True):
            np.frombuffer(plane, np.uint8)[:] = level
        frames.append(frame)
    clip = write(tmp_path / "c.mkv", frames, matrix=1, pts=pts, options={"bf": "0"})
    reader = ClipReader(clip)
    assert reader.times_s == tuple(Fraction(ms, 1000) for ms in pts)
    assert [int(reader.frame(k)[0][0, 0]) for k in (5, 0, 3)] == [190, 40, 130]
    reader.close()


def test_even_times_of_a_container_that_rounds_them_are_even(tmp_path):
    frames = [patches("yuv420p", 709) for _ in range(40)]
    clip = write(
        tmp_path / "c.mkv", frames, matrix=1, pts=[round(1000 * k / 30) for k in range(40)]
    )
    reader = ClipReader(clip)
    assert (reader.times_s, reader.frames, round(float(reader.fps), 2)) == (None, 40, 30)
    reader.close()


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_clips_lying_on_their_side_stand_up(tmp_path, degrees):
    frame = patches("yuv420p", 709)
    np.frombuffer(frame.planes[0], np.uint8).reshape(SIZE[1], -1)[:8, :8] = 235
    lying = write(tmp_path / "lying.mp4", [frame] * 2, matrix=1)
    ffmpeg("-display_rotation", degrees, "-i", lying, "-c", "copy", tmp_path / "c.mp4")
    ffmpeg("-i", tmp_path / "c.mp4", "-frames:v", 1, "-f", "rawvideo", tmp_path / "shown.yuv")
    reader = ClipReader(tmp_path / "c.mp4")
    y = reader.frame(0)[0]
    assert y.shape == (reader.height_px, reader.width_px) == (SIZE[::-1], SIZE)[degrees % 180 == 90]
    shown = np.fromfile(tmp_path / "shown.yuv", np.uint8)[: y.size].reshape(y.shape)
    np.testing.assert_array_equal(y, shown)
    reader.close()


def test_interlaced_clips_lose_their_combs_and_are_told(tmp_path):
    frames = []
    for k in range(4):
        frame = patches("yuv420p", 709)
        luma = np.frombuffer(frame.planes[0], np.uint8).reshape(SIZE[1], -1)
        luma[:] = 60
        luma[0::2, 10 * k : 10 * k + 8] = luma[1::2, 10 * k + 5 : 10 * k + 13] = 200
        frames.append(frame)
    clip = write(
        tmp_path / "c.mp4",
        frames,
        matrix=1,
        options={"flags": "+ilme+ildct", "x264-params": "tff=1"},
    )
    reader = ClipReader(clip)
    y = reader.frame(2)[0].astype(int)
    assert np.abs(np.diff(y[:-1], axis=0)).max() <= 4
    assert (y[10, 22], y[10, 31]) == (200, 60)
    assert len(reader.told) == 1
    assert reader.told[0].startswith("is interlaced")
    reader.close()


def test_fields_of_one_time_are_left_as_they_are_and_combs_go():
    rows = np.repeat(np.arange(16, 64, dtype=np.uint8)[:, None] * 3, 20, axis=1)
    np.testing.assert_array_equal(join_fields(rows)[:-1], rows[:-1])
    combed = np.full((16, 20), 50, np.uint8)
    combed[1::2, 5:9] = 200
    assert join_fields(combed).max() == 50
