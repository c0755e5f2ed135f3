"""Who may do what in a store's bucket: least-privilege policies as S3 and IAM write them.

Five roles: a worker makes films, a person does so too and shares them, the studio (web) shows
them, the garbage collection (gc) removes what nobody needs, root owns the bucket. Policies allow;
what a worker may not write is denied on top, so that a new kind of artifact needs no new policy.
"""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

Policy = dict[str, Any]
"""A policy document."""

_VERSION = "2012-10-17"
_OURS = "Songfilm"


class Role(StrEnum):
    """Who asks the store."""

    WORKER = "worker"
    PERSON = "person"
    GC = "gc"
    WEB = "web"
    ROOT = "root"


Principals = Mapping[Role, Sequence[str]]
"""Users of each role."""

# Folders of the store. The studio serves files of films and links to them.
_SERVED = ("films/", "blobs/", "shares/")
# A worker gives its leases back, removes a blob whose bytes are not those of its name, and what
# `songfilm check` wrote.
_WORKER_DELETES = ("leases/*", "blobs/*", "check/*")
# Not songs: people added them.
_SWEPT = (
    *("analyses/*", "blobs/*", "clips/*", "films/*"),
    *("leases/*", "near/*", "segments/*", "shares/*", "traits/*"),
)
_PARTS = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


def role_policy(role: Role, *, bucket: str, prefix: str) -> Policy:
    """What a role may do, as a policy for its user.

    Args:
        role: Who asks.
        bucket: The store's bucket.
        prefix: What the names of the store's objects begin with: empty, or ending in a slash.

    Returns:
        The policy document.
    """
    return {"Version": _VERSION, "Statement": _statements(role, bucket, prefix)}


def bucket_policy(
    principals: Mapping[Role, Sequence[str]],
    *,
    bucket: str,
    prefix: str,
    before: Policy | None = None,
) -> Policy:
    """The same for several roles as one policy of the bucket.

    Args:
        principals: ARNs of the users of each role.
        bucket: The store's bucket.
        prefix: As for `role_policy`.
        before: The bucket's policy so far; what others wrote in it is kept, and so is what other
            roles and other stores of the bucket were given.

    Returns:
        The whole policy.
    """
    told = [
        {**statement, "Principal": {"AWS": list(users)}}
        for role, users in principals.items()
        for statement in _statements(role, bucket, prefix)
    ]
    ours = tuple(_sid(role, prefix) for role in principals)
    kept = [s for s in (before or {}).get("Statement", []) if not s.get("Sid", "").startswith(ours)]
    return {"Version": _VERSION, "Statement": [*kept, *told]}


def same_statements(before: Policy, after: Policy) -> bool:
    """Whether two policies say the same; servers may write a list of one as its only word."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: plain(each) for name, each in value.items()}
        return value if isinstance(value, list) else [value]

    said = [[plain(each) for each in policy.get("Statement", [])] for policy in (before, after)]
    return said[0] == said[1]


def users_of(policy: Policy | None, role: Role, *, prefix: str) -> list[str]:
    """ARNs that a bucket's policy gives a role to, each once."""
    found: list[str] = []
    for statement in (policy or {}).get("Statement", []):
        if statement.get("Sid", "").startswith(_sid(role, prefix)):
            users = statement.get("Principal", {}).get("AWS", [])
            found += [users] if isinstance(users, str) else users
    return list(dict.fromkeys(found))


def policy_name(role: Role, *, bucket: str, prefix: str) -> str:
    """What a role's policy is called on a server that keeps policies by name."""
    return "-".join(filter(None, ("songfilm", bucket, prefix.strip("/").replace("/", "-"), role)))


def _statements(role: Role, bucket: str, prefix: str) -> list[Policy]:
    arn, sid = f"arn:aws:s3:::{bucket}", _sid(role, prefix)

    def objects(*patterns: str) -> list[str]:
        return [f"{arn}/{prefix}{pattern}" for pattern in patterns]

    def named(name: str, effect: str, actions: Sequence[str], patterns: list[str]) -> Policy:
        told = {"Effect": effect, "Action": list(actions), "Resource": patterns}
        return {"Sid": f"{sid}{name}", **told}

    read = named("Read", "Allow", ["s3:GetObject"], objects("*"))
    listed = _listing(sid, arn, [prefix])
    if role is Role.ROOT:
        return [named("All", "Allow", ["s3:*"], [arn, f"{arn}/*"])]
    if role is Role.WEB:
        served = objects(*(f"{folder}*" for folder in _SERVED))
        return [
            *_listing(sid, arn, [f"{prefix}{folder}" for folder in _SERVED]),
            named("Read", "Allow", ["s3:GetObject"], served),
        ]
    if role in (Role.WORKER, Role.PERSON):
        no_shares = named("NoShares", "Deny", ["s3:PutObject"], objects("shares/*"))
        return [
            *listed,
            read,
            named("Write", "Allow", ["s3:PutObject", *_PARTS], objects("*")),
            *([no_shares] if role is Role.WORKER else []),
            named("Delete", "Allow", ["s3:DeleteObject"], objects(*_WORKER_DELETES)),
        ]
    return [
        *listed,
        read,
        named("Uploads", "Allow", ["s3:ListBucketMultipartUploads"], [arn]),
        named("Abort", "Allow", _PARTS, objects("*")),
        named("Delete", "Allow", ["s3:DeleteObject"], objects(*_SWEPT)),
    ]


def _listing(sid: str, arn: str, folders: Sequence[str]) -> list[Policy]:
    """List folders, and be told that an object is missing.

    S3 answers "not found" only to those who may list, and a request for one object carries no
    prefix: hence the second statement. (The operator StringLikeIfExists would say both at once; not
    every server knows it.) It lets the names of the bucket's other objects be listed, not read.
    """
    told = {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [arn]}
    if folders == [""]:
        return [{"Sid": f"{sid}List", **told}]
    within = {"StringLike": {"s3:prefix": [f"{folder}*" for folder in folders]}}
    return [
        {"Sid": f"{sid}List", **told, "Condition": within},
        {"Sid": f"{sid}Missing", **told, "Condition": {"Null": {"s3:prefix": ["true"]}}},
    ]


def _sid(role: Role, prefix: str) -> str:
    """How the names of a role's statements begin; letters and digits only, one set a store."""
    store = hashlib.sha256(prefix.encode()).hexdigest()[:8]
    return f"{_OURS}{role.capitalize()}{store}"
