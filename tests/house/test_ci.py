"""What every change must pass does not pass by leaving half of it out."""

import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / ".ci" / "run"
CEPH = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin")
STEPS = ["made test", "made lint", "made test-services"]


@pytest.fixture
def clone(tmp_path):
    """A checkout on a machine that has some programs and cannot install any."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "id"):
        (programs / name).symlink_to(shutil.which(name))

    def program(name, code):
        (programs / name).write_text(f"#!/usr/bin/env bash\n{code}\n")
        (programs / name).chmod(0o755)

    for name, code in {"ls": "exit 2", "apt-get": "exit 100", "make": "echo made $1"}.items():
        program(name, code)
    (tmp_path / ".ci").mkdir()
    shutil.copy(RUN, tmp_path / ".ci" / "run")

    def run(*there, **variables):
        for name in there:
            program(name, "exit 0")
        return subprocess.run(
            [tmp_path / ".ci" / "run"],
            env={"PATH": str(programs), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_with_everything_there_nothing_is_said(clone):
    done = clone("initdb", *CEPH, "chromium")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == STEPS
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("there", "switch"),
    [
        (CEPH, "SONGFILM_CI_WITHOUT_POSTGRES"),
        (("initdb",), "SONGFILM_CI_WITHOUT_CEPH"),
        (("initdb", *CEPH[1:]), "SONGFILM_CI_WITHOUT_CEPH"),
    ],
)
def test_without_postgres_or_ceph_nothing_passes_unless_it_is_asked_for(clone, there, switch):
    done = clone(*there)
    assert done.returncode == 1
    assert "made" not in done.stdout
    assert f"{switch}=1" in done.stderr
    done = clone(*there, **{switch: "1"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == STEPS
    assert "will skip" in done.stderr
