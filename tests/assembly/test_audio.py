from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from support.films import FPS, click_track, coded_segments, make_job, make_recipe, write_song

from recipe_schema.analysis import Excerpt
from recipe_schema.vocabulary import AudioMode
from tasks.assembly import assemble
from tasks.assembly.audio_track import plan_audio
from tasks.assembly.export import BadExportError
from tasks.assembly.sync_report import first_sound_s
from tasks.media.audio import Audio, decode_audio, pcm_sha256
from tasks.media.probe import SongInfo, probe_song, probe_video

SECONDS = 1.7
FRAMES = 51
CLICKS = (0.3, 0.7, 1.1, 1.5)


@pytest.fixture(scope="module")
def segments(tmp_path_factory):
    return coded_segments(tmp_path_factory.mktemp("segments"), ((0, 30), (30, FRAMES)))


@pytest.fixture(scope="module")
def film_of(tmp_path_factory, segments):
    """Film of coded pictures with a given song: (song, file name, …) -> (file, result)."""

    def film(song, name, *, audio=AudioMode.AUTO, excerpt=None):
        folder = tmp_path_factory.mktemp("film")
        (folder / "work").mkdir()
        recipe = make_recipe([0.0], duration_s=SECONDS)
        job = make_job(None, recipe, beats=(0.5, 1.0), audio=audio)
        out = folder / name
        result = assemble(
            job,
            song=song,
            segments=segments,
            out=out,
            excerpt=excerpt,
            work=folder / "work",
            duration_s=SECONDS,
        )
        assert sorted(path.name for path in folder.glob("*.m*")) == sorted([name])
        assert list((folder / "work").iterdir()) == []
        return out, result

    return film


@pytest.fixture(scope="module")
def clicks():
    return click_track(CLICKS, duration_s=SECONDS, rate_hz=44_100)


@pytest.fixture(scope="module")
def wav_film(clicks, film_of, tmp_path_factory):
    """(song, film, result) of a song that has to be encoded."""
    song = write_song(tmp_path_factory.mktemp("song") / "a.wav", clicks)
    return song, *film_of(song, "film.mp4")


@pytest.mark.parametrize(
    ("song_name", "film_name", "arguments"),
    [
        ("a.m4a", "a.mp4", ("-c:a", "aac")),
        ("a.flac", "c.mp4", ()),
        ("alac.m4a", "d.mov", ("-c:a", "alac")),
        ("a.mp3", "e.mov", ()),
    ],
)
def test_song_is_copied_sample_for_sample(
    song_name, film_name, arguments, clicks, film_of, tmp_path
):
    song = write_song(tmp_path / song_name, clicks, *arguments)
    film, result = film_of(song, film_name)
    report = result.sync.audio
    assert report.mode == "copied"
    assert report.source_pcm_sha256 == report.output_pcm_sha256 == pcm_sha256(song)
    assert pcm_sha256(film) == pcm_sha256(song)
    assert report.lag_samples == 0
    assert result.warnings == ()
    assert probe_song(film).codec == probe_song(song).codec


@pytest.mark.parametrize(
    ("song_name", "rate_hz", "channels", "film_rate_hz"),
    [
        ("a.wav", 8_000, 1, 8_000),
        ("a.wav", 96_000, 2, 48_000),
        ("a.ogg", 88_200, 2, 44_100),
        ("a.wma", 48_000, 1, 48_000),
    ],
)
def test_encoded_song_has_no_lag_and_the_songs_length(
    song_name, rate_hz, channels, film_rate_hz, film_of, tmp_path
):
    clicks = click_track(CLICKS, duration_s=SECONDS, rate_hz=rate_hz, channels=channels)
    song = write_song(tmp_path / song_name, clicks)
    film, result = film_of(song, "film.mp4")
    assert result.sync.audio.mode == "encoded"
    assert result.sync.audio.lag_samples == 0
    assert max(abs(offset) for offset in result.sync.av_offset_ms) == 0.0
    meant, heard = decode_audio(song), decode_audio(film)
    assert (heard.sample_rate_hz, heard.samples.shape[0]) == (film_rate_hz, channels)
    length = meant.samples.shape[1] * film_rate_hz / rate_hz
    assert abs(heard.samples.shape[1] - length) <= 1
    assert probe_song(film).codec == "aac"


def test_encoded_song_keeps_its_loudness(wav_film):
    song, film, _ = wav_film
    meant, heard = decode_audio(song).samples, decode_audio(film).samples
    level_db = 10 * np.log10(np.mean(heard**2) / np.mean(meant**2))
    assert abs(level_db) < 0.1


def test_codec_that_mp4_players_refuse_is_encoded_and_told(clicks, film_of, tmp_path):
    song = write_song(tmp_path / "a.mp3", clicks)
    _, result = film_of(song, "film.mp4")
    assert result.sync.audio.mode == "encoded"
    assert "mp3" in result.warnings[0]
    assert ".mov" in result.warnings[0]


