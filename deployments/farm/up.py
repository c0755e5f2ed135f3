"""Start what a farm on this machine lacks, and stop what was started."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from deployments.farm import database, server, workers
from deployments.farm.client import auth_of, open_client
from deployments.farm.database import Database
from deployments.farm.services import Folder, Service, wait_until
from deployments.local_server import answers
from recipe_schema.base import SchemaModel
from recipe_schema.vocabulary import RenderPool
from tasks.errors import BadInputError, MissingDependencyError
from tasks.settings import Settings
from tasks.storage import open_store

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

DEFAULT_PORT = 4200
_ONE_WRITER = (
    "SQLite carries one worker only: films render their shots themselves (pool here), one film "
    "at a time. For shots in parallel: {advice}, then songfilm down and songfilm up"
)
# Longest wait for a started worker's first heartbeat, or the studio's first answer, seconds.
_REPORT_S = 90.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """What the person who starts the farm asks for; empty: as it runs, or as the machine allows."""

    database: str | None = None
    host: str | None = None
    port: int | None = None
    workers: int | None = None
    gpu: bool = True


class FarmReport(SchemaModel):
    """What `up` did."""

    dashboard: str
    api_url: str
    database: str
    started: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    """What was there before and was left alone."""
    changed: tuple[str, ...] = ()
    """What is new on the server: pools, queues, automations, deployments."""
    notes: tuple[str, ...] = ()
    logs: str


class Farm:
    """The processes of one home folder."""

    def __init__(self, settings: Settings, tell: Tell = lambda _: None) -> None:
        """Look at a home folder.

        Args:
            settings: Home, store, server of somebody else (PREFECT_API_URL).
            tell: Gets a line about what is happening.
        """
        self.settings = settings
        self.folder = Folder(settings.home_path / "farm")
        self._tell = tell
        self._started: list[str] = []
        self._running: list[str] = []
        self._notes: list[str] = []

    @property
    def api_url(self) -> str | None:
        """Of the server: our own if it runs, else the one that is configured."""
        own = self.folder.running(server.NAME)
        return server.api_url(own.address) if own and own.address else self.settings.prefect_api_url

    def up(self, wishes: Wishes) -> FarmReport:
        """Start what is missing; leave what runs.

        Args:
            wishes: See there.

        Returns:
            What was started and what was there.

        Raises:
            SongfilmError: Something does not start; says what and why.
        """
        self.folder.make()
        open_store(self.settings.store_url)
        kept, api_url = self.serve(wishes)
        alone = kept is not None and kept.one_writer
        environment = workers.environment(self.settings, self.folder, api_url)
        crew = workers.plan(
            cpu_workers=workers.default_cpu_workers() if wishes.workers is None else wishes.workers,
            gpus=workers.count_gpus() if wishes.gpu else 0,
            one_writer=alone,
        )
        from deployments.farm.pools import has_pools

        changed = []
        with open_client(api_url, auth_of(self.settings)) as client:
            if kept is not None or not has_pools(client):
                shots = RenderPool.HERE if alone else RenderPool.CPU
                changed = self.bootstrap(client, shots=shots)
            self.staff(client, environment, crew)
        if kept is not None:
            self._open_studio(environment)
        if alone:
            self._notes.append(_ONE_WRITER.format(advice=database.obstacle() or "give --database"))
        return FarmReport(
            dashboard=api_url.removesuffix("/api"),
            api_url=api_url,
            database=kept.title if kept else "with the server",
            started=tuple(self._started),
            running=tuple(self._running),
            changed=tuple(changed),
            notes=tuple(self._notes),
            logs=str(self.folder.path),
        )

    def down(self, *, keep_database: bool = False) -> tuple[str, ...]:
        """Stop what `up` started, in an order in which nothing misses what it needs.

        Args:
            keep_database: Leave our own PostgreSQL running.

        Returns:
            Names of what ran and was stopped.
        """
        names = self.folder.names()
        staff = [name for name in names if name not in (server.NAME, database.NAME)]
        for name in staff:
            self.folder.warn(name)
        stopped = [name for name in staff if workers.stop(self.folder, name)]
        if server.NAME in names and server.stop(self.folder):
            stopped.append(server.NAME)
        if not keep_database and database.NAME in names and database.stop(self.folder):
            stopped.append(database.NAME)
        return tuple(stopped)

    def serve(self, wishes: Wishes) -> tuple[Database | None, str]:
        """Database and server, ours or somebody else's.

        Args:
            wishes: Database, host and port.

        Returns:
            The database, None when it is not ours to know; the address of the API.
        """
        elsewhere = self._elsewhere(wishes)
        if elsewhere is not None:
            return None, elsewhere
        own = self.folder.running(server.NAME)
        host, port = self._door(wishes, own.address if own else None)
        kept = self._keep(wishes)
        environment = workers.environment(self.settings, self.folder, f"http://{host}:{port}/api")
        service = server.describe(self.folder, kept, host=host, port=port, environment=environment)
        assert service.address
        if own is None:
            self._tell("starting the Prefect server (the first time makes its tables: a minute)")
            server.start(self.folder, service, timeout_s=self.settings.server_timeout_s)
            self._started.append(server.NAME)
        else:
            server.wait(self.folder, service.address, timeout_s=self.settings.server_timeout_s)
            self._note_running(service)
        return kept, server.api_url(service.address)

    def bootstrap(self, client: "SyncPrefectClient", *, shots: RenderPool) -> list[str]:
        """Make pools, queues, automations and deployments; returns what changed.

        Args:
            client: Of the server.
            shots: Where films render their shots unless their form says otherwise.
        """
        from deployments.bootstrap import bootstrap

        self._tell("looking at pools, queues, automations and deployments")
        return bootstrap(client, shots=shots)

    def _elsewhere(self, wishes: Wishes) -> str | None:
        """The server of PREFECT_API_URL, when that is not the one that we start here."""
        url = self.settings.prefect_api_url
        own = self.folder.running(server.NAME)
        here = own.address if own else f"127.0.0.1:{wishes.port or DEFAULT_PORT}"
        if not url or url.rstrip("/").replace("localhost", "127.0.0.1") == server.api_url(
            here or ""
        ):
            return None
        if not answers(url, timeout_s=15):
            raise MissingDependencyError(
                f"the Prefect server of PREFECT_API_URL, {url}, does not answer; start it, or "
                "unset PREFECT_API_URL to start one on this machine"
            )
        self._notes.append(f"PREFECT_API_URL is set: this machine works for the server {url}")
        return url

    def _door(self, wishes: Wishes, address: str | None) -> tuple[str, int]:
        """Host and port of the server; of the running one, if it does not contradict the wishes."""
        if address is None:
            return wishes.host or "127.0.0.1", wishes.port or DEFAULT_PORT
        host, _, port = address.rpartition(":")
        if wishes.port not in (None, int(port)) or wishes.host not in (None, host):
            raise BadInputError(
                f"the server runs at {address}; to move it: songfilm down, then songfilm up"
            )
        return host, int(port)

    def _keep(self, wishes: Wishes) -> Database:
        """The database: given, our own PostgreSQL, or SQLite."""
        url = wishes.database or os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL")
        url = url or os.environ.get("PREFECT_SERVER_DATABASE_CONNECTION_URL")
        if url:
            return database.given(url)
        if database.obstacle():
            return database.sqlite(self.folder)
        there = self.folder.running(database.NAME)
        if there is None:
            self._tell("starting PostgreSQL")
        kept = database.start(self.folder)
        (self._running if there else self._started).append(database.NAME)
        return kept

    def staff(
        self,
        client: "SyncPrefectClient",
        environment: Mapping[str, str],
        crew: Sequence[tuple[str, int]],
    ) -> None:
        """Start the workers that do not run, and wait until the server sees them.

        Args:
            client: Of the server.
            environment: Of the workers.
            crew: Pool and number of each.

        Raises:
            MissingDependencyError: One stops at once, or does not report.
        """
        missing = []
        for pool, number in crew:
            service = workers.describe(pool, number, environment)
            if self.folder.running(service.name) is None:
                missing.append((pool, number, _last_heard(client, pool, number)))
                self._start(service)
            else:
                self._note_running(service)
        for pool, number, before in missing:
            name = workers.record_name(pool, number)
            wait_until(partial(self._reports, client, pool, number, before), timeout_s=_REPORT_S)
            if self.folder.running(name) is None or _last_heard(client, pool, number) == before:
                raise MissingDependencyError(
                    f"{name} does not report to the server; its log ends:\n"
                    f"{self.folder.tail(name)}\n(all of it: {self.folder.log(name)})"
                )

    def _reports(self, client: "SyncPrefectClient", pool: str, number: int, before: object) -> bool:
        """Whether a started worker was heard, or is gone."""
        gone = self.folder.running(workers.record_name(pool, number)) is None
        return gone or _last_heard(client, pool, number) != before

    def _open_studio(self, environment: Mapping[str, str]) -> None:
        """Links to films and notifications; a farm works without them, so a fault is only told."""
        address = f"{self.settings.studio_host}:{self.settings.studio_port}"
        service = workers.studio(environment, address)
        if self.folder.running(service.name) is not None:
            self._note_running(service)
            return
        self._start(service)
        url = self.settings.studio_base_url

        def settled() -> bool:
            return self.folder.running(service.name) is None or answers(url, timeout_s=2)

        if not wait_until(settled, timeout_s=_REPORT_S) or not self.folder.running(service.name):
            self._notes.append(
                f"the studio (links to films, notifications) does not answer at {url}; "
                f"another port: SONGFILM_STUDIO_PORT; its log ends:\n{self.folder.tail('studio')}"
            )

    def _start(self, service: Service) -> None:
        self._tell(f"starting {service.name}")
        self.folder.start(service)
        self._started.append(service.name)

    def _note_running(self, service: Service) -> None:
        """A process that was there; told when it was started with other settings."""
        record = self.folder.running(service.name)
        self._running.append(service.name)
        if record and record.fingerprint != service.fingerprint():
            self._notes.append(
                f"{service.name} runs with the settings of its start, which have changed since: "
                "songfilm down, then songfilm up"
            )


def _last_heard(client: "SyncPrefectClient", pool: str, number: int) -> object:
    """A worker's last heartbeat as the server knows it."""
    name = workers.server_name(pool, number)
    known = client.read_workers_for_work_pool(pool)
    return next((worker.last_heartbeat_time for worker in known if worker.name == name), None)
