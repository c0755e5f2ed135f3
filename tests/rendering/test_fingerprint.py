"""A fingerprint changes exactly when pixels would."""

from dataclasses import replace

import numpy as np
import pytest
from support.clip_requests import WARM, make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from recipe_schema.vocabulary import Effect, Transition
from tasks.rendering.fingerprint import fingerprint
from tasks.rendering.renderer import RenderRequest, load_renderer

SHOT = make_shot(timestamp=4.0)
BASE = make_request(SHOT, start_s=3.9, drive=make_drive(frames=12, start_s=3.9))


def name_of(request: RenderRequest) -> str:
    return fingerprint(request, renderer=load_renderer("procedural"))


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, seed=8),
        replace(BASE, width_px=162),
        replace(BASE, frames=13, drive=make_drive(frames=13, start_s=3.9)),
        replace(BASE, start_s=3.8),
        replace(BASE, drive=None),
        replace(BASE, drive=make_drive(frames=12, start_s=3.9, bpm=128.0)),
        replace(BASE, style=make_style(WARM)),
        replace(BASE, style=make_style(motion="extreme")),
        replace(BASE, style=make_style(camera="slow push")),
        replace(BASE, shot=SHOT.model_copy(update={"mochi_prompt": "slow dark light"})),
        replace(BASE, shot=SHOT.model_copy(update={"visual_theme": "tunnel"})),
        replace(BASE, shot=SHOT.model_copy(update={"energy_level": 0.7})),
        replace(BASE, shot=SHOT.model_copy(update={"prompt": ShotPrompt(subject="ink")})),
    ],
)
def test_what_shapes_pixels_changes_the_name(other: RenderRequest) -> None:
    assert name_of(other) != name_of(BASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "shot_999"},
        {"locked": True},
        {"transition_in": Transition.GLITCH},
        {"transition_out": Transition.FADE},
        {"effects": (Effect.BLOOM,)},
        {"duration": 3.0},
        {"renderer": "procedural"},
    ],
)
def test_what_assembly_does_leaves_the_name(changes: dict[str, object]) -> None:
    assert name_of(replace(BASE, shot=SHOT.model_copy(update=changes))) == name_of(BASE)


def test_shot_moved_as_a_whole_keeps_its_name() -> None:
    moved = SHOT.model_copy(update={"timestamp": SHOT.timestamp + 8.0})
    assert name_of(replace(BASE, shot=moved, start_s=BASE.start_s + 8.0)) == name_of(BASE)


def test_difference_too_small_to_be_seen_keeps_the_name() -> None:
    assert BASE.drive is not None
    nearly = replace(BASE.drive, mids=BASE.drive.mids + np.float32(1e-5))
    assert name_of(replace(BASE, drive=nearly)) == name_of(BASE)


def test_new_code_gives_a_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = load_renderer("procedural")
    before = fingerprint(BASE, renderer=renderer)
    monkeypatch.setattr(type(renderer), "version", lambda self, request: "newer")
    assert fingerprint(BASE, renderer=renderer) != before


def test_version_is_of_the_theme_that_paints() -> None:
    version = load_renderer("procedural").version
    tunnel = replace(BASE, shot=SHOT.model_copy(update={"visual_theme": "tunnel"}))
    unknown = replace(BASE, shot=SHOT.model_copy(update={"visual_theme": "quixotic"}))
    assert version(tunnel) != version(BASE)
    assert version(unknown) == version(BASE)
    assert version(BASE) == version(replace(BASE, seed=9))
