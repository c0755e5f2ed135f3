"""Every transition's picture: the old shot at 0, the new one at 1, changed in between."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from recipe_schema.vocabulary import Transition
from tasks.assembly.transitions import TRANSITIONS, load_painter, progress_at
from tasks.assembly.transitions.canvas import TransitionPlan, make_canvas

PAINTED = [kind for kind in Transition if TRANSITIONS[kind].painter]
BRIGHT = [kind for kind in Transition if TRANSITIONS[kind].bright]
SHAPE = (3, 36, 64)
RNG = np.random.default_rng(5)
BEFORE = RNG.random(SHAPE, np.float32) * np.float32(0.9)
AFTER = RNG.random(SHAPE, np.float32) * np.float32(0.9)
SIXTEENTHS = 8.0


def paint(kind, progress, *, before=BEFORE, after=AFTER, seed=3, bright=True, sixteenths=None):
    """A copy of the painted picture; the scratch is full of rubbish beforehand."""
    canvas = make_canvas(before.shape[1], before.shape[2])
    for plane in canvas:
        plane[:] = np.nan
    told = (progress - 0.5) * SIXTEENTHS if sixteenths is None else sixteenths
    plan = TransitionPlan(kind, progress, told, seed, bright)
    return load_painter(kind)(before, after, canvas, plan).copy()


@pytest.mark.parametrize("kind", PAINTED)
def test_it_starts_as_the_old_picture_and_ends_as_the_new_one(kind):
    np.testing.assert_allclose(paint(kind, 0.0, sixteenths=-4.5), BEFORE, atol=2e-3)
    np.testing.assert_allclose(paint(kind, 1.0), AFTER, atol=2e-3)


@pytest.mark.parametrize("kind", PAINTED)
def test_it_does_something_on_the_way(kind):
    assert abs(paint(kind, 0.3) - BEFORE).mean() > 0.005


@pytest.mark.parametrize("kind", PAINTED)
@settings(max_examples=12, deadline=None)
@given(progress=st.floats(0.0, 1.0), seed=st.integers(0, 2**31 - 1), bright=st.booleans())
def test_every_picture_is_whole_and_in_range(kind, progress, seed, bright):
    picture = paint(kind, progress, seed=seed, bright=bright)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0.0
    assert picture.max() <= 1.0 + 1e-5


@pytest.mark.parametrize("kind", PAINTED)
def test_sources_are_not_written_to(kind):
    before, after = BEFORE.copy(), AFTER.copy()
    for progress in (0.1, 0.6):
        paint(kind, progress, before=before, after=after)
    np.testing.assert_array_equal(before, BEFORE)
    np.testing.assert_array_equal(after, AFTER)


@pytest.mark.parametrize("kind", PAINTED)
def test_flat_pictures_of_one_grey_stay_that_grey_but_for_light(kind):
    """No seam, border or black corner: two equal flat pictures give it again, dimmed or lit."""
    grey = np.full(SHAPE, 0.4, np.float32)
    for progress in (0.1, 0.3, 0.48, 0.52, 0.7, 0.9):
        picture = paint(kind, progress, before=grey, after=grey, bright=False)
        if kind in (Transition.GLITCH, Transition.GLITCH_EXPLOSION):
            assert picture.min() > 0.39  # torn blocks may be over-driven, never dark
        else:
            assert np.ptp(picture) < 2e-3


def test_fade_is_black_on_the_cut_and_even_on_both_sides():
    assert paint(Transition.FADE, 0.5).max() < 1e-6
    left, right = paint(Transition.FADE, 0.25), paint(Transition.FADE, 0.75)
    np.testing.assert_allclose(left / BEFORE, right / AFTER, atol=1e-4)


def test_dissolve_mixes_by_light_and_halves_on_the_cut():
    wanted = np.sqrt((BEFORE**2 + AFTER**2) / 2)
    np.testing.assert_allclose(paint(Transition.DISSOLVE, 0.5), wanted, atol=1e-5)


def test_slow_dissolve_brings_light_before_shadow():
    after = np.zeros(SHAPE, np.float32)
    after[:, :, 32:] = 0.9
    before = np.full(SHAPE, 0.5, np.float32)
    picture = paint(Transition.SLOW_DISSOLVE, 0.35, before=before, after=after)
    arrived_light = (picture[:, :, 32:] ** 2 - 0.25).mean() / (0.81 - 0.25)
    arrived_dark = (0.25 - picture[:, :, :32] ** 2).mean() / 0.25
    assert arrived_light > arrived_dark + 0.2


@pytest.mark.parametrize(
    ("sixteenths", "shows_new"),
    [(-5.0, False), (-3.5, True), (-2.5, False), (-1.5, True), (-0.5, False), (0.0, True)],
)
def test_quick_cuts_stutter_on_sixteenths_and_stand_from_the_cut(sixteenths, shows_new):
    progress = 0.5 if sixteenths >= 0 else 0.3
    picture = paint(Transition.QUICK_CUTS, progress, sixteenths=sixteenths)
    nearer_new = abs(picture - AFTER).mean() < abs(picture - BEFORE).mean()
    if sixteenths == -3.5:  # punched in: compare by colour, not by pixel
        flat_old, flat_new = np.full(SHAPE, 0.2, np.float32), np.full(SHAPE, 0.7, np.float32)
        picture = paint(
            Transition.QUICK_CUTS, 0.3, sixteenths=sixteenths, before=flat_old, after=flat_new
        )
        nearer_new = abs(picture.mean() - 0.7) < 0.01
    assert nearer_new == shows_new


@pytest.mark.parametrize("kind", BRIGHT)
def test_a_burst_flashes_only_where_it_may(kind):
    lit, unlit = paint(kind, 0.51), paint(kind, 0.51, bright=False)
    assert lit.mean() > AFTER.mean() + 0.2
    assert abs((unlit**2).mean() - (AFTER**2).mean()) < 0.03, "light is moved, not made"


@pytest.mark.parametrize("kind", [Transition.GLITCH, Transition.GLITCH_DISSOLVE])
def test_another_seed_tears_otherwise(kind):
    assert abs(paint(kind, 0.45, seed=1) - paint(kind, 0.45, seed=2)).mean() > 0.01
    np.testing.assert_array_equal(paint(kind, 0.45, seed=1), paint(kind, 0.45, seed=1))


@pytest.mark.parametrize("kind", [Transition.GLITCH, Transition.GLITCH_EXPLOSION])
@pytest.mark.parametrize("progress", [0.45, 0.499, 0.501, 0.55])
def test_torn_picture_shows_mostly_the_one_that_its_side_of_the_cut_belongs_to(kind, progress):
    black, grey = np.zeros((3, 72, 128), np.float32), np.full((3, 72, 128), 0.5, np.float32)
    shares = [
        float((paint(kind, progress, before=black, after=grey, seed=seed, bright=False) > 0).mean())
        for seed in range(0, 40_000, 1_000)
    ]
    assert min(shares) > 0.5 if progress >= 0.5 else max(shares) < 0.5, shares


@given(
    lead=st.integers(0, 90),
    trail=st.integers(0, 90),
    step=st.integers(1, 4),
)
def test_progress_rises_and_passes_the_middle_at_the_cut(lead, trail, step):
    frames = range(100 - lead, 100 + trail)
    progress = [
        progress_at(n, cut_frame=100, lead_frames=lead, trail_frames=trail, step=step)
        for n in frames
    ]
    assert all(0.0 <= p <= 1.0 for p in progress)
    assert all(b >= a for a, b in pairwise(progress))
    if step == 1:
        assert all((p < 0.5) == (n < 100) for n, p in zip(frames, progress, strict=True))


@pytest.mark.parametrize("kind", PAINTED)
def test_a_picture_that_is_said_not_to_be_needed_is_not_looked_at(kind):
    spec, rubbish = TRANSITIONS[kind], np.full(SHAPE, np.nan, np.float32)
    for progress in (0.05, 0.49, 0.5, 0.95):
        old, new = spec.needs(progress)
        assert old or progress >= 0.5
        assert new or progress < 0.5
        picture = paint(
            kind, progress, before=BEFORE if old else rubbish, after=AFTER if new else rubbish
        )
        assert np.isfinite(picture).all()


def test_all_transitions_have_a_length_and_only_hard_cut_none():
    for kind, spec in TRANSITIONS.items():
        assert (spec.lead_s + spec.trail_s > 0) == (kind is not Transition.HARD_CUT)
    assert set(TRANSITIONS) == set(Transition)
