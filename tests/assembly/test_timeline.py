from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.films import make_recipe

from recipe_schema.assembly import AssemblyInstructions
from recipe_schema.recipe import IMPACT_THEME, Shot
from recipe_schema.vocabulary import SectionType, Transition
from tasks.assembly.segments import LONGEST_FRAMES, split_frames
from tasks.assembly.timeline import (
    BadTimelineError,
    choose_transition,
    clip_spans,
    lay_timeline,
)
from tasks.assembly.transitions import TRANSITIONS
from tasks.media.timebase import seconds_to_frame

RATES = (Fraction(60), Fraction(30), Fraction(24), Fraction(30_000, 1001))
KINDS = st.one_of(st.none(), st.sampled_from(Transition))


@st.composite
def films(draw):
    """A recipe of shots of any length above two frames, with any transitions, and a rate."""
    fps = draw(st.sampled_from(RATES))
    lengths = draw(st.lists(st.floats(2.01 / 23, 9.0), min_size=1, max_size=12))
    starts = [sum(lengths[:k]) for k in range(len(lengths))]
    recipe = make_recipe(starts, duration_s=sum(lengths))
    shots = tuple(
        shot.model_copy(
            update={
                "transition_in": draw(KINDS),
                "transition_out": draw(KINDS),
                "section": draw(st.sampled_from(SectionType)),
            }
        )
        for shot in recipe.shot_list
    )
    frames = round(Fraction(sum(lengths)) * fps)
    return recipe.model_copy(update={"shot_list": shots}), fps, frames


@given(films())
@settings(max_examples=50, deadline=None)
def test_any_recipe_tiles_the_film(film):
    recipe, fps, frames = film
    timeline = lay_timeline(recipe, fps=fps, frames=frames)
    shots = timeline.shots
    assert (shots[0].cut_frame, shots[-1].end_frame) == (0, frames)
    assert all(a.end_frame == b.cut_frame for a, b in pairwise(shots))
    for placed in shots[1:]:
        assert abs(placed.cut_frame / fps - Fraction(placed.shot.timestamp)) <= 1 / (2 * fps)

    spans = split_frames(timeline)
    assert (spans[0][0], spans[-1][1]) == (0, frames)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert sum(end - start for start, end in spans) == frames
    assert all(0 < end - start <= LONGEST_FRAMES for start, end in spans)


