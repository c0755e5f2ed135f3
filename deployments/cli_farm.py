"""``songfilm up``, ``down`` and ``status``: the farm on this machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from deployments.cli_options import JsonOption, Run
from deployments.console import Screen
from recipe_schema.vocabulary import RenderPool

if TYPE_CHECKING:
    from deployments.farm.status import FarmStatus, PoolStanding
    from deployments.farm.up import FarmReport
    from deployments.farm.wishes import Wishes

Work = Callable[[Screen], int]

_DONE, _MISSING = 0, 4


def register(app: typer.Typer, run: Run) -> None:
    """Add the three verbs to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def up(
        database: Annotated[
            str | None,
            typer.Option(
                help="postgresql://user:password@host/name; else a PostgreSQL of its own."
            ),
        ] = None,
        host: Annotated[
            str | None, typer.Option(help="Address to listen on; 127.0.0.1, this machine only.")
        ] = None,
        port: Annotated[
            int | None, typer.Option(min=1, max=65535, help="Of the dashboard; 4200.")
        ] = None,
        films: Annotated[
            int | None, typer.Option(min=0, max=64, help="Films at the same time; 2.")
        ] = None,
        workers: Annotated[
            int | None,
            typer.Option(min=0, max=256, help="Shots at the same time; one a core, less one."),
        ] = None,
        gpu: Annotated[
            bool | None, typer.Option("--gpu/--no-gpu", help="A worker for each NVIDIA card.")
        ] = None,
        shots: Annotated[
            RenderPool | None,
            typer.Option(help="Where films render their shots unless their form says otherwise."),
        ] = None,
        json: JsonOption = False,
    ) -> None:
        """Start the farm on this machine: what runs is left alone, what is missing is started.

        Options hold for the next time too, until others are given.
        """
        from deployments.farm.wishes import Wishes

        wishes = Wishes(
            database=database,
            host=host,
            port=port,
            films=films,
            workers=workers,
            gpu=gpu,
            shots=shots,
        )
        run(lambda screen: _up(screen, wishes), json=json)

    @app.command()
    def down(
        keep_database: Annotated[
            bool, typer.Option("--keep-database", help="Leave PostgreSQL running.")
        ] = False,
        json: JsonOption = False,
    ) -> None:
        """Stop what `songfilm up` started, and nothing else; runs go on at the next `up`."""
        run(lambda screen: _down(screen, keep_database=keep_database), json=json)

    @app.command()
    def status(json: JsonOption = False) -> None:
        """Show server, pools, workers, runs, store and studio."""
        run(_status, json=json)


def _up(screen: Screen, wishes: "Wishes") -> int:
    from deployments.farm.up import Farm
    from tasks.settings import Settings

    farm = Farm(Settings(), lambda line: screen.say(f"[dim]{escape(line)}[/]"))
    report = farm.up(wishes)
    screen.emit({"event": "done", "farm": report.model_dump(mode="json")})
    _tell_farm(screen, report)
    return _DONE


def _down(screen: Screen, *, keep_database: bool) -> int:
    from deployments.farm.up import Farm
    from tasks.settings import Settings

    stopped = Farm(Settings()).down(keep_database=keep_database)
    screen.emit({"event": "done", "stopped": stopped})
    screen.say(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return _DONE


def _status(screen: Screen) -> int:
    from deployments.farm.status import read_status
    from deployments.farm.up import Farm
    from tasks.settings import Settings

    settings = Settings()
    farm = Farm(settings)
    standing = read_status(settings, farm.folder, farm.api_url)
    screen.emit({"event": "done", "status": standing.model_dump(mode="json")})
    if not screen.machine:
        _tell_status(screen, standing)
    return _DONE if standing.answers else _MISSING


def _tell_farm(screen: Screen, report: "FarmReport") -> None:
    """What was started and where to look."""
    for note in report.notes:
        screen.say(f"[yellow]note:[/] {escape(note)}")
    for line in report.changed:
        screen.say(f"  new on the server: {escape(line)}")
    if report.running:
        screen.say(f"running already: {escape(', '.join(report.running))}")
    started = escape(", ".join(report.started)) or "nothing; all of it runs"
    screen.say(
        f"started: {started}\n"
        f"database: {escape(report.database)}\n"
        f"logs: {escape(report.logs)}\n"
        f"other commands find the farm with: export PREFECT_API_URL={escape(report.api_url)}\n"
        f"[bold green]dashboard:[/] [bold]{escape(report.dashboard)}[/]"
    )


def _tell_status(screen: Screen, standing: "FarmStatus") -> None:
    """Server, pools, runs, processes, store and studio."""
    if standing.answers:
        screen.say(
            f"[green]✓[/] server     {escape(standing.server or '')}, Prefect {standing.version}, "
            f"database: {escape(standing.database)}"
        )
        screen.console.print(_pools(standing.pools))
    elif standing.server:
        screen.say(f"[red]✗[/] server     {escape(standing.server)} does not answer")
    else:
        screen.say("[red]✗[/] server     none on this machine: songfilm up")
    if standing.runs:
        runs = standing.runs
        screen.say(
            f"runs: {runs.running} running, {runs.waiting} waiting, {runs.held} held for somebody; "
            f"today {runs.finished_today} finished, {runs.failed_today} failed"
        )
    for process in standing.processes:
        if process.pid is None:
            screen.say(f"[red]✗[/] {process.name} is gone: songfilm up")
    free = standing.store_free_bytes
    room = standing.store_fault or ("room unknown" if free is None else f"{free / 1e9:.0f} GB free")
    screen.say(f"store: {escape(standing.store)}, {escape(room)}")
    answer = "" if standing.studio_answers else " does not answer"
    screen.say(f"studio: {escape(standing.studio)}{answer}")


def _pools(pools: "tuple[PoolStanding, ...]") -> Table:
    """A row a pool."""
    table = Table("pool", "running", "waiting", "limit", "queues", "workers", box=None)
    table.header_style = "dim"
    for pool in pools:
        queues = ", ".join(
            f"{queue.name} {queue.waiting}{' [red]paused[/]' if queue.paused else ''}"
            for queue in pool.queues
            if queue.name != "default" or queue.waiting
        )
        table.add_row(
            escape(pool.name) + (" [red]paused[/]" if pool.paused else ""),
            str(pool.running),
            str(pool.waiting),
            "none" if pool.limit is None else str(pool.limit),
            queues,
            _workers(pool) or "[yellow]none[/]",
        )
    return table


def _workers(pool: "PoolStanding") -> str:
    """Workers of a pool; the silent ones say since when."""
    return ", ".join(
        escape(worker.name)
        + ("" if worker.online else f" [red]silent for {(worker.silent_s or 0) / 60:.0f} min[/]")
        for worker in pool.workers
    )
