"""Accounts and entries under lock: the steps that the ledger's promises rest on.

Locks are taken in one order, entry before account; only a top-up, which holds its account, takes
settled entries then, and nobody who has one of those waits for an account. A balance changes by an
UPDATE that says what it must be, or while its row is locked: of many spenders none overdraws it.
"""

import shlex
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.errors import BadInputError, PermanentError
from tasks.storage.catalogue.dialect import insert_new
from tasks.storage.catalogue.tables import Account, Entry

MICRO = 1_000_000
"""Micro-dollars of a dollar."""
# The weaker row lock: new entries hold a share of their account's key, and two of them that
# asked for the stronger one would wait for each other.
_LOCK = {"key_share": True}


class InsufficientCreditError(BadInputError):
    """A prepaid project that cannot pay what was about to be spent."""


class UnknownEventError(PermanentError):
    """Something is settled that nobody reserved."""


def micro(usd: float) -> int:
    """Whole micro-dollars of an amount."""
    return round(usd * MICRO)


def ensure_account(session: Session, account: str) -> None:
    """Make an account, not yet prepaid, if there is none."""
    insert_new(session, Account, {"name": account, "prepaid": False, "balance_micro": 0})


def add_entry(session: Session, event_id: str, account: str, state: str, **values: Any) -> bool:
    """Write an entry unless the event has one; whether it was new."""
    row = {
        "event_id": event_id,
        "account": account,
        "state": state,
        "prepaid": False,
        "begun_at": datetime.now(UTC),
        **values,
    }
    return insert_new(session, Entry, row)


def locked_entry(session: Session, event_id: str) -> Entry:
    """An event's entry; other transactions wait for this one before they see it."""
    entry = session.get(Entry, event_id, with_for_update=_LOCK, populate_existing=True)
    if entry is None:
        raise UnknownEventError(f"nothing was reserved for {event_id}: it cannot be settled")
    return entry


def take(session: Session, account: str, amount: int) -> bool:
    """Take an amount off a prepaid balance, if it is there; whether the account is prepaid."""
    taken = session.execute(
        update(Account)
        .where(
            Account.name == account,
            Account.prepaid,
            Account.balance_micro >= amount,
            Account.balance_micro > 0,
        )
        .values(balance_micro=Account.balance_micro - amount)
        .returning(Account.name)
    ).scalar()
    if taken is not None:
        return True
    found = session.get_one(Account, account, with_for_update=_LOCK, populate_existing=True)
    if not found.prepaid:
        return False
    if found.balance_micro >= max(amount, 1):
        found.balance_micro -= amount
        return True
    has, price = found.balance_micro / MICRO, amount / MICRO
    cost = f"this costs ${price:.2f}" if amount else "this machine's time is paid for"
    raise InsufficientCreditError(
        f"project {account!r} has ${has:.2f} of credit left, and {cost}; add some with: "
        f"songfilm costs --project {shlex.quote(account)} --top-up {max(1, round(price * 10))}"
    )


def pay(session: Session, account: str, *, held: int, wanted: int) -> int:
    """Pay from what is held and then from the balance; how much that was."""
    found = session.get_one(Account, account, with_for_update=_LOCK, populate_existing=True)
    paid = min(wanted, held + found.balance_micro)
    found.balance_micro += held - paid
    return paid


def add_credit(session: Session, account: str, amount: int) -> None:
    """Make an account prepaid and give it an amount; what was not covered is paid first."""
    found = session.get_one(Account, account, with_for_update=_LOCK, populate_existing=True)
    found.prepaid = True
    found.balance_micro += amount
    owed = select(Entry).where(
        Entry.account == account, Entry.state == "settled", Entry.uncovered_micro > 0
    )
    for entry in session.scalars(
        owed.order_by(Entry.ended_at, Entry.event_id).with_for_update(key_share=True)
    ):
        paid = min(entry.uncovered_micro, found.balance_micro)
        entry.uncovered_micro -= paid
        entry.delta_micro -= paid
        found.balance_micro -= paid


def take_credit(session: Session, account: str, amount: int) -> None:
    """Take credit off a balance.

    Raises:
        BadInputError: There is less.
    """
    found = session.get(Account, account, with_for_update=_LOCK, populate_existing=True)
    if found is None or not found.prepaid:
        raise BadInputError(f"project {account!r} has no credit that could be taken back")
    if found.balance_micro < amount:
        raise BadInputError(
            f"project {account!r} has ${found.balance_micro / MICRO:.2f} of credit left; more than "
            "that cannot be taken back"
        )
    found.balance_micro -= amount


def give_back(session: Session, entry: Entry) -> None:
    """Undo a reservation."""
    session.execute(
        update(Account)
        .where(Account.name == entry.account)
        .values(balance_micro=Account.balance_micro - entry.delta_micro)
    )
    entry.state, entry.delta_micro, entry.ended_at = "released", 0, datetime.now(UTC)


def balance_of(session: Session, account: str) -> int:
    """What an account has, micro-dollars."""
    return session.execute(
        select(Account.balance_micro).where(Account.name == account)
    ).scalar_one()


def credit_of(session: Session) -> dict[str, float]:
    """What prepaid accounts have left, US dollars."""
    prepaid = session.scalars(select(Account).where(Account.prepaid))
    return {account.name: account.balance_micro / MICRO for account in prepaid}
