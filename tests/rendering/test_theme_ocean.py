"""Water: what is seen is what the words name, waves stand in relief, the horizon stays level."""

from functools import cache

import numpy as np
import pytest
from support.clip_requests import make_drive, make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.sea import BELOW, BLUE, RED, fill_sea


@cache
def luma(subject: str, *, seed: int = 7, energy: float = 0.6, camera: str = "") -> np.ndarray:
    shot = make_shot("ocean", energy=energy, prompt=ShotPrompt(subject=subject, camera=camera))
    request = make_request(
        shot, width_px=160, height_px=96, frames=45, seed=seed, drive=make_drive(frames=45)
    )
    ((_, (y, _, _)),) = paint_frames(request, frames=range(44, 45))
    return y.astype(np.float64)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("storm waves", "a raging sea"),
        ("glowing surf at night", "a bioluminescent wave"),
        ("turquoise lagoon water", "the clear water of a lagoon"),
        ("sunlit river water", "a golden lake"),
        ("a glittering evening bay", "a calm sea at sunset"),
    ],
)
def test_words_of_one_meaning_show_one_water(one: str, other: str) -> None:
    assert np.abs(luma(one) - luma(other)).mean() < 9.0


def test_words_of_other_meanings_show_other_water() -> None:
    words = (
        "storm waves", "glowing surf at night", "turquoise lagoon water", "a golden lake",
        "small waves on a white beach", "shafts of light under water",
    )  # fmt: skip
    pictures = [luma(word) for word in words]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() > 5.0


def test_a_near_crest_hides_what_lies_behind_it_and_the_sky() -> None:
    """Three layers: a foot, a crest above the horizon, a calm sea behind that it hides."""
    light = np.ones((3, 40, 20), np.float32)
    field = np.zeros((5, 3, 11), np.float32)
    field[BELOW] = np.array([1.0, -0.4, 0.5], np.float32)[:, None]
    field[RED, :2], field[BLUE, 2] = 0.5, 9.0
    view = np.array([0.05, 0, -0.5, 0, 0.05, -1.0], np.float32)
    work = np.zeros(20, np.float32), np.zeros((3, 20), np.float32)
    fill_sea(light, field, view, np.float32(0.0), *work)
    crest = 12  # row of scene height -0.4
    np.testing.assert_allclose(light[0, crest + 1 :], 0.5, atol=1e-5)
    np.testing.assert_allclose(light[2, crest + 1 :], 0.0, atol=1e-5)
    np.testing.assert_array_equal(light[:, : crest - 1], 1.0)


def test_storm_waves_stand_higher_against_the_sky_than_a_calm_sea() -> None:
    def unrest(subject: str) -> float:
        """How far the first edge from above moves from column to column."""
        picture = luma(subject, seed=12, camera="locked off, static")
        edge = np.abs(np.diff(picture, axis=0)).argmax(axis=0)
        return float(np.abs(np.diff(edge.astype(np.float64))).mean())

    assert unrest("storm waves, open sea") > 1.5 * unrest("a quiet lake")
