"""Recipes load as people write them, and what is wrong is said with its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.analyses import make_analysis

from recipe_schema.recipe import Recipe
from recipe_schema.versions import (
    SCHEMA_PATH,
    RecipeFormatError,
    dump,
    load,
    load_analysis,
    load_recipe,
    recipe_json_schema,
)
from recipe_schema.vocabulary import Effect

EXAMPLES = SCHEMA_PATH.parent / "examples"
USER_EXAMPLE = (EXAMPLES / "user_example.json").read_text()


def fault(change: Callable[[Any], object]) -> str:
    """What loading the user's example says after a change to it."""
    data = json.loads(USER_EXAMPLE)
    change(data)
    with pytest.raises(RecipeFormatError) as caught:
        load_recipe(json.dumps(data))
    return str(caught.value)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_every_example_loads_and_round_trips(path: Any) -> None:
    recipe = load_recipe(path.read_text())
    assert load_recipe(dump(recipe)) == recipe
    assert dump(load_recipe(dump(recipe))) == dump(recipe)


def test_there_is_a_planned_example_beside_the_users() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} >= {"user_example", "planned"}


def test_every_field_of_the_users_example_survives() -> None:
    written = json.loads(dump(load_recipe(USER_EXAMPLE)))

    def kept(old: Any, new: Any) -> bool:
        if isinstance(old, dict):
            return all(key in new and kept(old[key], new[key]) for key in old)
        if isinstance(old, list):
            return len(old) == len(new) and all(map(kept, old, new))
        return bool(old == new)

    assert kept(json.loads(USER_EXAMPLE), written)


def test_comments_and_trailing_commas_are_allowed_and_strings_are_kept() -> None:
    text = USER_EXAMPLE.replace(
        '"effects": [\n        "bloom",',
        '"effects": [ // the look, "not" a string\n        /* two\n lines, */ "bloom",',
    ).replace('"mochi_prompt": "slow', '"mochi_prompt": "see http://x.y/*z*/,] \\" // slow')
    text = text.replace("    ]\n  },", "    ], // end\n  },", 1)
    recipe = load_recipe(text)
    assert recipe.shot_list[0].mochi_prompt.startswith('see http://x.y/*z*/,] " // slow')
    assert recipe.shot_list[0].effects[0] is Effect.BLOOM


def test_line_numbers_count_the_lines_of_comments() -> None:
    with pytest.raises(RecipeFormatError, match="line 4, column 8"):
        load_recipe('{ /* one\ntwo\nthree */\n  "a": oops }')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: not JSON"),
        ("[]", "holds a list, not an object"),
        ("{ /* never", "line 1: the comment that starts here"),
        ('{"a": 1, "a": 2}', "'a' is written twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ("[" * 100_000, "nested brackets"),
        ('{"a": ' + "9" * 5000 + "}", "thousands of digits"),
    ],
)
def test_what_is_not_json_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(RecipeFormatError) as caught:
        load_recipe(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_words_are_told_with_their_place_and_the_known_ones() -> None:
    said = fault(lambda d: d["shot_list"][2].update(effects=["bloom", "sparkle"]))
    assert said.startswith("shot_003.effects[1]: 'sparkle' is not an effect; known: bloom, glow")
    said = fault(lambda d: d["shot_list"][0].update(transition_in="wipe"))
    assert said.startswith("shot_001.transition_in: 'wipe' is not a transition; known: fade")
    said = fault(lambda d: d["shot_list"][0].update(section="refrain"))
    assert "'refrain' is not a section type; known: intro" in said
    said = fault(lambda d: d["assembly_instructions"]["transitions"].update(a_to_b="fade"))
    assert "'a_to_b' is not of the form intro_to_verse" in said
    said = fault(lambda d: d["visual_style"]["color_palette"].append("red"))
    assert said == "visual_style.color_palette[4]: 'red' is not a colour such as #ff006e"


def test_a_slip_of_the_pen_is_guessed_at() -> None:
    assert "(did you mean 'bloom'?)" in fault(
        lambda d: d["shot_list"][0].update(effects=["blooom"])
    )
    said = fault(lambda d: d["shot_list"][0].update(durration=5))
    assert said.startswith("shot_001.durration: there is no field 'durration' here")
    assert "did you mean 'duration'?" in said


def test_a_field_of_another_name_is_told_before_the_one_that_is_missing() -> None:
    said = fault(
        lambda d: d["assembly_instructions"]["audio_reactive"].update(
            routes=[{"source": "bass", "target": "hue"}]
        )
    )
    place = "assembly_instructions.audio_reactive.routes[0]"
    assert said == (
        f"{place}.target: there is no field 'target' here (did you mean 'drives'?); known: depth, "
        f"drives, fall_ms, rise_ms, source; also {place}.drives is missing"
    )


def test_missing_and_impossible_values_name_the_shot() -> None:
    assert fault(lambda d: d["shot_list"][1].pop("duration")) == "shot_002.duration is missing"
    said = fault(lambda d: d["shot_list"][1].update(duration=-1))
    assert said == "shot_002.duration: -1 does not fit: it must be more than 0"
    said = fault(lambda d: d["shot_list"][1].update(duration=-1, energy_level=3))
    assert said.startswith("shot_002.duration: -1 does not fit")
    assert "; also shot_002.energy_level: 3 does not fit" in said
    said = fault(lambda d: [d["shot_list"][0].pop(k) for k in ("id", "duration", "timestamp")])
    assert said.count("; also ") == 2
    assert "more" not in said
    said = fault(lambda d: [shot.pop("duration") for shot in d["shot_list"]])
    assert said.count("is missing") == 3
    assert said.endswith(" more)")
    said = fault(lambda d: d["shot_list"][0].update(timestamp=7))
    assert said.startswith("shots must be in order of time: shot_002")


def test_a_missing_version_is_the_first_and_a_newer_one_is_refused() -> None:
    assert load_recipe(USER_EXAMPLE).schema_version == 1
    said = fault(lambda d: d.update(schema_version=99))
    assert said == (
        "this recipe has schema_version 99 and this songfilm reads up to 1; "
        "install a newer songfilm"
    )
    assert "not a whole number" in fault(lambda d: d.update(schema_version="one"))
    assert "not a whole number" in fault(lambda d: d.update(schema_version=True))


def test_older_versions_are_upgraded_step_by_step() -> None:
    def rename(data: dict[str, Any]) -> dict[str, Any]:
        return {("seed" if key == "chance" else key): value for key, value in data.items()}

    def add(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "seed": data["seed"] + 1}

    text = json.dumps({**json.loads(USER_EXAMPLE), "chance": 6})
    recipe = load(text, model=Recipe, kind="recipe", version=3, upgrades={1: rename, 2: add})
    assert (recipe.seed, recipe.schema_version) == (7, 3)


def test_an_analysis_round_trips_and_its_faults_are_told() -> None:
    analysis = make_analysis()
    assert load_analysis(dump(analysis)) == analysis
    with pytest.raises(RecipeFormatError, match="tempo_bpm is missing"):
        load_analysis(dump(analysis).replace("tempo_bpm", "tempo_bpn"))


def test_written_lines_are_short_and_lists_stay_together() -> None:
    text = dump(make_analysis())
    assert max(map(len, text.splitlines())) <= 120
    assert len(text.splitlines()) < 120
    assert '"color_palette": ["#ff006e", ' in dump(load_recipe(USER_EXAMPLE))


def test_the_published_schema_is_that_of_the_models() -> None:
    assert SCHEMA_PATH.read_text(encoding="utf-8") == recipe_json_schema(), (
        "run python -m recipe_schema.versions"
    )
