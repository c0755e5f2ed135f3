"""Laser fog: words choose the light, bars move the beams, floors mirror, shapes only darken."""

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.beams import fan_beams
from tasks.rendering.backends.procedural.fog import wet_floor
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage, family_of
from tasks.rendering.backends.procedural.themes.laser_fog import LaserFog
from tasks.rendering.backends.procedural.venue import crowd
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.backends.procedural.words import named_of, read_wishes, scene_of

HEIGHT, WIDTH = 60, 90
UNIT = 2.0 / HEIGHT
VIEW = np.array([UNIT, 0, -UNIT * (WIDTH - 1) / 2, 0, UNIT, -UNIT * (HEIGHT - 1) / 2], np.float32)
BACK = to_pixels(VIEW)
SEED = np.uint32(5)


def kind_of(subject: str, seed: int = 7) -> str:
    shot = make_shot("laser-fog", prompt=ShotPrompt(subject=subject))
    request = make_request(shot)
    stage = Stage(
        height_px=32,
        width_px=48,
        palette=mix_palette(request.style.color_palette),
        seed=seed,
        family=family_of(request.style),
        energy=0.6,
        subject=scene_of(shot),
        named=named_of(shot),
        wishes=read_wishes(shot, request.style),
    )
    return LaserFog(stage).kind


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("dust lit by laser beams", "fans"),
        ("crossing laser beams", "gates"),
        ("a lattice of neon tubes", "gates"),
        ("thick smoke coloured by laser light", "sky"),
        ("glowing haze", "spots"),
        ("a headlight beam", "spots"),
        ("spotlights through stage smoke", "spots"),
        ("evening sunbeams", "shafts"),
        ("shafts of furnace light in smoke", "shafts"),
        ("rays of cold light", "shafts"),
    ],
)
def test_subject_chooses_the_light(subject: str, kind: str) -> None:
    assert {kind_of(subject, seed) for seed in (1, 2, 3)} == {kind}


def test_daylight_is_never_thrown() -> None:
    kinds = {kind_of("an abstract thing", seed) for seed in range(24)}
    assert kinds == {"fans", "gates", "sky", "spots"}


def fan(bar: float, morph: float, opened: float = 1.0) -> NDArray[np.float32]:
    """Sharp light of one pair of heads."""
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    soft = np.zeros((3, HEIGHT // 2 + 2, WIDTH // 2 + 2), np.float32)
    heads = np.array([[-1.5, -0.5, 3.4], [1.5, -0.5, 3.4]], np.float32)
    row = [1.0, morph, bar, opened, 9.0, 0.8, 0.0, 0.1, 0.62, HEIGHT / 2.0, 0.2, 0.2]
    colors = mix_palette(("#ff006e", "#00f5ff"))
    values = np.array(row, np.float32)
    fan_beams(light, soft, BACK, heads, colors.ramp, colors.spark, SEED, values)
    return light


def test_beams_reach_a_bars_pattern_and_leave_from_there() -> None:
    np.testing.assert_allclose(fan(3.0, 1.0), fan(4.0, 0.0), atol=1e-3)
    assert np.abs(fan(4.0, 1.0) - fan(4.0, 0.0)).mean() > 0.01
    halfway = fan(4.0, 0.5)
    assert np.abs(halfway - fan(4.0, 0.0)).mean() > 0.01
    assert np.abs(halfway - fan(4.0, 1.0)).mean() > 0.01


def test_floor_mirrors_what_stands_above_it() -> None:
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    light[:, 24:27, 40:50] = 4.0
    before = light.copy()
    wet_floor(light, VIEW, BACK, SEED, np.float32(0.0), np.float32(0.0), np.float32(0.8))
    np.testing.assert_array_equal(light[:, :29], before[:, :29])
    below = light[0, 31:]
    assert below[:8, 38:52].max() > 0.4
    assert below.max() < 4.0
    assert below[:, :20].max() == 0.0


def test_crowd_only_takes_light_and_grows_arms_with_energy() -> None:
    shares = []
    for lively in (0.0, 0.9):
        light = np.ones((3, HEIGHT, WIDTH), np.float32)
        still = np.float32(0.0)
        wide, size = np.float32(2.0), np.float32(HEIGHT / 2)
        crowd(light, BACK, SEED, np.float32(0.5), wide, size, still, still, np.float32(lively))
        assert light.max() <= 1.0
        assert light.min() >= 0.0
        assert (light[:, : HEIGHT // 2] == 1.0).all()
        shares.append(float((light[0] < 0.5).mean()))
    assert shares[1] > shares[0] + 0.005
