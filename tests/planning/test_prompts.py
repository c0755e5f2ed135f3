"""Prompts are photorealistic prose of the right length, share one style, and never repeat."""

import re
from functools import cache

import pytest
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.recipe import IMPACT_THEME, Recipe
from tasks.planning import plan
from tasks.planning.bank import BANDS, load_bank
from tasks.planning.continuity import TRAITS
from tasks.planning.prompts import RECENT, PromptWriter
from tasks.planning.style import choose_look

BANK = load_bank()
NOT_PHOTOGRAPHED = re.compile(r"cartoon|anime|illustration|drawing|painting|render|4k|8k", re.I)


@cache
def film(style: str) -> Recipe:
    """Three minutes in a look."""
    return plan(make_analysis(SONG_SECTIONS), style=style)


@pytest.mark.parametrize("style", sorted(BANK.aesthetics))
def test_forty_shots_have_forty_prompts_of_sixty_to_130_words(style: str) -> None:
    recipe = plan(make_analysis(SONG_SECTIONS), style=style, pace=1.3)
    prompts = [shot.mochi_prompt for shot in recipe.shot_list]
    assert len(prompts) >= 40
    assert len(set(prompts)) == len(prompts)
    for prompt in prompts:
        assert 60 <= len(prompt.split()) <= 130
        assert prompt.startswith("A photorealistic ")
        assert not NOT_PHOTOGRAPHED.search(prompt), prompt
        assert "  " not in prompt
        assert ".." not in prompt


def test_all_prompts_of_a_film_share_style_and_colours() -> None:
    recipe = film("monochrome-noir")
    endings = {shot.mochi_prompt.split(". The whole film")[1] for shot in recipe.shot_list}
    assert len(endings) == 1
    assert "film noir" in endings.pop()


def test_the_sentence_holds_every_field() -> None:
    for shot in plan(make_analysis()).shot_list:
        assert shot.prompt is not None
        for part in (shot.prompt.subject, shot.prompt.action, shot.prompt.setting):
            assert part in shot.mochi_prompt
        for part in (shot.prompt.light, shot.prompt.camera, shot.prompt.motion):
            assert part in shot.mochi_prompt


def test_no_subject_returns_within_a_few_shots() -> None:
    for style in BANK.aesthetics:
        shots = film(style).shot_list
        subjects = [shot.prompt.subject for shot in shots if shot.prompt]
        for k in range(len(subjects)):
            assert subjects[k] not in subjects[max(k - RECENT, 0) : k]


@pytest.mark.parametrize("style", sorted(BANK.aesthetics))
def test_all_subjects_of_a_theme_are_seen_before_one_returns(style: str) -> None:
    shots = film(style).shot_list
    for theme, subjects in BANK.aesthetics[style].subjects.items():
        told = [s.prompt.subject for s in shots if s.prompt and s.visual_theme == theme]
        counts = [told.count(subject) for subject in subjects]
        assert max(counts) - min(counts) <= 1


def test_light_and_camera_follow_energy() -> None:
    shots = plan(make_analysis()).shot_list
    calm = next(shot for shot in shots if shot.section == "intro").prompt
    loud = next(shot for shot in shots if shot.section == "drop").prompt
    assert calm is not None
    assert loud is not None
    assert calm.motion in BANK.motions["low"]
    assert loud.motion in BANK.motions["high"]


@pytest.mark.parametrize("name", sorted(BANK.aesthetics))
def test_the_bank_is_complete(name: str) -> None:
    aesthetic = BANK.aesthetics[name]
    assert set(aesthetic.subjects) == {*aesthetic.themes, IMPACT_THEME}
    assert set(aesthetic.themes) <= set(TRAITS)
    assert 5 <= len(aesthetic.themes) <= 7
    assert all(len(texts) >= 3 for texts in aesthetic.subjects.values())
    assert set(aesthetic.lights) == set(aesthetic.accents) == set(BANDS)
    assert len(aesthetic.keywords) >= 5
    assert len(aesthetic.settings) >= 4


def test_a_theme_has_its_own_places_where_the_aesthetics_do_not_suit_it() -> None:
    baroque = BANK.aesthetics["storm-baroque"]
    look = choose_look(make_analysis(), seed=0, style="storm-baroque")
    writer = PromptWriter(look.aesthetic, look.visual_style, 0)
    settings = {writer.write(f"s{k}", theme="ocean", energy=0.5)[0].setting for k in range(12)}
    assert settings == set(baroque.places["ocean"])
    for aesthetic in BANK.aesthetics.values():
        assert set(aesthetic.places) <= set(aesthetic.themes)
        assert all(len(places) >= 3 for places in aesthetic.places.values())


def test_actions_are_there_for_every_theme() -> None:
    assert set(BANK.actions) == set(TRAITS)


def test_every_theme_is_of_two_aesthetics_at_least_with_subjects_of_their_own() -> None:
    films = BANK.aesthetics.values()
    for theme in set(TRAITS) - {IMPACT_THEME}:
        assert sum(theme in aesthetic.themes for aesthetic in films) >= 2, theme
        told = [subject for a in films for subject in a.subjects.get(theme, ())]
        assert len(told) == len(set(told)), theme
    for aesthetic in films:
        told = [subject for subjects in aesthetic.subjects.values() for subject in subjects]
        assert len(told) == len(set(told)), aesthetic.name


def test_a_prompt_that_is_there_already_is_not_written_again() -> None:
    look = choose_look(make_analysis(), seed=0, style="dreamy-abstract")
    there = PromptWriter(look.aesthetic, look.visual_style, 0)
    _, first = there.write("shot_001", theme="aurora", energy=0.3)
    _, again = PromptWriter(look.aesthetic, look.visual_style, 0).write(
        "shot_001", theme="aurora", energy=0.3
    )
    _, other = PromptWriter(look.aesthetic, look.visual_style, 0, {first}).write(
        "shot_001", theme="aurora", energy=0.3
    )
    assert again == first
    assert other != first
