"""Notifications from a real Prefect server: automation, studio, mails, and what goes wrong."""

import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
import uuid

import httpx
import pytest
from pydantic import SecretStr
from support.farm import free_port
from support.mailbox import Hook, Mailbox, open_server
from support.songs import write_click_song

from deployments import automations
from deployments.farm.client import open_client
from deployments.notifications import notifications
from deployments.studio.catch_up import CatchUp, automation_name
from deployments.studio.notice import FAILED, FINISHED
from deployments.studio.outbox import Outbox
from deployments.studio.shelf import Shelf
from tasks.settings import Settings
from tasks.storage import open_store

pytestmark = pytest.mark.services

SECRET = "a secret that nobody guesses"
EMIT = """
import sys
from prefect import flow
from prefect.events import emit_event

@flow(name="a-film")
def film(event, run, payload):
    emit_event(event=event, payload=payload, resource={
        "prefect.resource.id": f"songfilm.film.{run}", "prefect.resource.name": "demo song"})

film(sys.argv[1], sys.argv[2], {"title": "demo song", "status": "degraded", "message": "3:14."})
"""


@pytest.fixture
def mailbox():
    with open_server(Mailbox()) as server:
        yield server


@pytest.fixture
def hook():
    with open_server(Hook()) as server:
        yield server


@pytest.fixture
def wired(farm, tmp_path, mailbox, hook):
    """Settings of a studio of this test's own, which the farm's automations call."""
    made = Settings(
        home=tmp_path / "home",
        store=farm.store,
        secret=SecretStr(SECRET),
        studio_port=free_port(),
        smtp_url=SecretStr(f"smtp://127.0.0.1:{mailbox.port}"),
        notify_from="films@example.org",
        notify_to="ann@example.org",
        notify_webhook=SecretStr(hook.url),
        PREFECT_API_URL=farm.api_url,
        _env_file=None,
    )
    with open_client(farm.api_url, None) as client:
        automations.apply(client, notifications(made))
    return made


@contextlib.contextmanager
def studio(wired):
    """`python -m deployments.studio`, until the end of the block."""
    told = {
        "SONGFILM_HOME": str(wired.home),
        "SONGFILM_STORE": wired.store,
        "SONGFILM_SECRET": SECRET,
        "SONGFILM_STUDIO_PORT": str(wired.studio_port),
        "SONGFILM_SMTP_URL": wired.smtp_url.get_secret_value(),
        "SONGFILM_NOTIFY_FROM": wired.notify_from,
        "SONGFILM_NOTIFY_TO": wired.notify_to,
        "SONGFILM_NOTIFY_WEBHOOK": wired.notify_webhook.get_secret_value(),
        "PREFECT_API_URL": wired.prefect_api_url,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "deployments.studio"], env={**os.environ, **told}
    )
    try:
        until(lambda: _healthy(wired.studio_port), timeout_s=30)
        yield process
    finally:
        process.terminate()
        assert process.wait(15) in (0, -15)


