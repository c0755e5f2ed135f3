"""Time flows on without a jump, bent by the song, the same wherever the clip begins."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from support.clip_requests import make_drive, make_request, make_shot, make_style

from recipe_schema.recipe import ShotPrompt
from tasks.rendering.backends.procedural.motion import Moment, plan_motion
from tasks.rendering.backends.procedural.renderer import paint_frames
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import Drive, RenderRequest


def flow_of(request: RenderRequest) -> np.ndarray:
    return np.array(
        [m.flow for m in plan_motion(request, read_wishes(request.shot, request.style))]
    )


def test_flow_rises_steadily_and_faster_on_beats() -> None:
    drive = make_drive(frames=90)
    steps = np.diff(flow_of(make_request(frames=90, drive=drive)))
    assert steps.min() > 0
    assert steps.max() < 6 * steps.min()
    on_beat = drive.beat[1:] > 0.5
    assert steps[on_beat].mean() > 1.3 * steps[~on_beat].mean()


def test_flow_is_nothing_at_the_shots_own_start() -> None:
    shot = make_shot(timestamp=2.0)
    request = make_request(shot, frames=60, start_s=1.5, drive=make_drive(frames=60, start_s=1.5))
    assert request.lead_frames == 15
    assert flow_of(request)[15] == 0.0
    assert flow_of(request)[0] < 0.0


def test_longer_handle_leaves_the_shots_own_frames_alone() -> None:
    shot = make_shot(timestamp=2.0)
    short = flow_of(make_request(shot, frames=40, start_s=2.0))
    long = flow_of(make_request(shot, frames=55, start_s=1.5))
    np.testing.assert_allclose(long[15:], short, atol=1e-9)


def test_flow_does_not_depend_on_the_frame_rate() -> None:
    slow = flow_of(make_request(frames=49, fps=Fraction(24)))
    fast = flow_of(make_request(frames=121, fps=Fraction(60)))
    assert abs(slow[48] - fast[120]) < 0.01 * fast[120]


def test_words_and_intensity_set_the_pace() -> None:
    calm = make_request(make_shot(text="slow gentle waves"), make_style(motion="low"))
    wild = make_request(make_shot(text="fast frantic waves"), make_style(motion="extreme"))
    assert flow_of(wild)[-1] > 4 * flow_of(calm)[-1]


def test_pulses_never_come_more_often_than_three_a_second() -> None:
    drive = make_drive(frames=150, bpm=300.0)
    request = make_request(frames=150, drive=drive)
    beat = np.array(
        [m.beat for m in plan_motion(request, read_wishes(request.shot, request.style))]
    )
    rises = np.flatnonzero(np.diff(beat) > 0.15)
    assert len(rises) > 5
    assert np.diff(rises).min() >= 10


def song(*, frames: int, fps: Fraction = Fraction(30), drop_s: float | None = None) -> Drive:
    """Kicks at 120 a minute; where a drop is asked for, tension up to it."""
    drive = make_drive(frames=frames, fps=fps)
    if drop_s is None:
        return drive
    time = np.arange(frames) / float(fps)
    before = time < drop_s
    tension = np.where(before, time / drop_s, 0.0).astype(np.float32)
    drop = np.where(before, 0.0, np.clip(1.0 - (time - drop_s) / 4.0, 0.0, 1.0) ** 1.5)
    return replace(drive, tension=tension, drop=drop.astype(np.float32))


def moments_of(
    camera: str = "",
    *,
    motion: str = "high",
    said: str = "",
    calm: bool = False,
    drive: Drive | None = None,
    frames: int = 120,
    fps: Fraction = Fraction(30),
) -> list[Moment]:
    shot = make_shot(prompt=ShotPrompt(subject="glass", camera=camera, motion=said))
    style = make_style(motion=motion).model_copy(update={"calm": calm})
    request = make_request(shot, style, frames=frames, fps=fps, drive=drive)
    return plan_motion(request, read_wishes(shot, style))


def column(moments: list[Moment], name: str) -> np.ndarray:
    return np.array([getattr(moment, name) for moment in moments])


def test_camera_goes_the_same_way_at_every_frame_rate() -> None:
    words = "The handheld camera sweeps around and pushes in"
    slow, fast = (
        moments_of(words, drive=song(frames=int(4 * fps) + 1, fps=fps), frames=int(4 * fps) + 1,
                   fps=fps)
        for fps in (Fraction(24), Fraction(60))
    )  # fmt: skip
    for second in (1, 2, 3, 4):
        for name in ("scale", "turn", "pan_x", "pan_y"):
            one, other = getattr(slow[24 * second], name), getattr(fast[60 * second], name)
            assert abs(one - other) < 0.005, name


def test_moves_are_never_even_and_long_ones_come_to_rest() -> None:
    scale = np.log(column(moments_of("The camera pushes in", frames=1800), "scale"))
    pace = -np.diff(scale[:120])
    assert pace.min() > 0
    assert pace.max() > 1.3 * pace.min()
    assert np.abs(np.diff(pace)).max() < 0.05 * pace.max()
    assert -0.7 < scale[-1] < -0.45


def test_camera_leans_into_kicks_only_in_lively_films() -> None:
    drive = song(frames=120)
    still, lively = (
        np.log(column(moments_of(motion=motion, drive=drive), "scale"))
        for motion in ("low", "extreme")
    )
    lean = still - lively
    kick = column(moments_of(drive=drive), "kick")
    assert np.corrcoef(lean, kick)[0, 1] > 0.7
    assert 0.008 < lean.max() < 0.03
    assert lean.min() > -1e-6
    unheard = np.log(column(moments_of(motion="low"), "scale"))
    np.testing.assert_allclose(still, unheard, atol=1e-9)


def test_camera_closes_in_with_tension_and_is_thrown_back_by_the_drop() -> None:
    near = column(moments_of(motion="low", drive=song(frames=180, drop_s=2.0), frames=180), "scale")
    plain = column(moments_of(motion="low", drive=song(frames=180), frames=180), "scale")
    thrown = np.log(near / plain)
    assert thrown[54] < -0.06
    assert thrown[66] > 0.04
    assert abs(thrown[-1]) < 0.02
    assert np.abs(np.diff(thrown)).max() < 0.05  # a twentieth of the picture's size a frame
    assert np.abs(np.diff(thrown[75:])).max() < 0.003


def test_hand_is_felt_but_small() -> None:
    paths = {
        words: np.stack([column(moments_of(words, frames=240), n) for n in ("pan_x", "pan_y")])
        for words in ("", "A handheld camera")
    }
    moved = {words: np.abs(np.diff(path, axis=1)).sum() for words, path in paths.items()}
    assert moved["A handheld camera"] > 4 * moved[""]
    assert np.abs(paths["A handheld camera"] - paths[""]).max() < 0.05


def test_flow_leans_into_the_kicks_that_are_heard_rather_than_into_beats() -> None:
    drive = song(frames=90)
    late = replace(drive, kick=np.roll(drive.kick, 8))
    pace = np.diff(column(moments_of(drive=late, frames=90), "flow"))
    kicks = column(moments_of(drive=late, frames=90), "kick")[1:]
    beats = column(moments_of(drive=late, frames=90), "beat")[1:]
    assert pace[kicks > 0.6].mean() > 1.5 * pace[(kicks < 0.1) & (beats < 0.1)].mean()
    assert pace[kicks > 0.6].mean() > 1.15 * pace[beats > 0.8].mean()


def test_words_set_how_hard_the_beat_throws_and_how_motion_swells() -> None:
    drive = song(frames=120)
    fluid, pulsing = (
        np.diff(column(moments_of(said=said, drive=drive), "flow"))
        for said in ("the movement is fluid and continuous", "an even, swinging pulse")
    )
    assert pulsing.std() / pulsing.mean() > 2.5 * fluid.std() / fluid.mean()
    even, surging = (
        np.diff(column(moments_of(said=said, frames=150), "flow"))
        for said in ("", "everything surges")
    )
    assert even.max() < 1.01 * even.min()
    assert surging.max() > 1.4 * surging.min()


def test_calm_film_feels_beats_softly_and_seldom() -> None:
    drive = song(frames=150, drop_s=2.0)
    lively, calm = (moments_of(calm=calm, drive=drive, frames=150) for calm in (False, True))
    for name in ("beat", "kick", "hats", "drop"):
        sudden, soft = (np.diff(column(moments, name)).max() for moments in (lively, calm))
        assert soft < 0.25 * sudden, name
        assert column(calm, name).max() > 0.1, name
    assert min(m.since_kick for m in calm) > 0.5
    assert np.diff(np.log(column(calm, "scale"))).max() < 0.006


def test_the_dark_of_the_corners_draws_back_as_the_song_goes_on() -> None:
    drive = make_drive(frames=3)
    corners = []
    for place in (0.0, 0.5, 1.0):
        there = replace(drive, place=np.full(3, place, np.float32))
        ((_, planes),) = paint_frames(
            make_request(make_shot("gradient-waves"), frames=3, drive=there), frames=range(1)
        )
        y = planes[0].astype(np.float64)
        corners.append(y[[0, 0, -1, -1], [0, -1, 0, -1]].mean() - y[48, 80])
    assert corners[0] < corners[1] < corners[2]


def test_a_clip_without_a_song_is_halfway() -> None:
    request = make_request(frames=2)
    assert {m.place for m in plan_motion(request, read_wishes(request.shot, request.style))} == {
        0.5
    }
