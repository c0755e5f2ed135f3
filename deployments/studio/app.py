"""The studio as one web application: films, notifications, health."""

import contextlib
import logging
from collections.abc import AsyncIterator

import anyio
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.studio import files, film_page, notify, share_page
from deployments.studio.catch_up import CatchUp
from deployments.studio.outbox import DELAYS_S, Outbox
from deployments.studio.pages import message_page
from deployments.studio.shelf import Shelf
from tasks.settings import Settings
from tasks.storage.keys import BadKeyError
from tasks.storage.links import BadLinkError, ExpiredLinkError
from tasks.storage.secret import link_secret
from tasks.storage.shares import RevokedLinkError
from tasks.storage.store import ArtifactStore, NotFoundError, UnreachableError

log = logging.getLogger(__name__)

# What every answer carries. Links hold their signature in the address: none may leak by referrer.
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-resource-policy": "same-site",
    "cross-origin-opener-policy": "same-origin",
}
_MESSAGES: dict[type[Exception] | int, tuple[int, str, str]] = {
    BadLinkError: (
        403,
        "This link does not open anything",
        "It was cut short or changed on its way. Copy the whole address, or open the film again "
        "from the dashboard.",
    ),
    ExpiredLinkError: (
        410,
        "This link has ended",
        "Links to films open for a limited time. Open the film again from the dashboard, or ask "
        "whoever sent you the link for a new one.",
    ),
    RevokedLinkError: (
        410,
        "This link was taken back",
        "Whoever sent it has closed it, so it opens nothing any more. If you still need it, ask "
        "them for a new one.",
    ),
    UnreachableError: (
        503,
        "The films cannot be reached just now",
        "Where they are kept does not answer. Try again in a minute; the link stays good.",
    ),
    NotFoundError: (
        404,
        "It is not here any more",
        "The film or file behind this link was removed from the store. Run the film again to "
        "make it anew: clips that are still there are used again.",
    ),
    BadKeyError: (404, "There is nothing here", "The store holds no such file."),
    404: (404, "There is nothing here", "Follow a link from the dashboard or from a mail."),
    405: (405, "This does not work here", "Follow a link from the dashboard or from a mail."),
    Exception: (
        500,
        "Something went wrong here",
        "The studio's log says what. Try again; if it stays, tell whoever runs the studio.",
    ),
}


def create_app(
    settings: Settings, store: ArtifactStore, *, delays_s: tuple[float, ...] = DELAYS_S
) -> ASGIApp:
    """Build the application; its outbox is opened when it starts.

    Args:
        settings: Home, secret, addresses, mail server, webhook.
        store: Where films are.
        delays_s: Pauses between tries to deliver a notification, seconds.

    Raises:
        BadInputError: A setting cannot be used, or another studio runs with the same home.
        MissingDependencyError: The store can neither open files here nor make addresses.
    """
    shelf = Shelf(
        store=store,
        secret=link_secret(settings.home_path, settings.secret),
        base_url=settings.studio_base_url,
    )
    ways = notify.channels(settings, shelf)
    outbox = Outbox(settings.home_path / "outbox", ways, delays_s=delays_s)

    @contextlib.asynccontextmanager
    async def at_work(_: Starlette) -> AsyncIterator[None]:
        """Deliver notices, and look for missed ones, while the application runs."""
        log.info("films of %s; told by %s", settings.store_url, " and ".join(ways) or "nobody")
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(outbox.deliver_forever)
                if settings.prefect_api_url:
                    group.start_soon(CatchUp(settings, shelf, outbox).look_forever)
                yield
                outbox.stop()
                group.cancel_scope.cancel()
        finally:
            outbox.close()

    def health(_: Request) -> Response:
        """Whether the studio works, and how many notifications wait."""
        return JSONResponse({"status": "ok", **outbox.counts()})

    app = Starlette(
        routes=[
            *files.routes(shelf),
            film_page.route(shelf),
            *share_page.routes(shelf),
            notify.route(shelf, outbox),
            Route("/health", health),
        ],
        lifespan=at_work,
        exception_handlers={kind: _explained for kind in (*_MESSAGES, HTTPException)},
    )
    # Adding a slash would redirect to whatever host the request names.
    app.router.redirect_slashes = False
    return _Guarded(app)


def _explained(_: Request, error: Exception) -> Response:
    """A page in plain words about what went wrong."""
    kind: type[Exception] | int = type(error)
    if isinstance(error, HTTPException):
        kind = error.status_code
    status, title, text = _MESSAGES.get(kind, _MESSAGES[Exception])
    return message_page(status, title, text)


class _Guarded:
    """Adds the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its answer gets the headers."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)
