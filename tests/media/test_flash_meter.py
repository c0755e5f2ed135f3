"""Flashes are counted as WCAG 2.3.1 has them: how far, how large, how often, and red."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.media.ffmpeg import BadMediaError
from tasks.media.flash_meter import count_flashes, find_flashing
from tasks.media.light_grid import LightMeter, pack_light, unpack_light

BLACK, WHITE, RED, BLUE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
HEIGHT, WIDTH = 72, 128


def picture(rgb, size=(HEIGHT, WIDTH)):
    """One colour everywhere, as planes."""
    r, g, b = rgb
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    codes = (
        16 + 219 * luma,
        128 + 224 * (b - luma) / 1.8556,
        128 + 224 * (r - luma) / 1.5748,
    )
    shapes = (size, *((size[0] // 2, size[1] // 2),) * 2)
    return [
        np.full(shape, round(code), np.uint8) for shape, code in zip(shapes, codes, strict=True)
    ]


def measured(pictures):
    meter = LightMeter()
    for planes in pictures:
        meter.add(planes)
    return meter.curve


def grey_of(light):
    """Code value in 0..1 of a luminance."""
    return light / 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def wave(levels, area=1.0):
    """A curve whose cells, from the left on, show luminances; the rest is black."""
    curve = np.zeros((len(levels), 3, 18, 32), np.uint8)
    shown = np.zeros(18 * 32, bool)
    shown[: round(area * shown.size)] = True
    curve[:, 0, shown.reshape(18, 32)] = np.round(255 * np.asarray(levels))[:, None]
    return curve


def blinking(hz, fps, seconds=3, dark=0.0, bright=1.0):
    phase = np.arange(seconds * fps) * hz / fps % 1.0
    return np.where(phase < 0.5, bright, dark)


@pytest.mark.parametrize("fps", [24, 30, 60])
@pytest.mark.parametrize("hz", [1, 2, 3, 4, 5, 6])
def test_flashes_within_a_second_are_counted(fps, hz):
    counts = count_flashes(wave(blinking(hz, fps)), fps=fps)
    assert counts[fps : 2 * fps].max() == counts.max() == hz
    assert bool(find_flashing(wave(blinking(hz, fps)), fps=fps)) is (hz > 3)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_single_white_pictures_are_flashes(fps):
    levels = np.zeros(3 * fps)
    levels[[fps, fps * 5 // 4, fps * 6 // 4, fps * 7 // 4]] = 1.0
    (found,) = find_flashing(wave(levels), fps=fps)
    assert (found.start_frame, found.flashes, found.red) == (fps, 4, False)
    assert found.end_frame == fps * 7 // 4 + 2
    levels[fps] = 0.0
    assert not find_flashing(wave(levels), fps=fps)


@pytest.mark.parametrize(("dark", "bright", "counted"), [
    (0.0, 0.11, True), (0.0, 0.09, False), (0.5, 0.61, True), (0.5, 0.59, False),
    (0.78, 0.9, True), (0.82, 1.0, False),
])  # fmt: skip
def test_a_tenth_of_white_counts_where_the_darker_side_is_dark(dark, bright, counted):
    assert bool(find_flashing(wave(blinking(4, 30, 3, dark, bright)), fps=30)) is counted


@pytest.mark.parametrize(("area", "counted"), [(0.2, False), (0.24, False), (0.26, True)])
def test_a_quarter_of_the_picture_counts(area, counted):
    assert bool(find_flashing(wave(blinking(4, 30), area), fps=30)) is counted


@pytest.mark.parametrize(("share", "counted"), [(0.2, False), (0.3, True)])
def test_painted_squares_are_measured_by_their_area(share, counted):
    tall, wide = round(HEIGHT * share**0.5), round(WIDTH * share**0.5)
    lit, dark = picture(BLACK), picture(BLACK)
    lit[0][9 : 9 + tall, 21 : 21 + wide] = 235
    pictures = [lit if level else dark for level in blinking(4, 30)]
    assert bool(find_flashing(measured(pictures), fps=30)) is counted


@pytest.mark.parametrize("falling", [False, True])
def test_ramps_count_once_a_tooth(falling):
    for hz, counted in ((3, False), (4, True)):
        tooth = np.arange(120) * hz / 30 % 1.0
        found = find_flashing(wave(0.4 * (1.0 - tooth if falling else tooth)), fps=30)
        assert [span.flashes for span in found] == ([4] if counted else [])
    assert not find_flashing(wave(0.08 * tooth), fps=30)


def test_a_cut_and_a_slow_swell_are_no_flash():
    step = np.where(np.arange(60) < 30, 0.1, 0.9)
    assert count_flashes(wave(step), fps=30).max() == 0
    swell = 0.5 + 0.4 * np.sin(np.arange(300) / 60)
    assert count_flashes(wave(swell), fps=30).max() <= 1


def test_halves_that_take_turns_are_not_added_up():
    turns = wave(blinking(2, 30))
    turns[:, 0, :9] = 255 - turns[:, 0, :9]
    assert count_flashes(turns, fps=30).max() == 2


def test_flashes_that_move_from_place_to_place_are_one_series():
    curve = np.zeros((30, 3, 18, 32), np.uint8)
    for k in range(4):
        curve[3 + 6 * k : 6 + 6 * k, 0, :, 8 * k : 8 * k + 9] = 255
    (found,) = find_flashing(curve, fps=30)
    assert found.flashes == 4


def test_sparks_all_over_are_not_counted():
    rng = np.random.default_rng(3)
    pictures = []
    for _ in range(60):
        planes = picture(BLACK, (288, 512))
        for y, x in zip(rng.integers(0, 287, 150), rng.integers(0, 511, 150), strict=True):
            planes[0][y : y + 2, x : x + 2] = 235
        pictures.append(planes)
    assert not find_flashing(measured(pictures), fps=30)


@pytest.mark.parametrize(("one", "other", "red"), [
    ((0.55, 0.0, 0.0), BLACK, True), ((0.7, 0.0, 0.0), (0.0, 0.0, 0.7), True),
    (BLUE, BLACK, None), ((0.55, 0.42, 0.42), (0.4, 0.35, 0.35), None),
    (RED, BLUE, True), ((0.0, 0.5, 0.0), BLACK, False),
])  # fmt: skip
def test_saturated_red_counts_by_itself(one, other, red):
    pictures = [picture(one if lit else other) for lit in blinking(4, 30, 2)]
    found = find_flashing(measured(pictures), fps=30)
    assert (red in [span.red for span in found]) if red is not None else not found
    slow = [picture(one if lit else other) for lit in blinking(3, 30, 2)]
    assert not find_flashing(measured(slow), fps=30)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.0, 1.0), min_size=4, max_size=40),
    st.integers(2, 4),
    st.sampled_from([12, 24, 30]),
)
def test_time_scales(levels, times, fps):
    once = count_flashes(wave(levels), fps=fps)
    slower = wave(np.repeat(levels, times))
    np.testing.assert_array_equal(count_flashes(slower, fps=fps * times)[::times], once)
    assert count_flashes(slower, fps=fps).max() <= once.max()
    assert (count_flashes(wave(levels), fps=fps * 2).max()) >= once.max()


@pytest.mark.parametrize(
    "rgb", [WHITE, RED, BLUE, (0.0, 1.0, 0.0), (0.5, 0.5, 0.5), (0.3, 0.6, 0.1)]
)
def test_light_is_relative_luminance(rgb):
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    luminance, red, share = measured([picture(rgb)])[0, :, 5, 5] / 255
    assert luminance == pytest.approx(np.dot(light, (0.2126, 0.7152, 0.0722)), abs=0.012)
    assert red == pytest.approx(max(light[0] - light[1] - light[2], 0.0), abs=0.02)
    assert share == pytest.approx(light[0] / sum(light), abs=0.03)


@pytest.mark.parametrize("size", [(16, 16), (480, 848), (1080, 1920), (848, 480), (35, 61)])
def test_every_size_has_cells_of_its_own_shape(size):
    height, width = size
    y = np.full((height, width + 7), 16, np.uint8)[:, :width]  # rows are padded
    y[: height // 2] = 235
    grey = np.full(((height + 1) // 2, (width + 1) // 2 + 3), 128, np.uint8)[:, :-3]
    cells = measured([(y, grey, grey)])[0, 0]
    rows, columns = cells.shape
    assert rows * columns <= 640
    assert cells[0].min() >= 254
    assert cells[-1].max() <= 1
    if min(size) > 200:
        assert width / columns == pytest.approx(height / rows, rel=0.1)


def test_light_is_kept_whole_and_what_is_broken_is_told():
    curve = np.random.default_rng(5).integers(0, 256, (7, 3, 4, 6), dtype=np.uint8)
    data = pack_light(curve)
    np.testing.assert_array_equal(unpack_light(data), curve)
    for broken in (b"", data[:-3], b"LGT9" + data[4:], data[:12] + b"x"):
        with pytest.raises(BadMediaError, match="light"):
            unpack_light(broken)
    assert unpack_light(pack_light(LightMeter().curve)).shape[0] == 0
    assert find_flashing(LightMeter().curve, fps=30.0) == ()
