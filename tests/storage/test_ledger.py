"""What is spent is written down once, and no credit is spent twice."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from support.books import SHOT, entry, sums

from tasks.errors import BadInputError, PermanentError
from tasks.storage.catalogue.accounts import InsufficientCreditError, UnknownEventError
from tasks.storage.catalogue.ledger import Ledger, paid_for
from tasks.storage.catalogue.tables import Entry
from tasks.storage.purchase import overdraft


@pytest.fixture
def ledger(catalogue):
    return Ledger(catalogue)


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
