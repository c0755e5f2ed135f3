"""Clips come to the film's rate and shape by exact arithmetic, or say why they cannot."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given
from support.pictures import flat_picture, write_clip

from tasks.assembly.conform import ClipSource, flat
from tasks.assembly.framing import cover_box
from tasks.assembly.job import ClipFile
from tasks.assembly.pace import SLOWEST, BadClipError, clip_step

RATES = st.sampled_from(
    [Fraction(r) for r in (12, 24, 25, 30, 50, 60, 120)] + [Fraction(30000, 1001)]
)


@pytest.fixture
def numbered(tmp_path):
    """A clip of 20 frames at 30 fps whose luma tells the frame."""
    path = write_clip(tmp_path / "n.mp4", [flat_picture(40 + 8 * k) for k in range(20)])
    return ClipFile(path, "0" * 64, 0)


def open_source(clip, *, span, fps=Fraction(60), film=(128, 72)):
    return ClipSource(clip, span=span, film_fps=fps, film=film)


def shown(source, offset):
    return round((float(source.frame(*source.at(offset)).y[:60].mean()) - 40) / 8)


def test_a_clip_of_half_the_rate_shows_every_picture_twice(numbered):
    source = open_source(numbered, span=40)
    assert [shown(source, n) for n in range(40)] == [k for k in range(20) for _ in range(2)]


def test_a_clip_that_is_a_little_short_is_slowed_evenly(numbered):
    source = open_source(numbered, span=24, fps=Fraction(30))
    pictures = [source.at(n)[0] for n in range(24)]
    assert pictures[0] == 0
    assert pictures[-1] == 19
    assert set(np.diff(pictures)) <= {0, 1}


def test_a_clip_that_is_far_too_short_is_refused_with_what_to_do(numbered):
    with pytest.raises(BadClipError, match=r"n\.mp4 has 20 frames .* render it again, longer"):
        open_source(numbered, span=60, fps=Fraction(30))


@given(clip_fps=RATES, film_fps=RATES, span=st.integers(1, 20_000), spare=st.integers(0, 3))
def test_a_clip_as_long_as_its_span_is_never_slowed(clip_fps, film_fps, span, spare):
    frames = int((span - 1) * clip_fps / film_fps) + 1 + spare
    step = clip_step(frames=frames, clip_fps=clip_fps, span=span, film_fps=film_fps)
    assert step == clip_fps / film_fps


@given(clip_fps=RATES, film_fps=RATES, span=st.integers(2, 2000), frames=st.integers(1, 2000))
def test_no_picture_is_asked_for_that_is_not_there(clip_fps, film_fps, span, frames):
    try:
        step = clip_step(frames=frames, clip_fps=clip_fps, span=span, film_fps=film_fps)
    except BadClipError:
        assume(False)
    assert int((span - 1) * step) < frames
    assert step >= SLOWEST * clip_fps / film_fps or step == Fraction(frames, span)


@given(
    clip=st.tuples(st.integers(8, 500), st.integers(8, 500)).map(lambda s: (s[0] * 2, s[1] * 2)),
    film=st.sampled_from([(1920, 1080), (1080, 1920), (1000, 1000), (2560, 1080)]),
)
def test_the_cover_box_is_even_central_and_of_the_films_shape(clip, film):
    left, top, right, bottom = cover_box(clip, film)
    assert 0 <= left < right <= clip[0]
    assert 0 <= top < bottom <= clip[1]
    assert left % 2 == top % 2 == 0
    assert abs(left - (clip[0] - right)) <= 2
    assert abs(top - (clip[1] - bottom)) <= 2
    assert right - left == clip[0] or bottom - top == clip[1]
    exact = min(clip[0], clip[1] * film[0] / film[1])
    assert abs((right - left) - exact) < 2


def test_a_clip_of_twice_the_films_size_is_averaged(tmp_path):
    y, u, v = flat_picture(100, size=(256, 144))
    y[::2] = 140
    clip = ClipFile(write_clip(tmp_path / "big.mp4", [(y, u, v)] * 2), "0" * 64, 0)
    source = open_source(clip, span=2, film=(128, 72))
    frame = source.frame(0)
    assert (source.width, source.height) == (128, 72)
    assert abs(frame.y.astype(int) - 120).max() <= 3


def test_flat_sees_the_rows_of_a_padded_plane():
    wide = np.arange(40, dtype=np.uint8).reshape(4, 10)
    plane = wide[:, :7]
    view = flat(plane)
    assert view.flags.c_contiguous
    for row in range(4):
        np.testing.assert_array_equal(view[row * 10 : row * 10 + 7], plane[row])
    view[10] = 99
    assert wide[1, 0] == 99
