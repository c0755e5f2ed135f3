"""Functions that tests run in worker processes, which cannot import test files."""

import os
import time

from tasks import cancellation


def who() -> int:
    return os.getpid()


def wait_long() -> None:
    while True:
        time.sleep(0.01)
        cancellation.check()


def die() -> None:
    os._exit(3)
