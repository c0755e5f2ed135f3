"""Films, clips and reports through links that are signed and end.

A long-lived link (``/files/…``, in mails and in the dashboard) redirects to a content link that
opens for minutes (``/content/…``), or to an address that the store itself signs. Only films, and
blobs that the manifest of a named film lists, are ever served.
"""

import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from deployments.studio.shelf import (
    Addressable,
    NamedFile,
    OnDisk,
    Shelf,
    bucket_address,
    given,
    named_file,
)
from tasks.errors import MissingDependencyError
from tasks.storage.keys import BadKeyError
from tasks.storage.links import BadLinkError, Purpose, check_link, check_linkable, file_link

# How long a content link opens: long enough to begin, too short to be passed on.
CONTENT_S = 600
NEVER_KEPT = {"cache-control": "no-store"}


def routes(shelf: Shelf) -> list[Route]:
    """The two doors to files.

    Args:
        shelf: Store and secret.

    Raises:
        MissingDependencyError: The store can neither open a file here nor make an address.
    """
    if not isinstance(shelf.store, OnDisk | Addressable):
        raise MissingDependencyError(
            "this store neither keeps files on this machine nor makes addresses for them; "
            "set SONGFILM_STORE to a folder or to a bucket"
        )

    def redirect(request: Request) -> Response:
        """A long-lived link: checked, then sent on to a short-lived one."""
        found, expires = _asked(request, shelf, "file")
        left_s = min(CONTENT_S, max(1, round(expires - time.time())))
        where = bucket_address(shelf, found, left_s) or _content_link(shelf, found, left_s)
        return RedirectResponse(where, status_code=302, headers=NEVER_KEPT)

    def content(request: Request) -> Response:
        """The bytes, in whole or the range that was asked for."""
        found, _ = _asked(request, shelf, "content")
        return given(shelf, found, kept=f"private, max-age={CONTENT_S}")

    return [Route("/files/{key:path}", redirect), Route("/content/{key:path}", content)]


def checked(request: Request, shelf: Shelf, purpose: Purpose, key: str, film: str = "") -> int:
    """When the link that was followed ends, Unix time.

    Raises:
        BadLinkError: It is not ours.
        ExpiredLinkError: Its time is over.
    """
    asked = request.query_params
    return check_link(
        shelf.secret,
        purpose,
        key,
        expires=asked.get("expires", ""),
        signature=asked.get("signature", ""),
        now=time.time(),
        film=film,
    )


def _asked(request: Request, shelf: Shelf, purpose: Purpose) -> tuple[NamedFile, int]:
    """What a link leads to and when it ends, after its signature and the key were checked."""
    key, film = request.path_params["key"], request.query_params.get("film", "")
    try:
        check_linkable(key, film=film)
    except BadKeyError as error:
        raise BadLinkError(str(error)) from error
    expires = checked(request, shelf, purpose, key, film)
    download = "download" in request.query_params
    return named_file(shelf.store, key, film=film, download=download), expires


def _content_link(shelf: Shelf, file: NamedFile, left_s: int) -> str:
    """Where the studio itself gives the file for the next minutes."""
    link = file_link(
        file.key,
        base_url=shelf.prefix,
        secret=shelf.secret,
        expires=int(time.time()) + left_s,
        film=file.film,
        purpose="content",
    )
    return f"{link}&download=1" if file.download else link
