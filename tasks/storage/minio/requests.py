"""Requests to one bucket of an S3 server: connections, signatures, and how often they are tried.

minio-py signs, reads and lists; every try goes through a pool of our own, with short time-outs and
no retries of its own. What minio-py's public interface lacks (conditional writes, single steps of
a multipart upload) is sent by `send`, signed by `minio.signer`: presigned addresses would not do,
because S3 refuses metadata headers that are not signed.
"""

import logging
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import certifi
import urllib3
from minio import Minio
from minio.credentials.credentials import Credentials
from minio.error import S3Error, ServerError
from minio.signer import sign_v4_s3
from urllib3.response import BaseHTTPResponse

from tasks import cancellation
from tasks.storage.minio.bodies import Body, bytes_body
from tasks.storage.minio.errors import (
    FAILURES,
    code_of,
    is_missing,
    is_unknown_host,
    may_help,
    reason,
    translated,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

# Idle connections kept; more may be open at once.
_CONNECTIONS = 16
# Longest that the server is waited for when a store is opened, seconds.
_OPEN_PATIENCE_S = 20.0
# Pauses between tries: the first, and the longest, seconds.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0


class Bucket:
    """A bucket of an S3 server, from this process.

    A try ends after at most ``connect_timeout_s + read_timeout_s`` without a byte. Tries go on
    until ``patience_s`` have passed, so a server that is silent fails a request after at most
    ``patience_s + connect_timeout_s + read_timeout_s``.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        access_key: str,
        secret_key: str,
        bucket: str,
        region: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        patience_s: float,
    ) -> None:
        """Nothing is asked yet.

        Args:
            endpoint: ``http(s)://host:port``.
            access_key: Who asks.
            secret_key: What proves it.
            bucket: Where all objects lie.
            region: What the server calls its place.
            connect_timeout_s: Longest wait for a connection, and for a chunk to leave.
            read_timeout_s: Longest wait for a byte of an answer.
            patience_s: How long a failed request is tried again.
        """
        self.endpoint, self.name = endpoint.rstrip("/"), bucket
        self.region, self.patience_s = region, patience_s
        self._keys = Credentials(access_key, secret_key)
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_timeout_s, read=read_timeout_s),
            cert_reqs="CERT_REQUIRED",
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        )
        self.client = self.client_at(self.endpoint)
        self.seen = False

    def check(self) -> None:
        """Ask for the bucket, so that a wrong address is told before any work.

        Raises:
            BadInputError: No such bucket.
            DeniedError: The server does not know the keys, or refuses this machine's clock.
            UnreachableError: No answer within 20 s and a time-out.
        """

        def listed() -> None:
            try:
                self.send("GET", "", query={"list-type": "2", "max-keys": "1"})
            except FAILURES as error:
                if code_of(error) != "AccessDenied":  # keys that may read or write, but not list
                    raise

        patience_s = min(_OPEN_PATIENCE_S, self.patience_s)
        self.ask(listed, key="the bucket", patience_s=patience_s)
        self.seen = True

    def check_once(self) -> None:
        """The same, unless it was there before."""
        if not self.seen:
            self.check()

    def client_at(self, endpoint: str) -> Minio:
        """minio-py for an address of the same server."""
        parts = urlsplit(endpoint)
        return Minio(
            parts.netloc,
            self._keys.access_key,
            self._keys.secret_key,
            secure=parts.scheme == "https",
            region=self.region,
            http_client=self._pool,
        )

    def ask(self, call: Callable[[], T], *, key: str, patience_s: float | None = None) -> T:
        """Call until it succeeds, fails for good, or patience ends.

        Args:
            call: One try; it raises what minio-py and urllib3 raise.
            key: Which object, for messages.
            patience_s: How long to try; the bucket's own when empty.

        Raises:
            StoreError: What it failed with.
            RunCancelledError: Somebody asked to stop between two tries.
        """
        tries = Tries(self, key, self.patience_s if patience_s is None else patience_s)
        while True:
            try:
                return call()
            except FAILURES as error:
                tries.failed(error)

    def send(
        self,
        method: str,
        name: str,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        body: Body | None = None,
    ) -> BaseHTTPResponse:
        """Send one signed request, once.

        Args:
            method: HTTP method.
            name: The object's full name in the bucket; empty for the bucket itself.
            query: Parameters.
            headers: Headers beside those of the signature; all are signed.
            body: What to send.

        Returns:
            The answer, read, with a status below 300.

        Raises:
            MinioException: Another answer.
            HTTPError: None.
        """
        body = body or bytes_body(b"")
        path = quote(f"/{self.name}/{name}" if name else f"/{self.name}", safe="/-_.~")
        query_text = urlencode(query or {}, quote_via=quote, safe="-_.~")
        url = urlsplit(f"{self.endpoint}{path}" + (f"?{query_text}" if query_text else ""))
        now = datetime.now(UTC)
        signed = sign_v4_s3(
            method=method,
            url=url,
            region=self.region,
            headers={
                "Host": url.netloc,
                "Content-Length": str(body.size),
                "x-amz-content-sha256": body.sha256,
                "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
                **(headers or {}),
            },
            credentials=self._keys,
            content_sha256=body.sha256,
            date=now,
        )
        sent = {header: str(value) for header, value in signed.items()}
        answer = self._pool.request(method, url.geturl(), headers=sent, body=body.chunks())
        if answer.status >= 300 or b"<Error>" in answer.data[:1000]:
            raise _failure(answer)
        return answer


class Tries:
    """How long one piece of work goes on failing before it is given up."""

    def __init__(self, bucket: Bucket, key: str, patience_s: float) -> None:
        """Patience begins now."""
        self._bucket, self._key, self._patience_s = bucket, key, patience_s
        self.progressed()

    def progressed(self) -> None:
        """Begin patience anew: something came through."""
        self._end, self._failed = time.monotonic() + self._patience_s, 0

    def over(self) -> bool:
        """Whether the next failure is the last."""
        return time.monotonic() >= self._end

    def failed(self, error: Exception) -> None:
        """Wait for the next try, or raise when there is none.

        Raises:
            StoreError: Trying again cannot help, or was tried long enough.
            RunCancelledError: Somebody asked to stop.
        """
        left_s = self._end - time.monotonic()
        lost = is_unknown_host(error) and not self._bucket.seen
        if not may_help(error) or lost or left_s <= 0:
            if is_missing(error):
                # It may be the bucket that is missing; servers do not say which to a HEAD.
                self._bucket.check_once()
            raise translated(
                error, key=self._key, endpoint=self._bucket.endpoint, bucket=self._bucket.name
            ) from error
        if self._failed == 0:
            log.warning(
                "the S3 server %s failed at %s (%s); trying for up to %.0f s",
                self._bucket.endpoint,
                self._key,
                reason(error),
                left_s,
            )
        pause_s = min(_FIRST_PAUSE_S * 2**self._failed, _LONGEST_PAUSE_S)
        self._failed += 1
        cancellation.wait(min(pause_s * random.uniform(0.5, 1.0), left_s))
        cancellation.check()


def _failure(answer: BaseHTTPResponse) -> Exception:
    """What an answer that is not the wanted one says."""
    try:
        return S3Error.fromxml(answer)
    except (ElementTree.ParseError, UnicodeDecodeError):
        return ServerError(f"HTTP status {answer.status}", answer.status)
