"""Films, clips and reports through links that are signed and end.

A long-lived link (``/files/…``, in mails and in the dashboard) redirects to a content link that
opens for minutes (``/content/…``), or to an address that the store itself signs. Only films, and
blobs that the manifest of a named film lists, are ever served.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from recipe_schema.artifacts import ArtifactRef, VideoManifest
from tasks.errors import MissingDependencyError
from tasks.storage.keys import BadKeyError, manifest_key
from tasks.storage.links import BadLinkError, Purpose, check_link, check_linkable, file_link
from tasks.storage.store import ArtifactStore, NotFoundError, read_index

# How long a content link opens: long enough to begin, too short to be passed on.
CONTENT_S = 600
_NO_SCRIPTS = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
# A report brings its style and pictures inside itself, and needs nothing else.
_REPORT_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; {_NO_SCRIPTS}"
_FILE_POLICY = "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'"
# What browsers may show; everything else is only downloaded.
_SHOWN = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
_ENDINGS = {"video/mp4": ".mp4", "application/json": ".json"}


@runtime_checkable
class OnDisk(Protocol):
    """A store whose objects are files here."""

    def path(self, key: str) -> Path:
        """The file of a key, or NotFoundError."""


@runtime_checkable
class Addressable(Protocol):
    """A store that makes addresses of its own, signed and short-lived."""

    def url(self, key: str, *, expires_s: int) -> str:
        """Where the object can be read for that many seconds."""


@dataclass(frozen=True)
class Shelf:
    """What links lead to: the store, and the secret that they are signed with."""

    store: ArtifactStore
    secret: bytes
    base_url: str

    @property
    def prefix(self) -> str:
        """Path under which a proxy shows the studio; links on pages of ours begin with it."""
        return urlsplit(self.base_url).path.rstrip("/")

    def store_origin(self) -> str:
        """Where the player may be redirected to, for the page's content policy; often empty."""
        if not isinstance(self.store, Addressable):
            return ""
        parts = urlsplit(self.store.url("films/origin", expires_s=1))
        return f"{parts.scheme}://{parts.netloc}"


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
        key, film = _asked(request, shelf, "file")
        return RedirectResponse(
            _short_lived(shelf, key, film, request.query_params.get("download", "")),
            status_code=302,
            headers={"cache-control": "no-store"},
        )

    def content(request: Request) -> Response:
        """The bytes, in whole or the range that was asked for."""
        key, film = _asked(request, shelf, "content")
        if not isinstance(shelf.store, OnDisk):
            raise NotFoundError(f"{key} is not on this machine")
        path = shelf.store.path(key)
        name, media_type = _described(shelf.store, key, film)
        shown = media_type in _SHOWN.values() and "download" not in request.query_params
        report = media_type.startswith("text/html")
        return FileResponse(
            path,
            media_type=media_type,
            filename=name,
            content_disposition_type="inline" if shown else "attachment",
            headers={
                "content-security-policy": _REPORT_POLICY if report else _FILE_POLICY,
                "cache-control": f"private, max-age={CONTENT_S}",
            },
        )

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


def _asked(request: Request, shelf: Shelf, purpose: Purpose) -> tuple[str, str]:
    """Key and film of a link, after its signature and the key itself were checked."""
    key, film = request.path_params["key"], request.query_params.get("film", "")
    try:
        check_linkable(key, film=film)
    except BadKeyError as error:
        raise BadLinkError(str(error)) from error
    checked(request, shelf, purpose, key, film)
    shelf.store.stat(key)
    if film:
        _named_by(shelf.store, film, key)
    return key, film


def _short_lived(shelf: Shelf, key: str, film: str, download: str) -> str:
    """Where the bytes are for the next minutes."""
    if isinstance(shelf.store, Addressable):
        return shelf.store.url(key, expires_s=CONTENT_S)
    link = file_link(
        key,
        base_url=shelf.prefix,
        secret=shelf.secret,
        expires=int(time.time()) + CONTENT_S,
        film=film,
        purpose="content",
    )
    return f"{link}&download=1" if download else link


def _described(store: ArtifactStore, key: str, film: str) -> tuple[str, str]:
    """File name and media type under which an object is handed out."""
    name = key.rpartition("/")[2]
    if film:
        named, ref = _named_by(store, film, key)
        return named + _ENDINGS.get(ref.media_type, ""), ref.media_type
    return name, _SHOWN.get(Path(name).suffix.lower(), "application/octet-stream")


def _named_by(store: ArtifactStore, film: str, key: str) -> tuple[str, ArtifactRef]:
    """Under which name a film's manifest lists a blob.

    Raises:
        NotFoundError: No such film, or its manifest does not list the blob.
    """
    manifest = read_index(store, manifest_key(film), VideoManifest)
    if manifest is not None:
        for name, ref in _listed(manifest):
            if ref.key == key:
                return name, ref
    raise NotFoundError(f"{key} is not a part of film {film}")


def _listed(manifest: VideoManifest) -> list[tuple[str, ArtifactRef]]:
    return [
        ("song", manifest.song),
        ("analysis", manifest.analysis),
        ("recipe", manifest.recipe),
        *((shot.id, shot.clip) for shot in manifest.shots),
        *((f"frames-{piece.start_frame}", piece.file) for piece in manifest.segments),
    ]
