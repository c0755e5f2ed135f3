"""What an S3 server's refusals and silences mean, in our errors and in plain words."""

import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from xml.etree.ElementTree import ParseError

from minio.error import MinioException, S3Error, ServerError
from urllib3.exceptions import (
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as NoAnswerError
from urllib3.response import BaseHTTPResponse

from tasks.errors import BadInputError, NoSpaceError, SongfilmError
from tasks.media.connection import speaks_no_tls
from tasks.storage.store import (
    AlreadyExistsError,
    DeniedError,
    IntegrityError,
    NotFoundError,
    UnreachableError,
)

# Everything that a request to an S3 server may end in, other than its answer. A body that was cut
# off is no XML any more.
FAILURES = (MinioException, HTTPError, ParseError)

# Answers after which the same request may succeed; 409 is a conflict with a write under way.
_BUSY = {408, 409, 425, 429, 500, 502, 503, 504}
_BUSY_CODES = {"RequestTimeout", "IncompleteBody", "InternalError", "SlowDown", "OperationAborted"}
_FULL = {"XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "XRgwQuotaFull"}
_DAMAGED = {
    "BadDigest",
    "InvalidDigest",
    "XAmzContentSHA256Mismatch",
    "XAmzContentChecksumMismatch",
}
_CLOCK = {"RequestTimeTooSkewed", "RequestExpired"}
_REGION = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
# Servers refuse requests that are further from their own clock, seconds.
_SKEW_S = 15 * 60


def status_of(error: Exception) -> int:
    """The HTTP status behind a failure; 0 when there was no answer, or none that says it."""
    if isinstance(error, S3Error):
        return int(error.response.status)
    return int(error.status_code) if isinstance(error, ServerError) else 0


def code_of(error: Exception) -> str:
    """The S3 word for a failure; empty when the server gave none."""
    return (error.code or "") if isinstance(error, S3Error) else ""


def may_help(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, SSLError):
        return "CERTIFICATE_VERIFY_FAILED" not in str(error) and not speaks_no_tls(error)
    status, code = status_of(error), code_of(error)
    if code == "NoSuchBucket":
        return False
    return status == 0 or status in _BUSY or code in _BUSY_CODES


def is_unknown_host(error: Exception) -> bool:
    """Whether name services say that there is no such server; a moment later they say the same."""
    cause = error.__cause__
    return (
        isinstance(error, NameResolutionError)
        and isinstance(cause, OSError)
        and cause.errno in (socket.EAI_NONAME, socket.EAI_FAIL)
    )


def was_refused(error: Exception) -> bool:
    """Whether a condition of the request (``If-Match``, ``If-None-Match``) did not hold."""
    return status_of(error) == HTTPStatus.PRECONDITION_FAILED


def is_missing(error: Exception) -> bool:
    """Whether the object is not there; a missing bucket or upload is something else."""
    return status_of(error) == HTTPStatus.NOT_FOUND and code_of(error) not in (
        "NoSuchBucket",
        "NoSuchUpload",
    )


def translated(error: Exception, *, key: str, endpoint: str, bucket: str) -> SongfilmError:
    """The error of ours for a failure.

    Args:
        error: What the request ended in.
        key: Which object, for messages.
        endpoint: Which server, for messages.
        bucket: Which bucket, for messages.
    """
    status, code = status_of(error), code_of(error)
    if code == "NoSuchBucket":
        return BadInputError(
            f"the S3 server {endpoint} has no bucket {bucket!r}; make it with "
            "python -m deployments.bucket, or correct --store or SONGFILM_STORE"
        )
    if status == HTTPStatus.MOVED_PERMANENTLY or code in _REGION:
        return BadInputError(
            f"the bucket {bucket!r} of {endpoint} is in another region ({code or status}); "
            "correct SONGFILM_S3_REGION or SONGFILM_S3_ENDPOINT"
        )
    if is_missing(error):
        return NotFoundError(f"{key} is not in the bucket {bucket} of {endpoint}")
    if was_refused(error):
        return AlreadyExistsError(f"{key} is taken")
    if status == HTTPStatus.INSUFFICIENT_STORAGE or code in _FULL:
        return NoSpaceError(
            f"the S3 server {endpoint} has no room for {key} ({code or status}); "
            "free space or raise the bucket's quota, and run again"
        )
    if code in _CLOCK or status in (401, 403):
        return _denied(error, key=key, endpoint=endpoint, bucket=bucket)
    if code in _DAMAGED:
        return IntegrityError(f"{key} changed on its way to {endpoint} ({code}); run again")
    failed = f"the S3 server {endpoint} failed at {key}: {reason(error)}"
    if isinstance(error, SSLError) and speaks_no_tls(error):
        return BadInputError(f"{failed}; write http:// in SONGFILM_S3_ENDPOINT, or another port")
    if is_unknown_host(error):
        return UnreachableError(f"{failed}; correct SONGFILM_S3_ENDPOINT, or run again")
    return UnreachableError(f"{failed}; run again")


def reason(error: Exception) -> str:
    """A failure in a few words, without addresses that could carry a signature."""
    if status := status_of(error):
        return f"it answered {status} {code_of(error)}".rstrip()
    if isinstance(error, NameResolutionError):
        return "its name is not known"
    if isinstance(error, NewConnectionError):
        return "nobody listens there"
    # A chunk that did not leave in time comes wrapped.
    if isinstance(error, NoAnswerError) or any(isinstance(a, TimeoutError) for a in error.args):
        return "it does not answer"
    if isinstance(error, SSLError) and speaks_no_tls(error):
        return "it does not speak https there"
    if isinstance(error, SSLError):
        return "its certificate is not trusted" if not may_help(error) else "TLS failed"
    if isinstance(error, HTTPError):
        return "the connection broke"
    return "its answer is not S3"


def _denied(error: Exception, *, key: str, endpoint: str, bucket: str) -> DeniedError:
    """Say whether the clock, the keys or their policy is at fault."""
    code = code_of(error)
    skew = clock_skew_s(error.response) if isinstance(error, S3Error) else None
    if code in _CLOCK or (skew is not None and abs(skew) > _SKEW_S):
        told = ""
        if skew is not None:
            told = f": it is {abs(skew) / 60:.0f} min {'ahead' if skew > 0 else 'behind'}"
        return DeniedError(
            f"the S3 server {endpoint} refuses requests with this machine's time{told}; "
            "set the clock (NTP) and run again"
        )
    if code in ("InvalidAccessKeyId", "SignatureDoesNotMatch"):
        return DeniedError(
            f"the S3 server {endpoint} does not know these keys ({code}); correct "
            "SONGFILM_S3_ACCESS_KEY and SONGFILM_S3_SECRET_KEY"
        )
    return DeniedError(
        f"the S3 server {endpoint} does not let these keys use {key} in the bucket {bucket} "
        f"({code or status_of(error)}); correct SONGFILM_S3_ACCESS_KEY and "
        "SONGFILM_S3_SECRET_KEY, or their policy"
    )


def clock_skew_s(response: BaseHTTPResponse) -> float | None:
    """Seconds that this machine's clock is ahead of the server's; None when it does not say."""
    said = response_time(response)
    return None if said is None else (datetime.now(UTC) - said).total_seconds()


def response_time(response: BaseHTTPResponse) -> datetime | None:
    """The server's clock when it answered."""
    try:
        return parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
