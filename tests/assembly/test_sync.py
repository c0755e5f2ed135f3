"""A film whose sound and pictures are known to the frame, measured from the finished file."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from support.films import (
    FPS,
    click_start,
    click_track,
    coded_segments,
    film_pictures,
    make_job,
    make_recipe,
    read_code,
    write_song,
)

from recipe_schema.vocabulary import CutOn
from tasks.assembly import assemble
from tasks.assembly.audio_track import AudioPlan
from tasks.assembly.sync_report import (
    UnprovenFilmError,
    hear_at_points,
    measure_sync,
    report_cuts,
    sound_lags,
)
from tasks.assembly.timeline import BadTimelineError
from tasks.media.audio import Audio, decode_audio

SECONDS = 9.0
FRAMES = 270
# Starts of the shots and the beats near them, seconds; the second cut is 40 ms late, the fourth
# is on no beat.
STARTS = (0.0, 2.0, 4.0, 5.5, 7.25)
BEATS = (0.0, 2.0, 3.96, 5.5, 7.0, 8.0)


@pytest.fixture(scope="module")
def job():
    recipe = make_recipe(STARTS, duration_s=SECONDS)
    shots = list(recipe.shot_list)
    shots[4] = shots[4].model_copy(update={"cut_on": CutOn.FREE})
    recipe = recipe.model_copy(update={"shot_list": tuple(shots)})
    return make_job(None, recipe, beats=BEATS)


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    return coded_segments(tmp_path_factory.mktemp("segments"), ((0, 100), (100, FRAMES)))


@pytest.fixture(scope="module")
def finished(tmp_path_factory, job, segments):
    folder = tmp_path_factory.mktemp("film")
    clicks = click_track([1.5, 4.5, 7.5], duration_s=SECONDS)
    song = write_song(folder / "song.wav", clicks)
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


def test_click_is_heard_while_its_frame_is_seen(finished):
    """Click at 1.5 s: frame 45 is on screen from the moment it sounds, at three points."""
    film, result = finished
    sound = decode_audio(film)
    for time_s in (1.5, 4.5, 7.5):
        heard_s = click_start(sound, near_s=time_s)
        shown_s = next(
            float(shown)
            for shown, (y, _, _) in film_pictures(film)
            if read_code(y) == (0, round(time_s * 30))
        )
        assert abs(heard_s - shown_s) < 0.001
    assert max(abs(offset) for offset in result.sync.av_offset_ms) < 0.1


def test_report_counts_the_files_frames(finished):
    film, result = finished
    assert result.sync.frames == result.sync.expected_frames == FRAMES
    assert result.sync.frames == sum(1 for _ in film_pictures(film))
    assert result.sync.duration == pytest.approx(SECONDS)
    assert result.sync.fps == "30/1"


@pytest.mark.parametrize("film_s", [SECONDS - 0.05, SECONDS + 0.05])
def test_film_of_another_length_than_its_song_is_refused(film_s, job, segments, tmp_path):
    """Expected frames are the song's own, whatever the time line says."""
    song = write_song(tmp_path / "song.wav", click_track([1.5], duration_s=film_s))
    (tmp_path / "work").mkdir()
    with pytest.raises(BadTimelineError, match=rf"set metadata\.duration to {film_s}, or"):
        assemble(
            job,
            song=song,
            segments=segments,
            out=tmp_path / "film.mp4",
            excerpt=None,
            work=tmp_path / "work",
            duration_s=film_s,
        )
    assert not (tmp_path / "film.mp4").exists()


def test_expected_frames_come_from_the_song_alone(finished, job, tmp_path):
    film, _ = finished
    song = film.with_name("song.wav")
    wrong = replace(job, timeline=replace(job.timeline, frames=FRAMES + 3))
    assert measured(wrong, film, song, duration_s=SECONDS).expected_frames == FRAMES
    with pytest.raises(UnprovenFilmError, match="270 frames and its song needs 273"):
        measured(wrong, film, song, duration_s=SECONDS + 0.1)


