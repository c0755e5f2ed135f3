"""Policies and rules of a store's bucket say what each role may do, and leave others' alone."""

import http.server
import io
import json
import sys
import uuid
from fnmatch import fnmatchcase

import pytest
import urllib3
from minio import MinioAdmin
from minio.commonconfig import ENABLED, Filter
from minio.credentials.providers import StaticProvider
from minio.crypto import decrypt, encrypt
from minio.lifecycleconfig import Expiration, Rule
from support.mailbox import open_server
from support.s3 import running_moto

from deployments.bucket import main
from deployments.bucket_admin import named_policies
from deployments.bucket_changes import changes
from deployments.bucket_policies import (
    Role,
    bucket_policy,
    policy_name,
    role_policy,
    same_statements,
    users_of,
)
from deployments.bucket_rules import expiry_rules, in_words, missing_rules, read_rules, with_rules
from tasks.errors import MissingDependencyError
from tasks.storage.minio.requests import Bucket
from tasks.storage.store import DeniedError

GET, PUT, DELETE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
LIST, ABORT = "s3:ListBucket", "s3:AbortMultipartUpload"
OURS = ("blobs/aa/x", "clips/shared/aa/x.json", "films/run-1/film.mp4", "songs/aa/a.wav")


def may(role, action, name, *, prefix="team/films/", listed=None):
    """What a server makes of a role's policy: allowed by some statement, denied by none."""
    arn = f"arn:aws:s3:::bucket{name and '/'}{name}"
    said = [
        statement["Effect"]
        for statement in role_policy(role, bucket="bucket", prefix=prefix)["Statement"]
        if any(fnmatchcase(action, each) for each in statement["Action"])
        and any(fnmatchcase(arn, each) for each in statement["Resource"])
        and _holds(statement.get("Condition", {}), listed)
    ]
    return "Allow" in said and "Deny" not in said


def _holds(condition, listed):
    """Whether a condition on the prefix that is listed holds; None: nothing is listed."""
    if "Null" in condition:
        return listed is None
    likes = condition.get("StringLike", {}).get("s3:prefix")
    return likes is None or (listed is not None and any(fnmatchcase(listed, e) for e in likes))


@pytest.mark.parametrize("key", [*OURS, "leases/shot/1", "near/shared/x/y.json", "kind/of-2030"])
def test_worker_reads_and_writes_everything(key):
    assert may(Role.WORKER, GET, f"team/films/{key}")
    assert may(Role.WORKER, PUT, f"team/films/{key}")
    assert may(Role.WORKER, ABORT, f"team/films/{key}")


def test_worker_removes_leases_trials_and_damaged_blobs_only():
    keys = (*OURS, "leases/x", "check/x", "shares/x.json")
    removable = {key for key in keys if may(Role.WORKER, DELETE, f"team/films/{key}")}
    assert removable == {"leases/x", "check/x", "blobs/aa/x"}


@pytest.mark.parametrize("action", [GET, PUT, DELETE, ABORT])
def test_person_may_what_a_worker_may_and_makes_links(action):
    for key in (*OURS, "leases/x", "songs/aa/a.wav"):
        name = f"team/films/{key}"
        assert may(Role.PERSON, action, name) == may(Role.WORKER, action, name)
    assert may(Role.PERSON, PUT, "team/films/shares/x.json")
    assert not may(Role.PERSON, DELETE, "team/films/shares/x.json")


def test_worker_makes_no_links():
    assert may(Role.WORKER, GET, "team/films/shares/x.json")
    assert not may(Role.WORKER, PUT, "team/films/shares/x.json")


def test_studio_reads_what_it_serves_and_writes_nothing():
    readable = {k for k in (*OURS, "shares/x.json") if may(Role.WEB, GET, f"team/films/{k}")}
    assert readable == {"blobs/aa/x", "films/run-1/film.mp4", "shares/x.json"}
    for action in (PUT, DELETE):
        assert not any(may(Role.WEB, action, f"team/films/{k}") for k in (*OURS, "shares/x.json"))


