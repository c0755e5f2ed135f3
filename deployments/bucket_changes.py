"""What a store's bucket lacks: itself, its lifecycle rules, the policies of its users."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from minio.error import S3Error
from minio.lifecycleconfig import Rule

from deployments.bucket_policies import (
    Policy,
    Principals,
    bucket_policy,
    same_statements,
    users_of,
)
from deployments.bucket_rules import expiry_rules, in_words, missing_rules, read_rules, with_rules
from tasks.storage.minio.requests import Bucket
from tasks.storage.store import NotFoundError


@dataclass(frozen=True)
class Change:
    """Something that the bucket lacks.

    Attributes:
        told: What, for people.
        make: Does it.
    """

    told: str
    make: Callable[[], object]


def changes(
    bucket: Bucket, prefix: str, *, clip_days: float, principals: Principals
) -> list[Change]:
    """What a bucket lacks; nothing is changed yet.

    Args:
        bucket: There or not.
        prefix: What the names of the store's objects begin with.
        clip_days: How long listings of clips are kept since a film last used them.
        principals: ARNs of the users of each role; roles without any are left alone.

    Returns:
        What to do, in order.

    Raises:
        StoreError: The server does not answer, or refuses.
    """
    client, name = bucket.client, bucket.name
    there = _is_there(bucket)
    found = [] if there else [Change(f"bucket {name}", lambda: client.make_bucket(name))]
    before = _rules(bucket) if there else []
    wanted = expiry_rules(prefix, clip_days=clip_days)
    if missing := missing_rules(before, wanted):
        told = f"lifecycle of {name}: {in_words(missing)}"
        config = with_rules(before, wanted)
        found.append(Change(told, partial(client.set_bucket_lifecycle, name, config)))
    if principals:
        old = _policy(bucket) if there else None
        new = bucket_policy(principals, bucket=name, prefix=prefix, before=old)
        if old is None or not same_statements(old, new):
            told = f"policy of {name}: {_users_in_words(principals, old, prefix)}"
            found.append(Change(told, partial(client.set_bucket_policy, name, json.dumps(new))))
    return found


def _is_there(bucket: Bucket) -> bool:
    """Whether the bucket is there; a listing says what is wrong with keys, which HEAD does not."""

    def listed() -> bool:
        try:
            bucket.send("GET", "", query={"list-type": "2", "max-keys": "1"})
        except S3Error as error:
            if error.code not in ("NoSuchBucket", "AccessDenied"):
                raise
            return error.code != "NoSuchBucket"
        return True

    return bucket.ask(listed, key="the bucket")


def _rules(bucket: Bucket) -> list[Rule]:
    def asked() -> list[Rule]:
        try:
            return read_rules(bucket.send("GET", "", query={"lifecycle": ""}).data)
        except S3Error as error:
            if error.code != "NoSuchLifecycleConfiguration":
                raise
            return []

    return bucket.ask(asked, key="the lifecycle rules")


def _policy(bucket: Bucket) -> Policy | None:
    try:
        said = bucket.ask(lambda: bucket.client.get_bucket_policy(bucket.name), key="the policy")
    except NotFoundError:
        return None
    policy: Policy = json.loads(said)
    return policy


def _users_in_words(principals: Principals, old: Policy | None, prefix: str) -> str:
    """Each role's users, and whom they replace."""
    told = []
    for role, users in principals.items():
        before, now = users_of(old, role, prefix=prefix), ", ".join(users)
        replaced = before and set(before) != set(users)
        told.append(f"{role}: before {', '.join(before)}, now {now}" if replaced else role)
    return "; ".join(told)
