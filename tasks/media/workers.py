"""Spawned child processes, one a core, that run the rooms' pure functions.

Spawned, never forked: Prefect's threads and a fork do not mix. Children import no Prefect, die
with their parent, and stop at the next frame when they are asked to. A process that stays for many
runs may do without children (`stay_here`), so that what it loaded stays loaded.
"""

import atexit
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import FrameType
from typing import Any, TypeVar

from tasks import cancellation
from tasks.errors import TransientError
from tasks.media.confine import expend

Result = TypeVar("Result")

# How often a child looks whether its parent still lives, seconds.
_WATCH_S = 0.5

_lock = threading.Lock()
_pool: ProcessPoolExecutor | None = None
_size = 0
_slots = threading.BoundedSemaphore(1)
_here = False
_interrupted = False


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool_size() -> int:
    """How many calls run at once."""
    return _size or available_cores()


def start(size: int | None = None, *, preload: Sequence[str] = ()) -> None:
    """Start the children now, so that their imports overlap with other work.

    Args:
        size: Number of children; one a core when empty.
        preload: Modules that every child imports at once.
    """
    if _here:
        return
    pool = _shared(size or available_cores())
    # Children inherit this until they set their own: an early Ctrl-C is not theirs.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _ in range(_size):
        pool.submit(_preload, tuple(preload))
    signal.signal(signal.SIGINT, before)


def stay_here() -> None:
    """From now on run every call in this process, one at a time, and start no children.

    For a process that runs one job after another: kernels and models stay loaded between them.
    """
    global _here, _size, _slots
    stop()
    # Read when numba is first imported: engines side by side share the cores, as children do.
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    with _lock:
        _here, _size, _slots = True, 1, threading.BoundedSemaphore(1)


def run(function: Callable[..., Result], /, *args: Any, **options: Any) -> tuple[Result, float]:
    """Run a module-level function in a child (or here, see `stay_here`) and wait for it.

    Returns:
        Its result, and the CPU seconds that it took.

    Raises:
        TransientError: The child died (killed, or out of memory).
    """
    if _here:
        with _slots:
            cancellation.check()
            return _timed(function, args, options)
    pool = _shared(_size or available_cores())
    try:
        # One call a child: a crash then takes only the calls that were running.
        with _slots:
            cancellation.check()
            return pool.submit(_timed, function, args, options).result()
    except (BrokenProcessPool, CancelledError) as error:
        cancellation.check()
        _forget(pool)
        raise TransientError(
            f"a worker process died while running {function.__name__}; "
            "finished work is kept, run again (is there enough memory? does one picture of a clip "
            "take minutes?)"
        ) from error


def interrupt() -> None:
    """Ask the work to stop at the next frame; safe in a signal handler and in any thread."""
    global _interrupted
    _interrupted = True
    cancellation.request()
    if _pool is not None:
        _terminate(_pool)


def resume() -> None:
    """Make this process fit for other work after `interrupt`: the next call gets fresh children."""
    global _pool, _interrupted
    with _lock:
        # Children that were asked to stop never forget it, and idle ones have left.
        pool, _pool = (_pool, None) if _interrupted else (None, _pool)
        _interrupted = False
    cancellation.clear()
    if pool is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def stop() -> None:
    """Ask the children to stop at the next frame and wait for them."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        _terminate(pool)
        pool.shutdown(wait=True, cancel_futures=True)


def _shared(size: int) -> ProcessPoolExecutor:
    """The one pool of this process."""
    global _pool, _size, _slots
    with _lock:
        if _pool is None:
            if size != _size:
                _size, _slots = size, threading.BoundedSemaphore(size)
            _pool = ProcessPoolExecutor(
                size,
                mp_context=get_context("spawn"),
                initializer=_begin_child,
                initargs=(os.getpid(),),
            )
            atexit.unregister(stop)
            atexit.register(stop)
        return _pool


def _forget(pool: ProcessPoolExecutor) -> None:
    """Let the next call make a fresh pool after a crash."""
    global _pool
    with _lock:
        if _pool is pool:
            _pool = None


def _terminate(pool: ProcessPoolExecutor) -> None:
    """Send the stop signal to the children; those at work leave at the next check."""
    for process in list((pool._processes or {}).values()):
        if process.is_alive():
            process.terminate()


def _begin_child(parent_pid: int) -> None:
    """Set up a fresh child: Ctrl-C is the parent's business, SIGTERM means leave soon."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _on_terminate)
    os.environ["NUMBA_NUM_THREADS"] = "1"
    expend()
    threading.Thread(target=_die_with, args=(parent_pid,), daemon=True).start()


def _on_terminate(_signal: int, _frame: FrameType | None) -> None:
    cancellation.request()
    if _idle.is_set():
        os._exit(0)
    threading.Thread(target=_leave_soon, daemon=True).start()


def _leave_soon() -> None:
    """Leave after the work at hand: a pool that lost one child waits for all others to end."""
    _idle.wait()
    time.sleep(_WATCH_S)  # the result is on its way
    os._exit(0)


def _die_with(parent_pid: int) -> None:
    """Leave at once when the parent is gone, even if it was killed."""
    while os.getppid() == parent_pid:
        time.sleep(_WATCH_S)
    os._exit(1)


_idle = threading.Event()
_idle.set()


def _timed(
    function: Callable[..., Result], args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Result, float]:
    """Run in the child and count its CPU."""
    _idle.clear()
    begun = time.process_time()
    try:
        return function(*args, **options), time.process_time() - begun
    finally:
        _idle.set()


def _preload(modules: Sequence[str]) -> None:
    for module in modules:
        importlib.import_module(module)
