"""Swarms: what moves is what the words name, and where a grain is follows from its number alone."""

from functools import cache

import numpy as np
import pytest
from support.clip_requests import make_drive, make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural import swarm
from tasks.rendering.backends.procedural.renderer import paint_frames

STILL = np.array([240.0, 0, 240, 0, 240, 240], np.float32)  # from scene to pixel


@cache
def luma(subject: str, *, energy: float = 0.6) -> np.ndarray:
    shot = make_shot("particle-flow", energy=energy, prompt=ShotPrompt(subject=subject))
    request = make_request(shot, width_px=160, height_px=96, frames=20, drive=make_drive(frames=20))
    ((_, (y, _, _)),) = paint_frames(request, frames=range(19, 20))
    return y.astype(np.float64)


def placed(kind: int, *, flow: float, count: int = 400, **named: float) -> np.ndarray:
    values = np.zeros(swarm.BEND + 1, np.float32)
    values[[swarm.FLOW, swarm.ASPECT, swarm.SPEED, swarm.SPREAD]] = flow, 1.77, 1.0, 1.0
    values[[swarm.WAY, swarm.TRAIL, swarm.CONE, swarm.AIM_Y]] = 1.0, 0.05, 0.3, -1.0
    for name, value in named.items():
        values[getattr(swarm, name)] = value
    places = np.zeros((count, 8), np.float32)
    swarm.place_grains(places, kind, STILL, np.uint32(7), values)
    return places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a flock of starlings", "a murmuration of swallows"),
        ("a school of silver fish", "a shoal in the blue"),
        ("welding sparks", "grinding sparks"),
        ("autumn leaves", "brown leaves"),
        ("threads of spun glass", "threads of gossamer"),
        ("grains of a planetary ring", "a galaxy"),
        ("a comet tail", "solar wind"),
    ],
)
def test_words_of_one_meaning_show_one_swarm(one: str, other: str) -> None:
    np.testing.assert_array_equal(luma(one), luma(other))


def test_words_of_other_meanings_show_other_swarms() -> None:
    words = (
        "starlings", "fish", "welding sparks", "powder snow", "leaves", "threads", "ring",
        "comet", "butterflies",
    )  # fmt: skip
    pictures = [luma(word) for word in words]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() > 3.0


@pytest.mark.parametrize("kind", swarm.PLACES.values(), ids=swarm.PLACES)
def test_grains_move_on_smoothly_and_their_trails_lie_where_they_were(kind: int) -> None:
    before, after = placed(kind, flow=3.0), placed(kind, flow=3.05)
    seen = (before[:, swarm.LIGHT] > 0.05) & (after[:, swarm.LIGHT] > 0.05)
    assert seen.sum() > 100
    step = np.hypot(*(after - before)[seen][:, [swarm.X, swarm.Y]].T)
    assert 0.2 < np.median(step) < 40
    np.testing.assert_allclose(
        after[:, [swarm.WAS_X, swarm.WAS_Y]], before[:, [swarm.X, swarm.Y]], atol=0.05
    )


def test_a_drop_opens_a_flock_and_tension_draws_it_together() -> None:
    def width(**named: float) -> float:
        return float(np.std(placed(swarm.FLOCK, flow=2.0, **named)[:, swarm.X]))

    assert width(TENSION=1.0) < 0.85 * width() < 0.85 * 0.75 * width(BURST=1.0)


def test_nearer_grains_of_the_wind_pass_faster() -> None:
    before, after = placed(swarm.WIND, flow=3.0), placed(swarm.WIND, flow=3.05)
    step = (after - before)[:, swarm.X]
    on = np.abs(step) < 100  # not come round
    near = on & (before[:, swarm.FAR] < 1.0)
    far = on & (before[:, swarm.FAR] > 2.0)
    assert np.median(step[near]) > 1.4 * np.median(step[far])
