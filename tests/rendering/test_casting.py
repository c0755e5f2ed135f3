"""A recipe's words are held against what renderers know before anything is rendered."""

from support.analyses import make_analysis

from tasks.planning import plan
from tasks.rendering.casting import casting_faults

RECIPE = plan(make_analysis(), seed=1)


def with_shot(**changes):
    first, *others = RECIPE.shot_list
    shots = (first.model_copy(update=changes), *others)
    return RECIPE.model_copy(update={"shot_list": shots})


def test_planned_recipe_asks_for_nothing_unknown():
    assert casting_faults(RECIPE, renderer="procedural") == ()


def test_theme_that_tells_nothing_is_a_fault_and_a_synonym_is_none():
    (fault,) = casting_faults(with_shot(visual_theme="spaghetti"), renderer="procedural")
    assert fault.startswith("shot_001: theme 'spaghetti' is unknown")
    assert casting_faults(with_shot(visual_theme="neon city rain"), renderer="procedural") == ()


def test_unknown_renderer_is_a_fault():
    (fault,) = casting_faults(with_shot(renderer="nobody"), renderer="procedural")
    assert "renderer 'nobody' is unknown" in fault
    assert "procedural" in fault
