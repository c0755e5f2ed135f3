"""Cuts are where the music is: read from the pixels of a finished film of the demo song."""

import pytest
from support.cut_films import SMALL, errors_ms, finish, hear, plain_job, render_pieces, seen_cuts

from recipe_schema.vocabulary import Transition
from tasks.media.audio import write_wav
from tasks.planning import plan

pytestmark = pytest.mark.services

HALF_FRAME_MS = 1000 / 60 / 2
LOWEST_CUTS = 8


@pytest.fixture(scope="module")
def film(tmp_path_factory, demo_song):
    """(film, sync report, analysis, score) of the demo song over plain clips."""
    folder = tmp_path_factory.mktemp("cuts")
    audio, score = demo_song
    write_wav(folder / "song.wav", audio)
    heard = hear(folder / "song.wav")
    job = plain_job(folder, _cut_hard_where_open(plan(heard.analysis)), heard, SMALL)
    out = folder / "film.mp4"
    sync = finish(job, render_pieces(folder, job), heard, out)
    return out, sync, heard.analysis, score


def _cut_hard_where_open(recipe):
    """A long dissolve from red to blue has no one picture at which it is seen to turn."""
    hard = Transition.HARD_CUT
    shots = [
        shot.model_copy(
            update={
                "transition_in": shot.transition_in or hard,
                "transition_out": shot.transition_out or hard,
            }
        )
        for shot in recipe.shot_list
    ]
    return recipe.model_copy(update={"shot_list": tuple(shots)})


def test_every_cut_seen_on_the_film_lies_on_a_beat(film):
    out, sync, analysis, score = film
    cuts, frames = seen_cuts(out)
    assert frames == sync.frames == sync.expected_frames == round(analysis.duration * 60)
    assert len(cuts) == len(sync.cuts) >= LOWEST_CUTS
    to_analysed = errors_ms(cuts, analysis.beats)
    to_scored = errors_ms(cuts, score.beats)
    assert to_analysed.max() <= HALF_FRAME_MS + 0.05, to_analysed
    assert to_scored.max() <= 25.0, to_scored
    assert [cut.frame for cut in sync.cuts] == [round(cut * 60) for cut in cuts]
