"""The song reaches the clip's frames where it sounds."""

from fractions import Fraction

import numpy as np
import pytest

from recipe_schema.analysis import Section
from recipe_schema.vocabulary import SectionType
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


def test_hits_of_a_band_become_pulses_as_strong_as_the_hits() -> None:
    bass = np.full(400, 0.05, np.float32)
    bass[100:130], bass[200:230] = 0.8, 0.45
    drive = drive_for({"bass": bass}, beats=[], downbeats=[], start_s=0.5, frames=60, fps=FPS)
    assert drive.kick[13:17].max() > 0.9
    assert 0.3 < drive.kick[43:47].max() < 0.8
    assert not drive.kick[:12].any()
    assert not drive.hats.any()


def section(kind: SectionType, start: float, end: float) -> Section:
    return Section(type=kind, label="a", start=start, end=end, energy=0.5, confidence=1.0)


FORM = (
    section(SectionType.VERSE, 0.0, 10.0),
    section(SectionType.BUILDUP, 10.0, 14.0),
    section(SectionType.DROP, 14.0, 20.0),
    section(SectionType.CHORUS, 20.0, 40.0),
)


def test_tension_builds_up_to_the_drop_and_the_drop_dies_away() -> None:
    drive = drive_for({}, beats=[], downbeats=[], start_s=8.0, frames=372, fps=FPS, sections=FORM)
    build = drive.tension[60:180]
    assert not drive.tension[:60].any()
    assert (np.diff(build) > 0).all()
    assert build[-1] > 0.98
    assert not drive.tension[180:].any()
    assert not drive.drop[:180].any()
    assert drive.drop[180] == 1.0
    assert (np.diff(drive.drop[180:300]) < 0).all()
    assert not drive.drop[300:360].any()
    assert drive.drop[360] == pytest.approx(0.6)  # the chorus, less hard


def test_place_is_the_share_of_the_song_that_has_passed() -> None:
    drive = drive_for({}, beats=[], downbeats=[], start_s=-1.0, frames=90, fps=FPS, sections=FORM)
    assert drive.place[0] == 0.0
    assert drive.place[60] == pytest.approx(1.0 / 40.0)


def level_curve(level: float) -> np.ndarray:
    return np.full(100, level, np.float32)


@pytest.mark.parametrize(
    ("row", "stem", "band"), [("voice", "stem-vocals", "mids"), ("bass", "stem-bass", "bass")]
)
def test_a_band_stands_in_for_a_stem_that_is_not_known_or_never_sounds(
    row: str, stem: str, band: str
) -> None:
    for curves, level in (
        ({band: level_curve(0.5)}, 0.5),
        ({band: level_curve(0.5), stem: level_curve(0.25)}, 0.25),
        ({band: level_curve(0.5), stem: level_curve(0.0)}, 0.5),
    ):
        drive = drive_for(curves, beats=[], downbeats=[], start_s=0.0, frames=9, fps=FPS)
        assert getattr(drive, row) == pytest.approx(np.full(9, level))


def test_a_kick_is_hit_by_the_drums_in_the_low_band() -> None:
    kick, bass_note, snare = (slice(at, at + 20) for at in (100, 160, 220))
    low, drums = np.full((2, 300), 0.05, np.float32)
    low[kick] = low[bass_note] = drums[kick] = drums[snare] = 0.8

    def hit_frames(**stems: np.ndarray) -> list[int]:
        curves = {"bass": low} | {f"stem-{name}": curve for name, curve in stems.items()}
        drive = drive_for(curves, beats=[], downbeats=[], start_s=0.0, frames=90, fps=FPS)
        return [int(frame) for frame in np.flatnonzero(drive.kick == 1.0)]

    assert hit_frames() == [29, 47]  # a hit begins before its level is reached
    assert hit_frames(drums=drums) == [29]
    assert hit_frames(drums=np.zeros(300, np.float32)) == [29, 47]
