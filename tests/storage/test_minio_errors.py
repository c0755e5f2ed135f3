"""What an S3 server refuses is told in plain words, and nothing secret with it."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import NewConnectionError, ProtocolError, ReadTimeoutError, SSLError

from tasks.errors import BadInputError, NoSpaceError, PermanentError, TransientError
from tasks.storage.minio.errors import may_help, translated
from tasks.storage.minio.requests import Bucket
from tasks.storage.store import (
    AlreadyExistsError,
    DeniedError,
    IntegrityError,
    NotFoundError,
    UnreachableError,
)


def refused(status, code, *, ahead_s=None):
    """An S3 server's answer, which says a time that ours is so far ahead of."""
    said = {}
    if ahead_s is not None:
        now = datetime.now(UTC) - timedelta(seconds=ahead_s)
        said["Date"] = format_datetime(now, usegmt=True)
    answer = urllib3.HTTPResponse(status=status, headers=said)
    return S3Error(
        response=answer,
        code=code,
        message="said by the server",
        resource="/b/k",
        request_id="1",
        host_id="2",
    )


def told(error):
    return translated(error, key="films/a", endpoint="https://s3.example.org", bucket="films")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (refused(404, "NoSuchKey"), NotFoundError, "films/a is not in the bucket films"),
        (refused(404, "NoSuchBucket"), BadInputError, "python -m deployments.bucket"),
        (refused(301, "PermanentRedirect"), BadInputError, "SONGFILM_S3_REGION"),
        (refused(400, "AuthorizationHeaderMalformed"), BadInputError, "SONGFILM_S3_REGION"),
        (refused(412, "PreconditionFailed"), AlreadyExistsError, "films/a is taken"),
        (refused(403, "InvalidAccessKeyId"), DeniedError, "SONGFILM_S3_ACCESS_KEY"),
        (refused(403, "SignatureDoesNotMatch"), DeniedError, "SONGFILM_S3_SECRET_KEY"),
        (refused(403, "AccessDenied"), DeniedError, "films/a .*policy"),
        (refused(401, "Unauthorized"), DeniedError, "policy"),
        (refused(403, "RequestTimeTooSkewed"), DeniedError, "set the clock"),
        (refused(507, "XMinioStorageFull"), NoSpaceError, "no room for films/a"),
        (refused(403, "QuotaExceeded"), NoSpaceError, "quota"),
        (refused(400, "BadDigest"), IntegrityError, "changed on its way"),
        (refused(400, "XAmzContentSHA256Mismatch"), IntegrityError, "run again"),
        (refused(503, "SlowDown"), UnreachableError, "answered 503 SlowDown"),
        (refused(404, "NoSuchUpload"), UnreachableError, "404 NoSuchUpload"),
        (ServerError("bad gateway", 502), UnreachableError, "answered 502"),
        (InvalidResponseError(200, "text/html", "<html>"), UnreachableError, "not S3"),
        (NewConnectionError(None, "refused"), UnreachableError, "nobody listens"),
        (ReadTimeoutError(None, "/k", "slow"), UnreachableError, "does not answer"),
        (ProtocolError("reset"), UnreachableError, "connection broke"),
        (SSLError("CERTIFICATE_VERIFY_FAILED"), UnreachableError, "not trusted"),
        (SSLError("[SSL: WRONG_VERSION_NUMBER]"), BadInputError, "write http:// in SONGFILM_S3"),
        (SSLError("[SSL] record layer failure"), BadInputError, "does not speak https there"),
    ],
)
def test_failure_is_told_in_our_words(error, kind, words):
    found = told(error)
    assert type(found) is kind
    assert isinstance(found, TransientError) is not isinstance(found, PermanentError)
    with pytest.raises(kind, match=words):
        raise found


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [
        (1800, "30 min ahead.*set the clock"),
        (-1800, "30 min behind.*set the clock"),
        (600, "films/a .*policy"),
    ],
)
def test_clock_is_blamed_when_it_is_too_far_from_the_servers(ahead_s, words):
    with pytest.raises(DeniedError, match=words):
        raise told(refused(403, "AccessDenied", ahead_s=ahead_s))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
def test_busy_server_is_asked_again(status):
    assert may_help(refused(status, "Whatever"))
    assert may_help(ServerError("no XML", status))


@pytest.mark.parametrize(
    "error",
    [
        *[refused(status, "Whatever") for status in (301, 400, 401, 403, 404, 405, 412, 507)],
        refused(409, "NoSuchBucket"),
        SSLError("CERTIFICATE_VERIFY_FAILED"),
        SSLError("[SSL: WRONG_VERSION_NUMBER]"),
    ],
)
def test_refusal_is_not_asked_again(error):
    assert not may_help(error)


@pytest.mark.parametrize("code", ["RequestTimeout", "IncompleteBody"])
def test_request_that_did_not_arrive_is_sent_again(code):
    assert may_help(refused(400, code))


def test_message_holds_no_signed_address():
    url = "/films/a?X-Amz-Signature=abcdef&X-Amz-Credential=key"
    for error in (ReadTimeoutError(None, url, url), NewConnectionError(None, url)):
        assert "X-Amz" not in str(told(error))


@pytest.mark.parametrize(
    ("errno", "once"),
    [(socket.EAI_NONAME, True), (socket.EAI_FAIL, True), (socket.EAI_AGAIN, False)],
)
def test_name_that_nobody_knows_is_asked_once_when_a_store_is_opened(monkeypatch, errno, once):
    asked = []

    def unknown(*_args, **_options):
        asked.append(1)
        raise socket.gaierror(errno, "no")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    bucket = Bucket(
        "http://nobody.example:9000",
        access_key="a",
        secret_key="b",
        bucket="films",
        region="us-east-1",
        connect_timeout_s=1.0,
        read_timeout_s=1.0,
        patience_s=0.15,
    )
    with pytest.raises(UnreachableError, match="its name is not known"):
        bucket.check()
    assert (len(asked) == 1) is once
    # One that was there is missed for a moment only.
    bucket.seen = True
    asked.clear()
    with pytest.raises(UnreachableError):
        bucket.check()
    assert len(asked) > 1
