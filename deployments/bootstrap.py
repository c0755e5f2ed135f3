"""Give a Prefect server everything that songfilm needs there: ``python -m deployments.bootstrap``.

Pools, queues, automations and deployments are made when missing and updated when this version of
songfilm brings something new. What a person changed in the dashboard since stays: limits, paused
pools, schedules that were switched on. Run it as often as you like.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deployments.farm.listing import DeploymentEntry, fingerprint, read_listing
from recipe_schema.base import SchemaModel
from recipe_schema.vocabulary import Priority
from tasks.errors import MissingDependencyError, SongfilmError

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

WORKER_TYPE = "songfilm-gpu"
_TEMPLATES = Path(__file__).parent / "work_pools"
_MARK = "x-songfilm"
_QUEUES = {Priority.URGENT: 1, Priority.NORMAL: 2, Priority.BATCH: 3}


class PoolPlan(SchemaModel):
    """A work pool of ours; `deployments/work_pools/<name>.json` holds its base job template."""

    name: str
    description: str
    concurrency_limit: int | None = None


POOLS = (
    # A film waits for its shots: its pool must never be the one that they wait in.
    PoolPlan(name="films", description="Films: each waits for its shots, composes and joins them."),
    PoolPlan(name="cpu", description="Shots and segments that need no graphics card."),
    PoolPlan(name="gpu", description="Shots that need a graphics card: a worker a card."),
)


def bootstrap(
    client: "SyncPrefectClient",
    *,
    limits: Mapping[str, int] | None = None,
    worker_type: str = WORKER_TYPE,
) -> list[str]:
    """Make or update everything.

    Args:
        client: Of the server.
        limits: Concurrency limits by pool, set when a pool is made.
        worker_type: Of the pools; a stock type such as process, docker or kubernetes works too.

    Returns:
        What was made or changed, a line each; empty when all was there.

    Raises:
        SongfilmError: The server refuses something; says what and why.
    """
    from deployments import automations

    changed = make_pools(client, limits=limits, worker_type=worker_type)
    changed += [f"automation {n}" for n in automations.apply(client, automations.wanted())]
    return changed + deploy(client, read_listing())


def make_pools(
    client: "SyncPrefectClient",
    *,
    limits: Mapping[str, int] | None = None,
    worker_type: str = WORKER_TYPE,
) -> list[str]:
    """Make or update pools with their queues; returns what changed."""
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
                    concurrency_limit=(limits or {}).get(plan.name, plan.concurrency_limit),
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
            changed.append(f"pool {plan.name} (template)")
        changed += _make_queues(client, plan.name)
    return changed


def deploy(client: "SyncPrefectClient", entries: Sequence[DeploymentEntry]) -> list[str]:
    """Make or update deployments; returns what changed.

    Every entry is loaded and checked before the first one reaches the server.
    """
    from prefect.utilities.callables import parameter_schema

    flows = [entry.load() for entry in entries]
    known = {(d.flow_id, d.name): d for d in client.read_deployments(limit=200)}
    changed = []
    for entry, flow in zip(entries, flows, strict=True):
        schema = parameter_schema(flow).model_dump_for_openapi()
        version = fingerprint([entry.model_dump(mode="json"), schema])
        flow_id = client.create_flow_from_name(flow.name)
        deployment = known.get((flow_id, entry.name))
        if deployment is not None and deployment.version == version:
            continue
        fields = _fields(entry, schema, version)
        if deployment is None:
            fields |= {"flow_id": str(flow_id), "name": entry.name, "schedules": _schedules(entry)}
            _send(client, "POST", "/deployments/", fields, entry)
        else:
            _send(client, "PATCH", f"/deployments/{deployment.id}", fields, entry)
        changed.append(f"deployment {flow.name}/{entry.name}")
    return changed


def _fields(entry: DeploymentEntry, schema: dict[str, Any], version: str) -> dict[str, Any]:
    """A deployment as the API words it, without what only a new one is given."""
    limit = entry.concurrency_limit
    options = limit and limit.model_dump(exclude={"limit"}, exclude_none=True)
    return {
        "version": version,
        "entrypoint": entry.entrypoint,
        "description": entry.description,
        "tags": list(entry.tags),
        "parameters": entry.parameters,
        "parameter_openapi_schema": schema,
        "enforce_parameter_schema": True,
        "work_pool_name": entry.work_pool.name,
        "work_queue_name": entry.work_pool.work_queue_name,
        "job_variables": entry.work_pool.job_variables,
        "concurrency_limit": limit.limit if limit else None,
        "concurrency_options": options,
        "pull_steps": [],
    }


def _schedules(entry: DeploymentEntry) -> list[dict[str, Any]]:
    return [
        {
            "slug": schedule.slug,
            "active": schedule.active,
            "parameters": schedule.parameters,
            "schedule": {"cron": schedule.cron, "timezone": schedule.timezone},
        }
        for schedule in entry.schedules
    ]


def _send(
    client: "SyncPrefectClient",
    method: Any,
    path: Any,
    fields: dict[str, Any],
    entry: DeploymentEntry,
) -> None:
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        client.request(method, path, json=fields)
    except PrefectHTTPStatusError as error:
        raise MissingDependencyError(
            f"the server refuses deployment {entry.name} in prefect.yaml: {error.response.text}"
        ) from error


def _make_queues(client: "SyncPrefectClient", pool: str) -> list[str]:
    """The three priorities; the pool's own default queue stays behind them."""
    known = {queue.name for queue in client.read_work_queues(work_pool_name=pool)}
    missing = [priority for priority in _QUEUES if priority.value not in known]
    for priority in missing:
        client.create_work_queue(
            name=priority.value, work_pool_name=pool, priority=_QUEUES[priority]
        )
    return [f"queue {pool}/{priority.value}" for priority in missing]


def _template(client: "SyncPrefectClient", pool: str, worker_type: str) -> dict[str, Any]:
    """The base job template of a pool, marked with a hash of what songfilm ships.

    Raises:
        MissingDependencyError: A type that the server does not know.
    """
    if worker_type == WORKER_TYPE:
        template: dict[str, Any] = json.loads((_TEMPLATES / f"{pool}.json").read_text())
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


def main() -> None:
    """Do it against PREFECT_API_URL, with PREFECT_API_AUTH_STRING if the server wants it."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    parser = argparse.ArgumentParser(prog="python -m deployments.bootstrap", description=__doc__)
    parser.add_argument("--type", default=WORKER_TYPE, help="worker type of the pools")
    worker_type = parser.parse_args().type
    if not PREFECT_API_URL.value():
        sys.exit("error: set PREFECT_API_URL to the server, such as http://127.0.0.1:4200/api")
    try:
        with get_client(sync_client=True) as client:
            changed = bootstrap(client, worker_type=worker_type)
    except SongfilmError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write("".join(f"{line}\n" for line in changed or ["everything was there"]))


if __name__ == "__main__":
    main()
