"""What infra/ holds, read for the tests that look at it."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
KUBERNETES = INFRA / "kubernetes"
OVERLAYS = sorted(KUBERNETES.glob("**/kustomization.yaml"))
TEMPLATE = KUBERNETES / "gpu-job-template.json"
RUNPOD = INFRA / "runpod" / "template.json"


def texts() -> dict[Path, str]:
    """Every file that a person reads or a program runs."""
    kinds = {".md", ".yaml", ".json", ".sh", ".py", ".Dockerfile", ".example"}
    found = [path for path in sorted(INFRA.rglob("*")) if path.suffix in kinds]
    assert len(found) > 20
    return {path: path.read_text() for path in found}


def compose() -> dict[str, Any]:
    return yaml.safe_load((INFRA / "compose" / "compose.yaml").read_text())


def documents(path: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def resources(overlay: Path) -> list[Path]:
    """Files of a kustomization and of those that it builds on."""
    listed = [overlay.parent / name for name in documents(overlay)[0]["resources"]]
    return list(
        chain.from_iterable(
            resources(path / "kustomization.yaml") if path.is_dir() else [path] for path in listed
        )
    )


def containers() -> Iterator[dict[str, Any]]:
    for path in KUBERNETES.rglob("*.yaml"):
        for each in documents(path):
            if each["kind"] in ("Deployment", "Job", "CronJob"):
                spec = each["spec"].get("jobTemplate", each)["spec"]
                yield from spec["template"]["spec"]["containers"]
