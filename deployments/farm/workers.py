"""The farm's processes besides database and server, and the environment that all of them get."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from deployments.farm.client import auth_of
from deployments.farm.services import Folder, Service
from tasks.media.workers import available_cores
from tasks.settings import Settings

PREFIX = "worker-"
STUDIO = "studio"
# A worker lets its run go within this; then its engine is killed, and the run is taken up again.
_STOP_S = 30.0
_GPU_ANSWER_S = 20.0
# Why each is not Prefect's default.
_SETTINGS = {
    # How long a run waits for a worker to look, at most; one look costs about 15 ms of CPU.
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # Only runs that are due: one taken early blocks its worker until its time comes.
    "PREFECT_WORKER_PREFETCH_SECONDS": "1",
    # A dead worker shows as offline after three of these; `status` and the dashboard tell sooner.
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "15",
    # Half of what the automation waits for (deployments/automations.py): one may get lost.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks",
    "DO_NOT_TRACK": "1",
}


def environment(settings: Settings, folder: Folder, api_url: str) -> dict[str, str]:
    """Variables of every process of the farm, whatever folder and shell it is started from.

    Args:
        settings: With what a ``.env`` file says, which the processes do not read themselves.
        folder: The farm's folder.
        api_url: Of the server.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT__")}
    # Profiles of the person who starts the farm do not reach it.
    kept.pop("PREFECT_PROFILE", None)
    told = {
        "SONGFILM_HOME": str(settings.home_path),
        "SONGFILM_STORE": _absolute(settings.store_url),
        "PREFECT_HOME": str(folder.path / "prefect"),
        "PREFECT_API_URL": api_url,
    }
    auth = auth_of(settings)
    if auth:
        told["PREFECT_API_AUTH_STRING"] = auth
    loopback = {
        name: ",".join(filter(None, (kept.get(name), "127.0.0.1", "localhost")))
        for name in ("NO_PROXY", "no_proxy")
    }
    defaults = {name: value for name, value in _SETTINGS.items() if name not in kept}
    return {**kept, **defaults, **_from_file(settings), **loopback, **told}


def plan(*, cpu_workers: int, gpus: int, one_writer: bool) -> list[tuple[str, int]]:
    """The workers that this machine should run: pool, and number within it.

    Args:
        cpu_workers: For pool cpu.
        gpus: Graphics cards, a worker of pool gpu for each.
        one_writer: The database carries one worker only: films render their shots themselves.
    """
    wanted = {"films": 1} if one_writer else {"films": 1, "cpu": cpu_workers, "gpu": gpus}
    return [(pool, number) for pool, count in wanted.items() for number in range(count)]


def describe(pool: str, number: int, environment: Mapping[str, str]) -> Service:
    """A worker as a service; its name is the same at every start, so that it knows its orphans.

    Args:
        pool: Work pool; a worker of pool gpu sees one card only.
        number: Among the workers of that pool on this machine.
        environment: From `environment`.
    """
    name = server_name(pool, number)
    command = (sys.executable, "-m", "prefect", "worker", "start", "--pool", pool)
    # A pool that is missing was deleted; a new one would have none of our settings.
    care = ("--no-create-pool-if-not-found", "--install-policy", "never")
    card = {"CUDA_VISIBLE_DEVICES": _card(environment, number)} if pool == "gpu" else {}
    return Service(
        record_name(pool, number),
        (*command, "--name", name, "--limit", "1", *care),
        {**environment, **card},
    )


def record_name(pool: str, number: int) -> str:
    """A worker's name in the farm's folder."""
    return f"{PREFIX}{pool}-{number}"


def server_name(pool: str, number: int) -> str:
    """A worker's name on the server and in the dashboard."""
    return f"{socket.gethostname()}-{pool}-{number}"


def studio(environment: Mapping[str, str], address: str) -> Service:
    """The studio service (links to films, notifications)."""
    command = (sys.executable, "-m", "deployments.studio")
    return Service(STUDIO, command, environment, address=address)


def stop(folder: Folder, name: str) -> bool:
    """Stop a worker or the studio; whether it ran."""
    return folder.stop(name, grace_s=_STOP_S)


def default_cpu_workers() -> int:
    """One a core, less one for the film that composes meanwhile."""
    return max(1, available_cores() - 1)


def count_gpus() -> int:
    """NVIDIA cards that this process may use."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if seen is not None:
        return len([card for card in seen.split(",") if card.strip() not in ("", "-1")])
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        said = subprocess.run(
            [program, "-L"], capture_output=True, text=True, timeout=_GPU_ANSWER_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        # No driver, or one that hangs: there is no card to use.
        return 0
    return sum(line.startswith("GPU ") for line in said.stdout.splitlines())


def has_studio() -> bool:
    """Whether the studio is part of this installation."""
    return (Path(__file__).parents[1] / "studio" / "__main__.py").exists()


def _absolute(store: str) -> str:
    """A store's address that means the same in every folder."""
    return store if "://" in store else str(Path(store).expanduser().absolute())


def _card(environment: Mapping[str, str], number: int) -> str:
    """Name of a worker's card; one that is not there (a test's worker) sees none."""
    seen = environment.get("CUDA_VISIBLE_DEVICES")
    cards = seen.split(",") if seen is not None else []
    return cards[number].strip() if number < len(cards) else str(number) if seen is None else ""


def _from_file(settings: Settings) -> dict[str, str]:
    """What ``.env`` and the environment set of our own settings."""
    told = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        alias = Settings.model_fields[name].validation_alias
        told[str(alias or f"SONGFILM_{name.upper()}")] = "" if plain is None else str(plain)
    return told
