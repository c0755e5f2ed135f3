"""A clip fills the film about its focus, or stands whole on a soft surround of itself."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.pictures import busy_picture, flat_picture

from recipe_schema.vocabulary import Fit
from tasks.assembly.framing import Framing, cover_box

FILMS = [(1920, 1080), (1080, 1920), (1000, 1000), (2560, 1080), (64, 64)]


@settings(max_examples=40)
@given(
    clip=st.tuples(st.integers(16, 900), st.integers(16, 900)),
    film=st.sampled_from(FILMS),
    focus=st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)),
)
def test_the_box_is_even_inside_and_as_near_to_the_focus_as_can_be(clip, film, focus):
    left, top, right, bottom = cover_box(clip, film, focus)
    assert 0 <= left < right <= clip[0]
    assert 0 <= top < bottom <= clip[1]
    assert {side % 2 for side in (left, top, right, bottom)} == {0}
    for low, high, whole, at in (
        (left, right, clip[0], focus[0]),
        (top, bottom, clip[1], focus[1]),
    ):
        free = whole // 2 * 2 - (high - low)
        wanted = min(max(at * (whole // 2 * 2) - (high - low) / 2, 0), free)
        assert abs(low - wanted) <= 2


def test_a_wide_clip_in_a_tall_film_keeps_its_focus():
    y, u, v = flat_picture(50, size=(160, 90))
    y[:, 110:130] = 200
    framing = Framing((160, 90), (90, 160), focus=(0.75, 0.5))
    shown = framing.crop((y, u, v))[0]
    assert shown.shape == (framing.height, framing.width) == (90, 52)
    assert abs(np.nonzero(shown[0] > 125)[0].mean() - 25.5) <= 2


@pytest.mark.parametrize("film", FILMS)
@pytest.mark.parametrize("clip", [(128, 72), (72, 128), (101, 99), (512, 288)])
def test_contained_clips_are_whole_in_the_films_shape(clip, film):
    framing = Framing(clip, film, fit=Fit.CONTAIN)
    planes = busy_picture(3, size=(clip[0] + clip[0] % 2, clip[1] + clip[1] % 2))
    y = planes[0][: clip[1], : clip[0]]
    shown = framing.surround(framing.crop((y, *planes[1:])))
    assert shown[0].shape == (framing.height, framing.width)
    assert shown[1].shape == shown[2].shape == (framing.height // 2, framing.width // 2)
    assert framing.width % 2 == framing.height % 2 == 0
    assert abs(framing.width * film[1] - framing.height * film[0]) <= 2 * max(film)
    cut = framing.crop((y, *planes[1:]))[0]
    h, w = cut.shape
    top, left = (framing.height - h) // 4 * 2, (framing.width - w) // 4 * 2
    np.testing.assert_array_equal(shown[0][top : top + h, left : left + w], cut)


def test_the_surround_is_the_clips_own_light_soft_and_darker_never_black():
    framing = Framing((128, 72), (72, 128), fit=Fit.CONTAIN)
    y, u, v = busy_picture(5, size=(128, 72))
    shown = framing.surround(framing.crop((y, u, v)))[0]
    bars = np.concatenate([shown[:60], shown[-60:]]).astype(int)
    assert abs(bars.mean() - (16 + (y.mean() - 16) * 0.42)) < 12
    assert bars.min() > 20
    assert np.abs(np.diff(bars[:60], axis=1)).max() <= 3
    assert np.abs(np.diff(bars[:60], axis=0)).max() <= 3


def test_the_surround_of_one_colour_keeps_it():
    framing = Framing((64, 36), (64, 64), fit=Fit.CONTAIN)
    y, u, v = framing.surround(flat_picture(116, 90, 160, size=(64, 36)))
    assert np.abs(y[:10].astype(int) - 58).max() <= 1
    assert np.abs(u[:5].astype(int) - 99.5).max() <= 1
    assert np.abs(v[:5].astype(int) - 152).max() <= 1


def test_a_clip_of_the_films_shape_has_no_surround():
    assert not Framing((848, 480), (848, 480), fit=Fit.CONTAIN).surrounds
    assert not Framing((848, 480), (480, 848)).surrounds


@pytest.mark.parametrize("clip", [(16, 1920), (1920, 16), (4, 640)])
def test_a_strip_contained_in_a_small_film_is_made_of_its_own_pixels(clip):
    """Everything around the picture in memory is white; none of it is seen."""
    width, height = clip
    framing = Framing(clip, (64, 64), fit=Fit.CONTAIN)
    planes = []
    for w, h in ((width, height), *((width // 2, height // 2),) * 2):
        around = np.full(3 * w * h, 255, np.uint8)
        around[w * h : 2 * w * h] = 60
        planes.append(around[w * h : 2 * w * h].reshape(h, w))
    for plane in framing.crop((planes[0], planes[1], planes[2])):
        assert set(np.unique(plane)) == {60}
