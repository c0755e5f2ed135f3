"""Every effect: nothing at strength 0, and at full strength what its name says."""

from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from support.pictures import busy_picture, film_frame, flat_picture, picture_job

from recipe_schema.assembly import TimelineEvent
from recipe_schema.vocabulary import Effect
from tasks.assembly.compositor import Compositor
from tasks.assembly.cues import FLASH_SPACING_S, schedule_flashes
from tasks.assembly.effects import EFFECTS
from tasks.assembly.frame_plan import FilmPlan, Look
from tasks.assembly.kernels_blur import expose
from tasks.assembly.looks import LookPainter
from tasks.assembly.reactive import follow_song
from tasks.assembly.treatment import Moment, Treatment

ON_BEAT = Moment(frame=15, time_s=0.5, beat_s=0.5, beat=1.0, downbeat=0.0, seed=4)


def show(folder, effect, *, picture=None, frame=16, size=(256, 144), **options):
    """Planes of a film of one shot with one effect (None for none)."""
    shots = ({"effects": [effect.value] if effect else []},)
    picture = picture or busy_picture(3, size=(128, 72))
    job = picture_job(folder, [[picture]], shots=shots, size=size, **options)
    with closing(Compositor(job)) as compositor:
        return [plane.astype(np.int32) for plane in film_frame(compositor, job, frame)]


@pytest.mark.parametrize("effect", Effect)
def test_strength_zero_changes_nothing(effect):
    treatment = Treatment()
    EFFECTS[effect].apply(treatment, 0.0, ON_BEAT)
    assert treatment == Treatment()


