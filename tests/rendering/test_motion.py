"""Time flows on without a jump, bent by the song, the same wherever the clip begins."""

from fractions import Fraction

import numpy as np
from support.clip_requests import make_drive, make_request, make_shot, make_style

from tasks.rendering.backends.procedural.motion import plan_motion
from tasks.rendering.backends.procedural.words import read_wishes
from tasks.rendering.renderer import RenderRequest


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
