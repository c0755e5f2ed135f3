"""Every check finds its fault, and finds nothing in a sound recipe."""

from collections.abc import Sequence
from typing import Any

import pytest

from recipe_schema.assembly import AssemblyInstructions, BeatSync, TimelineEvent
from recipe_schema.checks import Finding, check_recipe
from recipe_schema.recipe import Recipe, RecipeMetadata, RecipeSection, Shot, VisualStyle
from recipe_schema.versions import SCHEMA_PATH, load_recipe
from recipe_schema.vocabulary import CutOn, Effect, SectionType, Transition

BEATS = tuple(k * 0.5 for k in range(20))
EXAMPLES = SCHEMA_PATH.parent / "examples"


def shot(number: int, start: float, end: float, **more: Any) -> Shot:
    fields = {"section": "intro" if start < 4 else "verse", "visual_theme": "aurora", **more}
    return Shot(
        id=f"s{number}",
        timestamp=start,
        duration=end - start,
        mochi_prompt="a sky",
        energy_level=0.5,
        **fields,
    )


def recipe(shots: Sequence[Shot] | None = None, **more: Any) -> Recipe:
    structure = more.pop("structure", ((0, 4, "intro"), (4, 10, "verse")))
    sections = tuple(
        RecipeSection(type=SectionType(kind), start=a, end=b, energy=0.5)
        for a, b, kind in structure
    )
    return Recipe(
        metadata=RecipeMetadata(
            duration=10.0, bpm=120.0, key="C major", mood="calm", structure=sections
        ),
        visual_style=VisualStyle(aesthetic="x", color_palette=("#000000", "#ffffff")),
        shot_list=tuple(shots or (shot(1, 0, 4), shot(2, 4, 10))),
        assembly_instructions=AssemblyInstructions(**more),
    )


def one(findings: Sequence[Finding], code: str) -> Finding:
    """The only finding, which must have this code and tell one sentence."""
    assert [finding.code for finding in findings] == [code]
    assert "\n" not in findings[0].message
    return findings[0]


def test_a_sound_recipe_has_no_findings() -> None:
    assert check_recipe(recipe(), beats=BEATS, duration=10.0, rhythm="error") == ()


def test_two_shots_with_one_id() -> None:
    found = check_recipe(recipe((shot(1, 0, 4), shot(1, 4, 10))))
    assert one(found, "duplicate-id").level == "error"


def test_overlap() -> None:
    found = one(check_recipe(recipe((shot(1, 0, 5), shot(2, 4, 10)))), "overlap")
    assert (found.level, found.shot_id) == ("error", "s2")
    assert "1.000 s before s1 ends: shorten s1 to 4 s" in found.message


def test_gap_bare_start_and_bare_end_point_to_fill() -> None:
    for shots, code in (
        ((shot(1, 0, 3), shot(2, 4, 10)), "gap"),
        ((shot(1, 1, 4), shot(2, 4, 10)), "late-start"),
        ((shot(1, 0, 4), shot(2, 4, 9)), "uncovered-end"),
    ):
        found = one(check_recipe(recipe(shots)), code)
        assert found.level == "error"
        assert "songfilm plan RECIPE --fill" in found.message


def test_times_typed_to_the_hundredth_tile() -> None:
    assert check_recipe(recipe((shot(1, 0, 3.996), shot(2, 4, 10.004)))) == ()
    assert check_recipe(recipe((shot(1, 0, 3.99), shot(2, 4, 10)))) != ()


def test_shot_past_the_films_end() -> None:
    found = check_recipe(recipe((shot(1, 0, 4), shot(2, 4, 12))))
    assert one(found, "past-end").level == "error"


def test_a_flicker_of_a_shot() -> None:
    found = check_recipe(recipe((shot(1, 0, 4), shot(2, 4, 4.05), shot(3, 4.05, 10))))
    assert one(found, "too-short").shot_id == "s2"


def test_a_cut_off_the_beat_is_a_warning_when_loaded_and_an_error_when_planned() -> None:
    off = recipe((shot(1, 0, 4.1), shot(2, 4.1, 10)))
    found = one(check_recipe(off, beats=BEATS), "off-beat")
    assert found.level == "warning"
    assert "100 ms after the nearest beat (4.000 s; 50 ms allowed)" in found.message
    assert one(check_recipe(off, beats=BEATS, rhythm="error"), "off-beat").level == "error"


def test_cuts_within_the_threshold_free_cuts_and_songs_without_beats_pass() -> None:
    near = recipe((shot(1, 0, 4.05), shot(2, 4.05, 10)))
    free = recipe((shot(1, 0, 4.2), shot(2, 4.2, 10, cut_on=CutOn.FREE)))
    off = recipe((shot(1, 0, 4.2), shot(2, 4.2, 10)))
    loose = recipe(off.shot_list, beat_sync=BeatSync(mode="loose"))
    silent = recipe(off.shot_list, beat_sync=BeatSync(mode="off"))
    assert check_recipe(near, beats=BEATS) == ()
    assert check_recipe(free, beats=BEATS) == ()
    assert check_recipe(off, beats=()) == ()
    assert check_recipe(silent, beats=BEATS) == ()
    assert one(check_recipe(loose, beats=BEATS, rhythm="error"), "off-beat").level == "warning"


