"""What a render costs a project: written in the ledger where anything costs anything."""

import contextlib
import logging
import threading
import uuid
from collections.abc import Iterator
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
    """What a render turned out to cost; filled in by whoever rendered."""

    usd: float
    machine_s: float = 0.0


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
    settings = Settings()
    if price_usd <= 0 and settings.usd_per_hour <= 0:
        yield Bill(usd=0.0)
        return
    from tasks.storage.catalogue.ledger import paid_for

    url = settings.catalogue_url.get_secret_value() if settings.catalogue_url else ""
    with _opening:
        if not url and store_url.startswith("s3://"):
            _warn_once()
        ledger = _ledger(str(settings.home_path), url)
    with paid_for(ledger, event_id, project, price_usd, detail) as bill:
        yield bill


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
