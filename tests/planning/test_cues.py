"""Transitions mean something, effects are few, the timeline fires where the song does."""

from itertools import pairwise

import pytest
from support.analyses import EDM_SECTIONS, SONG_SECTIONS, make_analysis

from recipe_schema.vocabulary import Effect, Transition
from tasks.planning import plan
from tasks.planning.bank import load_bank

HARSH = {Transition.GLITCH, Transition.GLITCH_EXPLOSION, Transition.QUICK_CUTS}


def test_the_users_pairs_have_the_users_transitions() -> None:
    sections = (
        ("intro", "A", 4, 0.3),
        ("verse", "B", 8, 0.5),
        ("buildup", "C", 4, 0.6),
        ("drop", "D", 8, 0.9),
        ("chorus", "E", 8, 0.8),
    )
    recipe = plan(make_analysis(sections), style="cyberpunk-rave")
    assert recipe.assembly_instructions.transitions == {
        "intro_to_verse": "slow-dissolve",
        "verse_to_buildup": "quick-cuts",
        "buildup_to_drop": "glitch-explosion",
        "drop_to_chorus": "zoom-blur",
    }


def test_both_sides_of_a_cut_tell_the_same_transition() -> None:
    for sections in (EDM_SECTIONS, SONG_SECTIONS):
        for before, after in pairwise(plan(make_analysis(sections)).shot_list):
            assert before.transition_out == after.transition_in or (
                before.is_key_moment and after.transition_in is Transition.HARD_CUT
            )


def test_changes_of_section_are_left_to_their_pair() -> None:
    recipe = plan(make_analysis(SONG_SECTIONS))
    pairs = recipe.assembly_instructions.transitions
    left = 0
    for before, after in pairwise(recipe.shot_list):
        if after.transition_in is None:
            assert f"{before.section}_to_{after.section}" in pairs
            left += 1
    assert left >= 3


def test_loud_sections_are_cut_hard_and_quiet_ones_melt() -> None:
    loud, quiet = [], []
    for seed in range(6):
        shots = plan(make_analysis(SONG_SECTIONS), seed=seed).shot_list
        for before, after in pairwise(shots):
            if before.section is after.section:
                chosen = loud if after.energy_level > 0.7 else quiet
                if after.energy_level > 0.7 or after.energy_level < 0.35:
                    chosen.append(after.transition_in)
    assert loud.count(Transition.HARD_CUT) > 0.6 * len(loud)
    melting = quiet.count(Transition.DISSOLVE) + quiet.count(Transition.SLOW_DISSOLVE)
    assert melting > 0.3 * len(quiet)


@pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
def test_soft_looks_have_no_harsh_transitions(style: str) -> None:
    recipe = plan(make_analysis(EDM_SECTIONS), style=style)
    told = recipe.assembly_instructions
    used = {shot.transition_in for shot in recipe.shot_list} | set(told.transitions.values())
    if load_bank().aesthetics[style].soft:
        assert not used & HARSH
        assert told.audio_reactive.strength < 1.0
        assert all(Effect.SCREEN_SHAKE not in e.effects for e in told.effects_timeline)
    else:
        assert used & HARSH
        assert told.audio_reactive.strength == 1.0


@pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
def test_one_effect_runs_through_and_few_shots_have_a_second(style: str) -> None:
    shots = plan(make_analysis(SONG_SECTIONS), style=style).shot_list
    look = load_bank().aesthetics[style].look
    assert all(1 <= len(s.effects) <= 2 and s.effects[0] is look for s in shots)
    second = sum(len(shot.effects) == 2 for shot in shots)
    assert 0.15 * len(shots) < second < 0.85 * len(shots)


def test_the_timeline_fires_at_drops_choruses_and_the_end_of_build_ups() -> None:
    recipe = plan(make_analysis(EDM_SECTIONS))
    events = recipe.assembly_instructions.effects_timeline
    assert [(e.event, e.time) for e in events] == [
        ("buildup", 13.125),
        ("drop", 15.0),
        ("chorus", 37.5),
    ]
    assert events[0].duration == 1.875
    assert events[1].effects == ("screen-shake", "flash", "chromatic-aberration-heavy")
    assert events[2].effects == ("color-shift", "bloom-pulse")
