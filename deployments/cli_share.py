"""``songfilm share``: links to films that end, and that their maker can take back."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from deployments.cli_options import JsonOption, Run, StoreOption
from deployments.console import Screen
from tasks.errors import BadInputError

if TYPE_CHECKING:
    from tasks.settings import Settings
    from tasks.storage.shares import Share
    from tasks.storage.store import ArtifactStore


_DONE = 0
_LONGEST_DAYS = 3650
# Longest wait for the studio's answer, seconds.
_ANSWER_S = 3.0


@dataclass(frozen=True)
class _Wish:
    """What is to be shared."""

    days: float
    clip: str | None
    report: bool
    with_report: bool
    note: str


def register(app: typer.Typer, run: Run) -> None:
    """Add the verb to the command line.

    Args:
        app: The ``songfilm`` command.
        run: Does the work and leaves with the exit code that its outcome means.
    """

    @app.command()
    def share(
        film: Annotated[
            str | None,
            typer.Argument(
                metavar="FILM", help="A film that songfilm made, or its run's id (or its start)."
            ),
        ] = None,
        days: Annotated[
            float, typer.Option(min=0.01, max=_LONGEST_DAYS, help="How long the link opens.")
        ] = 7.0,
        clip: Annotated[str | None, typer.Option(help="Only this shot, such as shot_003.")] = None,
        report: Annotated[
            bool, typer.Option("--report", help="The report alone: it shows prompts and costs.")
        ] = False,
        with_report: Annotated[
            bool, typer.Option("--with-report", help="The film, and its report.")
        ] = False,
        note: Annotated[str, typer.Option(help="Words for whoever opens the link.")] = "",
        show: Annotated[bool, typer.Option("--list", help="List all shares.")] = False,
        revoke: Annotated[
            str | None, typer.Option(metavar="ID", help="End a share: its id or its link.")
        ] = None,
        store: StoreOption = None,
        json: JsonOption = False,
    ) -> None:
        """Make a link to a film, a clip or a report that ends, and that you can take back."""

        def work(screen: Screen) -> int:
            if film == "":
                raise BadInputError("the film's name is empty; give its path or its run's id")
            if sum((film is not None, show, revoke is not None)) != 1:
                raise BadInputError("give one of: a film, --list, --revoke ID")
            with _roles_told():
                desk = _Desk.open(screen, store)
                if show:
                    return desk.show()
                if revoke is not None:
                    return desk.revoke(revoke)
                return desk.share(film or "", _Wish(days, clip, report, with_report, note))

        run(work, json=json)


@dataclass(frozen=True)
class _Desk:
    """Where shares are made: the store and the settings that links are signed with."""

    screen: Screen
    settings: "Settings"
    store: "ArtifactStore"
    address: str

    @classmethod
    def open(cls, screen: Screen, store: str | None) -> "_Desk":
        """With the store that was named, or the settings' own."""
        from tasks.settings import Settings
        from tasks.storage import open_store

        settings = Settings()
        address = store or settings.store_url
        return cls(screen, settings, open_store(address), address)

    def share(self, film: str, wish: _Wish) -> int:
        """Make a link and print it."""
        from deployments.shared_film import share_parts
        from tasks.storage.shares import make_share

        now = datetime.now(UTC)
        manifest = share_parts(self.store, film, clip=wish.clip, report=wish.report, tell=self._say)
        made = make_share(
            self.store,
            film=manifest.run_id,
            now=now,
            expires=now + timedelta(days=wish.days),
            shot=wish.clip,
            report=wish.report,
            with_report=wish.with_report,
            note=wish.note,
        )
        self._check_reach(made)
        self.screen.say(
            f"[bold green]link:[/] [bold]{escape(self._link(made))}[/]\n"
            f"  {_what(made)}, until {_day(made.expires)}; "
            f"take it back with: songfilm share --revoke {made.id}"
        )
        self.screen.emit({"event": "done", "share": self._told(made, now)})
        return _DONE

    def show(self) -> int:
        """All shares, newest first."""
        from deployments.shared_film import song_of
        from tasks.storage.shares import list_shares

        now = datetime.now(UTC)
        shares = list(list_shares(self.store))
        songs = {film: song_of(self.store, film) for film in {share.film for share in shares}}
        told = [{**self._told(share, now), "song": songs[share.film]} for share in shares]
        self.screen.emit({"event": "done", "shares": told})
        colors = {"open": "green", "ended": "dim", "revoked": "yellow"}
        for share in shares:
            state = share.state(now)
            note = f", {share.note!r}" if share.note else ""
            song = songs[share.film]
            film = f"{song} ({share.film})" if song else share.film
            self.screen.say(
                f"[{colors[state]}]{state:<8}[/] {_what(share)} of {escape(film)}, made "
                f"{_day(share.made_at)}, until {_day(share.expires)}{escape(note)}\n"
                f"         {escape(self._link(share)) if state == 'open' else share.id}"
            )
        if not shares:
            self.screen.say("nothing is shared; make a link with: songfilm share FILM.mp4")
        return _DONE

    def revoke(self, link: str) -> int:
        """End a share."""
        from tasks.storage.shares import revoke_share

        now = datetime.now(UTC)
        before = revoke_share(self.store, link, now=now)
        gone = before.revoked_at or now
        self.screen.emit({"event": "done", "revoked": before.id, "at": gone.isoformat()})
        already = " already" if before.revoked_at else ""
        self.screen.say(
            f"share {before.id} ({_what(before)} of {escape(before.film)}) is taken back{already}: "
            "its link opens nothing any more (what a bucket handed out in the last 10 minutes ends "
            "by itself)"
        )
        return _DONE

    def _link(self, share: "Share") -> str:
        from tasks.storage.secret import link_secret
        from tasks.storage.shares import share_link

        secret = link_secret(self.settings.home_path, self.settings.secret)
        return share_link(share, base_url=self.settings.studio_base_url, secret=secret)

    def _told(self, share: "Share", now: datetime) -> dict[str, Any]:
        """A share for machines."""
        told = share.model_dump(mode="json")
        return {**told, "state": share.state(now), "link": self._link(share)}

    def _check_reach(self, made: "Share") -> None:
        """Say who can open the link, and what is missing for others.

        Raises:
            BadInputError: Nobody can: the studio refuses it. The share is taken back.
        """
        from deployments.share_reach import REFUSALS, ask_studio, notes
        from tasks.storage.shares import revoke_share

        base = self.settings.studio_base_url
        reach = ask_studio(self._link(made), timeout_s=_ANSWER_S)
        if reach in REFUSALS:
            revoke_share(self.store, made.id, now=datetime.now(UTC))
            raise BadInputError(
                f"the studio at {base} does not open the new link: "
                f"{REFUSALS[reach].format(store=self.address)}, then share again. The link that "
                "was made is taken back"
            )
        other = None if self.address == self.settings.store_url else self.address
        for note in notes(reach, base, other):
            self._say(note)

    def _say(self, line: str) -> None:
        self.screen.note(line)


@contextlib.contextmanager
def _roles_told() -> Iterator[None]:
    """Say which keys of a bucket may share, when those at hand may not."""
    from tasks.storage.store import DeniedError

    try:
        yield
    except DeniedError as error:
        raise DeniedError(
            f"{error}. Of a bucket's roles, person and root share films (see `python -m "
            "deployments.bucket --help`)"
        ) from error


def _what(share: "Share") -> str:
    """What a share shows, in words."""
    if share.shot:
        return f"clip {share.shot}"
    if share.what == "report":
        return "the report"
    return "the film" if share.with_report else "the film without its report"


def _day(when: datetime) -> str:
    return f"{when.astimezone():%d %b %Y %H:%M}"
