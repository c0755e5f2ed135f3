"""Policies that a MinIO server keeps by name, through its administration."""

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException

from deployments.bucket_changes import Change
from deployments.bucket_policies import Principals, Role, policy_name, role_policy
from tasks.errors import MissingDependencyError
from tasks.settings import Settings
from tasks.storage.store import DeniedError

# What MinIO says when a user has the policy already.
_ATTACHED = "XMinioAdminPolicyChangeAlreadyApplied"


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


def open_admin(settings: Settings) -> MinioAdmin:
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


def _administer(call: Callable[[], str]) -> None:
    """One request to MinIO's administration.

    Raises:
        DeniedError: The server refuses it.
        MissingDependencyError: It is no MinIO.
    """
    try:
        call()
    except MinioAdminException as error:
        # "Status: 400, Body: {…}": the exception keeps both to itself.
        status, _, body = str(error).partition("Status: ")[2].partition(", Body: ")
        try:
            code = json.loads(body)["Code"]
        except (ValueError, KeyError, TypeError):
            raise MissingDependencyError(
                f"the server knows no administration of MinIO's (it answered {status}); leave "
                "--admin out, and name users by their ARNs"
            ) from error
        if code != _ATTACHED:
            raise DeniedError(
                f"the server's administration refuses ({status} {code}): with --admin, the keys "
                "must be an administrator's, and the users must be there"
            ) from error
