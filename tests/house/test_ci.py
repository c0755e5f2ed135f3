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
    venv = tmp_path / ".venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").write_text("#!/usr/bin/env bash\nexit ${PIP_FAILS:-0}\n")
    (venv / "python").chmod(0o755)
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
    done = clone("initdb", *CEPH, "chromium", "fluidsynth")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == STEPS
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("there", "switch"),
    [
        ((*CEPH, "fluidsynth"), "SONGFILM_CI_WITHOUT_POSTGRES"),
        (("initdb", "fluidsynth"), "SONGFILM_CI_WITHOUT_CEPH"),
        (("initdb", *CEPH[1:], "fluidsynth"), "SONGFILM_CI_WITHOUT_CEPH"),
        (("initdb", *CEPH), "SONGFILM_CI_WITHOUT_FLUIDSYNTH"),
    ],
)
def test_without_a_server_or_fluidsynth_nothing_passes_unless_it_is_asked_for(clone, there, switch):
    done = clone(*there)
    assert done.returncode == 1
    assert "made" not in done.stdout
    assert f"{switch}=1" in done.stderr
    done = clone(*there, **{switch: "1"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == STEPS
    assert "will skip" in done.stderr


def test_without_the_extras_their_tests_are_said_to_skip(clone):
    done = clone("initdb", *CEPH, "chromium", "fluidsynth", PIP_FAILS="1")
    assert done.returncode == 0, done.stderr
    assert "stems" in done.stderr
    assert "will skip" in done.stderr
    assert done.stdout.splitlines()[-3:] == STEPS
