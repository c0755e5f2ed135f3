"""Drops, build-ups and breaks open with a moment that takes its time from its section."""

import pytest
from support.analyses import EDM_SECTIONS, make_analysis

from recipe_schema.vocabulary import CutOn, SectionType, Transition
from tasks.planning import plan


@pytest.mark.parametrize("bpm", [64, 90, 120, 128, 140, 174, 210])
def test_moments_have_the_users_look_and_about_two_seconds_on_beats(bpm: float) -> None:
    analysis = make_analysis(EDM_SECTIONS, bpm=bpm)
    moments = [s for s in plan(analysis).shot_list if s.is_key_moment]
    assert [s.section for s in moments] == ["buildup", "drop", "break"]
    for moment in moments:
        assert 1.2 <= moment.duration <= 3.0
        assert moment.energy_level == 1.0
        assert moment.transition_in is Transition.EXPLOSION
        assert moment.transition_out is Transition.HARD_CUT
        assert moment.effects == ("screen-shake", "flash", "chromatic-aberration-extreme")
        assert moment.cut_on is CutOn.DOWNBEAT
        assert min(abs(beat - moment.end) for beat in analysis.beats) < 1e-6


def test_moments_take_their_time_from_their_section() -> None:
    recipe = plan(make_analysis())
    for section in recipe.metadata.structure:
        inside = [s for s in recipe.shot_list if section.start <= s.timestamp < section.end]
        total = sum(shot.duration for shot in inside)
        assert total == pytest.approx(section.end - section.start, abs=1e-5)
        special = section.type in (SectionType.DROP, SectionType.BUILDUP, SectionType.BREAK)
        assert inside[0].is_key_moment == special
        assert not any(shot.is_key_moment for shot in inside[1:])


def test_the_drop_hits_on_its_first_downbeat() -> None:
    drop = next(s for s in plan(make_analysis()).shot_list if s.section is SectionType.DROP)
    assert (drop.id, drop.timestamp, drop.cut_on) == ("special_drop_15", 15.0, CutOn.DOWNBEAT)


def test_ids_say_what_and_when_and_number_the_others_through_the_song() -> None:
    ids = [shot.id for shot in plan(make_analysis()).shot_list]
    assert [i for i in ids if i.startswith("special")] == [
        "special_buildup_8",
        "special_drop_15",
        "special_break_30",
    ]
    rest = [i for i in ids if not i.startswith("special")]
    assert rest == [f"shot_{k:03d}" for k in range(1, len(rest) + 1)]


def test_moments_last_two_seconds_exactly_where_there_are_no_beats() -> None:
    moments = [s for s in plan(make_analysis(beats=False)).shot_list if s.is_key_moment]
    assert [s.duration for s in moments] == [2.0, 2.0, 2.0]


def test_a_section_too_short_to_be_split_is_the_moment() -> None:
    sections = (("verse", "A", 8, 0.5), ("drop", "B", 1, 0.9), ("verse", "A", 8, 0.5))
    shots = plan(make_analysis(sections, bpm=120)).shot_list
    drops = [s for s in shots if s.section is SectionType.DROP]
    assert [(s.duration, s.is_key_moment) for s in drops] == [(2.0, True)]


@pytest.mark.parametrize("bpm", [110, 128, 140, 150])
def test_moments_end_on_a_downbeat_where_one_is_near_two_seconds(bpm: float) -> None:
    analysis = make_analysis(EDM_SECTIONS, bpm=bpm)
    for moment in (s for s in plan(analysis).shot_list if s.is_key_moment):
        assert min(abs(down - moment.end) for down in analysis.downbeats) < 1e-6
