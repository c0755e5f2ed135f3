"""An encoded song is as loud as it was, and overshoots no more; where not, the user is told."""

import math
from fractions import Fraction

import ffmpeg
import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly
from support.films import coded_segments, make_job, make_recipe, write_song

from recipe_schema.analysis import Excerpt
from tasks.assembly import assemble
from tasks.assembly.loudness_check import loudness_note
from tasks.assembly.sync_report import hear_at_points
from tasks.media.audio import Audio, decode_audio, pcm_sha256
from tasks.media.ffmpeg import run_job
from tasks.media.loudness_meter import Level, LoudnessMeter

SECONDS, FRAMES, RATE_HZ = 3.0, 90, 44_100
# A true peak of an encoded song may lie this far above its own, dB.
PEAK_DB = 0.5


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    return coded_segments(tmp_path_factory.mktemp("segments"), ((0, FRAMES),))


def music(seconds=SECONDS):
    """Kick, hats and a chord, in stereo, with its peak at 1."""
    rng = np.random.default_rng(5)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-8 * (t % 0.5))
    hats = rng.normal(0, 0.3, (2, t.size)) * np.exp(-30 * ((t + 0.25) % 0.5))
    chord = sum(np.sin(2 * np.pi * pitch * t) for pitch in (220, 277, 330, 440)) * 0.2
    mixed = kick + chord + hats
    return mixed / np.abs(mixed).max()


def lufs(audio):
    meter = pyloudnorm.Meter(audio.sample_rate_hz)
    return meter.integrated_loudness(audio.samples.T.astype(np.float64))


def true_peak_db(audio):
    return 20 * np.log10(np.abs(resample_poly(audio.samples, 4, 1, axis=1)).max())


def film_of(samples, name, folder, segments, excerpt=None):
    song = write_song(folder / name, Audio(samples.astype(np.float32), RATE_HZ))
    (folder / "work").mkdir()
    result = assemble(
        make_job(None, make_recipe([0.0], duration_s=SECONDS)),
        song=song,
        segments=segments,
        out=folder / "film.mp4",
        excerpt=excerpt,
        work=folder / "work",
        duration_s=SECONDS,
    )
    return song, folder / "film.mp4", result


@pytest.mark.parametrize("peak_db", [-14.0, 0.0])
def test_encoded_song_is_as_loud_and_peaks_no_higher(peak_db, segments, tmp_path):
    song, film, result = film_of(music() * 10 ** (peak_db / 20), "a.wav", tmp_path, segments)
    meant, heard = decode_audio(song), decode_audio(film)
    assert result.sync.audio.mode == "encoded"
    assert abs(lufs(heard) - lufs(meant)) < 0.1
    assert true_peak_db(heard) < max(true_peak_db(meant), 0.0) + PEAK_DB
    assert result.sync.audio.lag_samples == 0
    assert result.warnings == ()


def test_excerpt_is_as_loud_as_its_part_of_the_song(segments, tmp_path):
    longer = music(5.0) * np.linspace(0.02, 0.9, round(5.0 * RATE_HZ))
    excerpt = Excerpt(start=1.5, length=SECONDS)
    song, film, result = film_of(longer, "a.wav", tmp_path, segments, excerpt)
    start = round(1.5 * RATE_HZ)
    part = decode_audio(song).samples[:, start : start + round(SECONDS * RATE_HZ)]
    assert abs(lufs(decode_audio(film)) - lufs(Audio(part, RATE_HZ))) < 0.1
    assert result.warnings == ()


def test_song_cut_off_at_full_scale_is_told(segments, tmp_path):
    _, _, result = film_of(np.clip(music() * 6, -1, 1), "a.wav", tmp_path, segments)
    assert len(result.warnings) == 1
    assert "LU from the song's loudness" in result.warnings[0]
    assert "Lossless audio" in result.warnings[0]


def test_copied_song_is_not_weighed(segments, tmp_path):
    song, film, result = film_of(np.clip(music() * 6, -1, 1), "a.flac", tmp_path, segments)
    assert pcm_sha256(film) == pcm_sha256(song)
    assert result.warnings == ()


@pytest.mark.services
def test_what_the_song_does_between_the_points_of_the_comparison_counts(tmp_path):
    """Loud for a while, away from the windows that are laid against each other."""
    sound = 0.1 * music(18.0)
    start, end = round(5.2 * RATE_HZ), round(6.8 * RATE_HZ)
    sound[:, start:end] = np.clip(60 * sound[:, start:end], -1, 1)
    song = write_song(tmp_path / "a.wav", Audio(sound.astype(np.float32), RATE_HZ))
    film = tmp_path / "a.mp4"
    job = ffmpeg.input(str(song)).output(str(film), acodec="aac", audio_bitrate="320k")
    run_job(job, what="encoding")
    heard, meant = (
        hear_at_points(path, excerpt=None, duration_s=Fraction(18), metered=True)
        for path in (film, song)
    )
    assert np.abs(meant.windows).max() < 0.2
    note = loudness_note(heard.level, meant.level)
    assert note is not None
    assert "LU from the song's loudness" in note


def test_only_the_part_that_the_film_shows_is_measured(tmp_path):
    sound = np.concatenate([music(1.0), 0.1 * music(2.0), music(1.0)], axis=1)
    song = write_song(tmp_path / "a.wav", Audio(sound.astype(np.float32), RATE_HZ))
    heard = hear_at_points(
        song, excerpt=Excerpt(start=1.0, length=2.0), duration_s=Fraction(2), metered=True
    )
    meter = LoudnessMeter(RATE_HZ, 2)
    meter.push(decode_audio(song).samples[:, RATE_HZ : 3 * RATE_HZ].T)
    assert heard.level == meter.level()
    assert heard.level.peak_db == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize(("heard_db", "told"), [(-0.1, False), (0.4, False), (1.3, True)])
def test_peaks_that_the_song_did_not_have_are_told(heard_db, told):
    note = loudness_note(Level(-9.0, heard_db), Level(-9.0, 0.0))
    assert (note is not None) == told
    if told:
        assert "peaks at +1.3 dBTP, the song at +0.0" in note


@pytest.mark.parametrize(("change", "told"), [(0.8, "+0.8 LU"), (-1.9, "-1.9 LU"), (0.05, None)])
def test_a_change_of_loudness_is_told(change, told):
    note = loudness_note(Level(-14.0 + change, -3.0), Level(-14.0, -3.0))
    assert (note is None) if told is None else (told in note)


def test_silence_and_a_copied_song_have_nothing_to_tell():
    silence = Level(-math.inf, -math.inf)
    assert loudness_note(silence, silence) is None
    assert loudness_note(None, Level(-9.0, 3.0)) is None
