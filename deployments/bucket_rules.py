"""Lifecycle rules of a store's bucket: what the server itself removes, and when."""

import math
from collections.abc import Sequence
from xml.etree import ElementTree

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


def read_rules(told: bytes) -> list[Rule]:
    """A bucket's rules, read by what they mean.

    Servers may write a prefix without its filter, or leave an empty filter: both are made a filter
    with a prefix, so that no rule covers more when it is written back.

    Args:
        told: The server's XML.
    """
    config = ElementTree.fromstring(told)
    space = config.tag.removesuffix("LifecycleConfiguration")
    for rule in config.iter(f"{space}Rule"):
        place = rule.find(f"{space}Filter")
        if place is None:
            place = ElementTree.SubElement(rule, f"{space}Filter")
        if len(place) == 0:
            prefix = rule.findtext(f"{space}Prefix") or ""
            ElementTree.SubElement(place, f"{space}Prefix").text = prefix
    return list(LifecycleConfig.fromxml(config).rules)


def missing_rules(before: Sequence[Rule], wanted: Sequence[Rule]) -> list[Rule]:
    """Those of our rules that a bucket has not, or otherwise."""
    there = {rule.rule_id: rule for rule in before}
    return [rule for rule in wanted if there.get(rule.rule_id) != rule]


def with_rules(before: Sequence[Rule], wanted: Sequence[Rule]) -> LifecycleConfig:
    """A bucket's rules with ours among them.

    Args:
        before: What the bucket has; rules of others stay.
        wanted: Ours.
    """
    ours = {rule.rule_id for rule in wanted}
    return LifecycleConfig([*(rule for rule in before if rule.rule_id not in ours), *wanted])


def in_words(rules: Sequence[Rule]) -> str:
    """Our rules as a person reads them."""
    return ", ".join(map(_told, rules))


def _told(rule: Rule) -> str:
    if rule.expiration is None or rule.rule_filter is None:
        return f"unfinished uploads for {_days(_UPLOAD_DAYS)}"
    return f"{rule.rule_filter.prefix} for {_days(rule.expiration.days or 0)}"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
