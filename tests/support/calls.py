"""Functions that tests run in worker processes, which cannot import test files."""

import os
import time

from tasks import cancellation
from tasks.media.confine import cpu_bound


def who() -> int:
    return os.getpid()


def wait_long() -> None:
    while True:
        time.sleep(0.01)
        cancellation.check()


def die() -> None:
    os._exit(3)


def spin(seconds: float) -> None:
    """Work for four times as long as a step may take."""
    with cpu_bound(seconds):
        begun = time.process_time()
        while time.process_time() - begun < 4 * seconds:
            pass
