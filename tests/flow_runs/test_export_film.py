"""Everything that is made of one finished film, through the flow, from the clips of its store."""

import json
import re
import shlex
import time
from pathlib import Path

import av
import pytest
from PIL import Image

from deployments.studio.stored_film import film_files
from flows.export_film import export_film
from flows.music_video import music_video
from recipe_schema.artifacts import SyncReport, VideoManifest
from recipe_schema.forms import ExportOptions
from recipe_schema.vocabulary import ExportKind
from tasks.assembly.cuttings import Cutting
from tasks.assembly.sync_report import read_picture_times
from tasks.assembly.task import clips_of_film, cuttings, filmed_songs, stills
from tasks.errors import BadInputError
from tasks.planning.task import open_recipe
from tasks.settings import Settings
from tasks.storage import open_store
from tasks.storage.garbage.collection import plan_forgetting, plan_sweep, sweep
from tasks.storage.garbage.plan import Rules
from tasks.storage.in_use import DAY_S
from tasks.storage.keys import blob_key
from tasks.storage.local import LocalStore

pytestmark = pytest.mark.services


@pytest.fixture
def film(song, tiny, tmp_path):
    """A film of 16 s, 160 pixels wide."""
    return music_video(audio=str(song), film=tiny, out=str(tmp_path / "film.mp4"))


def test_film_becomes_all_that_is_asked_of_it(film, tmp_path):
    rendered = {shot.clip.sha256 for shot in film.shots}

    upright = tmp_path / "upright.mp4"
    options = ExportOptions(shape="9:16")
    made = export_film(film.run_id, options=options, out=str(upright))
    assert (made.width_px, made.height_px, made.frames) == (90, 160, film.output.frames)
    manifest = VideoManifest.model_validate_json((tmp_path / "upright.manifest.json").read_text())
    assert {shot.clip.sha256 for shot in manifest.shots} == rendered
    assert {shot.cost for shot in manifest.shots} == {0.0}
    again = export_film(film.run_id, options=options, out=str(upright))
    assert again.segments == again.segments_reused > 0

    teaser = tmp_path / "teaser.mp4"
    made = export_film(film.run_id, kind=ExportKind.TEASER, length=5.0, out=str(teaser))
    assert len(read_picture_times(teaser).shown_s) == made.frames
    assert abs(made.duration - 4.0) < 0.05
    assert made.warnings[0].startswith("ends on a bar: 4.00 s instead of 5; --length 6")
    assert made.manifest.warnings == made.warnings
    sync = SyncReport.model_validate_json((tmp_path / "teaser.sync_report.json").read_text())
    assert max(map(abs, sync.av_offset_ms)) < 1.0
    with pytest.raises(BadInputError, match=f"a teaser of film {film.run_id}"):
        export_film(made.manifest.run_id, out=str(tmp_path / "x.mp4"))

    for sound in (False, True):
        loop = tmp_path / f"loop{sound}.mp4"
        made = export_film(film.run_id, kind=ExportKind.LOOP, sound=sound, out=str(loop))
        with av.open(str(loop)) as container:
            assert len(container.streams.audio) == sound
        assert len(read_picture_times(loop).shown_s) == made.frames

    made = export_film(film.run_id, kind=ExportKind.GIF, out=str(tmp_path / "loop.gif"))
    with Image.open(tmp_path / "loop.gif") as picture:
        assert (picture.n_frames, picture.size) == (made.frames, (made.width_px, made.height_px))

    export_film(film.run_id, kind=ExportKind.POSTER, out=str(tmp_path / "poster.jpg"))
    with Image.open(tmp_path / "poster.jpg") as picture:
        assert picture.size == (160, 90)

    with pytest.raises(BadInputError, match="an edit needs a path"):
        export_film(film.run_id, kind=ExportKind.EDIT)
    edit = tmp_path / "edit.otio"
    export_film(film.run_id, kind=ExportKind.EDIT, out=str(edit))
    assert json.loads(edit.read_text())["name"]
    beside = {path.stem for path in (tmp_path / "edit.clips").iterdir()}
    clips = {f"{shot.id}-{shot.clip.sha256[:8]}" for shot in film.shots}
    assert beside == {*clips, f"song-{film.song.sha256[:8]}"}
    assert all(clip in edit.read_text() for clip in clips)


