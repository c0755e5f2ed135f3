"""Which part of a film is taken, and that it is cut where nobody sees it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from support.films import FPS, make_job, make_recipe

from recipe_schema.assembly import Lettering, LyricLine, Lyrics, TimelineEvent, Titles
from recipe_schema.recipe import RecipeSection
from recipe_schema.vocabulary import Effect, SectionType, Transition
from tasks.assembly.cuttings import (
    BadCutError,
    Cutting,
    choose_loop,
    choose_teaser,
    seam_frames,
)
from tasks.assembly.parts import cut_job, part_job
from tasks.assembly.segments import plan_segments, split_frames

SECONDS = 64.0
# 120 BPM: beats every half second, bars every two.
BEATS = tuple(k / 2 for k in range(128))
DROP_S = 40.0


def make_film(*, starts=None, energy=None, structure=(), transition=Transition.DISSOLVE):
    """A film of 64 s whose shots change every 4 s, with an energy curve."""
    recipe = make_recipe(
        starts or [4.0 * k for k in range(16)], duration_s=SECONDS, transition=transition
    )
    metadata = recipe.metadata.model_copy(update={"structure": tuple(structure)})
    job = make_job(None, recipe.model_copy(update={"metadata": metadata}), beats=BEATS)
    curve = np.full(round(SECONDS * 100), 0.3, np.float32) if energy is None else energy
    return replace(job, curves={**job.curves, "energy": curve})


@pytest.fixture
def drop():
    """Quiet, then a drop of ten bars at 40 s."""
    energy = np.full(round(SECONDS * 100), 0.3, np.float32)
    energy[round(DROP_S * 100) : (60 * 100)] = 0.9
    section = RecipeSection(type=SectionType.DROP, start=DROP_S, end=60.0, energy=0.9)
    return make_film(energy=energy, structure=[section])


def test_teaser_runs_up_to_the_drop_and_lasts_whole_bars(drop):
    part = choose_teaser(drop, length_s=15.0)

    assert part.end_frame - part.start_frame == 14 * FPS
    assert part.start_frame % (2 * FPS) == 0
    assert 2 * FPS <= DROP_S * FPS - part.start_frame <= 4 * FPS


def test_teaser_prefers_a_named_drop_to_a_loud_end(drop):
    loud = drop.curves["energy"].copy()
    loud[4800:] = 1.0
    section = drop.recipe.metadata.structure[0]
    named = section.model_copy(update={"start": 20.0, "end": 40.0})
    loud[2000:4000] = 0.85
    metadata = drop.recipe.metadata.model_copy(update={"structure": (named,)})
    film = replace(
        drop,
        curves={**drop.curves, "energy": loud},
        recipe=drop.recipe.model_copy(update={"metadata": metadata}),
    )

    part = choose_teaser(film, length_s=12.0)

    assert part.start_frame < 20 * FPS < part.end_frame


def test_teaser_of_the_whole_film_is_the_film(drop):
    assert choose_teaser(drop, length_s=SECONDS) == Cutting(0, round(SECONDS * FPS))


@pytest.mark.parametrize("beats", [(), BEATS])
def test_teaser_is_never_longer_than_asked_for(drop, beats):
    film = replace(drop, beats=beats, downbeats=beats[::4])

    for length_s in (2.5, 7.0, 14.9):
        part = choose_teaser(film, length_s=length_s)
        frames = part.end_frame - part.start_frame
        assert length_s / 2 * FPS <= frames <= length_s * FPS + 1


@pytest.mark.parametrize(
    ("choose", "length_s", "said"),
    [
        (choose_teaser, 65.0, "the film lasts 64.0 s; a teaser of 65 s does not fit"),
        (choose_teaser, 0.5, "at least 2 s"),
        (choose_loop, 2.0, "3 to 8 s, not 2"),
        (choose_loop, 9.0, "3 to 8 s, not 9"),
    ],
)
def test_length_that_cannot_be_is_refused(drop, choose, length_s, said):
    with pytest.raises(BadCutError, match=said):
        choose(drop, length_s=length_s)


def test_loop_of_a_film_that_is_too_short_is_refused():
    recipe = make_recipe([0.0], duration_s=3.2)

    with pytest.raises(BadCutError, match=r"the film lasts 3\.2 s"):
        choose_loop(make_job(None, recipe))


def test_loop_lasts_whole_bars_in_the_strongest_section(drop):
    part = choose_loop(drop, length_s=6.0)

    assert part.end_frame - part.start_frame == 6 * FPS
    assert DROP_S * FPS - seam_frames(drop) <= part.start_frame
    assert part.end_frame <= 60 * FPS
    assert part.warnings == ()


def test_seam_of_a_loop_crosses_no_cut(drop):
    part = choose_loop(drop)
    reach = range(part.start_frame - seam_frames(drop), part.start_frame + 1)

    assert not [
        placed
        for placed in drop.timeline.shots[1:]
        if any(placed.transition_start <= frame < placed.transition_end for frame in reach)
        or placed.cut_frame in reach
    ]


def test_loop_does_not_begin_in_the_opening_fade():
    energy = np.full(round(SECONDS * 100), 0.3, np.float32)
    energy[: 5 * 100] = 1.0
    film = make_film(starts=[0.0, 8.0, 16.0], energy=energy)
    first, *others = film.timeline.shots
    fading = replace(first, transition_in=Transition.FADE, trail_frames=2 * FPS)
    faded = replace(film, timeline=replace(film.timeline, shots=(fading, *others)))

    assert choose_loop(film, length_s=4.0).start_frame < 2 * FPS
    assert choose_loop(faded, length_s=4.0).start_frame >= 2 * FPS + seam_frames(film)


def test_loop_that_can_only_begin_at_a_cut_says_so():
    film = make_film(starts=list(BEATS), transition=Transition.HARD_CUT)

    assert "begins with one too" in choose_loop(film).warnings[0]


@pytest.fixture
def slow(drop):
    """63 BPM: a bar lasts 3.81 s."""
    beats = tuple(k * 60 / 63 for k in range(68))
    return replace(drop, beats=beats, downbeats=beats[::4])


@pytest.mark.parametrize("choose", [choose_teaser, choose_loop])
def test_part_that_misses_the_length_asked_for_says_so(slow, choose):
    part = choose(slow, length_s=6.0)

    assert abs((part.end_frame - part.start_frame) / FPS - 3.81) < 0.05
    assert "ends on a bar: 3.81 s instead of 6; --length 7.62 would give" in part.warnings[0]
    longer = choose(slow, length_s=7.62)
    assert abs((longer.end_frame - longer.start_frame) / FPS - 7.62) < 0.05
    assert not longer.warnings


def test_loop_without_a_wish_is_the_nearest_to_the_usual(slow):
    part = choose_loop(slow)

    assert abs((part.end_frame - part.start_frame) / FPS - 7.62) < 0.05
    assert part.warnings == ()
    assert "3.81 s instead of 3" in choose_loop(slow, length_s=3.0).warnings[0]


def test_teaser_without_a_wish_fits_a_short_film():
    film = make_job(None, make_recipe([0.0], duration_s=9.0), beats=BEATS[:18])

    assert choose_teaser(film) == Cutting(0, 8 * FPS)
    with pytest.raises(BadCutError, match="a teaser of 15 s does not fit"):
        choose_teaser(film, length_s=15.0)


def test_part_begins_and_ends_on_one_shot():
    film = make_film()
    placed = film.timeline.shots[5]
    cutting = Cutting(placed.cut_frame, film.timeline.shots[8].cut_frame)

    cut = cut_job(film, cutting, closing_s=0.6)

    first = next(each for each in cut.timeline.shots if each.shot.id == placed.shot.id)
    assert (first.lead_frames, first.trail_frames) == (0, 0)
    assert cut.timeline.frames == cutting.end_frame
    assert cut.timeline.shots[-1].end_frame == cutting.end_frame
    assert cut.timeline.closing_frames == round(0.6 * FPS)


def test_segments_inside_a_part_are_those_of_the_film(tmp_path):
    film = make_film()
    shots = film.timeline.shots
    cutting = Cutting(shots[5].cut_frame, shots[9].cut_frame)
    cut = cut_job(film, cutting, closing_s=0.6)

    whole = {segment.key for segment in plan_segments(film)}
    pieces = plan_segments(cut, (cutting.start_frame, cutting.end_frame))

    assert pieces[0].start_frame == cutting.start_frame
    assert pieces[-1].end_frame == cutting.end_frame
    assert all(before.end_frame == after.start_frame for before, after in pairwise(pieces))
    again = [piece for piece in pieces if piece.key in whole]
    # Three inner transitions and the bodies between them; not both ends.
    assert len(again) >= len(pieces) - 4
    assert len(again) > 3


def test_part_counts_from_its_own_beginning():
    film = make_film()
    told = film.recipe.assembly_instructions.model_copy(
        update={
            "effects_timeline": (
                TimelineEvent(time=9.0, event="drop", effects=(Effect.BLOOM,)),
                TimelineEvent(time=30.0, event="drop", effects=(Effect.BLOOM,)),
            ),
            "lettering": Lettering(
                titles=Titles(title="T", credits=("C",)),
                lyrics=Lyrics(
                    lines=(
                        LyricLine(start=7.0, end=9.0, text="a"),
                        LyricLine(start=1.0, end=2.0, text="b"),
                    )
                ),
            ),
        }
    )
    film = replace(film, recipe=film.recipe.model_copy(update={"assembly_instructions": told}))
    cutting = Cutting(round(8 * FPS), round(18 * FPS))

    cut = cut_job(film, cutting)
    part = part_job(cut, cutting)

    assert part.timeline.frames == 10 * FPS
    assert [placed.cut_frame for placed in part.timeline.shots] == [0, 4 * FPS, 8 * FPS]
    assert part.timeline.shots[-1].end_frame == 10 * FPS
    assert part.beats[:3] == (0.0, 0.5, 1.0)
    assert part.recipe.metadata.duration == 10.0
    assert [event.time for event in part.recipe.assembly_instructions.effects_timeline] == [1.0]
    lettering = part.recipe.assembly_instructions.lettering
    assert lettering.lyrics.lines == (LyricLine(start=0.0, end=1.0, text="a"),)
    assert lettering.titles.credits == ()
    assert split_frames(part.timeline)[-1][1] == 10 * FPS
