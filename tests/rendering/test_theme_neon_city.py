"""What a neon city owes: kinds by word, towers that hide and mirror, lights moved by the song."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support.clip_requests import NEON, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.facades import (
    AIR,
    BODY,
    FOG,
    HALF_U,
    HALF_V,
    HOT,
    LEVEL,
    LIT,
    LOOKS,
    WARM,
    WORK,
    paint_box,
)
from tasks.rendering.backends.procedural.motion import Moment, plan_motion
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.synth_road import RIDGE_STEPS, draw_ridges
from tasks.rendering.backends.procedural.themes.neon_city import NeonCity
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import FloatArray

HEIGHT, WIDTH = 96, 160
VIEW = np.array([2 / HEIGHT, 0, -WIDTH / HEIGHT, 0, 2 / HEIGHT, -1], np.float32)


@cache
def city_and_moment(subject: str, seed: int = 5) -> tuple[NeonCity, Moment]:
    shot = make_shot("neon-city", energy=0.6, prompt=ShotPrompt(subject=subject))
    request = make_request(shot, make_style(NEON), frames=20)
    wishes = read_wishes(shot, request.style)
    stage = Stage(
        height_px=HEIGHT, width_px=WIDTH, palette=mix_palette(NEON), seed=seed, family=3,
        energy=0.6, subject=subject, named=subject, wishes=wishes,
    )  # fmt: skip
    return NeonCity(stage), plan_motion(request, wishes)[12]


def painted(subject: str, **changes: float) -> FloatArray:
    city, moment = city_and_moment(subject)
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    city.paint(light, replace(moment, **changes))
    return light


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("a night city skyline", "skyline"),
        ("a canyon of glowing windows", "street"),
        ("threads of light between towers", "street"),
        ("a glass tube above the city", "street"),
        ("a ring road of light trails", "road"),
        ("a highway with neon strips", "road"),
        ("chrome pyramids", "road"),
        ("a floor grid of light", "road"),
    ],
)
def test_subject_names_the_kind(subject: str, kind: str) -> None:
    assert city_and_moment(subject)[0].kind == kind


@pytest.mark.parametrize("subject", ["a skyline", "a street", "a highway at sunset"])
def test_kick_lights_places_and_not_the_whole_picture(subject: str) -> None:
    calm = painted(subject, kick=0.0, since_kick=0.1)
    struck = painted(subject, kick=1.0, since_kick=0.1)
    more = (struck - calm).sum(axis=0)
    assert more.max() > 0.3
    assert np.clip(struck, 0, 1).mean() - np.clip(calm, 0, 1).mean() < 0.1


@pytest.mark.parametrize("subject", ["a skyline", "a street", "a highway at sunset"])
def test_drop_turns_the_city_on(subject: str) -> None:
    assert painted(subject, drop=1.0).mean() > 1.25 * painted(subject, drop=0.0).mean()


def test_hats_light_windows_singly() -> None:
    calm, lit = painted("a street", hats=0.0), painted("a street", hats=1.0)
    changed = np.abs(lit - calm).max(axis=0) > 0.05
    assert 0.001 < changed.mean() < 0.3


def test_light_is_finite_and_never_negative() -> None:
    for subject in ("a skyline", "a street", "a highway"):
        light = painted(subject, flow=3.9, drop=1.0, kick=1.0)
        assert np.isfinite(light).all()
        assert light.min() >= 0.0


def tower(light: FloatArray, free: FloatArray, near: float, tone: float, lit: float = 0.0) -> None:
    """Add a wall of one tone, or all its windows lit, with its mirror image at half the light."""
    water = np.zeros((2, HEIGHT, WIDTH), np.float32)
    water[1] = 0.5
    look, colors = np.zeros(LOOKS, np.float32), np.zeros((5, 3), np.float32)
    look[[LIT, HOT, LEVEL]] = 2.0 * lit, lit, -1.0
    look[[HALF_U, HALF_V]] = 0.4, 0.35
    look[FOG] = 0.0
    colors[BODY], colors[WARM], colors[AIR] = tone, 1.0, 1.0
    paint_box(
        light, free, water, VIEW, to_pixels(VIEW), np.array([0.0, 0.0, 0.5], np.float32),
        np.array([-near / 2, near / 2, near, near + 1.0, 1.0], np.float32),
        np.array([0.1, 0.1], np.float32), np.zeros(WORK, np.float32), look, colors, np.uint32(1),
    )  # fmt: skip


def test_tower_stands_where_it_is_and_mirrors_below_its_foot() -> None:
    light, free = np.zeros((3, HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    tower(light, free, 2.0, 1.0)
    column = light[1, :, WIDTH // 2]
    foot = 48 + 0.25 * 48  # half a unit below the eye, two units away
    top = 48 - 0.25 * 48
    lit = np.flatnonzero(column > 0.02)
    assert abs(lit[0] - top) <= 1
    assert abs(lit[-1] - (2 * foot - top)) <= 1
    for away in (3, 8, 15):
        above, below = column[int(foot) - away], column[int(foot) + away]
        assert below == pytest.approx(0.5 * above, rel=0.15)


def test_near_tower_hides_a_far_one() -> None:
    light, free = np.zeros((3, HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    tower(light, free, 2.0, 1.0)
    alone = light.copy()
    tower(light, free, 4.0, 5.0)
    behind = free < 0.001
    assert behind.any()
    np.testing.assert_allclose(light[:, 40:55, 70:90], alone[:, 40:55, 70:90], atol=0.02)


def test_pyramids_stand_only_where_asked_for() -> None:
    assert draw_ridges(3, pyramids=True)[1].max() > 0.1
    assert draw_ridges(3, pyramids=False)[1].max() == 0.0
    assert draw_ridges(3, pyramids=True).shape == (2, RIDGE_STEPS)


def test_near_window_is_dimmer_than_a_far_one() -> None:
    brightest = []
    for near in (0.5, 4.0):
        light, free = np.zeros((3, HEIGHT, WIDTH), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
        tower(light, free, near, 0.0, lit=1.0)
        brightest.append(np.percentile(light[1][light[1] > 0.0], 99))
    assert 0.0 < brightest[0] < 0.6 * brightest[1]


@pytest.mark.parametrize("subject", ["a wet street", "a night city skyline", "a road to the sun"])
def test_tension_draws_the_city_together(subject: str) -> None:
    assert np.abs(painted(subject, tension=1.0) - painted(subject, tension=0.0)).mean() > 0.002
