"""A command line that cannot be imported still says what to do."""

import json
import sys

import pytest

from deployments import command


@pytest.fixture
def broken(monkeypatch):
    """`deployments.cli` cannot be imported."""
    monkeypatch.setitem(sys.modules, "deployments.cli", None)


@pytest.mark.parametrize("words", [["songfilm"], ["songfilm", "check", "--json"]])
def test_import_that_fails_is_told_with_what_to_do(broken, monkeypatch, capsys, words):
    monkeypatch.setattr(sys, "argv", words)

    with pytest.raises(SystemExit) as left:
        command.main()

    said = capsys.readouterr()
    assert left.value.code == 1
    if "--json" in words:
        assert "deployments.cli" in json.loads(said.out)["message"]
    else:
        assert "please report this with the lines above" in said.err
        assert "ModuleNotFoundError" in said.err


def test_interrupt_while_loading_is_no_bug(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_load", interrupt)

    with pytest.raises(SystemExit) as left:
        command.main()

    assert left.value.code == 130
