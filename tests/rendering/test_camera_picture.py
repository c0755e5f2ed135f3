"""What words ask of the camera and of motion is seen in the picture, measured on its pixels."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural import renderer
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.view import look_through, to_pixels

WIDTH, HEIGHT = 160, 96
LAMPS = ((-0.4, -0.3), (0.4, -0.3), (0.0, 0.35))  # scene half-heights
Marks = NDArray[np.float64]


class Lamps:
    """A theme of three lamps, red, green and blue, that only the camera and the flow move."""

    glow, vignette = 0.0, 0.0

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rows, self.columns = np.mgrid[0 : stage.height_px, 0 : stage.width_px]

    def paint(self, light: NDArray[np.float32], moment: Moment) -> None:
        view = look_through(moment, height_px=HEIGHT, width_px=WIDTH)
        xx, xy, x0, yx, yy, y0 = to_pixels(view)
        for c, (x, y) in enumerate(LAMPS):
            px, py = xx * x + xy * y + x0, yx * x + yy * y + y0
            light[c] = np.maximum(0.6 - 0.1 * np.hypot(self.columns - px, self.rows - py), 0.0)


@pytest.fixture(autouse=True)
def _lamps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "load_theme", lambda name: Lamps)


def marks(frame: int, *, text: str | None = None, camera: str = "") -> Marks:
    """Where the lamps are on one frame, in half-heights from the middle, shape (3, 2)."""
    prompt = None if text else ShotPrompt(subject="lamps", camera=camera)
    shot = make_shot(text=text or "lamps", prompt=prompt)
    request = make_request(
        shot, make_style(), width_px=WIDTH, height_px=HEIGHT, frames=97, fps=Fraction(24)
    )
    ((_, (y, u, v)),) = renderer.paint_frames(request, frames=range(frame, frame + 1))
    y, u, v = (np.kron(p, np.ones((k, k))).astype(float) for p, k in ((y, 1), (u, 2), (v, 2)))
    red, blue = 1.5748 * (v - 128), 1.8556 * (u - 128)
    channels = [y - 16 + red, y - 16 - 0.4681 * (v - 128) - 0.1873 * (u - 128), y - 16 + blue]
    found = []
    for channel in channels:
        weight = np.maximum(channel - 40, 0.0)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        found.append(
            (
                ((weight * columns).sum() / weight.sum() - (WIDTH - 1) / 2) / (HEIGHT / 2),
                ((weight * rows).sum() / weight.sum() - (HEIGHT - 1) / 2) / (HEIGHT / 2),
            )
        )
    return np.array(found)


def change(**said: str) -> tuple[float, float, Marks]:
    """Enlargement, turn in degrees and shift in half-heights from the first frame to 4 s on."""
    first, last = (marks(frame, **said) for frame in (0, 96))
    a, b = (m - m.mean(0) for m in (first, last))
    za, zb = (m[:, 0] + 1j * m[:, 1] for m in (a, b))
    similar = (zb * za.conj()).sum() / (za * za.conj()).sum()
    return abs(similar), float(np.degrees(np.angle(similar))), last.mean(0) - first.mean(0)


def test_push_enlarges_and_pull_shrinks() -> None:
    assert change(text="lamps, smooth camera push")[0] > 1.18
    assert change(camera="The camera pushes in steadily")[0] > 1.18
    assert change(camera="The camera pulls back gently")[0] < 0.9
    assert 0.96 < change(text="lamps")[0] < 1.05


def test_rush_goes_farther_than_a_push_and_a_drift_less_far() -> None:
    drift, push, rush = (
        change(camera=f"The camera {move}")[0]
        for move in ("drifts forward almost imperceptibly", "pushes in", "rushes forward")
    )
    assert 1.04 < drift < push - 0.06
    assert rush > push + 0.06


def test_rotation_turns_the_picture() -> None:
    assert abs(change(text="lamps, camera rotating")[1]) > 18.0
    assert abs(change(text="lamps, camera slowly rotating")[1]) > 8.0
    assert abs(change(text="rotating lamps")[1]) < 12.0
    assert abs(change(text="lamps")[1]) < 5.0


def test_pan_and_rise_shift_the_picture_their_own_way() -> None:
    pan, rise, dive = (
        change(camera=f"The camera {move}")[2]
        for move in ("tracks alongside sideways", "rises", "sinks")
    )
    assert abs(pan[0]) > 0.3 > 3 * abs(pan[1])
    assert rise[1] > 0.2 > 2 * abs(rise[0])
    assert dive[1] < -0.2


def test_camera_that_holds_still_keeps_every_lamp_where_it_is() -> None:
    still, silent = (
        np.abs(marks(96, camera=camera) - marks(0, camera=camera)).max()
        for camera in ("The camera holds still and lets the picture breathe", "")
    )
    assert still < 0.012
    assert silent > 1.5 * still


def test_hand_shakes_the_picture_between_frames() -> None:
    def unrest(camera: str) -> float:
        path = np.array([marks(frame, camera=camera).mean(0) for frame in range(0, 48, 4)])
        return float(np.abs(np.diff(path, n=2, axis=0)).sum())

    assert unrest("A handheld camera") > 3 * unrest("")
