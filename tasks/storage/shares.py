"""Shares: links that a person made for somebody outside, and can take back.

A share is a small record in the store, ``shares/<id>.json``; its link is the id and a signature.
Whoever opens the link has the record read anew: revoking is one write, and holds at once.
Source: RFC 2104 (HMAC), cut to 128 bits as its section 5 allows; RFC 4648 (base32).
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError

from recipe_schema.base import SchemaModel
from recipe_schema.faults import broken_rules
from tasks.errors import BadInputError, PermanentError
from tasks.storage.keys import share_key
from tasks.storage.links import BadLinkError, ExpiredLinkError
from tasks.storage.store import ArtifactStore, NotFoundError, read_index, to_json

SHARE_VERSION = 1
_FOLDER = "shares"
_BYTES = 16
_LONGEST_NOTE = 300
# Letters and digits of one case: chats neither break such links nor read them as markup.
_ID = "[a-z2-7]{26}"
_TOKEN = re.compile(f"({_ID})-({_ID})")
# A share as people name it: the id alone, the last part of the link, or all of it.
_NAMED = re.compile(f"(?:^|/share/)({_ID})(?:-|$)")
_SCHEME = b"songfilm-share-1:"
_CLIP = "clip:"

State = Literal["open", "ended", "revoked"]


class RevokedLinkError(PermanentError):
    """A link that its maker took back."""


class Share(SchemaModel):
    """What somebody may see, and until when."""

    schema_version: int = SHARE_VERSION
    id: str = Field(pattern=f"^{_ID}$", description="128 random bits.")
    film: str = Field(description="Run that made the film: its name in the store.")
    what: str = Field(
        pattern=r"^(film|report|clip:[A-Za-z0-9._-]{1,64})$",
        description="film, report, or clip: and the shot.",
    )
    with_report: bool = Field(default=False, description="Whether a film shows its report too.")
    made_at: AwareDatetime
    expires: AwareDatetime
    revoked_at: AwareDatetime | None = None
    note: str = Field(
        default="", max_length=_LONGEST_NOTE, description="Shown above what is shared."
    )

    @property
    def shot(self) -> str | None:
        """The shot of a shared clip; None for the others."""
        return self.what.removeprefix(_CLIP) if self.what.startswith(_CLIP) else None

    def state(self, now: datetime) -> State:
        """Whether the link opens."""
        if self.revoked_at is not None:
            return "revoked"
        return "ended" if now >= self.expires else "open"


def make_share(
    store: ArtifactStore,
    *,
    film: str,
    now: datetime,
    expires: datetime,
    shot: str | None = None,
    report: bool = False,
    with_report: bool = False,
    note: str = "",
) -> Share:
    """Write a share down.

    Args:
        store: Where the film is.
        film: Run that made it.
        now: Time, with its zone.
        expires: When the link ends.
        shot: Share this clip alone.
        report: Share the report alone.
        with_report: Share the film with its report.
        note: Words for whoever opens the link.

    Raises:
        BadInputError: More than one of clip, report and film with report, or too many words.
    """
    if sum((shot is not None, report, with_report)) > 1:
        raise BadInputError(
            "share a clip, the report, or the film with its report, one of them in a link; make "
            "two links"
        )
    if len(note.strip()) > _LONGEST_NOTE:
        raise BadInputError(
            f"the note has {len(note.strip())} characters, and {_LONGEST_NOTE} are shown at most; "
            "make it shorter"
        )
    what = f"{_CLIP}{shot}" if shot is not None else "report" if report else "film"
    try:
        share = Share(
            id=_letters(secrets.token_bytes(_BYTES)),
            film=film,
            what=what,
            with_report=with_report,
            made_at=now,
            expires=expires,
            note=note.strip(),
        )
    except ValidationError as error:
        raise BadInputError(f"this cannot be shared so: {broken_rules(error)}") from error
    store.put_bytes(share_key(share.id), to_json(share).encode(), if_absent=True)
    return share


def list_shares(store: ArtifactStore) -> Iterator[Share]:
    """Every share in the store, the last made first."""
    found = (read_index(store, info.key, Share) for info in store.list(_FOLDER))
    yield from sorted(filter(None, found), key=lambda share: share.made_at, reverse=True)


def revoke_share(store: ArtifactStore, link: str, *, now: datetime) -> Share:
    """End a share; from the next request on its link opens nothing.

    Args:
        store: Where it is written down.
        link: Its id, or the whole link.
        now: Time, with its zone.

    Returns:
        The share as it was before: `revoked_at` tells whether somebody did this already.

    Raises:
        BadInputError: No such share.
    """
    told = _NAMED.search(link.strip())
    share = read_index(store, share_key(told[1]), Share) if told else None
    if share is None:
        raise BadInputError(
            f"there is no share {link[:100]!r} in this store; `songfilm share --list` names them"
        )
    if share.revoked_at is None:
        gone = share.model_copy(update={"revoked_at": now})
        store.put_bytes(share_key(share.id), to_json(gone).encode())
    return share


def share_token(share_id: str, secret: bytes) -> str:
    """The last part of a share's link: its id and a signature over it."""
    told = hmac.digest(secret, _SCHEME + share_id.encode(), hashlib.sha256)
    return f"{share_id}-{_letters(told[:_BYTES])}"


def share_link(share: Share, *, base_url: str, secret: bytes) -> str:
    """The address to hand on.

    Args:
        share: What it opens.
        base_url: Where the studio answers, without a slash at the end.
        secret: What signatures are made with.
    """
    return f"{base_url}/share/{share_token(share.id, secret)}"


def check_share(store: ArtifactStore, token: str, *, secret: bytes, now: datetime) -> Share:
    """Tell what a link opens, at this moment.

    Args:
        store: Where shares are written down.
        token: Last part of the link.
        secret: What signatures are made with.
        now: Time, with its zone.

    Raises:
        BadLinkError: It was changed, cut short or made with another secret.
        NotFoundError: It is ours, but the store has no such share.
        RevokedLinkError: Its maker took it back.
        ExpiredLinkError: Its time is over.
    """
    parts = _TOKEN.fullmatch(token)
    if not parts or not hmac.compare_digest(share_token(parts[1], secret), token):
        raise BadLinkError("the link's signature does not fit it")
    share = read_index(store, share_key(parts[1]), Share)
    if share is None:
        raise NotFoundError(f"no share {parts[1]}")
    state = share.state(now)
    if state == "revoked":
        raise RevokedLinkError("the link was taken back")
    if state == "ended":
        raise ExpiredLinkError("the link's time is over")
    return share


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
