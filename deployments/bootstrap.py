"""Give a Prefect server everything that songfilm needs there: ``python -m deployments.bootstrap``.

Pools, queues, automations and deployments are made when missing and updated when this version of
songfilm brings something new. What a person changed in the dashboard since stays, unless
``prefect.yaml`` sets it: limits, paused pools, schedules, defaults of forms, job variables, tags.
Run it as often as you like.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from deployments.farm.listing import DeploymentEntry, fingerprint, read_listing
from deployments.farm.pools import WORKER_TYPE, make_pools, write_templates
from recipe_schema.forms import FarmOptions
from recipe_schema.vocabulary import RenderPool
from tasks.errors import MissingDependencyError, SongfilmError
from tasks.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse


def bootstrap(
    client: "SyncPrefectClient",
    settings: Settings | None,
    *,
    worker_type: str = WORKER_TYPE,
    shots: RenderPool | None = None,
) -> list[str]:
    """Make or update everything.

    Args:
        client: Of the server.
        settings: Address and secret of the studio, which the server tells about films; None: the
            studio belongs to somebody else, and what tells it is left as it is.
        worker_type: Of the pools; a stock type such as process, docker or kubernetes works too.
        shots: Where films render their shots unless their form says otherwise; None: where they
            do now, and what the listing says for a new server.

    Returns:
        What was made or changed, a line each; empty when all was there.

    Raises:
        SongfilmError: The listing is wrong or the server refuses something; says what and why.
    """
    from deployments import automations
    from deployments.notifications import notifications

    entries = read_listing()
    changed = make_pools(client, worker_type=worker_type)
    told = notifications(settings) if settings else ()
    wanted = (*automations.silences(), *told)
    changed += [f"automation {name}" for name in automations.apply(client, wanted)]
    return changed + deploy(client, entries, shots=shots)


def deploy(
    client: "SyncPrefectClient",
    entries: Sequence[DeploymentEntry],
    *,
    shots: RenderPool | None = None,
) -> list[str]:
    """Make or update deployments; those that this version made already are left alone.

    Args:
        client: Of the server.
        entries: Each is loaded and checked before the first one reaches the server.
        shots: As for `bootstrap`.

    Returns:
        What was made or changed.

    Raises:
        BadInputError: An entrypoint does not load.
        MissingDependencyError: The server refuses one.
    """
    from prefect.utilities.callables import parameter_schema

    flows = [entry.load() for entry in entries]
    known = {(d.flow_id, d.name): d for d in client.read_deployments(limit=200)}
    changed = []
    for entry, flow in zip(entries, flows, strict=True):
        schema = parameter_schema(flow).model_dump_for_openapi()
        version = fingerprint([entry.model_dump(mode="json"), schema])
        flow_id = client.create_flow_from_name(flow.name)
        before = known.get((flow_id, entry.name))
        if before is not None and before.version == version and _renders_in(before, shots):
            continue
        fields = _fields(entry, schema, version)
        if before is None:
            fields |= _first_fields(entry, shots) | {"flow_id": str(flow_id)}
            _send(client, "POST", "/deployments/", fields, entry)
        else:
            fields |= _kept_fields(entry, before, shots, anew=before.version != version)
            _send(client, "PATCH", f"/deployments/{before.id}", fields, entry)
        changed.append(f"deployment {flow.name}/{entry.name}")
    return changed


def _renders_in(before: "DeploymentResponse", shots: RenderPool | None) -> bool:
    """Whether a deployment renders its shots where it is told to, or has no shots."""
    farm = before.parameters.get("farm")
    return shots is None or farm is None or farm.get("pool") == shots


def _fields(entry: DeploymentEntry, schema: dict[str, Any], version: str) -> dict[str, Any]:
    """What a version of songfilm says of a deployment, as the API words it."""
    return {
        "version": version,
        "entrypoint": entry.entrypoint,
        "description": entry.description,
        "tags": list(entry.tags),
        "parameter_openapi_schema": schema,
        "work_pool_name": entry.work_pool.name,
        "work_queue_name": entry.work_pool.work_queue_name,
        "pull_steps": [],
    }


def _first_fields(entry: DeploymentEntry, shots: RenderPool | None) -> dict[str, Any]:
    """What a new deployment is given besides."""
    parameters = dict(entry.parameters)
    if "farm" in parameters:
        # Whole, so that the form shows each option's default.
        farm = FarmOptions.model_validate(_over(parameters["farm"], _pool(shots)))
        parameters["farm"] = farm.model_dump(mode="json")
    return {
        "name": entry.name,
        "parameters": parameters,
        "enforce_parameter_schema": True,
        "job_variables": entry.work_pool.job_variables,
        "schedules": _schedules(entry),
        **_limit(entry),
    }


def _kept_fields(
    entry: DeploymentEntry,
    before: "DeploymentResponse",
    shots: RenderPool | None,
    *,
    anew: bool,
) -> dict[str, Any]:
    """What a person may have changed, with what the listing sets over it when it is new.

    Schedules are not among them: making a deployment anew would reset those of the dashboard.
    """
    names = entry.load().parameters.properties
    parameters = {name: value for name, value in before.parameters.items() if name in names}
    farm = parameters.get("farm")
    if anew:
        parameters = _over(parameters, entry.parameters)
    if "farm" in parameters:
        # The listing's pool is for a new server; whoever chose another one has chosen.
        pool = _pool(shots) or {k: v for k, v in (farm or {}).items() if k == "pool"}
        parameters["farm"] = _over(parameters["farm"], pool)
    return {
        "parameters": parameters,
        "tags": list(dict.fromkeys((*entry.tags, *before.tags))),
        "job_variables": {**(before.job_variables or {}), **entry.work_pool.job_variables},
        **(_limit(entry) if anew else {}),
    }


def _pool(shots: RenderPool | None) -> dict[str, JsonValue]:
    return {} if shots is None else {"pool": shots.value}


def _over(before: JsonValue, told: JsonValue) -> Any:
    """What is told over what was there; of two objects, field by field."""
    if not (isinstance(before, Mapping) and isinstance(told, Mapping)):
        return told
    return {**before, **{k: _over(before.get(k), v) for k, v in told.items()}}


def _limit(entry: DeploymentEntry) -> dict[str, Any]:
    """How many runs at a time, where the listing says so."""
    limit = entry.concurrency_limit
    if limit is None:
        return {}
    options = limit.model_dump(exclude={"limit"}, exclude_none=True)
    return {"concurrency_limit": limit.limit, "concurrency_options": options}


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
    import httpx

    try:
        client.request(method, path, json=fields)
    except httpx.HTTPStatusError as error:
        raise MissingDependencyError(
            f"the server refuses deployment {entry.name} ({entry.entrypoint}) of prefect.yaml: "
            f"{error.response.text}"
        ) from error


def main() -> None:
    """Do it against PREFECT_API_URL, with PREFECT_API_AUTH_STRING if the server wants it."""
    parser = argparse.ArgumentParser(prog="python -m deployments.bootstrap", description=__doc__)
    parser.add_argument("--type", default=WORKER_TYPE, help="worker type of the pools")
    parser.add_argument(
        "--shots",
        type=RenderPool,
        choices=list(RenderPool),
        help="where films render their shots unless their form says otherwise; stays until told",
    )
    parser.add_argument(
        "--write-templates", action="store_true", help="only write deployments/work_pools anew"
    )
    told = parser.parse_args()
    if told.write_templates:
        write_templates()
        return
    try:
        changed = _bootstrap_configured(told.type, told.shots)
    except SongfilmError as error:
        sys.exit(f"error: {error}")
    if not Settings().secret:
        sys.stdout.write("note: SONGFILM_SECRET is not set: nobody is told about films from here\n")
    sys.stdout.write("".join(f"new: {line}\n" for line in changed) or "everything was there\n")


def _bootstrap_configured(worker_type: str, shots: RenderPool | None) -> list[str]:
    """Against the server that the settings name."""
    from deployments.farm.client import auth_of, open_client

    settings = Settings()
    if not settings.prefect_api_url:
        raise MissingDependencyError(
            "set PREFECT_API_URL to the server, such as http://127.0.0.1:4200/api"
        )
    with open_client(settings.prefect_api_url, auth_of(settings)) as client:
        # The studio knows the server by a secret: without a shared one, its calls are turned away.
        studio = settings if settings.secret else None
        return bootstrap(client, studio, worker_type=worker_type, shots=shots)


if __name__ == "__main__":
    main()
