"""The song moves the picture: at its time, by its band, and never past the picture's border."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.pictures import busy_picture, film_frame, flat_picture, picture_job

from recipe_schema.assembly import AudioReactive
from recipe_schema.vocabulary import MotionIntensity, ReactiveTarget
from tasks.assembly.compositor import Compositor
from tasks.assembly.frame_plan import FilmPlan
from tasks.assembly.geometry import View, affine, chroma_steps, luma_steps
from tasks.assembly.reactive import LEVEL_STEPS, follow_song, react
from tasks.assembly.treatment import Treatment

SECONDS = 3.0


def song_job(folder, *, bass=None, mids=None, highs=None, reactive=None, fps=Fraction(60)):
    size = round(SECONDS * 100)
    curves = {
        name: np.zeros(size, np.float32) if curve is None else np.asarray(curve, np.float32)
        for name, curve in (("bass", bass), ("mids", mids), ("highs", highs))
    }
    return picture_job(
        folder,
        [[busy_picture(1)]],
        duration_s=SECONDS,
        reactive=reactive or AudioReactive(),
        curves=curves,
        fps=fps,
    )


def hit(at_s):
    """A drum: nothing, then a level that dies away."""
    times = np.arange(round(SECONDS * 100)) / 100
    return np.where(times < at_s, 0.0, np.exp(-6 * (times - at_s)))


@pytest.mark.parametrize("fps", [Fraction(60), Fraction(24), Fraction(30000, 1001)])
def test_bass_zooms_when_the_drum_is_hit_and_lets_go(tmp_path, fps):
    job = song_job(tmp_path, bass=hit(1.0), fps=fps)
    plan = FilmPlan(job)
    zoom = [plan.at(n).output.zoom for n in range(job.timeline.frames)]
    at = round(float(fps))
    assert max(zoom[: at - 1]) == 1.0
    assert max(zoom[at : at + round(0.12 * float(fps)) + 1]) > 1.04
    assert zoom[-1] < 1.01


def test_silence_moves_nothing_but_the_brightness_that_waits_for_highs(tmp_path):
    job = song_job(tmp_path)
    plan = FilmPlan(job)
    for n in (0, 50, 179):
        output = plan.at(n).output
        assert (output.zoom, output.rotation, output.shift_x, output.hue) == (1.0, 0, 0, 0)
        assert 0.9 < output.gain <= 1.0


def test_levels_are_stepped_and_in_range(tmp_path):
    job = song_job(tmp_path, bass=hit(0.5), mids=hit(1.0), highs=hit(1.5))
    for level in follow_song(job).levels:
        assert 0.0 <= level.min() <= level.max() <= 1.0
        np.testing.assert_array_equal(level * LEVEL_STEPS, np.round(level * LEVEL_STEPS))


def test_a_beat_pulse_is_full_on_its_frame_and_falls_to_the_next(tmp_path):
    job = replace(song_job(tmp_path), beats=(0.5, 1.0, 1.5, 2.0), downbeats=(0.5,))
    beat = follow_song(job).beat
    assert not beat[:29].any()
    for n in (30, 60, 90, 120):
        assert beat[n] == 1.0
        assert np.all(np.diff(beat[n : n + 30]) <= 0)
        assert beat[n + 28] < 0.05


def test_a_song_without_beats_or_curves_still_makes_a_film(tmp_path):
    job = replace(song_job(tmp_path), beats=(), downbeats=(), curves={})
    with closing(Compositor(job)) as compositor:
        assert film_frame(compositor, job, 20)[0].std() > 5


@pytest.mark.parametrize("target", [t for t in ReactiveTarget if t is not ReactiveTarget.NONE])
def test_every_target_can_be_driven_by_every_band(target):
    for band in range(3):
        names = ("bass_drives", "mids_drive", "highs_drive")
        told = AudioReactive(**{n: target if k == band else "none" for k, n in enumerate(names)})
        levels = tuple(0.9 if k == band else 0.0 for k in range(3))
        treatment = Treatment()
        react(treatment, levels, told, intensity=MotionIntensity.HIGH, time_s=1.1)
        assert treatment != Treatment()


@given(levels=st.tuples(*[st.floats(0, 1)] * 3), time_s=st.floats(0, 600))
def test_strength_zero_leaves_the_picture_alone(levels, time_s):
    treatment = Treatment()
    told = AudioReactive(strength=0.0)
    react(treatment, levels, told, intensity=MotionIntensity.EXTREME, time_s=time_s)
    assert treatment == Treatment()


def test_more_intense_motion_moves_further():
    zooms = []
    for intensity in MotionIntensity:
        treatment = Treatment()
        react(treatment, (1.0, 0, 0), AudioReactive(), intensity=intensity, time_s=0.0)
        zooms.append(treatment.zoom)
    assert zooms == sorted(set(zooms))


VIEWS = st.builds(
    View,
    zoom=st.floats(1.0, 3.0),
    rotation=st.floats(-0.3, 0.3),
    shift_x=st.floats(-150, 150),
    shift_y=st.floats(-150, 150),
)


@given(
    view=VIEWS,
    film=st.sampled_from([(1920, 1080), (1080, 1920), (1000, 1000), (640, 360)]),
    source=st.sampled_from([(848, 480), (270, 480), (64, 64), (1280, 720), (852, 480)]),
    doubled=st.booleans(),
)
def test_no_view_ever_leaves_the_source(view, film, source, doubled):
    at = affine(view, film=film, source=source)
    scale = 2 if doubled else 1
    a = luma_steps(at, doubled=doubled).astype(np.int64)
    for x in (0, film[0] - 1):
        for y in (0, film[1] - 1):
            sx, sy = a[0] * x + a[1] * y + a[2], a[3] * x + a[4] * y + a[5]
            assert 0 <= sx < (source[0] * scale - 1) << 16
            assert 0 <= sy < (source[1] * scale - 1) << 16
    c = chroma_steps(at).astype(np.int64)
    for x in (0, film[0] // 2 - 1):
        for y in (0, film[1] // 2 - 1):
            assert -(1 << 16) < c[0] * x + c[1] * y + c[2] < source[0] << 16
            assert -(1 << 16) < c[3] * x + c[4] * y + c[5] < source[1] << 16


def test_the_plain_view_maps_corners_to_corners():
    at = affine(View(1.0, 0.0, 0.0, 0.0), film=(1920, 1080), source=(960, 540))
    left, right = at[2], at[0] * 1919 + at[2]
    assert left == pytest.approx(-0.25, abs=1.0)
    assert right == pytest.approx(959.25, abs=1.0)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    targets=st.tuples(*[st.sampled_from(ReactiveTarget)] * 3),
    frame=st.integers(0, 89),
)
def test_no_border_shows_in_any_film(tmp_path_factory, seed, targets, frame):
    """A white clip: any border or unset pixel would be darker."""
    folder = tmp_path_factory.getbasetemp() / "white"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    job = picture_job(
        folder,
        [[flat_picture(235)]],
        duration_s=SECONDS,
        shots=({"effects": ["screen-shake", "chromatic-aberration-extreme"]},),
        reactive=AudioReactive(
            bass_drives=targets[0], mids_drive=targets[1], highs_drive=targets[2], strength=2.0
        ),
        curves={n: rng.random(300, np.float32) for n in ("bass", "mids", "highs")},
    )
    with closing(Compositor(job)) as compositor:
        y, _, _ = film_frame(compositor, job, frame)
    # Brightness may dim all of it; nothing may be darker than the rest.
    assert int(y.max()) - int(y.min()) <= 3
    assert y.min() > 180
