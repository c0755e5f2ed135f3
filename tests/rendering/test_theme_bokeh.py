"""Small things before a lens: what floats is what the words name, and blur has a radius."""

import numpy as np
import pytest
from support.clip_requests import make_drive, make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.flakes import add_blur_disc
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.renderer import RenderRequest


def request_of(subject: str, *, camera: str = "", frames: int = 4) -> RenderRequest:
    prompt = ShotPrompt(subject=subject, camera=camera)
    shot = make_shot("bokeh", prompt=prompt, text="small lights")
    drive = make_drive(frames=frames)
    return make_request(shot, width_px=320, height_px=180, frames=frames, drive=drive)


def luma(request: RenderRequest) -> np.ndarray:
    ((_, (y, _, _)),) = paint_frames(request, frames=range(3, 4))
    return y.astype(np.float64)


def edges(picture: np.ndarray) -> float:
    """Share of the picture where one pixel and the next differ sharply."""
    return float((np.abs(np.diff(picture, axis=1)) > 12).mean())


def test_a_point_out_of_focus_is_an_even_disc() -> None:
    light = np.zeros((3, 80, 80), np.float32)
    numbers = np.float32([40, 40, 20, 1, 0, 0, 1.0, 0.5, 0.25])
    add_blur_disc(light, *numbers)
    assert light[0, 40, 40] == pytest.approx(light[0, 40, 52], rel=0.15)
    assert light[0, 40, 57] > light[0, 40, 40]  # a brighter rim
    assert not light[0, 40, 62:].any()
    assert light[1] == pytest.approx(light[0] * 0.5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("glowing embers", "burning dust out of focus in the fire"),
        ("drifting snow", "large soft snowflakes"),
        ("soap bubbles in the sun", "rising bubbles"),
        ("cherry petals", "falling autumn leaves"),
        ("paper confetti", "silver glitter"),
        ("street lamps out of focus", "distant lights of a village"),
        ("pollen in the sun", "fireflies at dusk"),
    ],
)
def test_words_of_one_meaning_show_one_kind_of_thing(one: str, other: str) -> None:
    np.testing.assert_array_equal(luma(request_of(one)), luma(request_of(other)))


def mean_red_over_blue(request: RenderRequest) -> float:
    """How much more red than blue difference the picture has."""
    ((_, (_, blue, red)),) = paint_frames(request, frames=range(3, 4))
    return float(red.mean()) - float(blue.mean())


def test_embers_are_of_the_warmest_colours_and_heat_comes_from_below() -> None:
    embers, dust = request_of("glowing embers"), request_of("pollen in the air")
    assert mean_red_over_blue(embers) > mean_red_over_blue(dust) + 8.0
    picture = luma(embers)
    assert picture[-45:].mean() > 1.3 * picture[:45].mean()


def test_fireflies_are_no_fire_and_a_beam_falls_in_from_one_side() -> None:
    still, beam = luma(request_of("fireflies at dusk")), luma(request_of("dust in a sunbeam"))
    assert np.abs(still - luma(request_of("burning ash"))).mean() > 3.0
    left, right = beam[:45, :80].mean(), beam[:45, -80:].mean()
    assert max(left, right) > 1.4 * min(left, right)


def test_words_of_other_meanings_show_other_things() -> None:
    words = ("embers", "snow", "bubbles", "petals", "confetti", "lamps", "pollen")
    pictures = [luma(request_of(word)) for word in words]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() > 3.0


def test_shallow_focus_leaves_few_edges_and_about_as_much_light() -> None:
    deep, thin = (
        luma(request_of("pollen in the sun", camera=camera))
        for camera in ("deep focus", "shallow depth of field with bokeh")
    )
    assert edges(thin) < 0.5 * edges(deep)
    assert thin.mean() < 1.25 * deep.mean()
