"""Segments rendered from coded clips: known by what shapes them, and the same bytes anywhere."""

import hashlib
import multiprocessing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support.films import (
    FPS,
    click_start,
    click_track,
    film_pictures,
    is_flash,
    make_job,
    make_recipe,
    read_code,
    write_song,
)

from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import AudioMode, Quality, Transition, VideoCodec
from tasks import cancellation
from tasks.assembly import assemble
from tasks.assembly.export import (
    BadExportError,
    check_output,
    encoder_settings,
    video_timescale,
)
from tasks.assembly.segments import plan_segments, render_segment
from tasks.errors import RunCancelledError
from tasks.media.audio import decode_audio
from tasks.media.ffmpeg import BadMediaError
from tasks.media.probe import probe_video

STARTS = (0.0, 1.5, 3.0, 3.8, 6.0)
SECONDS = 7.5
# Seconds at which the pictures flash and the song clicks: early, in the middle, late.
FLASHES_S = (0.7, 4.5, 7.0)


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Five shots: a hard cut, then dissolves."""
    recipe = make_recipe(STARTS, duration_s=SECONDS, transition=Transition.DISSOLVE)
    shots = list(recipe.shot_list)
    shots[1] = shots[1].model_copy(update={"transition_in": Transition.HARD_CUT})
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    return make_job(
        tmp_path_factory.mktemp("clips"),
        recipe,
        beats=STARTS,
        flashes={round(time_s * FPS) for time_s in FLASHES_S},
    )


@pytest.fixture(scope="module")
def rendered(job, tmp_path_factory):
    """Path of every segment's file, by its span."""
    folder = tmp_path_factory.mktemp("segments")
    paths = {}
    for segment in plan_segments(job):
        path = folder / f"{segment.start_frame:04d}.mp4"
        render_segment(job, segment, path)
        paths[segment.start_frame, segment.end_frame] = path
    return paths


def test_segments_tile_the_film_and_hold_their_frames(job, rendered):
    spans = list(rendered)
    assert (spans[0][0], spans[-1][1]) == (0, 225)
    for (start, end), path in rendered.items():
        assert probe_video(path).frames == end - start


def test_bodies_show_their_own_shots_frames(job, rendered):
    """Outside transitions frame n of the film is the clip's picture made for frame n."""
    crossings = [(p.transition_start, p.transition_end) for p in job.timeline.shots[1:]]
    for (start, end), path in rendered.items():
        if (start, end) in crossings:
            continue
        shot = next(
            k for k, p in enumerate(job.timeline.shots) if p.cut_frame <= start < p.end_frame
        )
        codes = [read_code(y) for _, (y, _, _) in film_pictures(path)]
        assert codes == [(shot, frame) for frame in range(start, end)]


@pytest.mark.services
def test_segment_has_the_same_bytes_from_another_start_and_process(job, rendered, tmp_path):
    """Rendered alone, last first, in a fresh process."""
    segments = [s for s in plan_segments(job) if s.frames < 40][-2:]
    twins = [tmp_path / f"{segment.start_frame}.mp4" for segment in segments]
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        for segment, path in zip(reversed(segments), reversed(twins), strict=True):
            pool.apply(render_segment, (job, segment, path))
    for segment, path in zip(segments, twins, strict=True):
        first = rendered[segment.start_frame, segment.end_frame]
        assert _digest(path) == _digest(first)


def test_changed_clip_dirties_its_own_segments_and_its_two_transitions(job):
    shots = job.timeline.shots
    clips = dict(job.clips)
    changed = shots[2].shot.id
    clips[changed] = replace(clips[changed], sha256="f" * 64)
    before, after = plan_segments(job), plan_segments(replace(job, clips=clips))
    dirty = {
        (old.start_frame, old.end_frame)
        for old, new in zip(before, after, strict=True)
        if old.key != new.key
    }
    first, last = shots[2].transition_start, shots[3].transition_end
    expected = {
        (s.start_frame, s.end_frame)
        for s in before
        if first <= s.start_frame and s.end_frame <= last
    }
    assert dirty == expected
    assert len(dirty) == 3


def test_keys_ignore_where_clips_lie_and_know_how_the_film_is_encoded(job, tmp_path):
    keys = [segment.key for segment in plan_segments(job)]
    moved = {name: replace(clip, path=tmp_path / name) for name, clip in job.clips.items()}
    assert [s.key for s in plan_segments(replace(job, clips=moved))] == keys
    master = replace(job, film=job.film.model_copy(update={"quality": Quality.MASTER}))
    assert not set(keys) & {s.key for s in plan_segments(master)}
    assert len(set(keys)) == len(keys)


