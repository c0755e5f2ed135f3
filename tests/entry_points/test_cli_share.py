"""``songfilm share`` and ``songfilm add``: what they put into the store, and what they refuse."""

import contextlib
import http.server
import json
import re
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from support.mailbox import open_server
from support.songs import write_click_song
from support.stored_films import PICTURE, store_film
from typer.testing import CliRunner

from deployments.cli import app
from deployments.studio.app import create_app
from recipe_schema.artifacts import VideoManifest
from tasks.settings import Settings
from tasks.storage.keys import film_key, manifest_key
from tasks.storage.local import LocalStore
from tasks.storage.shares import list_shares
from tasks.storage.store import DeniedError, file_sha256, to_json

RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_STUDIO_PORT", "9")
    monkeypatch.delenv("SONGFILM_STORE", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store(home):
    return LocalStore(Path(Settings().store_url))


@pytest.fixture
def film(store, tmp_path):
    """A film that lies outside the store, as ``songfilm make --out`` leaves it."""
    store_film(store, RUN, tmp_path)
    store.delete(film_key(RUN, "demo-song.mp4"))
    path = tmp_path / "films" / "my film!.mp4"
    path.parent.mkdir()
    path.write_bytes(PICTURE)
    manifest = VideoManifest.model_validate_json(store.get_bytes(manifest_key(RUN)))
    told = {"path": str(path), "sha256": file_sha256(path), "size": len(PICTURE)}
    manifest = manifest.model_copy(update={"output": manifest.output.model_copy(update=told)})
    store.put_bytes(manifest_key(RUN), to_json(manifest).encode())
    path.with_name("my film!.manifest.json").write_text(to_json(manifest))
    return path


def call(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def told(*words, code=0):
    """What machines are told, line by line."""
    result = CliRunner().invoke(app, [*map(str, words), "--json"])
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_film_outside_the_store_is_copied_there_and_its_link_printed(store, film):
    said = call("share", film, "--days", "3", "--note", "for [Ana]")
    assert "copying my film!.mp4 into the store, where links look: 0.0 MB" in said
    assert re.search(r"link: http://127\.0\.0\.1:9/share/[a-z2-7]{26}-[a-z2-7]{26} ", said)
    assert "the studio does not answer at http://127.0.0.1:9: start it with" in said
    assert store.get_bytes(film_key(RUN, "my-film.mp4")) == PICTURE
    (share,) = list_shares(store)
    assert (share.what, share.note) == ("film", "for [Ana]")
    assert 2.99 < (share.expires - share.made_at).total_seconds() / 86_400 < 3.01
    assert "copying" not in call("share", film)
    assert "copying" not in call("share", RUN)


def test_run_id_is_enough_while_the_film_is_where_it_was_made(store, film):
    call("share", RUN)
    assert store.get_bytes(film_key(RUN, "my-film.mp4")) == PICTURE


def test_film_that_is_gone_or_was_changed_is_not_shared(store, film):
    film.write_bytes(PICTURE[:-1] + b"x")
    assert "not the file that was made" in call("share", film, code=2)
    film.unlink()
    said = call("share", RUN, code=2)
    assert "give the path of the film" in said
    assert list(list_shares(store)) == []


def test_clip_and_report_need_no_film(store, film):
    film.unlink()
    assert "clip shot_001" in call("share", RUN, "--clip", "shot_001")
    assert "the report" in call("share", RUN, "--report")
    assert [share.what for share in list_shares(store)] == ["report", "clip:shot_001"]


def test_what_cannot_be_shared_is_told(store, film, tmp_path):
    assert "no shot 'shot_999'; it has shot_001" in call(
        "share", film, "--clip", "shot_999", code=2
    )
    said = call("share", film, "--note", "x" * 301, code=2)
    assert "the note has 301 characters, and 300 are shown at most" in said
    assert "two links" in call("share", film, "--clip", "shot_001", "--report", code=2)
    assert "neither a film" in call("share", "no-such-run", code=2)
    assert "neither a film" in call("share", "../../etc", code=2)
    assert "give one of" in call("share", film, "--list", code=2)
    assert "say --store" in call("share", film, "--store", tmp_path / "other", code=2)
    store.delete(
        VideoManifest.model_validate_json(store.get_bytes(manifest_key(RUN))).shots[0].clip.key
    )
    assert "no longer in the store" in call("share", film, "--clip", "shot_001", code=2)
    assert list(list_shares(store)) == []


def test_keys_that_may_not_share_are_told_who_may(film, monkeypatch):
    def denied(*_args, **_options):
        raise DeniedError("the S3 server does not let these keys use shares/x")

    monkeypatch.setattr(LocalStore, "put_bytes", denied)
    assert "shares/x. Of a bucket's roles, person and root share films" in call(
        "share", RUN, "--clip", "shot_001", code=2
    )


def test_share_of_another_store_says_that_the_studio_must_serve_it(film, tmp_path, store):
    there = tmp_path / "there"
    there.symlink_to(Settings().store_url)
    assert "must serve the store" in call("share", RUN, "--store", there)


def test_shares_are_listed_and_revoked_by_link(film, store):
    share = told("share", film)[-1]["share"]
    assert share["state"] == "open"
    listed = told("share", "--list")[-1]["shares"]
    assert [each["link"] for each in listed] == [share["link"]]
    assert "is taken back:" in call("share", "--revoke", share["link"])
    assert "is taken back already" in call("share", "--revoke", share["id"])
    assert "revoked" in call("share", "--list")
    assert share["link"] not in call("share", "--list")
    assert "no share" in call("share", "--revoke", "a" * 26, code=2)


class Studio(http.server.HTTPServer):
    """Answers each link with one status, and keeps what was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.asked = 200, []


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.send_header("location", "http://127.0.0.1:9/never-asked")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def studio(monkeypatch):
    with open_server(Studio()) as server:
        monkeypatch.setenv("SONGFILM_STUDIO_PORT", str(server.server_address[1]))
        yield server


@contextlib.contextmanager
def served(application):
    """The port on which an application answers until the end of the block."""
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("status", [200, 302])
def test_studio_is_asked_for_the_new_link_itself_and_follows_nowhere(film, studio, status):
    studio.status = status
    said = call("share", film)
    assert "opens on this machine only" in said
    (asked,) = studio.asked
    assert f"{asked} " in said


@pytest.mark.parametrize(
    ("status", "said"),
    [(403, "set SONGFILM_SECRET to the same on all machines"), (404, "its own SONGFILM_STORE")],
)
def test_link_that_the_studio_refuses_is_not_handed_on(film, studio, store, status, said):
    studio.status = status
    told = call("share", film, code=2)
    assert said in told
    assert "/share/" not in told
    (share,) = list_shares(store)
    assert share.revoked_at is not None


def test_studio_of_another_secret_refuses_and_of_the_same_opens(film, store, monkeypatch):
    with served(create_app(Settings(secret="1" * 16), store)) as port:
        monkeypatch.setenv("SONGFILM_STUDIO_PORT", str(port))
        monkeypatch.setenv("SONGFILM_SECRET", "2" * 16)
        assert "signs with another secret" in call("share", film, code=2)
        monkeypatch.setenv("SONGFILM_SECRET", "1" * 16)
        assert "link:" in call("share", film)


@pytest.mark.parametrize("name", ["", ".", "/", ".."])
def test_folder_or_empty_name_is_no_film(home, name):
    assert "empty" in (said := call("share", name, code=2)) or "is a folder" in said


def test_song_is_told_to_be_no_film(tmp_path):
    (tmp_path / "song.wav").write_bytes(b"RIFF")
    assert "song.wav is no film that songfilm made" in call("share", "song.wav", code=2)


def test_start_of_a_runs_id_is_enough_when_it_names_one_film(film, store, tmp_path):
    call("share", RUN[:8])
    assert next(iter(list_shares(store))).film == RUN
    store_film(store, f"{RUN[:-1]}c", tmp_path)
    assert "names 2 films; give more of the id" in call("share", RUN[:8], code=2)
    assert "link:" in call("share", RUN)
    assert "neither a film" in call("share", RUN[:5], code=2)


def test_list_names_the_song_of_a_share(film, store):
    call("share", film)
    assert f"of demo song ({RUN})" in call("share", "--list")
    assert told("share", "--list")[-1]["shares"][0]["song"] == "demo song"
    store.delete(manifest_key(RUN))
    assert f"of {RUN}, made" in call("share", "--list")


# Songs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return write_click_song(tmp_path_factory.mktemp("song") / "clicks.wav", 3.0)


def test_added_song_is_named_by_its_key_and_stored_once(song, store):
    first = told("add", song)
    key = first[0]["key"]
    assert first[0]["new"]
    assert store.get_bytes(key) == song.read_bytes()
    assert "there already" in call("add", song)
    assert told("add", key)[0] == {**first[0], "new": False}


def test_same_bytes_under_another_name_are_told_once_with_their_key(song, store, tmp_path):
    first = told("add", song)[0]
    twin = tmp_path / "other name.wav"
    twin.symlink_to(song)
    second = told("add", twin)[0]
    assert (first["also"], second["also"], second["new"]) == ([], [first["key"]], True)
    third = tmp_path / "third.wav"
    third.symlink_to(song)
    said = call("add", third)
    assert f"had these bytes already, as {first['key']}, {second['key']}" in said
    assert "these bytes" not in call("add", third)


def test_empty_name_adds_nothing_and_no_song_is_one_sentence(song, store, tmp_path):
    (tmp_path / "here.wav").symlink_to(song)
    assert call("add", "", code=2) == "error: song '' does not exist; check the name"
    said = call("add", "no.wav", code=2)
    assert said == "error: song 'no.wav' does not exist; check the name"
    assert "1 of 2 songs was not added: song 'no.wav'" in call("add", song, "no.wav", code=2)
    assert len(list(store.list("songs"))) == 1


HOSTILE = [
    "new\nline.wav",
    'quote"s.wav',
    "..",
    "x" * 250 + ".wav",
    "🎵 日本.wav",
    "\x1b[31mred.wav",
]


def test_songs_of_hostile_names_are_added_from_a_folder(song, store, tmp_path):
    folder = tmp_path / "songs"
    folder.mkdir()
    for name in HOSTILE:
        if name != "..":
            (folder / name).symlink_to(song)
    lines = told("add", folder)
    assert lines[-1] == {"event": "done", "songs": 5}
    assert len({line["key"] for line in lines[:-1]}) == 5
    assert all(store.get_bytes(line["key"]) == song.read_bytes() for line in lines[:-1])
    said = CliRunner().invoke(app, ["add", str(folder)]).output
    assert "\x1b" not in said
    assert "🎵 日本.wav" in said


@pytest.mark.parametrize("verb", ["add", "make"])
@pytest.mark.parametrize(
    "name", ["no\nsuch.wav", "q'\".wav", "../../no.wav", "x" * 300, "🎵", "~x/y"]
)
def test_hostile_name_of_nothing_is_one_sentence(tmp_path, verb, name):
    more = ["--out", str(tmp_path / "f.mp4")] if verb == "make" else []
    result = CliRunner().invoke(app, [verb, "--", name] if not more else [verb, *more, "--", name])
    assert result.exit_code == 2, result.output
    assert "does not exist" in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_name_of_a_bad_song_commands_no_terminal(tmp_path):
    (tmp_path / "\x1b]0;title\x07red.mp3").write_text("lyrics " * 40)
    said = CliRunner().invoke(app, ["add", str(next(tmp_path.glob("*red.mp3")))]).output
    assert "red.mp3 is not audio" in " ".join(said.split())
    assert not {"\x1b", "\x07"} & set(said)


def test_bad_song_stops_no_other_and_is_told(song, store, tmp_path):
    (tmp_path / "text.mp3").write_text("lyrics " * 40)
    whole = song.read_bytes()
    (tmp_path / "torn.wav").write_bytes(whole[: len(whole) // 2])
    said = call("add", tmp_path / "text.mp3", song, tmp_path / "torn.wav", code=2)
    assert "2 of 3 songs were not added" in said
    assert "text.mp3 is not audio" in said
    assert "torn.wav is cut off" in said
    assert len(list(store.list("songs"))) == 1


@pytest.mark.parametrize("verb", ["add", "make", "analyze", "plan"])
@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("SONGFILM_SONG_MAX_MB", "0.1", "has 0.4 MB; at most 0.1 MB are taken"),
        ("SONGFILM_SONG_MAX_MINUTES", "0.04", "is 0.1 minutes long; at most 0.04 are taken"),
    ],
)
def test_limits_are_told_with_value_limit_and_setting(
    song, verb, setting, value, said, monkeypatch
):
    monkeypatch.setenv(setting, value)
    out = ["--out", "f.mp4"] if verb != "add" else []
    answer = call(verb, song, *out, code=2)
    assert said in answer
    assert setting in answer
    assert not Path("f.mp4").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://songs.example/a.mp3", "https only"),
        ("https://127.0.0.1/a.mp3", "a.mp3: 127.0.0.1 is not an address of the open net"),
        ("https://169.254.169.254/latest/meta-data", "not an address of the open net"),
        ("https://user:secret@songs.example/", "user name or password"),
        ("file:///etc/passwd", "https only"),
    ],
)
def test_addresses_that_are_not_fetched_are_refused_before_any_work(tmp_path, url, said):
    for verb in (("make", "--out", "f.mp4"), ("analyze", "--out", "a.json"), ("add",)):
        answer = call(*verb, url, code=2)
        assert said in answer
        assert "secret" not in answer
