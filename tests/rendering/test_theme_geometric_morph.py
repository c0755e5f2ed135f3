"""What geometric morph owes: bodies by word, faces that hide and shine, a song that opens them."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from support.clip_requests import NEON, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.bodies import FORMS, body
from tasks.rendering.backends.procedural.facets import GLOW, KNOBS, SHARE, lay_bodies
from tasks.rendering.backends.procedural.motion import Moment, plan_motion
from tasks.rendering.backends.procedural.palette import mix_palette
from tasks.rendering.backends.procedural.sculpture import ORDERS, Copy, stepped, turns_of
from tasks.rendering.backends.procedural.stage import Stage
from tasks.rendering.backends.procedural.studio import EYE_Y, FOCAL, LAMPS
from tasks.rendering.backends.procedural.themes.geometric_morph import GeometricMorph
from tasks.rendering.backends.procedural.view import to_pixels
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import FloatArray

HEIGHT, WIDTH = 96, 160
VIEW = np.array([2 / HEIGHT, 0, -WIDTH / HEIGHT, 0, 2 / HEIGHT, -1], np.float32)
SUBJECTS = ("chrome pyramids", "massive iron gears", "coloured acrylic discs", "chrome spheres")


@cache
def morph_and_moment(subject: str, seed: int = 5) -> tuple[GeometricMorph, Moment]:
    shot = make_shot("geometric-morph", energy=0.6, prompt=ShotPrompt(subject=subject))
    request = make_request(shot, make_style(NEON), frames=20)
    stage = Stage(
        height_px=HEIGHT, width_px=WIDTH, palette=mix_palette(NEON), seed=seed, family=3,
        energy=0.6, subject=subject, named=subject, wishes=read_wishes(shot, request.style),
    )  # fmt: skip
    return GeometricMorph(stage), plan_motion(request, stage.wishes)[12]


def painted(subject: str, **changes: float) -> FloatArray:
    morph, moment = morph_and_moment(subject)
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    morph.paint(light, replace(moment, **changes))
    return light


@pytest.mark.parametrize(
    ("subject", "kind", "order", "material"),
    [
        ("chrome pyramids", "pyramid", None, "steel"),
        ("a grid of glowing pyramids", "pyramid", "grid", "neon"),
        ("stacked cubes of tinted glass", "cube", "stack", "glass"),
        ("nested glass cubes", "cube", "nested", "glass"),
        ("a staircase of translucent blocks", "block", "stairs", "glass"),
        ("a kinetic light sculpture of hexagons", "hexagon", "wall", "neon"),
        ("massive iron gears", "gear", "gearwork", "iron"),
        ("gilded clockwork", "gear", "gearwork", "gold"),
        ("marble columns and arches", "arch", "colonnade", "stone"),
        ("stacked arches of neon", "arch", "colonnade", "neon"),
        ("a dome of golden ribs", "ring", "dome", "gold"),
        ("coloured acrylic discs", "disc", "mobile", "glass"),
        ("a mobile of bright glass triangles", "triangle", "mobile", "glass"),
        ("fans of folded coloured paper", "fan", "mobile", "paper"),
        ("floating shards of mirrored glass", "shard", "float", "glass"),
        ("mirrored steel panels", "panel", "wall", "steel"),
        ("folding planes of pale stone", "panel", "wall", "stone"),
        ("chains and heated steel beams", "frame", "float", "iron"),
        ("carved stone rosettes", "petal", "rosette", "stone"),
        ("polished chrome spheres", "sphere", None, "steel"),
    ],
)
def test_subject_names_body_order_and_material(
    subject: str, kind: str, order: str | None, material: str
) -> None:
    morph = morph_and_moment(subject)[0]
    assert (morph.kind, morph.material) == (kind, material)
    assert order is None or morph.order == order


@pytest.mark.parametrize("subject", SUBJECTS)
def test_kick_moves_bodies_and_does_not_light_the_whole_picture(subject: str) -> None:
    calm, struck = painted(subject, kick=0.0), painted(subject, kick=1.0, since_kick=0.1)
    assert np.abs(struck - calm).sum(axis=0).max() > 0.2
    assert abs(np.clip(struck, 0, 1).mean() - np.clip(calm, 0, 1).mean()) < 0.1


@pytest.mark.parametrize("order", ORDERS)
def test_drop_throws_a_sculpture_apart(order: str) -> None:
    moment = replace(morph_and_moment("chrome cubes")[1], drop=0.0, kick=0.0)
    rest, thrown = (
        np.array([(*c.place, *c.size) for c in ORDERS[order](5, replace(moment, drop=drop))])
        for drop in (0.0, 1.0)
    )
    assert np.abs(thrown - rest).max() > 0.3


@pytest.mark.parametrize("subject", [*SUBJECTS, "marble columns", "a mandala", "a polygon"])
def test_light_is_finite_and_never_negative(subject: str) -> None:
    light = painted(subject, flow=6.1, drop=1.0, kick=1.0)
    assert np.isfinite(light).all()
    assert light.min() >= 0.0


def test_mechanisms_rest_and_move_on() -> None:
    steps = [stepped(0.01 * k) for k in range(201)]
    assert all(b >= a for a, b in pairwise(steps))
    assert stepped(1.2) == stepped(1.4) == 1.0
    assert max(np.diff(steps)) < 0.06


@pytest.mark.parametrize("name", [name for name in FORMS if name not in ("fan", "sphere")])
def test_faces_turn_outwards_and_are_flat(name: str) -> None:
    shape = body(name)
    for face in shape.faces:
        points = shape.corners[face[face >= 0]].astype(float)
        normal = np.cross(points[1] - points[0], points[2] - points[1])
        assert np.abs((points - points[0]) @ normal).max() < 1e-3 * np.abs(normal).max() + 1e-7
    if name in ("cube", "pyramid", "prism", "hexagon", "disc"):
        middle = shape.corners.mean(axis=0)
        for face in shape.faces:
            points = shape.corners[face[face >= 0]].astype(float)
            normal = np.cross(points[1] - points[0], points[2] - points[1])
            assert normal @ (points.mean(axis=0) - middle) > 0.0


def laid(light: FloatArray, copy: Copy, glow: float) -> None:
    """Lay a plain cube that shines by itself alone."""
    lamps = np.zeros(LAMPS, np.float32)
    lamps[FOCAL] = 1.0
    assert lamps[EYE_Y] == 0.0
    looks = np.zeros((1, KNOBS), np.float32)
    looks[0, :3], looks[0, GLOW], looks[0, SHARE] = 1.0, glow, 1.0
    ink = np.zeros((3, 3), np.float32)
    lay_bodies(
        light, VIEW, to_pixels(VIEW), "cube", [copy], looks, ink, ink[0], tuple(lamps),
        np.uint32(1), eye=0.0,
    )  # fmt: skip


def test_cube_covers_what_perspective_says_and_has_no_seams() -> None:
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    laid(light, Copy((0.0, 0.0, 2.5), (1.0, 1.0, 1.0), yaw=0.6, pitch=0.4), 1.0)
    lit = light[1] > 0.5
    corners = (body("cube").corners @ turns_of([Copy((0, 0, 0), (1, 1, 1), 0.6, 0.4)])[0].T) + [
        0, 0, 2.5,
    ]  # fmt: skip
    across = corners[:, 0] / corners[:, 2] * HEIGHT / 2 + (WIDTH - 1) / 2
    columns = np.flatnonzero(lit.any(axis=0))
    assert abs(columns[0] - across.min()) <= 1.5
    assert abs(columns[-1] - across.max()) <= 1.5
    for row in light[1][lit.any(axis=1)]:
        inside = row[row > 0.5]
        assert inside.size < 12 or inside[4:-4].min() > 0.99


def test_nearer_cube_hides_the_farther() -> None:
    light = np.zeros((3, HEIGHT, WIDTH), np.float32)
    laid(light, Copy((0.0, 0.0, 4.0), (1.0, 1.0, 1.0)), 5.0)
    laid(light, Copy((0.0, 0.0, 2.5), (1.0, 1.0, 1.0)), 1.0)
    assert light[0, HEIGHT // 2, WIDTH // 2] == pytest.approx(1.0, abs=1e-3)
