"""A calm film never flashes, whatever its song does and however its theme answers it."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_drive, make_request, make_shot, make_style

from tasks.media.flash_meter import count_flashes
from tasks.media.light_grid import LightMeter
from tasks.rendering.backends.procedural import renderer
from tasks.rendering.backends.procedural.motion import Moment
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes import THEMES
from tasks.rendering.renderer import Drive

FRAMES = 120


class Nervous:
    """A theme that answers everything with all of its light."""

    glow, vignette = 0.3, 0.0

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def paint(self, light: NDArray[np.float32], moment: Moment) -> None:
        answer = moment.beat + moment.kick + moment.hats + moment.drop + moment.highs
        light[:] = 0.05 + 0.15 * answer + 0.3 * np.exp(-4.0 * moment.since_kick)


def violent_song() -> Drive:
    """150 beats a minute, and a drop in the middle."""
    drive = make_drive(frames=FRAMES, bpm=150.0)
    time = np.arange(FRAMES) / 30.0 - 2.0
    drop = np.where(time < 0, 0.0, np.clip(1.0 - time / 4.0, 0.0, 1.0) ** 1.5)
    tension = np.where(time < 0, 1.0 + time / 2.0, 0.0)
    return replace(drive, drop=drop.astype(np.float32), tension=tension.astype(np.float32))


def flashes_and_jump(theme: str, *, calm: bool) -> tuple[int, float]:
    """Most flashes within a second over a quarter, and the largest change of mean luma, 0..1."""
    style = make_style(motion="extreme").model_copy(update={"calm": calm})
    request = make_request(
        make_shot(theme, energy=0.95), style, frames=FRAMES, drive=violent_song()
    )
    meter, means = LightMeter(), []
    for _, planes in renderer.paint_frames(request, frames=range(FRAMES)):
        meter.add(planes)
        means.append(float(planes[0].mean()) / 219.0)
    counted = count_flashes(meter.curve, fps=30.0)
    return int(counted.max()), float(np.abs(np.diff(means)).max())


def test_nervous_theme_flashes_in_a_lively_film_and_hardly_changes_in_a_calm_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer, "load_theme", lambda name: Nervous)
    flashes, jump = flashes_and_jump("tunnel", calm=False)
    assert flashes > 2
    assert jump > 0.15
    flashes, calm_jump = flashes_and_jump("tunnel", calm=True)
    assert flashes <= 1
    assert calm_jump < 0.25 * jump


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_no_theme_flashes_in_a_calm_film(theme: str) -> None:
    flashes, calm_jump = flashes_and_jump(theme, calm=True)
    _, jump = flashes_and_jump(theme, calm=False)
    assert flashes <= 2
    assert calm_jump < max(0.4 * jump, 0.02)
