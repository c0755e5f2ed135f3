"""Corrections go on top of what the store knows, reach the film, and stay with its recipe."""

import pytest

from flows import music_video as film
from flows.analyze_song import analyze_song
from flows.plan_video import plan_video
from recipe_schema.analysis import Excerpt
from recipe_schema.forms import EarsOptions
from recipe_schema.versions import dump
from recipe_schema.vocabulary import TempoChange
from tasks.analysis.task import analysis_for, hearing, song_analysis
from tasks.errors import BadInputError

HALF = EarsOptions(tempo=TempoChange.HALF, beat_offset_ms=10.0)


@pytest.mark.services
def test_nothing_is_heard_again_for_a_correction(song, monkeypatch):
    heard = analyze_song(str(song))
    monkeypatch.setattr(hearing, "analyze", lambda *_args, **_options: pytest.fail("heard again"))
    half = analyze_song(str(song), ears=HALF)
    assert half.tempo_bpm == pytest.approx(heard.tempo_bpm / 2, rel=0.001)
    assert half.beats[1] - heard.beats[0] > 0.7
    assert analyze_song(str(song)) == heard
    part = analyze_song(str(song), excerpt=Excerpt(start=4.0, length=6.0), ears=HALF)
    inside = [time - 4.0 for time in half.beats if 4.0 <= time < 10.0]
    assert part.beats == pytest.approx(inside)


@pytest.mark.services
def test_recipe_keeps_the_corrected_beats_it_was_planned_over(song):
    recipe = plan_video(audio=str(song), ears=HALF)
    found, told = analysis_for(recipe, str(song), store=None)
    assert found == analyze_song(str(song), ears=HALF)
    assert told == ()


@pytest.mark.services
def test_edited_analysis_with_corrections_is_planned_and_kept(song):
    heard = analyze_song(str(song))
    recipe = plan_video(analysis=dump(heard), ears=HALF)
    found, _ = analysis_for(recipe, None, store=None)
    assert found.corrections.tempo == TempoChange.HALF
    assert found.beats == analyze_song(str(song), ears=HALF).beats


@pytest.mark.services
def test_film_is_made_over_an_edited_analysis(song, tiny, monkeypatch):
    jobs = []

    def keep(job, **_rest):
        jobs.append(job)
        raise BadInputError("far enough")

    monkeypatch.setattr(film, "make_film", keep)
    heard = analyze_song(str(song))
    bars = heard.model_copy(update={"beats": heard.downbeats})
    with pytest.raises(BadInputError, match="far enough"):
        film.music_video(audio=str(song), analysis=dump(bars), film=tiny)
    assert jobs[0].analysis.beats == heard.downbeats
    other = heard.model_copy(
        update={"song": heard.song.model_copy(update={"sha256": "f" * 64, "name": "other.wav"})}
    )
    with pytest.raises(BadInputError, match=r"the analysis is of other\.wav, and clicks\.wav is"):
        film.music_video(audio=str(song), analysis=dump(other), film=tiny)


@pytest.mark.services
@pytest.mark.parametrize("flow", [analyze_song, plan_video, film.music_video])
def test_unknown_beat_tracker_is_refused_before_any_work(song, monkeypatch, flow):
    monkeypatch.setattr(song_analysis, "song_file", lambda *_: pytest.fail("work was begun"))
    name = "song" if flow is analyze_song else "audio"
    with pytest.raises(BadInputError, match="'nobody' is unknown"):
        flow(**{name: str(song)}, ears=EarsOptions(beats="nobody"))


@pytest.mark.services
def test_analysis_and_another_listener_contradict_each_other(song):
    heard = analyze_song(str(song))
    with pytest.raises(BadInputError, match="give one of them"):
        plan_video(analysis=dump(heard), ears=EarsOptions(beats="librosa"))
