"""The store as the studio hands it out: names, types, and the policy under which a page is shown.

A bucket's own addresses carry no content policy: what a browser would open as a page (HTML, JSON)
is never shown from there, but comes through the studio, or as a download.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import quote, urlsplit

from starlette.responses import FileResponse, Response

from recipe_schema.artifacts import ArtifactRef, VideoManifest
from tasks.storage.keys import manifest_key
from tasks.storage.store import ArtifactStore, NotFoundError, read_index

# Pages that are read into memory on their way out of a bucket are no larger, bytes.
_LARGEST_PAGE = 64_000_000
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
    ".gif": "image/gif",
    ".srt": "text/plain; charset=utf-8",
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

    def url(
        self,
        key: str,
        *,
        expires_s: float,
        filename: str | None = None,
        media_type: str | None = None,
        download: bool = False,
    ) -> str:
        """Where the object can be read for that many seconds, under this name and as this type."""


@dataclass(frozen=True)
class NamedFile:
    """An object as it is handed out.

    Attributes:
        film: Run whose manifest lists the blob; empty for a film's own files.
        download: Saved rather than shown.
    """

    key: str
    film: str
    name: str
    media_type: str
    download: bool

    @property
    def is_page(self) -> bool:
        """Whether a browser opens it as a page rather than as a picture or film."""
        return not self.media_type.startswith(("video/", "image/"))


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

    def player_policy(self) -> str:
        """What a page with a player may load, for its content policy."""
        places = f"'self' {self.store_origin()}".rstrip()
        return f"media-src {places}; img-src {places}"


def named_file(
    store: ArtifactStore, key: str, *, film: str = "", name: str = "", download: bool = False
) -> NamedFile:
    """How an object is handed out.

    Args:
        store: Where it is.
        key: Below ``films/``, or a blob.
        film: Run whose manifest lists the blob.
        name: File name; empty: that of its key or manifest.
        download: Save rather than show.

    Raises:
        NotFoundError: It is not there, or not a part of that film.
    """
    store.stat(key)
    found, media_type = _described(store, key, film)
    return NamedFile(key, film, name or found, media_type, download or not _is_shown(media_type))


def bucket_address(shelf: Shelf, file: NamedFile, left_s: int) -> str | None:
    """Where a bucket itself gives the file; None when it comes through the studio."""
    if not isinstance(shelf.store, Addressable) or (file.is_page and not file.download):
        return None
    return shelf.store.url(
        file.key,
        expires_s=left_s,
        filename=file.name,
        media_type=file.media_type,
        download=file.download,
    )


def given(shelf: Shelf, file: NamedFile, *, kept: str) -> Response:
    """The file's bytes as an answer.

    Args:
        shelf: Store.
        file: What is handed out.
        kept: How long browsers may keep it: the header ``cache-control``.

    Raises:
        NotFoundError: It lies in a bucket, and is not to be shown from here.
    """
    report = file.media_type.startswith("text/html")
    headers = {
        "content-security-policy": _REPORT_POLICY if report else _FILE_POLICY,
        "cache-control": kept,
    }
    way = "attachment" if file.download else "inline"
    if isinstance(shelf.store, OnDisk):
        return FileResponse(
            shelf.store.path(file.key),
            media_type=file.media_type,
            filename=file.name,
            content_disposition_type=way,
            headers=headers,
        )
    if not file.is_page or shelf.store.stat(file.key).size > _LARGEST_PAGE:
        raise NotFoundError(f"{file.key} is not on this machine")
    headers["content-disposition"] = f"{way}; filename*=UTF-8''{quote(file.name)}"
    return Response(shelf.store.get_bytes(file.key), media_type=file.media_type, headers=headers)


def _is_shown(media_type: str) -> bool:
    return media_type in _SHOWN.values()


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
