"""Colour tables: read to the letter of the format, refused with the line that is wrong."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from support.pictures import film_frame, flat_picture, picture_job

from recipe_schema.assembly import Grading
from recipe_schema.recipe import VisualStyle
from tasks.assembly import oklab
from tasks.assembly.compositor import Compositor
from tasks.assembly.grade import grade_for
from tasks.assembly.lut import BadLutError, Lut, apply_lut, parse_cube, read_cube

STYLE = VisualStyle(aesthetic="x", color_palette=("#ff006e", "#00f5ff"))
COLOURS = np.random.default_rng(5).uniform(0.0, 1.0, (400, 3))


def cube_text(size, colour=lambda r, g, b: (r, g, b), head=""):
    steps = [k / (size - 1) for k in range(size)]
    rows = [colour(r, g, b) for b in steps for g in steps for r in steps]
    lines = [f"{r:.7f} {g:.7f} {b:.7f}" for r, g, b in rows]
    return "\n".join([f"{head}LUT_3D_SIZE {size}", *lines, ""])


def parse(text):
    return parse_cube(text.encode(), name="film.cube")


def shown(grade, y, u, v):
    """RGB of planes, shape (3, height, width)."""
    rgb = np.empty((3, *y.shape), np.float32)
    grade.paint(rgb, y.ravel(), y.shape[1], u.ravel(), v.ravel(), u.shape[1])
    return rgb.astype(np.float64)


def swatches(grade):
    """RGB of flat fields of colours from all of the screen, shape (3, fields)."""
    luma, pair = oklab.rgb_to_differences(COLOURS)
    codes = np.round([16 + 219 * luma, *(128 + 224 * pair.T)]).astype(np.uint8)
    y, u, v = (
        np.repeat(np.repeat(c[None], size, axis=1), size, axis=0)
        for c, size in zip(codes, (8, 4, 4), strict=True)
    )
    return shown(grade, y, u, v)[:, 3, 3::8]


@pytest.mark.parametrize("size", [2, 17, 33])
def test_identity_leaves_every_colour(size):
    np.testing.assert_allclose(apply_lut(parse(cube_text(size)), COLOURS), COLOURS, atol=1e-6)


@pytest.mark.parametrize(("strength", "furthest"), [(0.0, 0.01), (1.0, 6.0)])
def test_identity_over_a_look_is_the_look_within_a_code(strength, furthest):
    """But for a few colours at the screen's edge, where a look bends within one node's reach."""
    lut = parse(cube_text(5))
    grading = Grading(strength=strength)
    plain, laid = (swatches(grade_for(STYLE, grading, lut=x).for_clip(None)) for x in (None, lut))
    codes = 255 * abs(plain - laid)
    assert codes.max() < furthest
    assert (codes < 1.0).mean() > 0.97


def test_red_changes_fastest():
    lut = parse(cube_text(3, lambda r, g, b: (g, b, r)))
    np.testing.assert_allclose(apply_lut(lut, COLOURS), COLOURS[:, [1, 2, 0]], atol=1e-6)


def test_cube_is_linear_between_entries_and_exact_at_them():
    def bend(r, g, b):
        return r * r, 0.5 * g, 1.0 - b

    lut = parse(cube_text(3, bend))
    np.testing.assert_allclose(apply_lut(lut, np.array([0.5, 1.0, 0.25])), [0.25, 0.5, 0.75])
    np.testing.assert_allclose(apply_lut(lut, np.array([0.75, 0.5, 0.5])), [0.625, 0.25, 0.5])


def test_grey_stays_on_the_diagonal():
    lut = parse(cube_text(2, lambda r, g, b: (min(r, g, b),) * 3))
    np.testing.assert_allclose(apply_lut(lut, np.full(3, 0.3)), 0.3)


def test_curves_comments_title_domain_and_odd_spaces_are_read():
    lut = parse(
        '# made by hand\n\nTITLE "Old film"\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 2.0 2 2\n'
        "LUT_1D_SIZE 3\r\n\t0 0 0\n # between\n  0.5 0.25 1e-1 \n1 1 1\n\n"
    )
    assert (lut.title, lut.table.shape) == ("Old film", (3, 3))
    np.testing.assert_allclose(apply_lut(lut, np.array([1.0, 1.0, 0.5])), [0.5, 0.25, 0.05])


def test_values_outside_are_held():
    lut = parse("LUT_1D_SIZE 2\nDOMAIN_MIN 0.2 0.2 0.2\nDOMAIN_MAX 0.8 0.8 0.8\n-1 0 0\n2 1 1\n")
    np.testing.assert_allclose(apply_lut(lut, np.array([[0.0] * 3, [1.0] * 3])), [[0] * 3, [1] * 3])


def test_equal_tables_have_equal_digests_and_others_not():
    first, commented = parse(cube_text(2)), parse("# a\nTITLE t\n" + cube_text(2))
    other = parse(cube_text(2, lambda r, g, b: (r, g, 0.9 * b)))
    wider = parse("DOMAIN_MAX 2 2 2\n" + cube_text(2))
    assert first == commented
    assert len({first.digest, other.digest, wider.digest}) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 0: .*without LUT_1D_SIZE or LUT_3D_SIZE"),
        ("LUT_3D_SIZE 66\n", "line 1: .*'66'; 2 to 65"),
        ("LUT_3D_SIZE two\n", "line 1: .*'two'"),
        ("LUT_1D_SIZE 1\n", "line 1: .*'1'; 2 to 65536"),
        ("LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n", "line 2: a second size"),
        ("0 0 0\n", "line 1: numbers before"),
        ("LUT_1D_SIZE 2\n0 0 0\n", "line 2: the table ends after 1 of 2"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n1 1 1\n", "line 4: more than the 2 lines"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1\n", "line 3: '1 1' where 3 numbers"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 nan 1\n", "line 3: '1 nan 1' where 3 numbers"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1 x\n", "line 3: '1 1 x'"),
        ("LUT_1D_SIZE 2\n0 0 0\nTITLE x\n", "line 3: TITLE stands after"),
        ("LUT_1D_SIZE 2\nGAMMA 2\n", "line 2: 'GAMMA' is not a word"),
        ("LUT_1D_SIZE 2\nDOMAIN_MAX 0 1 1\n0 0 0\n1 1 1\n", "DOMAIN_MIN .* not below"),
        ("\0\0\0\1binary", "not a text file"),
    ],
)
def test_bad_table_is_refused_with_its_line(text, told):
    with pytest.raises(BadLutError, match=r"film\.cube.*" + told):
        parse(text)


def test_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadLutError, match=r"gone\.cube cannot be read"):
        read_cube(tmp_path / "gone.cube")


def test_lut_strength_mixes():
    black = parse("LUT_1D_SIZE 2\n0 0 0\n0 0 0\n")
    parts = [
        swatches(grade_for(STYLE, Grading(lut_strength=s), lut=black).for_clip(None))
        for s in (0.0, 0.25, 1.0)
    ]
    assert parts[2].max() < 0.02
    np.testing.assert_allclose(parts[1], 0.75 * parts[0], atol=0.01)


def test_a_strong_table_makes_no_bands():
    """A steep curve over a ramp: steps stay even between neighbouring codes."""
    steep = parse(cube_text(33, lambda r, g, b: tuple(c**0.6 for c in (r, g, b))))
    y = np.tile(np.arange(16, 236, dtype=np.uint8), (2, 1))
    u, v = np.full((1, 110), 124, np.uint8), np.full((1, 110), 130, np.uint8)
    rgb = shown(grade_for(STYLE, Grading(strength=0), lut=steep).for_clip(None), y, u, v)
    steps = 255 * np.diff(rgb[:, 0], axis=1)[:, 60:-8]
    assert steps.min() > 0.3
    assert abs(np.diff(steps, axis=1)).max() < 0.5


def test_lut_is_laid_over_the_film(tmp_path):
    """A table that swaps red and blue makes a reddish film blue."""
    swap = parse(cube_text(2, lambda r, g, b: (b, g, r)))
    job = picture_job(tmp_path, [[flat_picture(120, 110, 170)]])
    seen = []
    for lut in (None, swap):
        with closing(Compositor(replace(job, lut=lut))) as compositor:
            seen.append([plane.mean() for plane in film_frame(compositor, job, 0)])
    assert seen[0][2] > 160 > 115 > seen[0][1]
    assert seen[1][1] > 150 > 120 > seen[1][2]


def test_lut_travels_by_its_digest():
    assert Lut("a", np.zeros((2, 3))) == Lut("a", np.ones((2, 3)))
    assert hash(Lut("a", np.zeros((2, 3)))) == hash(Lut("a", np.ones((2, 3))))