def test_film_of_an_uneven_rate_is_refused(finished, job, tmp_path):
    film, _ = finished
    uneven = tmp_path / "film.mp4"
    with av.open(str(film)) as source, av.open(str(uneven), "w") as target:
        pairs = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is None:
                continue
            if packet.stream.type == "video" and packet.pts * packet.time_base >= 8:
                packet.pts += round(Fraction(1, 500) / packet.time_base)
            packet.stream = pairs[packet.stream.index]
            target.mux(packet)
    with pytest.raises(UnprovenFilmError, match=r"2\.0 ms off its time"):
        measured(job, uneven, film.with_name("song.wav"), duration_s=SECONDS)


def measured(job, film, song, *, duration_s):
    heard, meant = (
        hear_at_points(path, excerpt=None, duration_s=Fraction(duration_s)) for path in (film, song)
    )
    return measure_sync(
        job,
        film,
        plan=AudioPlan(mode="encoded", encoder="aac", exact=False),
        heard=heard,
        meant=meant,
        duration_s=duration_s,
    )


def test_cuts_are_laid_against_their_nearest_beats(finished):
    cuts = finished[1].sync.cuts
    assert [cut.shot_id for cut in cuts] == ["shot_002", "shot_003", "shot_004", "shot_005"]
    assert [cut.frame for cut in cuts] == [60, 120, 165, 218]
    assert [cut.beat_time for cut in cuts] == [2.0, 3.96, 5.5, None]
    assert [cut.error_ms for cut in cuts] == [0.0, 40.0, 0.0, None]
    assert [cut.cut_on for cut in cuts] == ["beat", "beat", "beat", "free"]
    assert finished[1].sync.max_error_ms == 40.0
    assert finished[1].sync.median_error_ms == 0.0


def test_cuts_of_a_song_without_beats_are_free(job):
    shown_s = [frame / 30 for frame in range(FRAMES)]
    cuts = report_cuts(replace(job, beats=(), downbeats=()), shown_s)
    assert {cut.cut_on for cut in cuts} == {CutOn.FREE}
    assert {cut.error_ms for cut in cuts} == {None}


@pytest.mark.parametrize("late", [-700, -3, 0, 5, 4_000])
def test_late_sound_is_measured_to_the_sample(late, tmp_path):
    clicks = click_track([0.5, 1.5, 2.2], duration_s=3.0, rate_hz=8_000)
    song = write_song(tmp_path / "song.wav", clicks)
    moved = write_song(tmp_path / "moved.wav", Audio(np.roll(clicks.samples, late, axis=1), 8_000))
    lags_s, rate_hz = sound_lags(moved, song, excerpt=None, duration_s=90 / FPS)
    assert [round(lag * rate_hz) for lag in lags_s] == [late] * 3


def test_sound_whose_track_starts_late_is_late(tmp_path):
    clicks = click_track([0.5, 1.5, 2.2], duration_s=3.0, rate_hz=8_000)
    song = write_song(tmp_path / "song.wav", clicks)
    moved = write_song(tmp_path / "moved.mka", clicks, "-c:a", "flac", "-output_ts_offset", "0.25")
    lags_s, _ = sound_lags(moved, song, excerpt=None, duration_s=90 / FPS)
    assert lags_s == (0.25, 0.25, 0.25)


def test_sound_that_drifts_differs_between_points(tmp_path):
    clicks = click_track(np.arange(0.5, 30.0, 0.7).tolist(), duration_s=30.0, rate_hz=8_000)
    song = write_song(tmp_path / "song.wav", clicks)
    gap = np.zeros((2, 80), np.float32)
    parts = np.split(clicks.samples, [100_000, 180_000], axis=1)
    longer = np.concatenate([parts[0], gap, parts[1], gap, parts[2]], axis=1)
    moved = write_song(tmp_path / "moved.wav", Audio(longer, 8_000))
    lags_s, _ = sound_lags(moved, song, excerpt=None, duration_s=900 / FPS)
    assert [round(lag_s * 8_000) for lag_s in lags_s] == [0, 80, 160]


def test_silence_has_no_lag(tmp_path):
    silence = write_song(tmp_path / "a.wav", Audio(np.zeros((1, 8_000), np.float32), 8_000))
    lags_s, _ = sound_lags(silence, silence, excerpt=None, duration_s=30 / FPS)
    assert lags_s == (0.0, 0.0, 0.0)
