"""Gradient waves: what a subject shows, how crisp edges are, what the song may move."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import NEON, make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.sheets import STEP, Sheets
from tasks.rendering.renderer import RenderRequest

FRAMES = 32
KICK = 17  # a few frames after a kick of the made song


def request_of(subject: str, *, seed: int = 7, energy: float = 0.6) -> RenderRequest:
    shot = make_shot("gradient-waves", energy=energy, prompt=ShotPrompt(subject=subject))
    return make_request(
        shot, make_style(NEON), seed=seed, frames=FRAMES, drive=make_drive(frames=FRAMES)
    )


def luma(request: RenderRequest, frame: int = KICK) -> NDArray[np.float64]:
    ((_, planes),) = paint_frames(request, frames=range(frame, frame + 1))
    return planes[0].astype(np.float64)


def silenced(request: RenderRequest, *rows: str) -> RenderRequest:
    assert request.drive is not None
    still = np.zeros_like(request.drive.kick)
    return replace(request, drive=replace(request.drive, **dict.fromkeys(rows, still)))


def unevenness(picture: NDArray[np.float64]) -> tuple[float, float]:
    """Mean difference between neighbours sideways and downwards."""
    return float(np.abs(np.diff(picture, axis=1)).mean()), float(
        np.abs(np.diff(picture, axis=0)).mean()
    )


def test_curtains_hang_and_dunes_lie() -> None:
    across, down = unevenness(luma(request_of("heavy velvet curtains")))
    assert across > 1.3 * down
    across, down = unevenness(luma(request_of("soft dunes at sunset")))
    assert down > 1.3 * across


def test_sheer_silk_lets_more_through_than_silk() -> None:
    silk, sheer = luma(request_of("white silk")), luma(request_of("sheer white silk"))
    assert np.abs(silk - sheer).mean() > 2


def test_kick_sends_a_swell_and_no_flash() -> None:
    request = request_of("long folds of translucent silk")
    hit = luma(request)
    calm = luma(silenced(request, "kick"))
    assert np.abs(hit - calm).mean() > 1.0
    assert abs(hit.mean() - calm.mean()) < 0.05 * 219


def test_drop_opens_the_sheets() -> None:
    request = request_of("folds of golden silk")
    assert request.drive is not None
    open_wide = replace(
        request, drive=replace(request.drive, drop=np.ones_like(request.drive.drop))
    )
    assert np.abs(luma(open_wide) - luma(request)).mean() > 6


def test_hats_light_edges_only() -> None:
    request = request_of("folds of golden silk")
    assert request.drive is not None
    lit = replace(request, drive=replace(request.drive, hats=np.ones_like(request.drive.hats)))
    change = np.abs(luma(lit) - luma(silenced(request, "hats")))
    assert change.max() > 8
    assert np.median(change) < 2


@pytest.mark.parametrize("rows", [96, 270])
def test_edge_of_a_sheet_is_as_sharp_as_the_picture(rows: int) -> None:
    sheets = Sheets(rows, 160, count=2, palette=mix_palette(NEON))
    down = (np.arange(sheets.layers.shape[2]) - 1) * STEP * sheets.unit
    sheets.layers[1, 0] = down[:, None] - np.float32(1.003)
    sheets.layers[1, 1:4] = 1.0
    sheets.joins[1, :4] = 0.0, 1.0, 0.0, 0.1
    light = np.zeros((3, rows, 160), np.float32)
    sheets.stack(light)
    column = light[0, :, 80]
    assert column[0] == 0
    assert column[-1] == 1
    between = (column > 0.02) & (column < 0.98)
    assert 1 <= between.sum() <= 3
    assert abs(float((1 - column).sum()) - 1.003 / sheets.unit) < 1.0
