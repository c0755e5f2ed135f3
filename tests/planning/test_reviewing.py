"""A person's answer and the proposal become one recipe; what contradicts itself is told."""

import jsonschema
import pytest
from support.analyses import make_analysis

from recipe_schema.review import OF_THE_FILM, Decision, review_form, unchanged_review
from recipe_schema.versions import dump
from recipe_schema.vocabulary import Transition
from tasks.planning import plan
from tasks.planning.reviewing import judge_review

ANALYSIS = make_analysis()
PROPOSAL = plan(ANALYSIS, seed=3)


def answer(**changes):
    return {**unchanged_review(PROPOSAL).model_dump(mode="json"), **changes}


def card(number, **changes):
    """All cards, one of them changed."""
    cards = unchanged_review(PROPOSAL).model_dump(mode="json")["shots"]
    cards[number] |= changes
    return cards


def written(number, **changes):
    """The recipe's text with one shot changed."""
    shots = list(PROPOSAL.shot_list)
    shots[number] = shots[number].model_copy(update=changes)
    return dump(PROPOSAL.model_copy(update={"shot_list": tuple(shots)}))


def judge(**changes):
    return judge_review(answer(**changes), PROPOSAL, analysis=ANALYSIS)


def test_unchanged_form_approves_the_proposal_as_it_is():
    verdict = judge()
    assert verdict.faults == ()
    assert verdict.recipe == PROPOSAL
    assert verdict.review.decision is Decision.APPROVE


def test_answer_of_a_decision_alone_changes_nothing():
    verdict = judge_review({"decision": "approve"}, PROPOSAL, analysis=ANALYSIS)
    assert verdict.recipe == PROPOSAL
    assert verdict.faults == ()


def test_every_field_of_a_card_reaches_the_recipe():
    edits = {
        "prompt": "A lighthouse in fog.",
        "theme": "aurora",
        "transition_in": "glitch",
        "seed": "-12",
        "renderer": "procedural",
        "locked": True,
    }
    shot = judge(shots=card(2, **edits)).recipe.shot_list[2]
    assert shot.mochi_prompt == "A lighthouse in fog."
    assert shot.prompt is None
    assert (shot.visual_theme, shot.transition_in) == ("aurora", Transition.GLITCH)
    assert (shot.seed, shot.renderer, shot.locked) == (-12, "procedural", True)


def test_card_leaves_other_shots_alone_but_for_the_transition_between():
    edited = judge(shots=card(2, transition_in="glitch")).recipe
    assert edited.shot_list[1].transition_out is Transition.GLITCH
    untouched = [k for k in range(len(PROPOSAL.shot_list)) if k not in (1, 2)]
    assert all(edited.shot_list[k] == PROPOSAL.shot_list[k] for k in untouched)


def test_card_may_leave_transition_and_seed_to_the_film():
    cards = card(2, transition_in=OF_THE_FILM, seed="")
    shot = judge(shots=cards).recipe.shot_list[2]
    assert shot.transition_in is None
    assert shot.seed is None


def test_recipe_and_cards_are_both_taken():
    verdict = judge(
        shots=card(1, seed="9"),
        recipe=written(3, mochi_prompt="A forest of glass."),
        palette=["#112233", "#445566"],
    )
    assert verdict.faults == ()
    assert verdict.recipe.shot_list[1].seed == 9
    assert verdict.recipe.shot_list[3].mochi_prompt == "A forest of glass."
    assert verdict.recipe.visual_style.color_palette == ("#112233", "#445566")


def test_same_change_in_card_and_recipe_is_no_contradiction():
    verdict = judge(shots=card(1, seed="9"), recipe=written(1, seed=9))
    assert verdict.faults == ()
    assert verdict.recipe.shot_list[1].seed == 9


def test_different_change_in_card_and_recipe_is_asked_again():
    verdict = judge(shots=card(1, seed="9"), recipe=written(1, seed=8))
    assert verdict.recipe is None
    (fault,) = verdict.faults
    assert fault.startswith(PROPOSAL.shot_list[1].id)
    assert "9" in fault
    assert "8" in fault


def test_palette_changed_in_both_places_is_asked_again():
    style = PROPOSAL.visual_style.model_copy(update={"color_palette": ("#000000", "#ffffff")})
    text = dump(PROPOSAL.model_copy(update={"visual_style": style}))
    (fault,) = judge(palette=["#112233", "#445566"], recipe=text).faults
    assert "palette" in fault


def test_palette_of_the_recipe_counts_when_its_field_is_as_proposed():
    style = PROPOSAL.visual_style.model_copy(update={"color_palette": ("#000000", "#ffffff")})
    verdict = judge(recipe=dump(PROPOSAL.model_copy(update={"visual_style": style})))
    assert verdict.recipe.visual_style.color_palette == ("#000000", "#ffffff")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shots": card(0)[1:]}, "card of shot_001 is gone"),
        ({"shots": [*card(0), card(0)[0]]}, "two cards of shot_001"),
        ({"shots": card(0, id="shot_999")}, "no shot 'shot_999'"),
        ({"shots": card(0, when="0 s to 99 s")}, "times are changed in the recipe"),
        ({"palette": ["#112233"]}, "two to eight colours"),
        ({"palette": ["red", "#112233"]}, "a colour such as"),
        ({"recipe": "{"}, "not JSON"),
        ({"recipe": written(1, duration=0.01)}, "shot_002"),
        ({"recipe": dump(PROPOSAL).replace("0" * 64, "1" * 64)}, "another song"),
        ({"decision": "maybe"}, "decision"),
    ],
)
def test_answer_that_is_no_film_is_told(changes, told):
    verdict = judge(**changes)
    assert any(told in fault for fault in verdict.faults), verdict.faults


def test_changed_card_of_a_shot_that_the_recipe_lost_is_told():
    shots = list(PROPOSAL.shot_list)
    shots[0] = shots[0].model_copy(update={"duration": shots[0].duration + shots[1].duration})
    text = dump(PROPOSAL.model_copy(update={"shot_list": (shots[0], *shots[2:])}))
    assert judge(recipe=text).faults == ()
    (fault,) = judge(recipe=text, shots=card(1, seed="1")).faults
    assert "gone from the recipe" in fault


def test_form_opens_with_the_values_and_refuses_unknown_words():
    values = answer(shots=card(0, prompt="what a person wrote"))
    form = review_form(values, themes=["tunnel", *_themes()], renderers=["procedural"])
    schema = form.model_json_schema()
    opened = {name: told.get("default") for name, told in schema["properties"].items()}
    assert opened == values
    jsonschema.validate(values, schema)
    for wrong in ({"theme": "spaghetti"}, {"transition_in": "jump"}, {"renderer": "nobody"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(answer(shots=card(0, **wrong)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, schema)


def test_what_must_be_read_first_opens_the_first_field():
    form = review_form(answer(), themes=_themes(), renderers=[], told="shot_002 is too short.")
    fields = form.model_json_schema()["properties"]
    assert next(iter(fields)) == "decision"
    assert fields["decision"]["description"].startswith("shot_002 is too short. approve:")


def _themes():
    return sorted({shot.visual_theme for shot in PROPOSAL.shot_list})
