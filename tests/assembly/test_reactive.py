"""The song moves the picture: at its time, by its band, and never past the picture's border."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.films import click_track, coded_segments, make_job, make_recipe, write_song
from support.pictures import STILL, busy_picture, film_frame, picture_job

from recipe_schema.assembly import AssemblyInstructions, AudioReactive, ReactiveRoute
from recipe_schema.vocabulary import MotionIntensity, ReactiveSource, ReactiveTarget
from tasks.assembly import assemble
from tasks.assembly.compositor import Compositor
from tasks.assembly.frame_plan import FilmPlan, OutputPlan
from tasks.assembly.reactive import (
    LEVEL_STEPS,
    SCALE,
    BadCurveError,
    follow_song,
    missing_sources,
    react,
)
from tasks.assembly.timeline import lay_timeline
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
    levels = [drive.level for drive in follow_song(job).drives]
    assert len(levels) == 3
    for level in levels:
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


TARGETS = [target for target in ReactiveTarget if target is not ReactiveTarget.NONE]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_curve_that_holds_no_numbers_is_named(tmp_path, value):
    curve = np.full(100, 0.5, np.float32)
    curve[40] = value
    job = routed_job(
        tmp_path, ReactiveRoute(source="energy", drives="scale"), curves={"energy": curve}
    )
    with pytest.raises(BadCurveError, match="'energy' follows"):
        follow_song(job)


def test_beats_that_lie_on_one_another_still_make_a_film(tmp_path):
    job = routed_job(tmp_path, beats=(0.0, 0.2, 0.2001, 0.2002, 0.6))
    shots = tuple(
        shot.model_copy(update={"effects": ("color-shift", "bloom-pulse", "flash")})
        for shot in job.recipe.shot_list
    )
    recipe = job.recipe.model_copy(update={"shot_list": shots})
    timeline = lay_timeline(recipe, fps=job.timeline.fps, frames=job.timeline.frames)
    plan = FilmPlan(replace(job, recipe=recipe, timeline=timeline))
    assert all(np.isfinite(plan.at(n).output).all() for n in range(timeline.frames))


def routed_job(folder, *routes, told=STILL, curves=None, beats=None, fps=Fraction(60)):
    """A job whose only routes are these; every source has its curve where none are given."""
    rng = np.random.default_rng(4)
    names = [source.value for source in ReactiveSource if "beat" not in source.value]
    every = {name: rng.random(round(SECONDS * 100), np.float32) for name in names}
    job = picture_job(
        folder,
        [[busy_picture(1)]],
        duration_s=SECONDS,
        reactive=told.model_copy(update={"routes": routes}),
        curves=every if curves is None else curves,
        fps=fps,
    )
    return job if beats is None else replace(job, beats=beats, downbeats=beats[::4])


def outputs(job):
    """What is done to every frame, light that spreads included."""
    plan = FilmPlan(job)
    frames = [plan.at(n) for n in range(job.timeline.frames)]
    return [frame.output for frame in frames], [frame.before.look.bloom for frame in frames]


@pytest.mark.parametrize("target", TARGETS)
def test_every_source_can_drive_every_target_and_nothing_else(tmp_path, target):
    wanted = {
        ReactiveTarget.SCALE: {"zoom"},
        ReactiveTarget.ROTATION: {"rotation"},
        ReactiveTarget.BRIGHTNESS: {"gain"},
        ReactiveTarget.BLOOM: {"bloom"},
        ReactiveTarget.SHAKE: {"shift_x", "shift_y", "reach"},
        ReactiveTarget.HUE: {"hue"},
    }[target]
    for source in ReactiveSource:
        job = routed_job(tmp_path, ReactiveRoute(source=source, drives=target))
        assert missing_sources(job) == ()
        plan = FilmPlan(job)
        frames = [plan.at(n) for n in range(30, 90, 5)]
        moved = {
            name
            for name in OutputPlan._fields
            if len({getattr(frame.output, name) for frame in frames}) > 1
        }
        if len({frame.before.look.bloom for frame in frames}) > 1:
            moved.add("bloom")
        assert moved == wanted, source


def test_the_three_bands_of_a_recipe_are_routes_like_others(tmp_path):
    told = AudioReactive(bass_drives="scale", mids_drive="none", highs_drive="none")
    route = ReactiveRoute(source="bass", drives="scale")
    assert outputs(routed_job(tmp_path, told=told)) == outputs(routed_job(tmp_path, route))


def test_twice_the_depth_moves_twice_as_far_and_routes_add_up(tmp_path):
    route = ReactiveRoute(source="beat", drives="scale")
    once, twice, both = (
        [output.zoom - 1.0 for output in outputs(routed_job(tmp_path, *routes))[0]]
        for routes in ([route], [route.model_copy(update={"depth": 2.0})], [route, route])
    )
    assert max(once) == pytest.approx(SCALE)
    np.testing.assert_allclose(twice, 2 * np.array(once), atol=2e-5)
    assert both == twice


@pytest.mark.parametrize("target", TARGETS)
def test_negative_depth_goes_the_other_way(tmp_path, target):
    def moved(depth):
        job = routed_job(tmp_path, ReactiveRoute(source="energy", drives=target, depth=depth))
        shown, blooms = outputs(job)
        return {
            ReactiveTarget.SCALE: [output.zoom for output in shown],
            ReactiveTarget.ROTATION: [output.rotation for output in shown],
            ReactiveTarget.BRIGHTNESS: [output.gain for output in shown],
            ReactiveTarget.BLOOM: blooms[::2],
            ReactiveTarget.SHAKE: [output.reach for output in shown],
            ReactiveTarget.HUE: [output.hue for output in shown],
        }[target]

    with_it, against_it = moved(1.0), moved(-1.0)
    assert np.ptp(with_it) > 0
    assert np.corrcoef(with_it, against_it)[0, 1] == pytest.approx(-1.0, abs=0.01)


def test_smoothing_of_a_route_is_in_milliseconds(tmp_path):
    """After its time constant, a follower has gone 63 % of the way (50 % at this coarse step)."""
    step = {"bass": np.repeat(np.float32([0.0, 1.0]), 150)}
    zooms = {}
    for rise_ms in (0.0, 200.0, 1000.0):
        route = ReactiveRoute(source="energy", drives="scale", rise_ms=rise_ms)
        job = routed_job(tmp_path, route, curves={"energy": step["bass"]})
        zooms[rise_ms] = [(output.zoom - 1.0) / SCALE for output in outputs(job)[0]]
    assert zooms[0.0][90] == pytest.approx(1.0)
    assert zooms[200.0][90 + 12] == pytest.approx(0.63, abs=0.06)
    assert zooms[1000.0][90 + 60] == pytest.approx(0.63, abs=0.06)


def test_a_beat_may_be_let_go_slowly(tmp_path):
    def falls(fall_ms):
        route = ReactiveRoute(source="beat", drives="scale", fall_ms=fall_ms)
        return [output.zoom for output in outputs(routed_job(tmp_path, route, beats=(0.5, 1.0)))[0]]

    assert falls(400.0)[30] == falls(0.0)[30] == 1.0 + SCALE
    assert falls(400.0)[45] > falls(0.0)[45] + 0.01


def test_a_stem_that_is_not_there_is_told_and_stood_in_for(tmp_path):
    routes = [
        ReactiveRoute(source=source, drives="scale")
        for source in ("stem-drums", "stem-drums", "stem-vocals", "onsets", "beat", "bass")
    ]
    curves = {"bass": hit(0.5).astype(np.float32), "mids": hit(1.0).astype(np.float32)}
    job = routed_job(tmp_path, *routes, curves=curves, beats=())
    told = missing_sources(job)
    assert len(told) == 4
    assert all("audio_reactive" in line for line in told)
    assert "'stem-drums'" in told[0]
    assert "'bass' stands in" in told[0]
    assert "'mids' stands in" in told[1]
    assert "'onsets' moves nothing" in told[2]
    assert "'beat' moves nothing" in told[3]
    assert max(output.zoom for output in outputs(job)[0]) > 1.05


def test_a_stem_that_is_there_moves_the_picture_itself(tmp_path):
    route = ReactiveRoute(source="stem-vocals", drives="scale")
    sung, band = np.zeros(300, np.float32), hit(1.0).astype(np.float32)
    sung[200:] = 1.0
    job = routed_job(tmp_path, route, curves={"stem-vocals": sung, "mids": band})
    assert missing_sources(job) == ()
    zooms = [output.zoom for output in outputs(job)[0]]
    assert max(zooms[:110]) == 1.0
    assert max(zooms[120:]) > 1.05
    silent = routed_job(
        tmp_path, route, curves={"stem-vocals": np.zeros(300, np.float32), "mids": band}
    )
    assert "that stem is silent" in missing_sources(silent)[0]
    assert {output.zoom for output in outputs(silent)[0]} == {1.0}


def test_what_stands_in_is_told_with_the_finished_film(tmp_path):
    told = STILL.model_copy(
        update={"routes": (ReactiveRoute(source="stem-vocals", drives="scale"),)}
    )
    recipe = make_recipe(
        [0.0], duration_s=1.0, instructions=AssemblyInstructions(audio_reactive=told)
    )
    clicks = click_track((0.5,), duration_s=1.0, rate_hz=44_100)
    (tmp_path / "work").mkdir()
    result = assemble(
        make_job(None, recipe),
        song=write_song(tmp_path / "a.wav", clicks),
        segments=coded_segments(tmp_path, ((0, 30),)),
        out=tmp_path / "film.mp4",
        excerpt=None,
        work=tmp_path / "work",
        duration_s=1.0,
    )
    assert any("'mids' stands in" in warning for warning in result.warnings)


@settings(deadline=None)
@given(time_s=st.floats(0, 600), frame=st.integers(0, 179))
def test_strength_zero_leaves_the_picture_alone(tmp_path_factory, time_s, frame):
    folder = tmp_path_factory.getbasetemp() / "still"
    folder.mkdir(exist_ok=True)
    routes = [ReactiveRoute(source="bass", drives=target, depth=-2.0) for target in TARGETS]
    job = routed_job(folder, *routes, told=AudioReactive(strength=0.0))
    assert missing_sources(job) == ()
    treatment = Treatment()
    react(treatment, follow_song(job), frame, strength=0.0, time_s=time_s)
    assert treatment == Treatment()
    plan = FilmPlan(job).at(frame)
    assert plan.output == OutputPlan(1.0, *(0.0,) * 4, 1.0, *(0.0,) * 6)
    assert plan.before.look.bloom == 0.0


def test_more_intense_motion_moves_further(tmp_path):
    job = song_job(tmp_path, bass=hit(0.5))
    zooms = []
    for intensity in MotionIntensity:
        style = job.recipe.visual_style.model_copy(update={"motion_intensity": intensity})
        moved = replace(job, recipe=job.recipe.model_copy(update={"visual_style": style}))
        zooms.append(FilmPlan(moved).at(33).output.zoom)
    assert zooms == sorted(set(zooms))
