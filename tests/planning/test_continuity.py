"""Themes: a handful a film, neighbours differ, choruses relate, too great a jump is softened."""

from functools import cache
from itertools import combinations, pairwise

import pytest
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.recipe import IMPACT_THEME, Recipe
from recipe_schema.vocabulary import Transition
from tasks.planning import plan
from tasks.planning.bank import load_bank
from tasks.planning.continuity import FAMILY_SIZE, TRAITS, needs_softening, similarity


@cache
def film(style: str | None = None) -> Recipe:
    """Three minutes in a look."""
    return plan(make_analysis(SONG_SECTIONS), style=style)


def test_similarity_is_symmetric_within_bounds_and_one_for_the_same() -> None:
    values = []
    for a, b in combinations(TRAITS, 2):
        assert similarity(a, b) == similarity(b, a)
        assert 0.0 <= similarity(a, b) < 1.0
        values.append(similarity(a, b))
    assert similarity("aurora", "aurora") == 1.0
    assert min(values) < 0.3 < max(values)
    assert similarity("aurora", "somebody's own theme") == 0.5


def test_only_the_unlike_over_a_jump_are_softened_both_ways() -> None:
    unlike = ("aurora", "tunnel")
    assert needs_softening(unlike, (0.3, 0.7))
    assert needs_softening(unlike, (0.7, 0.3))
    assert not needs_softening(unlike, (0.4, 0.7))
    assert not needs_softening(("geometric-morph", "digital-rain"), (0.1, 0.9))


@pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
def test_plans_soften_them_by_a_glitch_dissolve(style: str) -> None:
    shots = film(style).shot_list
    for before, after in pairwise(shots):
        if before.is_key_moment or after.is_key_moment:
            continue
        themes = (before.visual_theme, after.visual_theme)
        rough = needs_softening(themes, (before.energy_level, after.energy_level))
        assert (after.transition_in is Transition.GLITCH_DISSOLVE) == rough


@pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
def test_a_film_has_five_to_seven_themes_and_neighbours_differ(style: str) -> None:
    shots = film(style).shot_list
    themes = [shot.visual_theme for shot in shots]
    assert 5 <= len(set(themes) - {IMPACT_THEME}) <= 7
    assert all(a != b for a, b in pairwise(themes))


@pytest.mark.parametrize("style", sorted(load_bank().aesthetics))
def test_a_theme_rests_for_three_shots_and_its_neighbours_are_not_strangers(style: str) -> None:
    shots = film(style).shot_list
    themes = [shot.visual_theme for shot in shots]
    soon = [k for k in range(1, len(themes)) if themes[k] in themes[max(k - 3, 0) : k]]
    assert len(soon) <= 0.1 * len(themes)
    likeness = [similarity(a, b) for a, b in pairwise(themes)]
    assert sum(likeness) / len(likeness) > 0.4


def test_a_section_opens_with_the_same_theme_whenever_it_returns() -> None:
    for style in load_bank().aesthetics:
        recipe = film(style)
        first = {shot.timestamp: shot.visual_theme for shot in recipe.shot_list}
        choruses = [s.start for s in recipe.metadata.structure if s.type == "chorus"]
        assert len({first[start] for start in choruses}) == 1, style


def test_repeats_of_a_section_have_the_same_themes_and_others_do_not() -> None:
    recipe = film()
    families = {}
    for k, section in enumerate(recipe.metadata.structure):
        inside = [s for s in recipe.shot_list if section.start <= s.timestamp < section.end]
        families[k] = {shot.visual_theme for shot in inside}
    choruses = [k for k, s in enumerate(recipe.metadata.structure) if s.type == "chorus"]
    assert families[choruses[0]] == families[choruses[1]] == families[choruses[2]]
    assert 2 <= len(families[choruses[0]]) <= FAMILY_SIZE
    assert families[1] != families[choruses[0]]
    lead = {recipe.metadata.structure[k].type: families[k] for k in families}
    assert lead["bridge"] != lead["chorus"]


def test_calm_sections_lead_with_calmer_themes() -> None:
    recipe = film("neon-cyberpunk-abstract")
    ladder = load_bank().aesthetics["neon-cyberpunk-abstract"].themes
    intro = recipe.shot_list[0].visual_theme
    chorus = next(s.visual_theme for s in recipe.shot_list if s.section == "chorus")
    assert ladder.index(intro) < ladder.index(chorus)


def test_loud_sections_have_none_of_the_calmest_themes_and_quiet_ones_none_of_the_wildest() -> None:
    for style, aesthetic in load_bank().aesthetics.items():
        shots = film(style).shot_list
        rungs = {theme: k / (len(aesthetic.themes) - 1) for k, theme in enumerate(aesthetic.themes)}
        for shot in shots:
            if shot.section == "chorus":
                assert rungs[shot.visual_theme] > 0.2, (style, shot.visual_theme)
            elif shot.section in ("intro", "outro"):
                assert rungs[shot.visual_theme] < 0.7, (style, shot.visual_theme)