def test_copy_that_would_change_the_sound_is_encoded_instead(clicks, film_of, tmp_path):
    """Matroska cannot mark an MP3's start padding as silent."""
    song = write_song(tmp_path / "a.mp3", clicks)
    film, result = film_of(song, "film.mkv")
    assert result.sync.audio.mode == "encoded"
    assert result.sync.audio.lag_samples == 0
    assert "mp3" in result.warnings[0]
    assert probe_song(film).codec == "aac"


def test_song_whose_track_starts_late_starts_with_the_film(clicks, film_of, tmp_path):
    """The sound of somebody's video: the analysis knows no silence before its first sample."""
    black = ("-f", "lavfi", "-i", "color=s=64x64:r=10:d=2", "-map", "1:v", "-map", "0:a")
    song = write_song(
        tmp_path / "a.mp4", clicks, *black, "-c:a", "aac", "-af", "asetpts=PTS+0.5/TB"
    )
    film, result = film_of(song, "film.mp4")
    assert result.sync.audio.mode == "encoded"
    assert result.sync.audio.lag_samples == 0
    assert first_sound_s(film) == 0.0


@pytest.mark.parametrize(
    ("film_name", "arguments", "codec"),
    [
        ("film.mov", (), "alac"),
        ("film.mkv", ("-c:a", "pcm_f32le"), "pcm_f32le"),
    ],
)
def test_lossless_keeps_every_sample(film_name, arguments, codec, clicks, film_of, tmp_path):
    song = write_song(tmp_path / "a.wav", clicks, *arguments)
    film, result = film_of(song, film_name, audio=AudioMode.LOSSLESS)
    assert result.sync.audio.mode == "lossless"
    assert pcm_sha256(film) == pcm_sha256(song) == result.sync.audio.output_pcm_sha256
    assert probe_song(film).codec == codec


def test_lossless_mp4_is_refused_before_work(clicks, film_of, tmp_path):
    song = write_song(tmp_path / "a.wav", clicks)
    with pytest.raises(BadExportError, match=r"film\.mov"):
        film_of(song, "film.mp4", audio=AudioMode.LOSSLESS)


def test_excerpt_starts_on_its_sample(clicks, film_of, tmp_path):
    longer = click_track((1.0, *(1.37 + t for t in CLICKS)), duration_s=4.0, rate_hz=44_100)
    song = write_song(tmp_path / "a.flac", longer)
    excerpt = Excerpt(start=1.37, length=SECONDS)
    film, result = film_of(song, "film.mkv", audio=AudioMode.LOSSLESS, excerpt=excerpt)
    start = round(1.37 * 44_100)
    heard, meant = decode_audio(film).samples, decode_audio(song).samples
    assert np.array_equal(heard, meant[:, start : start + round(SECONDS * 44_100)])
    assert result.sync.audio.lag_samples == 0


def test_excerpt_of_a_copyable_song_is_encoded_without_lag(film_of, tmp_path):
    longer = click_track((1.0, *(1.37 + t for t in CLICKS)), duration_s=4.0, rate_hz=48_000)
    song = write_song(tmp_path / "a.m4a", longer, "-c:a", "aac")
    film, result = film_of(song, "film.mp4", excerpt=Excerpt(start=1.37, length=SECONDS))
    assert result.sync.audio.mode == "encoded"
    assert result.sync.audio.lag_samples == 0
    assert decode_audio(film).samples.shape[1] == round(SECONDS * 48_000)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((2, 44_100)), np.clip(np.random.default_rng(1).normal(0, 2, (1, 44_100)), -1, 1)],
    ids=["silence", "clipping"],
)
def test_second_of_extreme_sound_is_taken(samples, film_of, tmp_path):
    song = write_song(tmp_path / "a.wav", Audio(samples.astype(np.float32), 44_100))
    film, result = film_of(song, "film.mp4")
    assert result.sync.audio.lag_samples == 0
    assert decode_audio(film).samples.shape[1] == 44_100


def test_film_plays_in_browsers(wav_film):
    _, film, result = wav_film
    info = probe_video(film)
    assert (info.codec, info.pixel_format, info.fps) == ("h264", "yuv420p", FPS)
    assert (info.color_space, info.color_range) == (1, 1)
    with av.open(str(film)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc) == (1, 1)
        assert container.streams.video[0].average_rate == Fraction(30)
    assert _boxes(film).index("moov") < _boxes(film).index("mdat")
    assert result.output.frames == result.sync.frames == result.sync.expected_frames == FRAMES
    assert (result.output.video_codec, result.output.audio_codec) == ("h264", "aac")


def test_every_choice_ends_with_one_that_always_holds():
    for container in (".mp4", ".mov", ".mkv"):
        for codec in ("aac", "mp3", "flac", "alac", "vorbis", "opus", "pcm_s16le", "wmav2"):
            info = SongInfo("x", codec, 44_100, 2, 10.0)
            last = plan_audio(info, container=container, mode=AudioMode.AUTO, excerpt=None)[-1]
            assert (last.mode, last.encoder) == ("encoded", "aac")
            assert last.options["audio_bitrate"] == 320_000


def _boxes(path: Path) -> list[str]:
    """Names of an mp4 file's outermost boxes."""
    names, data, at = [], path.read_bytes(), 0
    while at < len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return names
