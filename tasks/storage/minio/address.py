"""Opening the store behind an ``s3://bucket/prefix`` address, once a process."""

import ipaddress
import logging
import os
import re
import threading
from urllib.parse import SplitResult, unquote, urlsplit

from tasks.errors import BadInputError
from tasks.settings import Settings
from tasks.storage.blob_cache import BlobCache
from tasks.storage.keys import BadKeyError, check_key
from tasks.storage.minio.requests import Bucket
from tasks.storage.minio.store import MinioStore

log = logging.getLogger(__name__)

# Stores that are kept open; each holds a few idle connections.
_MOST_OPEN = 16
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# How long a bucket that is made ready is asked, seconds.
_PATIENCE_S = 20.0
_GB = 1_000_000_000

_lock = threading.Lock()
_open: dict[tuple[object, ...], MinioStore] = {}
_warned: set[str] = set()


def is_s3(url: str) -> bool:
    """Whether an address names a bucket rather than a folder."""
    return urlsplit(url).scheme == "s3"


def open_s3(url: str, settings: Settings) -> MinioStore:
    """Open a store in a bucket, or return the one that this process has open.

    Args:
        url: ``s3://bucket`` or ``s3://bucket/prefix``.
        settings: Where the server is and who asks.

    Raises:
        BadInputError: The address or a setting cannot be used, or there is no such bucket.
        DeniedError: The server refuses the keys.
        UnreachableError: The server does not answer.
    """
    bucket, prefix = place_of(url)
    endpoint, access_key, secret_key = _access(url, settings)
    public = settings.s3_public_endpoint
    said = (
        os.getpid(),  # a forked child must not use its parent's connections
        *(bucket, prefix, endpoint, access_key, secret_key),
        *(settings.s3_region, public, settings.home_path, settings.cache_gb),
    )
    with _lock:
        known = _open.get(said)
    if known is not None:
        return known
    _check_endpoint("SONGFILM_S3_ENDPOINT", endpoint)
    if public:
        _check_endpoint("SONGFILM_S3_PUBLIC_ENDPOINT", public)
    store = MinioStore(
        endpoint,
        access_key=access_key,
        secret_key=secret_key,
        bucket=bucket,
        prefix=prefix,
        region=settings.s3_region,
        public_endpoint=public,
        cache=_cache(settings),
    )
    store.check()
    _warn_of_plain_http(endpoint)
    with _lock:
        while len(_open) >= _MOST_OPEN:
            del _open[next(iter(_open))]
        return _open.setdefault(said, store)


def _cache(settings: Settings) -> BlobCache:
    """Where downloads of all S3 stores are kept on this machine."""
    folder = settings.home_path / "cache"
    try:
        return BlobCache(folder, int(settings.cache_gb * _GB))
    except OSError as error:
        raise BadInputError(
            f"downloads cannot be kept in {folder} ({error.strerror}); set SONGFILM_HOME to a "
            "folder that you may write to, or SONGFILM_CACHE_GB to 0"
        ) from error


def bucket_of(url: str, settings: Settings) -> tuple[Bucket, str]:
    """The bucket of a store, there or not, and what the names of its objects begin with.

    Raises:
        BadInputError: The address or a setting cannot be used.
    """
    name, prefix = place_of(url)
    endpoint, access_key, secret_key = _access(url, settings)
    _check_endpoint("SONGFILM_S3_ENDPOINT", endpoint)
    bucket = Bucket(
        endpoint,
        access_key=access_key,
        secret_key=secret_key,
        bucket=name,
        region=settings.s3_region,
        connect_timeout_s=5.0,
        read_timeout_s=30.0,
        patience_s=_PATIENCE_S,
    )
    return bucket, prefix and f"{prefix}/"


def place_of(url: str) -> tuple[str, str]:
    """Bucket and prefix of an address.

    Raises:
        BadInputError: It names none.
    """
    parts = urlsplit(url)
    prefix = unquote(parts.path).strip("/")
    wanted = "write s3://bucket or s3://bucket/prefix"
    if not parts.netloc or parts.query or parts.fragment:
        raise BadInputError(f"store {without_user(parts)!r} names no bucket; {wanted}")
    if not _BUCKET.fullmatch(parts.netloc):
        raise BadInputError(
            f"store {without_user(parts)!r}: {parts.netloc.rpartition('@')[2]!r} is no name of a "
            "bucket, which has 3 to 63 small letters, digits, dots and hyphens, with a letter or "
            f"digit first and last; {wanted}"
        )
    try:
        return parts.netloc, check_key(prefix) if prefix else ""
    except BadKeyError as error:
        raise BadInputError(f"store {url!r}: {error}; {wanted}") from error


def without_user(parts: SplitResult) -> str:
    """An address without the user and password that somebody may have written into it."""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _access(url: str, settings: Settings) -> tuple[str, str, str]:
    """Endpoint and keys, or which of them are missing."""
    access, secret = settings.s3_access_key, settings.s3_secret_key
    found = {
        "SONGFILM_S3_ENDPOINT": settings.s3_endpoint or "",
        "SONGFILM_S3_ACCESS_KEY": access.get_secret_value() if access else "",
        "SONGFILM_S3_SECRET_KEY": secret.get_secret_value() if secret else "",
    }
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise BadInputError(f"store {url!r} needs settings that are empty: {', '.join(missing)}")
    endpoint, access_key, secret_key = found.values()
    return endpoint.rstrip("/"), access_key, secret_key


def _check_endpoint(setting: str, endpoint: str) -> None:
    """Refuse an endpoint that is more or less than a scheme, a host and a port."""
    parts = urlsplit(endpoint)
    try:
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not whole or more:
        raise BadInputError(
            f"{setting} {without_user(parts)!r} is no address of an S3 server; write "
            "http://host:port or https://host:port, without a path"
        )


def _warn_of_plain_http(endpoint: str) -> None:
    """Say once a process that songs travel in the open."""
    host = urlsplit(endpoint).hostname or ""
    if endpoint.startswith("https://") or endpoint in _warned or _is_loopback(host):
        return
    _warned.add(endpoint)
    log.warning("songs and clips travel unencrypted to %s; use https:// outside your network", host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
