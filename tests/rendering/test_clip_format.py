"""Clips have the size and rate that suit the film, within what their renderer can make."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clip_requests import make_request

from recipe_schema.artifacts import ClipSpan, RendererLimits
from recipe_schema.assembly import FilmFormat
from tasks.errors import BadInputError
from tasks.rendering.clip_format import check_request, clip_rate, clip_size, native_notes
from tasks.rendering.renderer import load_renderer
from tasks.rendering.request import clip_frames

PAINTER = load_renderer("procedural").limits()
FIXED = RendererLimits(renderer="fixed", fps_choices=("30/1",), width_px=848, height_px=480)
LARGER = FIXED.model_copy(
    update={"renderer": "larger", "max_width_px": 1280, "max_height_px": 768, "size_multiple": 16}
)


def film(size=(1920, 1080), fps="60", *, native=True):
    return FilmFormat(width_px=size[0], height_px=size[1], fps=fps, native=native)


def test_painter_says_what_it_can_make():
    assert PAINTER.fps_range == ("24000/1001", "60/1")
    assert (PAINTER.max_width_px, PAINTER.max_height_px) == (7680, 4320)


@pytest.mark.parametrize(
    ("fps", "usual", "native"),
    [
        ("60", "30", "60"),
        ("30", "30", "30"),
        ("60000/1001", "30000/1001", "60000/1001"),
        ("24", "24", "24"),
        ("50", "25", "50"),
        ("48", "24", "48"),
        ("45", "30", "45"),
        ("120", "30", "60"),
        ("90", "30", "45"),
        ("61", "30", "61/2"),
        ("15", "30", "30"),
        ("12", "30", "24"),
        ("24000/1001", "24000/1001", "24000/1001"),
        ("23", "30", "46"),
    ],
)
def test_rate_falls_into_step_with_the_film(fps, usual, native):
    assert clip_rate(PAINTER, film(fps=fps, native=False)) == Fraction(usual)
    assert clip_rate(PAINTER, film(fps=fps)) == Fraction(native)


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160), (1080, 1920), (64, 64), (7680, 4320)])
def test_native_clips_have_the_films_size_and_nothing_is_told(size):
    assert clip_size(PAINTER, film(size)) == size
    assert native_notes(PAINTER, film(size)) == ()


def test_without_the_wish_clips_are_as_large_as_usual():
    assert clip_size(PAINTER, film(native=False)) == (848, 480)
    assert native_notes(FIXED, film(native=False)) == ()


def test_wish_that_has_no_effect_is_told():
    assert clip_size(FIXED, film()) == (848, 480)
    (told,) = native_notes(FIXED, film())
    assert told == (
        "renderer fixed makes clips of 848x480 at 30 frames a second; --native has no effect"
    )
    assert native_notes(FIXED, film((848, 480), "30")) == ()


def test_as_much_of_the_film_as_the_renderer_can_make():
    assert clip_size(LARGER, film()) == (1280, 720)
    assert native_notes(LARGER, film()) == (
        "renderer larger makes native clips of 1280x720 at 30 frames a second, "
        "not of 1920x1080 at 60",
    )
    # Rounded up to what is legal: the film crops, and nothing is enlarged.
    assert clip_size(LARGER, film((1000, 500))) == (1008, 512)
    assert clip_size(LARGER, film((1280, 766))) == (1280, 768)


def test_rate_beyond_the_renderers_is_told():
    (told,) = native_notes(PAINTER, film(fps="120"))
    assert "1920x1080 at 60 frames a second, not of 1920x1080 at 120" in told
    assert len(native_notes(PAINTER, film(fps="12"))) == 1


def test_longest_clip_keeps_the_rate_that_shots_are_planned_for():
    limits = PAINTER.model_copy(update={"max_frames": 163})
    assert clip_rate(limits, film()) == 30
    assert clip_size(limits, film()) == (1920, 1080)


@given(
    st.integers(12, 120), st.sampled_from([1, 1001]), st.integers(32, 3840), st.integers(32, 2160)
)
def test_any_native_clip_is_one_that_the_painter_makes(rate, under, half_w, half_h):
    fps = Fraction(rate) if under == 1 else min(max(Fraction(rate * 1000, under), 12), 120)
    wanted = film((2 * half_w, 2 * half_h), str(fps))
    width, height = clip_size(PAINTER, wanted)
    clip_fps = clip_rate(PAINTER, wanted)
    request = make_request(width_px=width, height_px=height, fps=clip_fps)
    check_request(request, PAINTER, least_px=16)
    assert (width, height) == (wanted.width_px, wanted.height_px)
    assert 1 in ((clip_fps / wanted.rate).denominator, (wanted.rate / clip_fps).denominator)
    span = ClipSpan(shot_id="s", start_frame=-7, end_frame=93, fps=wanted.fps)
    frames = clip_frames("s", span, clip_fps, PAINTER)
    assert 0 <= frames / clip_fps - 100 / wanted.rate < 1 / clip_fps


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"width_px": 161}, "161x96: both numbers must be multiples of 2 and at least 16"),
        ({"height_px": 14}, "160x14: both"),
        ({"width_px": 7682}, "7682x96: 7680x4320 is the largest"),
        ({"height_px": 4322}, "160x4322: 7680x4320 is the largest"),
        ({"fps": Fraction(61)}, "61 frames a second: choose 23.976 to 60"),
        ({"fps": Fraction(23)}, "23 frames a second: choose 23.976 to 60"),
        ({"frames": 0}, "0 frames: ask for 1 or more"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_limit(tmp_path, changes, told):
    request = replace(make_request(), **changes)
    with pytest.raises(BadInputError, match=f"procedural cannot make clips of {told}"):
        load_renderer("procedural").render(request, tmp_path / "a.mp4", progress=lambda *_: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fps": Fraction(25)}, "25 frames a second: choose 30$"),
        ({"frames": 6}, "6 frames: ask for 7 to 19, one more than a multiple of 6"),
        ({"frames": 18}, "18 frames: ask for 7 to 19"),
        ({"frames": 25}, "25 frames: ask for 7 to 19"),
    ],
)
def test_limits_of_other_renderers_are_told_likewise(changes, told):
    update = {"min_frames": 7, "max_frames": 19, "frames_step": 6}
    limits = FIXED.model_copy(update=update)
    check_request(make_request(frames=13), limits, least_px=16)
    with pytest.raises(BadInputError, match=f"fixed cannot make clips of {told}"):
        check_request(replace(make_request(frames=13), **changes), limits, least_px=16)
