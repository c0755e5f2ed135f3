"""Cut bodies: facets where the planes say, edges between pixels, light that answers the song."""

import numpy as np
import pytest
from support.clip_requests import make_drive, make_request, make_shot

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.crystal_scenes import SCENES
from tasks.rendering.backends.procedural.cut_glass import (
    BODY_VALUES,
    _add_front,
    _add_rear,
    lay_bodies,
)
from tasks.rendering.backends.procedural.cuts import (
    CORNERS_MAX,
    EDGES_MAX,
    FACES_MAX,
    prism,
    stacked,
)
from tasks.rendering.backends.procedural.glass_rays import (
    EDGE,
    MID_X,
    MID_Y,
    MIRROR,
    POWER,
    R00,
    R11,
    R22,
    SIZE,
    SOFT,
    TINT_R,
)
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.themes.crystals import STEMS
from tasks.rendering.renderer import FloatArray


def luma(subject: str) -> np.ndarray:
    shot = make_shot("crystals", prompt=ShotPrompt(subject=subject), text="crystal")
    request = make_request(shot, frames=4, drive=make_drive(frames=4))
    ((_, (y, _, _)),) = paint_frames(request, frames=range(3, 4))
    return y.astype(np.float64)


def box(*, soft: float, middle: float = 20.0) -> FloatArray:
    """Light of a metal cube of side 20 seen from straight ahead, in a room of even light."""
    cuts = stacked([prism(sides=4, length=0.5, width=0.5)])
    body = np.zeros((1, BODY_VALUES), np.float32)
    body[0, [MID_X, MID_Y]] = middle
    body[0, SIZE], body[0, SOFT] = 20.0, soft
    body[0, [R00, R11, R22, POWER, MIRROR]] = 1.0
    body[0, TINT_R : TINT_R + 3] = 1.0
    body[0, EDGE] = 0.0
    room = np.array([[0, 0, 1, -2.0, 1.0, 0.5, 0.5, 0.5]], np.float32)
    light: FloatArray = np.zeros((3, 40, 40), np.float32)
    laid = np.zeros((40, 4, 40), np.float32)
    lay_bodies(light, laid, body, cuts.planes, cuts.corners, cuts.edges, cuts.counts, room)
    picture: FloatArray = light[0]
    return picture


def test_a_cube_has_its_corners_and_edges() -> None:
    cube = prism(sides=4, length=0.5, width=0.5)
    assert cube.corners.shape == (8, 3)
    assert cube.edges.shape == (12, 2)
    np.testing.assert_allclose(np.abs(cube.corners), 0.5, atol=1e-4)


def test_a_body_covers_what_its_planes_enclose() -> None:
    light = box(soft=1.0)
    assert light[20, 20] == pytest.approx(0.5, abs=0.01)
    assert light.sum() == pytest.approx(0.5 * 20 * 20, rel=0.03)
    assert not light[:8].any()
    assert not light[:, 33:].any()


def test_a_quarter_of_a_pixel_of_motion_is_seen_at_the_edge() -> None:
    sharp, moved = box(soft=1.0, middle=20.0), box(soft=1.0, middle=20.25)
    assert moved[20, 10] < sharp[20, 10]
    assert moved.sum() == pytest.approx(sharp.sum(), rel=0.01)


def test_out_of_focus_the_outline_is_wide_and_the_light_stays() -> None:
    sharp, soft = box(soft=1.0), box(soft=6.0)
    between = [((one > 0.02) & (one < 0.48)).sum() for one in (sharp, soft)]
    assert between[1] >= 3 * max(between[0], 1)
    assert soft.sum() == pytest.approx(sharp.sum(), rel=0.05)


@pytest.mark.parametrize("kind", SCENES)
def test_every_cut_has_room_in_the_arrays(kind: str) -> None:
    for seed in (1, 2, 3):
        for cut in SCENES[kind](seed, 1.0).cuts:
            assert 4 <= len(cut.planes) <= FACES_MAX
            assert 4 <= len(cut.corners) <= CORNERS_MAX
            assert 6 <= len(cut.edges) <= EDGES_MAX


def test_every_kind_has_words_and_a_picture_of_its_own() -> None:
    assert set(STEMS) == set(SCENES)
    words = ("a cluster of quartz points", "faceted jewels", "thin slabs of clear ice", "prisms",
             "a chandelier", "icicles", "a wall of ice", "frost flowers", "mirrors")  # fmt: skip
    pictures = [luma(word) for word in words]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() > 3.0


def test_words_of_one_meaning_show_one_kind() -> None:
    for one, other in (("icicles", "icicles in the moonlight"), ("a jewel", "cut crystal beads")):
        np.testing.assert_array_equal(luma(one), luma(other))


@pytest.mark.parametrize(("add", "away"), [(_add_front, 1e8), (_add_rear, -1e8)])
def test_two_nearest_facets_are_those_of_plain_python(add, away: float) -> None:
    """Compilers have chosen a wrong second facet here, for processors with AVX-512."""
    planes = np.random.default_rng(1).normal(size=(12, 2)).astype(np.float32)
    found = []
    for lay in (add, add.py_func):
        depths, facets = np.full((2, 21), away, np.float32), np.zeros((2, 21), np.int32)
        for k, (base, slope) in enumerate(planes):
            lay(*depths, *facets, 21, base, np.float32(0.1) * slope, np.int32(k))
        found.append((depths, facets))
    for compiled, plain in zip(*found, strict=True):
        np.testing.assert_array_equal(compiled, plain)
