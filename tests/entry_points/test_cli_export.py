"""What `songfilm export` refuses before any work, what it asks its flow for, and what it says."""

import contextlib
import json
import shutil

import pytest
from pydantic import ValidationError
from support.stored_films import store_film
from typer.testing import CliRunner

from deployments import engine, preflight
from deployments.cli import app
from deployments.cli_options import read_size
from recipe_schema.artifacts import Export
from recipe_schema.assembly import FilmFormat
from recipe_schema.forms import ExportOptions
from recipe_schema.vocabulary import ExportKind, Focus, VideoCodec
from tasks.errors import BadInputError
from tasks.storage.keys import manifest_key
from tasks.storage.local import LocalStore
from tasks.storage.store import to_json

RUN = "0b5e0c6e-6f6e-4f43-9c5e-3a7f1d1c0a11"


@pytest.fixture
def film(tmp_path, monkeypatch):
    """A film in the store and, by its manifest, beside its path."""
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_STORE", str(tmp_path / "store"))
    store = LocalStore(tmp_path / "store")
    manifest = store_film(store, RUN, tmp_path)
    path = tmp_path / "my.mp4"
    manifest = manifest.model_copy(
        update={
            "settings": {"film": FilmFormat().model_dump(mode="json")},
            "output": manifest.output.model_copy(update={"path": str(path)}),
        }
    )
    store.put_bytes(manifest_key(RUN), to_json(manifest).encode())
    path.touch()
    (tmp_path / "my.manifest.json").write_text(to_json(manifest))
    return path


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the flow is called with; nothing is made."""
    calls = []

    class NoEngine(contextlib.AbstractContextManager):
        server = "no"

        def __init__(self, *_settings, **_options):
            pass

        def __exit__(self, *_error):
            return None

        def run(self, work):
            return work()

    def flow(**options):
        calls.append(options)
        return Export(
            kind=options["kind"],
            film_run=options["film"],
            path=options["out"],
            size=2_500_000,
            width_px=1080,
            height_px=1920,
            fps="60/1",
            frames=360,
            start=12.0,
            duration=6.0,
            segments=5,
            segments_reused=3,
            warnings=("told",),
        )

    monkeypatch.setattr(engine, "Engine", NoEngine)
    monkeypatch.setattr("flows.export_film.export_film", flow)
    return calls


def call(*words):
    result = CliRunner().invoke(app, ["export", *map(str, words)])
    return result, " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mp4", ExportKind.FILM),
        ("a.GIF", ExportKind.GIF),
        ("a.png", ExportKind.POSTER),
        ("a.jpg", ExportKind.POSTER),
        ("a.otio", ExportKind.EDIT),
        ("a.fcpxml", ExportKind.EDIT),
        ("a.xml", ExportKind.EDIT),
    ],
)
def test_ending_says_what_is_wanted(film, asked, tmp_path, name, kind):
    assert call(film, tmp_path / name)[0].exit_code == 0
    assert asked[0]["kind"] is kind
    assert asked[0]["film"] == RUN


def test_film_is_known_by_its_run_too(film, asked, tmp_path):
    words = ("--as", "loop", "--sound", "--length", "4", "--shape", "9:16", "--codec", "h265")
    result, said = call(RUN, tmp_path / "a.mp4", *words, "--focus", "centre")

    assert result.exit_code == 0
    assert asked[0]["film"] == RUN
    assert (asked[0]["length"], asked[0]["sound"]) == (4.0, True)
    assert asked[0]["options"] == ExportOptions(
        shape="9:16", codec=VideoCodec.H265, focus=Focus.CENTRE
    )
    assert "note: told" in said
    assert "used again: 3 of 5 segments" in said
    assert "1080x1920, 6.00 s, 360 frames, from 12.00 s of the film, 2.5 MB" in said


def test_first_letters_of_a_run_are_enough(film, asked, tmp_path):
    assert call(RUN[:6], tmp_path / "a.mp4")[0].exit_code == 0
    assert asked[0]["film"] == RUN

    result, said = call("1372e79c", tmp_path / "a.mp4")
    assert result.exit_code == 2
    assert "has no film 1372e79c" in said
    result, said = call(RUN[:5], tmp_path / "a.mp4")
    assert f"there is no film and no run {RUN[:5]}" in said

    store_film(LocalStore(tmp_path / "store"), f"{RUN[:-1]}c", tmp_path)
    assert "names 2 films; give more of the id" in call(RUN[:8], tmp_path / "a.mp4")[1]


def test_export_of_an_export_is_told_to_go_by_the_film(film, asked, tmp_path):
    (tmp_path / "loop.mp4").touch()

    result, said = call(tmp_path / "loop.mp4", tmp_path / "a.gif")

    assert result.exit_code == 2
    assert "Loops, GIFs, posters and edits have none either: name the film" in said


def test_machines_read_one_line(film, asked, tmp_path):
    result, _ = call(film, tmp_path / "a.gif", "--json")

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["event"] for line in lines] == ["done"]
    assert lines[0]["export"]["kind"] == "gif"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x.mp4", "a.mp4"), "x.manifest.json does not exist"),
        (("my.mp4", "a.avi"), "a.avi does not end in .mp4, .mov, .mkv (a film, teaser or loop), "),
        (("my.mp4", "a"), ".gif, .png, .jpg, .jpeg (a poster) or .otio, .fcpxml, .xml (an edit)"),
        (("my.mp4", "a.mp4", "--as", "gif"), "a.mp4 does not end in .gif"),
        (("my.mp4", "a.gif", "--as", "poster"), "a.gif does not end in .png"),
        (("my.mp4", "a.mp4", "--as", "edit"), "a.mp4 does not end in .otio"),
        (("my.mp4", "a.mp4", "--as", "teaser", "--length", "9999"), "does not fit"),
        (("my.mp4", "a.mp4", "--as", "loop", "--length", "12"), "a loop lasts 3 to 8 s, not 12"),
        (("my.mp4", "a.mp4", "--length", "12"), "a length goes with teaser, loop, gif"),
        (("my.mp4", "a.mp4", "--sound"), "sound is asked for with a loop"),
        (("my.mp4", "a.gif", "--fps", "30"), "as gif has no fps to choose"),
        (("my.mp4", "a.png", "--codec", "h265"), "as poster has no codec to choose"),
        (("my.mp4", "a.otio", "--fit", "contain"), "as edit has no fit to choose"),
        (("my.mp4", "a.gif", "--size", "720p"), "at most 480 pixels to a side, not 1280"),
        (("my.mp4", "a.mp4", "--shape", "tall"), "--shape 'tall' is not understood"),
        (("my.mp4", "a.mp4", "--shape", "9:16", "--size", "4k"), "give one of them"),
        (("my.mp4", "a.mp4", "--size", "33x33"), "no film can have this format"),
        (("my.mp4", "a.mp4", "--size", "huge"), "nor 4k, 1080p, 720p, vertical, square"),
        (("my.mp4", "a.mp4", "--fps", "900"), "fps 900 is outside 12 to 120"),
        (("my.mp4", "a.mp4", "--size", "32x9000"), "width_px must be at least 64; height_px must"),
        (("my.mp4", "my.mp4"), "is the film itself and would be overwritten"),
        ((RUN, "my.mp4"), "is the film itself and would be overwritten"),
        ((RUN, "my.mp4", "--as", "loop"), "is the film itself and would be overwritten"),
        (("my.mp4", "my.mov"), "my.mp4 has its manifest and report under the name my"),
        (("my.mp4", "my.mov", "--as", "teaser"), "such as my-export.mov"),
        (("my.mp4", "a.mp4", "--as", "loop", "--length", "nan"), "a loop cannot last nan s"),
        (("my.mp4", "a.mp4", "--as", "teaser", "--length", "inf"), "cannot last inf s"),
        (("my.mp4", "a.xml", "--fps", "24.5"), "Premiere XML has no 49/2 frames a second"),
        (("my.mp4", "a.mp4", "--codec", "prores"), "write to a.mov instead"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(film, asked, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    result, output = call(*words)

    assert result.exit_code == 2
    assert said in output
    assert not asked
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_option_is_called_by_its_name(film, asked, tmp_path, monkeypatch):
    monkeypatch.setattr("deployments.cli_export.read_size", lambda _size: (1.5, 64))

    result, said = call(film, tmp_path / "a.mp4", "--size", "any")

    assert result.exit_code == 2
    assert "--width-px 1.5: must be a whole number" in said


def test_disk_too_full_for_the_clips_of_an_edit_is_foreseen(film, asked, tmp_path, monkeypatch):
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=10_000_000))

    result, said = call(film, tmp_path / "a.otio")

    assert result.exit_code == 2
    assert "which are laid beside the edit, need 50 MB" in said
    assert not asked


def test_room_for_a_film_goes_by_its_codec(tmp_path, monkeypatch):
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: real._replace(free=6 * 10**9))
    place = (tmp_path / "f", str(tmp_path / "s"))

    for codec in (VideoCodec.H264, VideoCodec.H265, VideoCodec.AV1):
        preflight.check_space(*place, FilmFormat(codec=codec), 180.0)
    with pytest.raises(BadInputError, match="another --codec than prores"):
        preflight.check_space(*place, FilmFormat(codec=VideoCodec.PRORES), 180.0)


def test_film_of_another_store_is_told_with_what_to_do(film, asked, tmp_path):
    other = tmp_path / "other"
    other.mkdir()

    result, said = call(film, tmp_path / "a.mp4", "--store", other)

    assert result.exit_code == 2
    assert f"has no film {RUN}" in said
    assert "--store" in said


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("4k", (3840, 2160)),
        ("Vertical", (1080, 1920)),
        ("square", (1080, 1080)),
        ("640x360", (640, 360)),
    ],
)
def test_sizes_have_names(words, size):
    assert read_size(words) == size


@pytest.mark.parametrize(
    ("shape", "size"),
    [("9:16", (1080, 1920)), ("1:1", (1080, 1080)), ("4:5", (1080, 1350)), ("21:9", (2520, 1080))],
)
def test_shape_keeps_the_shorter_side(shape, size):
    film = ExportOptions(shape=shape).over(FilmFormat())

    assert (film.width_px, film.height_px) == size


def test_export_keeps_what_was_not_asked_for():
    film = FilmFormat(width_px=640, height_px=360, fps="25", codec=VideoCodec.H265)

    assert ExportOptions().over(film) == film
    assert ExportOptions(fps="50").over(film) == film.model_copy(update={"fps": "50/1"})


def test_shape_and_size_together_are_refused():
    with pytest.raises(ValidationError, match="give one of them"):
        ExportOptions(shape="9:16", width_px=640, height_px=360)


def test_size_that_is_no_number_is_refused():
    with pytest.raises(BadInputError, match="size '12x' is not of the form"):
        read_size("12x")
