"""A farm of one's own: real PostgreSQL, real Prefect server, real workers, real kills.

Built on what `songfilm up` is built on. `open_farm` gives a server with pools and deployments and
no worker; a test starts the workers that it needs and stops them. What the dashboard's buttons do
is done here by the same REST calls.
"""

import contextlib
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from deployments.farm import postgres, server, workers
from deployments.farm.client import open_client
from deployments.farm.ledger import Ledger
from deployments.farm.services import Record, wait_until
from deployments.farm.staff import start_workers
from deployments.farm.up import Farm
from deployments.farm.wishes import Wishes
from deployments.farm.workers import Crew
from recipe_schema.vocabulary import RenderPool
from tasks.settings import Settings

SMALL = {"width_px": 128, "height_px": 72, "fps": "12/1", "quality": "draft"}
"""A format that costs next to nothing."""

FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


class LiveFarm:
    """A running server, and the handles that tests need on it and on its workers."""

    def __init__(self, farm: Farm, api_url: str, auth: str | None = None) -> None:
        self.farm, self.auth = farm, auth
        self.folder = farm.folder
        self.home = farm.settings.home_path
        self.store = farm.settings.store_url
        self.api_url = api_url
        self.environment = workers.environment(farm.settings, farm.folder, api_url)
        user = tuple(auth.split(":", 1)) if auth else None
        self.http = httpx.Client(base_url=f"{api_url}/", auth=user, timeout=60, trust_env=False)

    # Workers -------------------------------------------------------------------------------

    def start_worker(
        self, pool: str, number: int = 0, *, engines: int = 1, **variables: str
    ) -> str:
        """Start worker `number` of a pool and wait until the server sees it; returns its name.

        `variables` are set in its environment on top of the farm's.
        """
        crew = Crew(pool=pool, number=number, engines=engines)
        environment = {**self.environment, **variables}
        with open_client(self.api_url, self.auth) as client:
            start_workers(client, self.folder, [crew], environment, Ledger())
        return crew.record

    def worker(self, name: str) -> Record | None:
        """The worker's process, None when it is gone."""
        return self.folder.running(name)

    def stop_worker(self, name: str) -> None:
        """Politely, as `songfilm down` does."""
        workers.stop(self.folder, name)

    def kill_worker(self, name: str) -> None:
        """SIGKILL of the worker's process alone."""
        record = self.folder.running(name)
        assert record, f"{name} is gone already"
        kill(record.pid)
        self.folder.stop(name)

    @contextlib.contextmanager
    def staffed(self, *pools: str, **variables: str) -> Iterator[None]:
        """A worker of each pool; whatever a test did to them, none is left at the end."""
        for pool in pools:
            self.start_worker(pool, **variables)
        try:
            yield
        finally:
            running = [name for name in self.folder.names() if name.startswith(workers.PREFIX)]
            workers.stop(self.folder, *running)

    # Server and database -------------------------------------------------------------------

    def restart_server(self, *, rude: bool = False) -> None:
        """Stop (or SIGKILL) and start the server on its port."""
        self.stop_server(rude=rude)
        self.start_server()

    def stop_server(self, *, rude: bool = False) -> None:
        record = self.folder.running(server.NAME)
        assert record
        if rude:
            kill(record.pid)
        server.stop(self.folder)

    def start_server(self) -> None:
        port = int(self.api_url.removesuffix("/api").rpartition(":")[2])
        self.farm.serve(Wishes(port=port))

    def restart_database(self, *, pause_s: float = 0.0) -> None:
        """Stop PostgreSQL, its clients thrown out, and start it on its port."""
        assert postgres.stop(self.folder)
        time.sleep(pause_s)
        postgres.start(self.folder)

    # The dashboard's requests --------------------------------------------------------------

    def run(
        self,
        deployment: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        queue: str | None = None,
        **fields: Any,
    ) -> str:
        """Quick run / Custom run of "flow/deployment"; returns the flow run's id."""
        known = self.get(f"deployments/name/{deployment}")
        told = {
            "parameters": {**known["parameters"], **(parameters or {})},
            "state": {"type": "SCHEDULED", "message": "Run from the Prefect UI"},
            "enforce_parameter_schema": True,
            **({"work_queue_name": queue} if queue else {}),
            **fields,
        }
        return self.post(f"deployments/{known['id']}/create_flow_run", told)["id"]

    def film(
        self,
        song: Path,
        *,
        seed: int,
        farm: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> str:
        """Start a small film of the counting renderer; equal seeds share clips.

        `farm` are fields of its form's farm options, `parameters` other fields of the form.
        """
        told = {"audio": str(song), "renderer": "counted", "film": SMALL, "style": {"seed": seed}}
        return self.run(
            "music-video/music-video",
            {**told, "farm": {"pool": "cpu", **(farm or {})}, **parameters},
        )

    def retry(self, run_id: str) -> dict[str, Any]:
        """The Retry button; returns the server's answer."""
        state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
        return self.set_state(run_id, state)

    def cancel(self, run_id: str) -> dict[str, Any]:
        """The Cancel button."""
        return self.set_state(run_id, {"type": "CANCELLING", "message": "Cancelled from the UI"})

    def resume(self, run_id: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The Resume button of a suspended run, with what was typed into its form."""
        return self.post(f"flow_runs/{run_id}/resume", {"run_input": dict(values or {})})

    def set_state(self, run_id: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """Any state, by force, as the dashboard's "Change state" does."""
        return self.post(f"flow_runs/{run_id}/set_state", {"state": dict(state), "force": True})

    # Looking -------------------------------------------------------------------------------

    def read(self, run_id: str) -> dict[str, Any]:
        """The flow run as the API words it."""
        return self.get(f"flow_runs/{run_id}")

    def wait(
        self, run_id: str, *states: str, timeout_s: float = 120, poll_s: float = 0.3
    ) -> dict[str, Any]:
        """Wait until a run is in one of some states (types or names; any final one by default)."""
        wanted = set(states) or FINAL
        found: dict[str, Any] = {}

        def there() -> bool:
            found.update(self.read(run_id))
            return bool({found["state_type"], found["state_name"]} & wanted)

        if not wait_until(there, timeout_s=timeout_s, poll_s=poll_s):
            pytest.fail(
                f"{found['name']} is {found['state_name']} after {timeout_s:.0f} s, not "
                f"{' or '.join(sorted(wanted))}: {found['state']['message']}\n{self.tails()}"
            )
        return found

    def children(self, run_id: str) -> list[dict[str, Any]]:
        """Child runs of a run, oldest first."""
        return self.runs(flow_runs={"parent_flow_run_id": {"any_": [run_id]}})

    def runs(self, *, sort: str = "START_TIME_ASC", **filters: Any) -> list[dict[str, Any]]:
        """Flow runs by the API's filters (`flow_runs`, `flows`, `deployments`, …)."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.post(
                "flow_runs/filter", {"sort": sort, "limit": 200, "offset": len(found), **filters}
            )
            found += page
            if len(page) < 200:
                return found

    def count(self, *, tags: Sequence[str] = (), states: Sequence[str] = ()) -> int:
        """How many flow runs carry all of some tags and are in one of some state types."""
        wanted: dict[str, Any] = {}
        if tags:
            wanted["tags"] = {"all_": list(tags)}
        if states:
            wanted["state"] = {"type": {"any_": list(states)}}
        return self.post("flow_runs/count", {"flow_runs": wanted})

    def artifacts(self, run_id: str) -> dict[str, dict[str, Any]]:
        """What the dashboard shows of a run, by key."""
        found = self.post("artifacts/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
        return {artifact["key"]: artifact for artifact in found}

    def states(self, run_id: str) -> list[str]:
        """Names of the states that a run went through."""
        history = self.get("flow_run_states/", flow_run_id=run_id)
        return [state["name"] for state in sorted(history, key=lambda s: s["timestamp"])]

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.http.post(path, json=dict(body or {}))
        assert answer.status_code < 400, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def tails(self) -> str:
        """The last lines of every log."""
        return "\n".join(f"{name}:\n{self.folder.tail(name)}" for name in self.folder.names())


@contextlib.contextmanager
def open_farm(*, home: Path | None = None, auth: str | None = None) -> Iterator[LiveFarm]:
    """A bootstrapped server on PostgreSQL in a temp folder; everything is stopped at the end."""
    obstacle = postgres.obstacle()
    if obstacle:
        pytest.skip(obstacle)
    place = home or Path(tempfile.mkdtemp(prefix="songfilm-farm-"))
    # PostgreSQL's own account must be able to pass.
    place.chmod(0o711)
    settings = Settings(home=place / "home", store=str(place / "store"))
    farm = Farm(settings)
    # The server's scheduler looks once a minute unless told: tests wait for it.
    os.environ.setdefault("PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS", "5")
    try:
        _, api_url = farm.serve(Wishes(port=free_port()))
        live = LiveFarm(farm, api_url, auth)
        with open_client(api_url, auth) as client:
            farm.bootstrap(client, shots=RenderPool.CPU)
        with live.http:
            yield live
    finally:
        farm.down()
        shutil.rmtree(place)


def kill(pid: int) -> None:
    """SIGKILL, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    assert wait_until(lambda: not alive(pid), timeout_s=10)


def alive(pid: int) -> bool:
    """Whether a process runs; a corpse does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
