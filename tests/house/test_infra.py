"""infra/ is well-formed, pinned, and holds no secret."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.infra import (
    INFRA,
    KUBERNETES,
    OVERLAYS,
    RUNPOD,
    TEMPLATE,
    compose,
    containers,
    documents,
    resources,
    texts,
)

# What a name like this holds is nobody's business.
SECRET = re.compile(r"PASSWORD|SECRET|AUTH_STRING|_KEY$|SMTP_URL|CATALOGUE_URL|CONNECTION_URL")


def run(tool: str, *words: str | Path) -> None:
    """A linter of this environment; its words are the failure."""
    program = Path(sys.executable).with_name(tool)
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.services
def test_yaml_is_tidy() -> None:
    run("yamllint", "--strict", "-c", INFRA / ".yamllint", INFRA)


@pytest.mark.services
def test_compose_file_keeps_to_its_specification() -> None:
    path = INFRA / "compose" / "compose.yaml"
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", path)


@pytest.mark.services
def test_dockerfiles_pass_hadolint() -> None:
    files = sorted((INFRA / "docker").glob("*.Dockerfile"))
    assert [path.stem for path in files] == ["cpu", "gpu"]
    run("hadolint", *files)


def fill_job_template() -> str:
    """The job of a pod as Prefect would make it of the template's defaults."""
    from prefect.utilities.templating import apply_values

    template = json.loads(TEMPLATE.read_text())
    properties = template["variables"]["properties"]
    values = {name: each["default"] for name, each in properties.items() if "default" in each}
    told = {**values, "name": "shot", "labels": {}, "command": ["prefect", "version"]}
    job = apply_values(template["job_configuration"]["job_manifest"], told)
    # The validator wants a name where Kubernetes makes one up.
    job["metadata"]["name"] = job["metadata"].pop("generateName")
    # Prefect's worker refuses a job without these two in a place where Kubernetes ignores them.
    for misplaced in ("completions", "parallelism"):
        assert job["spec"]["template"]["spec"].pop(misplaced) == 1
    return json.dumps(job)


@pytest.mark.services
def test_kubernetes_files_keep_to_the_api(tmp_path: Path) -> None:
    # Of patches only the whole object could be judged: kustomize makes it.
    files = {path for overlay in OVERLAYS for path in resources(overlay)}
    job = tmp_path / "job.json"
    job.write_text(fill_job_template())
    assert "{{" not in job.read_text(), "a variable without default"
    run("kubernetes-validate", "--strict", "--quiet", *sorted(files), job)


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.parent.name)
def test_kustomization_names_what_is_there(overlay: Path) -> None:
    told = documents(overlay)[0]
    objects = [each for path in resources(overlay) for each in documents(path)]
    known = {(each["kind"], each["metadata"]["name"]) for each in objects}
    images = {each["image"].rpartition(":")[0] for each in containers()}
    for patch in told.get("patches", []):
        for each in documents(overlay.parent / patch["path"]):
            assert (each["kind"], each["metadata"]["name"]) in known
    assert {("Deployment", each["name"]) for each in told.get("replicas", [])} <= known
    assert {each["name"] for each in told.get("images", [])} <= images
    patched = {patch["path"] for patch in told.get("patches", [])}
    listed = {*told["resources"], *patched, "kustomization.yaml"}
    assert {path.name for path in overlay.parent.glob("*.yaml")} <= listed


def test_network_rules_and_budgets_select_pods_that_exist() -> None:
    job = json.loads(fill_job_template())
    shot = job["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
    # The worker of Prefect's chart is called as the chart is.
    names = {*(each["name"] for each in containers()), shot, "prefect-worker"}
    assert "worker-gpu" in names
    for path in (*KUBERNETES.rglob("network.yaml"), *KUBERNETES.rglob("disruption.yaml")):
        for selected in re.findall(r"app\.kubernetes\.io/name: (\S+)", path.read_text()):
            assert selected in names, path
        for values in re.findall(r"values: \[(.*)\]", path.read_text()):
            assert set(values.split(", ")) <= names, path


def test_whatever_renders_reaches_the_server() -> None:
    rules = documents(KUBERNETES / "base" / "network.yaml")
    (rule,) = next(each for each in rules if each["metadata"]["name"] == "server")["spec"][
        "ingress"
    ]
    allowed = set(rule["from"][0]["podSelector"]["matchExpressions"][0]["values"])
    job = json.loads(fill_job_template())["spec"]["template"]
    pod = job["metadata"]["labels"]["app.kubernetes.io/name"]
    assert {pod, "prefect-worker", "worker-films", "worker-cpu", "worker-gpu"} <= allowed


def test_pods_find_their_configuration_and_environment() -> None:
    objects = [each for path in resources(OVERLAYS[0]) for each in documents(path)]
    maps = {each["metadata"]["name"] for each in objects if each["kind"] == "ConfigMap"}
    said = (INFRA / "OPERATIONS.md").read_text()
    for container in containers():
        assert {each["configMapRef"]["name"] for each in container["envFrom"]} <= maps
        for variable in container["env"]:
            key = variable.get("valueFrom", {}).get("secretKeyRef")
            if key:
                assert f"`{key['key']}" in said, f"{key} is not in OPERATIONS.md"


@pytest.mark.services
def test_job_template_suits_prefect() -> None:
    import prefect
    from prefect.server.schemas.actions import WorkPoolCreate

    template = json.loads(TEMPLATE.read_text())
    # The server's own check: refuses placeholders without a variable.
    WorkPoolCreate(name="gpu", type="kubernetes", base_job_template=template)
    known = next(Path(prefect.__file__).parent.rglob("aggregate-worker-metadata.json"))
    stock = json.loads(known.read_text())["prefect-kubernetes"]["kubernetes"]
    stock = stock["default_base_job_configuration"]["job_configuration"]
    assert set(template["job_configuration"]) <= set(stock)


def test_every_image_is_pinned() -> None:
    found = [each["image"] for each in containers()]
    found += [re.sub(r"\$\{\w+:-(.*)\}", r"\1", s["image"]) for s in compose()["services"].values()]
    found += re.findall(r"^ARG \w+_IMAGE=(\S+)", "\n".join(texts().values()), re.MULTILINE)
    tags = re.findall(r"prefectTag: (\S+)", "".join(texts().values()))
    found += [f"helm:{tag}" for tag in tags]
    found.append(json.loads(RUNPOD.read_text())["imageName"])
    found.append(json.loads(TEMPLATE.read_text())["variables"]["properties"]["image"]["default"])
    assert len(tags) > 1
    for image in found:
        tag = image.rpartition("/")[2].partition(":")[2]
        assert re.search(r"\d+\.\d+|\d{4}-\d{2}", tag), image


def test_no_file_holds_a_secret() -> None:
    for service in compose()["services"].values():
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(name) or "${" in value, name
    for container in containers():
        assert not [v for v in container["env"] if SECRET.search(v["name"]) and "value" in v]
    for name, value in json.loads(RUNPOD.read_text())["env"].items():
        assert not SECRET.search(name) or value.startswith("{{ RUNPOD_SECRET_"), name
    example = (INFRA / "compose" / ".env.example").read_text()
    for name, value in re.findall(r"^([A-Z0-9_]+)=(.*)$", example, re.MULTILINE):
        assert not value or name == "COMPOSE_PROFILES", name
    for path, text in texts().items():
        # Addresses with a password in them are of words that say so, or filled in later.
        for user, password in re.findall(r"://([^/\s:@]+):([^/\s@]+)@", text):
            assert password == "password" or password.startswith("$"), f"{path}: {user}"
