"""Whatever the song: shots tile it, cuts lie on beats, one seed gives one film."""

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.analyses import EDM_SECTIONS, SONG_SECTIONS, make_analysis

from recipe_schema.analysis import SongAnalysis
from recipe_schema.artifacts import RendererLimits
from recipe_schema.checks import check_recipe
from recipe_schema.recipe import IMPACT_THEME, Recipe
from recipe_schema.versions import dump, load_recipe
from recipe_schema.vocabulary import CutOn, SectionType
from tasks.errors import BadInputError
from tasks.planning import plan
from tasks.planning.shots import longest_shot_s

SECTIONS = st.lists(
    st.tuples(
        st.sampled_from([kind.value for kind in SectionType]),
        st.sampled_from("ABCDE"),
        st.integers(1, 12),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=12,
)
SONGS = st.builds(
    make_analysis,
    SECTIONS,
    bpm=st.floats(50, 215),
    meter=st.sampled_from([2, 3, 4, 4, 7]),
    first_beat=st.floats(0, 6),
    tail_s=st.floats(0, 12),
    beats=st.sampled_from([True, True, True, False]),
    duration=st.one_of(st.none(), st.floats(0.3, 120)),
    valence=st.floats(-1, 1),
    arousal=st.floats(-1, 1),
    mood=st.sampled_from(["calm", "dark", "happy-pop", "energetic-cyberpunk"]),
)
MOCHI = RendererLimits(
    renderer="mochi", fps_choices=("30/1",), width_px=848, height_px=480, max_frames=163
)


def cuts_in_frames(recipe: Recipe, rate: Fraction) -> list[int]:
    """Film frames at which shots start, and the film's end."""
    times = [*(shot.timestamp for shot in recipe.shot_list), recipe.metadata.duration]
    return [math.floor(Fraction(time) * rate + Fraction(1, 2)) for time in times]


@settings(max_examples=35, deadline=None)
@given(analysis=SONGS, seed=st.integers(0, 5), pace=st.sampled_from([0.5, 1.0, 2.0]))
def test_shots_tile_any_song_and_cut_on_its_beats(
    analysis: SongAnalysis, seed: int, pace: float
) -> None:
    recipe = plan(analysis, seed=seed, pace=pace)
    found = check_recipe(recipe, beats=analysis.beats, duration=analysis.duration, rhythm="error")
    assert [f.message for f in found if f.code not in ("too-short",)] == []
    shots = recipe.shot_list
    assert shots[0].timestamp == 0.0
    for before, after in pairwise(shots):
        assert after.timestamp == pytest.approx(before.end, abs=1e-6)
    assert shots[-1].end == pytest.approx(analysis.duration, abs=1e-6)
    frames = cuts_in_frames(recipe, Fraction(60))
    assert all(b > a for a, b in pairwise(frames)) or analysis.duration < 0.5
    assert len({shot.id for shot in shots}) == len(shots)
    beats = set(analysis.beats)
    for shot in shots[1:]:
        assert (shot.timestamp in beats) == (shot.cut_on is not CutOn.FREE)
        if shot.cut_on is CutOn.DOWNBEAT:
            assert shot.timestamp in set(analysis.downbeats)


@settings(max_examples=8, deadline=None)
@given(analysis=SONGS)
def test_no_shot_is_longer_than_the_renderer_can_make(analysis: SongAnalysis) -> None:
    recipe = plan(analysis, limits=MOCHI)
    assert max(shot.duration for shot in recipe.shot_list) <= longest_shot_s(MOCHI) + 1e-6
    assert longest_shot_s(MOCHI) < 163 / 30


@settings(max_examples=8, deadline=None)
@given(analysis=SONGS)
def test_strict_cuts_are_free_only_where_there_are_no_beats(analysis: SongAnalysis) -> None:
    for shot in plan(analysis).shot_list[1:]:
        if shot.cut_on is CutOn.FREE and analysis.beats:
            assert not analysis.beats[0] < shot.timestamp < analysis.beats[-1]


@settings(max_examples=5, deadline=None)
@given(analysis=SONGS, seed=st.integers(0, 3))
def test_the_same_seed_gives_the_same_bytes(analysis: SongAnalysis, seed: int) -> None:
    recipe = plan(analysis, seed=seed)
    assert dump(plan(analysis, seed=seed)) == dump(recipe)
    assert load_recipe(dump(recipe)) == recipe


def test_another_seed_gives_another_film() -> None:
    analysis = make_analysis(SONG_SECTIONS)
    prompts = [{s.mochi_prompt for s in plan(analysis, seed=k).shot_list} for k in (1, 2)]
    assert len(prompts[0] & prompts[1]) == 0
    starts = [[s.timestamp for s in plan(analysis, seed=k).shot_list] for k in (1, 2)]
    assert starts[0] != starts[1]


@pytest.mark.parametrize("bpm", [70, 92, 120, 128, 140, 174])
@pytest.mark.parametrize("energy", [0.2, 0.55, 1.0])
def test_three_minutes_get_twenty_to_forty_shots(bpm: float, energy: float) -> None:
    bar_s = 240 / bpm
    kinds = [("verse", "A"), ("chorus", "B"), ("buildup", "C"), ("drop", "D"), ("break", "E")]
    each = round(180 / bar_s / 10)
    sections = [(kind, label, each, energy) for kind, label in kinds * 2]
    analysis = make_analysis(sections, bpm=bpm, duration=180.0)
    for seed in (0, 1):
        assert 20 <= len(plan(analysis, seed=seed).shot_list) <= 40


def test_pace_makes_more_or_fewer_shots() -> None:
    analysis = make_analysis(SONG_SECTIONS)
    slow, usual, fast = (len(plan(analysis, pace=p).shot_list) for p in (0.5, 1.0, 2.0))
    assert slow < 0.7 * usual
    assert fast > 1.5 * usual
    with pytest.raises(BadInputError, match="pace 9 is outside"):
        plan(analysis, pace=9.0)


def test_a_song_of_a_second_gets_one_shot() -> None:
    for duration in (0.3, 1.0):
        recipe = plan(make_analysis(duration=duration))
        assert [(s.timestamp, s.duration) for s in recipe.shot_list] == [(0.0, duration)]


def test_a_song_without_beats_is_cut_on_free_times() -> None:
    recipe = plan(make_analysis(SONG_SECTIONS, beats=False))
    assert {shot.cut_on for shot in recipe.shot_list} == {CutOn.FREE}
    assert 20 <= len(recipe.shot_list) <= 40


def test_every_section_starts_a_shot_and_the_structure_says_so() -> None:
    recipe = plan(make_analysis(SONG_SECTIONS, first_beat=0.31))
    starts = {shot.timestamp: shot.section for shot in recipe.shot_list}
    for section in recipe.metadata.structure:
        assert starts[section.start] is section.type


def test_a_section_heard_off_the_bar_starts_on_its_downbeat() -> None:
    analysis = make_analysis(EDM_SECTIONS)
    late = [
        s.model_copy(update={"start": s.start + 0.3 * bool(k)})
        for k, s in enumerate(analysis.sections)
    ]
    late = [s.model_copy(update={"end": n.start}) for s, n in pairwise(late)] + late[-1:]
    recipe = plan(analysis.model_copy(update={"sections": tuple(late)}))
    drop = next(s for s in recipe.shot_list if s.section is SectionType.DROP)
    assert drop.timestamp == 15.0
    assert drop.cut_on is CutOn.DOWNBEAT


def test_a_short_song_has_enough_cuts_and_hard_ones_to_be_seen() -> None:
    for seed in range(4):
        shots = plan(make_analysis(), seed=seed).shot_list
        assert len(shots) >= 10
        assert shots[0].transition_in == "fade"
        assert shots[-1].transition_out == "fade"


def test_the_published_fields_come_from_the_song() -> None:
    analysis = make_analysis(SONG_SECTIONS, mood="dark-tense")
    recipe = plan(analysis, seed=9)
    told = recipe.metadata
    assert (told.bpm, told.key, told.mood, told.duration) == (128.0, "C major", "dark-tense", 180.0)
    assert (recipe.seed, recipe.song_sha256) == (9, analysis.song.sha256)
    assert told.beats_source == "made"
    assert recipe.assembly_instructions.beat_sync.mode == "strict"
    assert recipe.assembly_instructions.beat_sync.beat_threshold == 0.05
    assert all(shot.seed is None and not shot.locked for shot in recipe.shot_list)


def test_changing_one_section_leaves_the_prompts_of_others_alone() -> None:
    sections = list(SONG_SECTIONS)
    before = plan(make_analysis(sections)).shot_list
    sections[-1] = ("outro", "A", 8, 0.35)
    after = plan(make_analysis(sections)).shot_list
    same = [a == b for a, b in zip(before, after, strict=False)]
    assert all(same[: len(before) - 4])


def test_only_key_moments_have_the_impact_theme() -> None:
    for shot in plan(make_analysis()).shot_list:
        assert (shot.visual_theme == IMPACT_THEME) == shot.id.startswith("special_")
