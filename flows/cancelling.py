"""How a flow ends when somebody asked it to stop."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from prefect.states import Cancelled

from tasks.errors import RunCancelledError

Options = ParamSpec("Options")
Result = TypeVar("Result")


def cancellable(function: Callable[Options, Result]) -> Callable[Options, Result]:
    """Let a flow that was asked to stop end as Cancelled instead of Failed."""

    @wraps(function)
    def stopping(*args: Options.args, **options: Options.kwargs) -> Result:
        try:
            return function(*args, **options)
        except RunCancelledError as error:
            # Prefect takes a returned state as the end of the run.
            return cast(Result, Cancelled(message=str(error)))

    return stopping
