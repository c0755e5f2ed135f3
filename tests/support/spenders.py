"""Processes that open a new catalogue, and spend a project's credit, at the same time."""

import random
from pathlib import Path

from pydantic import SecretStr

from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.accounts import InsufficientCreditError
from tasks.storage.catalogue.ledger import Ledger, paid_for
from tasks.storage.purchase import Detail


def spend(home: str, url: str | None, events: list[str], usd: float, seed: int) -> list[str]:
    """Top up once among all, and buy each event, every other one twice; those that were paid."""
    catalogue = open_catalogue(Path(home), SecretStr(url) if url else None)
    ledger = Ledger(catalogue)
    ledger.top_up("shared", 1_000_000, event_id="credit")
    order = [*events, *events[::2]]
    random.Random(seed).shuffle(order)
    paid = set()
    for event in order:
        try:
            with paid_for(ledger, event, "shared", usd, Detail(renderer="cloud", picture_s=5.0)):
                paid.add(event)
        except InsufficientCreditError:
            continue
    catalogue.close()
    return sorted(paid)
