"""An encoded song is as loud as it was, and overshoots no more; where not, the user is told."""

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly
from support.films import coded_segments, make_job, make_recipe, write_song

from recipe_schema.analysis import Excerpt
from tasks.assembly import assemble
from tasks.assembly.loudness_check import loudness_note
from tasks.media.audio import Audio, Heard, decode_audio, pcm_sha256

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


@pytest.mark.parametrize(("heard_peak", "told"), [(0.99, False), (1.03, False), (1.3, True)])
def test_peaks_that_the_song_did_not_have_are_told(heard_peak, told):
    """As loud, but for one sample in each window."""
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
    windows = np.tile((0.99 * tone).astype(np.float32)[:, None], (3, 1, 2))
    peaked = windows.copy()
    peaked[:, RATE_HZ // 2] = heard_peak
    note = loudness_note(*(Heard("0" * 64, RATE_HZ, sound) for sound in (peaked, windows)))
    assert (note is not None) == told
    if told:
        assert "dBTP" in note


@pytest.mark.parametrize(("gain", "told"), [(1.1, "+0.8 LU"), (0.8, "-1.9 LU"), (1.005, None)])
@pytest.mark.parametrize("channels", [1, 2, 6, 9])
def test_a_change_of_loudness_is_told_whatever_the_length_and_the_channels(gain, told, channels):
    noise = np.random.default_rng(3).normal(0, 0.1, (3, 20_011, channels)).astype(np.float32)
    note = loudness_note(*(Heard("0" * 64, RATE_HZ, sound * noise) for sound in (gain, 1.0)))
    assert (note is None) if told is None else (told in note)


def test_silence_and_the_shortest_sounds_have_nothing_to_tell():
    for length in (10, RATE_HZ):
        silence = Heard("0" * 64, RATE_HZ, np.zeros((3, length, 2), np.float32))
        assert loudness_note(silence, silence) is None
    click = Heard("0" * 64, RATE_HZ, np.ones((3, 10, 2), np.float32))
    assert loudness_note(click, click) is None
