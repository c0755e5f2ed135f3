"""Run one flow in this process: against the configured Prefect server, or one of our own."""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self, TypeVar

from deployments.local_server import LocalServer, answers, keep_loopback_direct
from deployments.prime import is_primed, prime
from tasks import cancellation
from tasks.errors import MissingDependencyError, RunCancelledError, TransientError
from tasks.media import workers
from tasks.settings import Settings

Result = TypeVar("Result")

_STOPPING = (signal.SIGINT, signal.SIGTERM)
# Longest wait for a configured server's first answer, seconds.
_ANSWER_S = 15.0
# Longest wait for queued logs and events at the end of a run.
_DRAIN_S = 5.0
# What every worker process needs before its first frame.
_PRELOAD = (
    "tasks.rendering.backends.procedural.renderer",
    "tasks.assembly.segments",
)


class Engine:
    """Server and worker processes; both start at once, so that checks overlap with them."""

    def __init__(self, settings: Settings, *, pictures: bool) -> None:
        """Start what the run will need.

        Args:
            settings: Home folder, number of workers, time-outs.
            pictures: Whether the run renders, so that worker processes are worth starting.
        """
        self._settings = settings
        self._pictures = pictures
        self._server: LocalServer | None = None
        os.environ.setdefault("DO_NOT_TRACK", "1")
        os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")
        keep_loopback_direct()
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
        if settings.prefect_api_url:
            os.environ["PREFECT_API_URL"] = settings.prefect_api_url
        else:
            self._server = LocalServer(settings.home_path)
        if pictures:
            workers.start(settings.workers, preload=_PRELOAD)

    @property
    def server(self) -> str:
        """Which Prefect server this run uses, for people."""
        return self._settings.prefect_api_url or "embedded"

    def __enter__(self) -> Self:
        """Take over Ctrl-C and termination, so that children stop at their next frame."""
        self._handlers = {number: signal.signal(number, self._on_signal) for number in _STOPPING}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Stop children and server; a second Ctrl-C does not interrupt that."""
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        workers.stop()
        if self._server is not None:
            self._server.stop()
            os.environ.pop("PREFECT_API_URL", None)
        cancellation.clear()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def run(self, flow: Callable[[], Result]) -> Result:
        """Wait for the server and run a flow.

        Args:
            flow: Imports and calls the flow; Prefect is first imported in there.

        Raises:
            RunCancelledError: Somebody stopped the run.
        """
        if self._pictures and not is_primed():
            prime()
        self._wait_for_server()
        import httpx
        from prefect.exceptions import CancelledRun

        try:
            return flow()
        except (KeyboardInterrupt, CancelledRun) as error:
            raise RunCancelledError("stopped; finished clips and segments are kept") from error
        except (httpx.HTTPError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "reach API" not in str(error):
                raise
            raise TransientError(
                f"the {self.server} Prefect server stopped answering ({error}); finished clips "
                "and segments are kept, run again"
            ) from error
        finally:
            _send_what_waits()

    def _wait_for_server(self) -> None:
        """Block until there is a server to talk to.

        Raises:
            MissingDependencyError: There is none.
        """
        if self._server is not None:
            self._server.wait(self._settings.server_timeout_s)
            os.environ["PREFECT_API_URL"] = self._server.api_url
        elif not answers(self.server, timeout_s=_ANSWER_S):
            raise MissingDependencyError(
                f"the Prefect server {self.server} does not answer; start it, or unset "
                "PREFECT_API_URL to use the embedded one"
            )

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        workers.interrupt()
        raise KeyboardInterrupt


def _send_what_waits() -> None:
    """Hand Prefect's queued logs and events to the server while it still answers."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        worker.drain_all(timeout=_DRAIN_S)
