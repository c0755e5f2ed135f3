"""What is spent is written down once, and no credit is spent twice."""

import logging
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
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
from sqlalchemy import func, select, update
from support.spenders import spend

from tasks.errors import BadInputError, PermanentError
from tasks.storage.catalogue import open_catalogue
from tasks.storage.catalogue.accounts import InsufficientCreditError, UnknownEventError
from tasks.storage.catalogue.ledger import Ledger, paid_for
from tasks.storage.catalogue.tables import Account, Entry
from tasks.storage.purchase import Detail, overdraft

SHOT = Detail(renderer="cloud", picture_s=5.0, film_run="run", shot="shot_001")


@pytest.fixture
def ledger(catalogue):
    return Ledger(catalogue)


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


def test_paid_render_is_written_with_what_it_bought(catalogue, ledger):
    ledger.top_up("album", 10_000_000)
    with paid_for(ledger, "run:shot_001:f", "album", 2.5, SHOT) as bill:
        assert ledger.balance("album") == 7_500_000
        bill.usd, bill.machine_s = 2.25, 31.5
    assert ledger.balance("album") == 7_750_000
    found = entry(catalogue, "run:shot_001:f")
    assert (found.state, found.spent_micro, found.machine_s) == ("settled", 2_250_000, 31.5)
    assert (found.renderer, found.picture_s, found.shot) == ("cloud", 5.0, "shot_001")


