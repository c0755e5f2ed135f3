"""How a run ended: what that says about the machine, and about the state that the run gets."""

from enum import StrEnum

from prefect.client.schemas.objects import TERMINAL_STATES, State, StateType
from prefect.exceptions import (
    ParameterBindError,
    ParameterTypeError,
    SignatureMismatchError,
)
from prefect.states import Cancelled, Crashed
from pydantic import ValidationError

from flows.requeue import STOPPED
from tasks.errors import (
    BadInputError,
    IncompleteFilmError,
    MissingDependencyError,
    PermanentError,
    RunCancelledError,
)

_FORM_ERRORS = (ParameterBindError, ParameterTypeError, SignatureMismatchError, ValidationError)


class Outcome(StrEnum):
    """How a run ended, as far as its worker is concerned."""

    DONE = "done"
    CANCELLED = "cancelled"
    BAD_INPUT = "bad-input"
    """Failed, and would have failed on every machine."""
    FAILED = "failed"
    ABORTED = "aborted"
    """The server ended or suspended it, and knows."""
    CRASHED = "crashed"
    """Ended without a word: the process died, or was interrupted from outside."""
    STOPPED = "stopped"
    """Its worker was stopped on purpose."""

    @property
    def blames_worker(self) -> bool:
        """Whether the machine, not the request, may be at fault."""
        return self in (Outcome.FAILED, Outcome.CRASHED)


def outcome_of(error: BaseException) -> Outcome:
    """What an error that ended a flow says about the machine that ran it.

    Args:
        error: As the flow raised it.
    """
    if isinstance(error, RunCancelledError):
        return Outcome.CANCELLED
    # A film without all its shots is the fault of those who render shots.
    if isinstance(error, (BadInputError, IncompleteFilmError, *_FORM_ERRORS)):
        return Outcome.BAD_INPUT
    if isinstance(error, PermanentError) and not isinstance(error, MissingDependencyError):
        return Outcome.BAD_INPUT
    return Outcome.FAILED if isinstance(error, Exception) else Outcome.CRASHED


def state_after(outcome: Outcome, current: StateType | None, told: str) -> State | None:
    """The state that a worker has to set after a run; none when the run's own is right.

    Args:
        outcome: How it ended.
        current: The type of state that the server has for it.
        told: What happened, for people.
    """
    if current == StateType.SCHEDULED:
        # Somebody pressed Retry the moment it ended: that must not be undone.
        return None
    cancelled = current == StateType.CANCELLING or outcome is Outcome.CANCELLED
    # A flow that stopped because it was asked to may call that a failure.
    failed_by_request = outcome is Outcome.CANCELLED and current == StateType.FAILED
    if current in TERMINAL_STATES and not failed_by_request:
        return None
    if cancelled:
        return Cancelled(message=f"cancelled; {told}")
    if outcome in (Outcome.DONE, Outcome.ABORTED):
        return None
    if outcome is Outcome.STOPPED:
        return Crashed(name=STOPPED, message=told)
    return Crashed(message=told)
