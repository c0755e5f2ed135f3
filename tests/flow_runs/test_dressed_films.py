"""Films with a title card and lyrics, from the command line to the finished file."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from deployments.cli import app
from flows.music_video import music_video
from flows.render_video import render_video
from recipe_schema.artifacts import VideoManifest
from recipe_schema.forms import DressOptions
from tasks.media.lyrics import read_lyrics

pytestmark = pytest.mark.services

LRC = "[00:02.00]first words\n[00:05.00]second words\n[00:07.00]\n[00:40.00]too late\n"
LINES = [(2.0, 5.0, "first words"), (5.0, 7.0, "second words")]


@pytest.fixture
def lyrics(tmp_path):
    path = tmp_path / "words.lrc"
    path.write_text(LRC)
    return path


def lines_of(path: Path):
    return [(s.start, s.end, s.text) for s in read_lyrics(path.read_bytes(), name=path.name)]


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


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_lyrics_become_a_track_and_a_file_beside_the_film(song, tiny, tmp_path, lyrics, suffix):
    out = tmp_path / f"film.{suffix}"
    dress = DressOptions(lyrics=str(lyrics), title="Neon", artist="Choir")
    manifest = music_video(audio=str(song), out=str(out), film=tiny, dress=dress)
    assert lines_of(tmp_path / "film.srt") == LINES
    found = track_of(out)
    assert [at for at, _ in found] == [2.0, 5.0]
    assert ["first words" in found[0][1], "second words" in found[1][1]] == [True, True]
    assert any("1 line begins after the film's end" in told for told in manifest.warnings)


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
    assert np.abs(luma(out, 3.0) - luma(plain, 3.0))[foot].max() > 40
    assert np.abs(luma(out, 12.0) - luma(plain, 12.0)).max() == 0


def test_the_command_line_takes_all_of_it(song, tmp_path, lyrics):
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
