"""Start workers and studio, and wait until they are heard of."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from deployments.farm import server, workers
from deployments.farm.ledger import Ledger
from deployments.farm.services import Folder, wait_until
from deployments.farm.workers import Crew
from deployments.local_server import answers
from tasks.errors import MissingDependencyError
from tasks.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

# Longest wait for a started worker's first heartbeat, or the studio's first answer, seconds.
_REPORT_S = 90.0


def start_workers(
    client: "SyncPrefectClient",
    folder: Folder,
    crews: Sequence[Crew],
    environment: Mapping[str, str],
    ledger: Ledger,
) -> None:
    """Start the workers that do not run, and wait until the server hears of them.

    Args:
        client: Of the server.
        folder: The farm's folder.
        crews: The workers.
        environment: Theirs.
        ledger: Told what was started.

    Raises:
        MissingDependencyError: One stops at once, or does not report.
    """
    before = {crew: _last_heard(client, crew) for crew in crews}
    started = [crew for crew in crews if ledger.start(folder, workers.describe(crew, environment))]

    def settled(crew: Crew) -> bool:
        return folder.running(crew.record) is None or _last_heard(client, crew) != before[crew]

    for crew in started:
        wait_until(lambda crew=crew: settled(crew), timeout_s=_REPORT_S, poll_s=0.1)  # type: ignore[misc]
        if folder.running(crew.record) is None or _last_heard(client, crew) == before[crew]:
            raise MissingDependencyError(
                f"{crew.record} does not report to the server; its log ends:\n"
                f"{folder.tail(crew.record)}\n(all of it: {folder.log(crew.record)})"
            )


def open_studio(
    settings: Settings, folder: Folder, environment: Mapping[str, str], ledger: Ledger
) -> None:
    """Start the studio; films are made without it, so that a fault is only told.

    Args:
        settings: Host and port of the studio.
        folder: The farm's folder.
        environment: The studio's.
        ledger: Told what was started, or why it was not.
    """
    address = f"{settings.studio_host}:{settings.studio_port}"
    service = workers.studio(environment, address)
    url = settings.studio_base_url
    if folder.running(service.name) is None:
        # Asked first: another farm's studio on this port would answer in our studio's place.
        taken = server.listening_fault(address)
        if taken is not None:
            why = f"cannot listen at {address} ({os.strerror(taken.errno or 0)})"
            ledger.notes.append(_without_studio(settings, why))
            return
    if not ledger.start(folder, service):
        return

    def settled() -> bool:
        return folder.running(service.name) is None or answers(url, timeout_s=2)

    answered = wait_until(settled, timeout_s=_REPORT_S)
    if folder.running(service.name) is None:
        ledger.started.remove(service.name)
        why = f"stopped while starting; its log ends:\n{folder.tail(service.name)}"
        ledger.notes.append(_without_studio(settings, why))
    elif not answered:
        why = f"does not answer at {url}; its log ends:\n{folder.tail(service.name)}"
        ledger.notes.append(_without_studio(settings, why))


def _without_studio(settings: Settings, why: str) -> str:
    """What is missing without the studio, and what to do."""
    return (
        "films are made, but their links do not open and nobody is told about them; another port "
        f"for the studio: SONGFILM_STUDIO_PORT={settings.studio_port + 1} songfilm up (or in .env)."
        f" The studio {why}"
    )


def _last_heard(client: "SyncPrefectClient", crew: Crew) -> object:
    """A worker's last heartbeat as the server knows it."""
    known = client.read_workers_for_work_pool(crew.pool)
    return next((worker.last_heartbeat_time for worker in known if worker.name == crew.title), None)
