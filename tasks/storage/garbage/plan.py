"""What a garbage collection goes by, what it would delete, and what it did."""

from dataclasses import dataclass
from typing import Literal

from tasks.errors import BadInputError
from tasks.storage.in_use import DAY_S, SEGMENT_DAYS
from tasks.storage.store import ObjectInfo

Kind = Literal["film", "clip", "similar", "segment", "traits", "lease", "share", "leftover", "file"]

# Shorter, and what a worker stored but did not name yet could go.
LEAST_GRACE_S = 3600.0
# Ten years; times far beyond have no date.
MOST_GRACE_S = 3650 * DAY_S
# What names files goes before the files do: a killed collection leaves nothing that leads nowhere.
ORDER: tuple[Kind, ...] = (
    "film",
    "clip",
    "similar",
    "segment",
    "traits",
    "lease",
    "share",
    "leftover",
    "file",
)


@dataclass(frozen=True)
class Rules:
    """What is old.

    Attributes:
        now: Unix time.
        grace_s: Nothing younger goes, whatever it is.
        clip_days: Clips that no film used for so long are made anew.
        segment_days: The same of segments.
    """

    now: float
    grace_s: float = DAY_S
    clip_days: float = 90.0
    segment_days: float = SEGMENT_DAYS

    def __post_init__(self) -> None:
        """Refuse a grace time in which work could be lost, and one without end."""
        if not self.grace_s >= LEAST_GRACE_S:
            raise BadInputError(
                f"a grace time of {self.grace_s / 3600:g} hours could take what a film is being "
                "made of; give 1 hour or more"
            )
        if self.grace_s > MOST_GRACE_S:
            raise BadInputError(
                f"a grace time of {self.grace_s / 3600:g} hours is too long; give "
                f"{MOST_GRACE_S / 3600:g} hours (ten years) or less"
            )

    def is_old(self, info: ObjectInfo, days: float = 0.0) -> bool:
        """Whether something had its days, and the grace time after them."""
        return self.now - info.modified > self.grace_s + days * DAY_S


@dataclass(frozen=True)
class Doomed:
    """One object that nobody needs."""

    kind: Kind
    info: ObjectInfo


@dataclass(frozen=True)
class Plan:
    """What would go, in the order in which it goes, and what stays."""

    doomed: tuple[Doomed, ...]
    kept: int = 0
    kept_bytes: int = 0
    notes: tuple[str, ...] = ()

    def by_kind(self) -> dict[Kind, tuple[int, int]]:
        """Objects and bytes of each kind."""
        found: dict[Kind, tuple[int, int]] = {}
        for doomed in self.doomed:
            count, size = found.get(doomed.kind, (0, 0))
            found[doomed.kind] = (count + 1, size + doomed.info.size)
        return found


@dataclass(frozen=True)
class Swept:
    """What went.

    Attributes:
        gone: Objects that were deleted.
        freed: Their bytes.
        spared: Objects that were renewed while the collection ran.
        uploads: Uploads that nobody ended.
    """

    gone: int
    freed: int
    spared: int
    uploads: int = 0
