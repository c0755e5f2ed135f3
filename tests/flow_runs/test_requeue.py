"""A lost run is put back a few times; what a person asked for starts the count anew."""

from datetime import UTC, datetime, timedelta

import pytest
from prefect.states import (
    AwaitingConcurrencySlot,
    AwaitingRetry,
    Cancelled,
    Crashed,
    Failed,
    Pending,
    Running,
)

from flows.requeue import (
    MOST_RECOVERIES,
    STOPPED,
    asked_again,
    crash_count,
    may_recover,
    recovering,
)


def history(*states):
    """States a second apart, handed over in no particular order."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    timed = [
        state.model_copy(update={"timestamp": begun + timedelta(seconds=second)})
        for second, state in enumerate(states)
    ]
    return timed[::-1]


@pytest.mark.parametrize("crashes", range(MOST_RECOVERIES + 2))
def test_run_is_put_back_only_so_often(crashes):
    lost = [state for _ in range(crashes) for state in (recovering("lost"), Running(), Crashed())]
    states = history(Pending(), Running(), *lost)
    assert crash_count(states) == crashes
    assert may_recover(states) == (crashes <= MOST_RECOVERIES)


def test_failures_are_no_crashes():
    assert crash_count(history(Running(), Failed(), recovering("x"), Running(), Failed())) == 0


def test_persons_retry_starts_the_count_anew():
    lost = [state for _ in range(3) for state in (Running(), Crashed())]
    assert crash_count(history(*lost, AwaitingRetry(), Running(), Crashed())) == 1


def test_farm_that_is_taken_down_often_breaks_no_run():
    stopped = [state for _ in range(5) for state in (Running(), Crashed(name=STOPPED))]
    assert crash_count(history(*stopped, Running(), Crashed())) == 1


def test_person_asked_again_whatever_came_between():
    assert asked_again(history(Running(), Failed(), AwaitingRetry(), Pending(), Running()))
    assert asked_again(
        history(Failed(), AwaitingRetry(), AwaitingConcurrencySlot(), Pending(), Running())
    )
    assert asked_again(history(Failed(), AwaitingRetry(), Crashed(), recovering("x"), Running()))
    assert asked_again(history(Cancelled(), AwaitingRetry(), Running()))


def test_nobody_asked_again():
    assert not asked_again(history(Pending(), Running()))
    assert not asked_again(history(Running(), Crashed(), recovering("lost"), Running()))
    assert not asked_again(history(Failed(), AwaitingRetry(), Running(), Failed()))
