"""Lifecycle rules of a store's bucket: what the server itself removes, and when."""

import math
from collections.abc import Sequence

from minio.commonconfig import ENABLED, Filter
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    LifecycleConfig,
    Rule,
)

# Days. A lease lives for minutes; no upload takes two days.
_LEASE_DAYS, _UPLOAD_DAYS = 1, 2


def expiry_rules(prefix: str, *, clip_days: float) -> list[Rule]:
    """What becomes of a store's objects.

    Listings of clips expire when no film has used (touched) them for so long; so do leases that
    nobody gave back, and parts of uploads that nobody ended. Cards of similar prompts go with their
    clips, by garbage collection.

    Args:
        prefix: What the names of the store's objects begin with.
        clip_days: How long listings of clips are kept.
    """
    days = {"clips/": math.ceil(clip_days), "leases/": _LEASE_DAYS}
    expiring = [
        Rule(
            ENABLED,
            rule_id=f"songfilm {prefix}{folder}",
            rule_filter=Filter(prefix=f"{prefix}{folder}"),
            expiration=Expiration(days=count),
        )
        for folder, count in days.items()
    ]
    uploads = Rule(
        ENABLED,
        rule_id=f"songfilm {prefix}uploads",
        rule_filter=Filter(prefix=prefix),
        abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(_UPLOAD_DAYS),
    )
    return [*expiring, uploads]


def with_rules(before: Sequence[Rule], wanted: Sequence[Rule]) -> LifecycleConfig | None:
    """A bucket's rules with ours among them.

    Args:
        before: What the bucket has; rules of others stay.
        wanted: Ours.

    Returns:
        All rules; None when nothing is to be changed.
    """
    ours = {rule.rule_id: rule for rule in wanted}
    if {rule.rule_id: rule for rule in before if rule.rule_id in ours} == ours:
        return None
    return LifecycleConfig([*(rule for rule in before if rule.rule_id not in ours), *wanted])


def in_words(rules: Sequence[Rule]) -> str:
    """Our rules as a person reads them."""
    kept = [(rule.rule_filter, rule.expiration) for rule in rules]
    told = [f"{place.prefix} for {_days(time.days or 0)}" for place, time in kept if place and time]
    return ", ".join((*told, f"unfinished uploads for {_days(_UPLOAD_DAYS)}"))


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
