"""Films with a title card and lyrics, from the command line to the finished file."""

import json
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from support.songs import write_click_song
from typer.testing import CliRunner

from deployments import ladder
from deployments.cli import app
from flows.music_video import music_video
from flows.render_video import render_video
from recipe_schema.artifacts import VideoManifest
from recipe_schema.forms import DressOptions
from tasks.media.lyrics import read_lyrics

pytestmark = pytest.mark.services

LRC = "[00:01.00]first words\n[00:02.50]second words\n[00:04.00]\n[00:40.00]too late\n"
LINES = [(1.0, 2.5, "first words"), (2.5, 4.0, "second words")]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """One store for all of them: clips are rendered once."""
    place = tmp_path_factory.mktemp("dressed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SONGFILM_HOME", str(place / "home"))
        patch.setenv("SONGFILM_STORE", str(place / "store"))
        yield


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 6.0)


@pytest.fixture
def lyrics(tmp_path):
    path = tmp_path / "words.lrc"
    path.write_text(LRC)
    return path


def lines_of(path: Path):
    return [(s.start, s.end, s.text) for s in read_lyrics(path.read_bytes(), name=path.name).lines]


def track_of(film: Path):
    """Texts of the film's subtitle track with their times."""
    with av.open(str(film)) as container:
        (stream,) = container.streams.subtitles
        packets = [p for p in container.demux(stream) if p.pts is not None and p.size > 2]
        return [(float(p.pts * p.time_base), bytes(p).decode("utf-8", "replace")) for p in packets]


def luma(film: Path, second: float):
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            if frame.time >= second:
                return frame.to_ndarray(format="gray").astype(int)
    raise AssertionError(f"no frame at {second} s")


def test_lyrics_become_a_track_and_a_file_beside_the_film(song, tiny, tmp_path, lyrics):
    out, recipe = tmp_path / "film.mp4", str(tmp_path / "film.recipe.json")
    dress = DressOptions(lyrics=str(lyrics), title="Neon", artist="Choir")
    manifest = music_video(audio=str(song), out=str(out), film=tiny, dress=dress)
    assert any("1 line begins after the film's end" in told for told in manifest.warnings)
    others = [tmp_path / "other.mov", tmp_path / "third.mkv"]
    for other in others:
        render_video(recipe=recipe, audio=str(song), out=str(other), film=tiny)
    for film in (out, *others):
        assert lines_of(film.with_suffix(".srt")) == LINES
        found = track_of(film)
        assert [at for at, _ in found] == [1.0, 2.5]
        assert ["first words" in found[0][1], "second words" in found[1][1]] == [True, True]


def test_a_rerun_of_the_recipe_needs_no_options(song, tiny, tmp_path, lyrics):
    out, again = tmp_path / "film.mp4", tmp_path / "again.mp4"
    dress = DressOptions(lyrics=str(lyrics), burn_lyrics=True, title="Neon")
    music_video(audio=str(song), out=str(out), film=tiny, dress=dress)
    lyrics.unlink()
    recipe = tmp_path / "film.recipe.json"
    manifest = render_video(recipe=str(recipe), audio=str(song), out=str(again), film=tiny)
    assert isinstance(manifest, VideoManifest)
    assert {segment.cache for segment in manifest.segments} == {"hit"}
    assert out.read_bytes() == again.read_bytes()
    with av.open(str(out)) as container:
        assert not container.streams.subtitles
    plain = tmp_path / "plain.mp4"
    bare = json.loads(recipe.read_text())
    bare["assembly_instructions"]["lettering"] = {}
    (tmp_path / "bare.json").write_text(json.dumps(bare))
    render_video(recipe=str(tmp_path / "bare.json"), audio=str(song), out=str(plain), film=tiny)
    foot = slice(60, 90)
    assert np.abs(luma(out, 2.0) - luma(plain, 2.0))[foot].max() > 40
    assert np.abs(luma(out, 5.5) - luma(plain, 5.5)).max() == 0


def test_the_command_line_takes_all_of_it(song, tmp_path, lyrics, monkeypatch):
    # The engine's own server and workers are tested with the command line.
    here = nullcontext(SimpleNamespace(run=lambda flow: flow()))
    monkeypatch.setattr(ladder, "_engine", lambda screen, *, pictures: here)
    out = tmp_path / "film.mp4"
    words = ["make", song, "-o", out, "--size", "160x90", "--fps", "24", "--quality", "draft"]
    words += ["--title", "auto", "--credit", "Music: Anna", "--lyrics", lyrics, "--grade", "0.5"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "film.recipe.json").read_text())["assembly_instructions"]
    assert told["grade"]["strength"] == 0.5
    assert told["lettering"]["titles"]["title"] == song.stem
    assert told["lettering"]["titles"]["credits"] == ["Music: Anna"]
    assert lines_of(tmp_path / "film.srt") == LINES
