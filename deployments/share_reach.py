"""Whether the studio opens a link that was made on this machine."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Literal

_LOOPBACK = ("//127.", "//localhost", "//[::1]")

Reach = Literal["opens", "other secret", "other store", "silent"]

# Why a studio that lives does not open a new link, and what to do.
REFUSALS: dict[Reach, str] = {
    "other secret": "it signs with another secret; set SONGFILM_SECRET to the same on all machines",
    "other store": "it does not know the share; let it serve the store {store} (its own "
    "SONGFILM_STORE), or name the studio's store with --store",
}
_REFUSED: dict[int, Reach] = {403: "other secret", 404: "other store"}


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a bucket's address would be asked for nothing."""

    def redirect_request(self, *_: object) -> None:
        """There is no further request."""


def ask_studio(link: str, *, timeout_s: float) -> Reach:
    """Ask the studio for a link, and read nothing of what it shows.

    Args:
        link: The whole address.
        timeout_s: Longest wait, seconds.

    Returns:
        Whether it opens; "silent": nobody says so or the contrary.
    """
    local = any(name in link for name in _LOOPBACK)
    proxies = urllib.request.ProxyHandler({} if local else None)
    asked = urllib.request.Request(link, method="HEAD")
    try:
        with urllib.request.build_opener(proxies, _Stay).open(asked, timeout=timeout_s):
            return "opens"
    except urllib.error.HTTPError as error:
        error.close()
        return "opens" if error.code < 400 else _REFUSED.get(error.code, "silent")
    except (OSError, ValueError, http.client.HTTPException):
        return "silent"


def notes(reach: Reach, base: str, other: str | None) -> Iterator[str]:
    """Who can open a link, and what is missing for others.

    Args:
        reach: What the studio said; it did not refuse.
        base: Where links to the studio begin.
        other: The share's store, when it is not the one of the settings.
    """
    if reach == "opens":
        if any(local in base for local in _LOOPBACK):
            yield (
                "the link opens on this machine only; set SONGFILM_STUDIO_URL to an address of the "
                "studio that others reach"
            )
        return
    yield (
        f"the studio does not answer at {base}: start it with `songfilm up` or `python -m "
        "deployments.studio`, or set SONGFILM_STUDIO_URL to where it runs"
    )
    if other is not None:
        yield (
            f"the studio must serve the store {other}: it looks shares up in its own SONGFILM_STORE"
        )
