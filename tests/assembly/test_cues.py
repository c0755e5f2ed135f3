"""Events of the effects timeline: strength to the digit at named beats, tempo changes included."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support.pictures import flat_picture, picture_job

from recipe_schema.assembly import TimelineEvent
from tasks.assembly.cues import FLASH_SPACING_S, place_cues, schedule_flashes
from tasks.assembly.effects import EFFECTS, Envelope, vignette
from tasks.assembly.effects.flash import STOPS
from tasks.assembly.frame_plan import FilmPlan
from tasks.assembly.reactive import follow_song

RATE = 60
# Half a second a beat, and from 2 s on 0.6 s.
BEATS = (*np.arange(0.0, 2.0, 0.5), *np.arange(2.0, 8.0, 0.6))


def job_of(folder, *events):
    job = picture_job(
        folder, [[flat_picture(90)]], duration_s=8.0, events=events, fps=Fraction(RATE)
    )
    return replace(job, beats=tuple(float(beat) for beat in BEATS), downbeats=(0.0, 2.0))


def event(time, effect="vignette", **options):
    return TimelineEvent(time=time, event="x", effects=(effect,), **options)


def strengths(job, *times_s):
    plan = FilmPlan(job)
    depths = [plan.at(round(time_s * RATE)).output.vignette for time_s in times_s]
    return [pytest.approx(depth / vignette.AMOUNT, abs=1e-4) for depth in depths]


def test_attack_and_decay_are_in_beats_of_the_event_s_own_time(tmp_path):
    """Rise over two beats, the effect's own three beats full, a fall over one."""
    job = job_of(tmp_path, event(1.0, attack_beats=2.0, decay_beats=1.0))
    at_beats = [1.0 + beats * 0.5 for beats in (-0.2, 0, 0.5, 1, 2, 3.5, 5, 5.5, 6)]
    assert strengths(job, *at_beats) == [0, 0, 0.25, 0.5, 1, 1, 1, 0.25, 0]


def test_a_beat_is_as_long_as_where_the_event_starts(tmp_path):
    """After the tempo has changed, the same event takes a fifth longer."""
    job = job_of(tmp_path, event(2.0, attack_beats=2.0, decay_beats=1.0))
    at_beats = [2.0 + beats * 0.6 for beats in (0, 0.5, 1, 2, 5, 5.5, 6)]
    assert strengths(job, *at_beats) == [0, 0.25, 0.5, 1, 1, 0.25, 0]
    cue = place_cues(job, follow_song(job).beat_s)[0]
    assert (cue.start_frame, cue.end_frame) == (120, 120 + 6 * 36)


def test_what_an_event_does_not_say_is_the_effect_s_own(tmp_path):
    own = EFFECTS["vignette"].envelope(beat_s=0.5)
    assert own == Envelope(0.25, 1.5, 0.5)
    assert EFFECTS["vignette"].envelope(beat_s=0.5, attack_beats=4.0) == Envelope(2.0, 1.5, 0.5)
    assert EFFECTS["vignette"].envelope(beat_s=0.5, decay_beats=3.0) == Envelope(0.25, 1.5, 1.5)
    assert EFFECTS["vignette"].envelope(beat_s=0.5, attack_beats=0.0) == Envelope(0.0, 1.5, 0.5)


def test_duration_is_kept_whatever_the_attack_and_decay():
    spec = EFFECTS["vignette"]
    assert spec.envelope(beat_s=0.5, duration_s=4.5) == pytest.approx((0.5, 3.0, 1.0))
    both = spec.envelope(beat_s=0.5, duration_s=4.5, attack_beats=1.0, decay_beats=2.0)
    assert both == pytest.approx((0.5, 3.0, 1.0))
    one = spec.envelope(beat_s=0.5, duration_s=4.5, attack_beats=1.0)
    assert one == pytest.approx((0.5, 3.0, 1.0))
    tight = spec.envelope(beat_s=0.5, duration_s=1.5, attack_beats=4.0, decay_beats=2.0)
    assert tight == pytest.approx((1.0, 0.0, 0.5))
    assert tight.at(0.5) == pytest.approx(0.5)
    cut_off = spec.envelope(beat_s=0.5, duration_s=1.0, attack_beats=4.0)
    assert cut_off == pytest.approx((1.0, 0.0, 0.0))
    assert (cut_off.at(0.999), cut_off.at(1.0)) == (pytest.approx(0.999), 0.0)


def test_a_flash_rises_and_falls_in_beats_and_ignores_the_event_s_duration(tmp_path):
    told = event(1.0, "flash", attack_beats=1.0, decay_beats=2.0, duration=7.0)
    plan = FilmPlan(job_of(tmp_path, told))
    hold_s = EFFECTS["flash"].hold_beats * 0.5
    shown = [plan.at(round(t * RATE)).output.exposure for t in (1.0, 1.25, 1.5, 3.0)]
    assert shown == pytest.approx([0.0, STOPS / 2, STOPS, 0.0], abs=0.01)
    half_way = plan.at(round((1.5 + hold_s + 0.5) * RATE)).output.exposure
    assert half_way == pytest.approx(STOPS / 4, abs=0.06)


def test_flashes_with_an_attack_are_spaced_by_their_peaks(tmp_path):
    """Full at 2 s, at 2.05 s and at 2.1 s: only the first of them may flash."""
    slow = [event(1.0, "flash", attack_beats=2.0), event(1.55, "flash", attack_beats=1.0)]
    job = job_of(tmp_path, *slow, event(2.1, "flash"), event(2.6, "flash"))
    flashes = schedule_flashes(job, follow_song(job).beat_s)
    assert flashes.peaks == (120, 156)
    assert np.diff(flashes.peaks).min() >= FLASH_SPACING_S * RATE - 1
    assert flashes.strength[119] < flashes.strength[120] == 1.0
    assert flashes.strength[126] < 0.9


def test_an_event_of_strength_zero_and_one_after_the_end_shape_nothing(tmp_path):
    plain = FilmPlan(job_of(tmp_path))
    told = FilmPlan(job_of(tmp_path, event(1.0, strength=0.0), event(9.0), event(9.0, "flash")))
    assert all(plain.at(n).shaping == told.at(n).shaping for n in range(0, 480, 7))
