"""Mail server and webhook are reached safely; what is wrong with them is told without secrets."""

import base64
import datetime as dt
import ipaddress
import logging
import socket
import ssl
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from starlette.testclient import TestClient
from support.mailbox import Hook, Mailbox, open_server
from support.notices import (
    PASSWORD,
    SECRET,
    event,
    settings,
    tell,
    until,
)

from deployments.studio import delivery
from deployments.studio.app import create_app
from deployments.studio.delivery import DeliveryError, mail_server
from deployments.studio.notify import notify_token
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