def test_gc_removes_all_but_songs_and_writes_nothing():
    keys = (
        *OURS,
        "shares/x.json",
        "near/s/x/y.json",
        "segments/aa/x.json",
        "leases/x/1",
        "traits/x.json",
    )
    removable = {key for key in keys if may(Role.GC, DELETE, f"team/films/{key}")}
    assert removable == set(keys) - {"songs/aa/a.wav"}
    assert not any(may(Role.GC, PUT, f"team/films/{key}") for key in keys)
    assert may(Role.GC, "s3:ListBucketMultipartUploads", "")
    assert may(Role.GC, ABORT, "team/films/films/run-1/film.mp4")


@pytest.mark.parametrize("role", [Role.WORKER, Role.PERSON, Role.GC, Role.WEB])
def test_roles_administer_nothing_and_touch_no_other_store(role):
    for action in ("s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:DeleteBucket"):
        assert not may(role, action, "")
        assert may(Role.ROOT, action, "")
    for action in (GET, PUT, DELETE):
        assert not may(role, action, "other/blobs/aa/x")
        assert not may(role, action, "team/films-2/blobs/aa/x")
    assert not may(role, LIST, "", listed="other/")
    assert not may(role, LIST, "", listed="")


def test_roles_list_their_folders_and_are_told_of_missing_objects():
    assert may(Role.WORKER, LIST, "", listed="team/films/clips/")
    assert may(Role.WEB, LIST, "", listed="team/films/shares/")
    assert not may(Role.WEB, LIST, "", listed="team/films/clips/")
    assert all(may(role, LIST, "", listed=None) for role in Role)


def test_store_that_fills_its_bucket_needs_no_conditions():
    assert may(Role.WORKER, LIST, "", prefix="", listed="")
    assert may(Role.WORKER, PUT, "clips/x.json", prefix="")
    assert not may(Role.WORKER, PUT, "shares/x.json", prefix="")


