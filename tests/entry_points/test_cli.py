"""The command line: bad input costs one clear sentence and exit code 2, before any work."""

import json
import math
import shutil

import pytest
from support.films import make_recipe
from support.songs import write_click_song
from typer.testing import CliRunner

from deployments import preflight
from deployments.cli import app
from recipe_schema.assembly import AssemblyInstructions, FilmFormat, Grading
from recipe_schema.versions import dump
from tasks.errors import BadInputError
from tasks.media import workers


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 4.0)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def no_work(monkeypatch):
    """Refused input must not reach a worker process or a server."""

    def refused(*_args, **_options):
        pytest.fail("work was started")

    monkeypatch.setattr(workers, "start", refused)
    monkeypatch.setattr(workers, "run", refused)


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def refused(*words):
    """Run, expect exit code 2, and return the one sentence on a single line."""
    result = call(*words)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.mp3", None, "does not exist"),
        ("empty.mp3", b"", "0 bytes"),
        ("text.mp3", b"these are lyrics, not sound\n" * 40, "not audio"),
        ("list.mp3", b"#EXTM3U\nother.mp3\n", "playlist"),
    ],
)
def test_what_is_no_song_is_refused(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert said in refused("make", tmp_path / name, "--out", tmp_path / "f.mp4")


def test_unwritable_output_is_refused(song, tmp_path):
    (tmp_path / "file").touch()
    assert "cannot write" in refused("make", song, "--out", tmp_path / "file" / "f.mp4")


def test_folder_as_output_is_refused(song, tmp_path):
    (tmp_path / "f.mp4").mkdir()
    assert "is a folder" in refused("make", song, "--out", tmp_path / "f.mp4")


def test_unknown_container_is_refused(song, tmp_path):
    assert ".mp4" in refused("make", song, "--out", tmp_path / "f.avi")


def test_lossless_audio_needs_a_container_that_holds_it(song, tmp_path):
    said = refused("make", song, "--out", tmp_path / "f.mp4", "--audio", "lossless")
    assert ".mov" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--size", "big"), "1920x1080"),
        (("--size", "1921x1080"), "even"),
        (("--size", "9000x9000"), "9000x9000"),
        (("--fps", "fast"), "fps"),
        (("--fps", "1000"), "outside 12 to 120"),
        (("--style", "beige"), "known"),
        (("--renderer", "oil-paint"), "procedural"),
        (("--store", "gopher://x"), "folder"),
    ],
)
def test_bad_option_names_itself_and_what_is_allowed(song, tmp_path, options, said):
    assert said in refused("make", song, "--out", tmp_path / "f.mp4", *options)


@pytest.fixture
def example(request):
    root = request.config.rootpath
    return json.loads((root / "recipe_schema" / "examples" / "user_example.json").read_text())


def write(path, value):
    path.write_text(json.dumps(value))
    return path


def test_unknown_effect_is_refused_by_name(song, tmp_path, example):
    example["shot_list"][2]["effects"] = ["sparkle"]
    path = write(tmp_path / "r.json", example)
    said = refused("assemble", path, "--song", song, "--out", tmp_path / "f.mp4")
    assert "sparkle" in said
    assert "shot_003" in said


def test_broken_json_is_refused_with_its_place(song, tmp_path):
    (tmp_path / "r.json").write_text('{"metadata": {')
    said = refused("assemble", tmp_path / "r.json", "--song", song, "--out", tmp_path / "f.mp4")
    assert "r.json" in said


def test_overlapping_shots_are_refused_before_the_engine_starts(song, tmp_path, example):
    example["shot_list"][0]["duration"] = 6
    path = write(tmp_path / "r.json", example)
    said = refused("assemble", path, "--song", song, "--out", tmp_path / "f.mp4")
    assert "shot_002" in said
    assert "overlap" in said or "before shot_001 ends" in said


def test_uncovered_recipe_says_how_to_complete_it(song, tmp_path, example):
    path = write(tmp_path / "r.json", example)
    said = refused("assemble", path, "--song", song, "--out", tmp_path / "f.mp4")
    assert "plan" in said
    assert "--fill" in said


def test_input_is_never_overwritten(song, tmp_path, example):
    assert "overwritten" in refused("analyze", song, "--out", song)
    path = write(tmp_path / "recipe.json", example)
    assert "overwritten" in refused("plan", path, "--fill", "--song", song, "--out", path)
    assert json.loads(path.read_text()) == example


def test_film_may_not_replace_its_song(song, tmp_path):
    movie = tmp_path / "clip.mp4"
    shutil.copy(song, movie)
    assert "overwritten" in refused("make", movie, "--out", movie)


def test_unknown_shot_and_renderer_are_refused_before_the_engine_starts(song, tmp_path, example):
    path = write(tmp_path / "r.json", example)
    assert "no shot shot_999" in refused("render", path, "--shot", "shot_999", "--song", song)
    example["shot_list"][1]["renderer"] = "oil-paint"
    path = write(tmp_path / "r.json", example)
    assert "oil-paint" in refused("render", path, "--song", song)


def test_recipe_takes_no_planning_options(song, tmp_path, example):
    path = write(tmp_path / "r.json", example)
    said = refused("plan", path, "--fill", "--song", song, "--style", "x", "--out", tmp_path / "o")
    assert "--style" in said


