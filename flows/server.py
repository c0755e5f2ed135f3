"""Ask the Prefect server, and go on asking while it restarts."""

import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import httpx

from tasks import cancellation
from tasks.errors import TransientError

log = logging.getLogger(__name__)

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

# How long the server or its database may be away before a film gives up, seconds.
_AWAY_S = 900.0
_POLL_S = 3.0


def patiently(
    request: Callable[Asked, Answer], *args: Asked.args, **options: Asked.kwargs
) -> Answer:
    """Send a request that is safe to send twice until it is answered.

    Raises:
        TransientError: The server stayed away.
        RunCancelledError: Somebody cancelled the run meanwhile.
    """
    begun = time.monotonic()
    while True:
        try:
            return request(*args, **options)
        except httpx.HTTPStatusError as error:
            if error.response.status_code < 500:
                raise
            fault: Exception = error
        except httpx.TransportError as error:
            fault = error
        if time.monotonic() - begun > _AWAY_S:
            raise TransientError(
                f"the Prefect server stayed away for {_AWAY_S / 60:.0f} minutes ({fault!r}); "
                "finished clips are kept, run again"
            ) from fault
        log.warning("the Prefect server does not answer (%r); waiting for it", fault)
        cancellation.wait(_POLL_S)
        cancellation.check()
