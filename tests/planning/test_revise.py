"""A person's recipe is completed and mended, what the person wrote stays, every change is said."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.analyses import SONG_SECTIONS, make_analysis

from recipe_schema.analysis import SongAnalysis
from recipe_schema.checks import check_recipe
from recipe_schema.recipe import Recipe
from recipe_schema.versions import SCHEMA_PATH, load_recipe
from recipe_schema.vocabulary import CutOn
from tasks.planning import plan
from tasks.planning.revise import revise

SONG = make_analysis(SONG_SECTIONS)  # 180 s at 128 BPM
PLAN = plan(SONG)


def user_example() -> Recipe:
    return load_recipe((SCHEMA_PATH.parent / "examples" / "user_example.json").read_text())


def edited(recipe: Recipe, shot_id: str, **fields: Any) -> Recipe:
    """The recipe with fields of one shot changed."""
    shots = tuple(
        shot.model_copy(update=fields) if shot.id == shot_id else shot for shot in recipe.shot_list
    )
    return recipe.model_copy(update={"shot_list": shots})


def without(recipe: Recipe, *shot_ids: str) -> Recipe:
    shots = tuple(shot for shot in recipe.shot_list if shot.id not in shot_ids)
    return recipe.model_copy(update={"shot_list": shots})


def problems(recipe: Recipe, analysis: SongAnalysis = SONG) -> list[str]:
    found = check_recipe(recipe, beats=analysis.beats, duration=analysis.duration, rhythm="error")
    return [finding.message for finding in found]


def test_the_users_example_is_completed_to_its_three_minutes() -> None:
    recipe, changes = revise(user_example(), SONG, fill=True, snap=True)
    assert problems(recipe) == []
    assert recipe.shot_list[-1].end == pytest.approx(180.0)
    assert 20 <= len(recipe.shot_list) <= 40
    assert recipe.metadata.structure[-1].end == 180.0
    own = user_example()
    assert recipe.visual_style == own.visual_style
    for old, new in zip(own.shot_list, recipe.shot_list, strict=False):
        timeless = {"timestamp", "duration", "cut_on"}
        assert new.model_dump(exclude=timeless) == old.model_dump(exclude=timeless)
        assert abs(new.timestamp - old.timestamp) < 60 / 128 / 2
    ids = [shot.id for shot in recipe.shot_list]
    assert ids[3] == "shot_004"
    assert {"special_buildup_32", "special_drop_40"} <= set(ids)
    told = recipe.assembly_instructions.transitions
    assert own.assembly_instructions.transitions.items() <= told.items()
    said = "\n".join(changes)
    assert "shot_002: the cut moves from 5.000 s to the beat at 5.156 s" in said
    assert "new shots from 12.188 to 180.000 s" in said
    assert "effects_timeline: the drop moves from 40.000 s to the beat at 39.844 s" in said


def test_the_same_recipe_is_made_again_and_nothing_is_left_to_do() -> None:
    first = revise(user_example(), SONG, fill=True, snap=True)
    assert revise(user_example(), SONG, fill=True, snap=True) == first
    again, changes = revise(first[0], SONG, fill=True, snap=True)
    assert (again, changes) == (first[0], ())


def test_asked_for_nothing_it_does_nothing() -> None:
    assert revise(user_example(), SONG, fill=False, snap=False) == (user_example(), ())


def test_fill_alone_leaves_the_cuts_where_they_are() -> None:
    recipe, _ = revise(user_example(), SONG, fill=True, snap=False)
    assert [s.timestamp for s in recipe.shot_list[:4]] == [0.0, 5.0, 8.0, 12.0]
    assert recipe.shot_list[3].cut_on is CutOn.FREE
    levels = {f.code: f.level for f in check_recipe(recipe, beats=SONG.beats)}
    assert levels == {"off-beat": "warning"}


def test_snap_alone_adds_no_shot() -> None:
    recipe, changes = revise(user_example(), SONG, fill=False, snap=True)
    assert [shot.id for shot in recipe.shot_list] == ["shot_001", "shot_002", "shot_003"]
    beats = set(SONG.beats)
    for before, after in pairwise(recipe.shot_list):
        assert after.timestamp in beats
        assert before.end == pytest.approx(after.timestamp, abs=1e-6)
    assert all("new shot" not in line for line in changes)


def test_locked_shots_are_not_touched_even_by_snap() -> None:
    locked = edited(user_example(), "shot_002", locked=True)
    recipe, changes = revise(locked, SONG, fill=True, snap=True)
    assert recipe.shot_list[1] == locked.shot_list[1]
    assert recipe.shot_list[2].timestamp == 8.0
    assert any("since shot_002 before it is locked" in line for line in changes)
    tiling = [f for f in check_recipe(recipe, beats=SONG.beats) if f.level == "error"]
    assert tiling == []


def test_free_cuts_stay_free() -> None:
    free = edited(user_example(), "shot_002", cut_on=CutOn.FREE)
    recipe, _ = revise(free, SONG, fill=True, snap=True)
    assert (recipe.shot_list[1].timestamp, recipe.shot_list[1].cut_on) == (5.0, "free")
    assert problems(recipe) == []


def test_a_hole_in_a_plan_is_filled_in_its_look_without_doubling_ids() -> None:
    full = PLAN
    holed = without(full, "shot_010", "shot_011", "shot_012")
    recipe, changes = revise(holed, SONG, fill=True, snap=False)
    assert problems(recipe) == []
    kept = {shot.id: shot for shot in holed.shot_list}
    assert all(kept[s.id] == s for s in recipe.shot_list if s.id in kept)
    assert len(changes) == 1
    assert "new shots from" in changes[0]


def test_small_gaps_are_closed_by_a_neighbour() -> None:
    full = PLAN
    short = edited(full, "shot_005", duration=full.shot_list[4].duration - 0.4)
    recipe, changes = revise(short, SONG, fill=True, snap=False)
    assert recipe.shot_list == full.shot_list
    assert changes == ("shot_005: 0.400 s longer, to close the gap after it",)
    locked = edited(short, "shot_005", locked=True)
    recipe, changes = revise(locked, SONG, fill=True, snap=False)
    assert recipe.shot_list[4] == locked.shot_list[4]
    assert changes == ("shot_006: 0.400 s longer, to close the gap before it",)


def test_overlaps_are_parted_in_favour_of_the_locked() -> None:
    full = PLAN
    fourth, fifth = full.shot_list[3:5]
    over = edited(full, fourth.id, duration=fourth.duration + 1.0)
    recipe, changes = revise(over, SONG, fill=True, snap=False)
    assert recipe.shot_list == full.shot_list
    assert changes[0].startswith(f"{fourth.id}: shortened")
    locked = edited(over, fourth.id, locked=True)
    recipe, changes = revise(locked, SONG, fill=True, snap=False)
    assert recipe.shot_list[4].timestamp == pytest.approx(fifth.timestamp + 1.0)
    assert changes[0].startswith(f"{fifth.id}: starts at")


def test_a_shorter_song_cuts_the_plan_off_and_a_longer_one_goes_on() -> None:
    full = PLAN
    shorter = make_analysis(SONG_SECTIONS, duration=100.0)
    recipe, changes = revise(full, shorter, fill=True, snap=False)
    assert recipe.shot_list[-1].end == pytest.approx(100.0)
    assert recipe.metadata.duration == 100.0
    assert any("dropped" in line for line in changes)
    assert {f.code for f in check_recipe(recipe, duration=100.0)} <= {"unused-transition"}
    assert "structure: sections end with the film at 100.000 s" in changes
    longer = make_analysis(SONG_SECTIONS, duration=210.0)
    recipe, _ = revise(full, longer, fill=True, snap=False)
    assert recipe.shot_list[-1].end == pytest.approx(210.0)
    assert problems(recipe, longer) == []


def test_an_aesthetic_of_ones_own_is_kept_and_said() -> None:
    own = user_example()
    style = own.visual_style.model_copy(update={"aesthetic": "grandma's kitchen"})
    recipe, changes = revise(
        own.model_copy(update={"visual_style": style}), SONG, fill=True, snap=True
    )
    assert recipe.visual_style == style
    assert any('"grandma\'s kitchen" is not in the prompt bank' in line for line in changes)


def test_a_recipe_without_structure_gets_the_songs() -> None:
    own = user_example()
    bare = own.model_copy(update={"metadata": own.metadata.model_copy(update={"structure": ()})})
    recipe, _ = revise(bare, SONG, fill=True, snap=True)
    kinds = [section.type for section in recipe.metadata.structure]
    assert kinds == [section.type for section in SONG.sections]


def test_a_song_without_beats_is_filled_and_its_cuts_stay() -> None:
    silent = make_analysis(SONG_SECTIONS, beats=False)
    recipe, changes = revise(user_example(), silent, fill=True, snap=True)
    assert [s.timestamp for s in recipe.shot_list[:3]] == [0.0, 5.0, 8.0]
    assert {s.cut_on for s in recipe.shot_list[1:]} == {CutOn.FREE}
    assert "shot_002: the song has no beat near 5.000 s; the cut stays, free" in changes


@settings(max_examples=12, deadline=None)
@example(gone=set(), locked={0, 1}, moved={1: 0.0625}, snap=False)
@given(
    gone=st.sets(st.integers(0, 30), max_size=28),
    locked=st.sets(st.integers(0, 30)),
    moved=st.dictionaries(st.integers(1, 30), st.floats(-0.9, 0.9), max_size=6),
    snap=st.booleans(),
)
def test_any_torn_plan_tiles_again_and_locked_shots_stay(
    gone: set[int], locked: set[int], moved: dict[int, float], snap: bool
) -> None:
    shots = []
    for k, shot in enumerate(PLAN.shot_list):
        if k not in gone:
            start = max(shot.timestamp + moved.get(k, 0.0), 0.0)
            shots.append(shot.model_copy(update={"timestamp": start, "locked": k in locked}))
    shots.sort(key=lambda shot: shot.timestamp)
    if not shots:
        return
    torn = PLAN.model_copy(update={"shot_list": tuple(shots)})
    recipe, changes = revise(torn, SONG, fill=True, snap=snap)
    after = {shot.id: shot for shot in recipe.shot_list}
    for shot in shots:
        if shot.locked and shot.end <= SONG.duration + 0.005:
            assert after[shot.id] == shot
    errors = [f for f in check_recipe(recipe, duration=SONG.duration) if f.level == "error"]
    # What nothing can mend beside locked shots: an overlap, or a gap that is too short for a shot.
    slivers = [change for change in changes if "stays: it is too short for a shot" in change]
    gaps = [f for f in errors if f.code in ("gap", "late-start", "uncovered-end")]
    assert len(gaps) == len(slivers)
    assert {f.code for f in errors if f not in gaps} <= {"overlap"}, errors
    for finding in errors:
        assert finding.shot_id is not None
        assert after[finding.shot_id].locked
    Recipe.model_validate(recipe.model_dump())
