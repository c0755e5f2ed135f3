"""However many spend at once, and in any order of steps, the books are kept."""

import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from support.books import SHOT, entry, sums
from support.spenders import spend

from tasks.errors import BadInputError
from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.accounts import InsufficientCreditError
from tasks.storage.catalogue.ledger import Ledger, paid_for
from tasks.storage.catalogue.tables import Account, Entry


@pytest.fixture
def ledger(catalogue):
    return Ledger(catalogue)


def test_one_event_tried_by_many_threads_is_billed_once(catalogue, ledger):
    ledger.top_up("shared", 1_000_000)
    together = threading.Barrier(8)

    def attempt(_number):
        together.wait()
        with paid_for(ledger, "e", "shared", 0.3, SHOT):
            pass

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(attempt, range(8)))
    assert sums(catalogue, "shared") == (700_000, 700_000)


def test_eight_threads_never_overdraw_a_credit(catalogue, ledger):
    ledger.top_up("shared", 1_000_000)
    together, lowest = threading.Barrier(8), []

    def buy(number):
        together.wait()
        paid = 0
        for turn in range(4):
            try:
                with paid_for(ledger, f"{number}:{turn}", "shared", 0.07, SHOT):
                    lowest.append(ledger.balance("shared"))
                paid += 1
            except InsufficientCreditError:
                break
        return paid

    with ThreadPoolExecutor(8) as threads:
        paid = sum(threads.map(buy, range(8)))
    assert paid == 14
    assert min(lowest) >= 0
    assert sums(catalogue, "shared") == (20_000, 20_000)


def test_top_ups_and_overdrafts_at_the_same_time_keep_the_books(catalogue, ledger):
    ledger.top_up("shared", 1)
    for number in range(16):
        ledger.reserve("shared", f"e{number}", 0, SHOT)
    together = threading.Barrier(8)

    def work(number):
        together.wait()
        for turn in range(4):
            if number % 2:
                ledger.top_up("shared", 50_000)
            else:
                ledger.settle(f"e{number // 2 * 4 + turn}", 60_000)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    balance, entries = sums(catalogue, "shared")
    assert balance == entries >= 0
    # 960,000 were spent and 800,001 given: at the latest, the next top-up covers the rest.
    assert ledger.top_up("shared", 200_000) == 40_001
    assert sum(entry(catalogue, f"e{number}").uncovered_micro for number in range(16)) == 0


@pytest.mark.services
def test_eight_processes_open_one_catalogue_and_never_overdraw_a_credit(catalogue_place):
    home, url = catalogue_place
    secret = url.get_secret_value() if url else None
    # Half of a process's events are also its neighbour's.
    events = [[f"e{number * 4 + place}" for place in range(8)] for number in range(8)]
    with ProcessPoolExecutor(8, mp_context=get_context("spawn")) as processes:
        jobs = [
            processes.submit(spend, str(home), secret, events[number], 0.03, number)
            for number in range(8)
        ]
        paid = set().union(*(job.result() for job in jobs))
    catalogue = open_catalogue(home, url)
    balance, entries = sums(catalogue, "shared")
    catalogue.close()
    assert balance == entries
    assert balance == 1_000_000 - 30_000 * len(paid)
    assert len(paid) == 33


class Spending(RuleBasedStateMachine):
    """Any order of steps, beside a plain account of what they should have come to."""

    catalogue = None
    events = Bundle("events")

    def __init__(self):
        super().__init__()
        with self.catalogue.session() as session:
            session.query(Entry).delete()
            session.query(Account).delete()
        self.ledger = Ledger(self.catalogue)
        self.held, self.paid, self.credit, self.prepaid = {}, {}, 0, False
        self.owed = 0

    @rule(target=events, number=st.integers(0, 5))
    def event(self, number):
        return f"e{number}"

    @rule(amount=st.integers(1, 60))
    def top_up(self, amount):
        self.ledger.top_up("p", amount)
        covered = min(self.owed, self.credit + amount)
        self.credit += amount - covered
        self.owed -= covered
        self.prepaid = True

    @rule(amount=st.integers(1, 60))
    def take_back(self, amount):
        if self.prepaid and amount <= self.credit:
            self.ledger.take_back("p", amount)
            self.credit -= amount
        else:
            with pytest.raises(BadInputError):
                self.ledger.take_back("p", amount)

    @rule(event=events, amount=st.integers(0, 40))
    def reserve(self, event, amount):
        if event in self.paid or event in self.held:
            assert self.ledger.reserve("p", event, amount) == (event in self.held)
        elif self.prepaid and (self.credit < amount or self.credit == 0):
            with pytest.raises(InsufficientCreditError):
                self.ledger.reserve("p", event, amount)
        else:
            assert self.ledger.reserve("p", event, amount)
            self.held[event] = amount if self.prepaid else None
            self.credit -= amount if self.prepaid else 0

    @rule(event=events, actual=st.integers(0, 60))
    def settle(self, event, actual):
        if event in self.held:
            assert self.ledger.settle(event, actual)
            held = self.held.pop(event)
            if held is not None:
                taken = min(actual - held, self.credit)
                self.credit -= taken
                self.owed += actual - held - taken
            self.paid[event] = actual
        elif event in self.paid:
            assert not self.ledger.settle(event, actual)

    @rule(event=events)
    def release(self, event):
        assert self.ledger.release(event) == (event in self.held)
        self.credit += self.held.pop(event, None) or 0

    @invariant()
    def entries_sum_to_the_balance_and_it_is_not_negative(self):
        with self.catalogue.session() as session:
            account = session.get(Account, "p")
            rows = session.scalars(select(Entry)).all()
        balance = account.balance_micro if account else 0
        assert balance == sum(row.delta_micro for row in rows) == self.credit >= 0
        assert sum(row.uncovered_micro for row in rows) == self.owed
        spent = {row.event_id: row.spent_micro for row in rows if row.state == "settled"}
        assert spent == self.paid


def test_any_order_of_steps_keeps_the_books(tmp_path):
    # Hundreds of commits: on a disk, each would wait for it.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as place:
        catalogue = open_catalogue(Path(place), None)
        machine = type("Books", (Spending,), {"catalogue": catalogue})
        run_state_machine_as_test(
            machine, settings=settings(max_examples=10, stateful_step_count=20, deadline=None)
        )
        catalogue.close()
