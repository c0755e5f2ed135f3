"""A calm film has no flash over the limit, whatever its recipe asks for."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.pictures import busy_picture, film_frame, flat_picture, picture_job

from recipe_schema.assembly import AudioReactive, ReactiveRoute, TimelineEvent
from recipe_schema.calm import HARSH_TRANSITIONS
from recipe_schema.vocabulary import Effect, Transition
from tasks.assembly.calm import shown_transition
from tasks.assembly.compositor import Compositor, shaping_inputs
from tasks.assembly.flashing import flash_notes
from tasks.assembly.flicker import held_light
from tasks.assembly.frame_plan import FilmPlan
from tasks.assembly.timeline import lay_timeline
from tasks.media.flash_meter import count_flashes, find_flashing
from tasks.media.light_grid import LightMeter

RATE, SECONDS = 30, 4.0
FRAMES = round(RATE * SECONDS)
STARTS_S = (0.0, 1.0, 2.0, 3.0)
ALL = tuple(effect.value for effect in Effect)
TORN = ("explosion", "glitch-explosion", "quick-cuts", "zoom-blur")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Bright pictures with every effect, flashes on every beat and the song on everything."""
    routes = [
        ReactiveRoute(source="beat", drives=target, depth=2.0)
        for target in ("brightness", "bloom", "shake", "scale")
    ]
    events = [
        TimelineEvent(time=k / 5, event="hit", effects=("flash", "bloom-pulse"), strength=1.5)
        for k in range(20)
    ]
    job = picture_job(
        tmp_path_factory.mktemp("clips"),
        [[busy_picture(3)], [flat_picture(60)], [busy_picture(5)], [flat_picture(150)]],
        starts_s=STARTS_S,
        duration_s=SECONDS,
        shots=[{"effects": ALL, "transition_in": kind} for kind in TORN],
        events=events,
        reactive=AudioReactive(routes=tuple(routes), strength=2.0),
        fps=Fraction(RATE),
    )
    beats = tuple(np.arange(0.0, SECONDS, 0.2).tolist())
    return replace(job, beats=beats, downbeats=beats[::2])


def calmed(job):
    style = job.recipe.visual_style.model_copy(update={"calm": True})
    return replace(job, recipe=job.recipe.model_copy(update={"visual_style": style}))


@pytest.fixture(scope="module")
def seen(hostile):
    """Light of the film as it is, and calm."""
    curves = []
    for job in (hostile, calmed(hostile)):
        meter = LightMeter()
        with closing(Compositor(job)) as compositor:
            for n in range(job.timeline.frames):
                meter.add(film_frame(compositor, job, n))
        curves.append(meter.curve)
    return curves


def test_calm_film_has_no_flash_over_the_limit(seen):
    wild, calm = seen
    assert find_flashing(calm, fps=RATE) == ()
    assert count_flashes(calm, fps=RATE).max() <= 2
    assert count_flashes(wild, fps=RATE).max() >= 3


def test_calm_film_swings_gently(seen):
    """Between cuts, where all that moves light is what assembly does."""
    wild, calm = (curve[:, 0].mean(axis=(1, 2)) / 255 for curve in seen)
    body = [n for n in range(1, len(calm)) if all(abs(n / RATE - s) > 0.75 for s in STARTS_S[1:])]
    steps = [np.abs(np.diff(light))[[n - 1 for n in body]].max() for light in (wild, calm)]
    assert steps[1] < 0.03
    assert steps[0] > 4 * steps[1]


def test_wild_film_tells_what_it_cannot_hold(hostile, seen):
    wild, _ = seen
    assert not find_flashing(wild, fps=RATE) or any("flash" in note for note in held_light(hostile))


@pytest.mark.parametrize("kind", sorted(HARSH_TRANSITIONS - {Transition.QUICK_CUTS}))
def test_every_harsh_transition_melts_in_a_calm_film_alone(hostile, kind):
    assert shown_transition(calmed(hostile).recipe, kind) is Transition.DISSOLVE
    assert shown_transition(hostile.recipe, kind) is kind


def test_rushing_transitions_and_glimpses_are_replaced(hostile):
    plan = FilmPlan(calmed(hostile))
    kinds = {
        plan.at(n).transition.kind: plan.at(n).transition.bright
        for n in range(hostile.timeline.frames)
        if plan.at(n).transition
    }
    assert set(kinds) == {Transition.QUICK_CUTS, Transition.DISSOLVE}
    assert not any(kinds.values())


def test_causes_of_a_calm_films_flashes_are_those_that_it_shows(hostile):
    blink = np.zeros((FRAMES, 3, 2, 2), np.uint8)
    blink[[n for n in range(FRAMES) if n % 6 < 3], 0] = 255
    (wild,), (calm,) = (flash_notes(job, blink) for job in (hostile, calmed(hostile)))
    for left_out in ("effect flash", "transition glitch-explosion", "transition zoom-blur"):
        assert left_out in wild
        assert left_out not in calm
    assert "effect bloom-pulse" in calm
    assert "calm already" in calm


def test_calm_changes_only_the_pieces_that_it_shapes(hostile):
    plain = hostile.recipe.model_copy(
        update={
            "shot_list": tuple(
                shot.model_copy(update={"effects": (), "transition_in": Transition.DISSOLVE})
                for shot in hostile.recipe.shot_list
            ),
            "assembly_instructions": hostile.recipe.assembly_instructions.model_copy(
                update={"effects_timeline": (), "audio_reactive": AudioReactive(strength=0.0)}
            ),
        }
    )
    timeline = lay_timeline(plain, fps=Fraction(RATE), frames=hostile.timeline.frames)
    still = replace(hostile, recipe=plain, timeline=timeline)
    assert shaping_inputs(still, 0, 120) == shaping_inputs(calmed(still), 0, 120)
    assert shaping_inputs(hostile, 0, 30) != shaping_inputs(calmed(hostile), 0, 30)