@given(films())
@settings(max_examples=50, deadline=None)
def test_transitions_never_overlap_and_every_shot_keeps_a_body(film):
    recipe, fps, frames = film
    timeline = lay_timeline(recipe, fps=fps, frames=frames)
    ends = [placed.transition_start for placed in timeline.shots[1:]]
    ends.append(frames - timeline.closing_frames)
    for placed, body_end in zip(timeline.shots, ends, strict=True):
        length = placed.end_frame - placed.cut_frame
        assert body_end - placed.transition_end >= max(1, length // 4)
        spec = TRANSITIONS[placed.transition_in]
        assert placed.lead_frames <= round(Fraction(spec.lead_s) * fps) + 1
        assert placed.trail_frames <= round(Fraction(spec.trail_s) * fps) + 1
        if placed.transition_in is Transition.HARD_CUT:
            assert placed.lead_frames == placed.trail_frames == 0
        else:
            assert placed.lead_frames + placed.trail_frames > 0


@given(films())
@settings(max_examples=25, deadline=None)
def test_clips_cover_their_shots_and_transitions(film):
    recipe, fps, frames = film
    timeline = lay_timeline(recipe, fps=fps, frames=frames)
    spans = clip_spans(timeline)
    assert (spans[0].start_frame, spans[-1].end_frame) == (0, frames)
    for (before, after), placed in zip(pairwise(spans), timeline.shots[1:], strict=True):
        assert after.start_frame == placed.transition_start
        assert before.end_frame == placed.transition_end


@given(films())
@settings(max_examples=25, deadline=None)
def test_segments_split_at_every_transition_edge_and_hard_cut(film):
    recipe, fps, frames = film
    timeline = lay_timeline(recipe, fps=fps, frames=frames)
    starts = {start for start, _ in split_frames(timeline)} | {frames}
    for placed in timeline.shots:
        assert {placed.transition_start, placed.transition_end} <= starts
        inner = range(placed.transition_start + 1, placed.transition_end)
        assert placed.transition_end - placed.transition_start > LONGEST_FRAMES or not (
            starts & set(inner)
        )


def test_long_transition_keeps_its_full_length_between_long_shots():
    recipe = make_recipe([0.0, 10.0], duration_s=20.0, transition=Transition.SLOW_DISSOLVE)
    placed = lay_timeline(recipe, fps=Fraction(60), frames=1200).shots[1]
    assert (placed.cut_frame, placed.lead_frames, placed.trail_frames) == (600, 48, 48)


def test_transition_shrinks_on_both_sides_before_a_short_shot():
    recipe = make_recipe([0.0, 10.0, 10.5], duration_s=20.0, transition=Transition.SLOW_DISSOLVE)
    shots = lay_timeline(recipe, fps=Fraction(60), frames=1200).shots
    assert shots[1].lead_frames == shots[1].trail_frames == 11
    assert shots[2].lead_frames == shots[2].trail_frames == 11


def test_film_may_begin_from_black_and_end_in_black():
    recipe = make_recipe([0.0, 5.0], duration_s=10.0, transition=Transition.FADE)
    last = recipe.shot_list[1].model_copy(update={"transition_out": Transition.FADE})
    recipe = recipe.model_copy(update={"shot_list": (recipe.shot_list[0], last)})
    timeline = lay_timeline(recipe, fps=Fraction(60), frames=600)
    first = timeline.shots[0]
    assert (first.transition_in, first.lead_frames, first.trail_frames) == ("fade", 0, 36)
    assert timeline.closing_frames == 36


def test_other_transitions_at_the_films_ends_are_ignored():
    recipe = make_recipe([0.0], duration_s=10.0, transition=Transition.DISSOLVE)
    timeline = lay_timeline(recipe, fps=Fraction(60), frames=600)
    assert timeline.shots[0].transition_in is Transition.HARD_CUT
    assert split_frames(timeline) == ((0, 150), (150, 300), (300, 450), (450, 600))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, Transition.HARD_CUT),
        ({"section": "verse"}, {"section": "drop"}, Transition.ZOOM_BLUR),
        ({"section": "drop"}, {"section": "drop"}, Transition.DISSOLVE),
        ({"section": "verse"}, {"section": "verse"}, Transition.HARD_CUT),
        ({"section": "drop"}, {"section": "verse"}, Transition.HARD_CUT),
        ({"transition_out": "glitch"}, {"section": "drop"}, Transition.GLITCH),
        ({"transition_out": "glitch"}, {"transition_in": "fade"}, Transition.FADE),
        ({"transition_out": "glitch"}, {"visual_theme": IMPACT_THEME}, Transition.EXPLOSION),
        (
            {"visual_theme": IMPACT_THEME},
            {"transition_in": "fade", "section": "drop"},
            Transition.HARD_CUT,
        ),
        (
            {"visual_theme": IMPACT_THEME, "transition_out": "glitch"},
            {"transition_in": "fade"},
            Transition.GLITCH,
        ),
        (
            {"visual_theme": IMPACT_THEME},
            {"visual_theme": IMPACT_THEME},
            Transition.EXPLOSION,
        ),
    ],
)
def test_transition_is_the_first_that_is_set(before, after, expected):
    told = AssemblyInstructions(
        transitions={"verse_to_drop": "zoom-blur", "drop_to_drop": "dissolve"}
    )
    assert choose_transition(_shot(**before), _shot(**after), told) is expected


def test_cut_halfway_between_frames_falls_on_the_even_one():
    """As Python's `round`: 2.5 frames are 2, 3.5 are 4; a film of 622.5 frames has 622."""
    recipe = make_recipe([0.0, 2.5 / 60, 3.5 / 60], duration_s=10.375)
    frames = seconds_to_frame(10.375, Fraction(60))
    assert frames == 622
    assert [seconds_to_frame(k / 8, Fraction(4)) for k in range(1, 8)] == [0, 1, 2, 2, 2, 3, 4]
    shots = lay_timeline(recipe, fps=Fraction(60), frames=frames).shots
    assert [placed.cut_frame for placed in shots] == [0, 2, 4]


def test_shots_that_share_a_frame_are_named():
    recipe = make_recipe([0.0, 5.0, 5.005], duration_s=10.0)
    with pytest.raises(BadTimelineError, match="shot_002"):
        lay_timeline(recipe, fps=Fraction(60), frames=600)


def test_shot_after_the_films_end_is_named():
    recipe = make_recipe([0.0, 5.0, 12.0], duration_s=13.0)
    with pytest.raises(BadTimelineError, match=r"shot_003 .* after the film's end"):
        lay_timeline(recipe, fps=Fraction(60), frames=600)


def _shot(**fields):
    plain = {
        "id": "a",
        "timestamp": 0.0,
        "duration": 1.0,
        "section": "verse",
        "mochi_prompt": "x",
        "visual_theme": "aurora",
        "energy_level": 0.5,
    }
    return Shot.model_validate(plain | fields)
