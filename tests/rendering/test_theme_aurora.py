"""What the aurora owes beyond every theme: lands by word, rays that keep their colour."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.curtains import Curtains, Sheet
from tasks.rendering.backends.procedural.kit import seed32
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.aurora import SKIES, Aurora
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import FloatArray

PALE = ("#f8f9fa", "#e0fbfc", "#adb5bd", "#212529")
CURTAINS = Curtains(
    flow=1.0, pan=0.0, count=3, hem=0.2, step=0.1, lean=0.0, arch=0.0, fold=1.0, length=1.0,
    hair=1.0, wave=0.0, pulse=0.0, power=1.0, away_x=0.0, away_y=-5.0, radius=5.0, inward=1.0,
    hanging=0.0,
)  # fmt: skip
VIEW = np.array([2 / 96, 0, -159 / 96, 0, 2 / 96, -95 / 96], np.float32)
INKS = np.array([[0.1, 0.8, 0.3], [0.3, 0.2, 0.8], [0.8, 0.1, 0.4]], np.float32)


def luma(subject: str, *, energy: float = 0.6, seed: int = 7) -> NDArray[np.int64]:
    shot = make_shot("aurora", energy=energy, prompt=ShotPrompt(subject=subject))
    ((_, planes),) = paint_frames(make_request(shot, make_style(PALE), seed=seed), frames=range(1))
    return planes[0].astype(np.int64)


def stage_of(subject: str, *, seed: int = 5) -> Stage:
    request = make_request(make_shot("aurora", prompt=ShotPrompt(subject=subject)))
    return Stage(
        height_px=96,
        width_px=160,
        palette=mix_palette(PALE),
        seed=seed,
        family=3,
        energy=0.7,
        subject=subject,
        named=subject,
        wishes=read_wishes(request.shot, request.style),
    )


def sheet_light(curtains: Curtains) -> FloatArray:
    sheet = Sheet(stage_of("northern lights"))
    sheet.paint(VIEW, curtains, INKS, seed=seed32(5, 0))
    return sheet.light.copy()


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("northern lights", "bands"),
        ("a faint arc of polar light", "arc"),
        ("planet-wide polar lights", "planet"),
        ("long jellyfish tentacles", "tentacles"),
        ("kelp lit from above", "kelp"),
        ("moonbeams under water", "beams"),
        ("rays of cold light", "corona"),
    ],
)
def test_subjects_of_the_bank_name_their_kind(subject: str, kind: str) -> None:
    assert Aurora(stage_of(subject)).kind == kind


def test_without_words_there_is_a_sky_above_a_land() -> None:
    kinds = {Aurora(stage_of("abstract motion", seed=seed)).kind for seed in range(12)}
    assert kinds == set(SKIES)


def test_lands_differ_under_the_same_sky() -> None:
    lands = [luma(f"northern lights over {land}") for land in ("a lake", "snow", "pines", "a town")]
    for k, one in enumerate(lands):
        for other in lands[k + 1 :]:
            assert np.abs(one[48:] - other[48:]).mean() > 2


@pytest.mark.parametrize("subject", ["northern lights", "rays of light", "planet lights"])
def test_pale_palette_does_not_burn_out_at_full_energy(subject: str) -> None:
    picture = luma(subject, energy=1.0)
    assert (picture > 225).mean() < 0.02
    assert picture.max() > 120


def test_gathered_light_keeps_its_colour() -> None:
    bright = sheet_light(replace(CURTAINS, power=6.0))
    soft = sheet_light(replace(CURTAINS, power=0.5))
    lit = soft.max(axis=0) > 0.05
    for light in (bright, soft):
        assert light.max() < 1.2 / 0.42
    np.testing.assert_allclose(
        bright[:, lit] / bright[:, lit].max(axis=0),
        soft[:, lit] / soft[:, lit].max(axis=0),
        atol=0.01,
    )


def test_hanging_light_falls_from_above() -> None:
    standing = sheet_light(CURTAINS).sum(axis=(0, 2))
    hanging = sheet_light(replace(CURTAINS, hem=1.0, hanging=0.6)).sum(axis=(0, 2))
    rows = len(standing)
    assert standing[: rows // 2].sum() > 5 * standing[rows * 3 // 4 :].sum()
    assert hanging[rows // 8] > hanging[-rows // 8] > 0


def test_rays_run_to_their_vanishing_point() -> None:
    light = sheet_light(replace(CURTAINS, away_y=-1.0, radius=1.0, hair=0.0, fold=0.0, hem=0.3))
    lit = light.max(axis=0) > 0.02
    lowest = [np.flatnonzero(lit[:, x]).max() for x in (20, 41, 62)]
    assert lowest[1] > lowest[0] + 2
    assert lowest[1] > lowest[2] + 2
