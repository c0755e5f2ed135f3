"""Secrets stay where they were set: none is printed, logged, stored or sent to be looked at."""

import contextlib
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import pytest
from pydantic import SecretStr
from support.s3 import running_moto
from support.songs import write_click_song
from typer.testing import CliRunner

from deployments.cli import app
from tasks.errors import BadInputError
from tasks.settings import Settings

# Every secret setting with a word that nothing else holds, alone or inside an address.
CANARIES = {
    "s3_access_key": ("SONGFILM_S3_ACCESS_KEY", "canaryaccess7Qz", "{}"),
    "s3_secret_key": ("SONGFILM_S3_SECRET_KEY", "canarysecret7Qz", "{}"),
    "agent_cache_key": ("SONGFILM_AGENT_CACHE_KEY", "canaryagent7Qz", "{}"),
    "catalogue_url": (
        "SONGFILM_CATALOGUE_URL",
        "canarycatalogue7Qz",
        "postgresql://films:{}@127.0.0.1:9/films",
    ),
    "prefect_api_auth_string": ("PREFECT_API_AUTH_STRING", "canaryprefect7Qz", "admin:{}"),
    "secret": ("SONGFILM_SECRET", "canarylinks7Qz-sixteen", "{}"),
    "smtp_url": ("SONGFILM_SMTP_URL", "canarymail7Qz", "smtp://films:{}@127.0.0.1:9"),
    "notify_webhook": ("SONGFILM_NOTIFY_WEBHOOK", "canaryhook7Qz", "http://127.0.0.1:9/{}"),
}
SONGFILM = str(Path(sys.executable).with_name("songfilm"))


def environment():
    """Every secret set to its canary."""
    return {name: shape.format(word) for name, word, shape in CANARIES.values()}


def assert_no_canary(told: str | bytes, where: object) -> None:
    data = told if isinstance(told, bytes) else told.encode()
    found = [setting for setting, (_, word, _) in CANARIES.items() if word.encode() in data]
    assert not found, f"{found} in {where}"


@pytest.fixture(autouse=True)
def secrets(tmp_path, monkeypatch):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONGFILM_NOTIFY_TO", "a@films.example")
    monkeypatch.setenv("SONGFILM_NOTIFY_FROM", "b@films.example")
    monkeypatch.delenv("SONGFILM_STORE", raising=False)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A short one whose name tries everything that a name can hold."""
    name = 'new\nline "quoted" \x1b[31m🎵.wav'
    return write_click_song(tmp_path_factory.mktemp("song") / name, 6.0, rate_hz=8_000)


def test_every_secret_setting_has_a_canary():
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    secret = {name for name, kind in kinds.items() if SecretStr in (kind, *get_args(kind))}
    assert secret == set(CANARIES)
    suspicious = ("key", "secret", "password", "token", "auth")
    for name in set(kinds) - secret:
        assert not any(word in name for word in suspicious), f"{name} should be a SecretStr"


def test_settings_show_no_secret():
    settings = Settings()
    shown = [repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()]
    assert settings.s3_secret_key.get_secret_value() == CANARIES["s3_secret_key"][1]
    for text in shown:
        assert_no_canary(text, "settings")


def test_settings_that_are_refused_show_no_secret(monkeypatch):
    monkeypatch.setenv("SONGFILM_WORKERS", "0")
    with pytest.raises(BadInputError) as refused:
        Settings()
    assert_no_canary(f"{refused.value!r} {refused.value}", "the refusal of another setting")


def run(*words):
    """A command in this process with all that it printed and logged; Prefect is not reached."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        result = CliRunner().invoke(app, [str(word) for word in words])
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    error = result.exception
    chain = []
    while error is not None:
        chain.append(repr(error))
        error = error.__cause__ or error.__context__
    said = "\n".join([result.output, *lines, *chain])
    assert_no_canary(said, words)
    return result.exit_code, result.output


@contextlib.contextmanager
def tactless_s3(status: int, code: str) -> Iterator[str]:
    """An S3 server that refuses, and repeats whatever it was asked with, as real ones do."""

    class Handler(BaseHTTPRequestHandler):
        def _refuse(self):
            body = (
                f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no: {self.headers}"
                f"</Message><AWSAccessKeyId>{CANARIES['s3_access_key'][1]}</AWSAccessKeyId>"
                f"<StringToSign>{self.path}</StringToSign></Error>"
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = _refuse

        def log_message(self, *_):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
        (400, "AuthorizationHeaderMalformed"),
    ],
)
def test_wrong_keys_are_told_without_them(song, monkeypatch, status, code):
    with tactless_s3(status, code) as endpoint:
        monkeypatch.setenv("SONGFILM_S3_ENDPOINT", endpoint)
        monkeypatch.setenv("SONGFILM_STORE", "s3://films/team")
        for words in (("add", song), ("share", "--list"), ("make", song, "--out", "f.mp4")):
            exit_code, said = run(*words, "--json")
            assert exit_code in (2, 3, 4), said
            assert json.loads(said.splitlines()[-1])["event"] == "error"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SONGFILM_STORE", "s3://canaryaccess7Qz:canarysecret7Qz@films/team"),
        ("SONGFILM_STORE", "ftp://canaryaccess7Qz:canarysecret7Qz@films/team"),
        ("SONGFILM_S3_ENDPOINT", "http://canaryaccess7Qz:canarysecret7Qz@127.0.0.1:9"),
        ("SONGFILM_S3_PUBLIC_ENDPOINT", "http://canaryaccess7Qz:canarysecret7Qz@127.0.0.1:9"),
    ],
)
def test_secrets_written_into_addresses_are_not_repeated(song, monkeypatch, name, value):
    given = {"SONGFILM_STORE": "s3://films/team", "SONGFILM_S3_ENDPOINT": "http://127.0.0.1:9"}
    for setting, word in {**given, name: value}.items():
        monkeypatch.setenv(setting, word)
    exit_code, said = run("add", song)
    assert exit_code == 2, said


