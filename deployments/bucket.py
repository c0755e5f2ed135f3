"""Make the bucket of SONGFILM_STORE ready: ``python -m deployments.bucket``.

The bucket is made when missing. Its lifecycle rules let the listings of clips that no film used
for SONGFILM_CLIP_DAYS expire (their files go with ``songfilm gc``), old leases, and parts of
uploads that nobody ended. With ``--principal`` the roles of songfilm get their policies. What
others set in the bucket stays. Run it as often as you like, with keys that own the bucket. (On Ceph
the owner needs ``--principal root=`` its own ARN too, to read what workers wrote.)
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException
from minio.lifecycleconfig import Rule

from deployments.bucket_policies import (
    Policy,
    Role,
    bucket_policy,
    policy_name,
    role_policy,
    same_statements,
)
from deployments.bucket_rules import expiry_rules, in_words, with_rules
from tasks.errors import BadInputError, MissingDependencyError, SongfilmError
from tasks.settings import Settings
from tasks.storage.minio.address import bucket_of, place_of
from tasks.storage.minio.requests import Bucket
from tasks.storage.store import NotFoundError

# What MinIO says when a user has the policy already.
_ATTACHED = "XMinioAdminPolicyChangeAlreadyApplied"
Principals = Mapping[Role, Sequence[str]]


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
    there = bucket.ask(lambda: client.bucket_exists(name), key="the bucket")
    found = [] if there else [Change(f"bucket {name}", lambda: client.make_bucket(name))]
    before = _rules(bucket) if there else []
    wanted = expiry_rules(prefix, clip_days=clip_days)
    if (config := with_rules(before, wanted)) is not None:
        told = f"lifecycle of {name}: {in_words(wanted)}"
        found.append(Change(told, partial(client.set_bucket_lifecycle, name, config)))
    if principals:
        old = _policy(bucket) if there else None
        new = bucket_policy(principals, bucket=name, prefix=prefix, before=old)
        if old is None or not same_statements(old, new):
            told = f"policy of {name} for {', '.join(principals)}"
            found.append(Change(told, partial(client.set_bucket_policy, name, json.dumps(new))))
    return found


def named_policies(
    admin: MinioAdmin, bucket: str, prefix: str, principals: Principals
) -> list[Change]:
    """Every role's policy by name on a MinIO server, and its users; written anew each time.

    Args:
        admin: Of the server.
        bucket: The store's bucket.
        prefix: What the names of the store's objects begin with.
        principals: Names of the users of each role.
    """
    found = []
    for role in Role:
        name = policy_name(role, bucket=bucket, prefix=prefix)
        policy = role_policy(role, bucket=bucket, prefix=prefix)
        add = partial(_administer, partial(admin.policy_add, name, policy=policy))
        found.append(Change(f"policy {name}", add))
        for user in principals.get(role, ()):
            attach = partial(_administer, partial(admin.attach_policy, [name], user=user))
            found.append(Change(f"policy {name} of {user}", attach))
    return found


def _administer(call: Callable[[], str]) -> None:
    """One request to MinIO's administration.

    Raises:
        MissingDependencyError: The server refuses it, or is no MinIO.
    """
    try:
        call()
    except MinioAdminException as error:
        if _ATTACHED not in str(error):
            raise MissingDependencyError(f"the server's administration refuses: {error}") from error


def _admin(settings: Settings) -> MinioAdmin:
    """MinIO's administration, with the settings' keys; `bucket_of` has checked them."""
    server = urlsplit(settings.s3_endpoint or "")
    access, secret = settings.s3_access_key, settings.s3_secret_key
    assert access, "checked before"
    assert secret, "checked before"
    return MinioAdmin(
        endpoint=server.netloc,
        credentials=StaticProvider(access.get_secret_value(), secret.get_secret_value()),
        region=settings.s3_region,
        secure=server.scheme == "https",
    )


def _rules(bucket: Bucket) -> list[Rule]:
    found = bucket.ask(
        lambda: bucket.client.get_bucket_lifecycle(bucket.name), key="the lifecycle rules"
    )
    return list(found.rules) if found else []


def _policy(bucket: Bucket) -> Policy | None:
    try:
        said = bucket.ask(lambda: bucket.client.get_bucket_policy(bucket.name), key="the policy")
    except NotFoundError:
        return None
    policy: Policy = json.loads(said)
    return policy


def main() -> None:
    """Do it for the settings' store."""
    parser = argparse.ArgumentParser(prog="python -m deployments.bucket", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="only tell what is missing")
    parser.add_argument(
        "--print-policies", action="store_true", help="print each role's policy and ask nothing"
    )
    parser.add_argument(
        "--principal",
        action="append",
        default=[],
        metavar="ROLE=USER",
        help=f"give a role ({', '.join(Role)}) to a user: its ARN, or its name with --admin",
    )
    parser.add_argument(
        "--admin",
        action="store_true",
        help="keep the policies on a MinIO server by name instead of in the bucket",
    )
    told = parser.parse_args()
    try:
        lines = _run(Settings(), told)
    except SongfilmError as error:
        sys.exit(f"error: {error}")
    sys.stdout.write("".join(f"{line}\n" for line in lines) or "everything was there\n")


def _run(settings: Settings, told: argparse.Namespace) -> list[str]:
    """What to say."""
    if told.print_policies:
        name, prefix = place_of(settings.store_url)
        prefix = prefix and f"{prefix}/"
        policies = {role: role_policy(role, bucket=name, prefix=prefix) for role in Role}
        return [json.dumps(policies, indent=2)]
    bucket, prefix = bucket_of(settings.store_url, settings)
    users = _principals(told.principal)
    found = changes(
        bucket,
        prefix,
        clip_days=settings.clip_days,
        principals={} if told.admin else users,
    )
    if told.admin:
        found += named_policies(_admin(settings), bucket.name, prefix, users)
    if told.dry_run:
        return [f"missing: {change.told}" for change in found]
    for change in found:
        bucket.ask(change.make, key=change.told)
    return [f"new: {change.told}" for change in found]


def _principals(said: Sequence[str]) -> Principals:
    """Users by role.

    Raises:
        BadInputError: Not ROLE=USER, or no role of ours.
    """
    users: dict[Role, list[str]] = {}
    for each in said:
        role, _, user = each.partition("=")
        if role not in tuple(Role) or not user:
            raise BadInputError(
                f"--principal {each!r}: write ROLE=USER with a role of {', '.join(Role)}"
            )
        users.setdefault(Role(role), []).append(user)
    return users


if __name__ == "__main__":
    main()