def test_the_beat_before_the_first_and_after_the_last_is_found() -> None:
    cut = recipe((shot(1, 0, 4), shot(2, 4, 10)))
    assert "(5.000 s;" in one(check_recipe(cut, beats=(5.0, 6.0)), "off-beat").message
    assert "(3.000 s;" in one(check_recipe(cut, beats=(1.0, 3.0)), "off-beat").message


def test_a_recipe_for_a_song_of_another_length() -> None:
    found = check_recipe(recipe(), duration=9.9)
    assert {f.code: f.level for f in found} == {
        "past-end": "error",
        "duration-differs": "error",
        "section-past-end": "warning",
    }


def test_a_length_that_is_not_the_songs_is_an_error_that_says_what_to_set() -> None:
    """Shots that reach the song's end do not help: the recipe's own length is the film's."""
    told = recipe(
        (shot(1, 0, 4), shot(2, 4, 12.25)), structure=((0, 4, "intro"), (4, 12.25, "verse"))
    )
    found = one(check_recipe(told, duration=12.25), "duration-differs")
    assert (found.level, found.shot_id) == ("error", None)
    assert "set metadata.duration to 12.25, or" in found.message
    assert "`songfilm plan RECIPE --fill --song SONG`" in found.message


def test_lengths_typed_by_hand_need_not_be_the_songs_to_the_sample() -> None:
    assert check_recipe(recipe(), duration=10.004) == ()


def test_a_pair_of_equal_sections_is_one_that_happens() -> None:
    shots = (shot(1, 0, 4), shot(2, 4, 7), shot(3, 7, 10))
    assert check_recipe(recipe(shots, transitions={"verse_to_verse": Transition.DISSOLVE})) == ()


def test_structure_that_stops_short_overlaps_or_runs_backwards() -> None:
    short = recipe(structure=((0, 4, "intro"), (4, 8, "verse")))
    assert "ends at 8 s of 10 s" in one(check_recipe(short), "structure-short").message
    over = recipe(structure=((0, 5, "intro"), (4, 10, "verse")))
    assert one(check_recipe(over), "sections-overlap").level == "warning"
    back = recipe(structure=((0, 4, "intro"), (4, 10, "verse"), (10, 10, "outro")))
    assert one(check_recipe(back), "section-backwards").level == "warning"


def test_a_shot_in_another_section_than_the_structure_says() -> None:
    found = check_recipe(recipe((shot(1, 0, 4), shot(2, 4, 10, section="drop"))))
    assert one(found, "other-section").shot_id == "s2"


def test_a_pair_of_sections_that_never_meets() -> None:
    found = check_recipe(recipe(transitions={"drop_to_chorus": Transition.ZOOM_BLUR}))
    assert "transitions.drop_to_chorus never happens" in one(found, "unused-transition").message


def test_a_way_out_that_the_way_in_overrules() -> None:
    shots = (
        shot(1, 0, 4, transition_out=Transition.FADE),
        shot(2, 4, 10, transition_in=Transition.GLITCH),
    )
    assert "glitch is used" in one(check_recipe(recipe(shots)), "transition-ignored").message


def test_an_effect_after_the_films_end() -> None:
    event = TimelineEvent(time=11.0, event="drop", effects=(Effect.FLASH,))
    found = check_recipe(recipe(effects_timeline=(event,)))
    assert "effects_timeline[0] (drop) fires at 11 s" in one(found, "effect-past-end").message


def test_the_users_example_needs_filling_and_snapping_and_nothing_else() -> None:
    example = load_recipe((EXAMPLES / "user_example.json").read_text())
    beats = [k * 60 / 128 for k in range(384)]
    found = check_recipe(example, beats=beats)
    assert {finding.code: finding.level for finding in found} == {
        "uncovered-end": "error",
        "off-beat": "warning",
        "structure-short": "warning",
    }


def test_the_planned_example_has_no_findings() -> None:
    assert check_recipe(load_recipe((EXAMPLES / "planned.json").read_text())) == ()


@pytest.mark.parametrize("field", ["level", "code", "message", "shot_id"])
def test_findings_travel_as_json(field: str) -> None:
    found = check_recipe(recipe((shot(1, 0, 4), shot(1, 4, 10))))
    assert field in found[0].model_dump(mode="json")


def test_what_is_harsh_in_a_calm_recipe_is_told_in_a_line_a_kind() -> None:
    events = (TimelineEvent(time=3.0, event="hit", effects=(Effect.FLASH,)),)
    shots = (
        shot(1, 0, 4, effects=(Effect.FLASH, Effect.GLOW)),
        shot(2, 4, 9.7, transition_in=Transition.EXPLOSION),
        shot(3, 9.7, 10),
    )
    loud = recipe(shots, effects_timeline=events)
    assert not [f for f in check_recipe(loud) if f.code == "not-calm"]
    calm = loud.model_copy(
        update={"visual_style": loud.visual_style.model_copy(update={"calm": True})}
    )
    found = [f for f in check_recipe(calm) if f.code == "not-calm"]
    assert {f.level for f in found} == {"warning"}
    flash, explosion, quick = (f.message for f in found)
    assert "flash (s1, at 3 s) is left out" in flash
    assert "explosion (s2) is softened" in explosion
    assert "more than twice a second (s3)" in quick
