"""``songfilm review``: films whose plan waits for somebody."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from deployments.cli_options import Run
from deployments.console import Screen
from recipe_schema.vocabulary import Aesthetic
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from deployments.reviews import Reviews, WaitingFilm

_DONE = 0


@dataclass(frozen=True)
class Wish:
    """What somebody wants done with a waiting film."""

    approve: bool
    recipe: Path | None
    save: Path | None
    again: bool
    style: Aesthetic | None
    seed: int | None
    stop: bool

    def check(self, film: str | None) -> None:
        """Refuse what contradicts itself.

        Raises:
            BadInputError: Two answers at once, or an answer to no film.
        """
        answers = [self.approve or self.recipe is not None, self.again, self.stop]
        if sum(answers) > 1:
            raise BadInputError("give one of --approve, --recipe, --again and --stop")
        if film is None and (any(answers) or self.save is not None):
            raise BadInputError("say which film; `songfilm review` lists those that wait")
        if not self.again and (self.style is not None or self.seed is not None):
            raise BadInputError("--style and --seed go with --again")


def register(app: typer.Typer, run: Run) -> None:
    """Add the verb to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def review(
        film: Annotated[
            str | None,
            typer.Argument(metavar="RUN", help="Id (or its start) or name; empty: list them."),
        ] = None,
        approve: Annotated[bool, typer.Option("--approve", help="Render it as planned.")] = False,
        recipe: Annotated[
            Path | None, typer.Option(help="Render it by this edited recipe instead.")
        ] = None,
        save: Annotated[
            Path | None, typer.Option(help="Write the planned recipe here, to edit it.")
        ] = None,
        again: Annotated[bool, typer.Option("--again", help="Plan it anew.")] = False,
        style: Annotated[
            Aesthetic | None, typer.Option(help="With --again: the look; empty: by the song.")
        ] = None,
        seed: Annotated[int | None, typer.Option(help="With --again: the seed.")] = None,
        stop: Annotated[bool, typer.Option("--stop", help="Cancel the film, keep the plan.")] = (
            False
        ),
        json: Annotated[bool, typer.Option("--json", help="JSON lines for machines.")] = False,
    ) -> None:
        """Look at a planned film that waits for you; approve it, edit it, or stop it."""
        wish = Wish(approve, recipe, save, again, style, seed, stop)
        run(lambda screen: _review(screen, film, wish), json=json)


def _review(screen: Screen, name: str | None, wish: Wish) -> int:
    """List what waits, or show or answer one."""
    from deployments.reviews import open_reviews

    wish.check(name)
    with open_reviews() as reviews:
        if name is None:
            _list(screen, reviews)
            return _DONE
        film = reviews.find(name)
        if wish.save is not None:
            _save(screen, reviews, film, wish.save)
        if wish.approve or wish.recipe is not None:
            _approve(screen, reviews, film, wish.recipe)
        elif wish.again:
            _plan_again(screen, reviews, film, wish)
        elif wish.stop:
            _stop(screen, reviews, film)
        elif wish.save is None:
            _show(screen, reviews, film)
    return _DONE


def _list(screen: Screen, reviews: "Reviews") -> None:
    """A line a waiting film."""
    films = reviews.waiting()
    screen.emit({"event": "done", "waiting": [film.model_dump(mode="json") for film in films]})
    if screen.machine:
        return
    if not films:
        screen.say("no film waits for a review")
        return
    table = Table("run", "film", "asked", "until", box=None, header_style="dim")
    for film in films:
        table.add_row(
            str(film.run),
            escape(film.name),
            f"{film.since.astimezone():%d %b %H:%M}",
            f"{film.until.astimezone():%d %b %H:%M}" if film.until else "",
        )
    screen.console.print(table)
    screen.say("read one with: songfilm review RUN")


def _show(screen: Screen, reviews: "Reviews", film: "WaitingFilm") -> None:
    """The page that the dashboard's dialog opens with, and how to answer from here."""
    page = reviews.page(film)
    screen.emit({"event": "done", "film": film.model_dump(mode="json"), "page": page})
    if screen.machine:
        return
    screen.console.print(Markdown(page))
    short = str(film.run)[:8]
    screen.say(
        f"\nas planned:  songfilm review {short} --approve\n"
        f"edited:      songfilm review {short} --save recipe.json, then\n"
        f"             songfilm review {short} --recipe recipe.json\n"
        f"other plan:  songfilm review {short} --again --seed 7\n"
        f"not at all:  songfilm review {short} --stop"
    )


def _save(screen: Screen, reviews: "Reviews", film: "WaitingFilm", path: Path) -> None:
    """The proposal as a file."""
    from deployments.preflight import check_writable
    from tasks.storage.store import write_whole

    check_writable(path)
    write_whole(path, reviews.values(film)["recipe"])
    screen.emit({"event": "done", "path": str(path)})
    screen.say(f"[bold green]recipe:[/] {escape(str(path))}")


def _approve(screen: Screen, reviews: "Reviews", film: "WaitingFilm", recipe: Path | None) -> None:
    """Let the film be rendered, as planned or by a file."""
    from deployments.preflight import read_recipe
    from recipe_schema.review import Decision
    from recipe_schema.versions import dump
    from tasks.settings import Settings
    from tasks.storage import open_store
    from tasks.storage.named_files import with_own_files

    edits: dict[str, Any] = {}
    if recipe:
        store = open_store(Settings().store_url)
        edited = with_own_files(read_recipe(recipe), recipe, store=store)
        # The file says everything: what an earlier answer had in cards does not count beside it.
        edits = {"recipe": dump(edited), "shots": [], "palette": []}
    reviews.answer(film, Decision.APPROVE, **edits)
    _tell(screen, film, "goes on; if the recipe cannot be made it asks again")


def _plan_again(screen: Screen, reviews: "Reviews", film: "WaitingFilm", wish: Wish) -> None:
    """Ask for another proposal."""
    from recipe_schema.review import BY_THE_SONG, Decision

    seed = reviews.values(film)["seed"] if wish.seed is None else wish.seed
    look = BY_THE_SONG if wish.style is None else str(wish.style)
    reviews.answer(film, Decision.PLAN_AGAIN, look=look, seed=seed)
    _tell(screen, film, f"is planned again with seed {seed}, and then asks again")


def _stop(screen: Screen, reviews: "Reviews", film: "WaitingFilm") -> None:
    """Cancel the film."""
    from recipe_schema.review import Decision

    reviews.answer(film, Decision.STOP)
    _tell(screen, film, "stops; its plan is kept in the store")


def _tell(screen: Screen, film: "WaitingFilm", what: str) -> None:
    screen.emit({"event": "done", "film": film.model_dump(mode="json"), "told": what})
    screen.say(f"[bold green]{escape(film.name)}[/] {what}")
