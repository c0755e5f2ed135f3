"""Whole frames: pure, in place, graded to the encoder's range, shaped by nothing far away."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.pictures import busy_picture, film_frame, flat_picture, picture_job, write_clip

from recipe_schema.assembly import (
    AudioReactive,
    Grading,
    Lettering,
    LyricLine,
    Lyrics,
    TimelineEvent,
    Titles,
)
from recipe_schema.vocabulary import Retime, Transition
from tasks.assembly import compositor, output
from tasks.assembly.compositor import Compositor, shaping_inputs
from tasks.assembly.geometry import View, affine
from tasks.assembly.pace import BadClipError
from tasks.assembly.transitions import TRANSITIONS

STARTS = (0.0, 1.0, 2.0, 3.0)
FRAMES = 120
CLIPS = [[busy_picture(10 * k + i) for i in range(40)] for k in range(4)]
SHOTS = (
    {"effects": ["bloom", "vignette"]},
    {"effects": ["chromatic-aberration", "grain"], "transition_in": "dissolve"},
    {"effects": ["pixelation", "scanlines"], "transition_in": "glitch"},
    {"effects": ["glow"], "transition_in": "explosion"},
)


def rich_job(folder, *, shots=SHOTS, events=(), fps=Fraction(30), **options):
    times = np.arange(400) / 100
    curves = {
        "bass": np.exp(-8 * (times % 0.5)).astype(np.float32),
        "mids": (0.5 + 0.5 * np.sin(3 * times)).astype(np.float32),
        "highs": np.exp(-9 * ((times + 0.2) % 0.25)).astype(np.float32),
    }
    return picture_job(
        folder,
        CLIPS,
        starts_s=STARTS,
        duration_s=4.0,
        shots=shots,
        events=(TimelineEvent(time=2.5, event="hit", effects=("screen-shake", "flash")), *events),
        reactive=AudioReactive(),
        curves=curves,
        fps=fps,
        **options,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def job(folder):
    return rich_job(folder)


def test_a_frame_is_the_same_from_any_start_and_in_any_order(job):
    wanted = [5, 28, 30, 33, 59, 61, 75, 77, 90, 92, 119]
    with closing(Compositor(job)) as forwards:
        first = {n: film_frame(forwards, job, n) for n in range(FRAMES)}
    with closing(Compositor(job)) as backwards:
        for n in reversed(wanted):
            for a, b in zip(first[n], film_frame(backwards, job, n), strict=True):
                np.testing.assert_array_equal(a, b)
    for n in wanted[::3]:
        with closing(Compositor(job)) as alone:
            for a, b in zip(first[n], film_frame(alone, job, n), strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("retime", [Retime.MOTION, Retime.BLEND])
def test_frames_between_pictures_and_under_words_are_pure_too(folder, retime):
    job = rich_job(folder, fps=Fraction(50))
    words = Lyrics(burnt=True, lines=(LyricLine(start=0.8, end=1.6, text="over two shots"),))
    told = job.recipe.assembly_instructions.model_copy(
        update={"lettering": Lettering(titles=Titles(title="A song"), lyrics=words)}
    )
    recipe = job.recipe.model_copy(update={"assembly_instructions": told})
    job = replace(job, recipe=recipe, film=job.film.model_copy(update={"retime": retime}))
    wanted = (8, 36, 41, 47, 52, 58, 63)
    with closing(Compositor(job)) as running:
        first = {n: film_frame(running, job, n) for n in range(wanted[-1] + 1)}
    with closing(Compositor(job)) as backwards:
        for n in reversed(wanted):
            for a, b in zip(first[n], film_frame(backwards, job, n), strict=True):
                np.testing.assert_array_equal(a, b)


def test_two_film_frames_of_one_clip_frame_are_pure_too(folder):
    job = rich_job(folder, fps=Fraction(60))
    with closing(Compositor(job)) as running:
        first = {n: film_frame(running, job, n) for n in range(50, 70)}
    for n in (51, 58, 63):
        with closing(Compositor(job)) as alone:
            for a, b in zip(first[n], film_frame(alone, job, n), strict=True):
                np.testing.assert_array_equal(a, b)


def test_padded_rows_get_the_same_picture_and_keep_their_padding(job):
    with closing(Compositor(job)) as compositor:
        for n in (10, 75):
            plain, padded = (
                film_frame(compositor, job, n),
                film_frame(compositor, job, n, padding=23),
            )
            for a, b in zip(plain, padded, strict=True):
                np.testing.assert_array_equal(a, b)
                assert not b.base[:, b.shape[1] :].any()


def test_every_value_stays_in_the_limited_range(job):
    with closing(Compositor(job)) as compositor:
        for n in range(0, FRAMES, 7):
            y, u, v = film_frame(compositor, job, n)
            assert y.min() >= 16
            assert y.max() <= 235
            assert min(u.min(), v.min()) >= 16
            assert max(u.max(), v.max()) <= 240


def ungraded(job):
    told = job.recipe.assembly_instructions.model_copy(update={"grade": Grading(strength=0)})
    recipe = job.recipe.model_copy(update={"assembly_instructions": told})
    return replace(job, recipe=recipe)


@pytest.mark.parametrize(("y", "u", "v"), [(60, 128, 128), (120, 100, 150), (180, 140, 120)])
def test_a_bare_shot_keeps_its_colour(tmp_path, y, u, v):
    job = ungraded(picture_job(tmp_path, [[flat_picture(y, u, v)]]))
    with closing(Compositor(job)) as compositor:
        for plane, level in zip(film_frame(compositor, job, 3), (y, u, v), strict=True):
            assert abs(plane.astype(float).mean() - level) < 0.8
            assert abs(plane.astype(float) - level).max() <= 2


def test_a_bare_shot_is_its_clip_enlarged(tmp_path):
    """Edges and a ramp lie where the clip has them: no shift by parts of a pixel."""
    y, u, v = flat_picture(40)
    y[:, 32:] = 200
    u[:, 16:] = 160
    v[9:] = 100
    y[18:] //= 2
    job = picture_job(tmp_path, [[(y, u, v)]])
    with closing(Compositor(job)) as compositor:
        film_y, film_u, film_v = (p.astype(int) for p in film_frame(compositor, job, 0))
    assert abs(np.diff(film_y[10]).argmax() - 63) <= 1
    assert abs(-np.diff(film_y[:, 100]).argmin() + 35) <= 1
    assert abs(np.diff(film_u[10]).argmax() - 31) <= 1
    assert abs(np.diff(-film_v[:, 30]).argmax() - 17) <= 1


def test_luma_and_chroma_lie_where_the_codec_puts_them_to_a_tenth_of_a_pixel(tmp_path):
    """Ramps: chroma sample (i, j) of either end belongs to luma pixel (2 i, 2 j + 1/2)."""
    y, u, v = flat_picture(0)
    y[:] = 90 + np.arange(64)
    u[:] = 112 + np.arange(32)
    v[:] = 119 + np.arange(18)[:, None]
    job = ungraded(picture_job(tmp_path, [[(y, u, v)]]))
    with closing(Compositor(job)) as compositor:
        film_y, film_u, film_v = (p.astype(float) for p in film_frame(compositor, job, 0))
    a = affine(View(1.0, 0.0, 0.0, 0.0), film=(128, 72), source=(64, 36))
    inner = slice(8, -8)
    luma_at = a[0] * np.arange(128) + a[2]
    assert abs((film_y.mean(axis=0) - (90 + luma_at))[inner].mean()) < 0.1
    chroma_at = a[0] * 2 * np.arange(64) + a[2]
    assert abs((film_u.mean(axis=0) - (112 + chroma_at / 2))[inner].mean()) < 0.05
    lower_at = a[4] * (2 * np.arange(36) + 0.5) + a[5]
    assert abs((film_v.mean(axis=1) - (119 + lower_at / 2 - 0.25))[inner].mean()) < 0.05


@pytest.mark.parametrize("size", [(72, 128), (96, 96), (160, 64), (1280, 720), (32, 18)])
def test_any_film_shape_is_covered(tmp_path, size):
    job = picture_job(tmp_path, [[flat_picture(150)]], size=tuple(max(64, s) for s in size))
    with closing(Compositor(job)) as compositor:
        y, _, _ = film_frame(compositor, job, 0)
    assert y.min() > 140


def test_clips_of_two_sizes_meet_in_a_transition(tmp_path):
    large = flat_picture(200, size=(128, 72))
    job = picture_job(
        tmp_path,
        [[flat_picture(50)], [large]],
        starts_s=(0.0, 1.0),
        duration_s=2.0,
        shots=({}, {"transition_in": "dissolve"}),
    )
    with closing(Compositor(job)) as compositor:
        means = [film_frame(compositor, job, n)[0].mean() for n in range(15, 45)]
    assert means[0] < 60
    assert means[-1] > 190
    assert all(b >= a - 0.5 for a, b in pairwise(means))


def grit_picture(size):
    """Noise of single pixels: what loses sharpness first."""
    y, u, v = flat_picture(128, size=size)
    return np.random.default_rng(0).integers(40, 200, y.shape, dtype=np.uint8), u, v


def test_a_clip_stays_as_sharp_when_a_larger_one_joins_it(tmp_path):
    job = picture_job(
        tmp_path,
        [[grit_picture((64, 36))], [grit_picture((128, 72))]],
        starts_s=(0.0, 1.0),
        duration_s=2.0,
        shots=({}, {"transition_in": "dissolve"}),
    )
    start = job.timeline.shots[1].transition_start
    with closing(Compositor(job)) as compositor:
        alone, joined = (
            np.abs(np.diff(film_frame(compositor, job, n)[0].astype(float))).mean()
            for n in (start - 1, start)
        )
    assert joined == pytest.approx(alone, rel=0.05)


def test_gradients_are_dithered_not_banded(tmp_path):
    """A ramp of 12 levels over 128 pixels: neighbours of a step mix both levels."""
    y, u, v = flat_picture(0)
    y[:] = np.linspace(60, 72, 64).round().astype(np.uint8)
    job = picture_job(tmp_path, [[(y, u, v)]], size=(640, 360))
    with closing(Compositor(job)) as compositor:
        film, _, _ = film_frame(compositor, job, 0)
        mixed = (film.min(axis=0) != film.max(axis=0)).mean()
        other = film_frame(compositor, job, 1)[0]
    assert mixed > 0.5
    assert (film != other).mean() > 0.05, "the dither moves, so that it is not seen"


def test_film_fades_from_and_to_black(tmp_path):
    job = picture_job(
        tmp_path,
        [[flat_picture(200)]],
        duration_s=2.0,
        shots=({"transition_in": "fade", "transition_out": "fade"},),
    )
    with closing(Compositor(job)) as compositor:
        means = [film_frame(compositor, job, n)[0].mean() for n in (0, 4, 30, 55, 59)]
    assert means[0] < 30 < means[1] < means[2]
    assert means[2] > 190
    assert means[2] > means[3] > means[4]
    assert means[4] < 30


def test_only_frames_that_an_edited_shot_touches_change_their_inputs(folder, job):
    edited = [dict(shot) for shot in SHOTS]
    edited[2]["effects"] = ["glow"]
    other = rich_job(folder, shots=edited)
    changed = changed_frames(job, other)
    placed = job.timeline.shots
    assert changed == set(range(placed[2].transition_start, placed[3].transition_end))


def test_a_changed_clip_changes_only_its_frames(job):
    clips = {**job.clips, "shot_1": replace(job.clips["shot_1"], sha256="f" * 64)}
    placed = job.timeline.shots
    assert changed_frames(job, replace(job, clips=clips)) == set(
        range(placed[1].transition_start, placed[2].transition_end)
    )


def test_an_event_changes_only_frames_until_it_has_died_away(folder, job):
    event = TimelineEvent(time=0.2, event="x", effects=("color-shift",), duration=0.5)
    changed = changed_frames(job, rich_job(folder, events=(event,)))
    assert changed
    assert min(changed) >= 6
    assert max(changed) <= 21


def test_names_and_paths_of_shots_shape_nothing(job):
    shots = tuple(
        placed.__class__(
            **{**vars(placed), "shot": placed.shot.model_copy(update={"mochi_prompt": "b"})}
        )
        for placed in job.timeline.shots
    )
    timeline = replace(job.timeline, shots=shots)
    clips = {name: replace(clip, path=clip.path / "elsewhere") for name, clip in job.clips.items()}
    assert not changed_frames(job, replace(job, timeline=timeline, clips=clips))


def test_palette_and_size_and_curves_enter_the_inputs(folder, job):
    base = shaping_inputs(job, 40, 50)
    louder = {**job.curves, "bass": np.minimum(job.curves["bass"] + np.float32(0.2), 1)}
    for other in (
        rich_job(folder, palette=("#ff0000", "#0000ff")),
        rich_job(folder, size=(160, 90)),
        replace(job, curves=louder),
    ):
        assert shaping_inputs(other, 40, 50) != base


def test_a_level_that_hardly_differs_changes_no_input(job):
    curves = {name: curve + np.float32(1e-6) for name, curve in job.curves.items()}
    assert len(changed_frames(job, replace(job, curves=curves))) < 4


@pytest.mark.parametrize("transition", [t for t in Transition if TRANSITIONS[t].painter])
def test_the_cut_of_every_transition_is_its_midpoint(tmp_path, transition):
    """On its last frame before the cut the old shot weighs more, from the cut on the new one."""
    job = picture_job(
        tmp_path,
        [[flat_picture(40)], [flat_picture(126)]],
        starts_s=(0.0, 2.0),
        duration_s=4.0,
        shots=({}, {"transition_in": transition.value}),
    )
    placed = job.timeline.shots[1]
    frames = (placed.transition_start - 1, 59, 60, placed.transition_end)
    with closing(Compositor(job)) as compositor:
        light = [
            ((film_frame(compositor, job, n)[0].astype(float) - 16) ** 2).mean() for n in frames
        ]
    middle = (light[0] + light[-1]) / 2
    assert light[0] < middle < light[-1]
    assert light[1] < middle
    assert light[2] > middle or transition is Transition.FADE


def test_a_flash_of_the_time_line_is_seen_at_its_time(job):
    with closing(Compositor(job)) as compositor:
        assert (
            film_frame(compositor, job, 75)[0].mean()
            > film_frame(compositor, job, 73)[0].mean() + 20
        )


def test_a_clip_that_is_far_too_short_is_named(tmp_path):
    job = picture_job(tmp_path, [[flat_picture(90)]], duration_s=2.0)
    write_clip(tmp_path / "short.mp4", [flat_picture(90)] * 12)
    clip = replace(job.clips["shot_0"], path=tmp_path / "short.mp4")
    with (
        closing(Compositor(replace(job, clips={"shot_0": clip}))) as compositor,
        pytest.raises(BadClipError, match=r"short\.mp4 has 12 frames"),
    ):
        film_frame(compositor, job, 0)


def changed_frames(job, other):
    return {
        n
        for n in range(FRAMES)
        if shaping_inputs(job, n, n + 1)["frames"] != shaping_inputs(other, n, n + 1)["frames"]
    }


@pytest.mark.parametrize(
    "module", ["compositor.py", "kernels_output.py", "frames.py", "ten_bit.py", "probe.py"]
)
def test_version_changes_with_all_code_that_makes_pixels(module, monkeypatch):
    """Clips are read and segments written by code of the shared ground."""
    read_bytes = Path.read_bytes
    assert compositor._source_digest()[:16] == compositor.COMPOSITOR_VERSION

    def edited(path):
        return read_bytes(path) + (b"#" if path.name == module else b"")

    monkeypatch.setattr(Path, "read_bytes", edited)
    assert compositor._source_digest()[:16] != compositor.COMPOSITOR_VERSION


def test_noise_of_another_numpy_is_another_key(job, monkeypatch):
    own = shaping_inputs(job, 0, 2)
    monkeypatch.setattr(output, "_NOISE_SEED", 1)
    output.noise_digest.cache_clear()
    other = shaping_inputs(job, 0, 2)
    output.noise_digest.cache_clear()
    assert {name for name in own if own[name] != other[name]} == {"noise"}


@pytest.mark.parametrize(("large", "opened"), [(10**9, 3), (1, 2)])
def test_large_clips_are_closed_sooner_and_change_nothing(job, monkeypatch, large, opened):
    with closing(Compositor(job)) as compositor_:
        plain = [film_frame(compositor_, job, n) for n in range(20, 100, 5)]
    monkeypatch.setattr(compositor, "_LARGE", large)
    most = 0
    with closing(Compositor(job)) as bounded:
        for n, planes in zip(range(20, 100, 5), plain, strict=True):
            for a, b in zip(planes, film_frame(bounded, job, n), strict=True):
                np.testing.assert_array_equal(a, b)
            most = max(most, len(bounded._layers))
    assert most == opened
