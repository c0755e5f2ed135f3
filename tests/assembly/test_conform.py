"""Clips come to the film's rate and shape by exact arithmetic, or say why they cannot."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given
from support.pictures import busy_picture, film_frame, flat_picture, picture_job, write_clip

from recipe_schema.artifacts import ClipTraits
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Fit, Focus, Quality, Retime
from tasks.assembly.compositor import Compositor, shaping_inputs
from tasks.assembly.conform import ClipSource, ConformPlan, flat, plan_conform
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


def open_source(clip, *, span, fps=Fraction(60), film=(128, 72), plan=None):
    return ClipSource(clip, span=span, film_fps=fps, film=film, plan=plan)


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


def test_a_clip_of_which_next_to_nothing_is_shown_is_refused(tmp_path):
    path = write_clip(tmp_path / "n.mp4", [flat_picture(40, size=(64, 8))] * 4)
    clip = ClipFile(path, "0" * 64, 0)
    with pytest.raises(BadClipError, match=r"64x8 pixels the film shows 2x8, at least 4"):
        open_source(clip, span=4, film=(64, 640))


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


TRAITS = ClipTraits(
    lightness=0.5,
    contrast=0.1,
    black=0.1,
    white=0.9,
    chroma_a=0.0,
    chroma_b=0.0,
    colourfulness=0.1,
    levels=(0.5,),
    focus_x=0.81234,
    focus_y=0.3,
)


@pytest.mark.parametrize(
    ("film", "plan"),
    [
        ({}, ConformPlan(Retime.AUTO, Fit.COVER, (0.812, 0.3))),
        ({"quality": Quality.DRAFT, "focus": Focus.CENTRE}, ConformPlan()),
        ({"quality": Quality.MASTER}, ConformPlan(Retime.MOTION, Fit.COVER, (0.812, 0.3))),
        (
            {"quality": Quality.MASTER, "retime": Retime.REPEAT, "fit": Fit.CONTAIN},
            ConformPlan(Retime.REPEAT, Fit.CONTAIN),
        ),
    ],
)
def test_the_format_and_the_clip_say_how_it_is_conformed(numbered, film, plan):
    assert plan_conform(FilmFormat(**film), replace(numbered, traits=TRAITS)) == plan


def test_without_traits_a_crop_keeps_the_middle(numbered):
    assert plan_conform(FilmFormat(), numbered) == ConformPlan()


@pytest.mark.parametrize("retime", [Retime.BLEND, Retime.MOTION])
def test_pictures_in_between_lie_between(numbered, retime):
    source = open_source(numbered, span=40, plan=ConformPlan(retime))
    levels = [float(source.frame(*source.at(n)).y[:60].mean()) for n in range(38)]
    np.testing.assert_allclose(levels, 40 + 4 * np.arange(38), atol=1.2)
    source.close()


def test_a_slowed_clip_moves_on_every_frame(numbered):
    source = open_source(numbered, span=24, fps=Fraction(30))
    levels = [float(source.frame(*source.at(n)).y[:60].mean()) for n in range(23)]
    np.testing.assert_allclose(np.diff(levels), 8 * 20 / 24, atol=1.2)
    source.close()


def test_pictures_in_between_are_the_same_in_any_order(tmp_path):
    pictures = [busy_picture(k, size=(128, 96)) for k in range(6)]
    clip = ClipFile(write_clip(tmp_path / "c.mp4", pictures, fps=Fraction(24)), "0" * 64, 0)

    def made(order):
        source = open_source(clip, span=15, film=(128, 96), plan=ConformPlan(Retime.MOTION))
        found = {n: b"".join(p.tobytes() for p in source.frame(*source.at(n))[:1]) for n in order}
        source.close()
        return found

    assert made(range(15)) == made((14, 3, 4, 2, 0, 1, 7, 6, 5, 13, 12, 8, 9, 11, 10))


def test_conforming_is_a_part_of_the_key_and_only_that_part(tmp_path):
    job = picture_job(tmp_path, [[flat_picture(60)]], fps=Fraction(60))

    def key(**film):
        changed = replace(job, film=job.film.model_copy(update=film))
        return shaping_inputs(changed, 0, 30)["frames"]

    assert len({key(), key(retime=Retime.BLEND), key(retime=Retime.MOTION)}) == 3
    assert key(quality=Quality.DRAFT) == key()
    assert key(quality=Quality.MASTER) == key(retime=Retime.MOTION)
    assert key(fit=Fit.CONTAIN) != key()
    assert key(focus=Focus.CENTRE) == key()


def test_a_film_with_motion_shows_a_new_picture_on_every_frame(tmp_path):
    pictures = [flat_picture(40 + 5 * k) for k in range(32)]
    job = picture_job(tmp_path, [pictures], fps=Fraction(60))
    job = replace(job, film=job.film.model_copy(update={"retime": Retime.MOTION}))
    with closing(Compositor(job)) as compositor:
        levels = [float(film_frame(compositor, job, n)[0].mean()) for n in range(20, 40)]
    assert min(np.diff(levels)) > 0.5


def test_a_tall_film_shows_a_wide_clip_whole_without_a_hard_border(tmp_path):
    job = picture_job(tmp_path, [[busy_picture(1)]], size=(72, 128))
    job = replace(job, film=job.film.model_copy(update={"fit": Fit.CONTAIN}))
    with closing(Compositor(job)) as compositor:
        y = film_frame(compositor, job, 5)[0].astype(int)
    assert y.shape == (128, 72)
    assert y[:38].min() > 18
    assert y[:38].mean() < y[48:80].mean() - 20
