"""``songfilm projects``, ``history``, ``costs`` and ``catalogue rebuild``."""

import contextlib
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deployments.cli_options import JsonOption, Run, StoreOption
from deployments.console import Screen

if TYPE_CHECKING:
    from tasks.storage.catalogue import Catalogue, SyncReport
    from tasks.storage.store import ArtifactStore

ProjectOption = Annotated[str | None, typer.Option(help="Only of this project.")]

_DONE = 0


class By(StrEnum):
    """What a line of costs is."""

    PROJECT = "project"
    MONTH = "month"
    RENDERER = "renderer"


def register(app: typer.Typer, run: Run) -> None:
    """Add the verbs to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def projects(store: StoreOption = None, json: JsonOption = False) -> None:
        """List projects: their films, songs, recipe versions, costs and credit."""
        run(lambda screen: _projects(screen, store), json=json)

    @app.command()
    def history(
        project: ProjectOption = None,
        song: Annotated[
            str | None, typer.Option(help="Only songs with this in their name, or of this digest.")
        ] = None,
        limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many films.")] = 20,
        shots: Annotated[bool, typer.Option("--shots", help="Every shot's clip, too.")] = False,
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """List films, the newest first, and what each of their shots came from."""
        run(
            lambda screen: _history(
                screen, store, project=project, song=song, limit=limit, shots=shots
            ),
            json=json,
        )

    @app.command()
    def costs(
        project: ProjectOption = None,
        by: Annotated[By, typer.Option(help="What a line is.")] = By.PROJECT,
        top_up: Annotated[
            float | None,
            typer.Option(
                metavar="USD",
                help="Give --project credit; without any left, nothing that costs is rendered.",
            ),
        ] = None,
        take_back: Annotated[
            float | None,
            typer.Option(metavar="USD", help="Take back credit that --project has left."),
        ] = None,
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """Show what films cost, what stored clips saved, and what projects may still spend."""

        def work(screen: Screen) -> int:
            if top_up is not None or take_back is not None:
                from deployments.cli_credit import change_credit

                return change_credit(screen, store, project, top_up=top_up, take_back=take_back)
            return _costs(screen, store, by, project)

        run(work, json=json)

    catalogue = typer.Typer(help="The tables behind projects, history and costs.")
    app.add_typer(catalogue, name="catalogue", no_args_is_help=True)

    @catalogue.command()
    def rebuild(store: StoreOption = None, json: JsonOption = False) -> None:
        """Read all films of the store anew; the ledger of costs stays as it is."""
        run(lambda screen: _rebuild(screen, store), json=json)


def _projects(screen: Screen, store: str | None) -> int:
    from deployments.catalogue_tables import no_films, project_table
    from tasks.storage.catalogue.history import list_projects

    with following(screen, store) as (catalogue, address):
        lines = list_projects(catalogue, address=address)
    screen.emit({"event": "done", "projects": [line.model_dump(mode="json") for line in lines]})
    if not lines:
        screen.say(no_films(address))
    elif not screen.machine:
        screen.console.print(project_table(lines))
    return _DONE


def _history(
    screen: Screen,
    store: str | None,
    *,
    project: str | None,
    song: str | None,
    limit: int,
    shots: bool,
) -> int:
    from deployments.catalogue_tables import film_tables, no_films
    from tasks.storage.catalogue.history import list_films

    with following(screen, store) as (catalogue, address):
        films = list_films(catalogue, address=address, project=project, song=song, limit=limit)
    screen.emit({"event": "done", "films": [film.model_dump(mode="json") for film in films]})
    if not films:
        screen.say(no_films(address, project=project, song=song))
    elif not screen.machine:
        for table in film_tables(films, shots=shots):
            screen.console.print(table)
    if len(films) == limit:
        screen.say(f"[dim]the newest {limit}; more with --limit[/]")
    return _DONE


def _costs(screen: Screen, store: str | None, by: By, project: str | None) -> int:
    from deployments.catalogue_tables import cost_table, no_project
    from tasks.storage.catalogue.costs import credits_of, list_costs

    with following(screen, store) as (catalogue, address):
        lines = list_costs(catalogue, address=address, by=by.value, project=project)
        credit = credits_of(catalogue)
        if project is not None:
            credit = {name: left for name, left in credit.items() if name == project}
        shared = not catalogue.one_machine
    screen.emit(
        {
            "event": "done",
            "costs": [line.model_dump(mode="json") for line in lines],
            "credit_usd": credit,
        }
    )
    if not lines and not credit and project is not None:
        screen.say(no_project(project))
    elif not lines and not credit:
        screen.say("nothing was rendered here yet, and no project has credit")
    elif not screen.machine:
        screen.console.print(cost_table(lines, by.value, credit if by == By.PROJECT else {}))
        known = "" if shared else " of this machine"
        screen.say(
            "[dim]cost, saved: clips of finished films; paid: by the ledger"
            f"{known}, unfinished films too[/]"
        )
    return _DONE


def _rebuild(screen: Screen, store: str | None) -> int:
    from tasks.storage.catalogue import rebuild

    with _opened(store) as (catalogue, address, artifacts):
        report = rebuild(catalogue, artifacts, address=address)
        _tell(screen, report)
        screen.emit({"event": "done", "films": report.read, "faults": report.faults})
        screen.say(f"[bold green]films:[/] {report.read} read anew from {escape(address)}")
    return _DONE


@contextlib.contextmanager
def following(screen: Screen, store: str | None) -> Iterator[tuple["Catalogue", str]]:
    """The catalogue, once it knows what the store holds now.

    Args:
        screen: Told what could not be read.
        store: Address of the store; the settings' own if empty.

    Yields:
        The catalogue, and the store's name in it.
    """
    from tasks.storage.catalogue import sync

    with _opened(store) as (catalogue, address, artifacts):
        _tell(screen, sync(catalogue, artifacts, address=address))
        yield catalogue, address


@contextlib.contextmanager
def _opened(store: str | None) -> Iterator[tuple["Catalogue", str, "ArtifactStore"]]:
    from tasks.settings import Settings
    from tasks.storage import open_store
    from tasks.storage.catalogue import address_of, open_catalogue

    settings = Settings()
    artifacts = open_store(store)
    catalogue = open_catalogue(settings.home_path, settings.catalogue_url)
    try:
        yield catalogue, address_of(store or settings.store_url), artifacts
    finally:
        catalogue.close()


def _tell(screen: Screen, report: "SyncReport") -> None:
    """Say what could not be read, and which money came back."""
    for fault in report.faults:
        screen.say(f"[yellow]note:[/] {escape(fault)}")
    if report.released:
        count = len(report.released)
        screen.say(
            f"[yellow]note:[/] {count} reservations of runs that died were given back to their "
            "projects"
        )