def _healthy(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def emit(farm, event, run):
    """What a flow does at its end, in a process of its own."""
    subprocess.run(
        [sys.executable, "-c", EMIT, event, run],
        env={**os.environ, "PREFECT_API_URL": farm.api_url},
        check=True,
        timeout=120,
    )


@pytest.fixture
def actions(farm):
    """Payloads of the actions that Prefect says it executed, or failed to, since the test began."""
    began = dt.datetime.now(dt.UTC).isoformat()

    def look(outcome, event):
        names = {"name": [f"prefect.automation.action.{outcome}"]}
        asked = {"filter": {"event": names, "occurred": {"since": began}}, "limit": 50}
        found = farm.post("events/filter", asked)["events"]
        name = automation_name(event)
        return [e["payload"] for e in found if e["resource"]["prefect.resource.name"] == name]

    return look


def until(condition, timeout_s=30.0):
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


def test_real_films_become_mails_and_webhooks(farm, wired, mailbox, hook, desk, actions):
    song = write_click_song(farm.home / "told song.wav", 8.0)
    with studio(wired), farm.staffed("films", "cpu", **desk.environment):
        run = farm.film(song, seed=801)
        good, told = mailbox.next(90), hook.next(10)[1]
        page = httpx.get(told["film_url"], trust_env=False)
        desk.fail("shot_001")
        broken = farm.film(song, seed=802)
        bad, sad = mailbox.next(90), hook.next(10)[1]
        executed = until(lambda: actions("executed", FINISHED))
        executed += until(lambda: actions("executed", FAILED))
    assert good["subject"] == "Your film “told song” is finished"
    assert (told["event"], told["status"]) == (FINISHED, "complete")
    assert told["run_id"] == told["flow_run_id"] == run
    assert page.status_code == 200
    assert "told song" in page.text
    assert bad["subject"] == "Your film “told song” could not be finished"
    text = bad.get_body(("plain",)).get_content()
    assert "shot_001" in text
    assert f"{farm.api_url.removesuffix('/api')}/runs/flow-run/{broken}" in text
    assert (sad["event"], sad["failed_shots"]) == (FAILED, ["shot_001"])
    assert sad["run_id"] == sad["flow_run_id"] == broken
    assert [action["status_code"] for action in executed] == [202, 202]
    assert mailbox.mails.empty()
    assert hook.posts.empty()


def test_film_that_finished_while_the_studio_was_down_is_told_later(
    farm, wired, mailbox, hook, actions
):
    """Prefect tries once and leaves; the studio asks for what it missed when it is back."""
    with studio(wired):
        pass
    run = str(uuid.uuid4())
    emit(farm, FINISHED, run)
    (failed,) = until(lambda: actions("failed", FINISHED), timeout_s=60)
    assert "ConnectError" in failed["reason"]
    assert mailbox.mails.empty()
    with studio(wired):
        assert mailbox.next(30)["subject"] == "Your film “demo song” is finished, with stand-ins"
        assert hook.next()[1]["run_id"] == run
    with studio(wired):
        time.sleep(2)
    assert mailbox.mails.empty(), "a restart told it again"
    assert not actions("executed", FINISHED), "Prefect called again by itself"


@pytest.fixture
def asking(wired, tmp_path):
    """A studio's questions to the server, asked when the test says so."""
    outbox = Outbox(wired.home_path / "outbox", {})
    shelf = Shelf(open_store(wired.store_url), SECRET.encode(), wired.studio_base_url)
    yield CatchUp(wired, shelf, outbox)
    outbox.close()


def post_events(farm, number):
    """Events as an emitter of another machine sends them, all of now."""
    now = dt.datetime.now(dt.UTC).isoformat()
    events = [
        {
            "id": str(uuid.uuid4()),
            "occurred": now,
            "event": FAILED,
            "resource": {"prefect.resource.id": f"songfilm.film.{uuid.uuid4()}"},
            "payload": {},
        }
        for _ in range(number)
    ]
    farm.http.post("events", json=events).raise_for_status()


def test_many_missed_events_are_all_taken_once(farm, asking):
    asking.look()
    post_events(farm, 120)
    taken = 0
    deadline = time.monotonic() + 30
    while taken < 120 and time.monotonic() < deadline:
        taken += asking.look()
        time.sleep(0.2)
    assert taken == 120
    assert asking.look() == 0


def test_automation_that_is_switched_off_silences_the_studio(farm, asking):
    asking.look()
    name = automation_name(FAILED)
    (known,) = farm.post("automations/filter", {"automations": {"name": {"any_": [name]}}})
    path = f"automations/{known['id']}"
    farm.http.patch(path, json={"enabled": False}).raise_for_status()
    post_events(farm, 1)
    time.sleep(3)
    assert asking.look() == 0
    farm.http.patch(path, json={"enabled": True}).raise_for_status()
    assert asking.look() == 1


def test_bootstrap_twice_makes_nothing_new(farm, wired):
    with open_client(farm.api_url, None) as client:
        assert automations.apply(client, notifications(wired)) == []
    for event in (FINISHED, FAILED):
        name = automation_name(event)
        known = farm.post("automations/filter", {"automations": {"name": {"any_": [name]}}})
        assert len(known) == 1
        assert SECRET not in str(known)
