"""The grade: nothing at 0; clips of any origin nearer to each other, skin and black left alone."""

import colorsys
from dataclasses import replace
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.films import make_job, make_recipe
from support.foreign import SCENES, paint, skin_boxes, to_planes
from support.pictures import write_clip

from recipe_schema.artifacts import ClipTraits
from recipe_schema.assembly import Grading
from recipe_schema.recipe import VisualStyle
from tasks.assembly import grade as grade_module
from tasks.assembly import oklab
from tasks.assembly.grade import grade_for
from tasks.assembly.lut import Lut
from tasks.assembly.segments import plan_segments
from tasks.assembly.tone import Tone, tone_curve
from tasks.assembly.traits import measure_traits

NEON = ("#ff006e", "#00f5ff", "#7209b7", "#00ff88")
HONEY = ("#f2b04b", "#e07b39", "#6f8f3f", "#f7e29b")
NOIR = ("#d2453f", "#bcc6d1", "#454d59", "#efeae0")
PASTEL = ("#f1b3d6", "#a9cbf5", "#a891dc", "#f5e6bd")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
DULL = ClipTraits(
    lightness=0.66,
    contrast=0.08,
    black=0.45,
    white=0.8,
    chroma_a=0.06,
    chroma_b=-0.05,
    colourfulness=0.09,
    levels=tuple(np.linspace(0.5, 0.82, 16)),
)


def film(*palette, **grading):
    style = VisualStyle(aesthetic="x", color_palette=palette or NEON)
    return grade_for(style, Grading(**grading))


def graded(grade, planes):
    """RGB as shown, shape (height, width, 3)."""
    y, u, v = planes
    rgb = np.empty((3, *y.shape), np.float32)
    grade.paint(rgb, y.ravel(), y.shape[1], u.ravel(), v.ravel(), u.shape[1])
    return np.moveaxis(rgb, 0, -1).astype(np.float64)


def shown(grade, *codes):
    """RGB of one colour."""
    planes = tuple(
        np.full(shape, code, np.uint8) for shape, code in zip(SHAPES, codes, strict=True)
    )
    return graded(grade, planes)[1, 1]


