"""What renders cost: reserved before, settled after, each event once however often it is tried.

Amounts are whole micro-dollars. Each step is one transaction; see `accounts` for what keeps many
spenders of one balance apart.
"""

import contextlib
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from tasks.errors import BadInputError
from tasks.storage.catalogue.accounts import (
    MICRO,
    add_credit,
    add_entry,
    balance_of,
    ensure_account,
    give_back,
    locked_entry,
    micro,
    pay,
    take,
    take_credit,
)
from tasks.storage.catalogue.database import Catalogue
from tasks.storage.catalogue.tables import Account, Entry
from tasks.storage.purchase import Bill, Detail, overdraft

log = logging.getLogger(__name__)

# No render takes longer: a reservation that old is of a run that died.
STALE_S = 86_400.0


class Ledger:
    """Accounts, one a project, and what they paid."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the ledger in a catalogue."""
        self._catalogue = catalogue

    def top_up(self, account: str, amount: int, *, event_id: str | None = None) -> int:
        """Give a project credit; from the first time on it needs some for whatever costs anything.

        It pays first for what was spent beyond an earlier credit.

        Args:
            account: The project.
            amount: Micro-dollars, more than 0.
            event_id: Equal ids count once; a new one if empty.

        Returns:
            The balance, micro-dollars.

        Raises:
            BadInputError: Not an amount.
        """
        _refuse_nothing(amount, "a top-up")
        with self._catalogue.session() as session:
            event = event_id or f"top-up:{uuid.uuid4()}"
            ensure_account(session, account)
            if add_entry(session, event, account, "top-up", prepaid=True, delta_micro=amount):
                add_credit(session, account, amount)
            return balance_of(session, account)

    def take_back(self, account: str, amount: int) -> int:
        """Take credit back that nobody spent; an entry like a top-up's, below zero.

        Args:
            account: The project; it stays prepaid.
            amount: Micro-dollars, more than 0.

        Returns:
            The balance, micro-dollars.

        Raises:
            BadInputError: Not an amount, or more than there is.
        """
        _refuse_nothing(amount, "taking back")
        with self._catalogue.session() as session:
            take_credit(session, account, amount)
            event = f"take-back:{uuid.uuid4()}"
            add_entry(session, event, account, "top-up", prepaid=True, delta_micro=-amount)
            return balance_of(session, account)

    def reserve(
        self, account: str, event_id: str, amount: int, detail: Detail | None = None
    ) -> bool:
        """Set money aside for something that is about to be bought.

        Args:
            account: The project that pays.
            event_id: What is bought; equal ids are one purchase.
            amount: Micro-dollars; what it will cost, or 0 when nobody knows yet.
            detail: What it is, for the ledger.

        Returns:
            False when it was paid before, and costs nothing again.

        Raises:
            InsufficientCreditError: A prepaid project has less, or nothing.
        """
        with self._catalogue.session() as session:
            ensure_account(session, account)
            told = detail or Detail()
            # An event that is new begins as one that was given back.
            add_entry(session, event_id, account, "released", **vars(told))
            entry = locked_entry(session, event_id)
            if entry.state != "released":
                return entry.state == "reserved"
            entry.prepaid = take(session, account, amount)
            entry.account, entry.state, entry.reserved_micro = account, "reserved", amount
            entry.delta_micro = -amount if entry.prepaid else 0
            entry.begun_at, entry.ended_at = datetime.now(UTC), None
            for name, value in vars(told).items():
                setattr(entry, name, value)
            return True

    def settle(self, event_id: str, actual: int, *, machine_s: float = 0.0) -> bool:
        """Turn a reservation into what was really spent.

        Money beyond the reservation is taken from the balance as far as that goes; what is left
        is written down as uncovered: it was spent, and a balance never falls below zero.

        Args:
            event_id: What was bought.
            actual: Micro-dollars that it cost.
            machine_s: Seconds that a machine took, 0 if unknown.

        Returns:
            False when it was settled before.

        Raises:
            UnknownEventError: Nobody reserved it.
        """
        with self._catalogue.session() as session:
            entry = locked_entry(session, event_id)
            if entry.state == "settled":
                return False
            held = -entry.delta_micro
            entry.state, entry.spent_micro, entry.machine_s = "settled", actual, machine_s
            entry.ended_at = datetime.now(UTC)
            if entry.prepaid:
                paid = pay(session, entry.account, held=held, wanted=actual)
                entry.delta_micro, entry.uncovered_micro = -paid, actual - paid
            return True

    def release(self, event_id: str) -> bool:
        """Give a reservation back: nothing was bought.

        Returns:
            False when there is none that waits.
        """
        with self._catalogue.session() as session:
            entry = session.get(Entry, event_id, with_for_update={"key_share": True})
            if entry is None or entry.state != "reserved":
                return False
            give_back(session, entry)
            return True

    def release_stale(self, *, older_than_s: float = STALE_S) -> tuple[str, ...]:
        """Give back what runs reserved that died since; their events."""
        born = datetime.now(UTC) - timedelta(seconds=older_than_s)
        with self._catalogue.session() as session:
            waiting = session.scalars(
                select(Entry)
                .where(Entry.state == "reserved", Entry.begun_at < born)
                .order_by(Entry.event_id)
                .with_for_update(skip_locked=True, key_share=True)
            ).all()
            for entry in waiting:
                give_back(session, entry)
            return tuple(entry.event_id for entry in waiting)

    def uncovered(self, event_id: str) -> int:
        """Micro-dollars of a purchase that its project's credit did not cover so far."""
        with self._catalogue.session() as session:
            entry = session.get(Entry, event_id)
            return 0 if entry is None else entry.uncovered_micro

    def balance(self, account: str) -> int | None:
        """Micro-dollars that a prepaid project has; None while it is not prepaid."""
        with self._catalogue.session() as session:
            found = session.get(Account, account)
            return found.balance_micro if found is not None and found.prepaid else None


@contextlib.contextmanager
def paid_for(
    ledger: Ledger, event_id: str, project: str, price_usd: float, detail: Detail
) -> Iterator[Bill]:
    """Pay for what happens in the block: reserve before, settle after, release when it fails.

    Args:
        ledger: Where it is written.
        event_id: Equal ids are one purchase, however often tried.
        project: Who pays.
        price_usd: What it will cost; 0 when only the time that it takes will tell.
        detail: What it is.

    Yields:
        The bill, with the price on it; the block writes what it came to. After the block it tells
        what the credit did not cover.

    Raises:
        InsufficientCreditError: The project's credit does not suffice; the block does not run.
    """
    ledger.reserve(project, event_id, micro(price_usd), detail)
    bill = Bill(usd=price_usd)
    try:
        yield bill
    except BaseException:
        ledger.release(event_id)
        raise
    new = ledger.settle(event_id, micro(bill.usd), machine_s=bill.machine_s)
    bill.uncovered_usd = ledger.uncovered(event_id) / MICRO
    if new and (told := overdraft(bill, project, detail)):
        log.warning("%s", told)


def _refuse_nothing(amount: int, what: str) -> None:
    if amount <= 0:
        raise BadInputError(f"{what} of ${amount / MICRO:g} is none; give more than 0")
