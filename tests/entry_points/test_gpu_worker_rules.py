"""What the warm worker decides: whom it lets in, when it pauses, how a run's end is told."""

import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import ParameterTypeError

from deployments.gpu_worker.breaker import Breaker
from deployments.gpu_worker.devices import choose_devices
from deployments.gpu_worker.engine import Desk
from deployments.gpu_worker.job import SongfilmConfiguration, SongfilmVariables
from deployments.gpu_worker.outcome import Outcome, outcome_of, state_after
from deployments.gpu_worker.permission import (
    allowed_prefixes,
    entrypoint_refusal,
    preload_refusal,
    split_environment,
)
from deployments.gpu_worker.recovery import engine_mark, is_orphan
from deployments.gpu_worker.worker import SongfilmWorker
from flows.requeue import STOPPED, crash_count, may_recover
from tasks import cancellation
from tasks.errors import (
    BadInputError,
    IncompleteFilmError,
    MissingDependencyError,
    PermanentError,
    RunCancelledError,
    TransientError,
)

OURS = allowed_prefixes("flows.")


@pytest.mark.parametrize("entrypoint", ["flows.render_shot.render_shot", "flows.a.b.c"])
def test_own_flow_is_let_in(entrypoint):
    assert entrypoint_refusal(entrypoint, pull_steps=False, prefixes=OURS) is None


@pytest.mark.parametrize(
    "entrypoint",
    [
        None,
        "",
        "flows.",
        "os.system",
        "flowsy.evil.main",
        "flows/../evil.py:main",
        "flows.evil:main",
        "flows.a.b; import os",
        "flows.a.b\n",
        "xflows.a.b",
    ],
)
def test_foreign_flow_is_refused(entrypoint):
    assert entrypoint_refusal(entrypoint, pull_steps=False, prefixes=OURS)


def test_pull_steps_are_refused():
    assert entrypoint_refusal("flows.a.b", pull_steps=True, prefixes=OURS)


def test_prefixes_end_at_a_dot_and_nothing_listed_lets_nothing_in():
    assert allowed_prefixes(" flows, studio_flows. ,") == ("flows.", "studio_flows.")
    assert entrypoint_refusal("flows.a.b", pull_steps=False, prefixes=allowed_prefixes(""))


@pytest.mark.parametrize("name", ["os:abort", "tasks.media.workers", "tasksy:a", "tasks.a:b.c"])
def test_foreign_preload_is_refused(name):
    assert name in preload_refusal([name], prefixes=OURS)


def test_room_and_flow_may_be_preloaded():
    wanted = ["tasks.rendering.backends.mochi.renderer:load", "flows.render_shot:warm"]
    assert preload_refusal(wanted, prefixes=OURS) is None


def test_variables_that_choose_code_are_left_out():
    kept = {"SONGFILM_STORE": "s3://films", "PREFECT_LOGGING_LEVEL": "DEBUG"}
    evil = dict.fromkeys(
        ("PYTHONPATH", "PYTHONSTARTUP", "PATH", "LD_PRELOAD", "SONGFILM_ENTRYPOINTS"), "x"
    )
    passed, refused = split_environment({**kept, **evil})
    assert passed == kept
    assert set(refused) == set(evil)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (BadInputError("song"), Outcome.BAD_INPUT),
        (PermanentError("recipe"), Outcome.BAD_INPUT),
        (ParameterTypeError("form"), Outcome.BAD_INPUT),
        (IncompleteFilmError("shots"), Outcome.BAD_INPUT),
        (MissingDependencyError("weights"), Outcome.FAILED),
        (TransientError("card"), Outcome.FAILED),
        (ValueError("bug"), Outcome.FAILED),
        (RunCancelledError("stop"), Outcome.CANCELLED),
        (SystemExit(1), Outcome.CRASHED),
    ],
)
def test_error_tells_whether_the_machine_is_to_blame(error, outcome):
    assert outcome_of(error) is outcome


@pytest.mark.parametrize(
    ("outcome", "current", "wanted"),
    [
        (Outcome.CRASHED, StateType.RUNNING, StateType.CRASHED),
        (Outcome.CRASHED, StateType.COMPLETED, None),
        (Outcome.CRASHED, StateType.CANCELLING, StateType.CANCELLED),
        (Outcome.CANCELLED, StateType.FAILED, StateType.CANCELLED),
        (Outcome.CANCELLED, StateType.CANCELLED, None),
        (Outcome.FAILED, StateType.FAILED, None),
        (Outcome.FAILED, StateType.PENDING, StateType.CRASHED),
        (Outcome.ABORTED, StateType.PAUSED, None),
        (Outcome.ABORTED, StateType.CANCELLING, StateType.CANCELLED),
        (Outcome.STOPPED, StateType.RUNNING, StateType.CRASHED),
        (Outcome.STOPPED, StateType.CANCELLING, StateType.CANCELLED),
        (Outcome.STOPPED, StateType.COMPLETED, None),
        # Retry was pressed before the worker had put the first attempt away.
        (Outcome.CANCELLED, StateType.SCHEDULED, None),
        (Outcome.CRASHED, StateType.SCHEDULED, None),
    ],
)
def test_run_ends_in_the_right_state(outcome, current, wanted):
    state = state_after(outcome, current, "told")
    assert (state and state.type) == wanted


def test_stop_on_purpose_is_no_crash():
    assert state_after(Outcome.STOPPED, StateType.RUNNING, "told").name == STOPPED
    assert not Outcome.STOPPED.blames_worker


def count(breaker, outcome, now):
    return breaker.record(outcome, limit=2, pause_s=10, now=now)