def test_fetched_addresses_keep_their_password():
    for word in (CANARIES["s3_secret_key"][1],):
        assert run("add", f"https://films:{word}@songs.example/a.mp3")[0] == 2
        assert run("add", f"http://songs.example/a.mp3?token={word}")[0] == 2
        assert run("make", f"https://127.0.0.1/a.mp3?token={word}", "--out", "f.mp4")[0] == 2


@pytest.mark.services
def test_commands_that_look_around_show_no_secret(song):
    # 4: nobody answers at the catalogue's address.
    assert run("check", "--json")[0] == 4
    assert run("add", song, "--json")[0] == 0
    assert run("share", "--list", "--json")[0] == 0
    run("status", "--json")


@pytest.mark.parametrize(
    "shape",
    [
        "postgresql://films:{}@127.0.0.1:9/films",
        "postgresql://films:{}@host.invalid/films",
        "postgresql://films:{}@127.0.0.1:port/films",
        "mongodb://films:{}@127.0.0.1/films",
        "{}",
    ],
)
def test_catalogue_that_is_not_there_is_told_without_its_password(shape, monkeypatch):
    monkeypatch.setenv("SONGFILM_CATALOGUE_URL", shape.format(CANARIES["catalogue_url"][1]))
    for words in (("projects",), ("history",), ("costs",), ("catalogue", "rebuild"), ("gc",)):
        exit_code, said = run(*words, "--json")
        assert exit_code != 1, said


@pytest.mark.parametrize("setting", ["SONGFILM_SMTP_URL", "SONGFILM_NOTIFY_WEBHOOK"])
def test_studio_that_cannot_start_shows_no_secret(setting, monkeypatch, capfd):
    from deployments.studio.__main__ import main

    monkeypatch.setenv(setting, f"gopher://films:{CANARIES['smtp_url'][1]}@host:port")
    assert main([]) == 2
    told = capfd.readouterr()
    assert setting in told.err
    assert_no_canary(told.out + told.err, setting)


def test_search_finds_what_it_is_for(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_bytes(b"\x00" + CANARIES["secret"][1].encode())
    with pytest.raises(AssertionError, match="'secret'"):
        search_files(tmp_path)


# Real runs -----------------------------------------------------------------------------------


def songfilm(*words, folder: Path, **more: str):
    """The command as a person runs it; all that it said is searched."""
    done = subprocess.run(
        [SONGFILM, *map(str, words), "--json"],
        env={**os.environ, "PREFECT_HOME": str(folder / "prefect"), **more},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert_no_canary(done.stdout, f"standard output of {words}")
    assert_no_canary(done.stderr, f"standard error of {words}")
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def search_files(folder: Path) -> int:
    """Look into every file below a folder; how many there were."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        assert_no_canary(path.read_bytes(), path)
    return len(files)


@pytest.mark.services
def test_film_leaves_no_secret_anywhere(song, tmp_path):
    """Bucket, logs, the server's history with all parameters, the film and what lies beside it."""
    small = ("--size", "160x90", "--fps", "12", "--quality", "draft", "--length", "3")
    with running_moto() as moto:
        s3 = {"SONGFILM_S3_ENDPOINT": moto.endpoint, "SONGFILM_STORE": ""}
        s3["SONGFILM_STORE"] = f"s3://{moto.make_bucket()}/team"
        out = tmp_path / "out" / "film.mp4"
        code, said = songfilm("make", song, "--out", out, *small, folder=tmp_path, **s3)
        assert code == 0, said[-1]
        assert said[-1]["manifest"]["output"]["path"] == str(out)
        code, said = songfilm("share", out, folder=tmp_path, **s3)
        assert code == 0, said[-1]
        bucket = s3["SONGFILM_STORE"].removeprefix("s3://").partition("/")[0]
        client = moto.client()
        objects = list(client.list_objects(bucket, recursive=True))
        assert len(objects) > 10
        for each in objects:
            with client.get_object(bucket, each.object_name) as answer:
                assert_no_canary(answer.read(), each.object_name)
            told = client.stat_object(bucket, each.object_name)
            assert_no_canary(pickle.dumps(dict(told.metadata)), f"metadata of {each.object_name}")
    assert list((tmp_path / "home").rglob("*.db*")), "no history to search"
    assert list((tmp_path / "home" / "logs").iterdir())
    assert search_files(tmp_path) > 5


@pytest.mark.services
def test_services_that_are_not_there_are_told_without_secrets(song, tmp_path):
    dead = {"SONGFILM_S3_ENDPOINT": "http://127.0.0.1:9", "SONGFILM_STORE": "s3://films/team"}
    code, said = songfilm("make", song, "--out", "f.mp4", folder=tmp_path, **dead)
    assert code == 3
    assert "127.0.0.1:9" in said[-1]["message"]
    code, said = songfilm(
        "analyze",
        song,
        "--out",
        "a.json",
        folder=tmp_path,
        PREFECT_API_URL="http://127.0.0.1:9/api",
    )
    assert code == 4
    search_files(tmp_path)
