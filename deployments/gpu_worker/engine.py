"""The resident engine: runs the flow runs that its worker hands over, one after another.

Requests come in on standard input and answers go out on a pipe, a line of JSON each. Python,
Prefect and whatever `preload` loaded stay between runs. A request to cancel names its run, so that
it can never meet the next one. The engine, its children and theirs end with their worker, however
that ends: a small guard process waits for the end of a pipe that only the worker holds.

Run by the worker as ``python -m deployments.gpu_worker.engine``.
"""

import argparse
import asyncio
import ctypes
import importlib
import inspect
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

from tasks.media import workers

# prctl's "send me this signal when my parent dies".
_PR_SET_PDEATHSIG = 1


class Desk:
    """Where requests arrive; knows which run is being worked on."""

    def __init__(self) -> None:
        """Start with nothing to do."""
        self._lock = threading.Lock()
        self._current: str | None = None
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def read(self, lines: Iterable[str]) -> None:
        """Take requests until there are no more; runs in a thread of its own.

        Args:
            lines: JSON objects: a run with its entrypoint and environment, or ``cancel`` and the
                id of a run.
        """
        for line in lines:
            message = json.loads(line)
            with self._lock:
                if "cancel" not in message:
                    workers.resume()
                    self._current = message["run"]
                    self._waiting.put(message)
                elif message["cancel"] == self._current:
                    workers.interrupt()
        self._waiting.put(None)

    def requests(self) -> Iterator[dict[str, Any]]:
        """Runs to work on, until the worker closes the pipe."""
        while (message := self._waiting.get()) is not None:
            yield message

    def finish(self, run: str) -> None:
        """Note that a run is over: from now on nothing can cancel it.

        Args:
            run: Its id.
        """
        with self._lock:
            if self._current == run:
                self._current = None


def serve(desk: Desk, replies: IO[str], *, brief: bool) -> None:
    """Work on runs until there are no more.

    Args:
        desk: Where they arrive.
        replies: Gets a JSON line for each: the run, its outcome, and the error if there was one.
        brief: Whether the runs are short; see `_run_flow`.
    """
    from prefect.context import SyncClientContext
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    # One client for all runs: each new one costs a TLS context and a look at the server's version.
    # Heartbeats are the worker's: the flow engine's thread for them holds every run for a second.
    silent = temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})
    with silent, SyncClientContext.get_or_create():
        for request in desk.requests():
            reply = {"run": request["run"], **_execute(request, brief=brief)}
            desk.finish(request["run"])
            print(json.dumps(reply), file=replies, flush=True)


def _execute(request: dict[str, Any], *, brief: bool) -> dict[str, str]:
    """One flow run from start to end; whatever happens in it ends here."""
    from prefect.exceptions import Abort, CancelledRun, Pause

    from deployments.gpu_worker.outcome import Outcome, outcome_of

    try:
        with _surroundings(request["env"]):
            _run_flow(request["run"], request["entrypoint"], brief=brief)
    except (Abort, Pause) as error:
        return {"outcome": Outcome.ABORTED, "error": str(error)}
    except CancelledRun as error:
        return {"outcome": Outcome.CANCELLED, "error": str(error)}
    # Whatever it is, the engine must live on; the worker is told, and sets the state if none is.
    except BaseException as error:  # noqa: BLE001
        outcome = outcome_of(error)
        if outcome.blames_worker:
            traceback.print_exc()
        return {"outcome": outcome, "error": f"{type(error).__name__}: {error}"}
    return {"outcome": Outcome.DONE}


def _run_flow(run_id: str, entrypoint: str, *, brief: bool) -> None:
    """Import the flow (once a process) and run it.

    A brief run that somebody suspends goes on to its end: Prefect's way to hear of that costs each
    run a thread, a TLS context and a websocket, nearly half of what a small shot costs here.
    """
    from prefect.client.orchestration import get_client
    from prefect.exceptions import CancelledRun
    from prefect.flow_engine import run_flow

    module, _, name = entrypoint.rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    run = get_client(sync_client=True).read_flow_run(UUID(run_id))
    if run.state is not None and (run.state.is_cancelling() or run.state.is_cancelled()):
        # To begin now would overwrite that.
        raise CancelledRun("cancelled before it began")
    if brief:
        # The flow engine listens for deployments' runs only; it reads the run again for the flow.
        run.deployment_id = None
    result = run_flow(flow, flow_run=run)
    if inspect.iscoroutine(result):
        asyncio.run(result)


@contextmanager
def _surroundings(environment: dict[str, str]) -> Iterator[None]:
    """The run's variables and folder, taken back afterwards."""
    before = {name: os.environ.get(name) for name in environment}
    folder = os.getcwd()  # noqa: PTH109  (a deleted folder has no Path)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(folder)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _end_with_worker(worker_pid: int, lifeline: int) -> None:
    """See to it that neither this process nor its children outlive the worker."""
    if os.fork() == 0:
        _guard(lifeline)
    os.close(lifeline)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != worker_pid:
        os.killpg(0, signal.SIGKILL)


def _guard(lifeline: int) -> None:
    """Wait until the worker is gone, then end the whole process group."""
    held = os.dup2(lifeline, 3) if lifeline != 3 else lifeline
    os.closerange(held + 1, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.read(held, 1)
    os.killpg(0, signal.SIGKILL)


def _take_standard_input() -> IO[str]:
    """The requests, out of reach of children: those find an empty standard input."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return requests


def _prepare(preload: Iterable[str], processes: int | None) -> None:
    """Load what every run needs."""
    importlib.import_module("prefect.flow_engine")
    if processes == 0:
        workers.stay_here()
    else:
        workers.start(processes)
    for name in preload:
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()


def main() -> None:
    """Get ready, say so, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", type=int, required=True)
    parser.add_argument("--replies", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--preload", action="append", default=[])
    options = parser.parse_args()
    _end_with_worker(options.worker, options.lifeline)
    os.set_inheritable(options.replies, False)
    requests, replies = _take_standard_input(), os.fdopen(options.replies, "w", encoding="utf-8")
    _prepare(options.preload, options.processes)
    print(json.dumps({"ready": True}), file=replies, flush=True)
    desk = Desk()
    threading.Thread(target=desk.read, args=(requests,), daemon=True).start()
    # Shots and segments are made in the engine itself; films have processes, and may be suspended.
    serve(desk, replies, brief=options.processes == 0)
    workers.stop()


if __name__ == "__main__":
    main()
