"""The work pools and queues of a farm, and the files of `deployments/work_pools`.

Those files are complete base job templates: an administrator may also make a pool by hand with
`prefect work-pool create NAME --type songfilm-gpu --base-job-template FILE`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from deployments.farm.listing import fingerprint
from recipe_schema.base import SchemaModel
from recipe_schema.vocabulary import Priority
from tasks.errors import MissingDependencyError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

WORKER_TYPE = "songfilm-gpu"

_TEMPLATES = Path(__file__).parents[1] / "work_pools"
_MARK = "x-songfilm"
_QUEUES = {Priority.URGENT: 1, Priority.NORMAL: 2, Priority.BATCH: 3}


class PoolPlan(SchemaModel):
    """A work pool of ours; `deployments/work_pools/<name>.json` holds its base job template."""

    name: str
    description: str
    defaults: dict[str, JsonValue]
    """What the template sets otherwise than the worker type does."""


# Pools have no limit of their own: each worker runs one thing at a time, so that adding a worker
# is all it takes. A limit that somebody sets in the dashboard holds.
POOLS = (
    # A film waits for its shots: its pool must never be the one that they wait in.
    PoolPlan(
        name="films",
        description="Films: each waits for its shots, composes and joins them.",
        defaults={"recover": True},
    ),
    # Shots are made in the engine itself, where code and models stay warm.
    PoolPlan(
        name="cpu",
        description="Shots and segments that need no graphics card.",
        defaults={"processes": 0},
    ),
    PoolPlan(
        name="gpu",
        description="Shots that need a graphics card: a worker a card.",
        defaults={"processes": 0},
    ),
)


def has_pools(client: "SyncPrefectClient") -> bool:
    """Whether the server has our pools, from whatever version of songfilm."""
    return {plan.name for plan in POOLS} <= {pool.name for pool in client.read_work_pools()}


def make_pools(client: "SyncPrefectClient", *, worker_type: str = WORKER_TYPE) -> list[str]:
    """Make or update pools with their queues; limits and pauses of known ones stay.

    Args:
        client: Of the server.
        worker_type: Ours, or a stock one such as process.

    Returns:
        What was made or changed.

    Raises:
        MissingDependencyError: A pool is of another type, or the type is not known.
    """
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate

    changed = []
    known = {pool.name: pool for pool in client.read_work_pools()}
    for plan in POOLS:
        template = _template(client, plan.name, worker_type)
        pool = known.get(plan.name)
        if pool is None:
            client.create_work_pool(
                WorkPoolCreate(
                    name=plan.name,
                    type=worker_type,
                    description=plan.description,
                    base_job_template=template,
                )
            )
            changed.append(f"pool {plan.name}")
        elif pool.type != worker_type:
            raise MissingDependencyError(
                f"pool {plan.name} is of type {pool.type}, not {worker_type}; delete it in the "
                f"dashboard, or run: python -m deployments.bootstrap --type {pool.type}"
            )
        elif _mark(pool.base_job_template) != _mark(template):
            client.update_work_pool(plan.name, WorkPoolUpdate(base_job_template=template))
            changed.append(f"pool {plan.name} (job template)")
        changed += _make_queues(client, plan.name)
    return changed


def fresh_template(plan: PoolPlan) -> dict[str, Any]:
    """What a pool's file should hold: the worker type's template with the pool's defaults."""
    from deployments.gpu_worker.worker import SongfilmWorker

    template = SongfilmWorker.get_default_base_job_template()
    for name, value in plan.defaults.items():
        template["variables"]["properties"][name]["default"] = value
    return template


def write_templates() -> None:
    """Write `deployments/work_pools` anew, after the worker's job variables changed."""
    for plan in POOLS:
        told = json.dumps(fresh_template(plan), indent=2)
        template_file(plan.name).write_text(f"{told}\n")


def template_file(pool: str) -> Path:
    """Where a pool's template lies."""
    return _TEMPLATES / f"{pool}.json"


def _make_queues(client: "SyncPrefectClient", pool: str) -> list[str]:
    """The three priorities; the pool's own default queue moves behind them."""
    known = {queue.name for queue in client.read_work_queues(work_pool_name=pool)}
    missing = [priority for priority in _QUEUES if priority.value not in known]
    for priority in missing:
        client.create_work_queue(
            name=priority.value, work_pool_name=pool, priority=_QUEUES[priority]
        )
    return [f"queue {pool}/{priority.value}" for priority in missing]


def _template(client: "SyncPrefectClient", pool: str, worker_type: str) -> dict[str, Any]:
    """The base job template of a pool, marked with a hash of what songfilm ships."""
    if worker_type == WORKER_TYPE:
        template: dict[str, Any] = json.loads(template_file(pool).read_text())
    else:
        collections = client.read_worker_metadata().values()
        types = {name: told for workers in collections for name, told in workers.items()}
        if worker_type not in types:
            raise MissingDependencyError(
                f"the server knows no worker type {worker_type!r}; it knows {', '.join(types)}"
            )
        template = types[worker_type]["default_base_job_configuration"]
    template["variables"][_MARK] = fingerprint(template)
    return template


def _mark(template: Mapping[str, Any]) -> object:
    return template.get("variables", {}).get(_MARK)
