"""The song reaches the clip's frames where it sounds."""

from fractions import Fraction

import numpy as np
import pytest

from tasks.rendering.drive import drive_for

FPS = Fraction(30)


def test_pulse_is_whole_on_the_beat_and_gone_before_the_next() -> None:
    drive = drive_for({}, beats=[1.0, 1.5, 2.0], downbeats=[1.0], start_s=0.5, frames=60, fps=FPS)
    for frame in (15, 30, 45):
        assert drive.beat[frame] == 1.0
        assert drive.beat[frame - 1] < 0.02
    assert not drive.beat[:15].any()
    assert drive.downbeat[15] == 1.0
    assert drive.downbeat[30] < drive.beat[30]


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)])
def test_curve_keeps_its_mean_at_every_rate(fps: Fraction) -> None:
    curve = np.random.default_rng(0).random(400).astype(np.float32)
    frames = int(4 * fps)
    drive = drive_for({"bass": curve}, beats=[], downbeats=[], start_s=0, frames=frames, fps=fps)
    assert drive.bass.shape == (frames,)
    assert drive.bass.mean() == pytest.approx(curve.mean(), abs=0.01)


def test_curve_is_read_at_the_clips_own_time() -> None:
    step = np.zeros(400, np.float32)
    step[200:] = 1.0
    drive = drive_for({"energy": step}, beats=[], downbeats=[], start_s=1.5, frames=30, fps=FPS)
    assert not drive.energy[:15].any()
    assert (drive.energy[15:] == 1.0).all()


def test_before_the_song_and_after_it_all_is_silent() -> None:
    curves = {"highs": np.ones(100, np.float32)}
    drive = drive_for(curves, beats=[0.0], downbeats=[], start_s=-0.5, frames=90, fps=FPS)
    assert not drive.highs[:15].any()
    assert (drive.highs[15:45] == 1.0).all()
    assert not drive.highs[46:].any()
    assert drive.beat[15] == 1.0


def test_song_without_beats_or_curves_gives_stillness() -> None:
    drive = drive_for(
        {"energy": np.zeros(0, np.float32)}, beats=[], downbeats=[], start_s=0, frames=5, fps=FPS
    )
    assert not any(getattr(drive, name).any() for name in ("energy", "bass", "beat", "downbeat"))
