"""What a circuit owes: kinds by word, lines that fade with distance, light moved by the song."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support.clip_requests import NEON, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.lattice import lay_lattice
from tasks.rendering.backends.procedural.motion import Moment, plan_motion
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.circuit import Circuit
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import FloatArray

HEIGHT, WIDTH = 96, 160
SUBJECTS = ("a floor grid of light", "a lattice of neon tubes", "a circuit board")


@cache
def circuit_and_moment(subject: str, seed: int = 5) -> tuple[Circuit, Moment]:
    shot = make_shot("circuit", energy=0.6, prompt=ShotPrompt(subject=subject))
    request = make_request(shot, make_style(NEON), frames=20)
    stage = Stage(
        height_px=HEIGHT, width_px=WIDTH, palette=mix_palette(NEON), seed=seed, family=3,
        energy=0.6, subject=subject, named=subject, wishes=read_wishes(shot, request.style),
    )  # fmt: skip
    return Circuit(stage), plan_motion(request, stage.wishes)[12]


def painted(subject: str, **changes: float) -> FloatArray:
    circuit, moment = circuit_and_moment(subject)
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    circuit.paint(light, replace(moment, **changes))
    return light


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("a circuit board as wide as a city", "board"),
        ("glowing traces under black glass", "board"),
        ("walls of glowing machines", "board"),
        ("a lattice of data lines", "lattice"),
        ("pulses of light in a glass network", "lattice"),
        ("a wire frame of light", "lattice"),
        ("glowing cables in a steel ceiling", "lattice"),
        ("a wide mesh of light beneath the sun", "mesh"),
        ("glowing lines on a dark plain", "mesh"),
        ("a grid of light strips", "mesh"),
    ],
)
def test_subject_names_the_kind(subject: str, kind: str) -> None:
    assert circuit_and_moment(subject)[0].kind == kind


@pytest.mark.parametrize("subject", SUBJECTS)
def test_kick_lights_places_and_not_the_whole_picture(subject: str) -> None:
    calm = painted(subject, kick=0.0, since_kick=0.15)
    struck = painted(subject, kick=1.0, since_kick=0.15)
    assert (struck - calm).sum(axis=0).max() > 0.3
    assert abs(np.clip(struck, 0, 1).mean() - np.clip(calm, 0, 1).mean()) < 0.1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_drop_and_energy_bring_light(subject: str) -> None:
    calm, lively = painted(subject, energy=0.1), painted(subject, energy=0.9)
    assert lively.mean() > 1.2 * calm.mean()
    assert painted(subject, drop=1.0).mean() > 1.1 * painted(subject, drop=0.0).mean()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_hats_are_small_lights(subject: str) -> None:
    changed = np.abs(painted(subject, hats=1.0) - painted(subject, hats=0.0)).max(axis=0) > 0.05
    assert 0.0005 < changed.mean() < 0.3


@pytest.mark.parametrize("subject", SUBJECTS)
def test_light_is_finite_and_most_is_dark(subject: str) -> None:
    light = painted(subject, flow=7.3, drop=1.0, kick=1.0)
    assert np.isfinite(light).all()
    assert light.min() >= 0.0
    quiet = painted(subject, energy=0.2)
    assert np.percentile(quiet.max(axis=0), 20) < 0.1


def test_mesh_neither_ends_nor_sparkles_at_the_horizon() -> None:
    """Rows just below the horizon are smooth: lines finer than a pixel have become their mean."""
    circuit, moment = circuit_and_moment("a floor grid of light")
    light = np.zeros((3, 240, 400), np.float32)
    level = replace(moment, turn=0.0, pan_x=0.0, pan_y=0.0, scale=1.0, hats=0.0, highs=0.0)
    circuit.paint(light, level)
    horizon = int(120 * (1.0 - 0.30 + 0.30 * circuit.throws[1]))
    for y in range(horizon + 1, horizon + 4):
        row = light.sum(axis=0)[y]
        assert np.abs(np.diff(row)).max() < 0.5 * row.max()
    near = light.sum(axis=0)[230]
    assert near.max() > 6.0 * np.median(near)


def test_rods_are_laid_from_far_to_near_about_the_line_of_sight() -> None:
    lattice = lay_lattice(0.3, -0.1)
    middle = lattice.cells[:, :3] + 0.5 * np.eye(4)[lattice.cells[:, 3], :3]
    away = np.sqrt((middle * middle).sum(axis=1))
    rods = lattice.cells[:, 3] < 3
    assert (np.diff(away[rods]) < 1e-6).all()
    np.testing.assert_allclose(lattice.turn @ lattice.turn.T, np.eye(3), atol=1e-6)
    assert ((middle[rods] @ lattice.turn.T)[:, 2] > -1.0).all()
