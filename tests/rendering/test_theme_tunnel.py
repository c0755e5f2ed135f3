"""Flights: every subject of the prompt bank has its passage; rays meet what stands in their way."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.clip_requests import make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural import hall
from tasks.rendering.backends.procedural.bore import OWN
from tasks.rendering.backends.procedural.hall_walls import slab_tone
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.passages import PASSAGES, find_passage
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.themes.tunnel import Tunnel
from tasks.rendering.backends.procedural.words import read_wishes

BANK = Path(__file__).parents[2] / "tasks" / "planning" / "prompt_bank.toml"
HEIGHT, WIDTH = 32, 48


def bank_subjects() -> list[str]:
    bank = tomllib.loads(BANK.read_text())
    looks = [look.get("subjects", {}) for look in bank["aesthetics"].values()]
    return [subject for look in looks for subject in look.get("tunnel", [])]


def test_no_subject_of_the_bank_is_left_to_the_dice() -> None:
    subjects = bank_subjects()
    assert len(subjects) > 20
    for subject in subjects:
        assert len({id(find_passage(subject, "", seed=seed)) for seed in range(12)}) == 1, subject


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("a corridor of neon rings", "rings"),
        ("a corridor of red-hot rings", "furnace"),
        ("a long corridor of doors", "doors"),
        ("a canyon of glowing windows", "windows"),
        ("a canyon between asteroids", "asteroids"),
        ("a ring road of light trails", "light trails"),
        ("a spiral of circling fish", "fish"),
        ("the inside of a breaking wave", "wave"),
        ("a passage through layers of nebula", "nebula"),
        ("a nave of thin white arches", "nave"),
        ("a strange way", "furnace"),
    ],
)
def test_subject_names_its_passage(subject: str, name: str) -> None:
    assert find_passage(subject, "a furnace behind glass", seed=3) is PASSAGES[name]


def met_by(name: str) -> NDArray[np.float32]:
    """What all rays of a small picture meet, shape (6, height, width)."""
    values = np.array([0.4, *[0.0] * (OWN - 1), *PASSAGES[name].values()], np.float32)
    unit = 2.0 / HEIGHT
    view = np.array([unit, 0, -unit * (WIDTH - 1) / 2, 0, unit, -unit * (HEIGHT - 1) / 2])
    rows = np.empty((HEIGHT, 6, WIDTH), np.float32)
    for y in range(HEIGHT):
        hall._meet(rows[y], view.astype(np.float32), y, values)
    return rows.transpose(1, 0, 2)


def test_floor_mirrors_the_upper_half_of_a_hall() -> None:
    met = met_by("doors")
    half, high, low = (PASSAGES["doors"].values()[k] for k in range(3))
    upper, lower = met[:, : HEIGHT // 2], met[:, HEIGHT // 2 :]
    assert (upper[hall.MIRROR] == 1).all()
    assert (lower[hall.MIRROR] < 1).mean() > 0.35
    assert np.abs(met[hall.X]).max() <= half * 1.001
    assert met[hall.Y].max() <= low * 1.001
    assert met[hall.Y].min() >= -high * 1.001
    reflected = lower[hall.MIRROR] < 1
    assert (lower[hall.FLOOR_Z][reflected] < lower[hall.Z][reflected]).all()


def test_front_of_a_gate_is_met_only_outside_its_opening() -> None:
    met = met_by("arches")
    values = np.array([0.0] * OWN + PASSAGES["arches"].values())
    front = met[hall.FRONT_FACE] > 0.5
    assert 0.1 < front.mean() < 0.9
    door, top = values[hall.DOOR_HALF], values[hall.DOOR_HIGH]
    up = np.maximum(-met[hall.Y] - (top - door), 0.0)
    assert (np.hypot(met[hall.X], up)[front] >= door * 0.999).all()
    depth = (met[hall.Z][front] + 0.4) / values[hall.GAP]
    np.testing.assert_allclose(depth, np.round(depth), atol=1e-4)


def test_every_kind_of_passage_paints_its_own_picture() -> None:
    pictures = []
    for subject in ("chrome tube", "long corridor of doors", "blue ice", "star trails"):
        shot = make_shot("tunnel", prompt=ShotPrompt(subject=subject))
        request = make_request(shot, width_px=96, height_px=64, frames=3)
        ((_, (luma, _, _)),) = paint_frames(request, frames=range(2, 3))
        pictures.append(luma.astype(np.int64))
    for k, one in enumerate(pictures):
        assert np.percentile(one, 98) > 60
        for other in pictures[k + 1 :]:
            assert np.abs(one - other).mean() > 8


def test_slabs_differ_near_and_are_even_far_away() -> None:
    seed = np.uint32(3)
    places = [(np.float32(0.37 * k), np.float32(0.21 * k)) for k in range(60)]
    near, far = (
        np.array([slab_tone(a, b, np.float32(foot), seed) for a, b in places])
        for foot in (0.005, 2.0)
    )
    assert near.std() > 0.08
    np.testing.assert_allclose(far, 0.8, atol=1e-6)


def test_air_is_the_films_own() -> None:
    shot = make_shot("tunnel", prompt=ShotPrompt(subject="steel"))
    request = make_request(shot)
    airs = {
        (seed, family): Tunnel(
            Stage(
                height_px=32, width_px=48, palette=mix_palette(request.style.color_palette),
                seed=seed, family=family, energy=0.6, subject="steel", named="steel",
                wishes=read_wishes(shot, request.style),
            )
        ).air
        for seed in (1, 2) for family in (3, 4)
    }  # fmt: skip
    assert airs[1, 3] == airs[2, 3] != airs[1, 4] == airs[2, 4]
