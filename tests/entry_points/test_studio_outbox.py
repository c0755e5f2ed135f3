"""What could not be delivered is kept and sent later, and nothing is told twice."""

import json

import pytest
from starlette.testclient import TestClient
from support.mailbox import Hook, Mailbox, open_server
from support.notices import AT_ONCE, PASSWORD, RUN, event, settings, tell, until, waiting

from deployments.studio.app import create_app
from deployments.studio.notice import read_event
from deployments.studio.outbox import Outbox
from tasks.errors import BadInputError
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


def test_mail_server_that_is_away_gets_the_mail_later(store, tmp_path, mailbox, hook):
    mailbox.refusing = True
    app = create_app(
        settings(tmp_path, mailbox=mailbox, hook=hook), store, delays_s=(0.1, 0.3, 0.3, 0.3, 0.3)
    )
    with TestClient(app) as web:
        tell(web, event())
        hook.next()
        until(lambda: waiting(web) == 1)
        mailbox.refusing = False
        assert mailbox.next()["subject"] == "Your film “demo song” is finished"
        until(lambda: waiting(web) == 0)
    assert hook.posts.empty(), "the webhook was told again because of the mail"


def test_restarted_studio_sends_what_was_left(store, tmp_path, mailbox):
    mailbox.refusing = True
    wired = settings(tmp_path, mailbox=mailbox)
    with TestClient(create_app(wired, store, delays_s=(0.2,) * 9)) as web:
        tell(web, event())
        until(lambda: 'tries": 1' in _left(tmp_path))
        assert mailbox.mails.empty()
    mailbox.refusing = False
    with TestClient(create_app(wired, store)):
        assert "demo song" in mailbox.next()["subject"]


def _left(tmp_path):
    return "".join(p.read_text() for p in (tmp_path / "home/outbox/waiting").glob("*.json"))


def test_notice_is_given_up_after_the_last_try_and_can_be_moved_back(store, tmp_path, hook):
    hook.status = 500
    wired = settings(tmp_path, hook=hook)
    folder = tmp_path / "home" / "outbox"
    with TestClient(create_app(wired, store, delays_s=AT_ONCE)) as web:
        tell(web, event())
        until(lambda: web.get("/health").json()["gave_up"] == 1)
        assert hook.posts.qsize() == len(AT_ONCE) + 1
        assert waiting(web) == 0
    (given_up,) = (folder / "gave-up").glob("*.json")
    given_up.replace(folder / "waiting" / given_up.name)
    hook.status = 200
    with TestClient(create_app(wired, store, delays_s=AT_ONCE)) as web:
        until(lambda: waiting(web) == 0)
        assert web.get("/health").json()["gave_up"] == 0


def test_half_written_notice_is_never_read(store, tmp_path):
    """A crash while writing leaves a part file, which the queue does not know as a notice."""
    folder = tmp_path / "home" / "outbox"
    told = []
    outbox = Outbox(folder, {"list": told.append})
    (folder / "waiting" / ".x.json.part").write_text('{"notice":')
    (folder / "waiting" / "broken.json").write_text('{"notice":')
    outbox.accept(read_event(json.dumps(event()), store))
    outbox.deliver_due()
    assert [notice.run_id for notice in told] == [RUN]
    assert (folder / "gave-up" / "broken.json").exists()
    outbox.close()


def test_fault_of_one_way_does_not_stop_the_other(store, tmp_path, caplog):
    def broken(notice):
        raise RuntimeError(f"cannot use {PASSWORD}")

    told = []
    outbox = Outbox(tmp_path / "outbox", {"broken": broken, "list": told.append})
    outbox.accept(read_event(json.dumps(event()), store))
    outbox.deliver_due()
    assert len(told) == 1
    assert "not told by broken: RuntimeError" in caplog.text
    assert PASSWORD not in caplog.text
    outbox.close()


def test_two_studios_do_not_share_an_outbox(tmp_path):
    outbox = Outbox(tmp_path / "outbox", {})
    with pytest.raises(BadInputError, match="another studio"):
        Outbox(tmp_path / "outbox", {})
    outbox.close()
    Outbox(tmp_path / "outbox", {}).close()
