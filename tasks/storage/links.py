"""Signed links to films: made where a film is made, checked where it is served.

A signature is HMAC-SHA256 over a purpose word, the key, the film that a blob belongs to, and the
second at which the link ends. Nothing here reads a clock or a setting.
"""

import base64
import hashlib
import hmac
from typing import Literal
from urllib.parse import quote, urlencode

from tasks.errors import PermanentError
from tasks.storage.keys import BadKeyError, check_key, manifest_key

# What a signature allows: a film's page, a file behind a redirect, a file's bytes.
Purpose = Literal["film", "file", "content"]

_SCHEME = "songfilm-link-1"


class BadLinkError(PermanentError):
    """A link whose signature does not fit it."""


class ExpiredLinkError(PermanentError):
    """A link that was good once."""


def film_link(run_id: str, *, base_url: str, secret: bytes, expires: int) -> str:
    """The address of a film's page.

    Args:
        run_id: The film's name in the store.
        base_url: Where the studio answers, without a slash at the end.
        secret: What signatures are made with.
        expires: Last second at which the link opens, Unix time.

    Raises:
        BadKeyError: No film can have that name.
    """
    check_key(manifest_key(run_id))
    return _link(f"{base_url}/films/{quote(run_id)}", "film", run_id, secret, expires, "")


def file_link(
    key: str,
    *,
    base_url: str,
    secret: bytes,
    expires: int,
    film: str = "",
    purpose: Literal["file", "content"] = "file",
) -> str:
    """The address of a stored file.

    Args:
        key: Below ``films/``, or a blob.
        base_url: Where the studio answers, without a slash at the end.
        secret: What signatures are made with.
        expires: Last second at which the link opens, Unix time.
        film: Run whose manifest names the blob.
        purpose: ``file`` redirects to a short-lived ``content`` link, which gives the bytes.

    Raises:
        BadKeyError: No link may lead to that key.
    """
    check_linkable(key, film=film)
    door = "files" if purpose == "file" else "content"
    return _link(f"{base_url}/{door}/{quote(key)}", purpose, key, secret, expires, film)


def check_linkable(key: str, *, film: str) -> None:
    """Refuse what links never lead to: anything but films, and blobs of a film that is named.

    Raises:
        BadKeyError: It is something else.
    """
    check_key(key)
    if film:
        check_key(manifest_key(film))
    if not key.startswith("films/") and not (key.startswith("blobs/") and film):
        raise BadKeyError(f"store key {key!r}: links lead to films and what films are made of only")


def check_link(
    secret: bytes,
    purpose: Purpose,
    key: str,
    *,
    expires: str,
    signature: str,
    now: float,
    film: str = "",
) -> int:
    """Tell whether a link is ours and still good.

    Args:
        secret: What signatures are made with.
        purpose: What the link is used for.
        key: Key or run that it leads to.
        expires: As written in the link.
        signature: As written in the link.
        now: Unix time.
        film: Run that the link names for a blob.

    Returns:
        Last second at which it opens, Unix time.

    Raises:
        BadLinkError: It was changed, cut short or made with another secret.
        ExpiredLinkError: It is ours, but its time is over.
    """
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        raise BadLinkError("the link names no time at which it ends")
    wanted = sign(secret, purpose, key, int(expires), film)
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise BadLinkError("the link's signature does not fit it")
    if now > int(expires):
        raise ExpiredLinkError("the link's time is over")
    return int(expires)


def sign(secret: bytes, purpose: Purpose, key: str, expires: int, film: str = "") -> str:
    """The signature of a link: 43 letters, URL-safe."""
    parts = (_SCHEME, purpose, key, film, str(expires))
    said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return _letters(hmac.digest(secret, said, hashlib.sha256))


def derived_token(secret: bytes, use: str) -> str:
    """A token for one use that tells nothing about the secret or about other tokens."""
    return _letters(hmac.digest(secret, f"songfilm-token-1:{use}".encode(), hashlib.sha256))


def _link(address: str, purpose: Purpose, key: str, secret: bytes, expires: int, film: str) -> str:
    query = {"expires": expires, "signature": sign(secret, purpose, key, expires, film)}
    if film:
        query["film"] = film
    return f"{address}?{urlencode(query)}"


def _letters(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
