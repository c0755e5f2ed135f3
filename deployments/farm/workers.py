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
from deployments.local_server import keep_loopback_direct
from recipe_schema.base import SchemaModel
from tasks.media.workers import available_cores
from tasks.settings import Settings

PREFIX = "worker-"
STUDIO = "studio"
# A worker ends its runs within this (they are taken up again later); then it is killed.
_STOP_S = 45.0
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
    # What a server says whose database is being restarted; a shot must not fail of it.
    "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks",
    "DO_NOT_TRACK": "1",
}
# Prefect's marks of one run, and what only the server needs to know: the database's password.
_NOT_THEIRS = ("PREFECT__", "PREFECT_SERVER_", "PREFECT_API_DATABASE_")


def environment(settings: Settings, folder: Folder, api_url: str) -> dict[str, str]:
    """Variables of every process of the farm, whatever folder and shell it is started from.

    Args:
        settings: With what a ``.env`` file says, which the processes do not read themselves.
        folder: The farm's folder.
        api_url: Of the server.
    """
    keep_loopback_direct()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_THEIRS)}
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
    defaults = {name: value for name, value in _SETTINGS.items() if name not in kept}
    return {**kept, **defaults, **_from_file(settings), **told}


class Crew(SchemaModel):
    """One worker process: number `number` of a pool on this machine."""

    pool: str
    number: int = 0
    engines: int = 1
    """Runs at the same time; each has an engine of its own."""

    @property
    def record(self) -> str:
        """Its name in the farm's folder."""
        return f"{PREFIX}{self.pool}-{self.number}"

    @property
    def title(self) -> str:
        """Its name on the server: the same at every start, so that it knows its orphans."""
        return f"{socket.gethostname()}-{self.pool}-{self.number}"


def plan(*, films: int, cpu: int, gpus: int, one_writer: bool) -> tuple[Crew, ...]:
    """The workers that this machine should run.

    Args:
        films: At the same time; while one waits for its shots, another is composed.
        cpu: Engines of pool cpu: one worker, since each worker costs the server a look every 2 s.
        gpus: Graphics cards: a worker each, so that a broken card pauses itself alone.
        one_writer: The database carries one worker only: films render their shots themselves.
    """
    if one_writer:
        return (Crew(pool="films"),)
    few = [Crew(pool=pool, engines=n) for pool, n in (("films", films), ("cpu", cpu)) if n]
    return (*few, *(Crew(pool="gpu", number=number) for number in range(gpus)))


def describe(crew: Crew, environment: Mapping[str, str]) -> Service:
    """A worker as a service.

    Args:
        crew: Which; a worker of pool gpu sees one card only.
        environment: From `environment`.
    """
    command = (sys.executable, "-m", "prefect", "worker", "start", "--pool", crew.pool)
    options = ("--name", crew.title, "--limit", str(crew.engines), "--install-policy", "never")
    # A pool that is missing was deleted; a new one would have none of our settings.
    care = "--no-create-pool-if-not-found"
    card = {"CUDA_VISIBLE_DEVICES": _card(environment, crew.number)} if crew.pool == "gpu" else {}
    return Service(crew.record, (*command, *options, care), {**environment, **card})


def studio(environment: Mapping[str, str], address: str) -> Service:
    """The studio service (links to films, notifications)."""
    command = (sys.executable, "-m", "deployments.studio")
    return Service(STUDIO, command, environment, address=address)


def stop(folder: Folder, *names: str) -> list[str]:
    """Stop workers and studio; names of those that ran."""
    return folder.stop(*names, grace_s=_STOP_S)


def default_engines() -> int:
    """One a core, less one for the film that is composed meanwhile."""
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
