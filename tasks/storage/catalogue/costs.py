"""What films and failed attempts came to, by project, month or renderer."""

from collections import defaultdict
from typing import Literal

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from tasks.storage.catalogue.accounts import MICRO, credit_of
from tasks.storage.catalogue.database import Catalogue
from tasks.storage.catalogue.lines import CostLine
from tasks.storage.catalogue.tables import Entry, Film, Generation

CostsBy = Literal["project", "month", "renderer"]
Sums = defaultdict[str, defaultdict[str, float]]


def list_costs(
    catalogue: Catalogue, *, address: str, by: CostsBy = "project", project: str | None = None
) -> tuple[CostLine, ...]:
    """What was spent and saved, the greatest first, months from the newest.

    Args:
        catalogue: Asked.
        address: The store whose films count.
        by: What a line is.
        project: Only of this project.
    """
    sums: Sums = defaultdict(lambda: defaultdict(float))
    with catalogue.session() as session:
        _sum_films(session, address, by, project, sums)
        _sum_entries(session, by, project, sums)
    lines = [_cost_line(name, found) for name, found in sums.items()]
    if by == "month":
        return tuple(sorted(lines, key=lambda line: line.name, reverse=True))
    return tuple(sorted(lines, key=lambda line: (-line.cost_usd, -line.films, line.name)))


def credits_of(catalogue: Catalogue) -> dict[str, float]:
    """What prepaid projects have left, US dollars."""
    with catalogue.session() as session:
        return credit_of(session)


def _sum_films(
    session: Session, address: str, by: CostsBy, project: str | None, sums: Sums
) -> None:
    """Add what films say of their shots."""
    made = and_(Film.store == Generation.store, Film.run_id == Generation.run_id)
    shots = (
        select(
            Film.run_id,
            Film.project,
            Film.made_at,
            Generation.renderer,
            func.sum(case((Generation.cache == "hit", 1), else_=0)),
            func.count(),
            func.sum(Generation.cost_micro),
            func.sum(Generation.saved_micro),
            func.sum(Generation.seconds),
        )
        .join(Generation, made)
        .where(Film.store == address, Film.gone.is_(False), Film.export.is_(None))
        .group_by(Film.run_id, Film.project, Film.made_at, Generation.renderer)
    )
    if project is not None:
        shots = shots.where(Film.project == project)
    counted: set[tuple[str, str]] = set()
    for run, owner, made_at, renderer, hits, count, cost, saved, seconds in session.execute(shots):
        name = {"project": owner, "renderer": renderer, "month": f"{made_at:%Y-%m}"}[by]
        line = sums[name]
        line["films"] += (run, name) not in counted
        counted.add((run, name))
        line["reused"] += int(hits)
        line["made"] += count - int(hits)
        line["cost"] += int(cost)
        line["saved"] += int(saved)
        line["seconds"] += float(seconds)


def _sum_entries(session: Session, by: CostsBy, project: str | None, sums: Sums) -> None:
    """Add what the ledger paid, and holds for runs that go on."""
    entries = select(Entry).where(Entry.state.in_(("settled", "reserved")))
    if project is not None:
        entries = entries.where(Entry.account == project)
    for entry in session.scalars(entries):
        month = f"{entry.begun_at:%Y-%m}"
        renderer = entry.renderer or "unknown"
        line = sums[{"project": entry.account, "renderer": renderer, "month": month}[by]]
        line["reserved"] += entry.reserved_micro if entry.state == "reserved" else 0
        line["spent"] += entry.spent_micro
        line["picture"] += entry.picture_s if entry.state == "settled" else 0.0
        line["uncovered"] += entry.uncovered_micro


def _cost_line(name: str, found: defaultdict[str, float]) -> CostLine:
    return CostLine(
        name=name,
        films=round(found["films"]),
        made=round(found["made"]),
        reused=round(found["reused"]),
        seconds=found["seconds"],
        cost_usd=found["cost"] / MICRO,
        saved_usd=found["saved"] / MICRO,
        spent_usd=found["spent"] / MICRO,
        picture_s=found["picture"],
        reserved_usd=found["reserved"] / MICRO,
        uncovered_usd=found["uncovered"] / MICRO,
    )