def test_bucket_policy_keeps_what_others_wrote():
    theirs = {"Sid": "Auditors", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    place = {"bucket": "bucket", "prefix": "a/"}
    first = bucket_policy(
        {Role.WORKER: ["w1"], Role.WEB: ["web"]},
        **place,
        before={"Version": "2012-10-17", "Statement": [theirs]},
    )
    other = bucket_policy({Role.WORKER: ["w9"]}, bucket="bucket", prefix="b/", before=first)
    again = bucket_policy({Role.WORKER: ["w2"]}, **place, before=other)
    assert theirs in again["Statement"]
    users = {each["Principal"]["AWS"][0] for each in again["Statement"] if "Principal" in each}
    assert users == {"web", "w2", "w9"}
    assert same_statements(again, bucket_policy({Role.WORKER: ["w2"]}, **place, before=again))


def test_policies_are_the_same_however_a_server_writes_lists_of_one():
    policy = bucket_policy({Role.ROOT: ["arn:1"]}, bucket="bucket", prefix="")
    statement = policy["Statement"][0]
    said = {**statement, "Action": "s3:*", "Principal": {"AWS": "arn:1"}}
    assert same_statements({"Statement": [said]}, policy)
    assert not same_statements({"Statement": [{**said, "Action": "s3:GetObject"}]}, policy)


def test_rules_keep_what_others_wrote():
    theirs = Rule(
        ENABLED, rule_id="logs", rule_filter=Filter(prefix="logs/"), expiration=Expiration(days=7)
    )
    stale = expiry_rules("films/", clip_days=30)
    wanted = expiry_rules("films/", clip_days=89.5)
    other = expiry_rules("other/", clip_days=1)
    config = with_rules([theirs, *stale, *other], wanted)
    assert config.rules == [theirs, *other, *wanted]
    assert missing_rules(config.rules, wanted) == []
    assert in_words(wanted) == (
        "films/clips/ for 90 days, films/leases/ for 1 day, unfinished uploads for 2 days"
    )


RULES = """<?xml version="1.0"?><LifecycleConfiguration{space}><Rule><ID>songfilm clips/</ID>
<Filter><Prefix>clips/</Prefix></Filter><Status>Enabled</Status>
<Expiration><Days>90</Days></Expiration></Rule><Rule><ID>songfilm leases/</ID>
<Prefix>leases/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>
<Rule><ID>songfilm uploads</ID>{place}<Status>Enabled</Status>
<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation>
</AbortIncompleteMultipartUpload></Rule><Rule><ID>logs</ID><Prefix>logs/</Prefix>
<Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>"""


@pytest.mark.parametrize("space", ["", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'])
@pytest.mark.parametrize("place", ["", "<Filter/>", "<Prefix/>", "<Prefix></Prefix><Filter/>"])
def test_rules_are_compared_by_meaning_however_a_server_writes_an_empty_prefix(space, place):
    before = read_rules(RULES.format(space=space, place=place).encode())
    assert missing_rules(before, expiry_rules("", clip_days=90)) == []
    # What others wrote without a filter must not cover the whole bucket when it is written back.
    assert before[-1].rule_filter == Filter(prefix="logs/")
    (changed,) = missing_rules(before, expiry_rules("", clip_days=30))
    assert in_words([changed]) == "clips/ for 30 days"


def test_former_users_of_a_role_are_known_by_their_store():
    policy = bucket_policy({Role.WORKER: ["arn:1", "arn:2"]}, bucket="bucket", prefix="a/")
    assert users_of(policy, Role.WORKER, prefix="a/") == ["arn:1", "arn:2"]
    assert users_of(policy, Role.WORKER, prefix="b/") == []
    assert users_of(policy, Role.WEB, prefix="a/") == []
    assert users_of(None, Role.WEB, prefix="a/") == []


@pytest.fixture(scope="module")
def moto():
    with running_moto() as server:
        yield server


def test_bucket_that_is_ready_needs_nothing_and_replaced_users_are_told(moto):
    bucket = Bucket(
        moto.endpoint,
        access_key=moto.access_key,
        secret_key=moto.secret_key,
        bucket=f"films-{uuid.uuid4().hex}",
        region="us-east-1",
        connect_timeout_s=5.0,
        read_timeout_s=5.0,
        patience_s=0.0,
    )

    def lacks(user="arn:1"):
        return changes(bucket, "", clip_days=90, principals={Role.WORKER: [user]})

    assert [change.told.split(" ")[0] for change in lacks()] == ["bucket", "lifecycle", "policy"]
    for change in lacks():
        change.make()
    assert lacks() == []
    (change,) = lacks("arn:2")
    assert change.told == f"policy of {bucket.name}: worker: before arn:1, now arn:2"


class Administration(http.server.HTTPServer):
    """Takes what MinIO's administration takes; answers as it does."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Take)
        self.taken, self.status, self.secret = [], 200, "admin-secret"
        self.refusal = b'{"Code":"XMinioAdminPolicyChangeAlreadyApplied"}'


class _Take(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        self._take(self._body())

    def do_POST(self):
        body = urllib3.HTTPResponse(io.BytesIO(self._body()), preload_content=False)
        self._take(decrypt(body, self.server.secret))

    def _body(self):
        return self.rfile.read(int(self.headers["content-length"]))

    def _take(self, body):
        self.server.taken.append((self.path, json.loads(body)))
        told = b"{}" if self.command == "PUT" else encrypt(b"{}", self.server.secret)
        if self.server.status != 200:
            told = self.server.refusal
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def administration():
    with open_server(Administration()) as server:
        yield server


def admin_of(server):
    keys = StaticProvider("admin", server.secret)
    address = f"127.0.0.1:{server.server_address[1]}"
    return MinioAdmin(endpoint=address, credentials=keys, region="us-east-1", secure=False)


@pytest.mark.parametrize("status", [200, 400])
def test_minio_keeps_policies_by_name_and_gives_them_to_users(administration, status):
    users = {Role.WORKER: ["w1", "w2"]}
    found = named_policies(admin_of(administration), "bucket", "team/films/", users)
    administration.status = status
    # 400: the users have theirs already.
    for change in found if status == 200 else found[1:3]:
        change.make()
    names = {role: policy_name(role, bucket="bucket", prefix="team/films/") for role in Role}
    assert names[Role.WORKER] == "songfilm-bucket-team-films-worker"
    attached = [body for path, body in administration.taken if "idp/builtin/policy/attach" in path]
    assert attached == [{"policies": [names[Role.WORKER]], "user": user} for user in ("w1", "w2")]
    added = {path: body for path, body in administration.taken if "add-canned-policy" in path}
    if status == 200:
        assert list(added.values()) == [
            role_policy(role, bucket="bucket", prefix="team/films/") for role in Role
        ]


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (405, b"<Error><Code>MethodNotAllowed</Code></Error>", MissingDependencyError, "ARNs$"),
        (404, b"no such page", MissingDependencyError, "it answered 404"),
        (403, b'{"Code":"AccessDenied"}', DeniedError, "refuses .403 AccessDenied.: with --admin"),
    ],
)
def test_server_without_such_administration_is_told(administration, status, body, kind, told):
    administration.status, administration.refusal = status, body
    first = named_policies(admin_of(administration), "bucket", "", {})[0]
    with pytest.raises(kind, match=told) as refused:
        first.make()
    assert "<" not in str(refused.value)


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """What the command prints, and the error and the code that it ends with."""

    def run(*words, **variables):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["bucket", *words])
        for name, value in {"SONGFILM_STORE": "s3://bucket/films", **variables}.items():
            monkeypatch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            return *capsys.readouterr(), end.code
        return *capsys.readouterr(), 0

    return run


def test_policies_are_printed_without_a_server(command):
    printed, _, code = command("--print-policies")
    assert code == 0
    assert json.loads(printed) == {
        role: role_policy(role, bucket="bucket", prefix="films/") for role in Role
    }


NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("words", "variables", "code", "told"),
    [
        ((), {"ENDPOINT": ""}, 2, "needs settings that are empty: SONGFILM_S3_ENDPOINT"),
        ((), {"ENDPOINT": "127.0.0.1:9"}, 2, "is no address of an S3 server; write http://"),
        (("--principal", "boss=me"), {}, 2, "with a role of worker, person, gc, web, root"),
        (("--principal", "worker=ana"), {}, 2, "such as worker=arn:aws:iam:::user/ana"),
        (("--principal", "worker="), {}, 2, "write ROLE=USER"),
        (("--nonsense",), {}, 2, "usage: "),
    ],
)
def test_what_is_wrong_is_told_with_the_code_of_the_table(command, words, variables, code, told):
    given = {"ENDPOINT": NOBODY, "ACCESS_KEY": "a", "SECRET_KEY": "b", **variables}
    printed, error, ended = command(*words, **{f"SONGFILM_S3_{n}": v for n, v in given.items()})
    assert (printed, ended) == ("", code)
    assert told in error


def test_bucket_of_a_bad_name_is_told_the_rule(command):
    _, error, code = command("--print-policies", SONGFILM_STORE="s3://Bad_Bucket/x")
    assert code == 2
    assert "'Bad_Bucket' is no name of a bucket, which has 3 to 63 small letters" in error


def test_server_that_is_down_may_be_asked_again(command, monkeypatch):
    monkeypatch.setattr("tasks.storage.minio.address._PATIENCE_S", 0.0)
    keys = {"SONGFILM_S3_ACCESS_KEY": "a", "SONGFILM_S3_SECRET_KEY": "b"}
    _, error, code = command(SONGFILM_S3_ENDPOINT=NOBODY, **keys)
    assert code == 3
    assert "nobody listens there" in error
