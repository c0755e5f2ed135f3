"""What an event about a film becomes: one mail, one webhook, in plain words, and nothing lost."""

import base64
import datetime as dt
import ipaddress
import json
import logging
import socket
import ssl
import time
import uuid
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from starlette.testclient import TestClient
from support.mailbox import Hook, Mailbox, open_server
from support.stored_films import store_film

from deployments.studio import delivery
from deployments.studio.app import create_app
from deployments.studio.delivery import DeliveryError, mail_server, signature
from deployments.studio.messages import Places, mail, subject
from deployments.studio.notice import FAILED, FINISHED, read_event
from deployments.studio.notify import TOKEN_HEADER, notify_token, webhook_key
from deployments.studio.outbox import Outbox
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage import open_store

RUN = "0b9f6d1e-77aa-4cf1-9f2e-0123456789ab"
SECRET = b"a secret that nobody guesses"
PASSWORD = "correct horse battery"
AT_ONCE = (0.05, 0.05, 0.05)


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


def event(name=FINISHED, *, run=RUN, title="demo song", **payload):
    """An event as the automation's template writes it."""
    return {
        "id": str(uuid.uuid4()),
        "event": name,
        "occurred": "2026-11-21T12:00:00Z",
        "resource": {
            "prefect.resource.id": f"songfilm.film.{run}",
            "prefect.resource.name": title,
        },
        "related": [
            {
                "prefect.resource.id": f"prefect.flow-run.{run}",
                "prefect.resource.role": "flow-run",
                "prefect.resource.name": "violet-fox",
            }
        ],
        "payload": {"title": title, "message": "", **payload},
        "follows": None,
    }


def settings(tmp_path, *, mailbox=None, hook=None, password=PASSWORD, **more):
    if mailbox is not None:
        quoted = password.replace(" ", "%20")
        more |= {
            "smtp_url": SecretStr(f"smtp://films:{quoted}@127.0.0.1:{mailbox.port}"),
            "notify_from": "songfilm <films@example.org>",
            "notify_to": "ann@example.org, Bo <bo@example.org>",
        }
    if hook is not None:
        more["notify_webhook"] = SecretStr(hook.url)
    return Settings(
        home=tmp_path / "home",
        secret=SecretStr(SECRET.decode()),
        PREFECT_API_URL=None,
        _env_file=None,
        **more,
    )


def tell(web, told, *, token=None):
    shown = notify_token(SECRET) if token is None else token
    return web.post("/notify", content=json.dumps(told), headers={TOKEN_HEADER: shown})


def waiting(web):
    return web.get("/health").json()["waiting"]


def until(condition, timeout_s=10.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def words(message: EmailMessage, kind="plain"):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


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


def test_secrets_stay_out_of_logs_and_errors(store, tmp_path, mailbox, hook, caplog):
    """Wrong password, refusing webhook, unreachable ones: no message names what is secret."""
    caplog.set_level(logging.DEBUG)
    hook.status = 500
    wired = settings(tmp_path, mailbox=mailbox, hook=hook, password="not the password")
    with TestClient(create_app(wired, store, delays_s=(30.0,))) as web:
        tell(web, event())
        hook.next()
        until(lambda: caplog.text.count("not told by") == 2)
        film = tell(web, event(run="other")).text
    mailbox.server_close()
    assert "refused user name or password" in caplog.text
    assert "the webhook answered 500" in caplog.text
    for secret in ("not the password", "secret-path", SECRET.decode(), notify_token(SECRET)):
        assert secret not in caplog.text + film + repr(wired), secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "hunter2-without-scheme"),
        ("smtp_url", "smtp://ann:hunter2@host:port"),
        ("smtp_url", "https://hunter2@host"),
        ("notify_webhook", "ftp://hunter2/x"),
        ("notify_webhook", "hunter2"),
    ],
)
def test_setting_that_cannot_be_used_is_named_but_not_told(store, tmp_path, name, value):
    with pytest.raises(BadInputError, match=f"SONGFILM_{name.upper()}") as told:
        create_app(settings(tmp_path, **{name: SecretStr(value)}), store)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"notify_to": ""}, "SONGFILM_NOTIFY_TO"),
        ({"notify_to": "nobody"}, "SONGFILM_NOTIFY_TO"),
        ({"notify_from": None}, "SONGFILM_NOTIFY_FROM"),
        ({"smtp_url": None}, "SONGFILM_SMTP_URL"),
        ({"smtp_url": SecretStr("")}, "SONGFILM_SMTP_URL"),
    ],
)
def test_half_of_a_mail_set_up_is_told_at_the_start(store, tmp_path, mailbox, more, named):
    wired = settings(tmp_path, mailbox=mailbox).model_copy(update=more)
    with pytest.raises(BadInputError, match=named):
        create_app(wired, store)


def test_server_with_a_password_is_asked_with_it(store, tmp_path, hook, caplog):
    """Whatever it answers, the studio goes on, and the password stays out of the log."""
    hook.status = 401
    wired = settings(tmp_path).model_copy(
        update={"prefect_api_url": hook.url, "prefect_api_auth_string": SecretStr("ann:hunter2")}
    )
    with TestClient(create_app(wired, store)) as web:
        headers, _ = hook.next()
        until(lambda: "cannot be asked" in caplog.text)
        assert web.get("/health").status_code == 200
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"ann:hunter2"
    assert "hunter2" not in caplog.text


def _message():
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "x", "a@example.org", "b@example.org"
    message.set_content("x")
    return message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mailbox.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def private_mailbox(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with open_server(Mailbox(tls=context, password=PASSWORD)) as server:
        yield server


def _server_of(mailbox):
    quoted = PASSWORD.replace(" ", "%20")
    return mail_server(SecretStr(f"smtp://films:{quoted}@127.0.0.1:{mailbox.port}"))


def test_mail_is_encrypted_when_the_server_can(private_mailbox, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _server_of(private_mailbox).send(_message())
    assert private_mailbox.next()["subject"] == "x"
    assert private_mailbox.encrypted == [True]


def test_untrusted_mail_server_gets_neither_password_nor_mail(private_mailbox):
    with pytest.raises(DeliveryError, match="not trusted"):
        _server_of(private_mailbox).send(_message())
    assert private_mailbox.mails.empty()


def test_password_is_not_sent_in_the_clear_over_the_network(mailbox, monkeypatch):
    monkeypatch.setattr(delivery, "is_loopback", lambda host: False)
    with pytest.raises(DeliveryError, match="offers no encryption"):
        _server_of(mailbox).send(_message())
    assert mailbox.mails.empty()


def test_mail_server_that_is_not_there_is_told(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(DeliveryError, match="was not reached"):
            mail_server(SecretStr(f"smtp://127.0.0.1:{port}")).send(_message())
