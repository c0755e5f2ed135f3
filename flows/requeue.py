"""Which runs go back into their queues, and how often: after a loss, or because a person asked."""

from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Scheduled

# What the dashboard's Retry button, a resumed suspension, and our own re-queueing set.
ASKED_AGAIN = ("AwaitingRetry", "Resuming")
RECOVERING = "Recovering"
# A run whose worker was stopped on purpose; of the type CRASHED, but no sign of a broken run.
STOPPED = "Stopped"
_ENDS = (StateType.FAILED, StateType.CANCELLED, StateType.PAUSED)
# A run that was lost more often than this is broken, not unlucky.
MOST_RECOVERIES = 2


def crash_count(states: Sequence[State]) -> int:
    """How often a run was lost since a person last asked for it.

    Args:
        states: The run's history, in any order.
    """
    history = sorted(states, key=lambda state: state.timestamp)
    asked = [k for k, state in enumerate(history) if state.name in ASKED_AGAIN]
    since = history[asked[-1] :] if asked else history
    return sum(state.type == StateType.CRASHED and state.name != STOPPED for state in since)


def may_recover(states: Sequence[State]) -> bool:
    """Whether a lost run is worth another try."""
    return crash_count(states) <= MOST_RECOVERIES


def recovering(reason: str) -> State[None]:
    """The state that puts a lost run back into its queue."""
    return Scheduled(name=RECOVERING, message=f"put back into its queue: {reason}")


def requeue(client: SyncPrefectClient, run: FlowRun, reason: str) -> bool:
    """Put a lost run back into its queue, unless it was lost too often.

    Returns:
        Whether it was put back.
    """
    if not may_recover(client.read_flow_run_states(run.id)):
        return False
    client.set_flow_run_state(run.id, recovering(reason), force=True)
    return True


def was_asked_again(client: SyncPrefectClient, run_id: UUID) -> bool:
    """Whether this run goes on because a person asked: Retry, or Resume of a suspended run."""
    return asked_again(client.read_flow_run_states(run_id))


def asked_again(states: Sequence[State]) -> bool:
    """Whether a person asked after the run had last come to an end or a halt.

    Args:
        states: The run's history, in any order. What a loss, or the wait for a free slot, put
            between does not count.
    """
    history = sorted(states, key=lambda state: state.timestamp)
    ends = [k for k, state in enumerate(history) if state.type in _ENDS]
    since = history[ends[-1] :] if ends else history
    return any(state.name in ASKED_AGAIN for state in since)
