"""What ``prefect.yaml`` lists, read strictly: an unknown field is an error, not a skipped line.

``prefect deploy --all`` reads the same file, but resets a schedule that somebody switched on in
the dashboard, and one bad field there skips every deployment.
"""

import hashlib
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import Field, JsonValue, ValidationError

from recipe_schema.base import SchemaModel
from recipe_schema.faults import broken_rules
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from prefect import Flow

# The wheel carries the file beside the package; in a checkout this is a link to the root's.
LISTING = Path(__file__).parents[1] / "prefect.yaml"

DEPLOYMENT_TAG = "songfilm"
"""Every deployment of ours carries it: by it, automations know our runs."""


class WorkPoolEntry(SchemaModel):
    """Where runs of a deployment wait."""

    name: str
    work_queue_name: str = "normal"
    job_variables: dict[str, JsonValue] = Field(default={})


class LimitEntry(SchemaModel):
    """How many runs of a deployment may run at a time."""

    limit: int = Field(ge=1)
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    grace_period_seconds: int | None = Field(default=None, ge=60, le=86400)


class ScheduleEntry(SchemaModel):
    """When a deployment runs by itself; the slug names it when the file changes."""

    slug: str
    cron: str
    timezone: str = "UTC"
    active: bool = False
    parameters: dict[str, JsonValue] = Field(default={})


class DeploymentEntry(SchemaModel):
    """One deployment."""

    name: str
    entrypoint: str
    description: str
    tags: tuple[str, ...] = ()
    parameters: dict[str, JsonValue] = Field(default={})
    work_pool: WorkPoolEntry
    concurrency_limit: LimitEntry | None = None
    schedules: tuple[ScheduleEntry, ...] = ()

    def load(self) -> "Flow[..., Any]":
        """The flow behind it.

        Raises:
            BadInputError: The entrypoint names none.
        """
        module, _, attribute = self.entrypoint.rpartition(".")
        try:
            flow: Flow[..., Any] = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError, ValueError) as error:
            raise BadInputError(
                f"deployment {self.name}: entrypoint {self.entrypoint} does not load: {error}"
            ) from error
        return flow


class Listing(SchemaModel):
    """The whole file."""

    name: str
    prefect_version: str = Field(alias="prefect-version")
    definitions: JsonValue = None
    build: None = None
    push: None = None
    pull: tuple[JsonValue, ...] = ()
    deployments: tuple[DeploymentEntry, ...] = Field(min_length=1)


def read_listing(path: Path = LISTING) -> tuple[DeploymentEntry, ...]:
    """Read the deployments.

    Args:
        path: A prefect.yaml.

    Raises:
        BadInputError: Not there, or a field is wrong or unknown; names it.
    """
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Listing.model_validate(told).deployments
    except (OSError, yaml.YAMLError) as error:
        raise BadInputError(f"cannot read {path}: {error}") from error
    except ValidationError as error:
        raise BadInputError(f"{path}: {broken_rules(error)}") from error


def fingerprint(value: object) -> str:
    """Short hash of what JSON can say, and of sets, times and ids in it."""
    told = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _plain(value: object) -> object:
    """Sets have no order of their own: it differs from process to process."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
