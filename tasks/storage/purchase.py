"""What a render costs a project: written in the ledger where anything costs anything."""

import contextlib
import logging
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tasks.settings import Settings

if TYPE_CHECKING:
    from tasks.storage.catalogue.ledger import Ledger

log = logging.getLogger(__name__)
_opening = threading.Lock()


@dataclass(frozen=True)
class Detail:
    """What money is spent on.

    Attributes:
        renderer: Whose service, or machine, is paid.
        picture_s: Seconds of picture that are asked for.
        film_run: The film that they are for.
        shot: Its shot.
    """

    renderer: str = ""
    picture_s: float = 0.0
    film_run: str | None = None
    shot: str | None = None


@dataclass
class Bill:
    """What a render turned out to cost; filled in by whoever rendered.

    Attributes:
        usd: US dollars.
        machine_s: Seconds that a machine took, 0 if unknown.
        uncovered_usd: What the project's credit did not cover; known once it was paid.
    """

    usd: float
    machine_s: float = 0.0
    uncovered_usd: float = 0.0


def overdraft(bill: Bill, project: str, detail: Detail) -> str | None:
    """Say that a bill was more than a project's credit; None when it was not."""
    if bill.uncovered_usd <= 0:
        return None
    return (
        f"{detail.shot or 'a render'} cost {_usd(bill.usd)}, {_usd(bill.uncovered_usd)} more than "
        f"the credit that project {project!r} had left; the next top-up pays that first"
    )


def event_of(detail: Detail, fingerprint: str) -> str:
    """The name of one shot's purchase for one film: tried again, it is the same."""
    return f"{detail.film_run or uuid.uuid4()}:{detail.shot}:{fingerprint}"


@contextlib.contextmanager
def paying(
    event_id: str, project: str, price_usd: float, detail: Detail, *, store_url: str
) -> Iterator[Bill]:
    """Pay for what happens in the block; see `ledger.paid_for`.

    No database is opened where renderers are free and the machine's time costs nothing.

    Args:
        event_id: Equal ids are one purchase, however often tried.
        project: Who pays.
        price_usd: What it will cost; 0 when only the time that it takes will tell.
        detail: What it is.
        store_url: The store that the result goes to.

    Raises:
        InsufficientCreditError: The project's credit does not suffice; the block does not run.
    """
    if not _costs(price_usd):
        yield Bill(usd=0.0)
        return
    from tasks.storage.catalogue.ledger import paid_for

    with paid_for(_books(store_url), event_id, project, price_usd, detail) as bill:
        yield bill


def check_books(prices: Iterable[float], *, store_url: str) -> None:
    """Ask for the ledger before anything is rendered, where anything costs anything.

    Args:
        prices: What renderers ask for a second of picture, US dollars.
        store_url: The store that clips go to.

    Raises:
        PermanentError: Its database cannot be used.
        TransientError: It does not answer.
    """
    if _costs(max(prices, default=0.0)):
        _books(store_url).balance("")


def _costs(price_usd: float) -> bool:
    """Whether something costs anything: a renderer's service, or the machine's time."""
    return price_usd > 0 or Settings().usd_per_hour > 0


def _books(store_url: str) -> "Ledger":
    """The ledger that the settings name."""
    settings = Settings()
    url = settings.catalogue_url.get_secret_value() if settings.catalogue_url else ""
    with _opening:
        if not url and store_url.startswith("s3://"):
            _warn_once()
        return _ledger(str(settings.home_path), url)


@lru_cache(maxsize=4)
def _ledger(home: str, url: str) -> "Ledger":
    """The ledger of this process; its connections are shared by threads."""
    from pathlib import Path

    from pydantic import SecretStr

    from tasks.storage.catalogue.database import open_catalogue
    from tasks.storage.catalogue.ledger import Ledger

    return Ledger(open_catalogue(Path(home), SecretStr(url) if url else None))


@lru_cache(maxsize=1)
def _warn_once() -> None:
    log.warning(
        "costs are counted on this machine alone, and credits too: machines that share a store "
        "share a ledger when SONGFILM_CATALOGUE_URL names one PostgreSQL for all of them"
    )


def _usd(amount: float) -> str:
    """Money; cents, and more of them where a cent is too much."""
    return f"${amount:.2f}" if amount >= 0.1 else f"${amount:.4f}"