def test_bad_setting_is_bad_input(song, tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_WORKERS", "0")
    assert "workers" in refused("make", song, "--out", tmp_path / "f.mp4").lower()


def test_server_that_does_not_answer_is_missing(tmp_path, monkeypatch, song):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    result = call("analyze", song, "--out", tmp_path / "a.json")
    assert result.exit_code == 4
    assert "does not answer" in " ".join(result.output.split())


def test_brackets_in_a_name_are_shown(tmp_path):
    said = refused("make", tmp_path / "song [x1].mp3", "--out", tmp_path / "f.mp4")
    assert "song [x1].mp3" in said


def test_machines_get_the_error_as_json(tmp_path):
    result = call("make", tmp_path / "none.mp3", "--out", tmp_path / "f.mp4", "--json")
    last = json.loads(result.output.strip().splitlines()[-1])
    assert last["event"] == "error"
    assert last["exit_code"] == result.exit_code == 2
    assert "does not exist" in last["message"]


def test_too_little_disk_is_foreseen(tmp_path, monkeypatch):
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=10_000_000))
    with pytest.raises(BadInputError, match="free"):
        preflight.check_space(tmp_path / "f.mp4", str(tmp_path / "s"), FilmFormat(), 180.0)


def test_enough_disk_is_not_complained_about(tmp_path, monkeypatch):
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=10**12))
    preflight.check_space(tmp_path / "f.mp4", str(tmp_path / "s"), FilmFormat(), 180.0)


def test_room_for_clips_grows_with_them(tmp_path, monkeypatch):
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=4_500_000_000))
    place = (tmp_path / "f.mp4", str(tmp_path / "s"))

    preflight.check_space(*place, FilmFormat(), 180.0, renderer="procedural")
    with pytest.raises(BadInputError, match="not --native"):
        preflight.check_space(*place, FilmFormat(native=True), 180.0, renderer="procedural")


@pytest.mark.parametrize(
    ("start", "length", "want"),
    [(None, None, None), (10.0, None, (10.0, 20.0)), (None, 5.0, (0.0, 5.0)), (3, 4, (3.0, 4.0))],
)
def test_excerpt_defaults_to_the_rest(start, length, want):
    excerpt = preflight.choose_excerpt(30.0, start, length)
    assert (excerpt and (excerpt.start, excerpt.length)) == want


@pytest.mark.parametrize(
    ("start", "length"),
    [(31.0, None), (20.0, 11.0), (0.0, 0.0), (math.nan, None), (None, math.nan), (0.0, math.inf)],
)
def test_excerpt_outside_the_song_is_refused(start, length):
    with pytest.raises(BadInputError, match=r"lasts 30\.0 s"):
        preflight.choose_excerpt(30.0, start, length)


def test_check_finds_what_a_film_needs():
    result = call("check", "--json")
    assert result.exit_code == 0, result.output
    found = {item["name"]: item for item in json.loads(result.output)["check"]}
    assert {"ffmpeg", "encoder", "store", "server", "gpu", "weights", "stems", "disk"} <= set(found)
    assert found["encoder"]["state"] == "ok"
    assert found["store"]["state"] == "ok"


def test_check_tells_an_unusable_store_and_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    result = call("check", "--store", tmp_path / "file" / "s")
    assert result.exit_code == 4
    assert "SONGFILM_STORE" in result.output


def test_help_lists_the_ladder():
    words = call("--help").output
    for command in ("make", "analyze", "plan", "render", "assemble", "check", "demo"):
        assert command in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lut", "none.cube"), "colour table 'none.cube' is neither a file"),
        (("--font", "song.lrc"), "song.lrc is not a font"),
        (("--lyrics", "bad.lrc"), "bad.lrc, line 2: 'no time' has no time"),
        (("--title", "Дождь"), "songfilm's own type cannot write 'Дождь': it has no Д"),
        (("--lyrics", "own.lrc", "--burn-lyrics"), "it has no 東 京; give a font that has these"),
        (("--lyrics", "f.srt"), "f.mp4 leaves a file of that name beside it"),
        (("--burn-lyrics",), "--burn-lyrics needs --lyrics FILE"),
        (("--title", "x" * 121), "--title: must have at most 120 characters"),
        (("--credit", "x", "--grade", "2"), "less than or equal to 1.5"),
    ],
)
def test_what_cannot_be_laid_over_a_film_is_refused(song, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "song.lrc").write_text("[00:01.00]la")
    (tmp_path / "bad.lrc").write_text("[00:01.00]la\nno time\nnone")
    (tmp_path / "own.lrc").write_text("[00:01.00]東京", encoding="utf-8")
    (tmp_path / "f.srt").write_text("[00:01.00]la")
    assert said in refused("make", song, "--out", "f.mp4", *words)


def test_files_of_a_recipe_are_looked_for_beside_it_before_work_is_started(
    song, tmp_path, monkeypatch
):
    folder = tmp_path / "plans"
    folder.mkdir()
    told = AssemblyInstructions(grade=Grading(lut="warm.cube"))
    recipe = make_recipe((0.0,), duration_s=4.0)
    recipe = recipe.model_copy(update={"assembly_instructions": told})
    (folder / "my.json").write_text(dump(recipe))
    (tmp_path / "warm.cube").write_text("lies where the program runs")
    monkeypatch.chdir(tmp_path)
    said = refused("assemble", folder / "my.json", "--song", song, "--out", "f.mp4")
    assert "my.json: assembly_instructions.grade.lut 'warm.cube' is neither a file from" in said
    (folder / "warm.cube").write_text("no table")
    assert "warm.cube" in refused("assemble", folder / "my.json", "--song", song, "--out", "f.mp4")
