"""Clips of any rate, length and spacing show the right picture at every time of the film."""

from fractions import Fraction
from types import SimpleNamespace

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from recipe_schema.artifacts import Clip
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality, Retime
from tasks.assembly.clip_lengths import check_lengths
from tasks.assembly.pace import SLOWEST, SLOWEST_MOVED, BadClipError, Pace

CLIP_RATES = st.one_of(
    st.integers(16, 60).map(Fraction),
    st.sampled_from([Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)]),
)
FILM_RATES = st.sampled_from([Fraction(r) for r in (24, 25, 30, 50, 60)])


def clip(frames, fps, times_s=None):
    return SimpleNamespace(frames=frames, fps=Fraction(fps), times_s=times_s)


def pace(frames, fps, *, span, film_fps=60, retime=Retime.MOTION, times_s=None):
    return Pace(clip(frames, fps, times_s), span=span, film_fps=Fraction(film_fps), retime=retime)


@settings(max_examples=25)
@given(
    fps=CLIP_RATES,
    film_fps=FILM_RATES,
    frames=st.integers(1, 200),
    span=st.integers(1, 400),
    retime=st.sampled_from(list(Retime)),
    jitter=st.lists(st.fractions(0, Fraction(9, 10)), min_size=0, max_size=12),
)
def test_pictures_rise_begin_with_the_first_and_end_with_the_last(
    fps, film_fps, frames, span, retime, jitter
):
    times = None
    if jitter:
        times = tuple((n + (jitter[n % len(jitter)] if n else 0)) / fps for n in range(frames))
    try:
        runs = pace(frames, fps, span=span, film_fps=film_fps, retime=retime, times_s=times)
    except BadClipError:
        assume(False)
    shown = [runs.at(n) for n in range(span)]
    places = [index + share / 256 for index, share in shown]
    assert shown[0] == (0, 0)
    assert places == sorted(places)
    assert all(0 <= share < 256 for _, share in shown)
    # A picture in between needs the one after it.
    assert max(index + (share > 0) for index, share in shown) <= frames - 1
    if retime is Retime.REPEAT:
        assert {share for _, share in shown} == {0}
    assert (SLOWEST_MOVED if retime is Retime.MOTION else SLOWEST) <= runs.speed <= 1


@settings(max_examples=15)
@given(fps=CLIP_RATES, film_fps=FILM_RATES, span=st.integers(1, 200))
def test_a_clip_that_lasts_is_in_time_with_the_film(fps, film_fps, span):
    frames = int(span * fps / film_fps * Fraction(101, 100)) + 2
    runs = pace(frames, fps, span=span, film_fps=film_fps)
    for n in range(span):
        index, share = runs.at(n)
        assert abs(index + share / 256 - n * fps / film_fps) < 0.03 + n * fps / film_fps / 500


def test_24_in_60_has_five_phases_and_30_two():
    assert {pace(99, 24, span=60).at(n)[1] for n in range(60)} == {0, 51, 102, 154, 205}
    assert {pace(99, 30, span=60).at(n)[1] for n in range(60)} == {0, 128}


def test_29_97_in_60_falls_into_step_where_the_clip_lasts():
    assert {pace(99, Fraction(30000, 1001), span=60).at(n)[1] for n in range(60)} == {0, 128}
    tight = pace(30, Fraction(30000, 1001), span=61)
    assert tight.speed == 1
    assert tight.at(60)[0] <= 29


def test_motion_slows_to_a_half_where_repeats_may_not():
    assert pace(15, 30, span=60).speed == Fraction(1, 2)
    for retime in (Retime.AUTO, Retime.REPEAT, Retime.BLEND):
        with pytest.raises(BadClipError):
            pace(20, 30, span=60, retime=retime)
    with pytest.raises(BadClipError, match=r"14 frames at 30 fps \(0\.47 s\) for 1\.00 s of film"):
        pace(14, 30, span=60)


def test_auto_mixes_only_where_a_clip_is_slowed():
    assert pace(30, 30, span=60, retime=Retime.AUTO).retime is Retime.REPEAT
    slowed = pace(27, 30, span=60, retime=Retime.AUTO)
    assert (slowed.retime, slowed.speed) == (Retime.BLEND, Fraction(9, 10))


def test_uneven_pictures_are_shown_by_their_time():
    times = tuple(Fraction(ms, 1000) for ms in (0, 100, 110, 300, 350))
    runs = pace(5, 12, span=20, film_fps=50, retime=Retime.REPEAT, times_s=times)
    shown = [runs.at(n)[0] for n in range(20)]
    assert shown == [0] * 5 + [1] + [2] * 9 + [3] * 3 + [4] * 2


def test_uneven_pictures_far_apart_are_held_and_near_ones_fill():
    times = tuple(Fraction(ms, 1000) for ms in (0, 100, 110, 300, 350))
    runs = pace(5, 12, span=20, film_fps=50, retime=Retime.MOTION, times_s=times)
    assert runs.at(1) == (0, round(0.2 * 256))
    assert runs.at(10) == (2, 0)
    assert runs.at(16) == (3, round(0.4 * 256))


def stored(shot_id, frames):
    digest = "0" * 64
    return Clip(
        shot_id=shot_id,
        fingerprint=digest,
        file={"key": "a", "sha256": digest, "size": 1},
        renderer="procedural",
        quality_class="exact",
        width_px=64,
        height_px=36,
        fps="30/1",
        frames=frames,
        seed=1,
    )


@pytest.fixture
def timeline(tmp_path):
    from support.pictures import flat_picture, picture_job

    pictures = [flat_picture(60)] * 40
    return picture_job(tmp_path, [pictures] * 3, starts_s=(0.0, 1.0, 2.0), duration_s=3.0).timeline


def test_slowed_clips_are_told_by_their_shots(timeline):
    ids = [placed.shot.id for placed in timeline.shots]
    clips = [stored(shot_id, frames) for shot_id, frames in zip(ids, (30, 26, 90), strict=True)]
    assert check_lengths(clips, timeline, FilmFormat()) == (
        f"{ids[1]}: its clip is 14 % too short and is slowed",
    )


def test_all_clips_that_are_too_short_are_refused_at_once(timeline):
    ids = [placed.shot.id for placed in timeline.shots]
    clips = [stored(shot_id, frames) for shot_id, frames in zip(ids, (16, 40, 3), strict=True)]
    with pytest.raises(BadClipError, match=rf"{ids[0]}: .*; {ids[2]}: .* longer"):
        check_lengths(clips, timeline, FilmFormat())
    master = FilmFormat(quality=Quality.MASTER)
    assert len(check_lengths(clips[:2], timeline, master)) == 1
    with pytest.raises(BadClipError):
        check_lengths(clips[:2], timeline, master.model_copy(update={"retime": Retime.REPEAT}))