def test_segment_is_cancelled_between_frames_and_leaves_nothing(job, tmp_path):
    segment = plan_segments(job)[0]
    seen = []

    def stop_after_three(done, total):
        seen.append((done, total))
        if done == 3:
            cancellation.request()

    try:
        with pytest.raises(RunCancelledError):
            render_segment(job, segment, tmp_path / "a.mp4", progress=stop_after_three)
    finally:
        cancellation.clear()
    assert seen == [(1, segment.frames), (2, segment.frames), (3, segment.frames)]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def film(job, rendered, tmp_path_factory):
    """(file, result) of the whole film; its song is encoded."""
    folder = tmp_path_factory.mktemp("film")
    song = write_song(folder / "song.wav", click_track(FLASHES_S, duration_s=SECONDS))
    segments = [rendered[span] for span in sorted(rendered)]
    out = folder / "film.mp4"
    return out, assemble(
        job,
        song=song,
        segments=segments,
        out=out,
        excerpt=None,
        work=folder,
        duration_s=SECONDS,
    )


def test_finished_film_cuts_on_the_very_frame_of_the_beat(job, film):
    """The picture of frame n is the clip's for n, and the hard cut is on its beat."""
    path, result = film
    assert result.sync.frames == 225
    assert result.sync.max_error_ms == 0.0
    shown = [(time, read_code(y)) for time, (y, _, _) in film_pictures(path)]
    hard_cut = next(time for time, (shot, _) in shown if shot == 1)
    assert hard_cut == Fraction(3, 2)
    crossings = [range(p.transition_start, p.transition_end) for p in job.timeline.shots]
    for frame, (time, (_, code)) in enumerate(shown):
        assert time == frame / FPS
        assert code == frame or any(frame in crossing for crossing in crossings)


def test_flash_is_seen_while_its_click_is_heard_early_and_late(film):
    path, result = film
    sound = decode_audio(path)
    flashes_s = [float(time) for time, (y, _, _) in film_pictures(path) if is_flash(y)]
    assert flashes_s == pytest.approx(FLASHES_S)
    for flash_s in flashes_s:
        assert abs(click_start(sound, near_s=flash_s) - flash_s) < 0.001
    assert result.sync.av_offset_ms == (0.0, 0.0, 0.0)
    assert result.sync.audio.mode == "encoded"


def test_quality_decides_effort_and_the_key_frames_follow_the_rate():
    film = FilmFormat(fps="30/1")
    efforts = {q: encoder_settings(film.model_copy(update={"quality": q})) for q in Quality}
    assert {q: (s.preset, s.crf) for q, s in efforts.items()} == {
        "draft": ("ultrafast", 23),
        "standard": ("superfast", 18),
        "master": ("medium", 18),
    }
    assert dict(efforts[Quality.DRAFT].options)["g"] == "60"


@pytest.mark.parametrize("rate", ["60", "24", "25", "30000/1001", "24000/1001", "120"])
def test_every_frame_of_a_rate_starts_on_a_whole_tick(rate):
    assert (video_timescale(Fraction(rate)) / Fraction(rate)).denominator == 1


def test_film_name_without_a_known_container_is_refused():
    with pytest.raises(BadExportError, match=r"film\.avi .*\.mp4"):
        check_output(Path("film.avi"), audio=AudioMode.AUTO, codec=VideoCodec.H264)


def test_film_name_without_room_for_the_files_beside_it_is_refused():
    check_output(Path("é" * 116 + ".mp4"), audio=AudioMode.AUTO, codec=VideoCodec.H264)
    with pytest.raises(BadExportError, match="3 bytes too long"):
        check_output(Path("é" * 116 + "abc.mp4"), audio=AudioMode.AUTO, codec=VideoCodec.H264)


def test_every_segment_starts_with_a_key_frame_at_constant_rate(rendered):
    for path in rendered.values():
        times = [time for time, _ in film_pictures(path)]
        assert times == [n / FPS for n in range(len(times))]


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_damaged_clip_is_told_by_its_shot_and_leaves_nothing(tmp_path):
    recipe = make_recipe((0.0, 1.0), duration_s=2.0)
    clips, out = tmp_path / "clips", tmp_path / "out"
    clips.mkdir()
    out.mkdir()
    job = make_job(clips, recipe)
    damaged = job.clips["shot_002"].path
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    damaged.write_bytes(data)
    first, second = plan_segments(job)
    render_segment(job, first, out / "first.mp4")
    with pytest.raises(BadMediaError, match=r"^shot_002: clip shot_002\.mp4 is damaged .*--fresh"):
        render_segment(job, second, out / "second.mp4")
    assert sorted(path.name for path in out.iterdir()) == ["first.light", "first.mp4"]
