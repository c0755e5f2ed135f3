"""What digital rain owes: a kind for every subject, deep blacks, lenses on glass, floors."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from support.clip_requests import NEON, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.drifts import lay_ground
from tasks.rendering.backends.procedural.motion import Moment, plan_motion
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.digital_rain import DigitalRain
from tasks.rendering.backends.procedural.wet_glass import STEP, lay_drop
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import FloatArray

HEIGHT, WIDTH = 96, 160
SUBJECTS = {
    "code": "streams of glowing code on wet glass",
    "threads": "thin glass rods",
    "storm": "rain in a headlight beam",
    "glass": "silver drops on a window",
}


@cache
def rain_and_moment(subject: str, seed: int = 5) -> tuple[DigitalRain, Moment]:
    shot = make_shot("digital-rain", energy=0.6, prompt=ShotPrompt(subject=subject))
    request = make_request(shot, make_style(NEON), frames=20)
    wishes = read_wishes(shot, request.style)
    stage = Stage(
        height_px=HEIGHT, width_px=WIDTH, palette=mix_palette(NEON), seed=seed, family=3,
        energy=0.6, subject=subject, named=subject, wishes=wishes,
    )  # fmt: skip
    return DigitalRain(stage), plan_motion(request, wishes)[12]


def painted(subject: str, **changes: float) -> FloatArray:
    rain, moment = rain_and_moment(subject)
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    rain.paint(light, replace(moment, **changes))
    return light


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        *((subject, kind) for kind, subject in SUBJECTS.items()),
        ("neon-lit rain", "storm"),
        ("bright raindrops on a window", "glass"),
        ("threads of light between towers", "threads"),
        ("warm summer rain lit by headlights", "storm"),
        ("falling streaks of neon light", "threads"),
        ("glittering drops on a windscreen", "glass"),
        ("fine vertical lines of light", "threads"),
        ("falling ice crystals", "storm"),
        ("heavy falling snow", "storm"),
        ("long threads of sleet", "storm"),
        ("icicle meltwater", "storm"),
        ("rain on a black umbrella", "storm"),
    ],
)
def test_subject_names_the_kind(subject: str, kind: str) -> None:
    assert rain_and_moment(subject)[0].kind == kind


@pytest.mark.parametrize("subject", SUBJECTS.values())
def test_darkness_is_deep_and_light_is_there(subject: str) -> None:
    light = painted(subject).max(axis=0)
    assert np.percentile(light, 20) < 0.06
    assert np.percentile(light, 99.5) > 0.2
    assert np.isfinite(light).all()


@pytest.mark.parametrize("subject", SUBJECTS.values())
def test_energy_and_hats_add_light(subject: str) -> None:
    assert painted(subject, energy=1.0).mean() > 1.2 * painted(subject, energy=0.1).mean()


def test_kinds_are_other_pictures() -> None:
    pictures = [painted(subject) for subject in SUBJECTS.values()]
    for k, one in enumerate(pictures):
        for other in pictures[k + 1 :]:
            assert np.abs(np.minimum(one, 1) - np.minimum(other, 1)).mean() > 0.02


def test_drop_turns_what_is_behind_it_upside_down() -> None:
    city = np.zeros((3, HEIGHT // STEP + 2, WIDTH // STEP + 2), np.float32)
    city[:, :12] = 1.0  # a bright sky over dark ground
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    spark = np.zeros(3, np.float32)
    one, none = np.float32(1), np.float32(0)
    lay_drop(
        light, city, np.float32(80), np.float32(44), np.float32(12), one, np.float32(48), spark,
        one, none,
    )  # fmt: skip
    assert light[1, 36, 80] < 0.1
    assert light[1, 51, 80] > 0.8
    assert light[1, 44, 110] == 0.0


def test_pulses_fall() -> None:
    subject = SUBJECTS["threads"]
    first, then = (painted(subject, flow=flow)[1] for flow in (2.0, 2.03))

    def shifted(rows: int) -> float:
        moved = np.roll(first, rows, axis=0)[10:-10]
        return float(np.abs(then[10:-10] - moved).mean())

    assert shifted(1) < shifted(-1)


def test_snow_lies_in_drifts_and_stone_has_puddles() -> None:
    view = np.array([2 / HEIGHT, 0, -WIDTH / HEIGHT, 0, 2 / HEIGHT, -1], np.float32)
    grounds = []
    for snow in (0.0, 1.0):
        ground = np.zeros((HEIGHT, WIDTH), np.float32)
        floor, far = np.float32(0.6), np.float32(5.5)
        lay_ground(ground, view, floor, far, np.float32(snow), np.uint32(4))
        assert ground[: HEIGHT // 2].max() == 0.0
        assert ground[HEIGHT * 2 // 3 :].std() > 0.01
        grounds.append(ground.mean())
    assert grounds[1] > 1.5 * grounds[0]


@pytest.mark.parametrize("subject", SUBJECTS.values())
def test_tension_thickens_what_falls(subject: str) -> None:
    assert np.abs(painted(subject, tension=1.0) - painted(subject, tension=0.0)).mean() > 0.0005
