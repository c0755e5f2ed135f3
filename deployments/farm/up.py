"""Start what a farm on this machine lacks, and stop what was started."""

import os
from typing import TYPE_CHECKING

from deployments.farm import database, postgres, server, workers
from deployments.farm.client import auth_of, open_client
from deployments.farm.database import Database
from deployments.farm.ledger import Ledger, Tell
from deployments.farm.services import Folder
from deployments.farm.staff import open_studio, start_workers
from deployments.farm.wishes import DEFAULT_FILMS, Wishes
from deployments.local_server import answers
from recipe_schema.base import SchemaModel
from recipe_schema.vocabulary import RenderPool
from tasks.errors import BadInputError, MissingDependencyError
from tasks.settings import Settings
from tasks.storage import open_store

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

# Prefect's own names for a database's address.
_DATABASE_VARIABLES = (
    "PREFECT_API_DATABASE_CONNECTION_URL",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
)
_ANSWER_S = 15.0


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
        self.ledger = Ledger(tell)

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
        with self.folder.turn():
            file = self.folder.path / "wishes.json"
            wishes = wishes.over(file)
            open_store(self.settings.store_url)
            kept, api_url = self.serve(wishes)
            # Only now: what does not work is not wished for again.
            wishes.keep(file)
            self._staff(kept, api_url, wishes)
        return FarmReport(
            dashboard=api_url.removesuffix("/api"),
            api_url=api_url,
            database=kept.title if kept else "with the server",
            started=tuple(self.ledger.started),
            running=tuple(self.ledger.running),
            changed=tuple(self.ledger.changed),
            notes=tuple(self.ledger.notes),
            logs=str(self.folder.path),
        )

    def down(self, *, keep_database: bool = False) -> tuple[str, ...]:
        """Stop what `up` started, in an order in which nothing misses what it needs.

        Args:
            keep_database: Leave our own PostgreSQL running.

        Returns:
            Names of what ran and was stopped.
        """
        with self.folder.turn():
            names = self.folder.names()
            staff = [name for name in names if name not in (server.NAME, postgres.NAME)]
            stopped = workers.stop(self.folder, *staff)
            if server.stop(self.folder):
                stopped.append(server.NAME)
            if not keep_database and postgres.stop(self.folder):
                stopped.append(postgres.NAME)
        return tuple(stopped)

    def serve(self, wishes: Wishes) -> tuple[Database | None, str]:
        """Database and server, ours or somebody else's.

        Args:
            wishes: Database, host and port.

        Returns:
            The database, None when it is not ours to know; the address of the API.

        Raises:
            SongfilmError: One of them does not start; says what and why.
        """
        elsewhere = self._elsewhere(wishes)
        if elsewhere is not None:
            return None, elsewhere
        own = self.folder.running(server.NAME)
        if own is not None and own.address != wishes.address:
            raise BadInputError(
                f"the server runs at {own.address}; to have it at {wishes.address}: songfilm down, "
                "then songfilm up"
            )
        host, _, port = wishes.address.rpartition(":")
        environment = workers.environment(
            self.settings, self.folder, server.api_url(wishes.address)
        )
        server.refuse_open_door(host)
        if own is None:
            server.refuse_taken_port(wishes.address)
        kept = self._keep(wishes)
        service = server.describe(
            self.folder, kept, host=host, port=int(port), environment=environment
        )
        if self.ledger.start(self.folder, service):
            self.ledger.tell("waiting for the server; the first time it makes its tables")
        server.wait(self.folder, wishes.address, timeout_s=self.settings.server_timeout_s)
        return kept, server.api_url(wishes.address)

    def bootstrap(
        self, client: "SyncPrefectClient", *, shots: RenderPool | None, studio: bool = True
    ) -> None:
        """Make pools, queues, automations and deployments.

        Args:
            client: Of the server.
            shots: Where films render their shots unless their form says otherwise; None: as now.
            studio: Whether this machine's studio is the one to tell about films.
        """
        from deployments.bootstrap import bootstrap

        self.ledger.tell("looking at pools, queues, automations and deployments")
        settings = self.settings if studio else None
        self.ledger.changed += bootstrap(client, settings, shots=shots)

    def _staff(self, kept: Database | None, api_url: str, wishes: Wishes) -> None:
        """What works for the server: pools and deployments, workers, studio."""
        from deployments.farm.pools import has_pools

        alone = kept is not None and kept.one_writer
        environment = workers.environment(self.settings, self.folder, api_url)
        crews = workers.plan(
            films=DEFAULT_FILMS if wishes.films is None else wishes.films,
            cpu=workers.default_engines() if wishes.workers is None else wishes.workers,
            gpus=0 if wishes.gpu is False else workers.count_gpus(),
            one_writer=alone,
        )
        with open_client(api_url, auth_of(self.settings)) as client:
            # A server of somebody else may be ahead of this machine's version of songfilm.
            if kept is not None or not has_pools(client):
                shots = RenderPool.HERE if alone else wishes.shots
                self.bootstrap(client, shots=shots, studio=kept is not None)
            start_workers(client, self.folder, crews, environment, self.ledger)
        if kept is not None:
            open_studio(self.settings, self.folder, environment, self.ledger)
        if alone:
            self.ledger.notes.append(
                "SQLite carries one worker only: films render their shots themselves (pool here), "
                "one film at a time. For shots in parallel: "
                f"{postgres.obstacle() or 'songfilm up --database own'}"
            )

    def _elsewhere(self, wishes: Wishes) -> str | None:
        """The server of PREFECT_API_URL, when that is not the one that we start here."""
        url = self.settings.prefect_api_url
        here = server.api_url(wishes.address)
        if not url or url.rstrip("/").replace("//localhost:", "//127.0.0.1:") == here:
            return None
        if not answers(url, timeout_s=_ANSWER_S):
            raise MissingDependencyError(
                f"the Prefect server of PREFECT_API_URL, {url}, does not answer; start it, or "
                "unset PREFECT_API_URL to start one on this machine"
            )
        self.ledger.notes.append(f"PREFECT_API_URL is set: this machine works for {url}")
        return url

    def _keep(self, wishes: Wishes) -> Database:
        """The database: asked for, or Prefect's own setting, or the best that can be had."""
        told = (os.environ.get(name) for name in _DATABASE_VARIABLES)
        asked = wishes.database or next(filter(None, told), None)
        there = self.folder.running(postgres.NAME)
        if not asked and there is None and not postgres.obstacle():
            self.ledger.tell("starting PostgreSQL")
        kept = database.choose(self.folder, asked)
        if kept.kind == "postgres":
            (self.ledger.running if there else self.ledger.started).append(postgres.NAME)
        return kept