def test_failed_render_costs_nothing(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    with pytest.raises(ZeroDivisionError), paid_for(ledger, "e", "album", 0.75, SHOT):
        raise ZeroDivisionError
    assert ledger.balance("album") == 1_000_000
    assert entry(catalogue, "e").state == "released"


def test_retry_after_a_failure_is_billed(ledger):
    ledger.top_up("album", 1_000_000)
    with pytest.raises(ZeroDivisionError), paid_for(ledger, "e", "album", 0.75, SHOT):
        raise ZeroDivisionError
    with paid_for(ledger, "e", "album", 0.75, SHOT):
        pass
    assert ledger.balance("album") == 250_000


def test_retry_of_a_paid_render_is_free(ledger):
    ledger.top_up("album", 1_000_000)
    for _ in range(3):
        with paid_for(ledger, "e", "album", 0.75, SHOT) as bill:
            bill.usd = 0.5
    assert ledger.balance("album") == 500_000


def test_crash_between_render_and_settling_is_settled_once_by_the_retry(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    assert ledger.reserve("album", "e", 750_000, SHOT)
    with paid_for(ledger, "e", "album", 0.75, SHOT):
        assert ledger.balance("album") == 250_000
    assert ledger.balance("album") == 250_000
    assert entry(catalogue, "e").state == "settled"


def test_too_little_credit_stops_before_money_is_spent(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    spent = []
    with (
        pytest.raises(InsufficientCreditError, match=r"\$1\.00 .* \$1\.50.*--top-up") as caught,
        paid_for(ledger, "e", "album", 1.5, SHOT),
    ):
        spent.append("render")
    assert not spent
    assert isinstance(caught.value, BadInputError)
    assert "songfilm costs --project album --top-up" in str(caught.value)
    assert entry(catalogue, "e") is None
    assert ledger.balance("album") == 1_000_000


def test_own_machine_needs_credit_left_when_a_project_is_prepaid(ledger):
    ledger.top_up("album", 400_000)
    with paid_for(ledger, "a", "album", 0.0, SHOT) as bill:
        bill.usd = 0.5
    assert ledger.balance("album") == 0
    with pytest.raises(InsufficientCreditError), paid_for(ledger, "b", "album", 0.0, SHOT):
        pass


def test_dearer_than_reserved_is_taken_from_the_credit_and_the_rest_written_down(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    with paid_for(ledger, "e", "album", 0.5, SHOT) as bill:
        bill.usd = 1.25
    assert ledger.balance("album") == 0
    found = entry(catalogue, "e")
    assert (found.spent_micro, found.uncovered_micro) == (1_250_000, 250_000)


def test_overdraft_is_logged_once_and_told_by_every_look_until_it_is_covered(ledger, caplog):
    ledger.top_up("album", 1_000_000)
    bills = []
    with caplog.at_level(logging.WARNING, logger="tasks.storage.catalogue.ledger"):
        for _ in range(2):
            with paid_for(ledger, "e", "album", 0.0, SHOT) as bill:
                bill.usd = 1.25
            bills.append(bill)
    told = "shot_001 cost $1.25, $0.25 more than the credit that project 'album' had left"
    assert [overdraft(bill, "album", SHOT).partition(";")[0] for bill in bills] == [told, told]
    (logged,) = caplog.messages
    assert logged.startswith(told)
    ledger.top_up("album", 250_000)
    with paid_for(ledger, "e", "album", 0.0, SHOT) as bill:
        bill.usd = 1.25
    assert overdraft(bill, "album", SHOT) is None


def test_bill_within_the_credit_is_no_overdraft(ledger):
    ledger.top_up("album", 1_250_000)
    with paid_for(ledger, "e", "album", 0.0, SHOT) as bill:
        bill.usd = 1.25
    assert overdraft(bill, "album", SHOT) is None


def test_top_up_first_covers_what_was_not_covered_the_oldest_first(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    # Both begin while there is credit.
    for event in ("a", "b"):
        ledger.reserve("album", event, 0, SHOT)
    ledger.settle("a", 1_500_000)
    ledger.settle("b", 400_000)
    assert ledger.top_up("album", 600_000) == 0
    assert [entry(catalogue, event).uncovered_micro for event in ("a", "b")] == [0, 300_000]
    assert ledger.top_up("album", 500_000) == 200_000
    assert entry(catalogue, "b").uncovered_micro == 0
    assert entry(catalogue, "b").spent_micro == 400_000
    assert sums(catalogue, "album") == (200_000, 200_000)


def test_one_project_does_not_pay_for_another(catalogue, ledger):
    ledger.top_up("album", 1)
    with paid_for(ledger, "e", "album", 0.0, SHOT) as bill:
        bill.usd = 0.5
    assert ledger.top_up("tour", 1_000_000) == 1_000_000
    assert entry(catalogue, "e").uncovered_micro == 499_999


def test_credit_is_taken_back_up_to_the_balance(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    assert ledger.take_back("album", 400_000) == 600_000
    with pytest.raises(BadInputError, match=r"\$0\.60 of credit left"):
        ledger.take_back("album", 600_001)
    assert ledger.take_back("album", 600_000) == 0
    assert sums(catalogue, "album") == (0, 0)
    with pytest.raises(InsufficientCreditError):
        ledger.reserve("album", "e", 0, SHOT)
    with pytest.raises(BadInputError, match="no credit"):
        ledger.take_back("tour", 1)
    with pytest.raises(BadInputError, match="more than 0"):
        ledger.take_back("album", 0)


def test_project_without_credit_is_only_written_down(catalogue, ledger):
    with paid_for(ledger, "e", "album", 3.0, SHOT):
        pass
    assert ledger.balance("album") is None
    assert entry(catalogue, "e").spent_micro == 3_000_000
    ledger.top_up("album", 2_000_000)
    assert ledger.balance("album") == 2_000_000
    assert sums(catalogue, "album") == (2_000_000, 2_000_000)


def test_what_was_reserved_before_the_first_top_up_is_not_taken_from_it(ledger):
    ledger.reserve("album", "e", 700_000, SHOT)
    ledger.top_up("album", 1_000_000)
    ledger.settle("e", 900_000)
    assert ledger.balance("album") == 1_000_000


def test_top_up_with_one_id_counts_once(ledger):
    assert ledger.top_up("album", 5, event_id="invoice-7") == 5
    assert ledger.top_up("album", 5, event_id="invoice-7") == 5


@pytest.mark.parametrize("amount", [0, -1])
def test_top_up_of_nothing_is_refused(ledger, amount):
    with pytest.raises(BadInputError, match="top-up"):
        ledger.top_up("album", amount)


def test_settling_what_nobody_reserved_is_refused(ledger):
    with pytest.raises(UnknownEventError, match="nobody-knows") as caught:
        ledger.settle("nobody-knows", 1)
    assert isinstance(caught.value, PermanentError)


def test_reservation_of_a_dead_run_comes_back_after_a_day(catalogue, ledger):
    ledger.top_up("album", 1_000_000)
    for event in ("dead", "alive"):
        ledger.reserve("album", event, 300_000, SHOT)
    old = datetime.now(UTC) - timedelta(hours=25)
    with catalogue.session() as session:
        session.execute(update(Entry).where(Entry.event_id == "dead").values(begun_at=old))
    assert ledger.release_stale() == ("dead",)
    assert ledger.release_stale() == ()
    assert ledger.balance("album") == 700_000
    # It was alive after all.
    ledger.settle("dead", 300_000)
    assert ledger.balance("album") == 400_000


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
