"""The door for events about films, and the ways out that the settings name."""

import hmac
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import quote

from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deployments.studio.delivery import addresses, mail_server, webhook
from deployments.studio.messages import Places, mail, webhook_body
from deployments.studio.notice import FINISHED, Notice, read_event
from deployments.studio.outbox import Channel, Outbox
from deployments.studio.shelf import Shelf
from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.keys import manifest_key
from tasks.storage.links import derived_token, film_link
from tasks.storage.store import NotFoundError

log = logging.getLogger(__name__)

TOKEN_HEADER = "x-songfilm-token"
# An event about a film of 1,000 shots that all failed is far smaller.
_LONGEST_BODY = 1 << 20
_DAY_S = 86400


def notify_token(secret: bytes) -> str:
    """What Prefect's webhook shows to be let in."""
    return derived_token(secret, "notify")


def webhook_key(secret: bytes) -> str:
    """What receivers of our webhook check its signature with."""
    return derived_token(secret, "webhook")


def route(shelf: Shelf, outbox: Outbox) -> Route:
    """The door for events: ``POST /notify``.

    Args:
        shelf: Store and secret.
        outbox: Where notices wait for their delivery.
    """
    token = notify_token(shelf.secret)

    async def notify(request: Request) -> Response:
        """Take one Prefect event; what it tells is sent soon after."""
        shown = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(shown.encode(), token.encode()):
            return JSONResponse(
                {"error": f"the header {TOKEN_HEADER} is missing or wrong"}, status_code=403
            )
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BODY:
                return JSONResponse({"error": "the event is larger than 1 MiB"}, status_code=413)
        try:
            new = await run_in_threadpool(take, bytes(body), shelf, outbox)
        except BadInputError as error:
            log.warning("an event was not understood: %s", error)
            return JSONResponse({"error": str(error)}, status_code=422)
        outbox.wake()
        return JSONResponse({"queued": new}, status_code=202)

    return Route("/notify", notify, methods=["POST"])


def take(event: bytes, shelf: Shelf, outbox: Outbox) -> bool:
    """Queue what an event tells.

    Returns:
        False when it was queued or told before.

    Raises:
        BadInputError: It is no event about a film.
        NoSpaceError: The disk is full.
    """
    notice = read_event(event, shelf.store)
    new = outbox.accept(notice)
    log.info("%s: %s", notice.id, "queued" if new else "known")
    return new


def channels(settings: Settings, shelf: Shelf) -> Mapping[str, Channel]:
    """The ways out that the settings name: mail, webhook, both or none.

    Raises:
        BadInputError: A setting cannot be used, or mail is set up in part only.
    """
    places = partial(_places, settings=settings, shelf=shelf)
    found: dict[str, Channel] = {}
    if _filled(settings.smtp_url):
        found["mail"] = _mail_channel(settings, places)
    elif settings.notify_to:
        raise BadInputError("SONGFILM_NOTIFY_TO is set, but no mail server: set SONGFILM_SMTP_URL")
    if settings.notify_webhook and _filled(settings.notify_webhook):
        hook = webhook(settings.notify_webhook, webhook_key(shelf.secret).encode())

        def post(notice: Notice) -> None:
            hook.send(webhook_body(notice, places(notice)), event=notice.event, delivery=notice.id)

        found["webhook"] = post
    return found


def _mail_channel(settings: Settings, places: Callable[[Notice], Places]) -> Channel:
    """The way out by mail."""
    assert settings.smtp_url is not None
    server = mail_server(settings.smtp_url)
    (sender,) = addresses(settings.notify_from or "", setting="SONGFILM_NOTIFY_FROM")[:1]
    recipients = addresses(settings.notify_to or "", setting="SONGFILM_NOTIFY_TO")

    def send(notice: Notice) -> None:
        server.send(mail(notice, places(notice), sender=sender, recipients=recipients))

    return send


def _places(notice: Notice, *, settings: Settings, shelf: Shelf) -> Places:
    """Links for the reader of a notice; the film's page when there is a finished film."""
    api, run = settings.prefect_api_url, notice.flow_run_id or notice.run_id
    dashboard = api.rstrip("/").removesuffix("/api") if api else None
    film = None
    if notice.event == FINISHED and _there(shelf, notice.run_id):
        film = film_link(
            notice.run_id,
            base_url=shelf.base_url,
            secret=shelf.secret,
            expires=int(time.time() + settings.link_days * _DAY_S),
        )
    return Places(film=film, run=f"{dashboard}/runs/flow-run/{quote(run)}" if dashboard else None)


def _there(shelf: Shelf, run_id: str) -> bool:
    """Whether the store holds a film; those of the command line may lie elsewhere."""
    try:
        shelf.store.stat(manifest_key(run_id))
    except NotFoundError:
        return False
    return True


def _filled(secret: SecretStr | None) -> bool:
    """Whether a secret setting holds something; an empty variable counts as not set."""
    return secret is not None and bool(secret.get_secret_value())
