"""The grade: nothing at 0, neutral on luma, and a lean to the palette's own colours."""

import colorsys

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from recipe_schema.recipe import VisualStyle
from tasks.assembly.grade import grade_for

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def style(*palette):
    return VisualStyle(aesthetic="x", color_palette=palette)


def to_rgb(grade, y, u, v):
    return grade.colour.astype(np.float64) @ np.array([y, u, v, 1.0])


def differences(rgb):
    luma = rgb @ [0.2126, 0.7152, 0.0722]
    return np.array([(rgb[2] - luma) / 1.8556, (rgb[0] - luma) / 1.5748])


@pytest.mark.parametrize(
    ("codes", "rgb"),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (1, 1, 1)),
        ((63, 102, 240), (1, 0, 0)),
        ((173, 42, 26), (0, 1, 0)),
        ((32, 240, 118), (0, 0, 1)),
    ],
)
def test_strength_zero_is_plain_bt709(codes, rgb):
    grade = grade_for(style("#ff0000", "#00ff00"), strength=0.0)
    np.testing.assert_allclose(to_rgb(grade, *codes), rgb, atol=6e-3)
    assert grade.contrast == 0.0


@given(
    st.lists(COLOURS, min_size=2, max_size=8),
    st.tuples(st.floats(16, 235), st.floats(60, 200), st.floats(60, 200)),
)
def test_luma_is_kept_and_the_look_is_gentle(palette, codes):
    grade, plain = grade_for(style(*palette)), grade_for(style(*palette), strength=0.0)
    graded, before = to_rgb(grade, *codes), to_rgb(plain, *codes)
    weights = np.array([0.2126, 0.7152, 0.0722])
    assert graded @ weights == pytest.approx(before @ weights, abs=2e-3)
    assert abs(differences(graded) - differences(before)).max() < 0.09


def test_grey_palette_leaves_colours_alone():
    grade, plain = (
        grade_for(style("#333333", "#cccccc")),
        grade_for(style("#333333", "#cccccc"), strength=0),
    )
    np.testing.assert_allclose(grade.colour, plain.colour, atol=1e-6)


def test_white_leans_to_the_lightest_colour_and_black_to_the_darkest():
    grade = grade_for(style("#200040", "#ffd000"))
    for codes, colour in (((235, 128, 128), "#ffd000"), ((16, 128, 128), "#200040")):
        wanted = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
        lean = differences(to_rgb(grade, *codes))
        assert lean @ differences(wanted) > 0.0005
        assert abs(lean).max() < 0.06


def test_hues_off_a_palette_of_one_axis_are_held_back_and_its_own_are_not():
    grade, plain = (grade_for(style("#ff5500", "#0077ff"), strength=s) for s in (1.0, 0.0))

    def kept(hue):
        r, g, b = colorsys.hsv_to_rgb(hue, 0.6, 0.6)
        luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        codes = 16 + 219 * luma, 128 + 224 * (b - luma) / 1.8556, 128 + 224 * (r - luma) / 1.5748
        grey = codes[0], 128, 128
        return np.linalg.norm(
            differences(to_rgb(grade, *codes) - to_rgb(grade, *grey))
        ) / np.linalg.norm(differences(to_rgb(plain, *codes) - to_rgb(plain, *grey)))

    assert kept(20 / 360) > 1.0
    assert kept(300 / 360) < 0.95
    assert kept(120 / 360) < 0.98


def test_the_look_depends_on_the_palette_alone():
    first = VisualStyle(aesthetic="a", color_palette=("#ff0000", "#00ffaa"), camera_style="wild")
    second = VisualStyle(aesthetic="b", color_palette=("#ff0000", "#00ffaa"))
    np.testing.assert_array_equal(grade_for(first).colour, grade_for(second).colour)
