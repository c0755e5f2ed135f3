"""What an event about a film becomes: one mail, one webhook, in plain words."""

import json
import time

import pytest
from starlette.testclient import TestClient
from support.mailbox import Hook, Mailbox, open_server
from support.notices import (
    AT_ONCE,
    PASSWORD,
    RUN,
    SECRET,
    event,
    settings,
    tell,
    until,
    waiting,
    words,
)
from support.stored_films import store_film

from deployments.studio.app import create_app
from deployments.studio.delivery import signature
from deployments.studio.messages import Places, mail, subject
from deployments.studio.notice import FAILED, FINISHED, read_event
from deployments.studio.notify import notify_token, webhook_key
from tasks.storage import open_store


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def mailbox():
    with open_server(Mailbox(password=PASSWORD)) as server:
        yield server


@pytest.fixture
def hook():
    with open_server(Hook()) as server:
        yield server


def test_finished_film_is_told_by_mail_and_webhook(store, tmp_path, mailbox, hook):
    store_film(store, RUN, tmp_path)
    app = create_app(settings(tmp_path, mailbox=mailbox, hook=hook), store, delays_s=AT_ONCE)
    with TestClient(app) as web:
        assert tell(web, event(status="complete", message="3:14, 42 shots.")).status_code == 202
        message = mailbox.next()
        headers, body = hook.next()
        link = words(message).split("Watch and download it:\n")[1].split("\n")[0]
        opened = web.get(link.removeprefix("http://127.0.0.1:4280"))
    assert message["subject"] == "Your film “demo song” is finished"
    assert message["from"] == "songfilm <films@example.org>"
    assert message["to"] == "ann@example.org, Bo <bo@example.org>"
    assert "3:14, 42 shots." in words(message)
    assert opened.status_code == 200
    assert "Watch and download</a>" in words(message, "html")
    assert body["event"] == FINISHED
    assert body["run_id"] == RUN
    assert body["film_url"].startswith(f"http://127.0.0.1:4280/films/{RUN}?")
    assert body["flow_run_name"] == "violet-fox"
    assert headers["x-songfilm-delivery"] == f"{RUN}.finished.once"


def test_webhook_is_signed_with_a_key_that_receivers_can_have(store, tmp_path, hook):
    with TestClient(create_app(settings(tmp_path, hook=hook), store)) as web:
        tell(web, event())
        headers, body = hook.posts.get(timeout=10)
    shown = headers["x-songfilm-signature"]
    at = int(shown.split(",")[0].removeprefix("t="))
    assert abs(at - time.time()) < 60
    assert shown == signature(webhook_key(SECRET).encode(), body, at=at)
    assert shown != signature(webhook_key(SECRET).encode(), body + b" ", at=at)
    assert SECRET.decode() not in webhook_key(SECRET)


def test_degraded_film_says_what_stood_in(store, tmp_path, mailbox):
    store_film(store, RUN, tmp_path, stand_in="procedural stands in: out of memory")
    with TestClient(create_app(settings(tmp_path, mailbox=mailbox), store)) as web:
        tell(web, event(status="degraded"))
        message = mailbox.next()
    assert message["subject"] == "Your film “demo song” is finished, with stand-ins"
    assert "procedural stands in: out of memory" in words(message)


def test_failed_film_names_its_shots_and_says_how_to_retry(store, tmp_path, mailbox):
    store_film(store, RUN, tmp_path)
    told = event(FAILED, status="failed", message="2 of 9 shots failed", failed_shots=["s2", "s5"])
    wired = settings(tmp_path, mailbox=mailbox).model_copy(
        update={"prefect_api_url": "http://127.0.0.1:1/api"}
    )
    with TestClient(create_app(wired, store)) as web:
        tell(web, told)
        message = mailbox.next()
    assert message["subject"] == "Your film “demo song” could not be finished"
    for said in ("2 of 9 shots failed", "- s2\n- s5", "press Retry on the film's run"):
        assert said in words(message)
    assert f"http://127.0.0.1:1/runs/flow-run/{RUN}" in words(message)
    assert "Watch and download" not in words(message), "that film is an older one"


