"""Calls in children and in this process; both can be interrupted and go on to other work."""

import os
import subprocess
import sys
import threading
import time

import pytest
from support.calls import die, spin, wait_long, who

from tasks.errors import RunCancelledError, TransientError
from tasks.media import workers


@pytest.fixture
def two_children():
    workers.start(2)
    yield
    workers.stop()
    workers.resume()


def test_interrupted_children_are_replaced(two_children):
    before, _ = workers.run(who)
    stopped = []

    def work():
        with pytest.raises(RunCancelledError):
            workers.run(wait_long)
        stopped.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    workers.interrupt()
    thread.join(10)
    assert stopped
    with pytest.raises(RunCancelledError):
        workers.run(who)
    workers.resume()
    after = {workers.run(who)[0] for _ in range(4)}
    assert before not in after
    assert os.getpid() not in after


def test_child_that_died_is_replaced(two_children):
    with pytest.raises(TransientError, match="die"):
        workers.run(die)
    assert workers.run(who)[0] != os.getpid()


def test_children_are_expendable_and_this_process_is_not(two_children):
    with pytest.raises(TransientError, match="one picture"):
        workers.run(spin, 0.1)
    spin(0.1)


def test_staying_here_runs_one_call_at_a_time_in_this_process():
    """In a process of its own: it is for good."""
    code = """
import os, threading, time
from tasks import cancellation
from tasks.errors import RunCancelledError
from tasks.media import workers

running, most = [], []
def call():
    running.append(1); most.append(len(running)); time.sleep(0.05); running.pop()
    return os.getpid()

workers.stay_here()
workers.start(4)
threads = [threading.Thread(target=workers.run, args=(call,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
pid, cpu = workers.run(call)
assert pid == os.getpid() and cpu >= 0 and max(most) == 1 and workers.pool_size() == 1
_, cpu = workers.run(sum, range(3_000_000))
assert cpu > 0.01, cpu
workers.interrupt()
try:
    workers.run(call)
    raise SystemExit("not stopped")
except RunCancelledError:
    workers.resume()
assert workers.run(call)[0] == os.getpid()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