SHAPES = ((4, 4), (2, 2), (2, 2))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Planes and traits of pictures from anywhere, by name."""
    folder = tmp_path_factory.mktemp("scenes")
    found = {}
    for name, scene in SCENES.items():
        planes = to_planes(paint(scene))
        found[name] = planes, measure_traits(write_clip(folder / f"{name}.mp4", [planes] * 2))
    return found


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
def test_strength_zero_is_plain_bt709_whatever_the_clip_looks_like(codes, rgb):
    np.testing.assert_allclose(shown(film(strength=0).for_clip(DULL), *codes), rgb, atol=6e-3)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_strength_zero_is_exact_for_any_codes(y, u, v):
    pair = (np.array([u, v]) - 128.0) / 224.0
    exact = np.clip(oklab.differences_to_rgb(np.array((y - 16.0) / 219.0), pair), 0.0, 1.0)
    np.testing.assert_allclose(shown(film(strength=0).for_clip(DULL), y, u, v), exact, atol=3e-6)


def test_chroma_lies_where_the_codec_puts_it():
    """Halfway between two samples across, a quarter of the way down; at odd sizes too."""
    y = np.full((5, 7), 126, np.uint8)
    u = np.tile(np.array([100, 110, 140, 150], np.uint8), (3, 1))
    v = np.tile(np.array([[100], [120], [160]], np.uint8), (1, 4))
    rgb = graded(film(strength=0).for_clip(None), (y, u, v))
    blue = 128 + 224 * (rgb[2, :, 2] - 110 / 219) / oklab.SPANS[0]
    red = 128 + 224 * (rgb[:, 2, 0] - 110 / 219) / oklab.SPANS[1]
    np.testing.assert_allclose(blue, [100, 105, 110, 125, 140, 145, 150], atol=1e-3)
    np.testing.assert_allclose(red, [100, 105, 115, 130, 150], atol=1e-3)


@pytest.mark.parametrize("palette", [NEON, HONEY, NOIR, PASTEL])
def test_shots_of_different_origin_come_nearer_to_each_other(scenes, palette):
    """Variance of their mean colour falls by half; no more than 0.5 % of pixels clip by it."""
    look, plain = film(*palette), film(strength=0).for_clip(None)
    before, after, clipped = [], [], []
    for planes, traits in scenes.values():
        pictures = [graded(plain, planes), graded(look.for_clip(traits), planes)]
        means = [oklab.rgb_to_oklab(picture).mean(axis=(0, 1)) for picture in pictures]
        before.append(means[0])
        after.append(means[1])
        ends = [((p < 0.5 / 255) | (p > 254.5 / 255)).any(axis=-1).mean() for p in pictures]
        clipped.append(ends[1] - ends[0])
    assert np.var(after, axis=0).sum() < 0.5 * np.var(before, axis=0).sum()
    assert max(clipped) < 0.005


def test_order_of_light_stays(scenes):
    """A dark shot is still darker than a light one: only what lies far out is pulled."""
    look, plain = film(), film(strength=0).for_clip(None)
    pairs = sorted(
        (
            oklab.rgb_to_oklab(graded(plain, planes))[..., 0].mean(),
            oklab.rgb_to_oklab(graded(look.for_clip(traits), planes))[..., 0].mean(),
        )
        for planes, traits in scenes.values()
        if traits.lightness < 0.4 or traits.lightness > 0.5
    )
    lights = [after for _, after in pairs]
    assert all(b > a - 0.01 for a, b in pairwise(lights))
    assert lights[-1] - lights[0] > 0.25


@pytest.mark.parametrize("palette", [NEON, HONEY])
def test_skin_keeps_its_hue_in_any_light(scenes, palette):
    look, plain = film(*palette), film(strength=0).for_clip(None)
    for name, scene in SCENES.items():
        if scene.on_skin is None:
            continue
        planes, traits = scenes[name]
        pair = [graded(plain, planes), graded(look.for_clip(traits), planes)]
        for rows, columns in skin_boxes():
            inner = slice(columns.start + 3, columns.stop - 3)
            was, now = (oklab.rgb_to_oklab(p[rows, inner]).mean(axis=(0, 1)) for p in pair)
            turn = abs(np.degrees(np.arctan2(*now[:0:-1]) - np.arctan2(*was[:0:-1])))
            assert turn < 16, name
            assert np.hypot(*(now - was)[1:]) < 0.045, name
            assert 20 < np.degrees(np.arctan2(*now[:0:-1])) < 85, name


def test_skin_spared_wholly_is_only_exposed(scenes):
    planes, traits = scenes["warm photo"]
    box = skin_boxes()[1]
    moved = []
    for skin in (0.0, 0.7, 1.0):
        lab = oklab.rgb_to_oklab(graded(film(skin=skin).for_clip(traits), planes)[box])
        plain = oklab.rgb_to_oklab(graded(film(strength=0).for_clip(None), planes)[box])
        hues = [np.arctan2(*part.mean(axis=(0, 1))[:0:-1]) for part in (lab, plain)]
        moved.append(abs(np.degrees(hues[1] - hues[0])))
    assert moved[0] > 2 * moved[1] > 2 * moved[2]


@settings(max_examples=5, deadline=None)
@given(st.lists(COLOURS, min_size=2, max_size=8), st.sampled_from([None, DULL]))
def test_black_stays_black_and_white_white(palette, traits):
    grade = film(*palette).for_clip(traits)
    np.testing.assert_allclose(shown(grade, 16, 128, 128), 0.0, atol=1e-3)
    np.testing.assert_allclose(shown(grade, 235, 128, 128), 1.0, atol=1e-3)


@given(
    st.floats(0, 0.09),
    st.floats(0, 0.15),
    st.floats(-1.95, 0.6),
    st.floats(-0.12, 0.12),
    st.floats(0.3, 0.6),
    st.floats(0, 0.21),
)
def test_tone_always_rises_from_black_to_white(black, white, exposure, depth, pivot, look):
    levels = np.linspace(-0.1, 1.1, 500)
    curve = tone_curve(levels, Tone(black, white, exposure, depth, pivot, look))
    assert np.diff(curve).min() > 0.0
    ends = tone_curve(np.array([0.0, 1.0]), Tone(black, white, exposure, depth, pivot, look))
    np.testing.assert_allclose(ends, [0.0, 1.0], atol=1e-12)


@pytest.mark.parametrize("traits", [None, DULL])
def test_smooth_gradients_stay_smooth(traits):
    """From code to code a ramp of grey, and one of colour, rises in small even steps."""
    grade = film(*HONEY).for_clip(traits)
    y = np.tile(np.repeat(np.arange(16, 236, dtype=np.uint8), 2), (2, 1))
    flat = np.full((1, 220), 128, np.uint8)
    greys = graded(grade, (y, flat, flat))[0, ::2]
    steps = 255 * np.diff(greys @ oklab.LUMA)
    assert steps.min() > 0.1
    assert steps.max() < 2.6
    assert abs(np.diff(steps)).max() < 0.5
    assert abs(np.diff(255 * greys, axis=0, n=2)).max() < 1.0
    chroma = np.arange(108, 157, dtype=np.uint8)[None]
    even = np.full((2, 98), 120, np.uint8)
    colours = graded(grade, (even, chroma, np.full_like(chroma, 128)))[0, ::2]
    assert abs(np.diff(255 * colours, axis=0, n=2)).max() < 1.0


def test_looks_depend_on_the_recipe_and_the_clip_alone():
    one = VisualStyle(aesthetic="a", color_palette=NEON, camera_style="wild")
    two = VisualStyle(aesthetic="b", color_palette=NEON)
    first, second = (grade_for(style, Grading()) for style in (one, two))
    assert first == second
    assert first.shaping == second.shaping
    np.testing.assert_array_equal(first.for_clip(DULL).chroma, second.for_clip(DULL).chroma)
    assert film(*HONEY).shaping != first.shaping != film(strength=0.5).shaping
    assert film(skin=0.1).shaping != first.shaping


def test_half_strength_lies_between():
    codes = (150, 110, 150)
    none, half, whole = (
        shown(film(*HONEY, strength=s).for_clip(DULL), *codes) for s in (0, 0.5, 1)
    )
    assert 0.3 < np.linalg.norm(half - none) / np.linalg.norm(whole - none) < 0.7


def test_changed_clip_dirties_no_segment_of_another_shot():
    """Another clip, of quite another look, in place of the third of five."""
    starts = (0.0, 1.0, 2.0, 3.0, 4.0)
    job = make_job(None, make_recipe(starts, duration_s=5.0))
    clips = {name: replace(clip, traits=DULL) for name, clip in job.clips.items()}
    job = replace(job, clips=clips)
    name = job.timeline.shots[2].shot.id
    dark = DULL.model_copy(update={"lightness": 0.2, "levels": tuple(np.linspace(0.1, 0.3, 16))})
    changed = {**clips, name: replace(clips[name], sha256="f" * 64, traits=dark)}
    other = replace(job, clips=changed)
    dirty = [a.key != b.key for a, b in zip(plan_segments(job), plan_segments(other), strict=True)]
    spans = [(s.start_frame >= 60) and (s.end_frame <= 90) for s in plan_segments(job)]
    assert dirty == spans
    assert any(dirty)


def test_traits_grading_and_lut_enter_the_keys():
    job = make_job(None, make_recipe((0.0,), duration_s=1.0))
    base = {s.key for s in plan_segments(job)}
    name = job.timeline.shots[0].shot.id
    matched = replace(job, clips={name: replace(job.clips[name], traits=DULL)})
    lut = Lut("a" * 64, np.array([[0.0] * 3, [0.5] * 3]))
    told = job.recipe.assembly_instructions.model_copy(update={"grade": Grading(skin=0.2)})
    softer = replace(job, recipe=job.recipe.model_copy(update={"assembly_instructions": told}))
    for other in (matched, replace(job, lut=lut), softer):
        assert not base & {s.key for s in plan_segments(other)}


def test_hues_off_a_palette_of_one_axis_are_held_back_and_its_own_are_not():
    grade = film("#ff5500", "#0077ff").for_clip(None)

    def kept(hue_degrees):
        rgb = np.array(colorsys.hsv_to_rgb(hue_degrees / 360, 0.4, 0.6))
        luma, pair = oklab.rgb_to_differences(rgb)
        codes = [round(16 + 219 * float(luma)), *(round(128 + 224 * float(c)) for c in pair)]
        chroma = [
            oklab.rgb_to_oklab(shown(grade, codes[0], *pair))[1:]
            for pair in (codes[1:], (128, 128))
        ]
        return np.linalg.norm(chroma[0] - chroma[1]) / np.linalg.norm(oklab.rgb_to_oklab(rgb)[1:])

    assert kept(210) > kept(120) + 0.08
    assert kept(210) > kept(300) + 0.08


def test_a_lut_is_laid_over_tables_that_every_machine_has(monkeypatch):
    """Libraries differ in the last bits from CPU to CPU; a steep LUT would enlarge that."""
    curve = np.linspace(0.0, 1.0, 17)[:, None] ** np.array([0.2, 5.0, 1.0])
    given = []
    plain = grade_module._rgb_table

    def noted(lut, strength, tone, chroma):
        given.extend((tone, chroma))
        return plain(lut, strength, tone, chroma)

    monkeypatch.setattr(grade_module, "_rgb_table", noted)
    style = VisualStyle(aesthetic="x", color_palette=HONEY)
    grade_for(style, Grading(), lut=Lut("steep", curve)).for_clip(DULL)
    assert len(given) == 2
    for table in given:
        np.testing.assert_array_equal(table, np.round(table, 6))
