"""The catalogue's answers as tables that fit a terminal of 80 columns."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tasks.storage.catalogue.lines import CostLine, FilmLine, ProjectLine, ShotLine

_COSTS = ("films", "made", "reused", "time", "cost", "saved", "paid")


def project_table(lines: Sequence[ProjectLine]) -> Table:
    """A row a project."""
    table = _table(
        "project", "latest film", numbers=("films", "songs", "recipes", "cost", "saved", "credit")
    )
    for line in lines:
        table.add_row(
            escape(line.project),
            f"{line.latest.astimezone():%Y-%m-%d %H:%M}" if line.latest else "-",
            str(line.films),
            str(line.songs),
            str(line.versions),
            _usd(line.cost_usd),
            _usd(line.saved_usd),
            "-" if line.credit_usd is None else f"${line.credit_usd:.2f}",
        )
    return table


def film_tables(films: Sequence[FilmLine], *, shots: bool) -> Iterator[Table | Padding]:
    """Three lines a film; with `shots`, each film's own table below it."""
    if not shots:
        yield _films(films)
        return
    for film in films:
        yield _films([film])
        yield Padding(_shots(film.shots), (0, 0, 1, 2))


def cost_table(lines: Sequence[CostLine], by: str, credit: Mapping[str, float]) -> Table:
    """A row a project, month or renderer; projects with credit that spent nothing, too.

    Args:
        lines: What was spent and saved.
        by: What a line is.
        credit: What projects may still spend; empty where lines are something else.
    """
    table = _table(by, numbers=(*_COSTS, "credit") if credit else _COSTS)
    for line in lines:
        left = [f"${credit[line.name]:.2f}" if line.name in credit else "-"] if credit else []
        table.add_row(*_cost_cells(line), *left)
    for name in sorted(credit.keys() - {line.name for line in lines}):
        table.add_row(escape(name), *["-"] * len(_COSTS), f"${credit[name]:.2f}")
    return table


def no_project(name: str) -> str:
    """What to say of a project that nothing was spent or rendered for."""
    return f"no project {escape(repr(name))}: [bold]songfilm projects[/] lists all of them"


def no_films(address: str, *, project: str | None = None, song: str | None = None) -> str:
    """What to do where there is nothing to see."""
    if project is not None or song is not None:
        wanted = " and ".join(
            f"{name} {escape(repr(value))}"
            for name, value in (("project", project), ("song", song))
            if value is not None
        )
        return f"no film of {wanted}: [bold]songfilm history[/] lists all of them"
    return (
        f"no films in {escape(address)} yet: [bold]songfilm make SONG --out film.mp4[/] makes one, "
        "[bold]--store[/] names another store"
    )


def _films(films: Sequence[FilmLine]) -> Table:
    table = _table("film", "made", numbers=("shots", "cost"))
    for film in films:
        reused = sum(shot.cache == "hit" for shot in film.shots)
        made = film.made_at.astimezone()
        table.add_row(
            _film(film),
            f"{made:%Y-%m-%d}\n[dim]{made:%H:%M}[/]",
            f"{len(film.shots)}" + (f"\n[dim]{reused} reused[/]" if reused else ""),
            _usd(film.cost_usd)
            + (f"\n[dim]saved {_usd(film.saved_usd)}[/]" if film.saved_usd else ""),
        )
    return table


def _film(film: FilmLine) -> Group:
    """A film's name in one line, what it is, and what commands call it."""
    facts = [f"recipe {film.version}", _time(film.duration_s), escape(film.project)]
    if film.status != "complete":
        facts.append(f"[yellow]{escape(film.status)}[/]")
    if film.export:
        facts.append("export" if film.export == "film" else f"export: {escape(film.export)}")
    if film.gone:
        facts.append("[red]gone[/]")
    return Group(
        _cut(film.song, style="bold"),
        Text.from_markup(", ".join(facts)),
        Text(film.run_id, style="dim", overflow="fold"),
    )


def _cut(words: str, *, style: str = "") -> Text:
    """Words in one line, cut where there is no more room."""
    return Text(" ".join(words.split()), style=style, no_wrap=True, overflow="ellipsis")


def _cost_cells(line: CostLine) -> tuple[str, ...]:
    """Name and numbers; below them what was spent beyond a credit, and what runs hold."""
    uncovered = f"\n[yellow]{_usd(line.uncovered_usd)} not covered[/]" if line.uncovered_usd else ""
    waiting = f"\n[dim]{_usd(line.reserved_usd)} held[/]" if line.reserved_usd else ""
    return (
        escape(line.name) + uncovered,
        str(line.films),
        str(line.made),
        str(line.reused),
        _time(line.seconds),
        _usd(line.cost_usd),
        _usd(line.saved_usd),
        _usd(line.spent_usd) + waiting,
    )


def _shots(shots: Sequence[ShotLine]) -> Table:
    table = _table("shot", "clip", "by", "from", numbers=("used", "cost"))
    # May be narrowed, unlike the others; its words themselves keep to one line.
    table.add_column("words")
    for shot in shots:
        origin = {"hit": "store", "miss": "new"}.get(shot.cache, shot.cache)
        table.add_row(
            escape(shot.shot),
            f"[dim]{shot.fingerprint[:8]}[/]",
            escape(shot.renderer),
            "[yellow]similar[/]" if shot.near_of else origin,
            str(shot.times_used),
            _usd(shot.cost_usd),
            _cut(shot.fallback or shot.prompt),
        )
    return table


def _table(*words: str, numbers: Sequence[str]) -> Table:
    """Columns of words, the first of which gives way, and of numbers."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    for place, name in enumerate(words):
        table.add_column(name, no_wrap=bool(place), overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _usd(amount: float) -> str:
    """Money; cents, and more of them where a cent is too much."""
    if amount == 0:
        return "-"
    return f"${amount:.2f}" if amount >= 0.1 else f"${amount:.4f}"


def _time(seconds: float) -> str:
    """A length in the unit that fits."""
    if seconds == 0:
        return "-"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