def test_exports_in_the_store_live_as_long_as_their_film(film):
    store = open_store(Settings().store_url)
    kinds = (ExportKind.POSTER, ExportKind.LOOP, ExportKind.GIF)
    made = [export_film(film.run_id, kind=kind) for kind in kinds]
    upright = export_film(film.run_id, options=ExportOptions(shape="9:16"))
    assert filmed_songs(store=None) == {film.song.sha256: film.run_id}

    rules = Rules(now=time.time() + 5 * DAY_S)
    sweep(store, plan_sweep(store, rules), rules)

    for kind, export in zip(kinds, made, strict=True):
        assert Path(export.path).stem == f"clicks-{kind}"
        assert store.stat(export.path).size == export.size
    assert store.stat(upright.path).size == upright.size
    assert set(film_files(store, film.run_id).exports) == {export.path for export in made}

    sweep(store, plan_forgetting(store, film.run_id), rules)
    assert not list(store.list(f"films/{film.run_id}"))
    assert store.stat(upright.path).size == upright.size


def test_export_that_cannot_be_destroys_nothing_and_leaves_nothing(film, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise BadInputError("broken")

    monkeypatch.setattr(stills, "write_edit", fail)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert len(before) > 3

    for name, kind in (("film.mp4", ExportKind.FILM), ("film.mov", ExportKind.TEASER)):
        with pytest.raises(BadInputError, match="choose another name, such as film-export"):
            export_film(film.run_id, kind=kind, out=str(tmp_path / name))

    with pytest.raises(BadInputError, match="broken"):
        export_film(film.run_id, kind=ExportKind.EDIT, out=str(tmp_path / "edit.otio"))

    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert not (tmp_path / "edit.clips").exists()


def test_edit_leaves_what_lies_beside_it(film, tmp_path):
    folder = tmp_path / "edit.clips"
    folder.mkdir()
    mine = folder / "shot_001.mp4"
    mine.write_text("another edit's")
    first, other = tmp_path / "edit.otio", tmp_path / "edit.fcpxml"

    made = export_film(film.run_id, kind=ExportKind.EDIT, out=str(first))
    assert "the clips are" in made.warnings[0]
    laid = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    export_film(film.run_id, kind=ExportKind.EDIT, out=str(other))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == laid
    assert mine.read_text() == "another edit's"

    changed = folder / f"{film.shots[0].id}-{film.shots[0].clip.sha256[:8]}.mp4"
    changed.write_text("graded by hand")
    with pytest.raises(BadInputError, match="move it away, or name another edit"):
        export_film(film.run_id, kind=ExportKind.EDIT, out=str(other))
    assert changed.read_text() == "graded by hand"
    assert set(folder.iterdir()) == set(laid)


def test_seams_of_picture_and_sound_agree_at_an_odd_rate(film, tmp_path, monkeypatch):
    # Half a second is 12.5 frames, and only 12 lie before the loop.
    monkeypatch.setattr(cuttings, "choose_loop", lambda *_, **__: Cutting(12, 112))
    loop = tmp_path / "loop.mp4"

    made = export_film(
        film.run_id,
        kind=ExportKind.LOOP,
        options=ExportOptions(fps="25"),
        sound=True,
        out=str(loop),
    )

    assert len(read_picture_times(loop).shown_s) == made.frames == 100


def test_clip_that_is_gone_is_told_with_what_to_do(film, tmp_path):
    store = open_store(Settings().store_url)
    gone = film.shots[1]
    store.delete(blob_key(gone.clip.sha256))
    before = sorted(tmp_path.iterdir())

    with pytest.raises(BadInputError, match=rf"\({gone.id}\)") as told:
        export_film(film.run_id, kind=ExportKind.TEASER, length=4.0, out=str(tmp_path / "t.mp4"))

    assert sorted(tmp_path.iterdir()) == before
    command = re.search("`(.*)`", str(told.value))[1]
    path = Path(film.output.path)
    words = [path.with_name("film.recipe.json"), "--song", film.song.key, "--out", path]
    assert shlex.split(command) == ["songfilm", "assemble", *map(str, words)]


def test_command_that_makes_a_film_again_names_its_store(film, tmp_path):
    elsewhere = LocalStore(tmp_path / "other store")
    rented = {"renderer": "mochi", "project": "tour"}
    moved = film.model_copy(
        update={
            "output": film.output.model_copy(update={"path": "films/run/film.mp4"}),
            "settings": {**film.settings, **rented},
        }
    )
    recipe = open_recipe(film.recipe.key, store=None)

    with pytest.raises(BadInputError) as told:
        clips_of_film(moved, recipe, store=str(tmp_path / "other store"))

    assert not list(elsewhere.list("blobs"))
    assert (
        "assemble FILM.recipe.json --song SONG --out FILM --renderer mochi --project tour "
        f"--store '{tmp_path}/other store'`" in str(told.value)
    )