def test_film_that_never_began_is_told_of_its_own_run(store, tmp_path, mailbox):
    told = event(FAILED, status="failed", message="width must be even")
    told["related"][0]["prefect.resource.id"] = "prefect.flow-run.the-run-before"
    wired = settings(tmp_path, mailbox=mailbox).model_copy(
        update={"prefect_api_url": "http://127.0.0.1:1/api"}
    )
    with TestClient(create_app(wired, store)) as web:
        tell(web, told)
        said = words(mailbox.next())
    assert f"http://127.0.0.1:1/runs/flow-run/{RUN}" in said
    assert "the-run-before" not in said


def test_same_film_finishes_once(store, tmp_path, mailbox):
    """Webhook and catching up bring the same event; a film that was taken up again, another one."""
    with TestClient(create_app(settings(tmp_path, mailbox=mailbox), store)) as web:
        assert tell(web, event()).json() == {"queued": True}
        assert tell(web, event()).json() == {"queued": False}
        mailbox.next()
        until(lambda: waiting(web) == 0)
        assert tell(web, event()).json() == {"queued": False}
    with TestClient(create_app(settings(tmp_path, mailbox=mailbox), store)) as web:
        assert tell(web, event()).json() == {"queued": False}
    assert mailbox.mails.empty()


def test_film_that_fails_again_is_told_again(store, tmp_path, mailbox):
    with TestClient(create_app(settings(tmp_path, mailbox=mailbox), store)) as web:
        first = event(FAILED, attempt=1)
        assert tell(web, first).json() == {"queued": True}
        assert tell(web, event(FAILED, attempt=1)).json() == {"queued": False}
        assert tell(web, event(FAILED, attempt=2)).json() == {"queued": True}
        nameless = event(FAILED, run="other")
        assert tell(web, nameless).json() == {"queued": True}
        assert tell(web, nameless).json() == {"queued": False}
        assert len([mailbox.next() for _ in range(3)]) == 3
        until(lambda: waiting(web) == 0)
    assert mailbox.mails.empty()


def test_stranger_cannot_send_notifications(store, tmp_path, mailbox):
    with TestClient(create_app(settings(tmp_path, mailbox=mailbox), store)) as web:
        for token in ("", "x", "ü", notify_token(b"another secret of somebody")):
            assert tell(web, event(), token=token.encode()).status_code == 403
        assert web.get("/notify").status_code == 405
        assert waiting(web) == 0
    assert mailbox.mails.empty()


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        event("prefect.flow-run.Completed"),
        event(run="../../etc"),
        event(run="a/b"),
        event(run=""),
        {**event(), "resource": {"prefect.resource.id": "somebody.else"}},
        event(failed_shots="s1"),
    ],
)
def test_event_that_is_not_about_a_film_is_refused(store, tmp_path, told):
    with TestClient(create_app(settings(tmp_path), store)) as web:
        found = tell(web, told)
        assert found.status_code == 422
        assert "film" in found.json()["error"]
        assert waiting(web) == 0


def test_huge_event_is_refused(store, tmp_path):
    with TestClient(create_app(settings(tmp_path), store)) as web:
        assert tell(web, event(message="x" * (1 << 20))).status_code == 413


def test_title_cannot_forge_a_header_or_a_page(store):
    forged = "demo\r\nBcc: all@example.org <script>alert(1)</script>"
    notice = read_event(json.dumps(event(title=forged)), store)
    made = mail(notice, Places(None, None), sender="a@example.org", recipients=("b@example.org",))
    assert made["bcc"] is None
    assert "\n" not in subject(notice)
    assert "<script>" not in made.get_body(("html",)).get_content()


def test_long_message_is_cut_and_told(store):
    notice = read_event(json.dumps(event(FAILED, message="x" * 5000)), store)
    assert notice.message == "x" * 4000 + "…"


def test_long_list_of_shots_is_shortened(store):
    told = event(FAILED, failed_shots=[f"shot_{k:03d}" for k in range(200)])
    notice = read_event(json.dumps(told), store)
    made = mail(notice, Places(None, None), sender="a@example.org", recipients=("b@example.org",))
    assert "- shot_019\n- and 180 more" in words(made)
