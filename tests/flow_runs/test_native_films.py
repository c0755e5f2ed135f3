"""Native films, from song to file: clips as large and as fast as the film, or a word about it."""

from fractions import Fraction

import pytest
from support.prompted_films import count_calls

from flows.music_video import music_video
from recipe_schema.analysis import Excerpt
from recipe_schema.assembly import FilmFormat
from recipe_schema.vocabulary import Quality
from tasks.media.probe import probe_video
from tasks.storage import open_store

NATIVE = FilmFormat(width_px=192, height_px=128, fps="48", quality=Quality.DRAFT, native=True)

pytestmark = pytest.mark.services


def make(song, tmp_path, film=NATIVE, **options):
    return music_video(
        audio=str(song),
        out=str(tmp_path / "film.mp4"),
        film=film,
        excerpt=Excerpt(start=2.0, length=4.0),
        **options,
    )


def test_clips_have_the_films_own_size_and_rate(song, tmp_path):
    manifest = make(song, tmp_path)
    info = probe_video(tmp_path / "film.mp4")
    assert (info.frames, info.fps) == (4 * 48, 48)
    for shot in manifest.shots:
        clip = probe_video(open_store().local_file(shot.clip, tmp_path))
        assert (clip.width_px, clip.height_px, clip.fps) == (192, 128, Fraction(48))
    assert not [told for told in manifest.warnings if "native" in told]

    usual = make(song, tmp_path, film=NATIVE.model_copy(update={"native": False}))
    clip = probe_video(open_store().local_file(usual.shots[0].clip, tmp_path))
    assert clip.fps == 24


def test_renderer_that_cannot_says_so_in_the_manifest(song, tmp_path, monkeypatch):
    count_calls(monkeypatch)
    manifest = make(song, tmp_path, renderer="prompted")
    (told,) = [told for told in manifest.warnings if "native" in told]
    assert told == (
        "renderer prompted makes clips of 58x40 at 12 frames a second; --native has no effect"
    )
    assert manifest.status == "complete"