def test_breaker_opens_after_failures_in_a_row_and_tries_one():
    breaker = Breaker()
    assert not count(breaker, Outcome.FAILED, 0)
    assert not count(breaker, Outcome.DONE, 1)
    assert not count(breaker, Outcome.CRASHED, 2)
    assert not count(breaker, Outcome.BAD_INPUT, 3)
    assert breaker.room(2, busy=0, now=3) == 2
    assert count(breaker, Outcome.FAILED, 4)
    assert breaker.is_open(13)
    assert breaker.room(2, busy=0, now=13) == 0
    assert breaker.room(2, busy=0, now=14) == 1
    assert breaker.room(2, busy=1, now=14) == 0, "one try at a time"
    assert count(breaker, Outcome.FAILED, 15), "a failed try opens it again at once"
    assert breaker.is_open(24)
    assert not count(breaker, Outcome.DONE, 26)
    assert breaker.room(2, busy=0, now=26) == 2


def test_breaker_that_is_open_does_not_open_again_for_runs_still_under_way():
    breaker = Breaker()
    assert [count(breaker, Outcome.FAILED, now) for now in (0, 1, 2)] == [False, True, False]
    assert not breaker.is_open(11)


def test_breaker_without_a_limit_never_opens():
    breaker = Breaker()
    opened = [breaker.record(Outcome.FAILED, limit=0, pause_s=9, now=k) for k in range(9)]
    assert not any(opened)


CARDS = "0, GPU-aa, NVIDIA H200\n1, GPU-bb, NVIDIA GeForce RTX 4090\n"


def test_engines_see_the_visible_cards_in_order():
    assert [d.visible_as for d in choose_devices(CARDS, None)] == ["0", "1"]
    assert [d.tag for d in choose_devices(CARDS, "GPU-bb,0")] == [
        "gpu:nvidia-geforce-rtx-4090",
        "gpu:nvidia-h200",
    ]
    assert choose_devices(CARDS, "") == choose_devices(CARDS, "-1") == ()
    assert choose_devices("", None) == ()


def orphan(mark, *living, alone=True):
    return is_orphan(mark, worker="gpu:1", alone=alone, lives=lambda pid: pid in living)


def test_orphan_is_a_run_of_this_name_whose_engine_is_gone():
    mark = engine_mark("gpu:1", 4711)
    assert orphan(mark)
    assert orphan(mark, alone=False)
    assert not orphan(mark, 4711)
    for other in (None, "", "gpu:1", "4711", "gpu:2:4711@here", "gpu:1:x@here", "gpu:1:7"):
        assert not orphan(other)


def test_run_of_another_machine_is_an_orphan_only_if_no_worker_there_has_this_name():
    elsewhere = engine_mark("gpu:1", 4711).replace(socket.gethostname(), "far-away")
    assert orphan(elsewhere, 4711)
    assert not orphan(elsewhere, alone=False)


def history(*states):
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        State(type=kind, name=name, timestamp=begun + timedelta(seconds=k))
        for k, (kind, name) in enumerate(states)
    ]


def test_crashes_count_since_a_person_last_asked():
    crashed = (StateType.CRASHED, "Crashed")
    asked = (StateType.SCHEDULED, "AwaitingRetry")
    again = (StateType.SCHEDULED, "Recovering")
    assert crash_count(history(crashed, again, crashed)) == 2
    assert crash_count(history(crashed, again, crashed, asked, crashed)) == 1
    assert may_recover(history(crashed, again, crashed))
    assert not may_recover(history(crashed, again, crashed, again, crashed))


@pytest.fixture
def desk():
    yield Desk()
    cancellation.clear()


def stops():
    try:
        cancellation.check()
    except RunCancelledError:
        return True
    return False


def test_cancel_meets_the_run_that_it_names_and_no_other(desk):
    desk.read(['{"run": "a"}', '{"cancel": "b"}'])
    assert not stops()
    desk.read(['{"cancel": "a"}'])
    assert stops()
    desk.finish("a")
    desk.read(['{"run": "b"}'])
    assert not stops(), "a fresh run starts with a clean flag"
    desk.read(['{"cancel": "a"}'])
    assert not stops()
    desk.finish("b")
    desk.read(['{"cancel": "b"}'])
    assert not stops(), "nothing is left to cancel"


def test_end_of_a_run_told_late_does_not_hide_the_next(desk):
    desk.read(['{"run": "a"}', '{"run": "b"}'])
    desk.finish("a")
    desk.read(['{"cancel": "b"}'])
    assert stops()


def test_desk_hands_out_runs_until_the_pipe_ends(desk):
    thread = threading.Thread(target=desk.read, args=(['{"run": "a"}', '{"run": "b"}'],))
    thread.start()
    assert [request["run"] for request in desk.requests()] == ["a", "b"]
    thread.join()


def test_form_and_job_have_the_same_variables_and_defaults():
    template = SongfilmWorker.get_default_base_job_template()
    shown = template["variables"]["properties"]
    assert set(shown) == set(template["job_configuration"])
    for name in set(SongfilmVariables.model_fields) - {"name", "env", "labels", "command"}:
        assert shown[name]["description"]
        form, job = SongfilmVariables.model_fields[name], SongfilmConfiguration.model_fields[name]
        assert form.get_default(call_default_factory=True) == job.get_default(
            call_default_factory=True
        )


def test_worker_is_registered_and_light():
    """Prefect imports it in every command and in its server."""
    code = (
        "import sys; from prefect.plugins import load_prefect_collections as load; "
        "loaded = load()['songfilm']; assert loaded.SongfilmWorker.type == 'songfilm-gpu'; "
        "heavy = {'numba', 'librosa', 'scipy', 'torch', 'av'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