@pytest.mark.parametrize("effect", Effect)
def test_an_event_of_strength_zero_leaves_every_byte(tmp_path, effect):
    event = TimelineEvent(time=0.2, event="x", effects=(effect,), strength=0.0)
    plain, told = show(tmp_path, None), show(tmp_path, None, events=(event,))
    for a, b in zip(plain, told, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("effect", Effect)
def test_full_strength_on_the_beat_changes_something(effect):
    treatment = Treatment()
    EFFECTS[effect].apply(treatment, 1.0, ON_BEAT)
    assert treatment != Treatment()


@pytest.mark.parametrize("effect", Effect)
@given(
    since_s=st.floats(-1.0, 30.0, allow_subnormal=False),
    duration_s=st.none() | st.floats(0.05, 20.0),
)
def test_an_event_stays_between_nothing_and_full_and_ends(effect, since_s, duration_s):
    spec = EFFECTS[effect]
    envelope = spec.envelope(beat_s=0.5, duration_s=duration_s)
    level = envelope.at(since_s)
    assert 0.0 <= level <= 1.0
    if duration_s is not None:
        assert envelope.length_s == pytest.approx(duration_s)
    if since_s < -1e-9 or since_s >= (duration_s or envelope.length_s):
        assert level < 1e-12


@pytest.mark.parametrize("effect", [e for e in Effect if e is not Effect.FLASH])
def test_a_shot_with_an_effect_looks_different(tmp_path, effect):
    size = (512, 288)
    plain, treated = show(tmp_path, None, size=size), show(tmp_path, effect, size=size)
    assert sum(abs(a - b).mean() for a, b in zip(plain, treated, strict=True)) > 0.3


def test_bloom_spreads_light_and_leaves_the_dark_far_away(tmp_path):
    picture = flat_picture(20, size=(128, 72))
    picture[0][30:42, 58:70] = 230
    plain, bloomed = (
        show(tmp_path, None, picture=picture)[0],
        show(tmp_path, Effect.BLOOM, picture=picture)[0],
    )
    gain = bloomed - plain
    assert gain[72, 100:110].mean() > 5, "beside the light"
    assert abs(gain[:8, :20]).mean() < 1.5, "far from it"
    assert gain.min() > -3, "bloom adds light only"


def test_vignette_darkens_corners_more_than_sides_and_not_the_middle(tmp_path):
    plain = show(tmp_path, None, picture=flat_picture(180))[0]
    loss = plain - show(tmp_path, Effect.VIGNETTE, picture=flat_picture(180))[0]
    middle, side, corner = loss[70:74, 126:130].mean(), loss[70:74, :3].mean(), loss[:3, :3].mean()
    assert abs(middle) < 1.5
    assert 15 < side < corner
    np.testing.assert_allclose(loss, loss[:, ::-1], atol=3)


def test_pixelation_makes_square_blocks_of_one_value(tmp_path):
    y, u, _ = show(tmp_path, Effect.PIXELATION, frame=15, size=(640, 360))
    runs = np.flatnonzero(np.diff(y[5])) + 1
    assert len(runs) > 10
    steps = np.unique(np.diff(runs))
    side = steps.min()
    assert side >= 4
    assert (steps % side == 0).all()
    block = y[180 : 180 + side, 320 : 320 + side]
    assert np.ptp(block) == 0, "blocks meet in the middle of the picture"
    assert np.ptp(u[90 : 90 + side // 2, 160 : 160 + side // 2]) == 0


def test_pixelation_on_a_shot_strikes_on_the_beat_and_resolves():
    shot = EFFECTS[Effect.PIXELATION].on_shot
    moments = [
        replace(ON_BEAT, beat=(1 - (k % 20) / 20) ** 2, downbeat=(1 - k / 80) ** 2)
        for k in range(80)
    ]
    sizes = [shot(moment) for moment in moments]
    assert sizes[0] == max(sizes) == 1.0
    assert all(0.5 < sizes[k] < 1.0 for k in (20, 40, 60)), "beats that begin no bar are smaller"
    assert len(set(sizes[:20])) == 4, "blocks jump, and never creep"
    assert sizes[:20] == sorted(sizes[:20], reverse=True)
    assert all(size == 0.0 for k, size in enumerate(sizes) if k % 20 > 12), "then all is clear"


def test_pixelation_keeps_light_and_colour(tmp_path):
    plain, blocks = show(tmp_path, None), show(tmp_path, Effect.PIXELATION)
    light, mosaic = (np.sqrt(((y - 16) ** 2).mean()) for y in (plain[0], blocks[0]))
    assert abs(light - mosaic) < 1.0
    for a, b in zip(plain[1:], blocks[1:], strict=True):
        assert abs(abs(a - 128).mean() - abs(b - 128).mean()) < 1.0


def test_a_bright_strand_colours_its_blocks(tmp_path):
    """Red lines on dark grey: a block is as saturated, for its luma, as the lines are."""
    picture = flat_picture(24, size=(128, 72))
    picture[0][:, ::4] = picture[0][:, 1::4] = 120
    picture[1][:, ::2], picture[2][:, ::2] = 105, 190
    event = TimelineEvent(time=0.5, event="x", effects=("pixelation",), strength=2.0)
    options = {"picture": picture, "size": (640, 360), "frame": 15}
    lines, (y, _, v) = (show(tmp_path, None, events=e, **options) for e in ((), (event,)))
    assert y.std() < 8, "a block holds a line and a gap"
    bright = lines[0][::2, ::2] > 110
    wanted = (lines[2][bright].mean() - 128) / (lines[0][::2, ::2][bright].mean() - 16)
    assert (v.mean() - 128) / (y.mean() - 16) == pytest.approx(wanted, rel=0.12)
    assert y.mean() > lines[0].mean() + 8


def test_scanlines_darken_half_of_the_lines(tmp_path):
    y = show(tmp_path, Effect.SCANLINES, picture=flat_picture(180), size=(256, 272))[0]
    lines = np.sort(y.mean(axis=1))
    assert lines[: len(lines) // 2].max() + 30 < lines[len(lines) // 2 :].min()


def test_heavier_aberration_parts_red_from_blue_further(tmp_path):
    picture = flat_picture(30, size=(128, 72))
    picture[0][:, 100:] = 200
    widths = []
    for effect in (
        None,
        Effect.CHROMATIC_ABERRATION_LIGHT,
        Effect.CHROMATIC_ABERRATION,
        Effect.CHROMATIC_ABERRATION_HEAVY,
        Effect.CHROMATIC_ABERRATION_EXTREME,
    ):
        _, u, v = show(tmp_path, effect, picture=picture, size=(512, 288))
        widths.append(abs(u[72] - 128).sum() + abs(v[72] - 128).sum())
    assert all(b > a + 20 for a, b in pairwise(widths))


def test_shake_moves_the_picture_on_the_beat_and_lets_it_rest_after(tmp_path):
    still = show(tmp_path, None, frame=15)[0]
    moved = abs(show(tmp_path, Effect.SCREEN_SHAKE, frame=16)[0] - still).mean()
    rests = abs(show(tmp_path, Effect.SCREEN_SHAKE, frame=29)[0] - still).mean()
    assert moved > 3 * rests


def test_color_shift_turns_hue_and_keeps_luma_and_saturation(tmp_path):
    picture = flat_picture(120, 100, 160)
    event = TimelineEvent(time=0.0, event="x", effects=("color-shift",), duration=1.0)
    y, u, v = show(tmp_path, None, picture=picture, events=(event,), frame=10)
    assert abs(y.mean() - show(tmp_path, None, picture=picture, frame=10)[0].mean()) < 1
    assert abs(np.hypot(u.mean() - 128, v.mean() - 128) - np.hypot(28, 32)) < 2.5
    assert abs(u.mean() - 100) > 5


def test_grain_is_noise_that_changes_with_every_frame_and_keeps_the_mean(tmp_path):
    picture = flat_picture(150)
    first, second = (show(tmp_path, Effect.GRAIN, picture=picture, frame=n)[0] for n in (5, 6))
    plain = show(tmp_path, None, picture=picture, frame=5)[0]
    assert 1.5 < first.std() < 6
    assert abs(first.mean() - plain.mean()) < 0.7
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1
    (tmp_path / "dark").mkdir()
    dark = show(tmp_path / "dark", Effect.GRAIN, picture=flat_picture(20), frame=5)[0]
    assert dark.std() < first.std() / 2


def test_grain_is_new_thirty_times_a_second_at_any_rate(tmp_path):
    options = {"picture": flat_picture(150), "fps": Fraction(60)}
    frames = [show(tmp_path, Effect.GRAIN, frame=n, **options)[0] for n in (20, 21, 22)]
    np.testing.assert_array_equal(frames[0], frames[1])
    assert (frames[1] != frames[2]).mean() > 0.5


@pytest.mark.parametrize("wide", [{"bloom": 0.9}, {"glow": 0.5}])
def test_a_lamp_lights_as_far_around_in_a_clip_of_any_size(wide):
    gains = []
    for height in (240, 480, 720, 1080):
        rgb = np.full((3, height, height), 0.05, np.float32)
        middle, half = height // 2, height // 24
        lamp = slice(middle - half, middle + half)
        rgb[:, lamp, lamp] = 0.95
        look = Look(
            **{"bloom": 0.0, "bloom_threshold": 0.47, "glow": 0.0, "aberration": 0.0, **wide}
        )
        LookPainter(height, height).paint(rgb, look)
        beside = middle + half + round(height * 60 / 1080)
        gains.append(float(rgb[1, middle, beside]) - 0.05)
    assert min(gains) > 0.01
    np.testing.assert_allclose(gains, gains[1], rtol=1 / 3)


def test_bloom_pulse_is_strongest_on_the_beat(tmp_path):
    plain = show(tmp_path, None)[0].mean()
    gains = [show(tmp_path, Effect.BLOOM_PULSE, frame=n)[0].mean() - plain for n in (15, 22, 29)]
    assert gains[0] > gains[1] > gains[2] - 0.2
    assert abs(gains[2]) < 0.5


@settings(deadline=None)
@given(
    st.lists(st.floats(0.0, 1.0, width=32), min_size=3, max_size=3),
    st.floats(1.0, 8.0, width=32),
)
def test_exposure_brightens_and_keeps_the_ratio_of_the_colours(colour, gain):
    rgb = np.array(colour, np.float32).reshape(3, 1, 1)
    lit = rgb.copy()
    expose(lit, np.float32(gain))
    assert (lit >= rgb - 1e-6).all()
    assert lit.max() <= 1.0 + 1e-6
    np.testing.assert_allclose(lit * rgb.max(), rgb * lit.max(), atol=1e-5)


def test_flash_is_an_exposure_and_leaves_black_black(tmp_path):
    picture = flat_picture(110, 100, 150, size=(128, 72))
    picture[0][:, :64] = 16
    picture[1][:, :32] = picture[2][:, :32] = 128
    event = TimelineEvent(time=0.5, event="x", effects=("flash",))
    dark = show(tmp_path, None, picture=picture, events=(event,), frame=13)
    lit = show(tmp_path, None, picture=picture, events=(event,), frame=15)
    assert lit[0][:, 160:].mean() > dark[0][:, 160:].mean() + 40
    assert lit[0][:, :96].mean() < 18
    # Chroma grows with luma: the colour is lit, not covered by grey.
    grown = (lit[0][:, 160:].mean() - 16) / (dark[0][:, 160:].mean() - 16)
    for a, b in zip(dark[1:], lit[1:], strict=True):
        assert (b[:, 80:].mean() - 128) / (a[:, 80:].mean() - 128) == pytest.approx(grown, rel=0.1)


@settings(deadline=None)
@given(
    times=st.lists(st.floats(0.0, 5.9), max_size=25),
    transitions=st.lists(
        st.sampled_from(["explosion", "glitch-explosion", "dissolve"]), min_size=5
    ),
)
def test_no_second_ever_has_more_than_three_flashes(tmp_path_factory, times, transitions):
    folder = tmp_path_factory.getbasetemp() / "flashes"
    folder.mkdir(exist_ok=True)
    job = picture_job(
        folder,
        [[flat_picture(90)]] * 5,
        starts_s=(0.0, 0.5, 0.9, 2.0, 4.0),
        duration_s=6.0,
        shots=tuple(
            {"effects": ["flash"], "transition_in": transition} for transition in transitions[:5]
        ),
        events=tuple(TimelineEvent(time=t, event="x", effects=("flash",)) for t in sorted(times)),
    )
    flashes = schedule_flashes(job, follow_song(job).beat_s)
    rises = np.flatnonzero(np.diff(flashes.strength, prepend=0.0) > 0.0)
    starts = sorted([*flashes.bright_cuts, *rises.tolist()])
    assert starts
    for first in starts:
        assert sum(first <= other < first + 30 for other in starts) <= 3
    gaps = np.diff(sorted(flashes.bright_cuts))
    assert (gaps >= FLASH_SPACING_S * 30 - 1).all()


def test_effects_of_both_shots_blend_in_a_transition(tmp_path):
    job = picture_job(
        tmp_path,
        [[flat_picture(90)]] * 2,
        starts_s=(0.0, 1.0),
        duration_s=2.0,
        shots=({"effects": ["vignette"]}, {"transition_in": "dissolve"}),
    )
    depth = [FilmPlan(job).at(n).output.vignette for n in (5, 24, 30, 36, 50)]
    assert depth[0] > depth[1] > depth[2] > depth[3] > depth[4] == 0.0
