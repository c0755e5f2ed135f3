"""``songfilm costs --top-up`` and ``--take-back``: what a project may spend."""

from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.markup import escape

from deployments.cli_catalogue import following
from deployments.console import Screen
from recipe_schema.forms import PROJECT_RULE, LibraryOptions
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from tasks.storage.catalogue import Catalogue

_DONE = 0
# A few thousand such amounts still fit the ledger's numbers.
_MOST_USD = 1_000_000_000
_MEANING = (
    "[dim]a service with a price never spends more; machine time is counted after each shot: shots "
    "under way when the credit is used up may go over it, and the next is refused[/]"
)


def change_credit(
    screen: Screen,
    store: str | None,
    project: str | None,
    *,
    top_up: float | None,
    take_back: float | None,
) -> int:
    """Give a project credit or take some back, and say what it may spend.

    Raises:
        BadInputError: No project, no amount, or more than there is.
    """
    if top_up is not None and take_back is not None:
        raise BadInputError("give --top-up or --take-back, not both")
    name = _named(project)
    change = _amount("--top-up", top_up) - _amount("--take-back", take_back)
    # The store is asked first: whoever is told of a failure may give the credit again.
    with following(screen, store) as (catalogue, address):
        known = _has_films(catalogue, address, name)
        owed = _uncovered(catalogue, address, name)
        left = _changed(catalogue, name, change)
        covered = owed - _uncovered(catalogue, address, name)
    screen.emit({"event": "done", "project": name, "credit_usd": left, "has_films": known})
    new = "" if known else f" (no film of {escape(name)} yet)"
    screen.say(f"[bold green]{escape(name)}[/] may spend ${left:.2f}{new}")
    if covered > 0:
        screen.say(f"${covered:.2f} paid for shots that went over the credit before")
    if change > 0:
        screen.say(_MEANING)
    return _DONE


def _named(project: str | None) -> str:
    """The project whose credit changes, checked as `make` does."""
    if project is None:
        raise BadInputError("whose credit? name it: songfilm costs --project NAME --top-up USD")
    try:
        return LibraryOptions(project=project).project
    except ValidationError as error:
        raise BadInputError(f"--project {project!r}: {PROJECT_RULE}") from error


def _amount(option: str, usd: float | None) -> int:
    """Micro-dollars of an amount on the command line; 0 when none was given."""
    from tasks.storage.catalogue.accounts import micro

    if usd is None:
        return 0
    if 0 < usd <= _MOST_USD and (amount := micro(usd)):
        return amount
    raise BadInputError(
        f"{option} {usd:.15g}: give more than 0 and at most {_MOST_USD:,} US dollars"
        + ("; --take-back takes credit back" if option == "--top-up" and usd < 0 else "")
    )


def _changed(catalogue: "Catalogue", project: str, change: int) -> float:
    """What a project may spend after its credit was changed, US dollars."""
    from tasks.storage.catalogue.accounts import MICRO
    from tasks.storage.catalogue.ledger import Ledger

    ledger = Ledger(catalogue)
    if change > 0:
        return ledger.top_up(project, change) / MICRO
    return ledger.take_back(project, -change) / MICRO


def _has_films(catalogue: "Catalogue", address: str, project: str) -> bool:
    from tasks.storage.catalogue.history import list_projects

    lines = list_projects(catalogue, address=address)
    return any(line.project == project and line.films for line in lines)


def _uncovered(catalogue: "Catalogue", address: str, project: str) -> float:
    """What a project spent beyond its credit so far, US dollars."""
    from tasks.storage.catalogue.costs import list_costs

    lines = list_costs(catalogue, address=address, project=project)
    return sum(line.uncovered_usd for line in lines)
