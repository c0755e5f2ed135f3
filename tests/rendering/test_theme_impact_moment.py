"""What breaks, bursts and splashes: by name, at once, and without a white picture."""

import numpy as np
import pytest
from support.clip_requests import make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.renderer import paint_frames

KINDS = ("a pane of thick glass", "a balloon of powder", "a splash of water", "a wall of sparks",
         "a collapsing star")  # fmt: skip


def pictures(
    subject: str, frames: range, *, energy: float = 1.0, calm: bool = False
) -> list[np.ndarray]:
    shot = make_shot("impact-moment", energy=energy, prompt=ShotPrompt(subject=subject), text="x")
    style = make_style().model_copy(update={"calm": calm})
    length = frames.stop
    request = make_request(shot, style, frames=length, drive=make_drive(frames=length))
    return [planes[0].astype(np.float64) for _, planes in paint_frames(request, frames=frames)]


@pytest.mark.parametrize("subject", KINDS)
def test_the_blow_moves_most_and_whitens_little(subject: str) -> None:
    early = pictures(subject, range(6))
    late = pictures(subject, range(52, 56))
    moved = [np.abs(np.diff(np.stack(part), axis=0)).mean() for part in (early, late)]
    assert moved[0] > 1.3 * moved[1]
    means = np.array([picture.mean() for picture in early + late])
    assert np.abs(np.diff(means[:6])).max() < 0.1 * 219
    assert max((picture > 225).mean() for picture in early) < 0.2
    assert means.max() < 150


def test_every_kind_is_a_picture_of_its_own() -> None:
    shown = [pictures(subject, range(20, 21))[0] for subject in (*KINDS, "a block of clear ice")]
    for number, one in enumerate(shown):
        for other in shown[number + 1 :]:
            assert np.abs(one - other).mean() > 5.0


def test_a_calm_blow_is_softer() -> None:
    loud, calm = (pictures("a pane of glass", range(5), calm=calm) for calm in (False, True))
    moved = [np.abs(np.diff(np.stack(part), axis=0)).mean() for part in (loud, calm)]
    assert moved[1] < 0.8 * moved[0]
