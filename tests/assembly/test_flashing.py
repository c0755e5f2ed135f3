"""The light of a composed film is measured piece by piece, and told where it flashes too often."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from support.pictures import flat_picture, picture_job

from recipe_schema.artifacts import ArtifactRef, SegmentRecord
from recipe_schema.assembly import TimelineEvent
from tasks.assembly.compositor import Compositor
from tasks.assembly.flashing import flash_notes
from tasks.assembly.segments import light_file, plan_segments, render_segment
from tasks.assembly.task.segments import told_of_flashes
from tasks.media.light_grid import LightMeter, pack_light, unpack_light

RATE = 30
WHITE, DARK = flat_picture(220), flat_picture(30)


def strobe_job(folder, *, shots=(), events=(), starts_s=(0.0, 1.0), spans=((0.5, 1.5),)):
    """Two seconds whose clips blink six times a second inside some spans of it."""
    folder.mkdir(exist_ok=True)
    lit = [any(a <= n / RATE < b for a, b in spans) and n % 5 < 2 for n in range(round(2 * RATE))]
    pictures = [WHITE if on else DARK for on in lit]
    cuts = [round(start * RATE) for start in starts_s]
    clips = [pictures[cut:] for cut in cuts]
    return picture_job(
        folder, clips, starts_s=starts_s, duration_s=2.0, shots=shots, events=events,
        fps=Fraction(RATE),
    )  # fmt: skip


def light_of(job, folder):
    curves = []
    for segment in plan_segments(job):
        path = folder / f"{segment.start_frame}.mp4"
        render_segment(job, segment, path)
        curves.append(unpack_light(light_file(path).read_bytes()))
    return curves


def test_segments_leave_the_light_of_their_own_pictures(tmp_path):
    job = strobe_job(tmp_path / "clips")
    first, second = light_of(job, tmp_path)
    compositor, meter = Compositor(job), LightMeter()
    for n in range(2 * RATE):
        planes = [np.zeros(shape, np.uint8) for shape in ((72, 128), (36, 64), (36, 64))]
        compositor.frame(n, tuple(planes))
        meter.add(planes)
    compositor.close()
    np.testing.assert_array_equal(np.concatenate([first, second]), meter.curve)


def test_flashes_over_the_border_of_two_segments_are_counted_together(tmp_path):
    job = strobe_job(tmp_path / "clips", spans=((0.65, 1.35),))
    first, second = light_of(job, tmp_path)
    assert flash_notes(job, first) == ()
    assert flash_notes(job, second, first_frame=RATE) == ()
    (note,) = flash_notes(job, np.concatenate([first, second]))
    assert note.startswith("flashes 5 times within a second at 0:00 (shot_0")
    assert "shot_1" in note


def strobe(frames, *, start=0, end=None):
    curve = np.zeros((frames, 3, 2, 2), np.uint8)
    curve[[n for n in range(start, end or frames) if n % 6 < 3], 0] = 255
    return curve


@pytest.mark.parametrize(("shots", "events", "cause"), [
    (({}, {"transition_in": "dissolve"}), (), "shot_0: its clip"),
    (({"effects": ("flash",)},), (), "shot_0: effect flash"),
    ((), (TimelineEvent(time=0.4, event="drop", effects=("flash",)),), "event drop at 0:00"),
    (({}, {"transition_in": "explosion"}), (), "shot_1: transition explosion"),
    (({}, {"transition_in": "hard-cut"}), (), "shot_1: a hard cut"),
])  # fmt: skip
def test_shots_and_what_they_carry_are_named(tmp_path, shots, events, cause):
    job = strobe_job(tmp_path / "clips", shots=shots, events=events)
    (note,) = flash_notes(job, strobe(60))
    assert cause in note
    assert "--calm" in note


def test_time_counts_from_a_parts_own_start_and_shots_by_the_film(tmp_path):
    job = strobe_job(tmp_path / "clips")
    (note,) = flash_notes(job, strobe(24), first_frame=36)
    assert "at 0:00" in note
    assert "shot_1" in note
    assert "shot_0" not in note


def test_many_places_are_told_in_one_sentence(tmp_path):
    job = strobe_job(tmp_path / "clips")
    curve = np.concatenate([strobe(60) if k % 2 else strobe(60, end=1) for k in range(20)])
    notes = flash_notes(job, curve)
    assert len(notes) == 7
    assert "in 4 more places: 0:26, 0:30" in notes[-1]


def piece(start, *, light):
    file = ArtifactRef(key=str(start), sha256="0" * 64, size=1)
    return SegmentRecord(
        key="1" * 64, start_frame=start, end_frame=start + 30, file=file, cache="hit",
        light=file if light else None,
    )  # fmt: skip


def test_light_of_all_pieces_is_measured_or_it_is_told_that_it_is_not(tmp_path):
    job = strobe_job(tmp_path / "clips")
    packed = {"0": pack_light(strobe(30, end=1)), "30": pack_light(strobe(30))}
    store = SimpleNamespace(get_bytes=packed.__getitem__)
    (note,) = told_of_flashes(job, [piece(0, light=True), piece(30, light=True)], store)
    assert "at 0:01 (shot_1" in note
    (note,) = told_of_flashes(job, [piece(0, light=True), piece(30, light=False)], store)
    assert "flashes were not counted" in note
