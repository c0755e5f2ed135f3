"""A notification: what a Prefect event says about a film, in fields that mails are written from."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from recipe_schema.artifacts import VideoManifest
from recipe_schema.base import SchemaModel
from tasks.errors import BadInputError
from tasks.storage.keys import BadKeyError, check_key, manifest_key
from tasks.storage.store import ArtifactStore, read_index

FINISHED = "songfilm.film.finished"
FAILED = "songfilm.film.failed"
EVENTS = (FINISHED, FAILED)
# Events about a film carry this resource id, with the run behind it.
RESOURCE_PREFIX = "songfilm.film."

_RUN_PREFIX = "prefect.flow-run."
# A message of a long traceback is cut rather than refused: somebody waits to be told.
_LONGEST = 4000
_Words = Annotated[str, AfterValidator(lambda text: _cut(text))]


class Notice(SchemaModel):
    """One thing to tell about one film."""

    id: str = Field(description="Equal for what is to be told once only; fit for a file name.")
    event: Literal["songfilm.film.finished", "songfilm.film.failed"]
    run_id: str
    title: str
    status: str
    message: str
    failed_shots: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = Field(default=(), description="What stood in for what, and why.")
    flow_run_id: str | None = None
    flow_run_name: str | None = None
    occurred: dt.datetime


class _Payload(BaseModel):
    """What flows and workers put into an event; fields of later versions are passed over."""

    model_config = ConfigDict(extra="ignore")

    title: _Words = ""
    status: _Words = ""
    message: _Words = ""
    failed_shots: tuple[_Words, ...] = ()
    attempt: int | None = Field(default=None, ge=0)


class _Event(BaseModel):
    """A Prefect event as its API and the automation's template write it."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    event: Literal["songfilm.film.finished", "songfilm.film.failed"]
    occurred: dt.datetime
    resource: dict[str, str]
    related: tuple[dict[str, str], ...] = ()
    payload: _Payload = _Payload()


def read_event(body: bytes | str, store: ArtifactStore) -> Notice:
    """Read a Prefect event.

    Args:
        body: The event as JSON.
        store: Where the film's manifest tells what stood in.

    Returns:
        A notice. A film finishes once; it may fail once an attempt, or once an event when the
        event tells no attempt.

    Raises:
        BadInputError: It is not an event about a film.
    """
    try:
        event = _Event.model_validate_json(body)
        resource = event.resource.get("prefect.resource.id", "")
        run_id = resource.removeprefix(RESOURCE_PREFIX)
        if run_id == resource or "/" in run_id:
            raise BadInputError(f"the event is about {resource!r}, not about a film")
        check_key(manifest_key(run_id))
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3]
        )
        raise BadInputError(f"this is no event about a film ({found})") from error
    except BadKeyError as error:
        raise BadInputError(f"the event names no film: {error}") from error
    once = "once" if event.event == FINISHED else str(event.payload.attempt or event.id)
    flow_run = _flow_run(event.related, run_id)
    said = event.payload
    return Notice(
        id=f"{run_id}.{event.event.rpartition('.')[2]}.{once}",
        event=event.event,
        run_id=run_id,
        title=_line(said.title or event.resource.get("prefect.resource.name", "") or run_id),
        status=said.status or ("complete" if event.event == FINISHED else "failed"),
        message=said.message,
        failed_shots=said.failed_shots,
        stand_ins=_stand_ins(store, run_id) if event.event == FINISHED else (),
        flow_run_id=flow_run.get("prefect.resource.id", "").removeprefix(_RUN_PREFIX) or None,
        flow_run_name=flow_run.get("prefect.resource.name"),
        occurred=event.occurred,
    )


def _flow_run(related: tuple[dict[str, str], ...], run_id: str) -> dict[str, str]:
    """What the event says of the film's flow run.

    A warm engine may relate an event to the run before, when the film's own never began.
    """
    wanted = f"{_RUN_PREFIX}{run_id}"
    return next((each for each in related if each.get("prefect.resource.id") == wanted), {})


def _stand_ins(store: ArtifactStore, run_id: str) -> tuple[str, ...]:
    """What stood in for what, by the film's manifest."""
    manifest = read_index(store, manifest_key(run_id), VideoManifest)
    shots = manifest.shots if manifest else ()
    return tuple(f"{shot.id}: {shot.fallback}" for shot in shots if shot.fallback)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _line(text: str) -> str:
    """One line, for the subject of a mail."""
    return " ".join(text.split())[:200]
