"""The house stands as drawn: contracts hold, rooms know no Prefect, entry points load."""

import ast
import importlib
import itertools
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("recipe_schema", "tasks", "flows", "deployments")
# In extras, and not locked: large, of another licence, or fit to one machine alone.
HEAVY = ("torch", "torchaudio", "beat_this", "diffusers", "demucs", "essentia")


def sources():
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def test_import_contracts_hold():
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("room", ["analysis", "planning", "rendering", "assembly"])
def test_room_imports_without_prefect(room):
    code = f"import sys, tasks.{room}; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_room_shows_one_public_function():
    for room, function in (
        ("analysis", "analyze"),
        ("planning", "plan"),
        ("rendering", "render"),
        ("assembly", "assemble"),
    ):
        module = importlib.import_module(f"tasks.{room}")
        assert function in module.__all__
        assert callable(getattr(module, function))


def test_every_deployment_names_a_flow_that_loads():
    from prefect import Flow

    listed = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert listed
    for deployment in listed:
        module, _, attribute = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), attribute)
        assert isinstance(flow, Flow)
        # A film's own flow has one deployment; what films ask for, one a pool.
        assert deployment["name"] in (flow.name, deployment["work_pool"]["name"])


def test_flow_files_define_no_class():
    for path in (ROOT / "flows").glob("*.py"):
        tree = ast.parse(path.read_text())
        assert not [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)], path


def test_top_level_package_inits_are_empty():
    for name in ("tasks", "flows", "deployments"):
        assert (ROOT / name / "__init__.py").read_text() == ""


def test_heavy_packages_are_not_in_the_base_install():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = (ROOT / "requirements.lock").read_text().lower()
    for heavy in HEAVY:
        assert not any(line.startswith(heavy) for line in project["dependencies"])
        assert f"\n{heavy}==" not in pins


def test_lock_holds_plain_pins_of_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        name, _, version = line.partition("==")
        assert version, line
        assert not set(line) & set(":/@ "), line
        pins[name.lower().replace("_", "-")] = version
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *itertools.chain(*extras)]
    for requirement in wanted:
        name = requirement.split(">")[0].split("<")[0].split("[")[0].strip().lower()
        if name not in HEAVY:
            assert name.replace("_", "-") in pins, f"{name} is not pinned: run make lock"


def test_every_setting_is_in_the_example_file():
    from tasks.settings import Settings

    example = (ROOT / ".env.example").read_text()
    for name, field in Settings.model_fields.items():
        assert f"#{field.validation_alias or f'SONGFILM_{name.upper()}'}=" in example


def test_readme_commands_are_real():
    readme = (ROOT / "README.md").read_text()
    targets = (ROOT / "Makefile").read_text()
    for command in ("make demo", "make test"):
        assert command in readme
        assert f"\n{command.split()[1]}:" in targets


def test_wheel_carries_data_files():
    """Workers run the installed package: every data file must match the package-data globs."""
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text())
    suffixes = {g.lstrip("*") for g in globs["tool"]["setuptools"]["package-data"]["*"]}
    for name in PACKAGES:
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".py":
                assert path.suffix in suffixes or path.name in suffixes, path
