"""The main path: a song becomes a film, and nothing is made twice."""

import threading
from collections import Counter

import pytest
from support.songs import write_click_song

from flows.analyze_song import analyze_song
from flows.music_video import music_video
from flows.plan_video import plan_video
from flows.render_video import render_video
from flows.revise_video import revise_video
from recipe_schema.analysis import Excerpt
from recipe_schema.artifacts import SyncReport, VideoManifest
from recipe_schema.forms import StyleOptions
from recipe_schema.recipe import Recipe
from recipe_schema.versions import dump
from recipe_schema.vocabulary import Transition
from tasks.errors import BadInputError, IncompleteFilmError, TransientError
from tasks.media import progress, workers
from tasks.media.probe import probe_video
from tasks.storage import open_store


@pytest.fixture
def calls(monkeypatch):
    """Counts what really runs in the worker processes, by function name."""
    counted = Counter()
    real, lock = workers.run, threading.Lock()

    def run(function, *args, **options):
        with lock:
            counted[function.__name__] += 1
        return real(function, *args, **options)

    monkeypatch.setattr(workers, "run", run)
    return counted


def make(song, out, tiny, tmp_path, **options):
    return music_video(
        audio=str(song), out=str(out), store=str(tmp_path / "store"), film=tiny, **options
    )


def side_file(out, name, kind):
    return kind.model_validate_json(out.with_name(f"{out.stem}.{name}.json").read_text())


def test_song_becomes_a_film_with_its_side_files(song, tiny, tmp_path):
    out = tmp_path / "film.mp4"
    heard = []
    progress.listen(heard.append)
    try:
        manifest = make(song, out, tiny, tmp_path)
    finally:
        progress.unlisten(heard.append)
    info = probe_video(out)
    assert info.frames == round(16.0 * 24) == manifest.output.frames
    assert (info.width_px, info.height_px, info.pixel_format) == (160, 90, "yuv420p")
    assert info.audio_codec == "aac"
    sync = side_file(out, "sync_report", SyncReport)
    assert sync.frames == sync.expected_frames
    assert sync.audio.lag_samples == 0
    assert sync.max_error_ms is not None
    assert sync.max_error_ms <= 1000 / 24 / 2 + 0.01
    assert side_file(out, "manifest", VideoManifest) == manifest
    kept = [info.key for info in open_store(str(tmp_path / "store")).list("films")]
    side_files = ("manifest.json", "poster.jpg", "recipe.json", "report.html", "sync_report.json")
    film = f"films/{manifest.run_id}"
    poster = open_store(str(tmp_path / "store")).get_bytes(f"{film}/film.poster.jpg")
    assert poster.startswith(b"\xff\xd8")
    assert sorted(kept) == [f"{film}.json", *(f"{film}/film.{name}" for name in side_files)]
    assert len(side_file(out, "recipe", Recipe).shot_list) == len(manifest.shots) >= 3
    last = {event.stage: event for event in heard}
    assert set(last) == {"analysis", "plan", "shots", "segments", "join"}
    assert all(event.done == event.total for event in last.values())
    assert not [path for path in tmp_path.rglob("*.part")]


def test_second_run_makes_nothing_again(song, tiny, tmp_path, calls):
    make(song, tmp_path / "a.mp4", tiny, tmp_path)
    calls.clear()
    manifest = make(song, tmp_path / "b.mp4", tiny, tmp_path)
    assert not calls
    assert {shot.cache for shot in manifest.shots} == {"hit"}
    assert {segment.cache for segment in manifest.segments} == {"hit"}
    assert manifest.settings["recalled"] is True
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.services
def test_deleted_clip_alone_is_rendered_again(song, tiny, tmp_path, calls):
    first = make(song, tmp_path / "a.mp4", tiny, tmp_path)
    (tmp_path / "store" / "data" / first.shots[1].clip.key).unlink()
    calls.clear()
    second = make(song, tmp_path / "a.mp4", tiny, tmp_path)
    assert calls == {"render": 1}
    assert [shot.cache for shot in second.shots].count("miss") == 1
    assert second.shots[1].cache == "miss"
    assert second.shots[1].clip == first.shots[1].clip


@pytest.mark.services
def test_changed_prompt_costs_its_shot_and_its_transitions_only(song, tiny, tmp_path, calls):
    first = make(song, tmp_path / "a.mp4", tiny, tmp_path)
    recipe = side_file(tmp_path / "a.mp4", "recipe", Recipe)
    shots = list(recipe.shot_list)
    shots[1] = shots[1].model_copy(update={"mochi_prompt": "a quiet lake of silver at dawn"})
    edited = recipe.model_copy(update={"shot_list": tuple(shots)})
    calls.clear()
    second = render_video(
        recipe=dump(edited),
        audio=str(song),
        out=str(tmp_path / "b.mp4"),
        store=str(tmp_path / "store"),
        film=tiny,
    )
    assert calls["render"] == 1
    assert [shot.cache for shot in second.shots].count("miss") == 1
    keys = {segment.key for segment in first.segments}
    fresh = [segment for segment in second.segments if segment.key not in keys]
    assert calls["render_segment"] == len(fresh) >= 1
    before, after = shots[1].timestamp - 1.5, shots[1].end + 1.5
    for segment in fresh:
        assert before <= segment.start_frame / 24
        assert segment.end_frame / 24 <= after
    assert len(fresh) < len(second.segments)


