"""A setting that is refused is told in one line: variable, value, what is allowed."""

import pytest
from typer.testing import CliRunner

from deployments.cli import app
from deployments.studio.__main__ import main as serve
from tasks.errors import BadInputError
from tasks.settings import Settings


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("SONGFILM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("USD_PER_HOUR", "abc", "'abc': write a number from 0"),
        ("USD_PER_HOUR", "-3", "'-3': write a number from 0"),
        ("USD_PER_HOUR", "inf", "'inf': write a number from 0"),
        ("CLIP_DAYS", "nan", "'nan': write a number above 0"),
        ("LINK_DAYS", "9999", "'9999': write a number above 0 up to 3650"),
        ("STUDIO_PORT", "x", "'x': write a whole number from 1 up to 65535"),
        ("TENANT", "Bad Tenant!", "'Bad Tenant!': write 1 to 63 small letters, digits and hyphens"),
        ("STUDIO_URL", "studio.example:80", "'studio.example:80': write http://host:port"),
        ("STUDIO_URL", "http://", "'http://': write http://host:port"),
    ],
)
def test_refused_setting_is_told_with_its_variable_value_and_rule(monkeypatch, name, value, told):
    monkeypatch.setenv(f"SONGFILM_{name}", value)
    with pytest.raises(BadInputError) as refused:
        Settings()
    assert str(refused.value).startswith(f"SONGFILM_{name} is {told}")
    assert "\n" not in str(refused.value)
    assert "pydantic" not in str(refused.value)


def test_each_refused_setting_has_its_line_and_the_command_ends_as_bad_input(monkeypatch):
    monkeypatch.setenv("SONGFILM_CACHE_GB", "-1")
    monkeypatch.setenv("SONGFILM_WORKERS", "0")
    result = CliRunner().invoke(app, ["share", "--list"])
    assert result.exit_code == 2
    assert result.output.splitlines() == [
        "error: SONGFILM_CACHE_GB is '-1': write a number from 0",
        "SONGFILM_WORKERS is '0': write a whole number from 1 up to 256",
    ]


def test_studio_tells_a_refused_setting_and_no_password(monkeypatch, capsys):
    monkeypatch.setenv("SONGFILM_STUDIO_URL", "ftp://me:canary@films.example/")
    assert serve([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("SONGFILM_STUDIO_URL is 'ftp://…@films.example/': write")
    assert "canary" not in said


@pytest.mark.parametrize("value", [None, "", "https://films.example/studio", "http://[::1]:80"])
def test_addresses_of_a_studio_are_taken(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("SONGFILM_STUDIO_URL", value)
    assert Settings().studio_base_url == (value or "http://127.0.0.1:4280")
