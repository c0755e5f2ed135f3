"""A calm film has nothing that flashes, shakes or cuts fast, in pictures, effects and words."""

import re
from functools import cache
from itertools import pairwise

import pytest
from support.analyses import EDM_SECTIONS, SONG_SECTIONS, make_analysis

from recipe_schema.calm import CALM_SHOT_S, HARSH_EFFECTS, HARSH_TRANSITIONS
from recipe_schema.checks import check_recipe
from recipe_schema.forms import StyleOptions
from recipe_schema.recipe import Recipe
from recipe_schema.vocabulary import Effect, ReactiveTarget, Transition
from tasks.planning import plan
from tasks.planning.bank import load_bank
from tasks.planning.calm import GENTLE_EFFECTS, calmed
from tasks.planning.proposal import describe_proposal
from tasks.planning.revise import revise
from tasks.planning.task import plan_recipe

all_styles = pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
RESTLESS = re.compile(r"strob|flash|flicker|blink|lightning|pulse|burst|explod|handheld", re.I)

SONG = make_analysis(EDM_SECTIONS)


@cache
def film(style: str) -> Recipe:
    """A calm film of a club track."""
    return plan(SONG, style=style, calm=True)


def used(recipe: Recipe) -> tuple[set[Effect], set[Transition]]:
    """All effects and transitions of a recipe."""
    told = recipe.assembly_instructions
    effects = {effect for shot in recipe.shot_list for effect in shot.effects}
    effects |= {effect for event in told.effects_timeline for effect in event.effects}
    ins, outs = zip(*((s.transition_in, s.transition_out) for s in recipe.shot_list), strict=True)
    return effects, {*ins, *outs, *told.transitions.values()} - {None}


@all_styles
def test_a_calm_plan_has_nothing_harsh(style: str) -> None:
    recipe = film(style)
    effects, transitions = used(recipe)
    assert recipe.visual_style.calm
    assert effects <= GENTLE_EFFECTS
    assert not effects & HARSH_EFFECTS
    assert not transitions & HARSH_TRANSITIONS
    assert "handheld" not in recipe.visual_style.camera_style
    assert check_recipe(recipe, beats=SONG.beats, rhythm="error") == ()
    effects, transitions = used(plan(SONG, style=style))
    assert effects & HARSH_EFFECTS
    assert transitions & HARSH_TRANSITIONS


@all_styles
def test_calm_prompts_tell_of_nothing_sudden_and_still_differ(style: str) -> None:
    shots = film(style).shot_list
    assert not [s.mochi_prompt for s in shots if RESTLESS.search(s.mochi_prompt)]
    assert len({shot.mochi_prompt for shot in shots}) == len(shots)
    bank = load_bank()
    for shot in shots:
        assert shot.prompt is not None
        assert shot.prompt.motion not in bank.motions["high"]
        assert 60 <= len(shot.mochi_prompt.split()) <= 130


@all_styles
def test_the_calm_bank_is_complete(style: str) -> None:
    aesthetic = calmed(load_bank().aesthetics[style])
    assert all(len(subjects) >= 2 for subjects in aesthetic.subjects.values())
    assert all(len(lights) >= 2 for lights in aesthetic.lights.values())
    assert aesthetic.look in GENTLE_EFFECTS


def test_key_moments_stay_and_open_softly() -> None:
    analysis = make_analysis(EDM_SECTIONS)
    loud, calm = (plan(analysis, calm=c).shot_list for c in (False, True))
    moments = [shot for shot in calm if shot.is_key_moment]
    assert [m.id for m in moments] == [shot.id for shot in loud if shot.is_key_moment]
    bank = load_bank()
    for moment in moments:
        assert (moment.transition_in, moment.transition_out) == ("dissolve", "dissolve")
        assert 0.5 < moment.energy_level < 1.0
        assert moment.prompt is not None
        assert moment.prompt.action in bank.calm_actions[moment.visual_theme]
    for before, after in pairwise(calm):
        assert before.transition_out == after.transition_in


@pytest.mark.parametrize("bpm", [96, 128, 150, 174, 210])
def test_calm_cuts_come_no_faster_than_about_two_a_second(bpm: float) -> None:
    for sections in (EDM_SECTIONS, SONG_SECTIONS[-3:]):
        recipe = plan(make_analysis(sections, bpm=bpm), pace=4.0, calm=True)
        assert min(shot.duration for shot in recipe.shot_list) >= CALM_SHOT_S
    fast = plan(make_analysis(EDM_SECTIONS, bpm=150), pace=4.0)
    assert min(shot.duration for shot in fast.shot_list) < CALM_SHOT_S


def test_the_song_moves_a_calm_picture_little_and_its_light_not() -> None:
    loud, calm = (
        plan(make_analysis(), style="cyberpunk-rave", calm=c).assembly_instructions
        for c in (False, True)
    )
    assert calm.audio_reactive.strength < 0.5 * loud.audio_reactive.strength
    driven = {calm.audio_reactive.mids_drive, calm.audio_reactive.highs_drive}
    assert driven == {ReactiveTarget.NONE}
    for event in calm.effects_timeline:
        assert event.attack_beats is not None
        assert event.attack_beats >= 2.0


def test_calm_is_asked_for_in_the_form_and_told_where_the_plan_is_read() -> None:
    analysis = make_analysis()
    asked = plan_recipe.fn(analysis, style=StyleOptions(calm=True))
    assert asked == plan(analysis, calm=True)
    assert "calm (no flashes" in describe_proposal(asked)
    assert "calm" not in describe_proposal(plan(analysis)).split("|")[0]
    assert plan(analysis, calm=True) != plan(analysis)


def test_what_is_filled_into_a_calm_recipe_is_calm() -> None:
    analysis = make_analysis()
    whole = plan(analysis, style="cyberpunk-rave", calm=True)
    own = whole.shot_list[:2]
    short = whole.model_copy(
        update={
            "shot_list": own,
            "assembly_instructions": whole.assembly_instructions.model_copy(
                update={"effects_timeline": (), "transitions": {}}
            ),
        }
    )
    filled, _ = revise(short, analysis, fill=True, snap=False)
    effects, transitions = used(filled)
    assert filled.visual_style.calm
    assert filled.shot_list[:2] == own
    assert len(filled.assembly_instructions.effects_timeline) >= 2
    assert effects <= GENTLE_EFFECTS
    assert not transitions & HARSH_TRANSITIONS
