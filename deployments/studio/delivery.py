"""Ways out: a mail server, and a webhook. Neither password nor address ever reaches a log."""

import hashlib
import hmac
import ipaddress
import logging
import smtplib
import ssl
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses
from urllib.parse import SplitResult, unquote, urlsplit

import httpx
from pydantic import SecretStr

from tasks.errors import BadInputError, TransientError

log = logging.getLogger(__name__)

_TIMEOUT_S = 20.0
_SMTP_SCHEMES = {"smtp": 587, "smtps": 465}
# httpx logs whole addresses, and a webhook's address is often its password.
logging.getLogger("httpx").setLevel(logging.WARNING)


class DeliveryError(TransientError):
    """A notification that did not get out this time; the message holds no secret."""


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in.

    Attributes:
        tls: Whether the connection is encrypted from its first byte; else STARTTLS.
    """

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def send(self, message: EmailMessage) -> None:
        """Hand in a mail.

        Raises:
            DeliveryError: The server was not reached, not trusted, or refused.
        """
        try:
            with self._connected() as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                refused = server.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError(
                f"mail server {self.host} refused user name or password "
                f"({error.smtp_code}); check SONGFILM_SMTP_URL"
            ) from None
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"mail server {self.host} answered {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused:
            raise DeliveryError(
                f"mail server {self.host} refused all recipients; check SONGFILM_NOTIFY_TO"
            ) from None
        except ssl.SSLCertVerificationError as error:
            raise DeliveryError(
                f"mail server {self.host} shows a certificate that is not trusted "
                f"({error.verify_message}); name its authority in SSL_CERT_FILE"
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(
                f"mail server {self.host}:{self.port} was not reached ({type(error).__name__})"
            ) from None
        if refused:
            log.warning("mail server %s refused %d recipients", self.host, len(refused))

    def _connected(self) -> smtplib.SMTP:
        """A greeted, encrypted connection; plain text only to this machine."""
        context = ssl.create_default_context()
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not is_loopback(self.host):
                raise DeliveryError(
                    f"mail server {self.host} offers no encryption; use one with STARTTLS, or "
                    "smtps:// in SONGFILM_SMTP_URL"
                )
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Webhook:
    """An address of somebody's own that is told about films as JSON."""

    url: SecretStr
    key: bytes = field(repr=False)

    def send(self, body: bytes, *, event: str, delivery: str) -> None:
        """Post a notification, signed.

        Args:
            body: JSON.
            event: Name of the event.
            delivery: Id that is the same when the same notification comes again.

        Raises:
            DeliveryError: No answer, or one other than 2xx.
        """
        address = self.url.get_secret_value()
        headers = {
            "content-type": "application/json",
            "user-agent": "songfilm-studio",
            "x-songfilm-event": event,
            "x-songfilm-delivery": delivery,
            "x-songfilm-signature": signature(self.key, body, at=int(time.time())),
        }
        # A proxy of this machine's environment cannot reach this machine's own services.
        direct = is_loopback(urlsplit(address).hostname or "")
        try:
            with httpx.Client(timeout=_TIMEOUT_S, trust_env=not direct) as client:
                answer = client.post(address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise DeliveryError(f"the webhook was not reached ({type(error).__name__})") from None
        if not answer.is_success:
            raise DeliveryError(f"the webhook answered {answer.status_code}")


def signature(key: bytes, body: bytes, *, at: int) -> str:
    """The value of ``X-Songfilm-Signature``: ``t=<Unix time>,v1=<HMAC-SHA256 of "t.body">``."""
    digest = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def mail_server(url: SecretStr) -> MailServer:
    """Read ``SONGFILM_SMTP_URL``.

    Raises:
        BadInputError: It is no address of a mail server.
    """
    parts = _split(url, "SONGFILM_SMTP_URL", tuple(_SMTP_SCHEMES))
    host, port = parts.hostname or "", parts.port or _SMTP_SCHEMES[parts.scheme]
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if not f"{user or ''}{password or ''}".isascii():
        raise BadInputError("SONGFILM_SMTP_URL: user and password must be plain ASCII letters")
    return MailServer(host, port, parts.scheme == "smtps", user, password)


def webhook(url: SecretStr, key: bytes) -> Webhook:
    """Check ``SONGFILM_NOTIFY_WEBHOOK``.

    Raises:
        BadInputError: It is no web address.
    """
    _split(url, "SONGFILM_NOTIFY_WEBHOOK", ("http", "https"))
    return Webhook(url, key)


def addresses(text: str, *, setting: str) -> tuple[str, ...]:
    """Mail addresses out of a comma-separated list.

    Raises:
        BadInputError: One of them is no address.
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for name, address in getaddresses(list(found)):
        local, _, domain = address.rpartition("@")
        if not local or not domain or not text.isprintable():
            raise BadInputError(f"{setting}: {name or address!r} is no mail address")
    if not found:
        raise BadInputError(f"{setting} names no mail address; mails need one")
    return found


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: SecretStr, setting: str, schemes: tuple[str, ...]) -> SplitResult:
    """An address in parts, without ever repeating it."""
    told = f"{setting} must begin with {' or '.join(f'{name}://' for name in schemes)} and a host"
    try:
        parts = urlsplit(url.get_secret_value())
        usable = parts.scheme in schemes and parts.hostname and parts.port != 0
    except ValueError:
        raise BadInputError(f"{told}, and a port that is a number") from None
    if not usable:
        raise BadInputError(told)
    return parts
