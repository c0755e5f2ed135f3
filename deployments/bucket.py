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
from collections.abc import Sequence

from deployments.bucket_admin import named_policies, open_admin
from deployments.bucket_changes import changes
from deployments.bucket_policies import Principals, Role, role_policy
from deployments.exit_codes import code_of
from tasks.errors import BadInputError, SongfilmError
from tasks.settings import Settings
from tasks.storage.minio.address import bucket_of, place_of


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
        sys.stderr.write(f"error: {error}\n")
        sys.exit(code_of(error))
    sys.stdout.write("".join(f"{line}\n" for line in lines) or "everything was there\n")


def _run(settings: Settings, told: argparse.Namespace) -> list[str]:
    """What to say."""
    if told.print_policies:
        name, prefix = place_of(settings.store_url)
        prefix = prefix and f"{prefix}/"
        policies = {role: role_policy(role, bucket=name, prefix=prefix) for role in Role}
        return [json.dumps(policies, indent=2)]
    bucket, prefix = bucket_of(settings.store_url, settings)
    users = _principals(told.principal, by_name=told.admin)
    found = changes(
        bucket,
        prefix,
        clip_days=settings.clip_days,
        principals={} if told.admin else users,
    )
    if told.admin:
        found += named_policies(open_admin(settings), bucket.name, prefix, users)
    if told.dry_run:
        return [f"missing: {change.told}" for change in found]
    for change in found:
        bucket.ask(change.make, key=change.told)
    return [f"new: {change.told}" for change in found]


def _principals(said: Sequence[str], *, by_name: bool) -> Principals:
    """Users by role.

    Raises:
        BadInputError: Not ROLE=USER, no role of ours, or a name where an ARN is needed.
    """
    users: dict[Role, list[str]] = {}
    for each in said:
        role, _, user = each.partition("=")
        if role not in tuple(Role) or not user:
            raise BadInputError(
                f"--principal {each!r}: write ROLE=USER with a role of {', '.join(Role)}"
            )
        if not by_name and not user.startswith("arn:"):
            raise BadInputError(
                f"--principal {each!r}: a bucket's policy knows users by their ARNs, such as "
                f"{role}=arn:aws:iam:::user/{user}; names go with --admin"
            )
        users.setdefault(Role(role), []).append(user)
    return users


if __name__ == "__main__":
    main()
