"""Whatever moves the picture, no border shows, and none is smeared."""

import math
from contextlib import closing
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.pictures import film_frame, flat_picture, picture_job

from recipe_schema.assembly import AudioReactive, ReactiveRoute, TimelineEvent
from recipe_schema.vocabulary import ReactiveSource, ReactiveTarget
from tasks.assembly.compositor import Compositor
from tasks.assembly.geometry import View, affine, chroma_steps, luma_steps

SECONDS = 3.0
TARGETS = [target for target in ReactiveTarget if target != "bloom"]

# Beyond what all routes at full depth and every effect make of a view together.
VIEWS = st.builds(
    View,
    zoom=st.floats(0.2, 9.0),
    rotation=st.floats(-math.pi, math.pi),
    shift_x=st.floats(-800, 800),
    shift_y=st.floats(-800, 800),
    reach=st.floats(0, 1000),
)
# A sixteenth of a pixel: what rounding the steps adds up to over a 4K row of a tiny clip.
HAIR = 1 << 12
FILMS = [(1920, 1080), (1080, 1920), (1000, 1000), (640, 360), (3840, 2160), (64, 720), (720, 64)]
CLIPS = [(848, 480), (270, 480), (64, 64), (1280, 720), (852, 480), (1920, 1080), (1080, 1920)]


@given(
    view=VIEWS,
    film=st.sampled_from(FILMS),
    source=st.sampled_from(CLIPS),
    doubled=st.booleans(),
)
def test_no_view_ever_leaves_the_source(view, film, source, doubled):
    """Nor is it ever held at the border, which would smear: every sample lies between pixels."""
    at = affine(view, film=film, source=source)
    scale = 2 if doubled else 1
    a = luma_steps(at, doubled=doubled).astype(np.int64)
    for x in (0, film[0] - 1):
        for y in (0, film[1] - 1):
            sx, sy = a[0] * x + a[1] * y + a[2], a[3] * x + a[4] * y + a[5]
            assert -HAIR <= sx <= ((source[0] * scale - 1) << 16) + HAIR
            assert -HAIR <= sy <= ((source[1] * scale - 1) << 16) + HAIR
    c = chroma_steps(at).astype(np.int64)
    for x in (0, film[0] // 2 - 1):
        for y in (0, film[1] // 2 - 1):
            sx, sy = c[0] * x + c[1] * y + c[2], c[3] * x + c[4] * y + c[5]
            assert -HAIR <= sx <= ((source[0] - 1) << 16) + HAIR
            assert -HAIR <= sy <= ((source[1] - 1) << 16) + HAIR


def test_a_trembling_picture_is_magnified_for_its_reach_and_does_not_breathe():
    film, source = (1920, 1080), (848, 480)
    steps = {
        affine(View(1.0, 0.0, x, y, reach=20.0), film=film, source=source)[0]
        for x, y in ((0.0, 0.0), (20.0, -20.0), (-7.5, 3.0))
    }
    assert len(steps) == 1
    assert steps.pop() < affine(View(1.0, 0.0, 0.0, 0.0), film=film, source=source)[0]


def test_the_plain_view_maps_corners_to_corners():
    at = affine(View(1.0, 0.0, 0.0, 0.0), film=(1920, 1080), source=(960, 540))
    left, right = at[2], at[0] * 1919 + at[2]
    assert left == pytest.approx(-0.25, abs=1.0)
    assert right == pytest.approx(959.25, abs=1.0)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    routes=st.lists(
        st.builds(
            ReactiveRoute,
            source=st.sampled_from(ReactiveSource),
            drives=st.sampled_from(TARGETS),
            depth=st.sampled_from([-2.0, 2.0]),
        ),
        max_size=16,
    ),
    size=st.sampled_from([(128, 72), (72, 128), (96, 96), (160, 66)]),
    frame=st.integers(0, 89),
)
def test_no_border_shows_in_any_film(tmp_path_factory, seed, routes, size, frame):
    """A bright clip with a dark rim of one pixel: any of it in the film was held at the border."""
    folder = tmp_path_factory.getbasetemp() / "rim"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    picture = flat_picture(235)
    picture[0][[0, -1]] = 16
    picture[0][:, [0, -1]] = 16
    names = [source.value for source in ReactiveSource if "beat" not in source.value]
    job = picture_job(
        folder,
        [[picture]],
        duration_s=SECONDS,
        shots=({"effects": ["screen-shake", "color-shift"]},),
        reactive=AudioReactive(strength=2.0, routes=tuple(routes)),
        curves={name: rng.random(300, np.float32) for name in names},
        size=size,
        fps=Fraction(30),
        events=tuple(
            TimelineEvent(time=at, event="x", effects=("screen-shake",), strength=2.0)
            for at in (0.0, 0.1, 0.2)
        ),
    )
    with closing(Compositor(job)) as compositor:
        y, _, _ = (plane.astype(int) for plane in film_frame(compositor, job, frame))
    inner = y[4:-4, 4:-4]
    assert inner.min() > 180, "brightness dims all of it, and only so far"
    assert np.ptp(inner) <= 3
    # The rim is one of 36 rows: two or three of the film's may see a part of it, none all of it.
    assert y.min() > 60
    for row in (y[0], y[-1], y[:, 0], y[:, -1]):
        assert row.mean() > 90