@pytest.mark.services
def test_ladder_reads_what_a_person_edited(song, tiny, tmp_path):
    store = str(tmp_path / "store")
    analysis = analyze_song(song=str(song), store=store)
    shifted = analysis.model_copy(
        update={"beats": tuple(b + 0.05 for b in analysis.beats[:-1]), "downbeats": ()}
    )
    recipe = plan_video(analysis=dump(shifted), store=store)
    shots = [
        shot.model_copy(update={"transition_in": Transition.HARD_CUT}) for shot in recipe.shot_list
    ]
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    clips = render_video(
        recipe=dump(recipe), store=store, film=tiny, shots=(shots[0].id,), assemble=False
    )
    assert [clip.shot_id for clip in clips] == [shots[0].id]
    out = tmp_path / "film.mp4"
    manifest = render_video(
        recipe=dump(recipe), audio=str(song), out=str(out), store=store, film=tiny
    )
    assert manifest.shots[0].cache == "hit"
    sync = side_file(out, "sync_report", SyncReport)
    on_beats = [cut for cut in sync.cuts if cut.error_ms is not None]
    assert on_beats
    assert all(cut.beat_time in shifted.beats for cut in on_beats)


def test_excerpt_is_as_long_as_asked_and_counts_from_its_start(song, tiny, tmp_path):
    out = tmp_path / "film.mp4"
    manifest = make(song, out, tiny, tmp_path, excerpt=Excerpt(start=4.0, length=6.5))
    assert manifest.output.frames == round(6.5 * 24)
    recipe = side_file(out, "recipe", Recipe)
    assert recipe.metadata.excerpt == Excerpt(start=4.0, length=6.5)
    sync = side_file(out, "sync_report", SyncReport)
    assert sync.audio.mode == "encoded"
    assert sync.audio.lag_samples == 0


@pytest.mark.services
def test_failing_shot_is_tried_three_times_and_costs_only_itself(
    song, tiny, tmp_path, monkeypatch, calls
):
    import tasks.rendering.task as door

    real, tries = workers.run, Counter()

    def failing(function, request, *args, **options):
        if function.__name__ == "render" and request.shot.id == "shot_002":
            tries["shot_002"] += 1
            raise TransientError("the worker was lost")
        return real(function, request, *args, **options)

    monkeypatch.setattr(workers, "run", failing)
    monkeypatch.setattr(door.render_shot, "retry_delay_seconds", [0.05, 0.05])
    with pytest.raises(IncompleteFilmError, match="shot_002"):
        make(song, tmp_path / "a.mp4", tiny, tmp_path)
    assert tries["shot_002"] == 3
    assert not (tmp_path / "a.mp4").exists()
    monkeypatch.setattr(workers, "run", real)
    manifest = make(song, tmp_path / "a.mp4", tiny, tmp_path)
    assert [shot.id for shot in manifest.shots if shot.cache == "miss"] == ["shot_002"]


def test_overlapping_shots_are_refused_before_anything_is_rendered(song, tiny, tmp_path, calls):
    store = str(tmp_path / "store")
    recipe = plan_video(audio=str(song), store=store)
    shots = list(recipe.shot_list)
    shots[0] = shots[0].model_copy(update={"duration": shots[0].duration + 1.0})
    broken = recipe.model_copy(update={"shot_list": tuple(shots)})
    with pytest.raises(BadInputError, match=f"{shots[1].id} starts at"):
        render_video(
            recipe=dump(broken),
            audio=str(song),
            out=str(tmp_path / "a.mp4"),
            store=store,
            film=tiny,
        )
    assert not calls


@pytest.mark.services
def test_hand_written_recipe_is_completed_over_a_song(song, tmp_path):
    store = str(tmp_path / "store")
    recipe = plan_video(audio=str(song), store=store)
    part = recipe.model_copy(update={"shot_list": recipe.shot_list[:1], "song_sha256": None})
    revised, changes = revise_video(recipe=part, store=store, song=str(song), fill=True, snap=True)
    assert changes
    assert revised.shot_list[-1].end == pytest.approx(16.0, abs=0.01)


@pytest.mark.services
def test_unknown_theme_makes_a_degraded_film_that_says_so(song, tiny, tmp_path):
    store = str(tmp_path / "store")
    recipe = plan_video(audio=str(song), store=store)
    shots = list(recipe.shot_list)
    shots[0] = shots[0].model_copy(update={"visual_theme": "qwertyuiop"})
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    for _ in range(2):
        manifest = render_video(
            recipe=dump(recipe),
            audio=str(song),
            out=str(tmp_path / "a.mp4"),
            store=store,
            film=tiny,
        )
        assert manifest.status == "degraded"
        assert "qwertyuiop" in manifest.shots[0].fallback
        assert any(shots[0].id in warning for warning in manifest.warnings)


@pytest.mark.services
def test_edited_recipe_beside_the_film_is_never_lost(song, tiny, tmp_path):
    out = tmp_path / "film.mp4"
    make(song, out, tiny, tmp_path)
    beside = tmp_path / "film.recipe.json"
    edited = "// mine\n" + beside.read_text()
    beside.write_text(edited)
    make(song, out, tiny, tmp_path)
    assert beside.read_text() == edited
    manifest = make(song, out, tiny, tmp_path, style=StyleOptions(seed=5))
    assert (tmp_path / "film.recipe.json.bak").read_text() == edited
    assert any("film.recipe.json.bak" in warning for warning in manifest.warnings)


@pytest.mark.services
def test_other_song_than_the_recipes_is_told(song, tiny, tmp_path):
    store = str(tmp_path / "store")
    recipe = plan_video(audio=str(song), store=store)
    other = write_click_song(tmp_path / "other.wav", 16.0, bpm=120.5)
    manifest = render_video(
        recipe=dump(recipe), audio=str(other), out=str(tmp_path / "a.mp4"), store=store, film=tiny
    )
    assert any("another file" in warning for warning in manifest.warnings)
