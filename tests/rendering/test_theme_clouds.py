"""What clouds owe beyond every theme: kinds by word, a sun that casts, thunder on kicks."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import WARM, make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.air import AIR_STEP, Air
from tasks.rendering.backends.procedural.kit import seed32
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.ridges import STEPS, ridge_profile
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.clouds import KINDS, Clouds
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import RenderRequest

Luma = NDArray[np.int64]


def request_of(subject: str, *, energy: float = 0.7, frames: int = 20) -> RenderRequest:
    shot = make_shot("clouds", energy=energy, prompt=ShotPrompt(subject=subject))
    return make_request(
        shot, make_style(WARM), frames=frames, drive=make_drive(frames=frames), seed=5
    )


def luma(request: RenderRequest, frame: int) -> Luma:
    ((_, planes),) = paint_frames(request, frames=range(frame, frame + 1))
    return planes[0].astype(np.int64)


def stage_of(subject: str) -> Stage:
    request = request_of(subject)
    return Stage(
        height_px=96,
        width_px=160,
        palette=mix_palette(WARM),
        seed=5,
        family=3,
        energy=0.7,
        subject=subject,
        named=subject,
        wishes=read_wishes(request.shot, request.style),
    )


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("bands of sunset cloud", "deck"),
        ("morning fog over fields", "mist"),
        ("veils of sunlit mist", "mist"),
        ("rolling thunderclouds", "storm"),
        ("veils of rain in the sun", "storm"),
        ("banners of torn cloud", "storm"),
        ("slow clouds of cosmic gas", "bloom"),
        ("soft clouds of dye", "bloom"),
        ("a cloud of powder", "bloom"),
        ("cigarette smoke", "smoke"),
        ("coloured smoke in the sun", "smoke"),
        ("billows of furnace smoke", "plume"),
        ("columns of steam", "plume"),
        ("a sea of pastel cloud", "sea"),
        ("slow towers of white vapour", "tower"),
    ],
)
def test_subjects_of_the_bank_name_their_kind(subject: str, kind: str) -> None:
    assert Clouds(stage_of(subject)).kind == kind


def test_every_kind_paints_another_picture() -> None:
    words = {kind: stems[0] for kind, stems in KINDS.items()}
    pictures = {kind: luma(request_of(word, frames=6), 4) for kind, word in words.items()}
    kinds = list(pictures)
    for k, one in enumerate(kinds):
        for other in kinds[k + 1 :]:
            assert np.abs(pictures[one] - pictures[other]).mean() > 5, (one, other)


def test_a_kick_lights_part_of_a_thundercloud_and_never_the_whole_picture() -> None:
    request = request_of("thunder", energy=1.0)
    assert request.drive is not None
    still = replace(request, drive=replace(request.drive, kick=request.drive.kick * 0))
    gain = luma(request, 15) - luma(still, 15)
    assert gain.max() > 12
    assert np.percentile(gain, 40) < 8
    assert gain.mean() < 0.1 * 219


def test_rays_are_darker_behind_a_cloud() -> None:
    air = Air(stage_of("cloud"))
    view = np.array([0.02, 0, -1.6, 0, 0.02, -0.96], np.float32)
    values = np.array([-1.0, -0.6, 0.5, 0.1, 1.0, 1.0], np.float32)
    light = np.zeros((3, 96, 160), np.float32)
    air.open_sky(view, values)
    air.fill(light, view, values)
    open_air = light.copy()
    air.clear[20:30, 20:30] = 0.0
    air.fill(light, view, values)
    behind = 31 * AIR_STEP
    assert (light[:, behind, behind] < 0.95 * open_air[:, behind, behind]).all()
    np.testing.assert_array_equal(light[:, :4, -8:], open_air[:, :4, -8:])


def test_drop_opens_the_sky() -> None:
    request = request_of("a sea of cloud")
    assert request.drive is not None
    dropped = replace(request, drive=replace(request.drive, drop=np.ones(20, np.float32)))
    assert luma(dropped, 10).mean() > luma(request, 10).mean() + 4


@pytest.mark.parametrize("kind", ["mountains", "hills", "trees", "town", "plain"])
def test_sky_lines_are_finite_and_of_their_height(kind: str) -> None:
    profile = ridge_profile(kind, seed=seed32(5, 1))
    assert profile.shape == (STEPS,)
    assert np.isfinite(profile).all()
    assert -0.1 < profile.min() < profile.max() < 2.0
