"""How the farm stands: server, pools, workers, runs, store, studio."""

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from deployments.farm.client import auth_of, open_client
from deployments.farm.server import NAME as SERVER
from deployments.farm.services import Folder
from deployments.local_server import answers
from recipe_schema.base import SchemaModel
from tasks.errors import SongfilmError
from tasks.settings import Settings
from tasks.storage import open_store

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_ANSWER_S = 5.0
_RUNNING = ("RUNNING", "PENDING", "CANCELLING")


class WorkerStanding(SchemaModel):
    """One worker of a pool."""

    name: str
    online: bool
    silent_s: float | None
    """Since its last heartbeat, seconds."""


class QueueStanding(SchemaModel):
    """One queue of a pool."""

    name: str
    priority: int
    paused: bool
    waiting: int


class PoolStanding(SchemaModel):
    """One work pool."""

    name: str
    type: str
    paused: bool
    limit: int | None
    running: int
    waiting: int
    queues: tuple[QueueStanding, ...]
    workers: tuple[WorkerStanding, ...]


class RunCounts(SchemaModel):
    """Flow runs of all pools."""

    running: int
    waiting: int
    """Due and not started."""
    held: int
    """Paused or suspended: somebody has to look at them."""
    finished_today: int
    failed_today: int
    """Failed or crashed since midnight, local time."""


class ProcessStanding(SchemaModel):
    """A process that `songfilm up` started on this machine."""

    name: str
    pid: int | None
    """None: it is gone; `songfilm up` starts it again."""


class FarmStatus(SchemaModel):
    """The whole farm."""

    server: str | None
    """Address of the API; None when there is none."""
    answers: bool
    version: str | None = None
    database: str
    pools: tuple[PoolStanding, ...] = ()
    runs: RunCounts | None = None
    processes: tuple[ProcessStanding, ...] = ()
    store: str
    store_free_bytes: int | None
    store_fault: str | None = None
    studio: str
    studio_answers: bool


def read_status(settings: Settings, folder: Folder, api_url: str | None) -> FarmStatus:
    """Look at everything once.

    Args:
        settings: Home, store, studio.
        folder: Processes of this machine.
        api_url: Of the server; None when there is none.

    Raises:
        MissingDependencyError: The server answers, but refuses us.
    """
    there = api_url is not None and answers(api_url, timeout_s=_ANSWER_S)
    told: dict[str, Any] = {}
    if api_url is not None and there:
        with open_client(api_url, auth_of(settings)) as client:
            told = {
                "version": client.api_version(),
                "pools": tuple(_pool(client, pool) for pool in client.read_work_pools()),
                "runs": _runs(client),
            }
    free, fault = _room(settings.store_url)
    return FarmStatus(
        server=api_url,
        answers=there,
        database=_database(folder),
        processes=tuple(_process(folder, name) for name in folder.names()),
        store=settings.store_url,
        store_free_bytes=free,
        store_fault=fault,
        studio=settings.studio_base_url,
        studio_answers=answers(f"{settings.studio_base_url}", timeout_s=_ANSWER_S),
        **told,
    )


def _pool(client: "SyncPrefectClient", pool: Any) -> PoolStanding:
    """One pool with its queues and workers."""
    here = {"work_pools": {"name": {"any_": [pool.name]}}}
    queues = tuple(
        QueueStanding(
            name=queue.name,
            priority=queue.priority or 0,
            paused=queue.is_paused,
            waiting=_count(
                client, _due(), {**here, "work_pool_queues": {"id": {"any_": [str(queue.id)]}}}
            ),
        )
        for queue in client.read_work_queues(work_pool_name=pool.name)
    )
    return PoolStanding(
        name=pool.name,
        type=pool.type,
        paused=pool.is_paused,
        limit=pool.concurrency_limit,
        running=_count(client, _in(_RUNNING), here),
        waiting=sum(queue.waiting for queue in queues),
        queues=tuple(sorted(queues, key=lambda queue: queue.priority)),
        workers=tuple(_worker(worker) for worker in client.read_workers_for_work_pool(pool.name)),
    )


def _worker(worker: Any) -> WorkerStanding:
    heard = worker.last_heartbeat_time
    silent = heard and (datetime.datetime.now(datetime.UTC) - heard).total_seconds()
    return WorkerStanding(name=worker.name, online=worker.status == "ONLINE", silent_s=silent)


def _runs(client: "SyncPrefectClient") -> RunCounts:
    midnight = datetime.datetime.now().astimezone().replace(hour=0, minute=0, second=0)
    today = {"end_time": {"after_": midnight.isoformat()}}
    return RunCounts(
        running=_count(client, _in(_RUNNING)),
        waiting=_count(client, _due()),
        held=_count(client, _in(("PAUSED",))),
        finished_today=_count(client, {**_in(("COMPLETED",)), **today}),
        failed_today=_count(client, {**_in(("FAILED", "CRASHED")), **today}),
    )


def _in(states: Sequence[str]) -> dict[str, Any]:
    return {"state": {"type": {"any_": list(states)}}}


def _due() -> dict[str, Any]:
    """Scheduled for now or earlier: the runs of tomorrow's schedule do not wait."""
    now = datetime.datetime.now(datetime.UTC).isoformat()
    return {**_in(("SCHEDULED",)), "next_scheduled_start_time": {"before_": now}}


def _count(
    client: "SyncPrefectClient", runs: Mapping[str, Any], others: Mapping[str, Any] | None = None
) -> int:
    """How many flow runs pass the filters."""
    answer = client.request("POST", "/flow_runs/count", json={"flow_runs": runs, **(others or {})})
    return int(answer.json())


def _room(store: str) -> tuple[int | None, str | None]:
    """Free bytes of the store, or what is wrong with it."""
    try:
        return open_store(store).free_bytes(), None
    except SongfilmError as error:
        return None, str(error)


def _database(folder: Folder) -> str:
    """Which kind the server of this machine was started with."""
    record = folder.running(SERVER)
    return (record.about if record and record.about else None) or "with the server"


def _process(folder: Folder, name: str) -> ProcessStanding:
    record = folder.running(name)
    return ProcessStanding(name=name, pid=record.pid if record else None)
