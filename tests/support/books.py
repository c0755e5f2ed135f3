"""What the ledger wrote down, and what it sums to."""

from sqlalchemy import func, select

from tasks.storage.catalogue.tables import Account, Entry
from tasks.storage.purchase import Detail

SHOT = Detail(renderer="cloud", picture_s=5.0, film_run="run", shot="shot_001")


def entry(catalogue, event):
    with catalogue.session() as session:
        return session.get(Entry, event)


def sums(catalogue, account):
    """The balance, and what the entries sum to."""
    with catalogue.session() as session:
        balance = session.get_one(Account, account).balance_micro
        entries = session.scalar(
            select(func.sum(Entry.delta_micro)).where(Entry.account == account)
        )
    return balance, int(entries or 0)
