"""infra/ starts what `songfilm up` starts, and names only what exists."""

import json
import re

import pytest
from support.infra import (
    INFRA,
    KUBERNETES,
    ROOT,
    RUNPOD,
    TEMPLATE,
    compose,
    containers,
    documents,
    texts,
)

# Settings of prefect-kubernetes, which is installed where it is needed only.
ELSEWHERE = {"PREFECT_INTEGRATIONS_KUBERNETES_WORKER_API_AUTH_STRING_SECRET_NAME"}
# Where workers are started.
PLACES = (
    *("compose films", "compose cpu", "compose gpu", "worker-films", "worker-cpu", "worker-gpu"),
    *("runpod", "modal"),
)


def test_every_variable_is_a_setting_that_exists() -> None:
    from prefect.settings import Settings as PrefectSettings
    from prefect.settings.legacy import _get_settings_fields
    from prefect_redis.client import RedisMessagingSettings

    from tasks.settings import Settings

    ours = {f"SONGFILM_{name.upper()}" for name in Settings.model_fields}
    redis = {f"PREFECT_REDIS_MESSAGING_{n.upper()}" for n in RedisMessagingSettings.model_fields}
    known = ours | redis | set(_get_settings_fields(PrefectSettings)) | ELSEWHERE
    for path, text in texts().items():
        named = set(re.findall(r"\b(?:SONGFILM|PREFECT)_[A-Z0-9_]+\b", text.replace("RUNPOD_", "")))
        assert named <= known, f"{path}: {named - known}"


def test_every_compose_variable_is_in_its_example() -> None:
    folder = INFRA / "compose"
    text = (folder / "compose.yaml").read_text()
    used = dict(re.findall(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?", text))
    example = (folder / ".env.example").read_text()
    offered = dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", example, re.MULTILINE))
    assert set(used) == set(offered) - {"COMPOSE_PROFILES"}
    for name, default in used.items():
        assert offered[name] == default, name


def test_every_command_exists() -> None:
    from typer.main import get_command

    from deployments.cli import app

    verbs, found = set(get_command(app).commands), set()
    for path, text in texts().items():
        # Prose says songfilm of other things too; commands are in code. Not kubectl's namespace.
        lines = [line for line in text.splitlines() if path.suffix != ".md" or line[:4] == "    "]
        code = "\n".join((*lines, *re.findall(r"`([^`]+)`", text)))
        said = re.findall(r"(?:(?:tools|gc|studio) songfilm |\[\"?songfilm\"?, \"?)([a-z-]+)", code)
        if path.suffix == ".md":
            said += re.findall(r"(?:^|(?<!-n)[ ])songfilm ([a-z][a-z-]+)", code, re.MULTILINE)
        assert set(said) <= verbs, path
        found.update(said)
        for module in re.findall(r"-m,? (deployments\.\w+)", text):
            place = ROOT / module.replace(".", "/")
            assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module
    assert {"up", "gc", "status"} <= found


def test_every_file_that_is_named_exists() -> None:
    for path, text in texts().items():
        for named in re.findall(r"\binfra/[\w./-]*\w", text):
            # compose's .env is made by its user.
            assert (ROOT / named).exists() or named.endswith("/.env"), f"{path}: {named}"


def workers() -> dict[str, str]:
    """How each place starts a worker."""
    services = compose()["services"]
    found = {f"compose {name}": services[name]["command"][-1] for name in ("films", "cpu", "gpu")}
    for each in containers():
        if each["name"].startswith("worker-"):
            found[each["name"]] = " ".join(each["args"])
    found["runpod"] = (INFRA / "runpod" / "start.sh").read_text().replace("\\\n", "")
    source = (INFRA / "modal" / "modal_app.py").read_text()
    command = source[source.index("    command = (") : source.index(", env=")]
    found["modal"] = " ".join(re.findall(r'"([^"]*)"', command))
    return found


@pytest.mark.parametrize("place", PLACES)
def test_workers_start_as_songfilm_up_starts_them(place: str) -> None:
    from deployments.farm.workers import Crew, describe

    assert set(workers()) == set(PLACES)
    command = workers()[place]
    pool = next((name for name in ("films", "cpu") if name in place), "gpu")
    wanted = describe(Crew(pool=pool), {}).command[2:]
    # Their names and numbers are their own.
    told = [w for w in wanted if w != "1" and not w.endswith(f"-{pool}-0")]
    assert told[:5] == ["prefect", "worker", "start", "--pool", pool]
    assert [word for word in told if word not in command.split()] == []
    assert f"prefect worker start --pool {pool} --type songfilm-gpu" in " ".join(command.split())


def environments() -> dict[str, dict[str, str]]:
    """What each place tells workers."""
    farm = {
        d["metadata"]["name"]: d["data"] for d in documents(KUBERNETES / "base/environment.yaml")
    }
    source = (INFRA / "modal" / "modal_app.py").read_text()
    return {
        "compose": compose()["x-farm-environment"],
        "kubernetes": farm["songfilm-farm"],
        "runpod": json.loads(RUNPOD.read_text())["env"],
        "modal": dict(re.findall(r'"(\w+)": "([^"]*)"', source)),
    }


@pytest.mark.parametrize("place", ["compose", "kubernetes", "runpod", "modal"])
def test_workers_get_the_settings_of_songfilm_up(place: str) -> None:
    from deployments.farm.workers import _SETTINGS

    told = environments()[place]
    assert {name: told.get(name) for name in _SETTINGS} == _SETTINGS


def test_all_workers_write_into_one_ledger() -> None:
    told = {
        "compose": compose()["x-farm-environment"],
        "runpod": environments()["runpod"],
        "modal": (INFRA / "modal" / "modal_app.py").read_text(),
        "job": TEMPLATE.read_text(),
        "chart": (INFRA / "helm" / "worker.yaml").read_text(),
    }
    for each in containers():
        if each["name"].startswith("worker-"):
            told[each["name"]] = {variable["name"] for variable in each["env"]}
    assert [place for place, text in told.items() if "SONGFILM_CATALOGUE_URL" not in text] == []
    assert len(told) == 8


def test_servers_get_the_settings_of_songfilm_up() -> None:
    from deployments.farm.server import _SETTINGS

    kept = documents(KUBERNETES / "base" / "environment.yaml")[0]["data"]
    server = compose()["services"]["server"]["environment"]
    # Prefect's older names of the same; what tells it that no other server is in its process.
    renamed = {"PREFECT_UI_API_URL": "PREFECT_SERVER_UI_API_URL"}
    wanted = {renamed.get(k, k): v for k, v in _SETTINGS.items() if not k.startswith("PREFECT__")}
    for told in (server, kept):
        assert {name: told.get(name) for name in wanted} == wanted
