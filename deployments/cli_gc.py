"""``songfilm gc``: what no film, index or person needs any more, told or deleted."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from deployments.cli_catalogue import following
from deployments.cli_options import JsonOption, Run, StoreOption
from deployments.console import Screen

if TYPE_CHECKING:
    from tasks.storage.garbage.plan import Plan, Rules, Swept

_DONE = 0
_HOUR_S = 3600.0


def register(app: typer.Typer, run: Run) -> None:
    """Add the verb to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def gc(
        delete: Annotated[bool, typer.Option("--delete", help="Do it; else only told.")] = False,
        grace_hours: Annotated[
            float, typer.Option(help="Nothing younger goes; at least 1.", show_default=True)
        ] = 24.0,
        film: Annotated[
            str | None,
            typer.Option(metavar="RUN", help="Forget this film; its clips go with a later gc."),
        ] = None,
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """Collect garbage: tell, or delete, what no film, index or person needs any more."""
        run(lambda screen: _collect(screen, store, film, grace_hours, delete=delete), json=json)


def _collect(
    screen: Screen, store: str | None, film: str | None, grace_hours: float, *, delete: bool
) -> int:
    from tasks.settings import Settings
    from tasks.storage import open_store
    from tasks.storage.garbage.collection import plan_forgetting, plan_sweep, sweep
    from tasks.storage.garbage.plan import Rules

    settings = Settings()
    rules = Rules(now=time.time(), grace_s=grace_hours * _HOUR_S, clip_days=settings.clip_days)
    artifacts = open_store(store)
    plan = plan_forgetting(artifacts, film) if film else plan_sweep(artifacts, rules)
    for note in plan.notes:
        screen.say(f"[yellow]note:[/] {escape(note)}")
    swept = sweep(artifacts, plan, rules) if delete else None
    screen.emit(
        {
            "event": "done",
            "deleted": delete,
            "kinds": {
                kind: {"objects": count, "bytes": size}
                for kind, (count, size) in plan.by_kind().items()
            },
            "kept": {"objects": plan.kept, "bytes": plan.kept_bytes},
            "notes": plan.notes,
            "swept": None if swept is None else vars(swept),
        }
    )
    if not screen.machine:
        for line in _told(plan, swept, rules, film):
            screen.console.print(line)
    if delete:
        with following(screen, store):
            pass
    return _DONE


def _told(
    plan: "Plan", swept: "Swept | None", rules: "Rules", film: str | None
) -> Iterator[Table | str]:
    """What goes and what stays, for people."""
    if not plan.doomed:
        kept = f": {_amount(plan.kept, plan.kept_bytes)} in use or young" if plan.kept else ""
        yield f"nothing to collect{kept}"
        return
    table = Table("deleted" if swept else "would be deleted", "objects", "size", box=None)
    table.header_style = "dim"
    for name in ("objects", "size"):
        next(column for column in table.columns if column.header == name).justify = "right"
    for kind, (count, size) in plan.by_kind().items():
        table.add_row(_titles(rules)[kind], str(count), _size(size))
    yield table
    if film is None:
        yield f"kept: {_amount(plan.kept, plan.kept_bytes)}"
    else:
        yield _when_free(rules)
    if swept is None:
        yield "nothing was deleted: run it again with [bold]--delete[/]"
        return
    spared = f"; {swept.spared} were used meanwhile and stay" if swept.spared else ""
    uploads = f"; {swept.uploads} unfinished uploads ended" if swept.uploads else ""
    yield f"[bold green]deleted:[/] {_amount(swept.gone, swept.freed)}{spared}{uploads}"


def _when_free(rules: "Rules") -> str:
    """When the files that a forgotten film was made of go, if nothing else needs them."""
    return (
        "what it was made of comes free with a later [bold]songfilm gc --delete[/], if nothing "
        f"else needs it: its clips {rules.clip_days:g} days after a film last used them, its "
        f"segments after {rules.segment_days:g}, and {rules.grace_s / _HOUR_S:g} hours of grace"
    )


def _titles(rules: "Rules") -> dict[str, str]:
    """Kinds as people read them."""
    return {
        "film": "the film's manifest",
        "clip": f"clips that no film used for {rules.clip_days:g} days",
        "similar": "cards of clips that are gone",
        "segment": f"segments that no film used for {rules.segment_days:g} days",
        "traits": "what clips look like that are gone",
        "lease": "leases of workers that died",
        "share": "links that ended",
        "leftover": "files of films that are not there",
        "file": "files that nothing needs",
    }


def _amount(count: int, size: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}, {_size(size)}"


def _size(count: int) -> str:
    """Bytes in a unit that can be read."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} B"
