"""What every change must pass does not pass by leaving half of it out."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"


@pytest.fixture
def clone(tmp_path):
    """A checkout on a machine without PostgreSQL that cannot install any."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, code in {"ls": "exit 2", "apt-get": "exit 100", "make": "echo made $1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{code}\n")
        (programs / name).chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(RUN, tmp_path / ".ci" / "run")

    def run(**variables):
        return subprocess.run(
            [tmp_path / ".ci" / "run"],
            env={"PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin", **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_without_postgres_nothing_passes(clone):
    done = clone()
    assert done.returncode == 1
    assert "made" not in done.stdout
    assert "SONGFILM_CI_WITHOUT_POSTGRES=1" in done.stderr


def test_without_postgres_on_request_the_rest_runs(clone):
    done = clone(SONGFILM_CI_WITHOUT_POSTGRES="1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["made test", "made lint", "made test-services"]
    assert "will skip" in done.stderr
