"""Deep space: what is seen is what the words name, and space is dark."""

import numpy as np
import pytest
from support.clip_requests import make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.renderer import RenderRequest


def request_of(subject: str, *, seed: int = 7) -> RenderRequest:
    shot = make_shot("nebula", prompt=ShotPrompt(subject=subject))
    return make_request(shot, width_px=320, height_px=180, frames=2, seed=seed)


def luma(request: RenderRequest) -> np.ndarray:
    ((_, (y, _, _)),) = paint_frames(request, frames=range(1, 2))
    return y.astype(np.float64)


def test_words_of_one_meaning_show_one_thing_and_others_another() -> None:
    words = {
        "glowing nebula veils": "pillars of gas",
        "a spiral galaxy": "light around a black hole",
        "the band of the Milky Way": "a river of distant stars",
        "a planet with rings": "a moon before the rings of a planet",
    }
    pictures = []
    for one, other in words.items():
        pictures.append(luma(request_of(one)))
        np.testing.assert_array_equal(pictures[-1], luma(request_of(other)))
    for number, one_picture in enumerate(pictures):
        for picture in pictures[number + 1 :]:
            assert np.abs(one_picture - picture).mean() > 6.0


@pytest.mark.parametrize("subject", ["nebula veils", "galaxy", "milky way", "planet"])
def test_space_is_dark_and_its_lights_are_not(subject: str) -> None:
    for seed in (7, 8, 9):
        picture = luma(request_of(subject, seed=seed))
        assert np.percentile(picture, 10) < 44
        assert np.percentile(picture, 99) > 110
        assert picture.mean() < 110
